//! The folder of an embedded log: its lock, its files, and what a crash may have left in it.
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::segment::io_fault;
use crate::error::LogError;

const LOCK: &str = "lock";
const PREFIX: &str = "segment-";
const SUFFIX: &str = ".redb";
const UNFINISHED: &str = ".redb.new";

/// Creates the folder where needed and locks it for as long as the file lives.
pub(super) fn lock(folder: &Path) -> Result<File, LogError> {
    fs::create_dir_all(folder).map_err(|error| io_fault("creating", folder, &error))?;
    let path = folder.join(LOCK);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| io_fault("opening", &path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LogError::Locked { folder: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(io_fault("locking", &path, &error)),
    }
}

/// Gives the path of a finished segment.
pub(super) fn segment_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{number:010}{SUFFIX}"))
}

/// Gives the path under which a segment is made before it takes its name.
pub(super) fn unfinished_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{number:010}{UNFINISHED}"))
}

/// Removes segments that were not finished and lists the finished ones in the order of their numbers.
pub(super) fn tidy(folder: &Path) -> Result<Vec<(u64, PathBuf)>, LogError> {
    let fault = |error: std::io::Error| io_fault("listing", folder, &error);
    let mut segments = Vec::new();
    for found in fs::read_dir(folder).map_err(fault)? {
        let path = found.map_err(fault)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if rest.ends_with(UNFINISHED) {
            remove(&path)?;
        } else if let Some(Ok(number)) = rest.strip_suffix(SUFFIX).map(str::parse) {
            segments.push((number, path));
        }
    }
    segments.sort();
    Ok(segments)
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> Result<(), LogError> {
    fs::remove_file(path).map_err(|error| io_fault("removing", path, &error))
}

/// Gives a finished file its name, in place of what had it, durably.
pub(super) fn rename(folder: &Path, from: &Path, to: &Path) -> Result<(), LogError> {
    fs::rename(from, to).map_err(|error| io_fault("renaming", from, &error))?;
    sync(folder)
}

/// Makes the folder's list of names durable.
pub(super) fn sync(folder: &Path) -> Result<(), LogError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| io_fault("syncing", folder, &error))
}
