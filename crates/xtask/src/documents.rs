//! `cargo xtask gen`: writes what is generated from the types, or says what is out of date.

use crate::command::{self, command};
use crate::{Fault, Outcome, Task, tools};

pub(crate) const TASK: Task = Task {
    name: "gen",
    says: "write the generated documents in schemas/",
    help: "Writes the JSON Schemas of the records and the AsyncAPI document of the topics. With --check it writes nothing\n\
           and says which are out of date.\n\n\
           Examples:\n  cargo xtask gen\n  cargo xtask gen --check",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    let mut generate =
        command("cargo", &["run", "--quiet", "--locked", "-p", "groundswell-tests", "--bin", "generate"]);
    match arguments {
        [] => {}
        [only] if only == "--check" => {
            generate.args(["--", "--check"]);
        }
        [other, ..] => return Err(Fault::Usage(format!("gen takes nothing or --check, not {other:?}"))),
    }
    tools::check_build()?;
    Ok(command::run(generate)?)
}
