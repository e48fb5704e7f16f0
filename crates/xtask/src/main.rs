//! `cargo xtask`: the project's tasks. It needs cargo alone and builds in seconds.
//! What can be a test is a test; here stands only what has to happen around them.

mod bench;
mod command;
mod demo;
mod documents;
mod eval;
mod everything;
mod fix;
mod kafka;
mod place;
mod python;
mod say;
mod tools;
mod train;

use std::process::ExitCode;

use crate::say::say;

/// How a task ended, beside success.
enum Fault {
    /// Something is wrong with the project or the machine; the message says what to do next.
    Found(anyhow::Error),
    /// The command line is wrong.
    Usage(String),
}

impl From<anyhow::Error> for Fault {
    fn from(error: anyhow::Error) -> Self {
        Self::Found(error)
    }
}

type Outcome = Result<(), Fault>;

/// A task with its help.
struct Task {
    name: &'static str,
    says: &'static str,
    help: &'static str,
    run: fn(&[String]) -> Outcome,
}

const TASKS: &[Task] =
    &[demo::TASK, everything::TASK, documents::TASK, bench::TASK, eval::TASK, train::TASK, kafka::TASK];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Fault::Found(error)) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::from(1)
        }
        Err(Fault::Usage(message)) => {
            say(&format!("xtask: {message}"));
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: &[String]) -> Outcome {
    let Some((name, rest)) = arguments.split_first() else {
        say(&overview());
        return Err(Fault::Usage("name a task".to_owned()));
    };
    if matches!(name.as_str(), "--help" | "-h" | "help") {
        say(&overview());
        return Ok(());
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        say(&overview());
        return Err(Fault::Usage(format!("there is no task {name:?}")));
    };
    // What stands behind `--` belongs to the program that the task calls.
    let own = rest.iter().take_while(|argument| *argument != "--");
    if own.into_iter().any(|argument| matches!(argument.as_str(), "--help" | "-h")) {
        say(&format!("cargo xtask {}: {}\n\n{}", task.name, task.says, task.help));
        return Ok(());
    }
    (task.run)(rest)
}

fn overview() -> String {
    let mut text = "The project's tasks. `cargo xtask TASK --help` says more.\n".to_owned();
    for task in TASKS {
        text.push_str(&format!("\n  cargo xtask {:<8} {}", task.name, task.says));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_command_line_is_told_from_a_fault() {
        let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert!(matches!(dispatch(&[]), Err(Fault::Usage(_))));
        assert!(matches!(dispatch(&line(&["brew"])), Err(Fault::Usage(_))));
        assert!(matches!(dispatch(&line(&["test", "--fast"])), Err(Fault::Usage(_))));
        assert!(matches!(dispatch(&line(&["gen", "now"])), Err(Fault::Usage(_))));
        assert!(matches!(dispatch(&line(&["services", "sun"])), Err(Fault::Usage(_))));
        for task in TASKS {
            assert!(dispatch(&line(&[task.name, "--help"])).is_ok());
            assert!(
                task.help.contains(&format!("cargo xtask {}", task.name)),
                "{} has no example",
                task.name
            );
        }
    }
}
