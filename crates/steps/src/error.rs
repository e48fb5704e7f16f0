//! Why an item could not be used: what a dead letter says.

use thiserror::Error;

/// An item that cannot be used. It goes to the dead letters with its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Refusal {
    /// Stable code, such as `adapt.missing_field`.
    pub code: &'static str,
    /// Where and why, without quoting what the record says.
    pub message: String,
}

impl Refusal {
    /// Every code that this crate gives itself; adapters have their own.
    pub const CODES: &'static [&'static str] = &[
        "ingest.no_identity",
        "ingest.out_of_scale",
        "ingest.unencodable",
        "ingest.unknown_pipeline",
        "ingest.no_pipeline",
        "ingest.null_value",
        "ingest.bad_header",
    ];

    /// Makes a refusal.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
