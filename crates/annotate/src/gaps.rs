//! Which gap type an unmet expectation is of: cues of the shipped map, and the families that fired.

use std::collections::BTreeMap;
use std::ops::Range;

use groundswell_model::{GapType, JourneyMap};

use crate::AnnotateError;
use crate::cues::{Cues, Ways, plain};
use crate::families::Family;

/// The gap cues of a journey map.
pub(crate) struct GapCues {
    cues: Cues,
    weights: Vec<Vec<(GapType, Weights)>>,
}

/// A cue of a gap type in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GapCue {
    pub(crate) gap: GapType,
    pub(crate) weight: f32,
    pub(crate) start: usize,
}

/// Weight of a cue as a phrase and as the beginning of a word; 0 where it is none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weights {
    pub(crate) phrase: f32,
    pub(crate) stem: f32,
}

/// Gives the weight of a phrase: 1.0 and 0.5 for each further word.
pub(crate) fn phrase_weight(phrase: &str) -> f32 {
    let words = u8::try_from(phrase.split(' ').count().clamp(1, 5)).unwrap_or(1);
    1.0 + 0.5 * (f32::from(words) - 1.0)
}

/// Weight of a stem.
pub(crate) const STEM: f32 = 0.5;

impl GapCues {
    pub(crate) fn new(map: &JourneyMap) -> Result<Self, AnnotateError> {
        let mut all: BTreeMap<String, BTreeMap<GapType, Weights>> = BTreeMap::new();
        for norm in &map.gaps {
            for cue in norm.phrases.iter().map(|cue| plain(cue)) {
                let weight = phrase_weight(&cue);
                all.entry(cue).or_default().entry(norm.code).or_default().phrase = weight;
            }
            for cue in norm.stems.iter().map(|cue| plain(cue)) {
                all.entry(cue).or_default().entry(norm.code).or_default().stem = STEM;
            }
        }
        let ways = all.iter().map(|(cue, gaps)| {
            let phrase = gaps.values().any(|weights| weights.phrase > 0.0);
            (cue.clone(), Ways { phrase, stem: gaps.values().any(|weights| weights.stem > 0.0) })
        });
        let cues = Cues::new("gaps", &ways.collect())?;
        Ok(Self { cues, weights: all.into_values().map(|gaps| gaps.into_iter().collect()).collect() })
    }

    /// Gives the cues of a spaced text, in order.
    pub(crate) fn find(&self, spaced: &[u8]) -> Vec<GapCue> {
        let mut out = Vec::new();
        self.cues.find(spaced, |found| {
            for (gap, weights) in self.weights.get(found.cue).into_iter().flatten() {
                let weight = if found.open { weights.stem } else { weights.phrase.max(weights.stem) };
                if weight > 0.0 {
                    out.push(GapCue { gap: *gap, weight, start: found.start });
                }
            }
        });
        out
    }
}

/// Chooses the gap type with the most weight: cues within the clauses of the gap count double, those of the rest of its
/// sentence once, those of other sentences a fifth. Nothing without any cue.
pub(crate) fn choose(
    cues: &[GapCue],
    families: &[Family],
    sentence: &Range<usize>,
    inner: &[Range<usize>],
) -> Option<GapType> {
    let mut sums = [0.0_f32; GapType::ALL.len()];
    let mut add = |gap: GapType, weight: f32| {
        if let Some(slot) = sums.get_mut(gap as usize) {
            *slot += weight;
        }
    };
    for cue in cues {
        let near = if inner.iter().any(|range| range.contains(&cue.start)) {
            2.0
        } else if sentence.contains(&cue.start) {
            1.0
        } else {
            0.1
        };
        add(cue.gap, cue.weight * near);
    }
    for (gap, weight) in families.iter().filter_map(|family| family.row()).flat_map(|row| row.gaps) {
        add(*gap, *weight);
    }
    let mut best = None;
    for (gap, sum) in GapType::ALL.iter().zip(sums) {
        if sum > best.map_or(0.0, |(_, most)| most) {
            best = Some((*gap, sum));
        }
    }
    best.map(|(gap, _)| gap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Folded;

    #[test]
    fn cues_near_the_gap_outweigh_cues_far_from_it() {
        let cues = GapCues::new(&JourneyMap::shipped().unwrap()).unwrap();
        let folded = Folded::new("The hotline was rude. The invoice amount was wrong.");
        let found = cues.find(&folded.spaced);
        let second = 22..folded.text.len();
        assert_eq!(choose(&found, &[], &second, &[second.clone()]), Some(GapType::AccuracyBilling));
        assert_eq!(choose(&found, &[], &(0..21), &[0..21]), Some(GapType::CourtesyEmpathy));
        assert_eq!(choose(&[], &[Family::Late], &second, &[]), Some(GapType::Timeliness));
        assert_eq!(choose(&[], &[], &second, &[]), None);
    }

    #[test]
    fn longer_phrases_weigh_more() {
        assert_eq!(phrase_weight("late"), 1.0);
        assert_eq!(phrase_weight("took too long"), 2.0);
    }
}
