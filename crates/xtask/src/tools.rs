//! What a machine must have before the project builds: the toolchain that `rust-toolchain.toml` names, and a C compiler
//! for the two libraries that are written in C. What is missing is installed where we may, otherwise the line to type is
//! printed.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::command::output_of;
use crate::fix::{self, Packages};
use crate::place;
use crate::say::say;

const C_COMPILER: Packages =
    Packages { apt: &["gcc", "libc6-dev"], dnf: &["gcc"], apk: &["gcc", "musl-dev"], pacman: &["gcc"] };
const RUSTUP: Packages =
    Packages { apt: &["rustup"], dnf: &["rustup"], apk: &["rustup"], pacman: &["rustup"] };
const COMPONENTS: Packages = Packages {
    apt: &["rustfmt", "rust-clippy"],
    dnf: &["rustfmt", "clippy"],
    apk: &["rustfmt", "rust-clippy"],
    pacman: &["rust"],
};

/// Checks everything that a build needs, and installs what is missing.
///
/// # Errors
/// When something is missing and could not be installed; the message is the line to type.
pub(crate) fn check_build() -> Result<()> {
    toolchain()?;
    c_compiler()
}

/// Checks what the tests need besides a build.
///
/// # Errors
/// As [`check_build`].
pub(crate) fn check_tests() -> Result<()> {
    check_build()?;
    components()
}

fn toolchain() -> Result<()> {
    let wanted = channel(&place::read("rust-toolchain.toml")?)?;
    let found = output_of("rustc", &["--version"]).and_then(|text| version_in(&text));
    match found {
        Some(found) if found == version(&wanted)? => return Ok(()),
        Some(found) if found > version(&wanted)? => {
            say(&format!("rustc is newer than the {wanted} that the project is tested with; going on"));
            return Ok(());
        }
        _ => say(&format!("rustc {wanted} is missing")),
    }
    if output_of("rustup", &["--version"]).is_none() {
        fix::install("rustup, which brings the toolchain", &RUSTUP)?;
    }
    fix::try_line(
        &format!("rustc {wanted}"),
        &["rustup", "toolchain", "install", &wanted, "--profile", "minimal", "-c", "rustfmt", "-c", "clippy"],
    )
}

fn components() -> Result<()> {
    let has = |tool: &str| output_of("cargo", &[tool, "--version"]).is_some();
    if has("fmt") && has("clippy") {
        return Ok(());
    }
    if output_of("rustup", &["--version"]).is_some() {
        return fix::try_line("rustfmt and clippy", &["rustup", "component", "add", "rustfmt", "clippy"]);
    }
    fix::install("rustfmt and clippy", &COMPONENTS)
}

fn c_compiler() -> Result<()> {
    if compiles() {
        return Ok(());
    }
    fix::install("a C compiler with the headers of the C library", &C_COMPILER)?;
    if !compiles() {
        bail!("`cc` still cannot compile a file that includes <stdlib.h>");
    }
    Ok(())
}

/// Says whether `cc` compiles a file that includes a header of the C library.
fn compiles() -> bool {
    let mut cc = Command::new("cc");
    cc.args(["-x", "c", "-fsyntax-only", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = cc.spawn() else { return false };
    let written =
        child.stdin.take().map(|mut input| input.write_all(b"#include <stdlib.h>\nint one(void);\n"));
    matches!(written, Some(Ok(()))) && child.wait().is_ok_and(|status| status.success())
}

/// Reads the channel from `rust-toolchain.toml`.
fn channel(text: &str) -> Result<String> {
    let value = text.lines().find_map(|line| line.trim().strip_prefix("channel")?.trim().strip_prefix('='));
    Ok(value.context("rust-toolchain.toml names no channel")?.trim().trim_matches('"').to_owned())
}

/// Reads the version from what `rustc --version` prints.
fn version_in(text: &str) -> Option<Vec<u32>> {
    version(text.split_whitespace().nth(1)?.split('-').next()?).ok()
}

fn version(text: &str) -> Result<Vec<u32>> {
    let numbers: std::result::Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
    numbers.with_context(|| format!("{text:?} is no version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        let wanted = channel("[toolchain]\nchannel = \"1.95.0\"\n").unwrap();
        assert_eq!(wanted, "1.95.0");
        let found = version_in("rustc 1.100.0-nightly (f2d3ce0bd 2026-03-21)").unwrap();
        assert!(found > version(&wanted).unwrap() && version_in("rustc").is_none());
        assert!(channel("[toolchain]").is_err() && version("stable").is_err());
    }

    #[test]
    fn the_toolchain_of_the_project_can_be_read() {
        let wanted = channel(&place::read("rust-toolchain.toml").unwrap()).unwrap();
        assert_eq!(version(&wanted).unwrap().len(), 3);
    }
}
