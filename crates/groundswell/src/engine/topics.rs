//! The topics of an installation as the log names them, and their keeping.

use std::time::Duration;

use anyhow::Result;

use groundswell_log::{Cleanup, Log, Topic, TopicSpec};
use groundswell_steps::envelope;

use crate::config::Config;

/// The topics of an installation.
#[derive(Clone, Debug)]
pub struct Topics {
    /// Raw records of push and import.
    pub raw: Topic,
    /// Parts and customers.
    pub feedback: Topic,
    /// Feedback with their mapping.
    pub mapped: Topic,
    /// Items that could not be used.
    pub dead_letters: Topic,
    /// One record per ingest transaction.
    pub ledger: Topic,
    /// Decisions in their order.
    pub actions: Topic,
}

/// How long a tombstone is kept for readers that are behind.
const TOMBSTONES: Duration = Duration::from_secs(86_400);

impl Topics {
    /// Names the topics under the configured prefix.
    ///
    /// # Errors
    /// When the prefix makes a name that a log does not allow.
    pub fn of(config: &Config) -> Result<Self> {
        let names = envelope::Topics::under(&config.installation.topic_prefix);
        Ok(Self {
            raw: names.raw.parse()?,
            feedback: names.feedback.parse()?,
            mapped: names.mapped.parse()?,
            dead_letters: names.dead_letters.parse()?,
            ledger: names.ledger.parse()?,
            actions: names.actions.parse()?,
        })
    }

    /// Creates what is missing.
    ///
    /// # Errors
    /// When a topic is there with another number of partitions.
    pub fn create(&self, log: &dyn Log, config: &Config) -> Result<()> {
        let many = config.log.partitions;
        let delete = |after: Duration| Cleanup::Delete { after };
        let compact = Cleanup::Compact { tombstones: TOMBSTONES };
        let specs = [
            (&self.raw, many, delete(config.log.raw_retention.get())),
            (&self.feedback, many, compact),
            (&self.mapped, many, compact),
            (&self.dead_letters, 1, delete(config.log.dead_letter_retention.get())),
            (&self.ledger, 1, Cleanup::Forever),
            (&self.actions, 1, Cleanup::Forever),
        ];
        for (topic, partitions, cleanup) in specs {
            log.create_topic(topic, &TopicSpec::new(partitions, cleanup))?;
        }
        Ok(())
    }
}
