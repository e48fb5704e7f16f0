//! The topics: what travels on each, under which key and headers, and how long it is kept. The AsyncAPI document is
//! generated from this table.

/// The default prefix of every topic.
pub const DEFAULT_PREFIX: &str = "groundswell.";

/// Raw records of push and import.
pub const RAW: &str = "raw";
/// Parts and customer records.
pub const FEEDBACK: &str = "feedback";
/// Feedback with the analyser's verdict.
pub const MAPPED: &str = "mapped";
/// What could not be used.
pub const DEAD_LETTERS: &str = "dead-letters";
/// What became of every raw record.
pub const LEDGER: &str = "ledger";
/// Decisions, in order.
pub const ACTIONS: &str = "actions";

/// Header names, on raw records and on dead letters.
pub mod header {
    /// The pipeline that a record is read with.
    pub const PIPELINE: &str = "groundswell-pipeline";
    /// Original append time; written where a record is appended again.
    pub const RECEIVED_AT: &str = "groundswell-received-at";
    /// Column names of a table, as a JSON array.
    pub const COLUMNS: &str = "groundswell-columns";
    /// Number of the (first) row in its file.
    pub const ROW: &str = "groundswell-row";
    /// How many identical rows came before it in the same file.
    pub const OCCURRENCE: &str = "groundswell-occurrence";
    /// Processing generation of the parts that a record gives.
    pub const GENERATION: &str = "groundswell-generation";
    /// The import that appended a record.
    pub const IMPORT: &str = "groundswell-import";
    /// Code and message of a row that the splitting of its file refused, such as one over the limit.
    pub const REFUSED: &str = "groundswell-refused";
    /// The schema of a record's value, such as `part.v1`.
    pub const SCHEMA: &str = "groundswell-schema";
    /// The processing version that a stored part had before it was annotated anew.
    pub const REANNOTATED: &str = "groundswell-reannotated";
    /// Stable code of the fault.
    pub const CODE: &str = "groundswell-code";
    /// The fault in words, without personal data.
    pub const MESSAGE: &str = "groundswell-message";
    /// The step that refused.
    pub const STEP: &str = "groundswell-step";
    /// Where the raw record lies: topic, partition and offset.
    pub const ORIGIN: &str = "groundswell-origin";
    /// Index of the item within the raw record.
    pub const ITEM: &str = "groundswell-item";
    /// The adapter that read it.
    pub const ADAPTER: &str = "groundswell-adapter";
    /// Version of the program.
    pub const VERSION: &str = "groundswell-version";
}

/// A header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderSpec {
    /// Its name.
    pub name: &'static str,
    /// What its value says.
    pub says: &'static str,
    /// Whether every record has it.
    pub required: bool,
}

/// One topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its name, without the prefix.
    pub name: &'static str,
    /// What travels on it.
    pub says: &'static str,
    /// What the key is.
    pub key: &'static str,
    /// How long records are kept.
    pub kept: &'static str,
    /// Whether only the last record of a key is kept.
    pub compacted: bool,
    /// Records by their schema's name; none where the bytes are the source's own.
    pub records: &'static [&'static str],
    /// Headers.
    pub headers: &'static [HeaderSpec],
}

const RAW_HEADERS: &[HeaderSpec] = &[
    HeaderSpec { name: header::PIPELINE, says: "the pipeline that reads the record", required: true },
    HeaderSpec {
        name: header::RECEIVED_AT,
        says: "original append time (RFC 3339) of a record that is appended again; else the log's own time holds",
        required: false,
    },
    HeaderSpec {
        name: header::COLUMNS,
        says: "column names as a JSON array, for rows of a table",
        required: false,
    },
    HeaderSpec { name: header::ROW, says: "number of the first row in its file", required: false },
    HeaderSpec {
        name: header::OCCURRENCE,
        says: "how many identical rows came before it in the same file",
        required: false,
    },
    HeaderSpec {
        name: header::GENERATION,
        says: "processing generation of its parts; the pipeline's version if absent",
        required: false,
    },
    HeaderSpec { name: header::IMPORT, says: "the import that appended the record", required: false },
    HeaderSpec {
        name: header::REFUSED,
        says: "code and message of a row that the splitting of its file refused",
        required: false,
    },
];

const SCHEMA_HEADER: &[HeaderSpec] = &[HeaderSpec {
    name: header::SCHEMA,
    says: "schema of the value; a tombstone has none",
    required: false,
}];

const MAPPED_HEADERS: &[HeaderSpec] = &[
    HeaderSpec { name: header::SCHEMA, says: "schema of the value; a tombstone has none", required: false },
    HeaderSpec {
        name: header::RECEIVED_AT,
        says: "append time (RFC 3339) of the newest raw record behind it, where one is new; the time to searchable is measured from it",
        required: false,
    },
];

const FEEDBACK_HEADERS: &[HeaderSpec] = &[
    HeaderSpec { name: header::SCHEMA, says: "schema of the value; a tombstone has none", required: false },
    HeaderSpec {
        name: header::REANNOTATED,
        says: "processing version that the part had before it was annotated anew; others have none",
        required: false,
    },
];

const DEAD_LETTER_HEADERS: &[HeaderSpec] = &[
    HeaderSpec { name: header::CODE, says: "stable code of the fault, see docs/errors.md", required: true },
    HeaderSpec { name: header::MESSAGE, says: "the fault in words, without personal data", required: true },
    HeaderSpec { name: header::STEP, says: "the step that refused", required: true },
    HeaderSpec {
        name: header::ORIGIN,
        says: "topic, partition and offset of the raw record",
        required: true,
    },
    HeaderSpec { name: header::PIPELINE, says: "the pipeline that read the record", required: true },
    HeaderSpec {
        name: header::RECEIVED_AT,
        says: "original append time (RFC 3339) of the raw record",
        required: true,
    },
    HeaderSpec { name: header::ITEM, says: "index of the item within the raw record", required: true },
    HeaderSpec { name: header::ADAPTER, says: "the adapter that read the record", required: true },
    HeaderSpec { name: header::VERSION, says: "version of the program", required: true },
];

/// Every topic of an installation, in the order in which a record passes through them.
pub const TOPICS: &[TopicSpec] = &[
    TopicSpec {
        name: RAW,
        says: "The bytes that a source sent by push or import; one record holds one or more items.",
        key: "the source's record id, where there is one",
        kept: "7 days",
        compacted: false,
        records: &[],
        headers: RAW_HEADERS,
    },
    TopicSpec {
        name: FEEDBACK,
        says: "Parts of feedback, canonical, redacted and annotated; and customer records.",
        key: "id/part/rank for a part, partitioned by the hash of the id alone; the respondent key for a customer",
        kept: "compacted, with a bound on the compaction lag",
        compacted: true,
        records: &["part.v1", "customer.v1"],
        headers: FEEDBACK_HEADERS,
    },
    TopicSpec {
        name: MAPPED,
        says: "Feedback with the analyser's verdict; of two records of one id the greater version holds.",
        key: "the feedback's id",
        kept: "compacted, with a bound on the compaction lag",
        compacted: true,
        records: &["mapped.v1"],
        headers: MAPPED_HEADERS,
    },
    TopicSpec {
        name: DEAD_LETTERS,
        says: "Items that could not be used, byte for byte with their own key and headers, and the reason in added headers.",
        key: "the source's",
        kept: "7 days",
        compacted: false,
        records: &[],
        headers: DEAD_LETTER_HEADERS,
    },
    TopicSpec {
        name: LEDGER,
        says: "What became of every item of every raw record: one record per ingest transaction.",
        key: "topic-partition of the raw records",
        kept: "by time, summed first",
        compacted: false,
        records: &["ledger.v1"],
        headers: SCHEMA_HEADER,
    },
    TopicSpec {
        name: ACTIONS,
        says: "Decisions in the order in which they hold; one partition.",
        key: "none",
        kept: "for ever",
        compacted: false,
        records: &["action.v1"],
        headers: SCHEMA_HEADER,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_record_has_a_schema() {
        let names: BTreeSet<_> = TOPICS.iter().map(|topic| topic.name).collect();
        assert_eq!(names.len(), TOPICS.len());
        let schemas: BTreeSet<_> = crate::schema::all().into_iter().map(|(name, _)| name).collect();
        for topic in TOPICS {
            assert!(topic.records.iter().all(|record| schemas.contains(record)), "{}", topic.name);
            let headers: BTreeSet<_> = topic.headers.iter().map(|header| header.name).collect();
            assert_eq!(headers.len(), topic.headers.len(), "{}", topic.name);
        }
    }
}
