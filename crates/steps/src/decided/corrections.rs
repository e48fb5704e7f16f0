//! Corrections: what people put in place of mappings, singly or for all hits of a query. They survive every new map.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_model::{Action, Correction, Decision, FeedbackId, Gap, Mapping, Origin, Reason, Timestamp};

/// Corrections by number: the offset of their action.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Corrections {
    by_number: BTreeMap<u64, Made>,
    /// Numbers of the corrections that hold, by feedback, in order.
    by_feedback: BTreeMap<FeedbackId, Vec<u64>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Made {
    actor: String,
    at: Timestamp,
    reason: Option<String>,
    correction: Correction,
    feedback: Vec<FeedbackId>,
    query: Option<String>,
    undone: Option<Undone>,
}

#[derive(Clone, Debug, PartialEq)]
struct Undone {
    actor: String,
    at: Timestamp,
}

/// One correction as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionRow {
    /// Its number, by which it is undone.
    pub number: u64,
    /// Who made it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// What holds since.
    pub correction: Correction,
    /// How many feedback it bears on.
    pub feedback: u64,
    /// The first of them.
    pub first: Option<FeedbackId>,
    /// The query whose hits they were.
    pub query: Option<String>,
    /// Who undid it, and when.
    pub undone: Option<(String, Timestamp)>,
}

impl Corrections {
    /// Takes in a correction, under the offset of its action.
    pub(super) fn add(&mut self, number: u64, action: &Action) {
        let Decision::MappingCorrected { feedback, correction, query } = &action.decision else { return };
        for id in feedback {
            self.by_feedback.entry(*id).or_default().push(number);
        }
        let made = Made {
            actor: action.actor.clone(),
            at: action.at,
            reason: action.reason.clone(),
            correction: correction.clone(),
            feedback: feedback.clone(),
            query: query.clone(),
            undone: None,
        };
        self.by_number.insert(number, made);
    }

    /// Takes a correction back; gives the feedback that it bore on, where it held.
    pub(super) fn undo(&mut self, number: u64, action: &Action) -> Option<Vec<FeedbackId>> {
        let made = self.by_number.get_mut(&number).filter(|made| made.undone.is_none())?;
        made.undone = Some(Undone { actor: action.actor.clone(), at: action.at });
        for id in &made.feedback {
            if let Some(numbers) = self.by_feedback.get_mut(id) {
                numbers.retain(|other| *other != number);
            }
        }
        Some(made.feedback.clone())
    }

    /// Puts the corrections of a feedback in place of what was mapped; the later one holds where two say the same thing.
    pub(super) fn apply(&self, id: FeedbackId, mapping: &mut Mapping) {
        let numbers = self.by_feedback.get(&id).map_or(&[][..], Vec::as_slice);
        for made in numbers.iter().filter_map(|number| self.by_number.get(number)) {
            put(&made.correction, &made.actor, mapping);
        }
    }

    /// Gives the numbers of the corrections that hold for a feedback, in their order.
    pub fn of(&self, id: FeedbackId) -> Vec<u64> {
        self.by_feedback.get(&id).cloned().unwrap_or_default()
    }

    /// Gives a correction.
    pub fn get(&self, number: u64) -> Option<CorrectionRow> {
        self.by_number.get(&number).map(|made| row(number, made))
    }

    /// Gives all corrections, the latest first.
    pub fn rows(&self) -> Vec<CorrectionRow> {
        self.by_number.iter().rev().map(|(number, made)| row(*number, made)).collect()
    }
}

fn row(number: u64, made: &Made) -> CorrectionRow {
    CorrectionRow {
        number,
        actor: made.actor.clone(),
        at: made.at,
        reason: made.reason.clone(),
        correction: made.correction.clone(),
        feedback: made.feedback.len() as u64,
        first: made.feedback.first().copied(),
        query: made.query.clone(),
        undone: made.undone.as_ref().map(|undone| (undone.actor.clone(), undone.at)),
    }
}

/// A person's word is certain: the stage's probability is 1, and the reason says who said it.
fn put(correction: &Correction, actor: &str, mapping: &mut Mapping) {
    if let Some(stage) = &correction.stage {
        mapping.stage = stage.clone();
        mapping.probability = 1.0;
        mapping.voiced_at = None;
        let reason = Reason { evidence: format!("corrected by {actor}"), stage: stage.clone(), weight: 0.0 };
        mapping.because = vec![reason];
    }
    if let Some(touchpoint) = &correction.touchpoint {
        mapping.touchpoint = Some(touchpoint.clone());
    }
    if let Some(gap) = correction.gap {
        let kept = mapping.gaps.iter().find(|known| known.gap == gap).cloned();
        let made = || Gap { gap, cause: None, origin: Origin::Norm, promise: None };
        mapping.gaps = vec![kept.unwrap_or_else(made)];
    }
    if correction.not_a_complaint {
        mapping.gaps.clear();
    }
    mapping.corrected_by = Some(actor.to_owned());
}
