//! The disk under a segment: plain file access for redb, the free space, and the places where tests let it fail.
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::StorageBackend;

/// What is about to be done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskStep {
    /// Bytes are written.
    Write,
    /// The file is lengthened or shortened.
    Resize,
    /// The file is forced to the disk.
    Sync,
}

/// The disk as the embedded log sees it. Tests give one that is full or broken.
pub trait Disk: fmt::Debug + Send + Sync {
    /// Gives the free bytes of the file system that holds `folder`.
    ///
    /// # Errors
    /// As the operating system says.
    fn free(&self, folder: &Path) -> io::Result<u64>;

    /// Is asked before each step on a file; an error takes the step's place.
    ///
    /// # Errors
    /// What the step should fail with.
    fn before(&self, _step: DiskStep) -> io::Result<()> {
        Ok(())
    }
}

/// The real disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn free(&self, folder: &Path) -> io::Result<u64> {
        let stats = rustix::fs::statvfs(folder)?;
        Ok(stats.f_bavail.saturating_mul(stats.f_frsize))
    }
}

/// What a segment's file has been through.
#[derive(Debug, Default)]
pub(super) struct FileHealth {
    failed: AtomicBool,
    sync_failed: AtomicBool,
    retired: AtomicBool,
}

impl FileHealth {
    /// Says whether a sync failed: what is on disk is unknown then.
    pub(super) fn sync_failed(&self) -> bool {
        self.sync_failed.load(Ordering::Acquire)
    }

    /// Says whether any write failed: redb gives up the handle then.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    /// Refuses all further writes through this handle, because another handle has taken over the file.
    pub(super) fn retire(&self) {
        self.retired.store(true, Ordering::Release);
    }

    /// Says whether another handle has taken over the file.
    pub(super) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }
}

/// A segment's file as redb's storage. The folder's lock keeps others out, so the file itself is not locked.
#[derive(Debug)]
pub(super) struct SegmentFile {
    file: File,
    disk: Arc<dyn Disk>,
    health: Arc<FileHealth>,
}

impl SegmentFile {
    /// Wraps an open file.
    pub(super) fn new(file: File, disk: Arc<dyn Disk>, health: Arc<FileHealth>) -> Self {
        Self { file, disk, health }
    }

    fn step(&self, step: DiskStep, work: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
        if self.health.is_retired() {
            return Err(io::Error::other("another handle has taken over the file"));
        }
        let result = self.disk.before(step).and_then(|()| work(&self.file));
        if result.is_err() {
            self.health.failed.store(true, Ordering::Release);
            if step == DiskStep::Sync {
                self.health.sync_failed.store(true, Ordering::Release);
            }
        }
        result
    }
}

impl StorageBackend for SegmentFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(out, offset)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.step(DiskStep::Resize, |file| file.set_len(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.step(DiskStep::Sync, File::sync_data)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.step(DiskStep::Write, |file| file.write_all_at(data, offset))
    }
}

/// Says whether an error means that there is no space left.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
