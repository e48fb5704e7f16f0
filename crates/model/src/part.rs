//! `part.v1`: what ingest writes. One part of a feedback, its rank, and the key it is stored under.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ModelError;
use crate::codes::Delivery;
use crate::feedback::Content;
use crate::id::FeedbackId;
use crate::time::Timestamp;

/// The default part name.
pub const MAIN: &str = "main";

/// One part of a feedback, as ingest writes it to the `feedback` topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The feedback it belongs to.
    pub id: FeedbackId,
    /// Name of the part; `main` by default.
    pub part: String,
    /// Whether this is all there is.
    pub delivery: Delivery,
    /// When the source changed it.
    pub revision: Revision,
    /// True for a deletion marker.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleted: bool,
    /// What processed it.
    pub processing: ProcessingVersion,
    /// The pipeline that it came through.
    pub pipeline: String,
    /// The fields.
    pub content: Content,
    /// When the raw record was first appended; kept through replay, and no part of the rank.
    #[serde(skip_serializing)]
    pub received_at: Timestamp,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// When the source changed a record: the first key of a rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revision {
    /// The source's revision (milliseconds since 1970 or a sequence), else the raw record's original append time.
    pub number: i64,
    /// Whether the source gave it. One that is only the append time never undoes a deletion.
    pub by_source: bool,
}

/// What processed a part: the third key of a rank.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct ProcessingVersion {
    /// Version of normalising, redaction and annotation; `reannotate` raises it.
    pub code: u32,
    /// Version of the pipeline, or for an import the milliseconds at which it began: a corrected pipeline supersedes.
    pub generation: u64,
}

/// The rank of a part: of two parts of one name the greater wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// Source's revision.
    pub revision: Revision,
    /// A deletion outranks what it deletes.
    pub deleted: bool,
    /// What processed it.
    pub processing: ProcessingVersion,
    /// First 128 bits of BLAKE3 over the canonical redacted bytes, without the time of receipt.
    pub hash: [u8; 16],
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}.{}.{}.{}.{:032x}",
            if self.revision.by_source { 's' } else { 'a' },
            self.revision.number,
            u8::from(self.deleted),
            self.processing.code,
            self.processing.generation,
            u128::from_be_bytes(self.hash)
        )
    }
}

/// A part as it is stored: its key, its rank and its canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedPart {
    /// `id/part/rank`.
    pub key: String,
    /// Rank, with the hash of the bytes.
    pub rank: Rank,
    /// Canonical JSON.
    pub bytes: Vec<u8>,
}

impl Part {
    /// Writes the part as canonical JSON: fields in schema order, maps sorted, empty fields left out, no white space.
    /// The time of receipt stands last and is left out of the rank's hash, so that a redelivery is an exact repeat.
    ///
    /// # Errors
    /// [`ModelError::Json`] when the part cannot be written.
    pub fn encode(&self) -> Result<EncodedPart, ModelError> {
        let mut bytes = serde_json::to_vec(self).map_err(|error| malformed(&error))?;
        let rank = self.rank_of(blake3::hash(&bytes));
        bytes.pop();
        bytes.extend_from_slice(RECEIVED_AT);
        bytes.extend_from_slice(self.received_at.to_string().as_bytes());
        bytes.extend_from_slice(b"\"}");
        let key = format!("{}/{}/{}", self.id, self.part, rank);
        Ok(EncodedPart { key, rank, bytes })
    }

    /// Reads a part from the bytes that [`Part::encode`] wrote, and gives its rank.
    ///
    /// # Errors
    /// [`ModelError::Json`] when the bytes are not a canonical `part.v1`.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Rank), ModelError> {
        let part: Self = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
        let end = bytes.windows(RECEIVED_AT.len()).rposition(|at| at == RECEIVED_AT);
        let canonical = end.and_then(|end| bytes.get(..end)).ok_or_else(|| ModelError::Json {
            what: "part.v1",
            reason: "received_at does not stand last".to_owned(),
        })?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(canonical).update(b"}");
        let rank = part.rank_of(hasher.finalize());
        Ok((part, rank))
    }

    fn rank_of(&self, hash: blake3::Hash) -> Rank {
        let mut short = [0; 16];
        short.copy_from_slice(hash.as_bytes().split_at(16).0);
        Rank { revision: self.revision, deleted: self.deleted, processing: self.processing, hash: short }
    }
}

const RECEIVED_AT: &[u8] = b",\"received_at\":\"";

fn malformed(error: &serde_json::Error) -> ModelError {
    ModelError::Json { what: "part.v1", reason: format!("line {} column {}", error.line(), error.column()) }
}
