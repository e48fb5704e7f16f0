//! Saved searches as they are recorded: a query under a name, and from how many people on it raises an alert.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most characters of a saved search's name.
pub const LONGEST_SAVED_NAME: usize = 80;

/// A search that is kept under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedSearch {
    /// Its name: one line of at most 80 characters. Saving another under the same name replaces it.
    pub name: String,
    /// Words, "phrases", -minus, OR, field:value.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// Filters as `field:value`, separated by commas; the same field twice means either.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub filter: String,
    /// Distinct people within seven days from which on it raises an alert; none without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<u64>,
}

impl SavedSearch {
    /// Says what is wrong with it, where something is.
    pub fn fault(&self) -> Option<String> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > LONGEST_SAVED_NAME || name.chars().any(char::is_control)
        {
            return Some(format!("name: one line of 1 to {LONGEST_SAVED_NAME} characters"));
        }
        if self.q.trim().is_empty() && self.filter.trim().is_empty() {
            return Some(
                "q: a search that asks for nothing finds everything: name words or a filter".to_owned(),
            );
        }
        (self.alert == Some(0)).then(|| "alert: at least one person".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_saved_says_why() {
        let good =
            SavedSearch { name: "Refunds".to_owned(), q: "refund".to_owned(), ..SavedSearch::default() };
        assert_eq!(good.fault(), None);
        for (bad, said) in [
            (SavedSearch { name: " ".to_owned(), ..good.clone() }, "name"),
            (SavedSearch { name: "x".repeat(81), ..good.clone() }, "name"),
            (SavedSearch { name: "a\nb".to_owned(), ..good.clone() }, "name"),
            (SavedSearch { q: String::new(), ..good.clone() }, "finds everything"),
            (SavedSearch { alert: Some(0), ..good.clone() }, "at least one"),
        ] {
            assert!(bad.fault().is_some_and(|fault| fault.contains(said)), "{bad:?}");
        }
    }
}
