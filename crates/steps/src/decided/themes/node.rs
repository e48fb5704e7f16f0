//! One theme, as it was recorded.

use std::collections::BTreeSet;

use groundswell_model::{Centroid, FeedbackId, ThemeId, Timestamp};

/// Words of a name that nobody gave.
const NAMED_BY: usize = 3;

/// A theme with all that was recorded of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its identity.
    pub id: ThemeId,
    /// When it was recorded first.
    pub at: Timestamp,
    /// The theme that it came off in a split.
    pub under: Option<ThemeId>,
    /// Its middle; none where only named feedback belongs to it.
    pub centroid: Option<Centroid>,
    /// The middle of what stays here since parts came off.
    pub inner: Option<Centroid>,
    /// The theme that it was merged into.
    pub merged: Option<ThemeId>,
    /// The name that a person gave it.
    pub given: Option<String>,
    /// The name that a model proposed.
    pub proposed: Option<String>,
    /// Its most telling words.
    pub words: Vec<String>,
    /// Words of the topic above it.
    pub topic: Vec<String>,
    /// The language of most of its texts.
    pub language: Option<String>,
    /// The feedback nearest to its middle.
    pub example: Option<FeedbackId>,
    /// The query whose hits it has.
    pub query: Option<String>,
    /// Whether it is not shown.
    pub hidden: bool,
    /// Whether it stands first and stays as it is.
    pub pinned: bool,
    /// Whether it is no theme any more: nobody spoke of it, or what made it was undone.
    pub retired: bool,
    /// Whether it emerged since the last run.
    pub emerged: bool,
    /// Distinct people at the last run.
    pub people: u64,
    /// The last edit, or undoing of one, that bore on it.
    pub version: u64,
    /// Edits that hold. A theme with any is left to people.
    pub edits: BTreeSet<u64>,
}

impl Node {
    /// Makes a theme of which nothing is known yet.
    pub(super) fn new(id: ThemeId, at: Timestamp) -> Self {
        Self {
            id,
            at,
            under: None,
            centroid: None,
            inner: None,
            merged: None,
            given: None,
            proposed: None,
            words: Vec::new(),
            topic: Vec::new(),
            language: None,
            example: None,
            query: None,
            hidden: false,
            pinned: false,
            retired: false,
            emerged: false,
            people: 0,
            version: 0,
            edits: BTreeSet::new(),
        }
    }

    /// Gives its name: the one that a person gave it, else the one that a model proposed, else its words.
    pub fn name(&self) -> String {
        match self.given.as_ref().or(self.proposed.as_ref()) {
            Some(name) => name.clone(),
            None if self.words.is_empty() => self.id.to_string(),
            None => self.words.iter().take(NAMED_BY).map(String::as_str).collect::<Vec<_>>().join(", "),
        }
    }

    /// Says whether a person edited it, so that no run changes it.
    pub fn is_touched(&self) -> bool {
        !self.edits.is_empty()
    }

    /// Says whether it is a theme of its own, which people see: neither part of another nor gone.
    pub fn stands(&self) -> bool {
        !self.retired && self.merged.is_none()
    }
}
