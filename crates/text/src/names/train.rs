//! Training of the name model: a chain of two states with hashed features, by stochastic gradient (AdaGrad), repeatable.

use std::ops::Range;

use super::features::{self, SLOTS};
use super::lexicon::NameLexicon;
use super::model::{NameModel, Score, marginals};
use super::tokens::{Token, read};

/// Rounds through all examples.
const ROUNDS: usize = 12;
/// The first step, and what pulls each weight towards nought.
const STEP: f64 = 0.15;
const PULL: f64 = 2e-4;
/// Features seen less often are not learned.
const FEWEST: u32 = 2;

/// A text whose names are marked.
#[derive(Debug, Clone, Default)]
pub struct NameExample {
    /// The text.
    pub text: String,
    /// Where its names are, in bytes.
    pub names: Vec<Range<usize>>,
    /// Stretches to be passed over, in bytes, sorted: other personal data and placeholders.
    pub masked: Vec<Range<usize>>,
    /// Whether listed names that are not marked may be names all the same: they then teach nothing.
    pub unsure: bool,
}

/// One run of candidates, made ready.
struct Run {
    own: Vec<Vec<u32>>,
    link: Vec<Vec<u32>>,
    allowed: Vec<(bool, bool)>,
}

/// Trains a model; the same examples in the same order give the same model.
#[must_use]
pub fn train_names(lexicon: NameLexicon, examples: &[NameExample], threshold: f32) -> NameModel {
    let mut runs = Vec::new();
    for example in examples {
        prepare(example, &lexicon, &mut runs);
    }
    let mut seen = vec![0u32; SLOTS as usize];
    for slot in runs.iter().flat_map(|run| run.own.iter().chain(&run.link)).flatten() {
        if let Some(count) = seen.get_mut(*slot as usize) {
            *count += 1;
        }
    }
    for features in runs.iter_mut().flat_map(|run| run.own.iter_mut().chain(&mut run.link)) {
        features.retain(|slot| seen.get(*slot as usize).is_some_and(|count| *count >= FEWEST));
    }
    let mut order: Vec<usize> = (0..runs.len()).collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut learned = Learned { weights: vec![0.0; SLOTS as usize], squares: vec![1e-3; SLOTS as usize] };
    for _ in 0..ROUNDS {
        shuffle(&mut order, &mut state);
        for run in order.iter().filter_map(|place| runs.get(*place)) {
            learned.step(run);
        }
    }
    NameModel::new(lexicon, &learned.weights, threshold)
}

fn prepare(example: &NameExample, lexicon: &NameLexicon, runs: &mut Vec<Run>) {
    let masked: Vec<(usize, usize)> = example.masked.iter().map(|range| (range.start, range.end)).collect();
    let mut tokens = Vec::new();
    read(&example.text, &masked, lexicon, &mut tokens);
    let case = features::case_of(&tokens);
    let mut at = 0;
    while at < tokens.len() {
        if !features::is_candidate(&tokens, at, case) {
            at += 1;
            continue;
        }
        let mut run = Run { own: Vec::new(), link: Vec::new(), allowed: Vec::new() };
        let start = at;
        while let Some(token) =
            tokens.get(at).filter(|_| at == start || features::is_candidate(&tokens, at, case))
        {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before)).filter(|_| at > start);
            run.own.push(features::of(&tokens, at, case).as_slice().to_vec());
            run.link.push(
                before.map_or_else(Vec::new, |before| features::link(before, token).as_slice().to_vec()),
            );
            run.allowed.push(allowed(example, token));
            at += 1;
        }
        runs.push(run);
    }
}

fn allowed(example: &NameExample, token: &Token) -> (bool, bool) {
    let named = example.names.iter().any(|name| name.start < token.end && token.start < name.end);
    let listed = token.class.given().max(token.class.family()) > 0;
    if named { (false, true) } else { (true, example.unsure && listed) }
}

fn shuffle(order: &mut [usize], state: &mut u64) {
    for last in (1..order.len()).rev() {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        let other = usize::try_from(*state % (last as u64 + 1)).unwrap_or(0);
        order.swap(last, other);
    }
}

struct Learned {
    weights: Vec<f64>,
    squares: Vec<f64>,
}

impl Learned {
    fn sum(&self, slots: &[u32]) -> f64 {
        slots.iter().filter_map(|slot| self.weights.get(*slot as usize)).sum()
    }

    fn step(&mut self, run: &Run) {
        let scores: Vec<Score> = run
            .own
            .iter()
            .zip(&run.link)
            .map(|(own, link)| Score { own: self.sum(own), link: self.sum(link) })
            .collect();
        let free = marginals(&scores, &[]);
        let bound = marginals(&scores, &run.allowed);
        for (place, (free, bound)) in free.iter().zip(&bound).enumerate() {
            self.adjust(run.own.get(place), bound.0 - free.0);
            self.adjust(run.link.get(place), bound.1 - free.1);
        }
    }

    fn adjust(&mut self, slots: Option<&Vec<u32>>, error: f64) {
        for slot in slots.into_iter().flatten() {
            let (Some(weight), Some(square)) =
                (self.weights.get_mut(*slot as usize), self.squares.get_mut(*slot as usize))
            else {
                continue;
            };
            let slope = error - PULL * *weight;
            *square += slope * slope;
            *weight += STEP * slope / square.sqrt();
        }
    }
}
