//! What can go wrong with a log, and what a loop does about it.
use std::path::PathBuf;

use crate::names::{Group, Topic, WriterId};
use crate::record::TopicPartition;

/// What a loop does about an error. There are three answers and no fourth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Nothing happened: make the same call again after a pause.
    Retry,
    /// The transaction did not happen and must not be repeated as it stands: forget what was computed for it,
    /// [`crate::Subscription::rewind`], and go on with [`crate::Subscription::next`].
    Abort,
    /// The worker cannot go on: stop it and say why.
    Stop,
}

/// An error of a log.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A name, a size or an append breaks a rule.
    #[error("{what}")]
    Invalid {
        /// What is wrong, without any of the payload.
        what: String,
    },
    /// The topic does not exist.
    #[error("topic {topic} does not exist")]
    UnknownTopic {
        /// The topic asked for.
        topic: Topic,
    },
    /// The topic has no such partition.
    #[error("partition {at} does not exist")]
    UnknownPartition {
        /// The partition asked for.
        at: TopicPartition,
    },
    /// The topic exists with another number of partitions.
    #[error("topic {topic} has {found} partitions, not {wanted}: a change is a new generation of the topic")]
    PartitionCount {
        /// The topic.
        topic: Topic,
        /// How many it has.
        found: u32,
        /// How many were asked for.
        wanted: u32,
    },
    /// A position lies before the partition's start or behind its end: records are missing or the topic is another one.
    #[error("offset {offset} of {at} is out of range: the partition holds {start} up to {end}")]
    OutOfRange {
        /// The partition.
        at: TopicPartition,
        /// The offset asked for.
        offset: u64,
        /// The partition's start.
        start: u64,
        /// The partition's end.
        end: u64,
    },
    /// A group that stood in a partition stands there no more: the topic was deleted and made anew.
    #[error(
        "{at} was made anew: group {group}, which had read up to {offset}, has no position in it any more"
    )]
    Replaced {
        /// The partition.
        at: TopicPartition,
        /// The consumer group.
        group: Group,
        /// Where the group had stood.
        offset: u64,
    },
    /// The disk (or the broker's quota) is full. Nothing of the call was written.
    #[error("the log is full: {detail}")]
    Full {
        /// How much is free, and how much is kept free.
        detail: String,
    },
    /// A newer writer has taken the same id.
    #[error("writer {writer} was fenced: a newer one has taken its id")]
    Fenced {
        /// The writer's id.
        writer: WriterId,
    },
    /// The member's partitions were given to others before it committed.
    #[error("the members of group {group} changed: the transaction came from an older generation")]
    Rebalanced {
        /// The consumer group.
        group: Group,
    },
    /// The transaction was aborted by the log for another reason.
    #[error("the transaction was aborted: {detail}")]
    Aborted {
        /// The reason, as the log gave it.
        detail: String,
    },
    /// The log cannot be reached for now.
    #[error("the log is unavailable: {detail}")]
    Unavailable {
        /// What was tried, and what came back.
        detail: String,
    },
    /// The broker does not let us in, or not do this: password, certificate or a right.
    #[error("{detail}")]
    Refused {
        /// What was refused, in words.
        detail: String,
    },
    /// Another process (or another part of this one) has the log open.
    #[error("the log in {} is in use: another process has it open", folder.display())]
    Locked {
        /// The log's folder.
        folder: PathBuf,
    },
    /// A file of the log is damaged or foreign. The log is the only copy, so nothing is moved aside.
    #[error("the log file {} is damaged: {detail}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A commit failed in a way that leaves unknown what is on disk; the log takes no more appends until it is opened again.
    #[error("the log takes no more appends since a commit failed: {detail}")]
    Poisoned {
        /// How the commit failed.
        detail: String,
    },
    /// The log was closed.
    #[error("the log is closed")]
    Closed,
    /// The operating system (or the client library) failed otherwise.
    #[error("{doing} failed: {detail}")]
    Failed {
        /// What was being done, and to which file.
        doing: String,
        /// What came back.
        detail: String,
    },
}

impl LogError {
    /// Gives the stable code of the error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "log.invalid",
            Self::UnknownTopic { .. } => "log.unknown_topic",
            Self::UnknownPartition { .. } => "log.unknown_partition",
            Self::PartitionCount { .. } => "log.partition_count",
            Self::OutOfRange { .. } => "log.out_of_range",
            Self::Replaced { .. } => "log.replaced",
            Self::Full { .. } => "log.full",
            Self::Fenced { .. } => "log.fenced",
            Self::Rebalanced { .. } => "log.rebalanced",
            Self::Aborted { .. } => "log.aborted",
            Self::Unavailable { .. } => "log.unavailable",
            Self::Refused { .. } => "log.refused",
            Self::Locked { .. } => "log.locked",
            Self::Damaged { .. } => "log.damaged",
            Self::Poisoned { .. } => "log.poisoned",
            Self::Closed => "log.closed",
            Self::Failed { .. } => "log.failed",
        }
    }

    /// Says what a loop does about the error.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Full { .. } | Self::Unavailable { .. } => Disposition::Retry,
            Self::Rebalanced { .. } | Self::Aborted { .. } => Disposition::Abort,
            Self::Invalid { .. }
            | Self::UnknownTopic { .. }
            | Self::UnknownPartition { .. }
            | Self::PartitionCount { .. }
            | Self::OutOfRange { .. }
            | Self::Replaced { .. }
            | Self::Fenced { .. }
            | Self::Refused { .. }
            | Self::Locked { .. }
            | Self::Damaged { .. }
            | Self::Poisoned { .. }
            | Self::Closed
            | Self::Failed { .. } => Disposition::Stop,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_a_code_and_a_disposition() {
        let topic: Topic = "t".parse().unwrap();
        let full = LogError::Full { detail: "no space".into() };
        assert_eq!((full.code(), full.disposition()), ("log.full", Disposition::Retry));
        let range = LogError::OutOfRange { at: TopicPartition::new(&topic, 3), offset: 9, start: 1, end: 5 };
        assert_eq!(range.disposition(), Disposition::Stop);
        assert_eq!(range.to_string(), "offset 9 of t-3 is out of range: the partition holds 1 up to 5");
        let stale = LogError::Rebalanced { group: "g".parse().unwrap() };
        assert_eq!(stale.disposition(), Disposition::Abort);
    }
}
