//! `cargo xtask test`: everything that CI runs, in order, up to the first failure.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::command::{self, command};
use crate::say::{duration, say};
use crate::{Fault, Outcome, Task, place, tools};

pub(crate) const TASK: Task = Task {
    name: "test",
    says: "everything that CI runs",
    help: "Checks what the machine has, then: formatting, lints, the workspace's tests, the program, and the slow test\n\
           binaries against it, all in the profile `tested`. Stops at the first failure and names the command.\n\n\
           Example:\n  cargo xtask test",
    run,
};

/// The seed of all properties in this run.
const SEED: &str = "20261129";

/// Where the test binaries are listed; one with `test = false` is slow and needs the built program.
const MANIFEST: &str = "tests/Cargo.toml";

fn run(arguments: &[String]) -> Outcome {
    if let Some(argument) = arguments.first() {
        return Err(Fault::Usage(format!("test takes no arguments, not {argument:?}")));
    }
    let start = Instant::now();
    tools::check_tests()?;
    let steps = steps()?;
    let number = steps.len();
    for (done, step) in steps.into_iter().enumerate() {
        let begun = Instant::now();
        let line = command::line(&step);
        command::run(step).with_context(|| format!("step {} of {number}", done + 1))?;
        say(&format!("ok, {}: {line}", duration(begun.elapsed())));
    }
    say(&format!("\nall {number} steps passed in {}", duration(start.elapsed())));
    Ok(())
}

fn steps() -> Result<Vec<Command>> {
    let slow = slow(&place::read(MANIFEST)?);
    let mut steps = vec![
        command("cargo", &["fmt", "--all", "--check"]),
        of_profile("clippy", &["--all-targets"]),
        of_profile("test", &[]),
        of_profile("build", &["--bins"]),
    ];
    if let Some(lints) = steps.get_mut(1) {
        lints.args(named(&slow)).args(["--", "-D", "warnings"]);
    }
    if !slow.is_empty() {
        let mut step = of_profile("test", &[]);
        step.args(named(&slow));
        steps.push(step);
    }
    Ok(steps)
}

/// A command of cargo over the workspace in the one profile of all steps, so that nothing is built twice. Properties draw
/// from one seed, so that a run can be repeated; `cargo test` alone draws anew each time.
fn of_profile(what: &str, further: &[&str]) -> Command {
    let mut step = command("cargo", &[what, "--profile", "tested", "--workspace", "--locked"]);
    step.args(further).env("PROPTEST_RNG_SEED", SEED);
    step
}

/// Names test binaries to cargo.
fn named(slow: &[String]) -> impl Iterator<Item = &str> {
    slow.iter().flat_map(|name| ["--test", name.as_str()])
}

/// Finds the test binaries that say `test = false`.
fn slow(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    for section in manifest.split("\n[[test]]").skip(1) {
        let own = section.split("\n[").next().unwrap_or_default();
        let value = |key: &str| own.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_prefix('='));
        if value("test").is_some_and(|text| text.trim() == "false") {
            found.extend(value("name").map(|name| name.trim().trim_matches('"').to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_binaries_are_those_that_plain_tests_pass_over() {
        let manifest = "[package]\nname = \"x\"\n\n[[bin]]\nname = \"b\"\ntest = false\n\n[[test]]\nname = \"quick\"\n\
                        path = \"quick/main.rs\"\n\n[[test]]\nname = \"crash\"\npath = \"c.rs\"\ntest = false\n\n\
                        [[test]]\nname = \"last\"\n\n[lints]\ntest = false\n";
        assert_eq!(slow(manifest), ["crash"]);
    }

    #[test]
    fn every_step_is_locked_and_covers_the_workspace() {
        let lines: Vec<String> = steps().unwrap().iter().map(command::line).collect();
        assert!(lines.len() >= 4);
        assert!(lines.iter().skip(1).all(|line| line.contains("--workspace") && line.contains("--locked")));
    }
}
