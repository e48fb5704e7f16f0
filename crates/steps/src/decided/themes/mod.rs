//! Themes as the actions made them: what runs found, and what people edited. Feedback carries leaf themes; merging, renaming and
//! hiding change what a leaf is shown as, so that they are seen at once; splits and definitions change the leaf.

mod check;
mod edits;
mod list;
mod nearest;
mod node;
mod rows;
mod runs;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use groundswell_model::{Action, Decision, FeedbackId, ThemeId};

pub use check::Refusal;
pub use edits::ThemeEditRow;
pub use list::Shown;
pub use nearest::vector;
pub use node::Node;
pub use rows::{ThemeRise, ThemeRow, rows};
pub use runs::{RunChange, RunNote};

use super::Touched;
use edits::Edited;
use nearest::Nearest;

/// Most characters of a theme's name.
pub const LONGEST_NAME: usize = 80;

/// All themes that were ever recorded, and what holds of them.
#[derive(Clone, Default)]
pub struct Themes {
    /// By number, from 1; none is ever taken out.
    nodes: Vec<Node>,
    /// Where people, and queries of people, put single feedback: the last that holds counts.
    moves: BTreeMap<FeedbackId, Vec<(u64, Option<ThemeId>)>>,
    edits: BTreeMap<u64, Edited>,
    /// Edits and runs that were recorded and do not hold, with the reason.
    refused: BTreeMap<u64, Refusal>,
    runs: Vec<RunNote>,
    /// The last edit, or undoing of one.
    version: u64,
    nearest: Arc<Nearest>,
    stale: bool,
}

impl Themes {
    /// Takes in the action at an offset of the log, where it is about themes; gives what it bears on.
    pub(super) fn take(&mut self, offset: u64, action: &Action) -> Vec<Touched> {
        let done = match &action.decision {
            Decision::ThemesFound { run } => self.run(offset, action, run),
            Decision::ThemesEdited { edit, seen } => self.edit(offset, action, edit, *seen),
            Decision::ThemeEditUndone { edit } => self.undo(offset, action, *edit),
            _ => return Vec::new(),
        };
        done.unwrap_or_else(|refusal| {
            self.refused.insert(offset, refusal);
            Vec::new()
        })
    }

    /// Gives the leaf theme of a feedback: where people put it, else the theme that its embedding is nearest to.
    pub fn place(&self, id: FeedbackId, vector: Option<&[i8]>) -> Option<ThemeId> {
        match self.moved(id) {
            Some(theme) => theme,
            None => self.nearest.theme(vector?),
        }
    }

    /// Gives where a feedback was put, whatever it is near to: a theme, or none.
    pub fn moved(&self, id: FeedbackId) -> Option<Option<ThemeId>> {
        let moves = self.moves.get(&id)?.iter().rev();
        let mut holding = moves.filter(|(_, theme)| theme.is_none_or(|theme| self.lives(theme)));
        holding.next().map(|(_, theme)| *theme)
    }

    /// The last edit of any theme, or undoing of one: whoever edits says up to which they have seen.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Says why a recorded edit or run does not hold, where it does not.
    pub fn refused(&self, number: u64) -> Option<&Refusal> {
        self.refused.get(&number)
    }

    /// Gives a theme, whatever became of it.
    pub fn node(&self, id: ThemeId) -> Option<&Node> {
        self.nodes.get((id.0 as usize).checked_sub(1)?)
    }

    /// Gives all themes, whatever became of them, in the order of their numbers.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Says whether nothing was ever found or defined.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn node_mut(&mut self, id: ThemeId) -> Option<&mut Node> {
        self.stale = true;
        self.nodes.get_mut((id.0 as usize).checked_sub(1)?)
    }

    fn lives(&self, id: ThemeId) -> bool {
        self.node(id).is_some_and(|node| !node.retired)
    }

    /// Gives the theme that a leaf is shown as: the one that it was merged into, or itself.
    pub fn root(&self, leaf: ThemeId) -> ThemeId {
        let mut at = leaf;
        // Merges name themes that stand by themselves, so that the way up has an end; it is bounded all the same.
        for _ in 0..self.nodes.len() {
            match self.node(at).and_then(|node| node.merged) {
                Some(into) => at = into,
                None => break,
            }
        }
        at
    }

    /// Gives the leaves that a theme is made of.
    pub fn leaves(&self, theme: ThemeId) -> Vec<ThemeId> {
        let own = self.nodes.iter().filter(|node| !node.retired && self.root(node.id) == theme);
        own.map(|node| node.id).collect()
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    pub(super) fn prepare(&mut self) {
        if self.stale {
            self.nearest = Arc::new(Nearest::of(&self.nodes));
            self.stale = false;
        }
    }

    fn add(&mut self, make: impl FnOnce(ThemeId) -> Node) -> ThemeId {
        let number = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX).saturating_add(1);
        let id = ThemeId(number);
        self.nodes.push(make(id));
        self.stale = true;
        id
    }
}
