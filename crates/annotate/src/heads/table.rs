//! The file of weights, and the table in which an n-gram's row is found by its hash.

use super::layout::{DENSE, OUTPUTS};
use crate::AnnotateError;
use crate::spans::SpanWeights;

const MAGIC: &[u8; 8] = b"gshead02";

/// The weights of all heads, quantised, as they stand in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// A row for each n-gram, by its hash.
    pub grams: Vec<(u64, [i8; OUTPUTS])>,
    /// A row for each dense feature.
    pub dense: Vec<[f32; OUTPUTS]>,
    /// What is added to each output.
    pub bias: [f32; OUTPUTS],
    /// What one step of an n-gram's weight is worth.
    pub step: [f32; OUTPUTS],
    /// What the tagger of spans learnt.
    pub spans: SpanWeights,
}

impl Weights {
    /// Gives weights that say nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            grams: Vec::new(),
            dense: vec![[0.0; OUTPUTS]; DENSE],
            bias: [0.0; OUTPUTS],
            step: [0.0; OUTPUTS],
            spans: SpanWeights::default(),
        }
    }

    /// Writes the weights; the bytes depend on nothing else.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let count = u32::try_from(self.grams.len()).unwrap_or(u32::MAX);
        out.extend(count.to_le_bytes());
        for values in [&self.bias, &self.step].into_iter().chain(&self.dense) {
            values.iter().for_each(|value| out.extend(value.to_le_bytes()));
        }
        for (gram, row) in &self.grams {
            out.extend(gram.to_le_bytes());
            out.extend(row.map(i8::to_le_bytes).concat());
        }
        let spans = &self.spans;
        let values = spans.moves.iter().flatten().chain([&spans.step]);
        values.for_each(|value| out.extend(value.to_le_bytes()));
        out.extend(u32::try_from(spans.rows.len()).unwrap_or(u32::MAX).to_le_bytes());
        for (sign, row) in &spans.rows {
            out.extend(sign.to_le_bytes());
            out.extend(row.map(i8::to_le_bytes).concat());
        }
        out
    }

    /// Reads weights from the bytes of a file.
    ///
    /// # Errors
    /// [`AnnotateError::Heads`] for bytes that are none, or are cut short.
    pub fn read(bytes: &[u8]) -> Result<Self, AnnotateError> {
        let mut rest = Reader { rest: bytes };
        if rest.take::<8>()? != *MAGIC {
            return Err(AnnotateError::Heads { what: "not a file of heads" });
        }
        let count = u32::from_le_bytes(rest.take()?) as usize;
        let (bias, step) = (rest.floats()?, rest.floats()?);
        let mut dense = Vec::with_capacity(DENSE);
        for _ in 0..DENSE {
            dense.push(rest.floats()?);
        }
        let mut grams = Vec::with_capacity(count.min(bytes.len() / OUTPUTS));
        for _ in 0..count {
            grams.push((u64::from_le_bytes(rest.take()?), rest.row()?));
        }
        let spans = rest.spans(bytes.len())?;
        if !rest.rest.is_empty() {
            return Err(AnnotateError::Heads { what: "more bytes than expected" });
        }
        Ok(Self { grams, dense, bias, step, spans })
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], AnnotateError> {
        let fault = AnnotateError::Heads { what: "the file ends early" };
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(fault)?;
        self.rest = rest;
        Ok(*head)
    }

    fn row<const N: usize>(&mut self) -> Result<[i8; N], AnnotateError> {
        Ok(self.take::<N>()?.map(|byte| i8::from_le_bytes([byte])))
    }

    fn spans(&mut self, most: usize) -> Result<SpanWeights, AnnotateError> {
        let mut out = SpanWeights::default();
        for slot in out.moves.iter_mut().flatten().chain([&mut out.step]) {
            *slot = f32::from_le_bytes(self.take()?);
        }
        let count = u32::from_le_bytes(self.take()?) as usize;
        out.rows.reserve(count.min(most / 11));
        for _ in 0..count {
            out.rows.push((u64::from_le_bytes(self.take()?), self.row()?));
        }
        Ok(out)
    }

    fn floats(&mut self) -> Result<[f32; OUTPUTS], AnnotateError> {
        let mut out = [0.0; OUTPUTS];
        for slot in &mut out {
            *slot = f32::from_le_bytes(self.take()?);
        }
        Ok(out)
    }
}

/// How many n-grams share one bucket.
const WAYS: usize = 4;

/// N-grams in buckets of four: sixteen bits of the hash tell them apart, the lowest bits are the bucket.
#[derive(Debug)]
pub(crate) struct Table {
    checks: Vec<[u16; WAYS]>,
    rows: Vec<[[i8; OUTPUTS]; WAYS]>,
    mask: usize,
    count: usize,
}

impl Table {
    /// Fills the table. Where a bucket is full, the n-grams that weigh least are left out.
    pub(crate) fn new(grams: &[(u64, [i8; OUTPUTS])]) -> Self {
        let buckets = (grams.len() / 2).next_power_of_two().max(1);
        let mut out = Self {
            checks: vec![[0; WAYS]; buckets],
            rows: vec![[[0; OUTPUTS]; WAYS]; buckets],
            mask: buckets - 1,
            count: 0,
        };
        for (gram, row) in grams {
            out.put(*gram, row);
        }
        out
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
    fn bucket(&self, gram: u64) -> (usize, u16) {
        // Zero marks an empty place.
        (gram as usize & self.mask, ((gram >> 48) as u16).max(1))
    }

    fn put(&mut self, gram: u64, row: &[i8; OUTPUTS]) {
        let (bucket, check) = self.bucket(gram);
        let (Some(checks), Some(rows)) = (self.checks.get_mut(bucket), self.rows.get_mut(bucket)) else {
            return;
        };
        let places = checks.iter_mut().zip(rows).map(|(known, place)| (weight(place), known, place));
        let lightest = places.min_by_key(|(weight, known, _)| (**known != 0, *weight));
        let Some((least, known, place)) = lightest else { return };
        self.count += usize::from(*known == 0);
        if *known == 0 || least < weight(row) {
            (*known, *place) = (check, *row);
        }
    }

    pub(crate) fn get(&self, gram: u64) -> Option<&[i8; OUTPUTS]> {
        let (bucket, check) = self.bucket(gram);
        let way = self.checks.get(bucket)?.iter().position(|known| *known == check)?;
        self.rows.get(bucket)?.get(way)
    }
}

fn weight(row: &[i8; OUTPUTS]) -> u32 {
    row.iter().map(|weight| u32::from(weight.unsigned_abs())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_a_full_bucket_keeps_the_heaviest() {
        let gram = |high: u64| high << 48;
        let rows: Vec<(u64, [i8; OUTPUTS])> =
            (1..=5).map(|high| (gram(high), [i8::try_from(high).unwrap(); OUTPUTS])).collect();
        let mut table = Table::new(&rows[..1]);
        rows[1..].iter().for_each(|(gram, row)| table.put(*gram, row));
        assert_eq!(table.get(gram(1)), None);
        assert!((2..=5).all(|high| table.get(gram(high)).is_some()));
        assert_eq!(table.len(), 4);
    }
}
