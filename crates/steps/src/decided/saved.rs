//! Saved searches: the last one of each name that was not forgotten.

use std::collections::BTreeMap;

use groundswell_model::{Action, Decision, SavedSearch, Timestamp};

/// Saved searches by their names, letters of both cases alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedSearches {
    by_name: BTreeMap<String, Saved>,
}

/// One saved search with who saved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// What is asked for.
    pub search: SavedSearch,
    /// Who saved it last.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

impl SavedSearches {
    pub(super) fn take(&mut self, action: &Action) {
        match &action.decision {
            Decision::SearchSaved { search } => {
                let saved = Saved { search: search.clone(), actor: action.actor.clone(), at: action.at };
                self.by_name.insert(key(&search.name), saved);
            }
            Decision::SearchForgotten { name } => drop(self.by_name.remove(&key(name))),
            _ => {}
        }
    }

    /// Gives one by its name.
    pub fn get(&self, name: &str) -> Option<&Saved> {
        self.by_name.get(&key(name))
    }

    /// Gives all, in the order of their names.
    pub fn all(&self) -> impl Iterator<Item = &Saved> {
        self.by_name.values()
    }
}

fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(decision: Decision) -> Action {
        Action { actor: "ada".to_owned(), at: Timestamp::from_millis(0), reason: None, decision }
    }

    #[test]
    fn the_last_of_a_name_holds_until_it_is_forgotten() {
        let mut saved = SavedSearches::default();
        let save = |name: &str, q: &str| {
            let search = SavedSearch { name: name.to_owned(), q: q.to_owned(), ..SavedSearch::default() };
            action(Decision::SearchSaved { search })
        };
        saved.take(&save("Refunds", "refund"));
        saved.take(&save("refunds ", "refund OR return"));
        assert_eq!(saved.all().count(), 1);
        assert_eq!(saved.get("REFUNDS").unwrap().search.q, "refund OR return");
        saved.take(&action(Decision::SearchForgotten { name: "Refunds".to_owned() }));
        assert_eq!(saved, SavedSearches::default());
    }
}
