//! What a machine must have before the project builds: the toolchain that `rust-toolchain.toml` names, a C compiler
//! for the libraries that are written in C, and perl and make, which build OpenSSL; for the tests also Java, Maven and
//! OpenSSL's program. What is missing is installed where we may, otherwise the line to type is
//! printed.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use xtask::services;

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

const PERL: Packages = Packages { apt: &["perl"], dnf: &["perl"], apk: &["perl"], pacman: &["perl"] };
const MAKE: Packages = Packages { apt: &["make"], dnf: &["make"], apk: &["make"], pacman: &["make"] };
const JAVA: Packages = Packages {
    apt: &["default-jdk-headless"],
    dnf: &["java-latest-openjdk-headless"],
    apk: &["openjdk21-jre-headless"],
    pacman: &["jre-openjdk-headless"],
};
const MAVEN: Packages = Packages { apt: &["maven"], dnf: &["maven"], apk: &["maven"], pacman: &["maven"] };
const OPENSSL: Packages =
    Packages { apt: &["openssl"], dnf: &["openssl"], apk: &["openssl"], pacman: &["openssl"] };

/// Checks everything that a build needs, and installs what is missing.
///
/// # Errors
/// When something is missing and could not be installed; the message is the line to type.
pub(crate) fn check_build() -> Result<()> {
    toolchain()?;
    c_compiler()?;
    program("perl, which OpenSSL is built with", &["perl", "-v"], &PERL)?;
    program("make, which OpenSSL is built with", &["make", "--version"], &MAKE)
}

/// Checks what the tests need besides a build.
///
/// # Errors
/// As [`check_build`].
pub(crate) fn check_tests() -> Result<()> {
    check_build()?;
    components()?;
    check_services()
}

/// Checks what starting services needs.
///
/// # Errors
/// As [`check_build`].
pub(crate) fn check_services() -> Result<()> {
    java()?;
    program("mvn, which fetches Java libraries", &["mvn", "--version"], &MAVEN)?;
    program("openssl, which makes certificates", &["openssl", "version"], &OPENSSL)
}

/// Checks that a program answers, and installs it where it does not.
fn program(what: &str, words: &[&str], packages: &Packages) -> Result<()> {
    let Some((name, arguments)) = words.split_first() else { return Ok(()) };
    if output_of(name, arguments).is_some() {
        return Ok(());
    }
    fix::install(what, packages)?;
    if output_of(name, arguments).is_none() {
        bail!("`{}` still fails", words.join(" "));
    }
    Ok(())
}

/// Checks that there is a Java that is new enough.
fn java() -> Result<()> {
    let Err(missing) = services::java() else { return Ok(()) };
    fix::install(&format!("java ({missing})"), &JAVA)?;
    services::java().map(drop)
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
