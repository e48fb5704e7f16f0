//! Whether an edit of themes can be: asked before it is recorded, and again when it is read back, so that of two people who
//! edit the same theme at once only the first one's edit holds.

use std::collections::BTreeSet;

use thiserror::Error;

use groundswell_model::{ThemeEdit, ThemeId};

use super::{LONGEST_NAME, Themes};

/// Why an edit of themes does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// A theme that is not there.
    #[error("no such theme {0}")]
    Unknown(ThemeId),
    /// The edit says nothing, or what cannot be.
    #[error("{0}")]
    Invalid(String),
    /// Something else holds since.
    #[error("{0}")]
    Conflict(String),
}

fn invalid<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Invalid(message.into()))
}

fn conflict<T>(message: String) -> Result<T, Refusal> {
    Err(Refusal::Conflict(message))
}

impl Themes {
    /// Says whether an edit can be, by whoever saw the themes up to the edit `seen`.
    ///
    /// # Errors
    /// [`Refusal::Unknown`] for a theme that is not there, [`Refusal::Invalid`] for an edit that says nothing or what cannot be
    /// (a name that is empty, too long or taken; a theme merged into itself), [`Refusal::Conflict`] for a theme that is part of
    /// another, gone, or edited since.
    pub fn check(&self, edit: &ThemeEdit, seen: Option<u64>) -> Result<(), Refusal> {
        for theme in edit.themes() {
            self.stands(theme)?;
            let node = self.node(theme).ok_or(Refusal::Unknown(theme))?;
            // Where single feedback belongs does not depend on what the theme is called.
            let moves = matches!(edit, ThemeEdit::Move { .. });
            if !moves && seen.is_some_and(|seen| node.version > seen) {
                return conflict(self.edited_since(theme, node.version));
            }
        }
        match edit {
            ThemeEdit::Rename { theme, name } => self.check_name(name, Some(*theme)),
            ThemeEdit::Merge { into, themes } => check_merge(*into, themes),
            ThemeEdit::Split { parts, .. } if parts.is_empty() => invalid(
                "parts: nothing comes off: name a query that finds some of its feedback, or let parts be found",
            ),
            ThemeEdit::Split { keeps, parts, .. } => {
                let places = |part: &&groundswell_model::ThemePart| {
                    part.feedback.is_empty() == (part.centroid.is_some() && keeps.is_some())
                };
                if !parts.iter().all(|part| places(&part)) {
                    return invalid("parts: each has feedback, or a centroid beside the one of what stays");
                }
                let mut names: Vec<&String> = parts.iter().filter_map(|part| part.name.as_ref()).collect();
                names.sort_unstable();
                names.dedup();
                if names.len() < parts.iter().filter(|part| part.name.is_some()).count() {
                    return invalid("name: two parts cannot have the same");
                }
                names.into_iter().try_for_each(|name| self.check_name(name, None))
            }
            ThemeEdit::Define { name, feedback, .. } => {
                self.check_name(name, None)?;
                if feedback.is_empty() {
                    invalid("feedback: a query that finds some, or examples")
                } else {
                    Ok(())
                }
            }
            ThemeEdit::Move { feedback, .. } if feedback.is_empty() => invalid("feedback: name at least one"),
            ThemeEdit::Hide { theme, hidden }
                if self.node(*theme).is_some_and(|node| node.hidden == *hidden) =>
            {
                conflict(format!("{theme} is {} already", if *hidden { "hidden" } else { "shown" }))
            }
            ThemeEdit::Pin { theme, pinned }
                if self.node(*theme).is_some_and(|node| node.pinned == *pinned) =>
            {
                conflict(format!("{theme} is {} already", if *pinned { "pinned" } else { "not pinned" }))
            }
            ThemeEdit::Hide { .. } | ThemeEdit::Pin { .. } | ThemeEdit::Move { .. } => Ok(()),
        }
    }

    fn stands(&self, theme: ThemeId) -> Result<(), Refusal> {
        let node = self.node(theme).ok_or(Refusal::Unknown(theme))?;
        if node.retired {
            return conflict(format!(
                "{theme} is gone: nobody speaks of it any more, or what made it was undone"
            ));
        }
        match node.merged {
            Some(_) => conflict(format!("{theme} is part of {}", self.root(theme))),
            None => Ok(()),
        }
    }

    fn edited_since(&self, theme: ThemeId, version: u64) -> String {
        let by = self.edits.get(&version).map(|made| format!(" by {}", made.actor)).unwrap_or_default();
        format!("{theme} was edited{by} (edit {version}) since you looked: look again")
    }

    fn check_name(&self, name: &str, own: Option<ThemeId>) -> Result<(), Refusal> {
        let trimmed = name.trim();
        if trimmed.is_empty() {
            return invalid("name: is empty");
        }
        if trimmed.chars().count() > LONGEST_NAME || trimmed.chars().any(char::is_control) {
            return invalid(format!("name: one line of at most {LONGEST_NAME} characters"));
        }
        let lower = trimmed.to_lowercase();
        let others = self.nodes.iter().filter(|node| node.stands() && Some(node.id) != own);
        match others.into_iter().find(|node| node.name().to_lowercase() == lower) {
            Some(other) => {
                conflict(format!("name: {} is called so already; merge them, or take another name", other.id))
            }
            None => Ok(()),
        }
    }

    /// Says whether an edit can be undone.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where there is no such edit, [`Refusal::Conflict`] where it was undone before, or where a later edit
    /// of the same themes rests on it.
    pub fn check_undo(&self, number: u64) -> Result<(), Refusal> {
        let Some(made) = self.edits.get(&number) else {
            return invalid(format!(
                "edit: there is none of number {number}; `themes list --edits` shows them"
            ));
        };
        if made.undone.is_some() {
            return conflict(format!("edit {number} was undone before"));
        }
        let own: BTreeSet<ThemeId> = made.bears_on().collect();
        let later = self.edits.range(number + 1..).filter(|(_, later)| later.undone.is_none());
        match later.into_iter().find(|(_, later)| later.bears_on().any(|theme| own.contains(&theme))) {
            Some((other, _)) => {
                conflict(format!("edit {other} came after it on the same theme: undo that one first"))
            }
            None => Ok(()),
        }
    }
}

fn check_merge(into: ThemeId, themes: &[ThemeId]) -> Result<(), Refusal> {
    if themes.is_empty() {
        return invalid("themes: name at least one that goes into it");
    }
    if themes.contains(&into) {
        return invalid(format!("themes: {into} cannot be merged into itself"));
    }
    let distinct: BTreeSet<ThemeId> = themes.iter().copied().collect();
    if distinct.len() < themes.len() { invalid("themes: one is named twice") } else { Ok(()) }
}
