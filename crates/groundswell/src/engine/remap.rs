//! Mapping anew what decisions bear on: a batch a turn, so that what comes in meanwhile does not wait. The state keeps how far in
//! the actions that was done; a stop in between does the rest again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use anyhow::Result;

use groundswell_insight::{Dimension, Holding, Label};
use groundswell_log::TopicPartition;
use groundswell_model::{FeedbackId, GapType, ThemeId};
use groundswell_steps::decided::{Themes, Touched};

use super::analyse::Analyser;
use super::progress::Stage;
use super::sorted::Sorted;
use super::themes::theme_among;

/// How often a busy analyser looks for decisions.
const LOOK: Duration = Duration::from_secs(1);

/// Feedback that is looked at in one turn for another theme.
const SCANNED: usize = 10_000;

/// What is still to be mapped anew.
#[derive(Debug, Default)]
pub(super) struct Remap {
    /// Feedback that is known to be touched.
    ids: BTreeSet<FeedbackId>,
    /// Feedback that may belong to another theme than it did.
    perhaps: BTreeSet<FeedbackId>,
    /// Where looking through everything for feedback of another theme goes on.
    scan: Option<Scan>,
    /// The action up to which everything is done once nothing is left.
    next: Option<u64>,
}

#[derive(Debug)]
enum Scan {
    Beginning,
    Behind(FeedbackId),
}

impl Analyser<'_> {
    /// Takes a step in mapping anew what decisions bear on that were read since this was done last; says whether something is
    /// left. A busy analyser looks for decisions once a second.
    pub(super) fn apply_decisions(&mut self, idle: bool) -> Result<bool> {
        if idle || self.decided_at.is_none_or(|at| at.elapsed() >= LOOK) {
            self.note_touched()?;
        }
        let Some(next) = self.remap.next else { return Ok(false) };
        if self.remap.ids.is_empty() {
            self.look_at_some()?;
            self.scan_themes()?;
        }
        let size = self.shared.config.analyse.batch_records;
        let now: BTreeSet<FeedbackId> = self.remap.ids.iter().take(size).copied().collect();
        let looking = self.remap.scan.is_some() || !self.remap.perhaps.is_empty();
        let left = now.len() < self.remap.ids.len() || looking;
        let actions = self.shared.topics.actions.clone();
        // ORDER: the position goes with the last of them; a crash before it does them all again.
        let done = ((actions.as_str().to_owned(), 0), next);
        let positions = (!left).then_some(done).into_iter().collect::<BTreeMap<_, _>>();
        if !now.is_empty() || !left {
            self.work(Sorted::default(), now.clone(), positions)?;
        }
        self.remap.ids.retain(|id| !now.contains(id));
        if !left {
            self.remap.next = None;
            self.to_judge = true;
            let place = TopicPartition::new(&actions, 0);
            self.shared.progress.reached(Stage::Analyse, [(place, next)]);
        }
        Ok(left)
    }

    /// Reads what people decided; to be done before anything is mapped. Gives the next action to read.
    pub(super) fn read_decisions(&mut self) -> Result<u64> {
        let decisions = self.shared.decisions()?;
        self.decided = decisions.decided();
        self.decided_at = Some(Instant::now());
        Ok(decisions.next())
    }

    /// Notes what new decisions bear on.
    fn note_touched(&mut self) -> Result<()> {
        let next = self.read_decisions()?;
        let actions = self.shared.topics.actions.clone();
        let from = self.remap.next.unwrap_or_else(|| self.state.position(actions.as_str(), 0));
        if next > from {
            if self.note_touched_from(from) {
                self.remap.scan = Some(Scan::Beginning);
            }
            self.remap.next = Some(next);
        } else if self.remap.next.is_none() {
            let place = TopicPartition::new(&actions, 0);
            self.shared.progress.reached(Stage::Analyse, [(place, next)]);
        }
        Ok(())
    }

    /// Notes the known feedback that the actions from an offset on bear on; says whether the theme of any other may have
    /// changed.
    fn note_touched_from(&mut self, offset: u64) -> bool {
        let view = self.shared.view();
        let Remap { ids, perhaps, .. } = &mut self.remap;
        let mut gaps: BTreeSet<GapType> = BTreeSet::new();
        let mut leaves: BTreeSet<ThemeId> = BTreeSet::new();
        let mut themes = false;
        for touched in self.decided.touched_from(offset) {
            match touched {
                Touched::Feedback(feedback) => ids.extend(feedback.iter().filter(|id| view.knows(**id))),
                Touched::Gap(gap) => drop(gaps.insert(*gap)),
                Touched::Leaves(own) => leaves.extend(own),
                Touched::Themes => themes = true,
            }
        }
        if !gaps.is_empty() {
            let touched = view.rows().filter(|(_, row)| row.gap_types().any(|gap| gaps.contains(&gap)));
            ids.extend(touched.map(|(seen, _)| seen.id));
        }
        let labels = leaves.iter().filter_map(|leaf| Label::new(Dimension::Theme, &leaf.to_string()));
        let labels: BTreeSet<u32> = labels.filter_map(|label| view.find_label(&label)).collect();
        if !labels.is_empty() {
            let touched =
                view.rows().filter(|(seen, _)| seen.labels.iter().any(|label| labels.contains(label)));
            perhaps.extend(touched.map(|(seen, _)| seen.id));
        }
        themes
    }

    /// Looks at some of the feedback that may belong to another theme, and notes what does.
    fn look_at_some(&mut self) -> Result<()> {
        let reader = self.state.reader();
        for _ in 0..SCANNED {
            let Some(id) = self.remap.perhaps.pop_first() else { break };
            let holding = reader.feedback(id)?;
            if holding.is_some_and(|holding| has_moved(&self.decided.themes, id, &holding)) {
                self.remap.ids.insert(id);
            }
        }
        Ok(())
    }

    /// Looks at some more feedback, and notes what belongs to another theme than it did.
    fn scan_themes(&mut self) -> Result<()> {
        let Some(scan) = self.remap.scan.take() else { return Ok(()) };
        let behind = match scan {
            Scan::Beginning => None,
            Scan::Behind(id) => Some(id),
        };
        let themes = &self.decided.themes;
        let mut moved = Vec::new();
        let mut last = None;
        self.state.reader().each_behind(behind, SCANNED, |id, holding| {
            last = Some(id);
            if has_moved(themes, id, &holding) {
                moved.push(id);
            }
        })?;
        self.remap.scan = last.map(Scan::Behind);
        self.remap.ids.extend(moved);
        Ok(())
    }
}

/// Whether a feedback belongs to another theme than it was mapped to last.
fn has_moved(themes: &Themes, id: FeedbackId, holding: &Holding) -> bool {
    let Some(row) = &holding.row else { return false };
    themes.place(id, holding.vector.as_deref()) != theme_among(row.labels.iter())
}
