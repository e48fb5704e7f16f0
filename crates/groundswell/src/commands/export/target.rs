//! Where a Parquet export is written: a file that appears whole or not at all, or a stream.

use std::fs::{self, File};
use std::io::{self, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::NamedTempFile;

/// Takes the bytes of a file that is of no use before its last byte.
#[derive(Debug)]
pub(super) enum Target {
    /// Standard output: what is written is gone.
    Standard(Stdout),
    /// A pipe or a device by its name: likewise.
    Device(File),
    /// A file beside the one that is wanted, which it becomes at the end.
    Beside(NamedTempFile, PathBuf),
}

impl Target {
    /// Opens a target; standard output where no path is given.
    ///
    /// # Errors
    /// When the folder or the device cannot be written.
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Standard(io::stdout()));
        };
        let refused = || format!("cannot write {}", path.display());
        if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            let device = File::options().write(true).open(path).with_context(refused)?;
            return Ok(Self::Device(device));
        }
        // Behind a link the file itself is replaced, and the link stays.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        anyhow::ensure!(!path.is_dir(), "{} is a folder", path.display());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = beside(folder).with_context(refused)?;
        Ok(Self::Beside(file, path))
    }

    /// Makes what was written the file that is wanted, in place of one that is there.
    ///
    /// # Errors
    /// When the rest cannot be written, or the file cannot be put in its place; it is removed then.
    pub(super) fn settle(mut self) -> Result<()> {
        self.flush()?;
        if let Self::Beside(file, path) = self {
            file.as_file().sync_all()?;
            file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// Makes an unfinished file that is as readable as any file the user makes.
fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".groundswell-").suffix(".unfinished");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes),
            Self::Device(file) => file.write(bytes),
            Self::Beside(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush(),
            Self::Device(file) => file.flush(),
            Self::Beside(file, _) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap().map(|found| found.unwrap().file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.parquet");
        fs::write(&path, "before").unwrap();
        let mut target = Target::open(Some(&path)).unwrap();
        target.write_all(b"half").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");
        drop(target);
        assert_eq!(names(folder.path()), ["out.parquet"], "nothing unfinished is left");
        assert_eq!(fs::read_to_string(&path).unwrap(), "before");

        let mut target = Target::open(Some(&path)).unwrap();
        target.write_all(b"whole").unwrap();
        target.settle().unwrap();
        assert_eq!(names(folder.path()), ["out.parquet"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");
        assert!(Target::open(Some(folder.path())).unwrap_err().to_string().contains("is a folder"));
        assert!(Target::open(Some(&folder.path().join("no/such"))).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_and_devices_are_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&path, "before").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let mut target = Target::open(Some(&link)).unwrap();
        target.write_all(b"after").unwrap();
        target.settle().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert!(matches!(Target::open(Some(Path::new("/dev/null"))).unwrap(), Target::Device(_)));
    }
}
