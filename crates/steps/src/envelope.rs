//! What stands around the payloads: names of topics and headers. One place, so that a producer, a loop and a test mean
//! the same.

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
            raw: name("raw"),
            feedback: name("feedback"),
            mapped: name("mapped"),
            dead_letters: name("dead-letters"),
            ledger: name("ledger"),
            actions: name("actions"),
        }
    }
}

/// Header of a raw record: the pipeline that reads it.
pub const PIPELINE: &str = "pipeline";
/// Header of a raw record: column names of a table as a JSON array.
pub const COLUMNS: &str = "columns";
/// Header of a raw record: row number in the file, the first after the header is 1.
pub const ROW: &str = "row";
/// Header of a raw record: how many identical rows came before it in the same file.
pub const OCCURRENCE: &str = "occurrence";
/// Header of a raw record: processing generation of its parts.
pub const GENERATION: &str = "generation";
/// Header of a raw record: the import that appended it.
pub const IMPORT: &str = "import";
/// Header of a raw record: the code and message of a row that the splitting of a file refused, such as one over the limit.
pub const REFUSED: &str = "refused";
/// Header of a raw record: original append time in milliseconds, kept through replay.
pub const RECEIVED_AT: &str = "received-at";
/// Header of `feedback` and `ledger` records: the schema of the value.
pub const SCHEMA: &str = "schema";
/// Value of [`SCHEMA`] for parts.
pub const PART_V1: &str = "part.v1";
/// Value of [`SCHEMA`] for customers.
pub const CUSTOMER_V1: &str = "customer.v1";

/// Headers that a dead letter adds to those of the raw record.
pub mod dead {
    /// Stable error code.
    pub const CODE: &str = "dead.code";
    /// Where and why, without personal data.
    pub const MESSAGE: &str = "dead.message";
    /// The step that refused it.
    pub const STEP: &str = "dead.step";
    /// Topic of the raw record.
    pub const TOPIC: &str = "dead.topic";
    /// Partition of the raw record.
    pub const PARTITION: &str = "dead.partition";
    /// Offset of the raw record.
    pub const OFFSET: &str = "dead.offset";
    /// Index of the item within the raw record.
    pub const ITEM: &str = "dead.item";
    /// The adapter that read it.
    pub const ADAPTER: &str = "dead.adapter";
    /// Version of the program.
    pub const VERSION: &str = "dead.version";
    /// Every added header begins so.
    pub const PREFIX: &str = "dead.";
}
