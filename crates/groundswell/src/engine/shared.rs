//! What the loops, the server and the commands share of one open installation.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use groundswell_insight::{Daily, View};
use groundswell_log::{Disposition, EmbeddedLog, KafkaLog, Log, LogError, Place};
use groundswell_model::Day;
use groundswell_search::Index;
use groundswell_server::Fault;
use groundswell_state::Reader;
use groundswell_steps::{Folder, Ingester};

use super::counters::{Counters, add};
use super::counts::LedgerSums;
use super::decisions::Decisions;
use super::import::LastRows;
use super::measures::Measures;
use super::progress::Progress;
use super::roles::Roles;
use super::shadow::Shown;
use super::themes::Desk;
use super::topics::Topics;
use crate::clock::Clock;
use crate::config::Config;
use crate::folder::DataFolder;
use crate::naming::Namer;
use crate::pipelines::Registry;

/// How long a fault that passes is waited for before the next try.
const RETRY: Duration = Duration::from_millis(500);

/// Counts by day, with what they were made from.
pub(super) struct Counted {
    /// How often the view had changed by then.
    pub(super) changes: u64,
    /// The last day that counts.
    pub(super) until: Day,
    /// The counts, without reported exposure.
    pub(super) daily: Arc<Daily>,
}

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
    /// The same log where it is an embedded one, for what only that has: retention.
    pub embedded: Option<Arc<EmbeddedLog>>,
    /// The same log where it is on Kafka.
    pub kafka: Option<Arc<KafkaLog>>,
    /// What this process does.
    pub roles: Roles,
    /// Names this process among all that share the log; empty where it is alone.
    pub instance: String,
    /// Its topics.
    pub topics: Topics,
    /// Its pipelines.
    pub registry: Registry,
    /// Which pipeline reads which source's own topic.
    pub(super) source_pipelines: BTreeMap<groundswell_log::Topic, String>,
    /// Raw records to feedback.
    pub ingester: Ingester,
    /// Parts to mapped feedback.
    pub folder: Folder,
    /// Its index, where this process has one.
    pub(super) index: Option<Index>,
    /// How far each loop is.
    pub progress: Progress,
    /// Counters since the start.
    pub counters: Counters,
    /// What is measured beside the counters.
    pub measures: Measures,
    /// Views that were moved aside at this start.
    pub rebuilt: Vec<String>,
    /// Whether the state was begun when the log held records already, of which compaction may have removed some.
    pub(super) begun_late: bool,
    pub(super) view: RwLock<View>,
    /// What is shown while a new journey map is folded.
    pub(super) shown: RwLock<Option<Arc<Shown>>>,
    pub(super) holdings: Option<Reader>,
    /// What was counted last, for as long as nothing changes.
    pub(super) counted: Mutex<Option<Counted>>,
    pub(super) state_counters: Mutex<groundswell_state::Counters>,
    pub(super) ledger: Mutex<LedgerSums>,
    pub(super) decisions: Mutex<Decisions>,
    pub(super) imports: Mutex<LastRows>,
    /// Held while one step of a re-annotation is under way.
    pub(super) reannotating: Mutex<()>,
    /// Asks a model for names of themes, where one is configured.
    pub(super) namer: Option<Namer>,
    /// Where themes are asked for.
    pub(super) desk: Desk,
    pub(super) stopping: AtomicBool,
    /// Rings when a loop has stopped with a fault.
    pub(super) broken: tokio::sync::Notify,
    /// Holds the data folder, where the log does not.
    pub(super) _lock: Option<std::fs::File>,
}

impl Shared {
    /// Gives the index.
    ///
    /// # Errors
    /// Where this process has none.
    pub fn index(&self) -> Result<&Index, Fault> {
        self.index.as_ref().ok_or_else(|| Fault::Unavailable {
            message: "this process has no search index: give it the role `index`, or name index.folder"
                .to_owned(),
        })
    }

    /// Says whether other processes may share the log.
    pub fn is_shared(&self) -> bool {
        self.kafka.is_some()
    }

    /// Waits until a loop has stopped with a fault.
    pub async fn broken(&self) {
        self.broken.notified().await;
    }

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

    /// Decides about an error of a loop: one that passes by itself, such as brokers that are away, is waited for.
    ///
    /// # Errors
    /// Every other error, and any once the loops are to stop.
    pub(super) fn outlast(&self, error: anyhow::Error) -> anyhow::Result<()> {
        let found = error.chain().find_map(|cause| cause.downcast_ref::<LogError>());
        if self.stopping() || !found.is_some_and(|error| error.disposition() == Disposition::Retry) {
            return Err(error);
        }
        tracing::warn!(error = %format!("{error:#}"), "it is tried again");
        self.wait_for_retry();
        Ok(())
    }

    /// Waits a moment for a fault that passes, such as a full disk; ends early when something is appended elsewhere.
    pub(super) fn wait_for_retry(&self) {
        let actions = &self.topics.actions;
        let waited = self.log.extents(actions).and_then(|ends| {
            let places: Vec<_> = (0..)
                .zip(ends)
                .map(|(partition, extent)| Place::new(actions, partition, extent.end))
                .collect();
            self.log.wait(&places, RETRY)
        });
        if let Err(error) = waited {
            // Asking has taken its time, as long as brokers are given to answer.
            tracing::debug!(%error, "the log does not answer yet");
        }
    }

    /// Counts why a loop stopped, where that is something an operator asks for.
    pub(super) fn note_stop(&self, error: &anyhow::Error) {
        let found = error.chain().find_map(|cause| cause.downcast_ref::<LogError>());
        match found {
            Some(LogError::Fenced { .. }) => add(&self.counters.fenced_writers, 1),
            Some(LogError::OutOfRange { .. } | LogError::Replaced { .. }) => {
                add(&self.counters.positions_out_of_range, 1)
            }
            _ => {}
        }
        add(&self.counters.loop_stops, 1);
        // The process may end with the loop; what was counted is shown by the next one.
        self.data.note_stops(&self.counters.stops());
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
