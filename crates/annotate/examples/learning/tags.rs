//! Trains the tagger of spans: an averaged perceptron over whole ways (Collins 2002), each way of the training made harder
//! by what it gets wrong.

use std::collections::BTreeMap;

use groundswell_annotate::spans::{SpanWeights, Tag, best};

use super::corpus::Sample;

/// A passage with its tags.
pub struct Tagged {
    pub explicit: bool,
    pub signs: Vec<Vec<u64>>,
    pub tags: Vec<Tag>,
}

/// How often the passages are gone through.
const ROUNDS: usize = 10;
/// What a wrong tag gains while learning, so that right ways win by a margin.
const MARGIN: f32 = 1.0;
/// A sign is learnt from this many passages on.
const LEAST: usize = 2;

/// Learns from the passages of the samples that `takes` says.
pub fn learn(samples: &[&Sample], takes: impl Fn(&Sample) -> bool) -> SpanWeights {
    let own: Vec<&Tagged> =
        samples.iter().filter(|sample| takes(sample)).filter_map(|sample| sample.tagged.as_ref()).collect();
    if own.is_empty() {
        return SpanWeights::default();
    }
    let numbers = number(&own);
    let passages: Vec<(Vec<Vec<usize>>, &Tagged)> = own
        .iter()
        .map(|tagged| {
            let known =
                |signs: &Vec<u64>| signs.iter().filter_map(|sign| numbers.get(sign).copied()).collect();
            (tagged.signs.iter().map(known).collect(), *tagged)
        })
        .collect();
    let mut state = State::new(numbers.len());
    let mut order: Vec<usize> = (0..passages.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..ROUNDS {
        for at in (1..order.len()).rev() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            order.swap(at, (random % (at as u64 + 1)) as usize);
        }
        for at in &order {
            let (signs, tagged) = &passages[*at];
            state.learn(signs, tagged);
        }
    }
    state.weights(&numbers)
}

/// Numbers the signs that occur in several passages.
fn number(own: &[&Tagged]) -> BTreeMap<u64, usize> {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for tagged in own {
        let mut all: Vec<u64> = tagged.signs.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().for_each(|sign| *counts.entry(sign).or_default() += 1);
    }
    let kept = counts.into_iter().filter(|(_, count)| *count >= LEAST);
    kept.enumerate().map(|(number, (sign, _))| (sign, number)).collect()
}

/// Weights with the sums of all their states.
struct State {
    rows: Vec<[f32; 3]>,
    sums: Vec<[f32; 3]>,
    moves: [[f32; 3]; 3],
    move_sums: [[f32; 3]; 3],
    time: f32,
}

impl State {
    fn new(size: usize) -> Self {
        Self {
            rows: vec![[0.0; 3]; size],
            sums: vec![[0.0; 3]; size],
            moves: [[0.0; 3]; 3],
            move_sums: [[0.0; 3]; 3],
            time: 1.0,
        }
    }

    fn learn(&mut self, signs: &[Vec<usize>], tagged: &Tagged) {
        let scores: Vec<[f32; 3]> = signs
            .iter()
            .zip(&tagged.tags)
            .map(|(signs, truth)| {
                let mut out = [MARGIN; 3];
                out[*truth as usize] = 0.0;
                for sign in signs {
                    out.iter_mut().zip(&self.rows[*sign]).for_each(|(sum, weight)| *sum += weight);
                }
                out
            })
            .collect();
        let told = best(&scores, &self.moves, tagged.explicit);
        if let Some(told) = told.filter(|told| *told != tagged.tags) {
            self.shift(signs, &tagged.tags, 1.0);
            self.shift(signs, &told, -1.0);
        }
        self.time += 1.0;
    }

    fn shift(&mut self, signs: &[Vec<usize>], tags: &[Tag], by: f32) {
        for (signs, tag) in signs.iter().zip(tags) {
            for sign in signs {
                self.rows[*sign][*tag as usize] += by;
                self.sums[*sign][*tag as usize] += by * self.time;
            }
        }
        for pair in tags.windows(2) {
            self.moves[pair[0] as usize][pair[1] as usize] += by;
            self.move_sums[pair[0] as usize][pair[1] as usize] += by * self.time;
        }
    }

    /// Averages over time and quantises.
    fn weights(&self, numbers: &BTreeMap<u64, usize>) -> SpanWeights {
        let mean = |weight: f32, sum: f32| weight - sum / self.time;
        let rows: Vec<[f32; 3]> = self
            .rows
            .iter()
            .zip(&self.sums)
            .map(|(row, sum)| [0, 1, 2].map(|tag| mean(row[tag], sum[tag])))
            .collect();
        let most = rows.iter().flatten().map(|weight| weight.abs()).fold(0.0, f32::max);
        let step = (most / 127.0).max(1e-6);
        let mut out = SpanWeights { step, ..SpanWeights::default() };
        for from in 0..3 {
            for to in 0..3 {
                out.moves[from][to] = mean(self.moves[from][to], self.move_sums[from][to]);
            }
        }
        for (sign, number) in numbers {
            let row = rows[*number].map(|weight| (weight / step).round() as i8);
            if row != [0; 3] {
                out.rows.push((*sign, row));
            }
        }
        out
    }
}
