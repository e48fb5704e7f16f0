//! The conformance suite on the embedded log.
#![cfg(test)]
use std::sync::{Arc, Mutex, Weak};

use groundswell_log::conformance::Harness;
use groundswell_log::{EmbeddedConfig, EmbeddedLog, Log, LogError, conformance_suite};
use tempfile::TempDir;

struct InFolder {
    folder: TempDir,
    segment_bytes: u64,
    open: Mutex<Weak<EmbeddedLog>>,
}

impl InFolder {
    fn with(segment_bytes: u64) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), segment_bytes, open: Mutex::new(Weak::new()) }
    }
}

impl Harness for InFolder {
    fn open(&self) -> Result<Arc<dyn Log>, LogError> {
        let config = EmbeddedConfig { segment_bytes: self.segment_bytes, ..EmbeddedConfig::default() };
        let log = Arc::new(EmbeddedLog::open(self.folder.path(), config)?);
        *self.open.lock().unwrap() = Arc::downgrade(&log);
        Ok(log)
    }

    fn compact(&self, now_ms: i64) -> Result<bool, LogError> {
        let log = self.open.lock().unwrap().upgrade().unwrap();
        log.roll()?;
        log.retain(now_ms)?;
        Ok(true)
    }
}

mod one_segment {
    use super::*;
    conformance_suite!(InFolder::with(256 << 20));
}

/// Every group of requests begins a segment of its own.
mod tiny_segments {
    use super::*;
    conformance_suite!(InFolder::with(1));
}
