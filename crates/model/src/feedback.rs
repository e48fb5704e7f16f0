//! `feedback.v1`: one thing somebody told us, canonical, normalised and redacted; a union of its parts.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::annotation::Annotation;
use crate::codes::{Kind, Mark, Metric, Speaker};
use crate::id::{FeedbackId, RespondentKey};
use crate::time::Timestamp;

/// One feedback: the union of the parts that count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feedback {
    /// Stable id.
    pub id: FeedbackId,
    /// Names of the parts that count.
    pub parts: Vec<String>,
    /// True when the source deleted it; nothing else but the id and the source is kept then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleted: bool,
    /// What it says and where it comes from.
    pub content: Content,
    /// When its first raw record was appended.
    pub received_at: Timestamp,
}

/// The fields that a part and the union of parts share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Where it comes from.
    pub source: Source,
    /// What sort of voice it is.
    pub kind: Kind,
    /// How it arrived: email, phone, chat, web, in_app, in_store, social, api and the like.
    pub channel: String,
    /// When it happened or was said.
    pub occurred_at: Timestamp,
    /// Who said it, as keyed hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respondent: Option<Respondent>,
    /// The respondent's own clock.
    #[serde(default, skip_serializing_if = "Clock::is_empty")]
    pub clock: Clock,
    /// Customer segments, such as `plan: premium`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Subject::is_empty")]
    pub subject: Subject,
    /// Structured evidence beside the text: order status, survey type, ticket category and the like.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, String>,
    /// Pieces of free text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    /// Scores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// What the company did with it.
    #[serde(default, skip_serializing_if = "Handling::is_empty")]
    pub handling: Handling,
    /// Bounded extra fields that the pipeline lists.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// How many spans were redacted, by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub redactions: BTreeMap<String, u32>,
    /// What was noticed and kept.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub marks: BTreeSet<Mark>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Where a feedback comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The system, such as `zendesk`.
    pub system: String,
    /// Which installation of it; empty where there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// The source's own record id; absent where it gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// A link to the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Who said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Respondent {
    /// Keyed hash of the strongest identity.
    pub key: RespondentKey,
    /// Keyed hash of the account that the respondent belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<RespondentKey>,
}

/// The customer's own clock: the dates that phases are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Day of the purchase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchased_at: Option<Timestamp>,
    /// First use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
    /// First goal reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_at: Option<Timestamp>,
    /// End of the term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_ends_at: Option<Timestamp>,
}

impl Clock {
    /// Says whether no date is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Fills dates that this clock lacks from another.
    pub fn or(self, other: Self) -> Self {
        Self {
            purchased_at: self.purchased_at.or(other.purchased_at),
            activated_at: self.activated_at.or(other.activated_at),
            goal_at: self.goal_at.or(other.goal_at),
            term_ends_at: self.term_ends_at.or(other.term_ends_at),
        }
    }
}

/// What a feedback is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Product or service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Version or release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Region or country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Shop, team or department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Subject {
    /// Says whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One piece of free text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The question it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Who speaks.
    pub speaker: Speaker,
    /// The normalised, redacted text.
    pub text: String,
    /// BCP 47 code; absent where it could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What it says; absent for an agent's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotation: Option<Annotation>,
}

/// One score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The question asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// What it measures.
    pub metric: Metric,
    /// The scale it was given on.
    pub scale: Scale,
    /// The value, within the scale.
    pub value: f64,
}

/// A scale and its direction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Whether the highest value is the best.
    pub high_is_good: bool,
}

impl Scale {
    /// Says whether the scale makes sense and holds the value.
    pub fn holds(&self, value: f64) -> bool {
        self.min.is_finite()
            && self.max.is_finite()
            && self.min < self.max
            && value >= self.min
            && value <= self.max
    }

    /// Gives the value as a share of the way from worst (0) to best (1).
    pub fn goodness(&self, value: f64) -> f64 {
        let share = (value - self.min) / (self.max - self.min);
        if self.high_is_good { share } else { 1.0 - share }
    }
}

/// What the company did with a feedback.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handling {
    /// The source's status, lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// First human answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_at: Option<Timestamp>,
    /// Closing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Whether the customer says it is solved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by_customer: Option<bool>,
}

impl Handling {
    /// Says whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
