//! Records, the places they lie at, and what a read gives.
use std::fmt;

use crate::names::Topic;

/// One partition of one topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Topic,
    /// The partition, counted from 0.
    pub partition: u32,
}

impl TopicPartition {
    /// Names a partition of a topic.
    #[must_use]
    pub fn new(topic: &Topic, partition: u32) -> Self {
        Self { topic: topic.clone(), partition }
    }

    /// Gives the place of `offset` in this partition.
    #[must_use]
    pub fn at(&self, offset: u64) -> Place {
        Place::new(&self.topic, self.partition, offset)
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.topic, self.partition)
    }
}

/// A place in a log: the address of one record, or, as a position, the *next* record to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The topic.
    pub topic: Topic,
    /// The partition, counted from 0.
    pub partition: u32,
    /// The offset within the partition.
    pub offset: u64,
}

impl Place {
    /// Names a place.
    #[must_use]
    pub fn new(topic: &Topic, partition: u32, offset: u64) -> Self {
        Self { topic: topic.clone(), partition, offset }
    }

    /// Gives the partition this place lies in.
    #[must_use]
    pub fn topic_partition(&self) -> TopicPartition {
        TopicPartition::new(&self.topic, self.partition)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}@{}", self.topic, self.partition, self.offset)
    }
}

/// A named value beside a record; names may repeat and their order is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value, any bytes.
    pub value: Vec<u8>,
}

/// A record as it lies in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The offset within its partition: it grows from record to record, gaps are legal, and it never changes.
    pub offset: u64,
    /// When it was appended, as its appender said, in milliseconds since 1970 UTC.
    pub timestamp_ms: i64,
    /// The key; `None` and an empty key differ.
    pub key: Option<Vec<u8>>,
    /// The headers, in order.
    pub headers: Vec<Header>,
    /// The value; `None` is a tombstone (and differs from an empty value).
    pub value: Option<Vec<u8>>,
}

/// A record to be appended; the caller chooses the partition (see [`crate::partition_for`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The topic.
    pub topic: Topic,
    /// The partition, counted from 0.
    pub partition: u32,
    /// The append time by the caller's clock, in milliseconds since 1970 UTC.
    pub timestamp_ms: i64,
    /// The key; compacted topics demand one.
    pub key: Option<Vec<u8>>,
    /// The headers, in order.
    pub headers: Vec<Header>,
    /// The value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
}

impl Append {
    /// Gives about how many bytes the record takes: key, value and headers.
    #[must_use]
    pub fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
        self.key.as_ref().map_or(0, Vec::len) + self.value.as_ref().map_or(0, Vec::len) + headers
    }
}

/// How much one read may return: it stops at whichever bound comes first, but never before the first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimit {
    /// The most records.
    pub records: usize,
    /// The most bytes of keys, values and headers; a single larger record is still returned, alone.
    pub bytes: usize,
}

impl Default for ReadLimit {
    /// 1,000 records or 4 MiB.
    fn default() -> Self {
        Self { records: 1_000, bytes: 4 << 20 }
    }
}

/// Consecutive records of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The partition they were read from.
    pub at: TopicPartition,
    /// The records, offsets growing; may be empty.
    pub records: Vec<Record>,
    /// The position behind the batch: where to read next, and what to commit once the batch is handled. It may lie
    /// beyond the last record's successor where offsets are missing.
    pub next: u64,
    /// The partition's end when it was read: `next == end` means caught up.
    pub end: u64,
}

impl Batch {
    /// Gives the position behind the batch.
    #[must_use]
    pub fn next_place(&self) -> Place {
        self.at.at(self.next)
    }
}

/// The readable range of one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// The first offset that may be read.
    pub start: u64,
    /// The offset that the next append gets, or a smaller one nothing lies behind: the position of a caught-up reader.
    pub end: u64,
}
