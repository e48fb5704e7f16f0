//! `cargo xtask bench`: the end-to-end measurement, on the release program.

use crate::command::{self, command};
use crate::{Outcome, Task, demo, tools};

pub(crate) const TASK: Task = Task {
    name: "bench",
    says: "measure the whole way of a record",
    help: "Builds the release program and runs its measurements: CPU and wall time, memory and disk for each step, beside\n\
           the floor that they are compared with. Arguments are passed on.\n\n\
           Examples:\n  cargo xtask bench\n  cargo xtask bench -- --help",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    tools::check_build()?;
    demo::build_release()?;
    let passed_on: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--").collect();
    measure(&passed_on)?;
    Ok(())
}

/// Runs the measurement, which finds the release program beside itself.
fn measure(arguments: &[&str]) -> anyhow::Result<()> {
    let mut bench = command("cargo", &["bench", "--workspace", "--locked", "--bench", "end_to_end", "--"]);
    bench.args(arguments);
    command::run(bench)
}
