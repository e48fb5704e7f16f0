//! What stands around the payloads: names of an installation's topics, and of headers, as the model lists them.

use groundswell_model::topics;

pub use groundswell_model::topics::header::*;

/// Topics of one installation, under a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// Raw records of push and import.
    pub raw: String,
    /// Parts and customers.
    pub feedback: String,
    /// Feedback with their mapping.
    pub mapped: String,
    /// Items that could not be used.
    pub dead_letters: String,
    /// One record per ingest transaction.
    pub ledger: String,
    /// Decisions in their order.
    pub actions: String,
}

impl Topics {
    /// Names the topics under a prefix such as `groundswell.`.
    pub fn under(prefix: &str) -> Self {
        let name = |topic: &str| format!("{prefix}{topic}");
        Self {
            raw: name(topics::RAW),
            feedback: name(topics::FEEDBACK),
            mapped: name(topics::MAPPED),
            dead_letters: name(topics::DEAD_LETTERS),
            ledger: name(topics::LEDGER),
            actions: name(topics::ACTIONS),
        }
    }
}

/// Value of the schema header for parts.
pub const PART_V1: &str = "part.v1";
/// Value of the schema header for customers.
pub const CUSTOMER_V1: &str = "customer.v1";

/// Headers that a dead letter adds to those of the raw record; replay takes them off again.
pub const DEAD: &[&str] = &[CODE, MESSAGE, STEP, ORIGIN, ITEM, ADAPTER, VERSION];
