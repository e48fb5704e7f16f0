//! Folders for one test, removed when it ends.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, process};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A new, empty folder that is removed with everything in it when the value is dropped, also by a failing test.
#[derive(Debug)]
pub struct TempFolder(PathBuf);

impl TempFolder {
    /// Makes a folder whose name begins with `name`.
    ///
    /// # Panics
    /// When the folder cannot be made.
    pub fn new(name: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("groundswell-{name}-{}-{number}", process::id()));
        fs::create_dir_all(path.parent().unwrap_or(&path))
            .expect("the folder for temporary files can be made");
        fs::create_dir(&path).unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
        Self(path)
    }

    /// Gives the folder's path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Gives the path of a name in the folder.
    pub fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // A folder that cannot be removed is left to the system; the test's own result counts.
        drop(fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_its_own_and_vanishes() {
        let (one, two) = (TempFolder::new("folder"), TempFolder::new("folder"));
        assert_ne!(one.path(), two.path());
        fs::write(one.join("file"), "x").unwrap();
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && two.path().exists());
    }
}
