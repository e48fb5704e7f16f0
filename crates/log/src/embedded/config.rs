//! What can be set on an embedded log.
use std::sync::Arc;

use super::disk::{Disk, RealDisk};
use crate::error::LogError;

/// The settings of an embedded log.
#[derive(Debug, Clone)]
pub struct EmbeddedConfig {
    /// The stored bytes (compressed) after which a segment is closed and the next begun; 256 MiB.
    pub segment_bytes: u64,
    /// The bytes of the file system that appends leave free; 64 MiB.
    pub reserve_bytes: u64,
    /// The most bytes of one transaction, at most 1 GiB; 64 MiB.
    pub transaction_bytes: usize,
    /// The bytes of unpacked blocks kept for readers; 16 MiB.
    pub cache_bytes: usize,
    /// The most distinct keys that compaction holds in memory at once, about 50 bytes each; 2 million.
    pub compaction_keys: usize,
    /// Whether every page of every segment is verified at open: reads the whole log. Off, as each block carries a
    /// checksum that is verified when it is read.
    pub verify: bool,
    /// The disk.
    pub disk: Arc<dyn Disk>,
}

impl Default for EmbeddedConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 256 << 20,
            reserve_bytes: 64 << 20,
            transaction_bytes: 64 << 20,
            cache_bytes: 16 << 20,
            compaction_keys: 2_000_000,
            verify: false,
            disk: Arc::new(RealDisk),
        }
    }
}

impl EmbeddedConfig {
    /// Checks the settings.
    pub(super) fn check(&self) -> Result<(), LogError> {
        let wrong = |what: &str| Err(LogError::Invalid { what: what.to_owned() });
        if self.segment_bytes == 0 {
            return wrong("segment_bytes is 0");
        }
        if self.transaction_bytes == 0 || self.transaction_bytes > 1 << 30 {
            return wrong("transaction_bytes is not between 1 byte and 1 GiB");
        }
        if self.compaction_keys == 0 {
            return wrong("compaction_keys is 0");
        }
        Ok(())
    }
}
