//! A search as it is asked over HTTP, and a page of an export.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use groundswell_model::SavedSearch;

/// A page of an export.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportPage {
    /// Hits, in the shape of a search's, newest first.
    pub hits: Vec<serde_json::Value>,
    /// Where the next page begins; absent on the last.
    pub next: Option<String>,
    /// Distinct people of all hits.
    pub people: u64,
    /// All hits.
    pub feedback: u64,
    /// What of the query's text was not understood.
    pub ignored: Vec<String>,
    /// What was left out because a group of employees, or its remainder, is too small to show.
    pub withheld: Vec<String>,
}

/// A saved search with what it finds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedRow {
    /// What is asked for.
    pub search: SavedSearch,
    /// Who saved it last.
    pub actor: String,
    /// Distinct people in all.
    pub people: u64,
    /// Feedback in all.
    pub feedback: u64,
    /// People by week: the Monday and how many; the last 26 weeks up to the last one with anybody.
    pub weeks: Vec<(String, u64)>,
    /// Distinct people of the last seven days, today included.
    pub last_seven_days: u64,
    /// Whether they are as many as the alert asks for.
    pub alerts: bool,
    /// Why it cannot be asked any more, such as a field that there is no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// A search as it is asked over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct SearchRequest {
    /// Words, "phrases", -minus, OR, field:value.
    #[serde(default)]
    pub q: String,
    /// Filters as `field:value`, separated by commas; the same field twice means either.
    #[serde(default)]
    pub filter: String,
    /// First day.
    pub since: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// Most hits.
    pub limit: Option<usize>,
    /// Fields to count, separated by commas.
    #[serde(default)]
    pub facets: String,
    /// `relevance`, `time` or `severity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Count by time: `day`, `week` or `month`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Only what shares telling words with this feedback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub like: Option<String>,
    /// Every copy of a text; else one stands for all with their number.
    #[serde(default)]
    pub copies: bool,
    /// Language of the words, a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Where the page before ended: its `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}
