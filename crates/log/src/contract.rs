//! The contract of a log: what every implementation promises and every loop relies on.
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::LogError;
use crate::names::{Group, Topic, WriterId};
use crate::record::{Append, Batch, Extent, Place, ReadLimit, Record, TopicPartition};

/// A log of topics with a fixed number of partitions each.
///
/// All calls block; a loop that uses them runs on its own operating-system thread. Within a partition offsets grow in
/// the order in which appends were acknowledged; they never change, and gaps are legal everywhere (compaction, erasure,
/// a broker's own marks). Readers see only what was committed, whole transactions at a time.
pub trait Log: Send + Sync {
    /// Creates a topic. Doing it again changes nothing but the cleanup, which becomes the one given.
    ///
    /// # Errors
    /// `PartitionCount` when it exists with another number of partitions; `Invalid` for none or too many.
    fn create_topic(&self, topic: &Topic, spec: &TopicSpec) -> Result<(), LogError>;

    /// Gives the readable range of each partition, in the order of the partitions.
    ///
    /// # Errors
    /// `UnknownTopic`.
    fn extents(&self, topic: &Topic) -> Result<Vec<Extent>, LogError>;

    /// Reads the records from a position on. It never waits for new ones: at the end, and where all that is left was
    /// compacted away, the batch is empty. Continue at [`Batch::next`].
    ///
    /// # Errors
    /// `OutOfRange` for a position before the start or behind the end: missing records are never skipped over.
    /// `UnknownTopic`, `UnknownPartition`.
    fn read(&self, at: &Place, limit: ReadLimit) -> Result<Batch, LogError>;

    /// Reads single records, answered in the order asked; `None` for one that was compacted, erased or has expired, or
    /// that does not exist yet. Places close to one another cost one access.
    ///
    /// # Errors
    /// `UnknownTopic`, `UnknownPartition`.
    fn read_at(&self, places: &[Place]) -> Result<Vec<Option<Record>>, LogError>;

    /// Gives the append time of the first record at or behind a position, in milliseconds since 1970 UTC; `None` where
    /// nothing lies there. It is asked beside those who read on, and does not disturb them.
    ///
    /// # Errors
    /// As [`Log::read`].
    fn time_of_next(&self, at: &Place) -> Result<Option<i64>, LogError> {
        let batch = self.read(at, ReadLimit { records: 1, bytes: 1 })?;
        Ok(batch.records.first().map(|record| record.timestamp_ms))
    }

    /// Waits until at least one of the positions has something behind it, and says whether that is so; `false` after
    /// `timeout`. It may also answer `true` a moment early; a read tells.
    ///
    /// # Errors
    /// `UnknownTopic`, `UnknownPartition`.
    fn wait(&self, places: &[Place], timeout: Duration) -> Result<bool, LogError>;

    /// Appends records, all or none, and answers their places in the order given. They are durable when it returns.
    /// An empty list is answered at once.
    ///
    /// # Errors
    /// `UnknownTopic`, `UnknownPartition`, `Invalid` (too large, or no key in a compacted topic), `Full`, `Poisoned`;
    /// nothing was appended then.
    fn append(&self, appends: Vec<Append>) -> Result<Vec<Place>, LogError>;

    /// Joins a consumer group. The partitions of the topics are shared out among the members; dropping the
    /// subscription leaves the group.
    ///
    /// # Errors
    /// `UnknownTopic`; `Invalid` for no topics.
    fn subscribe(&self, group: &Group, topics: &[Topic]) -> Result<Box<dyn Subscription>, LogError>;

    /// Opens the transactional writer of this id. From then on every earlier writer of the same id is fenced, in this
    /// process and any other.
    ///
    /// # Errors
    /// `Full`, `Poisoned`, `Unavailable`.
    fn writer(&self, id: &WriterId) -> Result<Box<dyn Writer>, LogError>;

    /// Gives the committed position of a group in each partition of a topic, `None` where it never committed.
    ///
    /// # Errors
    /// `UnknownTopic`.
    fn committed(&self, group: &Group, topic: &Topic) -> Result<Vec<Option<u64>>, LogError>;
}

/// One member of a consumer group, used from one thread.
///
/// A loop handles **one batch as one transaction between two calls of [`Subscription::next`]**: it reads a batch, works,
/// and commits with [`Writer::commit`] (appends and [`Advance`]) before it asks for the next. So a rebalance, which
/// only ever happens inside `next`, finds nothing open; work that was not committed by then belongs to others.
pub trait Subscription: Send {
    /// Gives what comes next: a change of the assignment first, then records, then `Idle` after `timeout` without any.
    ///
    /// Newly assigned partitions start at the group's committed position, without one at the partition's start. The
    /// read position moves with each batch returned, whether it was committed or not. Partitions take turns.
    ///
    /// # Errors
    /// `OutOfRange` when the position of a partition is no longer (or not yet) in the log.
    fn next(&mut self, limit: ReadLimit, timeout: Duration) -> Result<Event, LogError>;

    /// Moves the read positions of all assigned partitions back to the committed ones, after a transaction that did not
    /// commit.
    ///
    /// # Errors
    /// `Unavailable`.
    fn rewind(&mut self) -> Result<(), LogError>;

    /// Gives the proof of membership that a transaction needs in order to advance; take a fresh one for each.
    fn member(&self) -> Member;

    /// Stops giving batches of these partitions; positions stay. Partitions that are not assigned are ignored, and a
    /// new assignment begins with none paused.
    ///
    /// # Errors
    /// `Unavailable`.
    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError>;

    /// Gives batches of these partitions again.
    ///
    /// # Errors
    /// `Unavailable`.
    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError>;
}

/// What a subscription has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The partitions this member now has: all of them, possibly none.
    Assigned(Vec<TopicPartition>),
    /// The partitions this member no longer has: all it had.
    Revoked {
        /// The partitions.
        partitions: Vec<TopicPartition>,
        /// Whether others may have begun with them already (the member was silent for too long).
        lost: bool,
    },
    /// Records of one partition; none where its position only moved over offsets without records, such as a broker's
    /// own marks, which is worth committing so that the group stands at the end.
    Batch(Batch),
    /// Nothing arrived within the timeout.
    Idle,
}

/// A transactional writer, used from one thread.
pub trait Writer: Send {
    /// Commits a transaction: all of it or nothing. Answers the places of the appends in the order given; they are
    /// durable, and the positions advanced, when it returns. A transaction with neither changes nothing.
    ///
    /// # Errors
    /// `Fenced` when a newer writer has the id; `Rebalanced` when the member's generation is stale (or, without a
    /// member, when the group has members); otherwise as [`Log::append`]. Nothing happened then.
    fn commit(&mut self, transaction: Transaction) -> Result<Vec<Place>, LogError>;
}

/// Appends and an advance that become true together.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// The records to append.
    pub appends: Vec<Append>,
    /// The positions to commit with them.
    pub advance: Option<Advance>,
}

/// Positions of a group to commit.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The group.
    pub group: Group,
    /// The member that read; `None` for a position that stands alone, such as an import's progress.
    pub member: Option<Member>,
    /// The next place to read, per partition.
    pub positions: Vec<Place>,
}

/// The proof that a subscription is a member of its group's present generation.
#[derive(Clone)]
pub struct Member {
    group: Group,
    generation: u64,
    token: Arc<dyn Any + Send + Sync>,
}

impl Member {
    /// Makes the proof; `token` is whatever the implementation needs to recognise its own member.
    #[must_use]
    pub fn new(group: Group, generation: u64, token: Arc<dyn Any + Send + Sync>) -> Self {
        Self { group, generation, token }
    }

    /// Gives the group.
    #[must_use]
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// Gives the generation of the group's assignment.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Gives the implementation's own token, if it is of this type.
    #[must_use]
    pub fn token<T: Any>(&self) -> Option<&T> {
        self.token.downcast_ref()
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Member")
            .field("group", &self.group)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// How a topic is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// The number of partitions, fixed for ever: 1 to 1,024.
    pub partitions: u32,
    /// What happens to old records.
    pub cleanup: Cleanup,
}

impl TopicSpec {
    /// The most partitions a topic may have.
    pub const MAX_PARTITIONS: u32 = 1_024;

    /// Describes a topic.
    #[must_use]
    pub fn new(partitions: u32, cleanup: Cleanup) -> Self {
        Self { partitions, cleanup }
    }
}

/// What happens to old records of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Cleanup {
    /// Records older than this are deleted, from the start of each partition on.
    Delete {
        /// The age by append time.
        after: Duration,
    },
    /// The last record of each key is kept. A tombstone removes the older ones and goes itself after a while.
    Compact {
        /// For how long, by append time, a tombstone is kept for readers that are behind.
        tombstones: Duration,
    },
    /// Everything is kept.
    Forever,
}
