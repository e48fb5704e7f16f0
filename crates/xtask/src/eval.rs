//! `cargo xtask eval`: measures the quality of annotations on every set that is there, and writes docs/quality.md;
//! `cargo xtask eval detect` measures the detector on simulated streams, `cargo xtask eval streams` on real ones; both write
//! docs/detection.md. `cargo xtask eval themes` measures the themes, and writes docs/themes.md.

use crate::command::{self, command};
use crate::{Outcome, Task, tools};

pub(crate) const TASK: Task = Task {
    name: "eval",
    says: "measure the quality of annotations, names and languages, of the detector and of themes",
    help: "Measures on our own sentences and on the data sets beside the project (../shared/data; without them it says so),\n\
           prints a table with intervals, writes docs/quality.md and fails under a floor of tests/golden/floors.toml.\n\
           Arguments are passed on: `--quick` measures less, `--ours` our own sentences alone, `--shipped` only those that no training saw, `--worst` lists the cases that went worst,\n\
           `--fresh` trains first instead of measuring what is shipped, `--each-intent` leaves out the intents of the bank's questions\n\
           one by one instead of seven at a time. Only the run without arguments writes the page.\n\
           `detect` measures the detector on simulated streams, writes docs/detection.md and fails where a figure is not as wanted;\n\
           after it `stream`, `weeks`, `standing` or `together` is one simulation alone.\n\
           `streams` measures it on the real streams beside the project, writes its part of the same page and fails likewise;\n\
           `--told` lists what it told.\n\
           `themes` measures the themes and writes docs/themes.md; after it `bank`, `parts`, `vectors`, `survey`, `names`,\n\
           `stability`, `belongs` or `redesign` is one part alone, and `million` the time and memory for a million made-up vectors.\n\n\
           Examples:\n  cargo xtask eval\n  cargo xtask eval -- --quick --worst\n  cargo xtask eval detect\n  cargo xtask eval streams\n  cargo xtask eval themes",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    tools::check_build()?;
    if let Some((first, rest)) = arguments.split_first() {
        match first.as_str() {
            "detect" => return example("groundswell-insight", "detect", rest),
            "streams" => return example("groundswell-steps", "streams", rest),
            "themes" => return example("groundswell-steps", "themes", rest),
            _ => {}
        }
    }
    let mut eval = command(
        "cargo",
        &["run", "--release", "--locked", "-p", "groundswell-annotate", "--example", "evaluate", "--"],
    );
    let passed_on: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--").collect();
    // Work on the methods looks at a part only; what is held out is measured when the page is written.
    if passed_on.is_empty() {
        eval.arg("--held-out");
    }
    eval.args(passed_on);
    command::run(eval)?;
    command::run(command(
        "cargo",
        &["run", "--release", "--locked", "-p", "groundswell-text", "--example", "evaluate_text"],
    ))?;
    Ok(())
}

/// Runs a program that measures, with what it is told.
fn example(package: &str, name: &str, arguments: &[String]) -> Outcome {
    let mut measure =
        command("cargo", &["run", "--release", "--locked", "-p", package, "--example", name, "--"]);
    measure.args(arguments.iter().filter(|argument| *argument != "--"));
    command::run(measure)?;
    Ok(())
}
