//! Runs: what was found anew, and how it differs from what was known.

use serde::{Deserialize, Serialize};

use groundswell_model::{
    Action, Day, FoundTheme, ThemeChange, ThemeChangeKind, ThemeId, ThemeOccasion, ThemeRun, Timestamp,
};

use super::{Node, Refusal, Themes};
use crate::decided::Touched;

/// What is remembered of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunNote {
    /// Its number.
    pub number: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// Why themes were looked for.
    pub occasion: ThemeOccasion,
    /// The last day that anybody was heard.
    #[serde(with = "groundswell_model::time::day_text")]
    pub until: Day,
    /// Feedback with an embedding.
    pub feedback: u64,
    /// What differs from the run before.
    pub changes: Vec<RunChange>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunChange {
    /// What happened.
    pub kind: ThemeChangeKind,
    /// To which themes.
    pub known: Vec<ThemeId>,
    /// What came of them.
    pub found: Vec<ThemeId>,
    /// People before.
    pub before: u64,
    /// People now.
    pub now: u64,
    /// Whether it holds; else it is left to people, because one of them edited the theme.
    pub applied: bool,
}

impl Themes {
    /// Gives all runs, in order.
    pub fn runs(&self) -> &[RunNote] {
        &self.runs
    }

    /// Gives the last run that looked at everything.
    pub fn last_run(&self) -> Option<&RunNote> {
        self.runs.iter().rev().find(|run| run.occasion != ThemeOccasion::Emerged)
    }

    pub(super) fn run(
        &mut self,
        number: u64,
        action: &Action,
        run: &ThemeRun,
    ) -> Result<Vec<Touched>, Refusal> {
        if run.after != self.runs.last().map(|last| last.number) {
            return Err(Refusal::Conflict("another run was recorded meanwhile".to_owned()));
        }
        let emerged = run.occasion == ThemeOccasion::Emerged;
        let mut ids = Vec::with_capacity(run.themes.len());
        for found in &run.themes {
            let id = match found.id.filter(|id| self.node(*id).is_some()) {
                Some(id) => id,
                None => self.add(|id| Node { emerged, ..Node::new(id, action.at) }),
            };
            let topic = run.topics.get(found.topic as usize).cloned().unwrap_or_default();
            if let Some(node) = self.node_mut(id) {
                take(node, found, topic, emerged);
            }
            ids.push(id);
        }
        let changes: Vec<RunChange> = run.changes.iter().map(|change| shown(change, &ids)).collect();
        for change in changes.iter().filter(|change| change.applied) {
            // What was known and is not among what came of it is no theme of its own any more.
            for gone in change.known.iter().filter(|known| !change.found.contains(known)) {
                if let Some(node) = self.node_mut(*gone) {
                    node.retired = true;
                }
            }
        }
        for joined in &run.joined {
            self.put(number, &joined.feedback, Some(joined.theme));
        }
        self.runs.push(RunNote {
            number,
            at: action.at,
            occasion: run.occasion,
            until: run.until,
            feedback: run.feedback,
            changes,
        });
        Ok(vec![Touched::Themes])
    }
}

fn take(node: &mut Node, found: &FoundTheme, topic: Vec<String>, emerged: bool) {
    node.retired = false;
    node.emerged = emerged;
    node.people = found.people;
    if let Some(centroid) = &found.centroid {
        node.centroid = Some(centroid.clone());
    }
    if !found.words.is_empty() {
        node.words.clone_from(&found.words);
    }
    node.topic = topic;
    node.language = found.language.clone().or_else(|| node.language.take());
    node.proposed = found.proposed.clone().or_else(|| node.proposed.take());
    node.example = found.example.or(node.example);
}

fn shown(change: &ThemeChange, ids: &[ThemeId]) -> RunChange {
    RunChange {
        kind: change.kind,
        known: change.known.clone(),
        found: change.found.iter().filter_map(|at| ids.get(*at as usize)).copied().collect(),
        before: change.before,
        now: change.now,
        applied: change.applied,
    }
}
