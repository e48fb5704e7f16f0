//! Installs what a machine lacks through its own package manager when run as root, and otherwise says what to type.

use std::process::Command;

use anyhow::{Result, bail};

use crate::command::{self, command, output_of};
use crate::say::say;

/// Packages by the name of the manager that knows them.
#[derive(Debug)]
pub(crate) struct Packages {
    pub(crate) apt: &'static [&'static str],
    pub(crate) dnf: &'static [&'static str],
    pub(crate) apk: &'static [&'static str],
    pub(crate) pacman: &'static [&'static str],
}

/// A package manager of a system: how to refresh its lists, and how to install.
struct System {
    name: &'static str,
    refresh: &'static [&'static str],
    install: &'static [&'static str],
    packages: fn(&Packages) -> &'static [&'static str],
}

const SYSTEMS: &[System] = &[
    System {
        name: "apt-get",
        refresh: &["update"],
        install: &["install", "-y", "--no-install-recommends"],
        packages: |packages| packages.apt,
    },
    System { name: "dnf", refresh: &[], install: &["install", "-y"], packages: |packages| packages.dnf },
    System { name: "apk", refresh: &[], install: &["add"], packages: |packages| packages.apk },
    System {
        name: "pacman",
        refresh: &[],
        install: &["-Sy", "--noconfirm", "--needed"],
        packages: |packages| packages.pacman,
    },
];

/// Installs packages, or says what to type.
///
/// # Errors
/// When we are not root, know no package manager here, or it fails.
pub(crate) fn install(what: &str, packages: &Packages) -> Result<()> {
    let Some(system) = SYSTEMS.iter().find(|system| output_of(system.name, &["--version"]).is_some()) else {
        bail!(
            "{what} is missing, and no package manager that we know is here: install it, then run this again"
        );
    };
    let commands = commands(system, packages);
    if !is_root() {
        bail!("{what} is missing; type: {}", typed(&commands));
    }
    say(&format!("{what} is missing; installing it"));
    for command in commands {
        command::run(command)?;
    }
    Ok(())
}

/// Runs the one line that brings what is missing.
///
/// # Errors
/// When it fails; the message is the line.
pub(crate) fn try_line(what: &str, words: &[&str]) -> Result<()> {
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    if command::run(command(program, arguments)).is_err() {
        bail!("{what} is missing; type: {}", words.join(" "));
    }
    Ok(())
}

fn commands(system: &System, packages: &Packages) -> Vec<Command> {
    let mut install = system.install.to_vec();
    install.extend((system.packages)(packages));
    let steps = [system.refresh.to_vec(), install];
    let steps = steps.into_iter().filter(|arguments| !arguments.is_empty());
    steps
        .map(|arguments| {
            let mut step = command(system.name, &arguments);
            step.env("DEBIAN_FRONTEND", "noninteractive");
            step
        })
        .collect()
}

fn typed(commands: &[Command]) -> String {
    let lines: Vec<String> =
        commands.iter().map(|command| format!("sudo {}", command::line(command))).collect();
    lines.join(" && ")
}

fn is_root() -> bool {
    output_of("id", &["-u"]).is_some_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_to_type_is_whole() {
        let packages =
            Packages { apt: &["gcc", "libc6-dev"], dnf: &["gcc"], apk: &["gcc"], pacman: &["gcc"] };
        let lines: Vec<String> = SYSTEMS.iter().map(|system| typed(&commands(system, &packages))).collect();
        assert_eq!(
            lines,
            [
                "sudo apt-get update && sudo apt-get install -y --no-install-recommends gcc libc6-dev",
                "sudo dnf install -y gcc",
                "sudo apk add gcc",
                "sudo pacman -Sy --noconfirm --needed gcc",
            ]
        );
    }
}
