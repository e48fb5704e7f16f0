//! What people say of a mapping: corrections, and judgements of a random sample.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::{GapType, StageCode, TouchpointCode};

/// What a person puts in place of a mapping; what is absent stays as it was mapped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Where the expectation broke; `unknown` is an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<StageCode>,
    /// The one type of gap there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<GapType>,
    /// Through what the company was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touchpoint: Option<TouchpointCode>,
    /// No expectation was unmet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub not_a_complaint: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Correction {
    /// Says what is wrong with it, where something is.
    pub fn fault(&self) -> Option<&'static str> {
        if *self == Self::default() {
            return Some("it corrects nothing: name a stage, a gap, a touchpoint or `not_a_complaint`");
        }
        (self.not_a_complaint && self.gap.is_some()).then_some("what is not a complaint has no gap")
    }
}
