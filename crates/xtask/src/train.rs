//! `cargo xtask train`: makes the shipped heads anew from the data sets beside the project.

use crate::command::{self, command};
use crate::{Outcome, Task, tools};

pub(crate) const TASK: Task = Task {
    name: "train",
    says: "train the shipped models anew",
    help: "Reads the data sets beside the project (../shared/data) and our own sentences, trains names, languages and every\n\
           head with fixed seeds and writes crates/text/models and crates/annotate/models/heads.bin; the same data give the same bytes. The embedding has a script of its\n\
           own, see docs/models/embedding.md.\n\n\
           Example:\n  cargo xtask train",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    if !arguments.is_empty() {
        return Err(crate::Fault::Usage("train takes no arguments".to_owned()));
    }
    tools::check_build()?;
    for (package, example) in [
        ("groundswell-text", "train_names"),
        ("groundswell-text", "train_language"),
        ("groundswell-annotate", "train"),
    ] {
        let line = ["run", "--release", "--locked", "-p", package, "--example", example];
        command::run(command("cargo", &line))?;
    }
    Ok(())
}
