//! Where the words of a broken expectation begin and end: a linear tagger over the words of a passage (Collins 2002), which
//! takes what the patterns found as one sign among others.

mod path;
mod signs;
mod weights;

use std::ops::Range;

pub use path::{Tag, best};
pub(crate) use signs::{Passage, words};
pub use weights::SpanWeights;

use crate::expectation::Spans;

/// A word of a passage and what the tagger sees of it; for training.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// Where it stands in the text.
    pub range: Range<usize>,
    /// Hashes of its signs.
    pub signs: Vec<u64>,
}

/// The tagger, ready to tag.
#[derive(Debug)]
pub(crate) struct Tagger {
    slots: Vec<(u64, [i8; 3])>,
    mask: usize,
    /// A bit for each sign that may be known: most are not, and this is smaller than the slots.
    maybe: Vec<u64>,
    step: f32,
    moves: [[f32; 3]; 3],
}

/// The most words of a passage that are tagged.
const MOST_WORDS: usize = 160;

/// How many bits tell which signs may be known.
const MAYBE: usize = 1 << 17;

/// Gives where the bit of a sign is, and the bit.
fn bit(sign: u64) -> (usize, u64) {
    let at = (sign >> 24) as usize & (MAYBE - 1);
    (at / 64, 1 << (at % 64))
}

impl Tagger {
    pub(crate) fn new(weights: &SpanWeights) -> Self {
        let size = (weights.rows.len() * 2).next_power_of_two().max(2);
        let mut out = Self {
            slots: vec![(0, [0; 3]); size],
            mask: size - 1,
            maybe: vec![0; MAYBE / 64],
            step: weights.step,
            moves: weights.moves,
        };
        for (sign, row) in &weights.rows {
            let (at, bit) = bit(*sign);
            if let Some(bits) = out.maybe.get_mut(at) {
                *bits |= bit;
            }
            if let Some(at) = out.place(*sign)
                && let Some(slot) = out.slots.get_mut(at)
            {
                *slot = (*sign, *row);
            }
        }
        out
    }

    /// Says whether it learnt nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.step <= 0.0
    }

    /// Gives the place of a sign, or the free one where it would stand.
    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn place(&self, sign: u64) -> Option<usize> {
        let mut at = sign as usize & self.mask;
        for _ in 0..=self.mask {
            match self.slots.get(at) {
                Some((known, _)) if *known == 0 || *known == sign => return Some(at),
                _ => at = (at + 1) & self.mask,
            }
        }
        None
    }

    /// Gives what a sign adds to each tag; nothing where it was never seen.
    fn row(&self, sign: u64) -> [i32; 3] {
        let (at, bit) = bit(sign);
        if self.maybe.get(at).is_none_or(|bits| bits & bit == 0) {
            return [0; 3];
        }
        let slot = self.place(sign).and_then(|at| self.slots.get(at));
        slot.map_or([0; 3], |(_, row)| row.map(i32::from))
    }

    /// Gives the spans of a passage; nothing where it is too short to hold them.
    pub(crate) fn tag(&self, passage: &Passage<'_>) -> Option<Spans> {
        let words = words(passage, MOST_WORDS);
        let mut sums = vec![[0_i32; 3]; words.len()];
        // Many signs of a word are those of the word before, and are looked up once.
        let mut before = [(0_u64, [0_i32; 3]); signs::KINDS];
        signs::each(passage, &words, |word, own| {
            let Some(sum) = sums.get_mut(word) else { return };
            for (sign, (known, row)) in own.iter().zip(&mut before) {
                if sign != known {
                    (*known, *row) = (*sign, self.row(*sign));
                }
                sum.iter_mut().zip(&*row).for_each(|(sum, weight)| *sum += weight);
            }
        });
        #[expect(clippy::cast_precision_loss, reason = "sums of bytes are far below 2^24")]
        let scores: Vec<[f32; 3]> = sums.iter().map(|sum| sum.map(|sum| sum as f32 * self.step)).collect();
        let tags = best(&scores, &self.moves, passage.explicit)?;
        let span = |tag: Tag| {
            let first = tags.iter().position(|known| *known == tag)?;
            let last = tags.iter().rposition(|known| *known == tag)?;
            Some(words.get(first)?.start..words.get(last)?.end)
        };
        let (expected, happened) = (span(Tag::Expected), span(Tag::Happened));
        Some(Spans { contrast: expected.is_some(), expected, happened })
    }
}

/// Gives what the tagger sees of a passage, by the word.
pub(crate) fn observe(passage: &Passage<'_>) -> Vec<Seen> {
    let words = words(passage, MOST_WORDS);
    let mut out: Vec<Seen> =
        words.iter().map(|word| Seen { range: word.start..word.end, signs: Vec::new() }).collect();
    signs::each(passage, &words, |word, own| {
        if let Some(seen) = out.get_mut(word) {
            seen.signs.extend(own);
        }
    });
    out
}
