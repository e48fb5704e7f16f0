//! One batch: everything that one step of the analyser changes, with the positions that it has reached.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::Holding;
use groundswell_model::{Customer, FeedbackId};

/// What the state counts for one pipeline. Invariant: `parts = feedback + repeats + erased`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineCounters {
    /// Parts and customer records read, deletions apart.
    pub parts: u64,
    /// Feedback (or customers) seen for the first time.
    pub feedback: u64,
    /// Further parts, updates and redeliveries.
    pub repeats: u64,
    /// Parts that arrived after their person's erasure.
    pub erased: u64,
    /// Deletions read.
    pub tombstones: u64,
}

/// Counters by pipeline.
pub type Counters = BTreeMap<String, PipelineCounters>;

/// What is written with every batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Progress {
    pub positions: BTreeMap<(String, u32), u64>,
    pub pending: Vec<FeedbackId>,
    pub counters: Counters,
    pub dead_keys: Vec<String>,
}

/// Everything that one step of the analyser changes.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Feedback as they now stand.
    pub feedback: Vec<(FeedbackId, Holding)>,
    /// Customers as they now stand.
    pub customers: Vec<Customer>,
    /// Ids whose `mapped` record is still to be published; replaces the list of the batch before.
    pub pending: Vec<FeedbackId>,
    /// Keys in `feedback` whose tombstone is still to be published; replaces the list of the batch before.
    pub dead_keys: Vec<String>,
    /// Positions reached, by topic and partition: the next to read.
    pub positions: BTreeMap<(String, u32), u64>,
    /// Counters after this batch.
    pub counters: Counters,
}
