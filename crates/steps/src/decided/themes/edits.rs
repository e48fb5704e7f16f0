//! Edits of themes: applied in the order of the log, and undone one by one.

use serde::{Deserialize, Serialize};

use groundswell_model::{Action, Centroid, FeedbackId, ThemeEdit, ThemeId, ThemePart, Timestamp};

use super::{Node, Refusal, Themes};
use crate::decided::Touched;

/// An edit that held when it was recorded.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edited {
    pub actor: String,
    pub at: Timestamp,
    pub reason: Option<String>,
    pub edit: ThemeEdit,
    /// Themes that it made.
    pub created: Vec<ThemeId>,
    /// What was before.
    before: Before,
    pub undone: Option<(String, Timestamp)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Before {
    Nothing,
    Name(Option<String>),
    /// What stayed in each leaf that was split.
    Inner(Vec<(ThemeId, Option<Centroid>)>),
}

/// One edit as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThemeEditRow {
    /// Its number, by which it is undone.
    pub number: u64,
    /// Who made it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// What, in words.
    pub what: String,
    /// The themes that it bears on, those that it made included.
    pub themes: Vec<ThemeId>,
    /// Who undid it, and when.
    pub undone: Option<(String, Timestamp)>,
}

impl Edited {
    pub(super) fn bears_on(&self) -> impl Iterator<Item = ThemeId> {
        self.edit.themes().into_iter().chain(self.created.iter().copied())
    }

    fn row(&self, number: u64) -> ThemeEditRow {
        ThemeEditRow {
            number,
            actor: self.actor.clone(),
            at: self.at,
            reason: self.reason.clone(),
            what: self.what(),
            themes: self.bears_on().collect(),
            undone: self.undone.clone(),
        }
    }

    fn what(&self) -> String {
        let list = |themes: &[ThemeId]| themes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match &self.edit {
            ThemeEdit::Rename { theme, name } => format!("{theme} renamed to \"{name}\""),
            ThemeEdit::Merge { into, themes } => format!("{} merged into {into}", list(themes)),
            ThemeEdit::Split { theme, query: Some(query), .. } => {
                format!("{theme} split by \"{query}\": {} came off", list(&self.created))
            }
            ThemeEdit::Split { theme, .. } => format!("{theme} split: {} came off", list(&self.created)),
            ThemeEdit::Hide { theme, hidden: true } => format!("{theme} hidden"),
            ThemeEdit::Hide { theme, .. } => format!("{theme} shown again"),
            ThemeEdit::Pin { theme, pinned: true } => format!("{theme} pinned"),
            ThemeEdit::Pin { theme, .. } => format!("{theme} unpinned"),
            ThemeEdit::Move { feedback, theme: Some(theme) } => {
                format!("{} feedback moved to {theme}", feedback.len())
            }
            ThemeEdit::Move { feedback, .. } => {
                format!("{} feedback taken out of their theme", feedback.len())
            }
            ThemeEdit::Define { name, query: Some(query), .. } => {
                format!("{} defined as \"{name}\" by \"{query}\"", list(&self.created))
            }
            ThemeEdit::Define { name, feedback, .. } => {
                format!("{} defined as \"{name}\" by {} examples", list(&self.created), feedback.len())
            }
        }
    }
}

impl Themes {
    /// Gives all edits, the latest first.
    pub fn edit_rows(&self) -> Vec<ThemeEditRow> {
        self.edits.iter().rev().map(|(number, made)| made.row(*number)).collect()
    }

    /// Gives one edit.
    pub fn edit_row(&self, number: u64) -> Option<ThemeEditRow> {
        self.edits.get(&number).map(|made| made.row(number))
    }

    /// Gives what an edit says.
    pub fn edit_of(&self, number: u64) -> Option<&ThemeEdit> {
        self.edits.get(&number).map(|made| &made.edit)
    }

    /// Gives the themes that an edit made.
    pub fn created(&self, number: u64) -> Vec<ThemeId> {
        self.edits.get(&number).map(|made| made.created.clone()).unwrap_or_default()
    }

    pub(super) fn edit(
        &mut self,
        number: u64,
        action: &Action,
        edit: &ThemeEdit,
        seen: Option<u64>,
    ) -> Result<Vec<Touched>, Refusal> {
        self.check(edit, seen)?;
        let mut made = Edited {
            actor: action.actor.clone(),
            at: action.at,
            reason: action.reason.clone(),
            edit: edit.clone(),
            created: Vec::new(),
            before: Before::Nothing,
            undone: None,
        };
        let touched = self.apply(number, edit, &mut made);
        self.version = number;
        for theme in made.bears_on() {
            if let Some(node) = self.node_mut(theme) {
                node.version = number;
                node.edits.insert(number);
            }
        }
        self.edits.insert(number, made);
        Ok(touched)
    }

    fn apply(&mut self, number: u64, edit: &ThemeEdit, made: &mut Edited) -> Vec<Touched> {
        match edit {
            ThemeEdit::Rename { theme, name } => {
                if let Some(node) = self.node_mut(*theme) {
                    made.before = Before::Name(node.given.replace(name.trim().to_owned()));
                }
                Vec::new()
            }
            ThemeEdit::Merge { into, themes } => {
                themes.iter().for_each(|theme| self.set(*theme, |node| node.merged = Some(*into)));
                Vec::new()
            }
            ThemeEdit::Hide { theme, hidden } => {
                self.set(*theme, |node| node.hidden = *hidden);
                Vec::new()
            }
            ThemeEdit::Pin { theme, pinned } => {
                self.set(*theme, |node| node.pinned = *pinned);
                Vec::new()
            }
            ThemeEdit::Move { feedback, theme } => {
                self.put(number, feedback, *theme);
                vec![Touched::Feedback(feedback.clone())]
            }
            ThemeEdit::Split { theme, keeps, parts, query } => {
                self.split(number, made, (*theme, keeps.as_ref()), (parts, query.as_ref()))
            }
            ThemeEdit::Define { name, query, feedback, centroid } => {
                let at = made.at;
                let id = self.add(|id| Node {
                    given: Some(name.trim().to_owned()),
                    query: query.clone(),
                    centroid: centroid.clone(),
                    example: feedback.first().copied(),
                    ..Node::new(id, at)
                });
                made.created.push(id);
                self.put(number, feedback, Some(id));
                let near = centroid.is_some().then_some(Touched::Themes);
                near.into_iter().chain([Touched::Feedback(feedback.clone())]).collect()
            }
        }
    }

    fn split(
        &mut self,
        number: u64,
        made: &mut Edited,
        (theme, keeps): (ThemeId, Option<&Centroid>),
        (parts, query): (&[ThemePart], Option<&String>),
    ) -> Vec<Touched> {
        let leaves = self.leaves(theme);
        let at = made.at;
        let mut before = Vec::new();
        let mut touched = Vec::new();
        for part in parts {
            let named = !part.feedback.is_empty();
            let mut first = None;
            for leaf in leaves.iter().filter(|leaf| !named || **leaf == theme) {
                let centroid = part.centroid.clone().filter(|_| !named);
                let id = self.add(|id| Node {
                    under: Some(*leaf),
                    centroid,
                    given: part.name.as_ref().map(|name| name.trim().to_owned()),
                    words: part.words.clone(),
                    example: part.example,
                    query: query.cloned(),
                    // Parts of the same kind in several leaves are one theme.
                    merged: first,
                    ..Node::new(id, at)
                });
                first = first.or(Some(id));
                made.created.push(id);
            }
            if named {
                self.put(number, &part.feedback, first);
                touched.push(Touched::Feedback(part.feedback.clone()));
            }
        }
        if let Some(keeps) = keeps {
            for leaf in &leaves {
                self.set(*leaf, |node| before.push((*leaf, node.inner.replace(keeps.clone()))));
            }
            touched.push(Touched::Leaves(leaves));
        }
        made.before = Before::Inner(before);
        touched
    }

    fn set(&mut self, theme: ThemeId, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.node_mut(theme) {
            change(node);
        }
    }

    /// Puts single feedback where an edit or a run says.
    pub(super) fn put(&mut self, number: u64, feedback: &[FeedbackId], theme: Option<ThemeId>) {
        for id in feedback {
            self.moves.entry(*id).or_default().push((number, theme));
        }
    }

    fn unput(&mut self, number: u64, feedback: &[FeedbackId]) {
        for id in feedback {
            if let Some(moves) = self.moves.get_mut(id) {
                moves.retain(|(other, _)| *other != number);
            }
        }
    }

    pub(super) fn undo(
        &mut self,
        offset: u64,
        action: &Action,
        number: u64,
    ) -> Result<Vec<Touched>, Refusal> {
        self.check_undo(number)?;
        let Some(made) = self.edits.get_mut(&number) else { return Ok(Vec::new()) };
        made.undone = Some((action.actor.clone(), action.at));
        let made = made.clone();
        let touched = self.take_back(number, &made);
        self.version = offset;
        for theme in made.bears_on() {
            self.set(theme, |node| {
                node.version = offset;
                node.edits.remove(&number);
            });
        }
        Ok(touched)
    }

    fn take_back(&mut self, number: u64, made: &Edited) -> Vec<Touched> {
        for theme in &made.created {
            self.set(*theme, |node| node.retired = true);
        }
        match (&made.edit, &made.before) {
            (ThemeEdit::Rename { theme, .. }, Before::Name(name)) => {
                self.set(*theme, |node| node.given.clone_from(name));
                Vec::new()
            }
            (ThemeEdit::Merge { themes, .. }, _) => {
                themes.iter().for_each(|theme| self.set(*theme, |node| node.merged = None));
                Vec::new()
            }
            (ThemeEdit::Hide { theme, hidden }, _) => {
                self.set(*theme, |node| node.hidden = !hidden);
                Vec::new()
            }
            (ThemeEdit::Pin { theme, pinned }, _) => {
                self.set(*theme, |node| node.pinned = !pinned);
                Vec::new()
            }
            (ThemeEdit::Split { parts, .. }, Before::Inner(before)) => {
                for (leaf, inner) in before {
                    self.set(*leaf, |node| node.inner.clone_from(inner));
                }
                let named: Vec<FeedbackId> = parts.iter().flat_map(|part| part.feedback.clone()).collect();
                self.unput(number, &named);
                vec![Touched::Leaves(made.created.clone()), Touched::Feedback(named)]
            }
            (ThemeEdit::Move { feedback, .. } | ThemeEdit::Define { feedback, .. }, _) => {
                self.unput(number, feedback);
                vec![Touched::Leaves(made.created.clone()), Touched::Feedback(feedback.clone())]
            }
            _ => Vec::new(),
        }
    }
}
