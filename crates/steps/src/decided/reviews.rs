//! Reviews: how often people who judged a random sample agreed with the mapping.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::wilson;
use groundswell_model::{Action, Decision, FeedbackId};

/// The last judgement of each feedback that was drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reviews {
    agreed: BTreeMap<FeedbackId, bool>,
}

/// How often reviewers agreed, in per cent, with its 95 % interval after Wilson.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// Share of the judged.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Feedback that were judged.
    pub n: u64,
}

impl Reviews {
    pub(super) fn take(&mut self, action: &Action) {
        if let Decision::MappingReviewed { feedback, agrees, .. } = &action.decision {
            self.agreed.insert(*feedback, *agrees);
        }
    }

    /// Says whether a feedback was judged already.
    pub fn holds(&self, id: FeedbackId) -> bool {
        self.agreed.contains_key(&id)
    }

    /// How often reviewers agreed; nothing as long as nothing was judged.
    pub fn agreement(&self) -> Option<Agreement> {
        let n = self.agreed.len() as u64;
        let hits = self.agreed.values().filter(|agreed| **agreed).count() as u64;
        let share = (n > 0).then(|| wilson(hits, n))?;
        Some(Agreement { value: share.value, low: share.low, high: share.high, n })
    }
}
