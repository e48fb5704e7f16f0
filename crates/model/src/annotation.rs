//! What one statement says: sentiment and expectations. Made once, in ingest, independent of any journey map.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::{GapType, Origin, Outcome, SentimentLabel, UnmetKind};
use crate::id::Fingerprint;

/// The annotation of one statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annotation {
    /// Tone and strength.
    pub sentiment: Sentiment,
    /// Whether an expectation was not met.
    pub unmet: Unmet,
    /// Each expectation found, in order of the text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// Static sentence embedding, int8 in base64, where a model makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embedding: Option<String>,
    /// Near-duplicate signature of the redacted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_duplicate: Option<Fingerprint>,
}

/// Tone of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sentiment {
    /// Negative, neutral or positive.
    pub label: SentimentLabel,
    /// Strength, -1 (worst) to 1 (best), rounded to three places.
    pub score: f32,
}

/// Whether a statement holds an unmet expectation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unmet {
    /// 0 to 1, rounded to three places.
    pub probability: f32,
    /// How it was said.
    pub kind: UnmetKind,
}

/// One expectation and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// Unmet, met or exceeded.
    pub outcome: Outcome,
    /// What was expected, an exact substring of the statement; absent when only the norm says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What happened, an exact substring of the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<String>,
    /// The gap type; absent for met and exceeded expectations without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<GapType>,
    /// Who or what set the expectation.
    pub origin: Origin,
    /// How large the gap is, where both sides hold a number of one dimension, or as a level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
}

/// The size of a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Actual divided by expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Actual minus expected, in `unit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<f64>,
    /// `hours`, `pieces`, or an ISO 4217 code; `money` where the currency is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Severity 1 to 4 where there are no numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
}
