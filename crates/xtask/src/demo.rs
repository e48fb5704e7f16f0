//! `cargo xtask demo`: builds what is missing and shows ninety days of a made-up company's feedback.

use std::path::{Path, PathBuf};

use crate::command::{self, command};
use crate::say::say;
use crate::{Outcome, Task, place, tools};

pub(crate) const TASK: Task = Task {
    name: "demo",
    says: "build, run the demo and open its report",
    help: "Checks what the machine has, builds the release program where it is not up to date, and runs\n\
           `groundswell demo` with the arguments that follow.\n\n\
           Examples:\n  cargo xtask demo\n  cargo xtask demo --folder my-demo\n  cargo xtask demo -- --help",
    run,
};

/// The folder that the demo makes unless `--folder` names another.
const FOLDER: &str = "groundswell-demo";

fn run(arguments: &[String]) -> Outcome {
    tools::check_build()?;
    build_release()?;
    let passed_on: Vec<&String> = arguments.iter().filter(|argument| *argument != "--").collect();
    let binary = place::release_binary()?;
    let mut demo = command(&binary.to_string_lossy(), &["demo"]);
    demo.args(&passed_on);
    command::run(demo)?;
    if let Some(report) = report(arguments) {
        say(&format!("The report is {}", report.display()));
        open(&report);
    }
    Ok(())
}

/// Opens the report in a browser where there is a screen; elsewhere its path was said.
fn open(report: &Path) {
    let screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let opener = match std::env::consts::OS {
        "macos" => "open",
        _ if screen => "xdg-open",
        _ => return,
    };
    if let Err(error) = command(opener, &[&report.display().to_string()]).status() {
        say(&format!("It cannot be opened from here ({opener}: {error})"));
    }
}

/// Builds the release program; cargo does nothing where it is up to date. The features are those of the whole
/// workspace, so that no task builds a library twice.
pub(crate) fn build_release() -> anyhow::Result<()> {
    command::run(command("cargo", &["build", "--release", "--workspace", "--bin", "groundswell", "--locked"]))
}

/// Finds the report of a demo that has just run.
fn report(arguments: &[String]) -> Option<PathBuf> {
    let report = place::root().join(folder(arguments)).join("report.html");
    report.exists().then_some(report)
}

fn folder(arguments: &[String]) -> &str {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if let Some(folder) = argument.strip_prefix("--folder=") {
            return folder;
        }
        if argument == "--folder" {
            return arguments.next().map_or(FOLDER, String::as_str);
        }
    }
    FOLDER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_one_that_the_demo_was_given() {
        let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(folder(&line(&[])), FOLDER);
        assert_eq!(folder(&line(&["--scale", "2", "--folder", "x"])), "x");
        assert_eq!(folder(&line(&["--folder=y"])), "y");
    }
}
