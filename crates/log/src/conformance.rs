//! The conformance suite: each promise of [`crate::Log`] as one function that every implementation's tests run.
//!
//! An implementation gives a [`Harness`] and calls [`crate::conformance_suite!`] in a test file; the promises are then
//! tests of their names. They take only what the contract gives: offsets may have gaps, a rebalance may take seconds.
mod groups;
mod records;
mod transactions;
mod upkeep;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::contract::{Cleanup, Event, Log, Subscription, TopicSpec};
use crate::error::LogError;
use crate::record::{Append, Batch, Place, ReadLimit, Record};
use crate::{Group, Topic, WriterId};

pub use groups::*;
pub use records::*;
pub use transactions::*;
pub use upkeep::*;

/// How long a promise may take to come true.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one call of `next` waits.
const MOMENT: Duration = Duration::from_millis(100);
/// The append time of the suite's records: 2026-01-02 03:04:05 UTC in milliseconds.
const THEN_MS: i64 = 1_767_323_045_000;

/// What a promise answers: an error is a broken one, and so is a panic.
pub type Kept = Result<(), LogError>;

/// Gives the suite a log of one implementation.
pub trait Harness: Send + Sync {
    /// Opens the log; again, with the same content, once everything opened before was dropped.
    ///
    /// # Errors
    /// As the implementation says.
    fn open(&self) -> Result<Arc<dyn Log>, LogError>;

    /// Compacts the open log at this time (milliseconds since 1970 UTC); `false` when that cannot be forced.
    ///
    /// # Errors
    /// As the implementation says.
    fn compact(&self, now_ms: i64) -> Result<bool, LogError>;

    /// Makes a name that no other run has used, where the log outlives a run.
    fn name(&self, base: &str) -> String {
        base.to_owned()
    }
}

/// Makes a test of each promise; takes an expression that makes a harness.
#[macro_export]
macro_rules! conformance_suite {
    ($harness:expr) => {
        $crate::conformance_suite! { $harness;
            appended_records_are_read_back
            order_is_the_order_of_acknowledgement
            keys_headers_and_values_come_back_as_they_were
            a_large_record_comes_back
            reads_stop_at_their_limits
            positions_out_of_range_are_refused
            unknown_places_are_refused
            single_records_are_found
            waiting_ends_with_an_append
            sixteen_threads_append_at_once
            a_topic_keeps_its_partitions
            a_refused_transaction_leaves_nothing
            readers_see_whole_transactions
            a_newer_writer_fences_the_older
            positions_and_records_outlive_the_process
            a_stand_alone_position_needs_an_empty_group
            a_member_starts_where_its_group_stood
            rewinding_gives_the_batch_again
            a_paused_partition_is_silent
            members_share_the_partitions
            a_rebalance_loses_and_doubles_nothing
            compaction_keeps_the_last_of_each_key
            a_tombstone_removes_its_key
        }
    };
    ($harness:expr; $($promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::conformance::$promise(&$harness).unwrap();
            }
        )*
    };
}

/// A log under test with names of its own.
struct Case {
    log: Arc<dyn Log>,
    topic: Topic,
    group: Group,
    writer: WriterId,
}

impl Case {
    fn begin(harness: &dyn Harness, partitions: u32, cleanup: Cleanup) -> Result<Self, LogError> {
        let case = Self {
            log: harness.open()?,
            topic: harness.name("topic").parse()?,
            group: harness.name("group").parse()?,
            writer: harness.name("writer").parse()?,
        };
        case.log.create_topic(&case.topic, &TopicSpec::new(partitions, cleanup))?;
        Ok(case)
    }

    fn append(&self, partition: u32, value: impl Into<Vec<u8>>) -> Append {
        Append {
            topic: self.topic.clone(),
            partition,
            timestamp_ms: THEN_MS,
            key: Some(b"key".to_vec()),
            headers: Vec::new(),
            value: Some(value.into()),
        }
    }

    fn keyed(&self, key: &str, value: Option<&str>) -> Append {
        Append { key: Some(key.into()), value: value.map(Into::into), ..self.append(0, "") }
    }

    fn place(&self, partition: u32, offset: u64) -> Place {
        Place::new(&self.topic, partition, offset)
    }

    /// Reads a whole partition from its start.
    fn all(&self, partition: u32) -> Result<Vec<Record>, LogError> {
        let extents = self.log.extents(&self.topic)?;
        let mut at = self.place(partition, extents.get(partition as usize).map_or(0, |extent| extent.start));
        let mut records = Vec::new();
        loop {
            let batch = self.log.read(&at, ReadLimit::default())?;
            assert!(
                batch.next >= at.offset && batch.next <= batch.end,
                "a batch leads forward, not beyond the end"
            );
            records.extend(batch.records);
            if batch.next == batch.end {
                return Ok(records);
            }
            at.offset = batch.next;
        }
    }

    fn values(&self, partition: u32) -> Result<Vec<String>, LogError> {
        Ok(self.all(partition)?.iter().map(text).collect())
    }
}

fn text(record: &Record) -> String {
    String::from_utf8_lossy(record.value.as_deref().unwrap_or(b"(none)")).into_owned()
}

/// Takes events until a batch comes.
fn next_batch(subscription: &mut dyn Subscription) -> Result<Batch, LogError> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Event::Batch(batch) = subscription.next(ReadLimit::default(), MOMENT)?
            && !batch.records.is_empty()
        {
            return Ok(batch);
        }
    }
    Err(LogError::Unavailable { detail: "no batch came in time".to_owned() })
}
