//! `submission.v1`: what producers send in our own format. Only the record id and one statement or answer are required;
//! a deletion needs the record id alone.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::{Delivery, Kind, Metric, Speaker};
use crate::feedback::{Clock, Handling, Scale, Subject};
use crate::time::Timestamp;

/// One feedback as a producer sends it. Fields that are not listed here are ignored and named in the reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Submission {
    /// The source's own record id: the same record again is the same feedback.
    pub record: String,
    /// The system, such as `shop_app`; by default the pipeline's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Which installation of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// A link to the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The source's revision of the record: milliseconds since 1970 or a sequence. The greater wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<i64>,
    /// Name of the part, where one record comes in several; `main` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// `complete` (the default) or `partial`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// True when the record was deleted at the source.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// `complaint`, `survey`, `employee` or `public`; by default the pipeline's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// How it arrived: email, phone, chat, web, in_app, in_store, social, api and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// When it happened or was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// Who said it. Hashed at the border; the values are also removed from every text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respondent: Option<SubmittedRespondent>,
    /// The respondent's own clock.
    #[serde(default, skip_serializing_if = "Clock::is_empty")]
    pub clock: Clock,
    /// Customer segments.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Subject::is_empty")]
    pub subject: Subject,
    /// Structured evidence: `order_status`, `survey_type`, `ticket_category` and the like.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, String>,
    /// Pieces of free text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<SubmittedStatement>,
    /// Scores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<SubmittedAnswer>,
    /// What the company did with it.
    #[serde(default, skip_serializing_if = "Handling::is_empty")]
    pub handling: Handling,
    /// Extra fields; only those that the pipeline lists are kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
}

/// Who said it, as a producer sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedRespondent {
    /// The company's own customer number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// User id in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Name; only removed from the texts, never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Account or company that the respondent belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// One piece of free text, as a producer sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedStatement {
    /// The question it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Who speaks: `customer` by default, `employee` for employee feedback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// The text.
    pub text: String,
    /// `plain` (the default), `html`, `mail` or `html_mail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat>,
    /// BCP 47 code of the language, where the producer knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextFormat {
    /// Plain text.
    #[default]
    Plain,
    /// HTML.
    Html,
    /// A plain mail body with quoted history and signature.
    Mail,
    /// An HTML mail body.
    HtmlMail,
}

impl From<TextFormat> for groundswell_text::Format {
    fn from(format: TextFormat) -> Self {
        match format {
            TextFormat::Plain => Self::Plain,
            TextFormat::Html => Self::Html,
            TextFormat::Mail => Self::Mail,
            TextFormat::HtmlMail => Self::HtmlMail,
        }
    }
}

/// One score, as a producer sends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubmittedAnswer {
    /// The question asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// What it measures.
    pub metric: Metric,
    /// The scale; 0 to 10 for `nps` and 1 to 5 for `stars` where it is not said, else required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// The value, within the scale.
    pub value: f64,
}

impl SubmittedAnswer {
    /// Gives the scale: the one that was sent, else the metric's own where it has just one.
    pub fn scale(&self) -> Option<Scale> {
        self.scale.or(match self.metric {
            Metric::Nps => Some(Scale { min: 0.0, max: 10.0, high_is_good: true }),
            Metric::Stars => Some(Scale { min: 1.0, max: 5.0, high_is_good: true }),
            Metric::Resolved => Some(Scale { min: 0.0, max: 1.0, high_is_good: true }),
            Metric::HadProblem | Metric::ToldUs => Some(Scale { min: 0.0, max: 1.0, high_is_good: false }),
            Metric::Csat | Metric::Ces | Metric::Effort | Metric::Other => None,
        })
    }
}
