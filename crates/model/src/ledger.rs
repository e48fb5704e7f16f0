//! `ledger.v1`: one record per ingest transaction, so that every item of every raw record can be accounted for; and one
//! per transaction that annotates stored parts anew.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name under which parts that were annotated anew are counted, in the ledger and in the state. No pipeline can have
/// it: their names have no dash.
pub const RE_ANNOTATION: &str = "re-annotation";

/// What one ingest transaction did with a contiguous range of raw records; or, with `processing`, what one transaction of
/// `groundswell reannotate` did with a range of `feedback`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// The topic that was read.
    pub topic: String,
    /// The partition that was read.
    pub partition: u32,
    /// First offset of the range.
    pub from: u64,
    /// The position after the range.
    pub to: u64,
    /// The processing version that stored parts were brought to; absent for what came from raw records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing: Option<u32>,
    /// Counts by pipeline.
    pub pipelines: BTreeMap<String, Counts>,
    /// Counts by import, for rows that an import appended.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub imports: BTreeMap<String, Counts>,
}

/// Counts of items. Invariant: `items = parts + dead_letters + tombstones + skipped`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Counts {
    /// Items found in raw records.
    pub items: u64,
    /// Parts and customer records appended.
    pub parts: u64,
    /// Items that could not be used, by error code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub dead_letters: BTreeMap<String, u64>,
    /// Deletions appended.
    pub tombstones: u64,
    /// Items that are not feedback, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub skipped: BTreeMap<String, u64>,
}

impl Counts {
    /// Number of dead letters over all codes.
    pub fn dead(&self) -> u64 {
        self.dead_letters.values().sum()
    }

    /// Number of skips over all reasons.
    pub fn skips(&self) -> u64 {
        self.skipped.values().sum()
    }

    /// Says whether every item is accounted for.
    pub fn holds(&self) -> bool {
        self.items == self.parts + self.dead() + self.tombstones + self.skips()
    }

    /// Adds another count to this one.
    pub fn add(&mut self, other: &Self) {
        self.items += other.items;
        self.parts += other.parts;
        self.tombstones += other.tombstones;
        for (code, count) in &other.dead_letters {
            *self.dead_letters.entry(code.clone()).or_default() += count;
        }
        for (reason, count) in &other.skipped {
            *self.skipped.entry(reason.clone()).or_default() += count;
        }
    }
}
