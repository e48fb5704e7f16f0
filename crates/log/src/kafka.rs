//! The log on Apache Kafka: groups and transactions are the brokers' own.
mod appender;
mod cluster;
mod fault;
mod member;
mod message;
mod reader;
mod recent;
mod settings;
mod watch;
mod writer;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use appender::Appender;
use cluster::Cluster;
use member::KafkaMember;
use reader::Readers;
use recent::Recent;
use writer::KafkaWriter;

use crate::contract::{Log, Subscription, TopicSpec, Writer};
use crate::error::LogError;
use crate::names::{Group, Topic, WriterId};
use crate::record::{Append, Batch, Extent, Place, ReadLimit, Record};

pub use cluster::{TopicState, configuration};
pub use message::UNREADABLE_HEADER;
pub use settings::KafkaSettings;

/// A log on Apache Kafka.
///
/// Readers see committed records only. `extents` counts up to the last stable offset, beyond which an open transaction
/// may still be aborted. Errors that the client library would retry for ever, such as a wrong password, are told within
/// ten seconds.
pub struct KafkaLog {
    cluster: Arc<Cluster>,
    readers: Readers,
    pickers: Readers,
    /// Looks at single records beside those who read on; made when it is first asked.
    lookout: Mutex<Option<Arc<Readers>>>,
    appender: Appender,
    recent: Mutex<Recent>,
    /// Topics of which single records are asked for: what is read of them is kept for a while.
    picked: Mutex<BTreeSet<Topic>>,
}

impl KafkaLog {
    /// Reaches the brokers.
    ///
    /// # Errors
    /// `Invalid` for a setting that is wrong; `Refused` when the broker does not let us in; `Unavailable` when no broker
    /// answers within ten seconds. Each says the reason in words.
    pub fn open(settings: KafkaSettings) -> Result<Self, LogError> {
        let appends: WriterId = format!("{}-append-{}", settings.stem, settings.instance).parse()?;
        let cluster = Arc::new(Cluster::connect(settings)?);
        Ok(Self {
            readers: Readers::new(&cluster, false)?,
            pickers: Readers::new(&cluster, true)?,
            lookout: Mutex::default(),
            appender: Appender::start(&cluster, appends)?,
            recent: Mutex::default(),
            picked: Mutex::default(),
            cluster,
        })
    }

    /// Tells how a topic stands on the brokers; `None` where it does not exist.
    ///
    /// # Errors
    /// `Refused` without the right to describe it; `Unavailable`.
    pub fn describe(&self, topic: &Topic) -> Result<Option<TopicState>, LogError> {
        self.cluster.describe(topic)
    }

    /// Gives the groups whose names begin with `start`, as far as we may see them.
    ///
    /// # Errors
    /// `Refused`; `Unavailable`.
    pub fn groups(&self, start: &str) -> Result<Vec<Group>, LogError> {
        self.cluster.groups(start)
    }

    fn lookout(&self) -> Result<Arc<Readers>, LogError> {
        let mut lookout = self.lookout.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = lookout.as_ref() {
            return Ok(Arc::clone(made));
        }
        let made = Arc::new(Readers::new(&self.cluster, true)?);
        Ok(Arc::clone(lookout.insert(made)))
    }

    fn keeps(&self, topic: &Topic) -> bool {
        self.picked.lock().unwrap_or_else(PoisonError::into_inner).contains(topic)
    }
}

impl Log for KafkaLog {
    fn create_topic(&self, topic: &Topic, spec: &TopicSpec) -> Result<(), LogError> {
        self.cluster.create_topic(topic, spec)
    }

    fn extents(&self, topic: &Topic) -> Result<Vec<Extent>, LogError> {
        self.cluster.extents(topic)
    }

    fn read(&self, at: &Place, limit: ReadLimit) -> Result<Batch, LogError> {
        let batch = self.readers.read(at, limit)?;
        if self.keeps(&at.topic) {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            batch.records.iter().for_each(|record| recent.keep(batch.at.at(record.offset), record));
        }
        Ok(batch)
    }

    fn read_at(&self, places: &[Place]) -> Result<Vec<Option<Record>>, LogError> {
        let mut found: Vec<Option<Record>> = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            places.iter().map(|place| recent.get(place)).collect()
        };
        {
            let mut picked = self.picked.lock().unwrap_or_else(PoisonError::into_inner);
            for place in places {
                if !picked.contains(&place.topic) {
                    picked.insert(place.topic.clone());
                }
            }
        }
        // In the order of the log, so that near ones are found by reading on.
        let mut missing: Vec<usize> =
            (0..places.len()).filter(|at| found.get(*at).is_some_and(Option::is_none)).collect();
        missing.sort_by_key(|at| places.get(*at));
        let (mut last, picked): (Option<(&Place, Option<Record>)>, bool) = (None, !missing.is_empty());
        for at in missing {
            let (Some(place), Some(slot)) = (places.get(at), found.get_mut(at)) else { continue };
            let record = match &last {
                Some((same, record)) if *same == place => record.clone(),
                _ => self.pickers.pick(place)?,
            };
            slot.clone_from(&record);
            last = Some((place, record));
        }
        if picked {
            self.pickers.rest();
        }
        Ok(found)
    }

    fn time_of_next(&self, at: &Place) -> Result<Option<i64>, LogError> {
        let batch = self.lookout()?.read(at, ReadLimit { records: 1, bytes: 1 })?;
        Ok(batch.records.first().map(|record| record.timestamp_ms))
    }

    fn wait(&self, places: &[Place], timeout: Duration) -> Result<bool, LogError> {
        self.readers.wait(places, timeout)
    }

    fn append(&self, appends: Vec<Append>) -> Result<Vec<Place>, LogError> {
        self.appender.append(appends)
    }

    fn subscribe(&self, group: &Group, topics: &[Topic]) -> Result<Box<dyn Subscription>, LogError> {
        Ok(Box::new(KafkaMember::join(&self.cluster, group, topics)?))
    }

    fn writer(&self, id: &WriterId) -> Result<Box<dyn Writer>, LogError> {
        Ok(Box::new(KafkaWriter::open(&self.cluster, id)?))
    }

    fn committed(&self, group: &Group, topic: &Topic) -> Result<Vec<Option<u64>>, LogError> {
        self.cluster.committed(group, topic)
    }
}
