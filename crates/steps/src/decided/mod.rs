//! What was decided about feedback, as far as mapping depends on it: corrections, registered promises and themes, folded
//! from the actions.

mod corrections;
mod promises;
mod reviews;
mod saved;
pub mod themes;

use std::collections::BTreeMap;
use std::sync::Arc;

use groundswell_annotate::Embedder;
use groundswell_model::{Action, Annotation, Day, Decision, FeedbackId, GapType, Mapping, ThemeId};

pub use corrections::{CorrectionRow, Corrections};
pub use promises::{Measured, Registered, Registry};
pub use reviews::{Agreement, Reviews};
pub use saved::{Saved, SavedSearches};
pub use themes::Themes;

/// Decisions about feedback.
#[derive(Clone, Default)]
pub struct Decided {
    /// Corrections of mappings.
    pub corrections: Corrections,
    /// Promises of the company.
    pub registry: Registry,
    /// Judgements of random samples.
    pub reviews: Reviews,
    /// Themes.
    pub themes: Themes,
    /// Saved searches.
    pub saved: SavedSearches,
    /// What was touched, by the offset of the action: to be mapped again from there on.
    touched: BTreeMap<u64, Vec<Touched>>,
}

/// What an action bears on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// These feedback.
    Feedback(Vec<FeedbackId>),
    /// Whatever has an unmet expectation of this type.
    Gap(GapType),
    /// Whatever belongs to one of these leaf themes.
    Leaves(Vec<ThemeId>),
    /// Whatever is nearest to another theme than before.
    Themes,
}

impl Decided {
    /// Takes in the action at an offset of the log. Actions come in the order of their log.
    pub fn take(&mut self, offset: u64, action: &Action) {
        self.reviews.take(action);
        self.saved.take(action);
        let touched = match &action.decision {
            Decision::MappingCorrected { feedback, .. } => {
                self.corrections.add(offset, action);
                vec![Touched::Feedback(feedback.clone())]
            }
            Decision::CorrectionUndone { correction } => {
                self.corrections.undo(*correction, action).map(Touched::Feedback).into_iter().collect()
            }
            Decision::PromiseRegistered { promise } => {
                let before = self.registry.register(promise.clone(), action.at);
                let gaps = before.map(|before| before.gap).into_iter().chain([promise.gap]);
                gaps.map(Touched::Gap).collect()
            }
            Decision::PromiseWithdrawn { promise } => {
                self.registry.withdraw(promise).map(|promise| Touched::Gap(promise.gap)).into_iter().collect()
            }
            Decision::PromiseMeasured { promise, from, until, kept, of } => {
                self.registry.measure(promise, Measured { from: *from, until: *until, kept: *kept, of: *of });
                Vec::new()
            }
            _ => self.themes.take(offset, action),
        };
        if !touched.is_empty() {
            self.touched.insert(offset, touched);
        }
    }

    /// What the actions from an offset on bear on.
    pub fn touched_from(&self, offset: u64) -> impl Iterator<Item = &Touched> {
        self.touched.range(offset..).flat_map(|(_, touched)| touched)
    }

    /// Puts what people decided in place of what was mapped.
    pub fn apply(&self, id: FeedbackId, mapping: &mut Mapping, texts: &[(&str, &Annotation)], day: Day) {
        self.registry.mark(mapping, texts, day);
        self.corrections.apply(id, mapping);
        if !self.themes.is_empty() {
            mapping.theme =
                self.themes.place(id, themes::vector(texts).as_deref()).map(|theme| theme.to_string());
        }
    }

    /// Says whether promises or themes changed since they were prepared.
    pub fn is_unprepared(&self) -> bool {
        self.registry.is_stale() || self.themes.is_stale()
    }

    /// Prepares promises and themes for comparison; to be called when the actions read so far were taken in.
    pub fn prepare(&mut self, embedder: &Arc<Embedder>) {
        self.registry.prepare(embedder);
        self.themes.prepare();
    }
}
