//! What people decide about feedback and promises, and what is shown of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use groundswell_model::{Correction, Decision, Feedback, FeedbackId, Mapping};
use groundswell_steps::decided::Agreement;
use groundswell_steps::issues::{AssumptionRow, ExposureRow};
use groundswell_steps::report::{AlignmentRow, PromiseRow};

use crate::queries::SearchRequest;

/// What a person decides: about an issue, what prices rest on, promises, feedback or themes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    /// Who decides.
    pub actor: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What: one of the decisions of `action.v1` that people take.
    pub decision: Decision,
}

/// What the price of issues rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssumptionList {
    /// The preset from which values come that nobody changed.
    pub preset: String,
    /// What has to be said beside its figures.
    pub warning: Option<String>,
    /// The values.
    pub assumptions: Vec<AssumptionRow>,
}

/// What judging history anew would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rejudged {
    /// Changes that stand as they were recorded.
    pub same: u64,
    /// What would be found and was not: issue, day and state.
    pub found: Vec<String>,
    /// What was found and would not be.
    pub gone: Vec<String>,
}

/// A correction to be made: of feedback that are named, or of all hits of a query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRequest {
    /// Who decides.
    pub actor: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Feedback by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<FeedbackId>,
    /// All hits of a search; its limit and facets are ignored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<SearchRequest>,
    /// What holds from now on.
    pub correction: Correction,
    /// Only say how many feedback it would bear on.
    #[serde(default)]
    pub dry_run: bool,
}

/// A decision that was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recorded {
    /// Its number, by which it can be undone; absent where it was only tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Feedback that it bears on.
    pub feedback: u64,
    /// Whether it is seen already in counts and search; else it will be in a moment.
    pub seen: bool,
    /// Themes that it made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub themes: Vec<String>,
}

/// Promises, exposure, and how both stand beside what customers expected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PromiseList {
    /// Registered promises.
    pub promises: Vec<PromiseRow>,
    /// Expectation, promise and inside view by cell, most broken promises first.
    pub alignment: Vec<AlignmentRow>,
    /// What the company reported of who could have spoken.
    pub exposure: Vec<ExposureRow>,
}

/// A random sample to be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewSample {
    /// Feedback not judged yet, in random order.
    pub sample: Vec<ReviewItem>,
    /// How often reviewers agreed so far.
    pub agreement: Option<Agreement>,
}

/// One feedback to be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewItem {
    /// Its id.
    pub id: FeedbackId,
    /// What sort of voice it is.
    pub kind: String,
    /// The day it counts for.
    pub day: String,
    /// What was said, redacted; one text for each statement.
    pub texts: Vec<String>,
    /// How it was mapped.
    pub mapping: Mapping,
}

/// One feedback with what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedbackDetail {
    /// The feedback, redacted, without its embeddings.
    pub feedback: Feedback,
    /// Where it belongs, and why.
    pub mapping: Mapping,
    /// Numbers of the corrections that hold for it, in their order.
    pub corrections: Vec<u64>,
}
