//! What a search answers.

use std::collections::BTreeMap;

use groundswell_model::{Answer as Score, Day, FeedbackId, Gap, Kind, Phase, Timestamp};
use serde::{Serialize, Serializer};

use crate::query::Cursor;

/// The answer to a query: counts over all that matches, and one page of hits.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    /// Distinct people. A feedback without a respondent counts as its own person.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// The page of hits, best first.
    pub hits: Vec<Hit>,
    /// Counts by facet field, most people first; at most 100 values a field.
    pub facets: BTreeMap<String, Vec<Count>>,
    /// Counts by day, week or month, in order, without those that have none; empty unless asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<DayCount>,
    /// What of the query's text was not understood, and what was done instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// The query's text with mistyped words replaced by words that at least five known people use, where such are near.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// What was left out because a group of employees, or its remainder, is too small to show: `employees` (all their
    /// feedback, from counts and hits), `facets.<field>` or `histogram` (their share of some of its values). It never
    /// says how many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// People and feedback with one value of a facet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The value, or the group that values are folded into.
    pub value: String,
    /// The name that the fold of the query gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
}

/// People and feedback of one calendar day in the reporting zone, or of the week or month that begins with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayCount {
    /// The day, written as a date; of a week its Monday, of a month its first day.
    #[serde(serialize_with = "as_date")]
    pub day: Day,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
}

fn as_date<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Says whether there are none.
fn is_none(copies: &u32) -> bool {
    *copies == 0
}

/// One feedback that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Its id.
    pub id: FeedbackId,
    /// Relevance (BM25 of the stems, more where forms and nearness agree), or the likeness that the query gave; 0 where
    /// nothing but filters was asked for or the hits are in order of time or severity.
    pub score: f32,
    /// How many further feedback that match have the same text: they are not shown, unless [`crate::Query::copies`]
    /// asks for them.
    #[serde(skip_serializing_if = "is_none")]
    pub copies: u32,
    /// What was said, redacted; statements stand apart by an empty line.
    pub text: String,
    /// The words of the query in the text, in order and apart from each other: the first byte and the byte after in the
    /// UTF-8 of `text`, never within a character, and in logical order also where a script runs from right to left.
    /// [`Hit::pieces`] cuts the text there.
    pub highlights: Vec<(usize, usize)>,
    /// What sort of voice.
    pub kind: Kind,
    /// The system it came from.
    pub source: String,
    /// The source's own record id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// A link to the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// How it arrived.
    pub channel: String,
    /// When it happened or was said.
    pub occurred_at: Timestamp,
    /// The stage where the expectation broke, or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Through what the company was met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub touchpoint: Option<String>,
    /// The phase of the first hundred days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// The systemic issue it supports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// Unmet expectations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<Gap>,
    /// Scores given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Score>,
}

impl Hit {
    /// Cuts the text into pieces and says of each whether it is highlighted.
    pub fn pieces(&self) -> Vec<(&str, bool)> {
        let mut pieces = Vec::with_capacity(self.highlights.len() * 2 + 1);
        let mut from = 0;
        for &(start, end) in &self.highlights {
            pieces.push((self.text.get(from..start).unwrap_or(""), false));
            pieces.push((self.text.get(start..end).unwrap_or(""), true));
            from = end;
        }
        pieces.push((self.text.get(from..).unwrap_or(""), false));
        pieces.retain(|(piece, _)| !piece.is_empty());
        pieces
    }
}
