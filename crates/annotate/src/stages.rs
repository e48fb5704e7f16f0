//! The words of a journey map: phrases and stems of its stages and touchpoints, in one automaton.

use std::collections::BTreeMap;

use groundswell_model::JourneyMap;

use crate::cues::{Cues, Ways, plain};
use crate::gaps::{STEM, Weights, phrase_weight};

/// What a cue speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// The stage at this place of the map.
    Stage(usize),
    /// The touchpoint at this place of the map.
    Touchpoint(usize),
}

/// A cue with what it speaks for.
pub(crate) struct Named {
    /// How it is shown: `phrase "out for delivery"`.
    pub(crate) shown: String,
    /// How it is shown as the beginning of a word.
    pub(crate) shown_stem: String,
    pub(crate) targets: Vec<(Target, Weights)>,
}

/// The words of a map.
pub(crate) struct MapWords {
    pub(crate) cues: Cues,
    pub(crate) named: Vec<Named>,
}

type Targets = BTreeMap<Target, Weights>;

/// Reads the words of a map.
pub(crate) fn words(map: &JourneyMap) -> MapWords {
    let mut all: BTreeMap<String, Targets> = BTreeMap::new();
    let mut put = |cue: &str, target, stem: bool| {
        let cue = plain(cue);
        if cue.is_empty() {
            return;
        }
        let phrase = phrase_weight(&cue);
        let weights = all.entry(cue).or_default().entry(target).or_default();
        if stem {
            weights.stem = STEM;
        } else {
            weights.phrase = phrase;
        }
    };
    for (index, stage) in map.stages.iter().enumerate() {
        stage.phrases.iter().for_each(|cue| put(cue, Target::Stage(index), false));
        stage.stems.iter().for_each(|cue| put(cue, Target::Stage(index), true));
    }
    for (index, touchpoint) in map.touchpoints.iter().enumerate() {
        touchpoint.phrases.iter().for_each(|cue| put(cue, Target::Touchpoint(index), false));
    }
    let all = inherit(all);
    let ways = all.iter().map(|(cue, targets)| {
        let phrase = targets.values().any(|weights| weights.phrase > 0.0);
        (cue.clone(), Ways { phrase, stem: targets.values().any(|weights| weights.stem > 0.0) })
    });
    let cues = Cues::new(&ways.collect());
    let named = all.into_iter().map(|(cue, targets)| Named {
        shown: format!("phrase \"{cue}\""),
        shown_stem: format!("stem \"{cue}\""),
        targets: targets.into_iter().collect(),
    });
    MapWords { cues, named: named.collect() }
}

/// A cue that hides a shorter one inside it also speaks for the other kind of target that the shorter one speaks for:
/// "out for delivery" is of a stage, and its "delivery" of a touchpoint.
fn inherit(all: BTreeMap<String, Targets>) -> BTreeMap<String, Targets> {
    let mut out = all.clone();
    for (cue, targets) in &mut out {
        let parts: Vec<&str> = cue.split(' ').collect();
        for (has, wants) in [
            (is_stage as fn(&Target) -> bool, is_touchpoint as fn(&Target) -> bool),
            (is_touchpoint, is_stage),
        ] {
            if targets.keys().any(wants) || !targets.keys().any(has) {
                continue;
            }
            let inner = (1..=parts.len())
                .rev()
                .flat_map(|length| parts.windows(length))
                .map(|window| window.join(" "));
            let found = inner
                .filter(|inner| inner != cue)
                .filter_map(|inner| all.get(&inner))
                .find(|inner| inner.keys().any(wants));
            for (target, weights) in found.into_iter().flatten().filter(|(target, _)| wants(target)) {
                // Only as a whole: the longer cue stands where the shorter one would.
                targets.insert(*target, Weights { phrase: weights.phrase.max(weights.stem), stem: 0.0 });
            }
        }
    }
    out
}

fn is_stage(target: &Target) -> bool {
    matches!(target, Target::Stage(_))
}

fn is_touchpoint(target: &Target) -> bool {
    matches!(target, Target::Touchpoint(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_cue_keeps_the_touchpoint_of_the_shorter_one_inside() {
        let map = JourneyMap::shipped().unwrap();
        let words = words(&map);
        let named = words.named.iter().find(|named| named.shown == "phrase \"out for delivery\"").unwrap();
        let codes: Vec<String> = named
            .targets
            .iter()
            .map(|(target, _)| match target {
                Target::Stage(at) => map.stages[*at].code.to_string(),
                Target::Touchpoint(at) => map.touchpoints[*at].code.to_string(),
            })
            .collect();
        assert_eq!(codes, ["fulfilment", "delivery"]);
    }
}
