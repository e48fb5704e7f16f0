//! What can be asked of the index.

use std::fmt;
use std::str::FromStr;

use groundswell_model::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::SearchError;

/// Most characters of a query's text.
pub const MAX_TEXT: usize = 1_000;
/// Most words, phrases and filter values of a query.
pub const MAX_CLAUSES: usize = 64;
/// Most hits of one page.
pub const MAX_LIMIT: usize = 1_000;
/// Most facet fields counted at once.
pub const MAX_FACETS: usize = 32;

/// A query: text, filters that all must hold, and what the answer is to contain.
///
/// The text is lenient. Words are searched by their stems in every language of the index; of *n* words at least
/// ⌈2n/3⌉ must occur (so one or two words all must), and those with more rank higher. `"quoted words"` must occur as a
/// phrase, `-word` and `-"a phrase"` must not, `a OR b` needs one of both, `field:value` filters (several values of one
/// field are alternatives). What is not understood is searched as words or left out, and the answer says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// What to search for; empty for everything.
    pub text: String,
    /// Conditions beside the text.
    pub filters: Vec<Filter>,
    /// Nothing before this moment.
    pub since: Option<Timestamp>,
    /// Nothing at or after this moment.
    pub until: Option<Timestamp>,
    /// Hits on the page, 0 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Fields to count values of: [`crate::FACET_FIELDS`] or `segment.<name>`.
    pub facets: Vec<String>,
    /// Whether to count by day.
    pub histogram: bool,
    /// The order of the hits.
    pub sort: Sort,
}

/// A field that must have one of several values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The field: one of [`crate::FACET_FIELDS`] or `segment.<name>`.
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
