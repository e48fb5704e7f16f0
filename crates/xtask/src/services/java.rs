//! The Java that is on the path.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The oldest Java that the services run on.
const OLDEST: u32 = 17;

/// Reads the version from what `java -version` prints.
fn quoted(text: &str) -> Option<String> {
    text.split('"').nth(1).map(str::to_owned)
}

/// Gives the first number of a version.
fn major(version: &str) -> Option<u32> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Gives the version of the `java` on the path as it prints it, such as `17.0.15`.
///
/// # Errors
/// When there is none or it is too old for the services; the message says what is needed.
pub fn java() -> Result<String> {
    let needed = || format!("java {OLDEST} or newer is needed");
    let output = Command::new("java").arg("-version").stdin(Stdio::null()).output().with_context(needed)?;
    let says = String::from_utf8_lossy(&output.stderr);
    let found = quoted(&says).with_context(needed)?;
    if major(&found).is_none_or(|major| major < OLDEST) {
        bail!("java {OLDEST} or newer is needed, and {found} is first on the path");
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_java_prints() {
        let version =
            quoted("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime Environment\n").unwrap();
        assert_eq!((version.as_str(), major(&version)), ("17.0.15", Some(17)));
        assert_eq!(major("25-ea"), Some(25));
        assert_eq!(major("1.8.0_402"), Some(1));
        assert_eq!(quoted("java: not found"), None);
        assert_eq!(major("x"), None);
    }
}
