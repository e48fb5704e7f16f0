//! Runs other programs: shows the line, hands on what they print, and names the line again where it fails.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::place;
use crate::say::say;

/// Makes a command that runs in the workspace.
pub(crate) fn command<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(place::root());
    command
}

/// Writes a command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain =
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=./:,+@".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// Runs a command and shows it.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let line = line(&command);
    say(&format!("\n$ {line}"));
    let status = command.status().with_context(|| format!("cannot start {line}"))?;
    if !status.success() {
        bail!("failed ({status}): {line}");
    }
    Ok(())
}

/// Runs a command quietly and gives what it printed; nothing where it cannot be started or fails.
pub(crate) fn output_of(program: &str, arguments: &[&str]) -> Option<String> {
    let mut command = command(program, arguments);
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_typed_again() {
        let command = command("cargo", &["test", "--", "a b", "it's"]);
        assert_eq!(line(&command), "cargo test -- 'a b' 'it'\\''s'");
    }

    #[test]
    fn a_failing_command_is_named() {
        let error = run(command("cargo", &["no-such-command-of-cargo"])).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.ends_with("cargo no-such-command-of-cargo")));
        assert_eq!(output_of("no-such-program-anywhere", &[]), None);
    }
}
