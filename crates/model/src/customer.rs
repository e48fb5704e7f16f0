//! `customer.v1`: what the company knows of a respondent. Travels like feedback and is joined in state.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::feedback::Clock;
use crate::id::RespondentKey;
use crate::part::{ProcessingVersion, Revision};
use crate::time::Timestamp;

/// One customer record, as ingest writes it to the `feedback` topic. All values that identify are hashed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Keyed hash of the strongest identity.
    pub key: RespondentKey,
    /// Further identities of the same person, hashed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<RespondentKey>,
    /// The account, hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<RespondentKey>,
    /// Purchase, first use, goal, end of term.
    #[serde(default, skip_serializing_if = "Clock::is_empty")]
    pub clock: Clock,
    /// When the customer left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What the customer is worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Segments, such as `plan: premium`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, String>,
    /// When the source changed the record: of two records of one key the greater revision wins.
    pub revision: Revision,
    /// True when the source deleted the record.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// What processed it.
    pub processing: ProcessingVersion,
    /// The pipeline that it came through.
    pub pipeline: String,
}

impl Customer {
    /// The order by which of two records of one key the greater wins.
    pub fn order(&self) -> (Revision, bool, ProcessingVersion) {
        (self.revision, self.deleted, self.processing)
    }

    /// Says whether this record takes the place of another of its key. Of two that differ in equal order, such as two
    /// rows of one file, the one whose canonical JSON sorts first holds, whichever comes first.
    pub fn outranks(&self, other: &Self) -> bool {
        let canonical = |record: &Self| serde_json::to_vec(record).unwrap_or_default();
        match self.order().cmp(&other.order()) {
            std::cmp::Ordering::Equal => self != other && canonical(self) < canonical(other),
            order => order.is_gt(),
        }
    }
}

/// A customer's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// Expected revenue as a decimal string.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
    /// The years that the amount covers.
    pub years: f64,
}
