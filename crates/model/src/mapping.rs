//! `mapped.v1`: a feedback with the analyser's verdict on it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::action::Version;
use crate::codes::{GapType, Origin, Phase, StageCode, TouchpointCode};
use crate::feedback::Feedback;

/// The analyser's verdict on a feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The stage where the expectation broke, or `unknown`.
    pub stage: StageCode,
    /// Probability of the likeliest stage, 0 to 1.
    pub probability: f32,
    /// The stage where it was said, where that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voiced_at: Option<StageCode>,
    /// Why, strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Reason>,
    /// Through what the company was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touchpoint: Option<TouchpointCode>,
    /// One of Coleman's phases, from the customer's own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Whole days since the purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenure_days: Option<i32>,
    /// Unmet expectations, one per gap type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// The theme, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// The systemic issue it supports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// Who corrected the mapping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<String>,
    /// What made the mapping: `journey` (name and version of the map) and the like.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub versions: BTreeMap<String, String>,
}

/// A piece of evidence for a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// What was seen: `context order_status=lost`, `phrase "out for delivery"`.
    pub evidence: String,
    /// The stage it speaks for.
    pub stage: StageCode,
    /// Log-likelihood ratio.
    pub weight: f32,
}

/// An unmet expectation of a mapped feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The gap type.
    #[serde(rename = "type")]
    pub gap: GapType,
    /// Cause 1 to 5 after the five gaps of service quality, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<u8>,
    /// Who or what set the expectation.
    pub origin: Origin,
    /// The registered promise that it breaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<String>,
}

/// What the analyser publishes: the union, the verdict, and a version that orders publications of one feedback.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    /// The feedback without its embedding. A deleted one keeps its id and source only.
    pub feedback: Feedback,
    /// The verdict; absent for a deleted feedback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Mapping>,
    /// Epoch of the analyser and sequence within it.
    pub version: Version,
}
