//! The trained part: linear heads on hashed n-grams, cues and the embedding, read from one file of int8 weights.
//!
//! The heads are multinomial logistic regressions (L2); `cargo xtask train` makes the file. The probability that an
//! annotation shows is calibrated where it is made, in `conclude`. All heads share one table, so that an n-gram is looked up once.

mod grams;
mod layout;
mod table;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use layout::{CUES, DENSE, DIMENSIONS, Head, LABELS, OUTPUTS, STAGES};
pub use table::Weights;

pub(crate) use grams::grams;
use table::Table;

use crate::AnnotateError;
use crate::fold::Folded;
use crate::spans::Tagger;

const SHIPPED: &[u8] = include_bytes!("../models/heads.bin");

/// The heads, ready to score.
#[derive(Debug)]
pub struct Heads {
    table: Table,
    /// A row of weights for each dense feature.
    dense: Vec<[f32; OUTPUTS]>,
    bias: [f32; OUTPUTS],
    /// What one step of a quantised weight is worth.
    step: [f32; OUTPUTS],
    /// Finds the spans of a broken expectation.
    pub(crate) tagger: Tagger,
}

/// What the n-grams of a piece of text add to each output, before it is scaled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    sums: [i32; OUTPUTS],
    count: u32,
}

impl Default for Sums {
    fn default() -> Self {
        Self { sums: [0; OUTPUTS], count: 0 }
    }
}

impl Sums {
    /// Adds the n-grams of another piece.
    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum = sum.saturating_add(*more);
        }
        self.count += other.count;
    }
}

impl Heads {
    /// Gives the shipped heads, read once.
    ///
    /// # Errors
    /// [`AnnotateError::Heads`], when the shipped file is at fault, which a test rules out.
    pub fn shipped() -> Result<Arc<Self>, AnnotateError> {
        static SHARED: OnceLock<Option<Arc<Heads>>> = OnceLock::new();
        let heads = SHARED.get_or_init(|| Self::read(SHIPPED).ok().map(Arc::new));
        heads.clone().ok_or(AnnotateError::Heads { what: "the shipped file cannot be read" })
    }

    /// Reads heads from the bytes of a file.
    ///
    /// # Errors
    /// [`AnnotateError::Heads`] for bytes that are none.
    pub fn read(bytes: &[u8]) -> Result<Self, AnnotateError> {
        Ok(Self::new(&Weights::read(bytes)?))
    }

    /// Makes heads of weights.
    #[must_use]
    pub fn new(weights: &Weights) -> Self {
        Self {
            table: Table::new(&weights.grams),
            dense: weights.dense.clone(),
            bias: weights.bias,
            step: weights.step,
            tagger: Tagger::new(&weights.spans),
        }
    }

    /// Sums the weights of a sentence's n-grams.
    pub(crate) fn sums(&self, folded: &Folded, sentence: &Range<usize>) -> Sums {
        let mut out = Sums::default();
        // Sums of sixteen bits are twice as fast, and hold this many rows.
        let (mut near, mut rows) = ([0_i16; OUTPUTS], 0);
        grams(folded, sentence, |gram| {
            out.count += 1;
            if let Some(row) = self.table.get(gram) {
                for (sum, weight) in near.iter_mut().zip(row) {
                    *sum = sum.wrapping_add(i16::from(*weight));
                }
                rows += 1;
                if rows == ROWS {
                    flush(&mut near, &mut out.sums);
                    rows = 0;
                }
            }
        });
        flush(&mut near, &mut out.sums);
        out
    }

    /// Gives what is added to each output in any case.
    pub(crate) fn bias(&self) -> [f32; OUTPUTS] {
        self.bias
    }

    /// Adds what dense features, numbered from `first`, say to each output.
    pub(crate) fn more(&self, first: usize, features: impl Iterator<Item = f32>, out: &mut [f32; OUTPUTS]) {
        for (value, row) in features.zip(self.dense.get(first..).unwrap_or_default()) {
            if value != 0.0 {
                for (slot, weight) in out.iter_mut().zip(row) {
                    *slot += value * weight;
                }
            }
        }
    }

    /// Gives the scores of a piece of text from its n-grams and what the dense features add.
    pub(crate) fn score(&self, sums: &Sums, base: &[f32; OUTPUTS]) -> [f32; OUTPUTS] {
        #[expect(clippy::cast_precision_loss, reason = "counts of words and weights are far below 2^24")]
        let (scale, sums) = (norm(sums.count as f32), sums.sums.map(|sum| sum as f32));
        let mut out = *base;
        for ((slot, sum), step) in out.iter_mut().zip(sums).zip(&self.step) {
            *slot += sum * step * scale;
        }
        out
    }
}

/// How many rows of int8 fit into a sum of sixteen bits.
const ROWS: u32 = 256;

fn flush(near: &mut [i16; OUTPUTS], far: &mut [i32; OUTPUTS]) {
    for (far, near) in far.iter_mut().zip(near) {
        *far += i32::from(std::mem::take(near));
    }
}

/// By what the sum over so many n-grams is divided.
fn norm(count: f32) -> f32 {
    1.0 / count.max(1.0).sqrt()
}

/// Gives the log-odds of a head of two classes.
pub(crate) fn odds(head: Head, scores: &[f32; OUTPUTS]) -> f32 {
    scores.get(head.outputs()).and_then(|own| own.first()).copied().unwrap_or(0.0)
}

/// Gives the probabilities of a head's classes.
pub(crate) fn shares(head: Head, scores: &[f32; OUTPUTS]) -> Vec<f32> {
    let own = scores.get(head.outputs()).unwrap_or_default();
    if let [one] = own {
        let share = 1.0 / (1.0 + (-one).exp());
        return vec![1.0 - share, share];
    }
    let most = own.iter().copied().fold(f32::MIN, f32::max);
    let mut out: Vec<f32> = own.iter().map(|score| (score - most).exp()).collect();
    let sum: f32 = out.iter().sum();
    out.iter_mut().for_each(|share| *share /= sum);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_heads_can_be_read() {
        let heads = Heads::shipped().unwrap();
        assert_eq!(heads.dense.len(), DENSE);
        assert!(heads.table.len() > 1_000);
    }

    #[test]
    fn a_truncated_or_foreign_file_is_refused() {
        assert!(Heads::read(&[]).is_err());
        assert!(Heads::read(b"not a file of heads at all").is_err());
        assert!(Heads::read(SHIPPED.get(..SHIPPED.len() / 2).unwrap()).is_err());
    }

    #[test]
    fn weights_are_written_and_read_alike() {
        let mut weights = Weights::empty();
        weights.grams.push((7, [3; OUTPUTS]));
        weights.bias[0] = 0.5;
        weights.step = [0.25; OUTPUTS];
        let again = Weights::read(&weights.write()).unwrap();
        assert_eq!(again, weights);
        let heads = Heads::new(&again);
        let sums = Sums { sums: [4; OUTPUTS], count: 4 };
        assert_eq!(heads.score(&sums, &heads.bias())[0], 1.0);
        assert_eq!(heads.score(&sums, &heads.bias())[1], 0.5);
    }
}
