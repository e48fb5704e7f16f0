//! Values of a facet as people see them: leaves of themes under their theme, by its id or its name, or hidden.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::SearchError;
use crate::facets::facet_field;
use crate::pattern::Pattern;
use crate::query::{Fold, MAX_FOLDED, Query};

/// The folds of a query by the field as the index spells it; of several for one field the first.
pub(crate) struct Folds<'q>(BTreeMap<String, Folded<'q>>);

/// A fold, read from the group to its values.
struct Folded<'q> {
    fold: &'q Fold,
    /// By group.
    leaves: HashMap<&'q str, Vec<&'q str>>,
    /// The groups of a name, in lower case.
    named: HashMap<String, Vec<&'q str>>,
}

impl<'q> Folds<'q> {
    /// Checks the folds of a query.
    pub(crate) fn of(query: &'q Query) -> Result<Self, SearchError> {
        let given = query.folds.iter().map(|fold| fold.groups.len() + fold.names.len()).sum();
        if given > MAX_FOLDED {
            return Err(SearchError::OverLimit { what: "folded values", given, limit: MAX_FOLDED });
        }
        let mut by_field = BTreeMap::new();
        for fold in &query.folds {
            by_field.entry(facet_field(&fold.field)?).or_insert_with(|| Folded::of(fold));
        }
        Ok(Self(by_field))
    }

    /// Gives the fold of a field.
    pub(crate) fn get(&self, field: &str) -> Option<&'q Fold> {
        self.0.get(field).map(|folded| folded.fold)
    }

    /// Gives the values of the index that some values of a field stand for.
    pub(crate) fn leaves<'v>(
        &'v self,
        field: &str,
        values: impl Iterator<Item = &'v str>,
    ) -> BTreeSet<&'v str> {
        match self.0.get(field) {
            Some(folded) => folded.leaves(values),
            None => values.collect(),
        }
    }

    /// Gives the groups of a field whose name fits a pattern.
    pub(crate) fn fitting(&self, field: &str, pattern: &Pattern) -> Vec<String> {
        let lower = Pattern::of_value(&pattern.written().to_lowercase());
        let (Some(folded), Some(lower)) = (self.0.get(field), lower) else { return Vec::new() };
        let groups = folded.named.iter().filter(|(name, _)| lower.fits(name)).flat_map(|(_, groups)| groups);
        groups.map(|group| (*group).to_owned()).collect()
    }
}

impl<'q> Folded<'q> {
    fn of(fold: &'q Fold) -> Self {
        let mut leaves: HashMap<&str, Vec<&str>> = HashMap::new();
        for (leaf, group) in &fold.groups {
            if let Some(group) = group {
                leaves.entry(group).or_default().push(leaf);
            }
        }
        let mut named: HashMap<String, Vec<&str>> = HashMap::new();
        for (group, name) in &fold.names {
            leaves.entry(group).or_default();
            named.entry(plain(name)).or_default().push(group);
        }
        for (group, leaves) in &mut leaves {
            if !fold.groups.contains_key(*group) {
                leaves.push(group);
            }
        }
        Self { fold, leaves, named }
    }

    fn leaves<'v>(&'v self, values: impl Iterator<Item = &'v str>) -> BTreeSet<&'v str> {
        let (mut found, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for value in values {
            let known = value.trim();
            if self.leaves.contains_key(known) {
                groups.insert(known);
            } else if let Some(group) = self.fold.groups.get(known) {
                // Whoever knows the id of a hidden leaf still finds it.
                _ = group.as_deref().map_or_else(|| found.insert(known), |group| groups.insert(group));
            } else if let Some(named) = self.named.get(&plain(known)) {
                groups.extend(named);
            } else {
                found.insert(value);
            }
        }
        found.extend(groups.iter().filter_map(|group| self.leaves.get(*group)).flatten());
        found
    }
}

/// Gives a name in lower case, with single spaces.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
