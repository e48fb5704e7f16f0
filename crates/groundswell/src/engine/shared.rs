//! What the loops, the server and the commands share of one open installation.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use groundswell_insight::View;
use groundswell_log::{EmbeddedLog, Log, LogError};
use groundswell_search::Index;
use groundswell_server::Fault;
use groundswell_state::Reader;
use groundswell_steps::{Folder, Ingester};

use super::counters::Counters;
use super::counts::LedgerSums;
use super::import::Imports;
use super::progress::Progress;
use super::topics::Topics;
use crate::clock::Clock;
use crate::config::Config;
use crate::folder::DataFolder;
use crate::pipelines::Registry;

/// One open installation.
pub struct Shared {
    /// Its configuration.
    pub config: Config,
    /// Its clock.
    pub clock: Clock,
    /// Its folder.
    pub data: DataFolder,
    /// Its log.
    pub log: Arc<dyn Log>,
    /// The same log, for what only an embedded log has: retention.
    pub embedded: Arc<EmbeddedLog>,
    /// Its topics.
    pub topics: Topics,
    /// Its pipelines.
    pub registry: Registry,
    /// Raw records to feedback.
    pub ingester: Ingester,
    /// Parts to mapped feedback.
    pub folder: Folder,
    /// Its index.
    pub index: Index,
    /// How far each loop is.
    pub progress: Progress,
    /// Counters since the start.
    pub counters: Counters,
    /// Views that were moved aside at this start.
    pub rebuilt: Vec<String>,
    pub(super) view: RwLock<View>,
    pub(super) holdings: Reader,
    pub(super) state_counters: Mutex<groundswell_state::Counters>,
    pub(super) ledger: Mutex<LedgerSums>,
    pub(super) imports: Mutex<Imports>,
    pub(super) stopping: AtomicBool,
}

impl Shared {
    /// Reads the view.
    pub fn view(&self) -> RwLockReadGuard<'_, View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the view; only the analyser does.
    pub(super) fn view_mut(&self) -> RwLockWriteGuard<'_, View> {
        self.view.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says whether the loops are to stop.
    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Asks the loops to stop at the end of their batch.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Gives the end of each partition of a topic.
    ///
    /// # Errors
    /// Whatever the log gives.
    pub fn ends(&self, topic: &groundswell_log::Topic) -> Result<Vec<u64>, LogError> {
        Ok(self.log.extents(topic)?.into_iter().map(|extent| extent.end).collect())
    }

    /// Gives the state's counters by pipeline, as of the last batch.
    pub fn state_counters(&self) -> groundswell_state::Counters {
        self.state_counters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Turns an error of the log into the reply to a request.
pub(super) fn fault(error: LogError) -> Fault {
    match &error {
        LogError::Full { .. } => Fault::Full { message: error.to_string() },
        LogError::Invalid { .. } => Fault::invalid(error.code(), error.to_string()),
        _ => Fault::Unavailable { message: error.to_string() },
    }
}

/// Reads a header's text.
pub(super) fn header<'a>(record: &'a groundswell_log::Record, name: &str) -> Option<&'a str> {
    let found = record.headers.iter().find(|header| header.name == name)?;
    std::str::from_utf8(&found.value).ok()
}

/// Makes headers of names and texts.
pub(super) fn headers(pairs: &[(&str, &str)]) -> Vec<groundswell_log::Header> {
    pairs
        .iter()
        .map(|(name, value)| groundswell_log::Header {
            name: (*name).to_owned(),
            value: value.as_bytes().to_vec(),
        })
        .collect()
}

/// Adds up counts by name.
pub(super) fn add_all(
    into: &mut BTreeMap<String, groundswell_model::Counts>,
    from: &BTreeMap<String, groundswell_model::Counts>,
) {
    for (name, counts) in from {
        into.entry(name.clone()).or_default().add(counts);
    }
}
