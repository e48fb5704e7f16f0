//! Archives of loaded classes, written once for each version of Java and kept beside the jars.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{jars, place};

/// Gives the archive of a program; has it written by `train` where there is none. An archive is a matter of speed:
/// where it cannot be written it is not tried again, and there is none.
pub(super) fn archive(
    name: &str,
    java: &str,
    train: impl FnOnce(&Path) -> Result<()>,
) -> Result<Option<PathBuf>> {
    let file = place::services().join(file_name(name, java));
    if !file.exists() {
        let _lock = jars::lock(name)?;
        if !file.exists() {
            let partial = file.with_extension("partial");
            let written = train(&partial).is_ok() && partial.is_file();
            let made = if written { fs::rename(&partial, &file) } else { fs::write(&file, "") };
            made.with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    Ok(fs::metadata(&file).is_ok_and(|found| found.len() > 0).then_some(file))
}

fn file_name(name: &str, java: &str) -> String {
    let java: String = java.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{name}-java-{java}.classes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_named_after_program_and_java() {
        assert_eq!(file_name("kafka-4.3.1", "17.0.15/x"), "kafka-4.3.1-java-17-0-15-x.classes");
    }

    #[test]
    fn an_archive_is_written_once_and_a_failure_is_kept_in_mind() {
        let name = format!("nothing-{}", std::process::id());
        let made = archive(&name, "1", |file| Ok(fs::write(file, "classes")?)).unwrap().unwrap();
        assert_eq!(fs::read(&made).unwrap(), b"classes");
        let again = archive(&name, "1", |_| anyhow::bail!("it is there")).unwrap();
        assert_eq!(again.as_ref(), Some(&made));
        assert_eq!(archive(&name, "2", |_| anyhow::bail!("it fails")).unwrap(), None);
        assert_eq!(archive(&name, "2", |file| Ok(fs::write(file, "late")?)).unwrap(), None);
        let lock = place::services().join(format!("{name}.lock"));
        for file in [made, place::services().join(file_name(&name, "2")), lock] {
            fs::remove_file(file).unwrap();
        }
    }
}
