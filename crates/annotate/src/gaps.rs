//! Which gap type an unmet expectation is of: cues of the shipped map, and the families that fired.

use std::collections::BTreeMap;
use std::ops::Range;

use groundswell_model::{GapType, JourneyMap};

use crate::cues::{Cues, Ways, plain};
use crate::families::Family;
use crate::origin::{MARKS, Mark};

/// The gap cues of a journey map.
pub(crate) struct GapCues {
    cues: Cues,
    meanings: Vec<Meaning>,
}

/// What a cue speaks for.
struct Meaning {
    gaps: Vec<(GapType, Weights)>,
    marks: Vec<Mark>,
}

/// What was found in a text.
#[derive(Default)]
pub(crate) struct FoundCues {
    pub(crate) gaps: Vec<GapCue>,
    /// Marks and where they stand.
    pub(crate) marks: Vec<(Mark, usize)>,
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
    pub(crate) fn new(map: &JourneyMap) -> Self {
        let mut all: BTreeMap<String, (BTreeMap<GapType, Weights>, Vec<Mark>)> = BTreeMap::new();
        for norm in &map.gaps {
            for cue in norm.phrases.iter().map(|cue| plain(cue)) {
                let weight = phrase_weight(&cue);
                all.entry(cue).or_default().0.entry(norm.code).or_default().phrase = weight;
            }
            for cue in norm.stems.iter().map(|cue| plain(cue)) {
                all.entry(cue).or_default().0.entry(norm.code).or_default().stem = STEM;
            }
        }
        let marks: Vec<(String, Mark)> =
            MARKS.iter().flat_map(|(mark, words)| words.iter().map(|word| (plain(word), *mark))).collect();
        for (word, mark) in &marks {
            all.entry(word.clone()).or_default();
            // A longer cue hides the mark inside it, so it bears the mark itself.
            all.iter_mut().filter(|(cue, _)| holds(cue, word)).for_each(|(_, (_, marks))| marks.push(*mark));
        }
        let ways = all.iter().map(|(cue, (gaps, _))| {
            let marked = marks.iter().any(|(word, _)| word == cue);
            let phrase = marked || gaps.values().any(|weights| weights.phrase > 0.0);
            (cue.clone(), Ways { phrase, stem: marked || gaps.values().any(|weights| weights.stem > 0.0) })
        });
        let cues = Cues::new(&ways.collect());
        let meanings =
            all.into_values().map(|(gaps, marks)| Meaning { gaps: gaps.into_iter().collect(), marks });
        Self { cues, meanings: meanings.collect() }
    }

    /// Gives the cues of a spaced text, in order.
    pub(crate) fn find(&self, spaced: &[u8]) -> FoundCues {
        let mut out = FoundCues::default();
        self.cues.find(spaced, |found| {
            let Some(meaning) = self.meanings.get(found.cue) else { return };
            for (gap, weights) in &meaning.gaps {
                let weight = if found.open { weights.stem } else { weights.phrase.max(weights.stem) };
                if weight > 0.0 {
                    out.gaps.push(GapCue { gap: *gap, weight, start: found.start });
                }
            }
            out.marks.extend(meaning.marks.iter().map(|mark| (*mark, found.start)));
        });
        out
    }
}

/// Says whether a cue has these words inside it.
fn holds(cue: &str, words: &str) -> bool {
    let open = |part: Option<&str>| part.is_some_and(|part| part.is_empty() || part.starts_with(' '));
    let closed = |part: Option<&str>| part.is_some_and(|part| part.is_empty() || part.ends_with(' '));
    cue.match_indices(words).any(|(at, _)| closed(cue.get(..at)) && open(cue.get(at + words.len()..)))
}

/// How much a step of the head's scores weighs beside the cues.
const HEAD: f32 = 0.8;

/// Chooses the gap type with the most weight: cues within the clauses of the gap count double, those of the rest of its
/// sentence once, those of other sentences a tenth; then the scores of the head. Nothing without any of them.
pub(crate) fn choose(
    cues: &[GapCue],
    families: &[Family],
    (sentence, inner): (&Range<usize>, &[Range<usize>]),
    scores: &[f32],
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
    if scores.is_empty() && sums.iter().all(|sum| *sum <= 0.0) {
        return None;
    }
    for (sum, score) in sums.iter_mut().zip(scores) {
        *sum += HEAD * score;
    }
    let mut best: Option<(GapType, f32)> = None;
    for (gap, sum) in GapType::ALL.iter().zip(sums) {
        if best.is_none_or(|(_, most)| sum > most) {
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
        let cues = GapCues::new(&JourneyMap::shipped().unwrap());
        let folded = Folded::new("The hotline was rude. The invoice amount was wrong.");
        let found = cues.find(&folded.spaced);
        let second = 22..folded.text.len();
        assert_eq!(
            choose(&found.gaps, &[], (&second, std::slice::from_ref(&second)), &[]),
            Some(GapType::AccuracyBilling)
        );
        assert_eq!(choose(&found.gaps, &[], (&(0..21), &[]), &[]), Some(GapType::CourtesyEmpathy));
        assert_eq!(choose(&[], &[Family::Late], (&second, &[]), &[]), Some(GapType::Timeliness));
        assert_eq!(choose(&[], &[], (&second, &[]), &[]), None);
    }

    #[test]
    fn longer_phrases_weigh_more() {
        assert_eq!(phrase_weight("late"), 1.0);
        assert_eq!(phrase_weight("took too long"), 2.0);
    }
}
