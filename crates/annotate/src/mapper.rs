//! The mapper: annotated statements and structured evidence in, the verdict on a feedback out.
//!
//! Evidence is fused as a sum of log-likelihood ratios over a uniform prior, then a softmax.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use groundswell_model::{
    Annotation, Clock, Gap, GapType, JourneyMap, Kind, Mapping, Outcome, Reason, SentimentLabel, StageCode,
    Timestamp,
};

use crate::AnnotateError;
use crate::evidence::{Facts, Rule, Seen, rules};
use crate::fold::Folded;
use crate::heads::Heads;
use crate::phase::{day, phase};
use crate::stages::{MapWords, Target, words};
use wording::Wording;

/// The most that phrases add to one stage.
const MOST_PHRASES: f32 = 3.0;
/// The most that stems add to one stage.
const MOST_STEMS: f32 = 1.0;
/// Weight of words in the clauses that hold an unmet expectation, and of words elsewhere where there is one.
const INSIDE: f32 = 1.25;
const OUTSIDE: f32 = 0.8;
/// Weight of the words of a stage where things are said, where another one broke.
const SAID: f32 = 0.55;
/// From this strength of another stage on.
const BROKE: f32 = 1.0;
/// From this weight on the wording is a reason.
const SHOWN: f32 = 0.5;
/// The most reasons of a verdict.
const MOST_REASONS: usize = 8;
/// Stages at which people speak of what broke elsewhere.
const VOICES: [&str; 3] = ["support", "advocacy", "exit"];

/// Says where on a journey map a feedback belongs. Built once for each map; it may be shared between threads.
pub struct Mapper {
    map: JourneyMap,
    version: String,
    words: MapWords,
    rules: Vec<Rule>,
    voices: Vec<bool>,
    advocacy: Option<usize>,
    wording: Wording,
}

/// What is known of a feedback beside its words.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What sort of voice it is.
    pub kind: Option<Kind>,
    /// How it arrived.
    pub channel: &'a str,
    /// Structured context.
    pub context: &'a BTreeMap<String, String>,
    /// The customer's own clock.
    pub clock: Clock,
    /// When it happened or was said.
    pub occurred_at: Option<Timestamp>,
}

/// A piece of evidence for a stage, before it is written out.
struct Ground {
    stage: usize,
    weight: f32,
    shown: Shown,
}

enum Shown {
    Phrase(usize),
    Stem(usize),
    Fact(usize, Seen),
    Wording,
}

/// The sums of evidence.
struct Fused {
    grounds: Vec<Ground>,
    scores: Vec<f32>,
    /// Scores in which the stages where things are said are not lowered.
    said: Vec<f32>,
    touchpoint: Option<usize>,
    /// A phrase of the stage advocacy was found.
    refers: bool,
}

/// The cues found in the statements, in order, and the weight of each by its place.
struct Words {
    /// Number of the cue, whether the word goes on behind it, and its weight.
    order: Vec<(usize, bool, f32)>,
    /// Cues with their place in the order, sorted.
    places: Vec<((usize, bool), usize)>,
}

impl Words {
    fn put(&mut self, cue: usize, open: bool, weight: f32) {
        match self.places.binary_search_by_key(&(cue, open), |(known, _)| *known) {
            Ok(found) => {
                let known = self.places.get(found).and_then(|(_, place)| self.order.get_mut(*place));
                if let Some((_, _, most)) = known {
                    *most = most.max(weight);
                }
            }
            Err(room) => {
                self.places.insert(room, ((cue, open), self.order.len()));
                self.order.push((cue, open, weight));
            }
        }
    }
}

impl Mapper {
    /// Builds a mapper for a journey map.
    ///
    /// # Errors
    /// [`AnnotateError::Map`] for a range or weight that is none.
    pub fn new(map: JourneyMap) -> Result<Self, AnnotateError> {
        Self::with_heads(map, Heads::shipped()?)
    }

    /// Builds a mapper with other heads, such as those of one fold of a cross-validation.
    ///
    /// # Errors
    /// As for [`Mapper::new`].
    pub fn with_heads(map: JourneyMap, heads: Arc<Heads>) -> Result<Self, AnnotateError> {
        let wording = Wording::new(&map, heads)?;
        let (words, rules) = (words(&map), rules(&map)?);
        let voices = map.stages.iter().map(|stage| VOICES.contains(&stage.code.as_str())).collect();
        let advocacy = map.stages.iter().position(|stage| stage.code.as_str() == "advocacy");
        let version = format!("{} {}", map.name, map.version);
        Ok(Self { map, version, words, rules, voices, advocacy, wording })
    }

    /// Gives the map that it was built for.
    pub fn map(&self) -> &JourneyMap {
        &self.map
    }

    /// Gives the verdict on a feedback from its annotated statements and its evidence.
    pub fn place(&self, texts: &[(&str, &Annotation)], evidence: &Evidence<'_>) -> Mapping {
        let fused = self.fuse(texts, evidence);
        let shares = softmax(&fused.scores);
        let (best, probability) = top(&shares);
        let known = probability >= self.map.threshold && !fused.grounds.is_empty();
        let stage = if known { self.stage(best) } else { StageCode::unknown() };
        let voiced_at = known.then(|| self.voiced(&fused, best, &shares)).flatten();
        let advocate = fused.refers && praises(texts);
        Mapping {
            stage,
            probability: round(probability),
            voiced_at,
            because: self.reasons(&fused.grounds),
            touchpoint: fused
                .touchpoint
                .and_then(|at| self.map.touchpoints.get(at))
                .map(|touchpoint| touchpoint.code.clone()),
            phase: evidence.occurred_at.and_then(|at| phase(&evidence.clock, at, advocate, &self.map.phases)),
            tenure_days: tenure(evidence),
            gaps: gaps(texts),
            theme: None,
            issue: None,
            corrected_by: None,
            versions: BTreeMap::from([("journey".to_owned(), self.version.clone())]),
        }
    }

    /// Gives the likeliest stage and its probability, even below the threshold; `unknown` where nothing speaks for any.
    pub fn likeliest(&self, texts: &[(&str, &Annotation)], evidence: &Evidence<'_>) -> (StageCode, f32) {
        let fused = self.fuse(texts, evidence);
        let (best, probability) = top(&softmax(&fused.scores));
        if fused.grounds.is_empty() {
            (StageCode::unknown(), round(probability))
        } else {
            (self.stage(best), round(probability))
        }
    }

    fn stage(&self, at: usize) -> StageCode {
        self.map.stages.get(at).map_or_else(StageCode::unknown, |stage| stage.code.clone())
    }

    /// Adds up the evidence of words and facts.
    fn fuse(&self, texts: &[(&str, &Annotation)], evidence: &Evidence<'_>) -> Fused {
        let seen = self.see(texts);
        let mut grounds = Vec::with_capacity(seen.order.len() + 8);
        let mut touched = vec![0.0_f32; self.map.touchpoints.len()];
        let mut refers = false;
        for &(cue, open, place) in &seen.order {
            for (target, weights) in
                self.words.named.get(cue).map_or(&[][..], |named| named.targets.as_slice())
            {
                let phrase = !open && weights.phrase > 0.0;
                let weight = if phrase { weights.phrase } else { weights.stem } * place;
                match target {
                    Target::Stage(stage) if weight > 0.0 => {
                        refers |= phrase && Some(*stage) == self.advocacy;
                        let shown = if phrase { Shown::Phrase(cue) } else { Shown::Stem(cue) };
                        grounds.push(Ground { stage: *stage, weight, shown });
                    }
                    Target::Touchpoint(at) => {
                        if let Some(slot) = touched.get_mut(*at) {
                            *slot += weight;
                        }
                    }
                    Target::Stage(_) => {}
                }
            }
        }
        let touchpoint = best_of(&touched);
        let (mut scores, mut said) = self.cap(&mut grounds);
        let code =
            touchpoint.and_then(|at| self.map.touchpoints.get(at)).map(|touchpoint| touchpoint.code.as_str());
        let facts = Facts { given: evidence, gap: first_gap(texts), touchpoint: code };
        for (index, rule) in self.rules.iter().enumerate() {
            let Some(seen) = rule.met(&facts) else { continue };
            for &(stage, weight) in &rule.weights {
                grounds.push(Ground { stage, weight, shown: Shown::Fact(index, seen) });
                for sums in [&mut scores, &mut said] {
                    if let Some(slot) = sums.get_mut(stage) {
                        *slot += weight;
                    }
                }
            }
        }
        for (stage, weight) in self.wording.weigh(texts).into_iter().flatten().enumerate() {
            if weight >= SHOWN {
                grounds.push(Ground { stage, weight, shown: Shown::Wording });
            }
            for sums in [&mut scores, &mut said] {
                if let Some(slot) = sums.get_mut(stage) {
                    *slot += weight;
                }
            }
        }
        Fused { grounds, scores, said, touchpoint, refers }
    }

    /// Finds the cues of all statements, each once, with the weight of the best place that it stands at.
    fn see(&self, texts: &[(&str, &Annotation)]) -> Words {
        let mut seen = Words { order: Vec::with_capacity(32), places: Vec::with_capacity(32) };
        let any = texts.iter().any(|(_, annotation)| broke(annotation).next().is_some());
        for (text, annotation) in texts {
            let folded = Folded::new(text);
            let inside = places(text, annotation, &folded);
            self.words.cues.find(&folded.spaced, |found| {
                let weight = match (any, inside.iter().any(|range| range.contains(&found.start))) {
                    (false, _) => 1.0,
                    (true, true) => INSIDE,
                    (true, false) => OUTSIDE,
                };
                seen.put(found.cue, found.open, weight);
            });
        }
        seen
    }

    /// Caps phrases and stems by stage, lowers the stages where things are said, and sums.
    fn cap(&self, grounds: &mut [Ground]) -> (Vec<f32>, Vec<f32>) {
        let count = self.map.stages.len();
        let (mut phrases, mut stems) = (vec![0.0_f32; count], vec![0.0_f32; count]);
        for ground in grounds.iter() {
            let sums = if matches!(ground.shown, Shown::Phrase(_)) { &mut phrases } else { &mut stems };
            if let Some(slot) = sums.get_mut(ground.stage) {
                *slot += ground.weight;
            }
        }
        let factor = |sum: f32, most: f32| if sum > most { most / sum } else { 1.0 };
        let said: Vec<f32> = phrases
            .iter()
            .zip(&stems)
            .map(|(phrase, stem)| phrase.min(MOST_PHRASES) + stem.min(MOST_STEMS))
            .collect();
        let voice = |stage: usize| self.voices.get(stage).copied().unwrap_or(false);
        let elsewhere = said
            .iter()
            .enumerate()
            .filter(|(stage, _)| !voice(*stage))
            .map(|(_, sum)| *sum)
            .fold(0.0, f32::max);
        let lowered = |stage: usize| if voice(stage) && elsewhere >= BROKE { SAID } else { 1.0 };
        for ground in grounds.iter_mut() {
            let (sums, most) = if matches!(ground.shown, Shown::Phrase(_)) {
                (&phrases, MOST_PHRASES)
            } else {
                (&stems, MOST_STEMS)
            };
            ground.weight *=
                factor(sums.get(ground.stage).copied().unwrap_or(0.0), most) * lowered(ground.stage);
        }
        let scores = said.iter().enumerate().map(|(stage, sum)| sum * lowered(stage)).collect();
        (scores, said)
    }

    /// Gives the stage where it was said: a second likely one, or a stage of voices on its own evidence.
    fn voiced(&self, fused: &Fused, best: usize, shares: &[f32]) -> Option<StageCode> {
        let without = |sums: &[f32]| {
            sums.iter().enumerate().map(|(at, sum)| if at == best { 0.0 } else { *sum }).collect::<Vec<_>>()
        };
        let second = top(&shares
            .iter()
            .enumerate()
            .map(|(at, share)| if at == best { 0.0 } else { *share })
            .collect::<Vec<_>>());
        if second.1 >= self.map.second {
            return Some(self.stage(second.0));
        }
        let (at, share) = top(&softmax(&without(&fused.said)));
        (at != best && share >= self.map.second && self.voices.get(at) == Some(&true)).then(|| self.stage(at))
    }

    /// Writes the strongest reasons out.
    fn reasons(&self, grounds: &[Ground]) -> Vec<Reason> {
        let mut order: Vec<&Ground> = grounds.iter().collect();
        order.sort_by(|one, other| {
            other.weight.abs().total_cmp(&one.weight.abs()).then(one.stage.cmp(&other.stage))
        });
        let shown = |shown: &Shown| match shown {
            Shown::Phrase(cue) => self.words.named.get(*cue).map(|named| named.shown.clone()),
            Shown::Stem(cue) => self.words.named.get(*cue).map(|named| named.shown_stem.clone()),
            Shown::Wording => Some("wording of the text".to_owned()),
            Shown::Fact(rule, seen) => self.rules.get(*rule).map(|rule| rule.show(*seen)),
        };
        order
            .into_iter()
            .take(MOST_REASONS)
            .filter_map(|ground| {
                Some(Reason {
                    evidence: shown(&ground.shown)?,
                    stage: self.stage(ground.stage),
                    weight: round(ground.weight),
                })
            })
            .collect()
    }
}

fn broke(annotation: &Annotation) -> impl Iterator<Item = &groundswell_model::Expectation> {
    annotation.expectations.iter().filter(|expectation| expectation.outcome == Outcome::Unmet)
}

/// Gives the folded ranges of what was expected and what happened in a statement.
fn places(text: &str, annotation: &Annotation, folded: &Folded) -> Vec<Range<usize>> {
    let spans =
        broke(annotation).flat_map(|expectation| [&expectation.expected, &expectation.happened]).flatten();
    spans.filter_map(|span| find(text, span).map(|at| folded.to_folded(at..at + span.len()))).collect()
}

/// Gives where a span first stands in a text. A short one is not worth the preparations of a long one.
fn find(text: &str, span: &str) -> Option<usize> {
    if span.len() > 200 {
        return text.find(span);
    }
    let (text, span) = (text.as_bytes(), span.as_bytes());
    let Some(&first) = span.first() else { return Some(0) };
    let mut at = 0;
    loop {
        at += text.get(at..)?.iter().position(|byte| *byte == first)?;
        if text.get(at..).is_some_and(|rest| rest.starts_with(span)) {
            return Some(at);
        }
        at += 1;
    }
}

fn first_gap(texts: &[(&str, &Annotation)]) -> Option<GapType> {
    texts.iter().flat_map(|(_, annotation)| broke(annotation)).find_map(|expectation| expectation.gap)
}

/// One gap for each type, in the order in which they were said.
fn gaps(texts: &[(&str, &Annotation)]) -> Vec<Gap> {
    let mut out: Vec<Gap> = Vec::new();
    for expectation in texts.iter().flat_map(|(_, annotation)| broke(annotation)) {
        let Some(gap) = expectation.gap else { continue };
        match out.iter_mut().find(|known| known.gap == gap) {
            // A set origin says more than the norm.
            Some(known) if known.origin == groundswell_model::Origin::Norm => {
                known.origin = expectation.origin
            }
            Some(_) => {}
            None => out.push(Gap { gap, cause: None, origin: expectation.origin, promise: None }),
        }
    }
    out
}

fn praises(texts: &[(&str, &Annotation)]) -> bool {
    texts.iter().all(|(_, annotation)| broke(annotation).next().is_none())
        && texts.iter().any(|(_, annotation)| annotation.sentiment.label == SentimentLabel::Positive)
}

/// Whole days since the purchase; absent before it.
fn tenure(evidence: &Evidence<'_>) -> Option<i32> {
    let days = day(evidence.occurred_at?) - day(evidence.clock.purchased_at?);
    i32::try_from(days).ok().filter(|days| *days >= 0)
}

fn best_of(sums: &[f32]) -> Option<usize> {
    let (at, sum) = top(sums);
    (sum > 0.0).then_some(at)
}

/// Gives the first greatest value and its place.
fn top(values: &[f32]) -> (usize, f32) {
    values
        .iter()
        .enumerate()
        .fold((0, f32::MIN), |best, (at, value)| if *value > best.1 { (at, *value) } else { best })
}

/// Turns log-odds into shares that sum to 1.
fn softmax(scores: &[f32]) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut out: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|share| *share /= sum);
    out
}

fn round(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests;
mod wording;
