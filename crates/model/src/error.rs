//! What can be wrong with a record, an id or a journey map.

use thiserror::Error;

/// A value that is not what the vocabulary says it must be.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// An id or key has the wrong prefix, length or alphabet.
    #[error("not a valid {what}")]
    Id {
        /// Which id was expected.
        what: &'static str,
    },
    /// A time is not RFC 3339.
    #[error("not an RFC 3339 time")]
    Time,
    /// A zone is not in the zone database.
    #[error("unknown time zone {name:?}")]
    Zone {
        /// The name as given.
        name: String,
    },
    /// A code is not in its vocabulary.
    #[error("unknown {what} {code:?}")]
    Code {
        /// Which vocabulary.
        what: &'static str,
        /// The code as given.
        code: String,
    },
    /// A journey map has faults; all of them are listed with their key path.
    #[error("journey map has {} fault(s): {}", faults.len(), faults.join("; "))]
    Journey {
        /// One line per fault.
        faults: Vec<String>,
    },
    /// JSON that does not fit its schema.
    #[error("malformed {what}: {reason}")]
    Json {
        /// Which record.
        what: &'static str,
        /// Where and why, without quoting values.
        reason: String,
    },
}

impl ModelError {
    /// A stable code for dead letters, the API and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Id { .. } => "model.id",
            Self::Time => "model.time",
            Self::Zone { .. } => "model.zone",
            Self::Code { .. } => "model.code",
            Self::Journey { .. } => "model.journey",
            Self::Json { .. } => "model.json",
        }
    }

    /// Every code that this crate can give, for the documentation test.
    pub const CODES: &'static [&'static str] =
        &["model.id", "model.time", "model.zone", "model.code", "model.journey", "model.json"];
}
