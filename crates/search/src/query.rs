//! What can be asked of the index.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use groundswell_model::{FeedbackId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::SearchError;

/// Most characters of a query's text.
pub const MAX_TEXT: usize = 1_000;
/// Most words, phrases and field values of a query's text.
pub const MAX_CLAUSES: usize = 64;
/// Most filters of a query.
pub const MAX_FILTERS: usize = 32;
/// Most values of all filters of a query.
pub const MAX_VALUES: usize = 1_000;
/// Most patterns (`deliver*`) of a query's text.
pub const MAX_PATTERNS: usize = 4;
/// Most ranges of a query's text, and of its filters.
pub const MAX_RANGES: usize = 8;
/// Most hits of one page.
pub const MAX_LIMIT: usize = 1_000;
/// Most facet fields counted at once.
pub const MAX_FACETS: usize = 32;
/// Most values that are folded into groups, and names of groups.
pub const MAX_FOLDED: usize = 10_000;
/// Most ids that a query may be bound to.
pub const MAX_AMONG: usize = 10_000;

/// A query: text, filters that all must hold, and what the answer is to contain.
///
/// The text is lenient. Words are searched by their stems in every language of the index; of *n* words that say something
/// at least ⌈2n/3⌉ must occur (so one or two words all must), and those with more, with the words as written and with the
/// words close together rank higher; `the`, `is` and the like need not occur beside others. `"quoted words"` must occur
/// as a phrase by their stems, one `"word"` in quotation marks in that very form, `-word` and `-"a phrase"` must not,
/// `a OR b` needs one of both, `deliver*` and `wom?n` are patterns, `field:value` filters (several values of one facet are
/// alternatives), `score:0..6`, `severity:>=2`, `since:2026-03-01` and `time:2026-03` are ranges that all must hold. What
/// is not understood is searched as words or left out, and the answer says so.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// What to search for; empty for everything.
    pub text: String,
    /// The language of the text, a BCP 47 tag: its words are then searched by the stems of this language only.
    pub language: Option<String>,
    /// Conditions beside the text.
    pub filters: Vec<Filter>,
    /// Nothing before this moment.
    pub since: Option<Timestamp>,
    /// Nothing at or after this moment.
    pub until: Option<Timestamp>,
    /// Only what shares telling words with this feedback, most alike first, without itself.
    pub like: Option<FeedbackId>,
    /// Only these feedback where not empty, each with a likeness that [`Sort::Relevance`] ranks by instead of the words;
    /// at most [`MAX_AMONG`]. The place for what a view of embeddings found.
    pub among: Vec<(FeedbackId, f32)>,
    /// Hits on the page, 0 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Whether feedback with the same text are shown each; otherwise the first of them in the order of the hits, with
    /// their number. Counts are of all, and an export gives every one.
    pub copies: bool,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Fields to count values of: [`crate::FACET_FIELDS`] or `segment.<name>`. A filter on a field that is counted does
    /// not narrow the counts of that field.
    pub facets: Vec<String>,
    /// Values that are counted and found together, at most [`MAX_FOLDED`] values and names in all.
    pub folds: Vec<Fold>,
    /// Whether to count by time.
    pub histogram: bool,
    /// How long the bars of the histogram are.
    pub step: Step,
    /// The order of the hits.
    pub sort: Sort,
}

/// Values of a facet that people see as other ones: leaves of themes under their theme. They are counted together, people
/// once in each group. A value that is filtered by, in [`Query::filters`] or in the text, is a group's id or its name (in
/// any case) and then stands for all values of the group; a value of a group stands for the group; a hidden value is found
/// by its own id only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fold {
    /// The field: one of [`crate::FACET_FIELDS`] or `segment.<name>`.
    pub field: String,
    /// The group of each value; none hides the value. Values that are not named stay as they are.
    pub groups: BTreeMap<String, Option<String>>,
    /// The name of each group that has one, as [`crate::Count::name`] gives it.
    pub names: BTreeMap<String, String>,
}

/// The length of a bar of the histogram, in calendar days of the reporting zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// A day.
    #[default]
    Day,
    /// Seven days from a Monday.
    Week,
    /// A calendar month.
    Month,
}

/// A field that must have one of several values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The field: one of [`crate::FACET_FIELDS`], `segment.<name>`, or one of [`crate::NUMBER_FIELDS`] and
    /// [`crate::TIME_FIELDS`], whose values are ranges.
    pub field: String,
    /// The values, one of which must hold; none stands for no condition.
    pub values: Vec<String>,
}

/// The order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Best first, then newest.
    #[default]
    Relevance,
    /// Newest first.
    Time,
    /// Most severe first, then newest; what has no severity comes last.
    Severity,
}

/// Where a page ends. It stays right while the index does not change, and nearly so when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Bits of the last hit's score.
    pub(crate) score: u32,
    /// Its time.
    pub(crate) time: i64,
    /// Its key.
    pub(crate) key: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}.{:016x}.{:016x}", self.score, self.time, self.key)
    }
}

impl FromStr for Cursor {
    type Err = SearchError;

    fn from_str(text: &str) -> Result<Self, SearchError> {
        let mut fields = text.split('.').map(|digits| match digits.len() {
            8 | 16 if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                u64::from_str_radix(digits, 16).ok()
            }
            _ => None,
        });
        let mut next = || fields.next().flatten().ok_or(SearchError::Cursor);
        let score = u32::try_from(next()?).map_err(|_| SearchError::Cursor)?;
        let cursor = Self { score, time: next()?.cast_signed(), key: next()? };
        if fields.next().is_some() || !f32::from_bits(score).is_finite() {
            return Err(SearchError::Cursor);
        }
        Ok(cursor)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let cursor = Cursor { score: 1.5f32.to_bits(), time: -5, key: u64::MAX };
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        let long = format!("{cursor}.00000000");
        for bad in ["", "x", "..", "7fc00000.0000000000000000.0000000000000000", "+0000000.0.0", &long] {
            assert_eq!(bad.parse::<Cursor>().unwrap_err().code(), "search.cursor", "{bad}");
        }
    }
}
