//! The topics of an installation as the log names them, and their keeping.

use std::time::Duration;

use anyhow::{Result, bail};

use groundswell_log::{Cleanup, Group, Log, LogError, Topic, TopicSpec, WriterId};
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
    /// Beginning of the names of groups and writers.
    stem: String,
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
            stem: config.installation.topic_prefix.trim_end_matches(['.', '-', '_']).to_owned(),
        })
    }

    /// Names a consumer group of the installation.
    ///
    /// # Errors
    /// When the prefix makes a name that a log does not allow.
    pub fn group(&self, of: &str) -> Result<Group, LogError> {
        self.named(of).parse()
    }

    /// Names a transactional writer of the installation.
    ///
    /// # Errors
    /// As [`Topics::group`].
    pub fn writer(&self, of: &str) -> Result<WriterId, LogError> {
        self.named(of).parse()
    }

    /// Gives the beginning of the names of groups and writers.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    fn named(&self, of: &str) -> String {
        if self.stem.is_empty() { of.to_owned() } else { format!("{}-{of}", self.stem) }
    }

    /// Gives every topic with how it is made.
    pub fn specs(&self, config: &Config) -> [(&Topic, TopicSpec); 6] {
        let many = config.log.partitions;
        let delete = |after: Duration| Cleanup::Delete { after };
        let compact = Cleanup::Compact { tombstones: TOMBSTONES };
        [
            (&self.raw, TopicSpec::new(many, delete(config.log.raw_retention.get()))),
            (&self.feedback, TopicSpec::new(many, compact)),
            (&self.mapped, TopicSpec::new(many, compact)),
            (&self.dead_letters, TopicSpec::new(1, delete(config.log.dead_letter_retention.get()))),
            (&self.ledger, TopicSpec::new(1, Cleanup::Forever)),
            (&self.actions, TopicSpec::new(1, Cleanup::Forever)),
        ]
    }

    /// Checks that every topic is there with as many partitions as are configured.
    ///
    /// # Errors
    /// Names the first that is missing or differs, and what to do.
    pub fn require(&self, log: &dyn Log, config: &Config) -> Result<()> {
        for (topic, spec) in self.specs(config) {
            let found = match log.extents(topic) {
                Ok(extents) => extents.len(),
                Err(LogError::UnknownTopic { .. }) => {
                    bail!("topic {topic} does not exist: `groundswell topics --create` makes what is missing")
                }
                Err(error) => return Err(error.into()),
            };
            if found != spec.partitions as usize {
                bail!(
                    "topic {topic} has {found} partitions, the configuration says {}: log.partitions is fixed when an \
                     installation begins; another number needs new topics under another installation.topic_prefix",
                    spec.partitions
                );
            }
        }
        Ok(())
    }

    /// Creates what is missing.
    ///
    /// # Errors
    /// When a topic is there with another number of partitions.
    pub fn create(&self, log: &dyn Log, config: &Config) -> Result<()> {
        for (topic, spec) in self.specs(config) {
            log.create_topic(topic, &spec)?;
        }
        Ok(())
    }
}
