//! The table's file: validated once, then read in place.
//!
//! Layout, numbers little-endian: magic `GSEMBED1` (its last byte is the version); `u32` dimensions, words, pieces and
//! bytes of text; an `f32` scale of each dimension; a `u8` length of each token; the tokens' text, words first, each part
//! strictly sorted by bytes; one row of `i8` for each token; a `u64` checksum of all before it. A word that holds a
//! space is a pair of adjacent words; a piece continues a word.

use std::borrow::Cow;

use super::vector::DIMENSIONS;
use crate::AnnotateError;

const MAGIC: &[u8; 7] = b"GSEMBED";
const VERSION: u8 = b'1';
/// The most tokens that a file may have.
const MOST: usize = 1 << 20;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, the beginning of one, or two words with a space between.
    Word,
    /// What continues a word.
    Piece,
}

/// A validated table.
pub(super) struct Table {
    bytes: Cow<'static, [u8]>,
    /// Where the text of each token begins, and one more for the end.
    starts: Vec<u32>,
    /// Open addressing: the upper half is part of the hash, the lower half the token plus one.
    slots: Vec<u64>,
    /// Whether a word, and whether a piece, begins with a byte.
    first: [[bool; 256]; 2],
    scales: [f32; DIMENSIONS],
    words: usize,
    rows: usize,
}

fn fault(what: &'static str) -> AnnotateError {
    AnnotateError::Embedding { what }
}

/// Reads a file from front to back.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], AnnotateError> {
        let end = self.at.checked_add(count).ok_or(fault("file is cut short"))?;
        let part = self.bytes.get(self.at..end).ok_or(fault("file is cut short"))?;
        self.at = end;
        Ok(part)
    }

    fn count(&mut self) -> Result<usize, AnnotateError> {
        let mut number = [0; 4];
        number.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(number) as usize)
    }
}

impl Table {
    /// Validates a file.
    pub(super) fn read(bytes: Cow<'static, [u8]>) -> Result<Self, AnnotateError> {
        let mut reader = Reader { bytes: &bytes, at: 0 };
        let magic = reader.take(MAGIC.len())?;
        if magic != MAGIC {
            return Err(fault("file is no embedding table"));
        }
        if reader.take(1)? != [VERSION] {
            return Err(fault("file has another version"));
        }
        if reader.count()? != DIMENSIONS {
            return Err(fault("file has another number of dimensions"));
        }
        let (words, pieces, length) = (reader.count()?, reader.count()?, reader.count()?);
        if words.saturating_add(pieces) > MOST {
            return Err(fault("file has too many tokens"));
        }
        let scales = scales(reader.take(DIMENSIONS * 4)?)?;
        let lengths = reader.take(words + pieces)?;
        let text_at = reader.at;
        let text = reader.take(length)?;
        let rows = reader.at;
        reader.take((words + pieces) * DIMENSIONS)?;
        let body = reader.at;
        let sum = reader.take(8)?;
        if reader.at != bytes.len() {
            return Err(fault("file is longer than its contents"));
        }
        if bytes.get(..body).map(checksum).is_none_or(|expected| expected.to_le_bytes() != sum) {
            return Err(fault("checksum differs: file is damaged"));
        }
        let text = std::str::from_utf8(text).map_err(|_| fault("tokens are not UTF-8"))?;
        let (starts, slots, first) = index(text, text_at, lengths, words)?;
        Ok(Self { starts, slots, first, scales, words, rows, bytes })
    }

    /// Gives how many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Gives the scale of each dimension.
    pub(super) fn scales(&self) -> &[f32; DIMENSIONS] {
        &self.scales
    }

    /// Gives a token's row; its bytes are signed.
    pub(super) fn row(&self, token: u32) -> Option<&[u8; DIMENSIONS]> {
        let at = self.rows + token as usize * DIMENSIONS;
        self.bytes.get(at..)?.first_chunk()
    }

    /// Tells whether a token of the kind may begin like this.
    pub(super) fn begins(&self, kind: Kind, rest: &str) -> bool {
        let [word, piece] = &self.first;
        let first = if kind == Kind::Word { word } else { piece };
        rest.bytes().next().and_then(|byte| first.get(usize::from(byte))) == Some(&true)
    }

    /// Finds a token.
    pub(super) fn find(&self, kind: Kind, token: &str) -> Option<u32> {
        let hash = hash(kind, token.as_bytes());
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            let slot = *self.slots.get(at)?;
            if slot == 0 {
                return None;
            }
            let index = (slot as u32).wrapping_sub(1);
            if slot >> 32 == hash >> 32 && self.text(index) == Some(token.as_bytes()) {
                let is_word = (index as usize) < self.words;
                if is_word == (kind == Kind::Word) {
                    return Some(index);
                }
            }
            at = (at + 1) & mask;
        }
    }

    fn text(&self, index: u32) -> Option<&[u8]> {
        let [start, end] = self.starts.get(index as usize..)?.first_chunk()?;
        self.bytes.get(*start as usize..*end as usize)
    }
}

fn scales(bytes: &[u8]) -> Result<[f32; DIMENSIONS], AnnotateError> {
    let mut out = [0.0; DIMENSIONS];
    for (scale, number) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *scale = f32::from_le_bytes(*number);
    }
    if out.iter().all(|scale| scale.is_finite() && *scale > 0.0) {
        Ok(out)
    } else {
        Err(fault("a scale is not a positive number"))
    }
}

type Index = (Vec<u32>, Vec<u64>, [[bool; 256]; 2]);

/// Checks the tokens' order and builds the search structure.
fn index(text: &str, text_at: usize, lengths: &[u8], words: usize) -> Result<Index, AnnotateError> {
    let size = (lengths.len() * 2).next_power_of_two();
    let mut slots = vec![0_u64; size];
    let mut starts = Vec::with_capacity(lengths.len() + 1);
    let (mut at, mut before, mut first) = (0, "", [[false; 256]; 2]);
    for (number, length) in lengths.iter().enumerate() {
        let end = at + usize::from(*length);
        let token = text.get(at..end).ok_or(fault("a token's length is wrong"))?;
        if token.is_empty() || (number != words && number > 0 && token <= before) {
            return Err(fault("tokens are not sorted"));
        }
        let kind = if number < words { Kind::Word } else { Kind::Piece };
        let [word_first, piece_first] = &mut first;
        let own_first = if kind == Kind::Word { word_first } else { piece_first };
        if let Some(begins) = token.bytes().next().and_then(|byte| own_first.get_mut(usize::from(byte))) {
            *begins = true;
        }
        let hash = hash(kind, token.as_bytes());
        let mut place = hash as usize & (size - 1);
        while slots.get(place).is_some_and(|slot| *slot != 0) {
            place = (place + 1) & (size - 1);
        }
        if let Some(slot) = slots.get_mut(place) {
            *slot = (hash >> 32 << 32) | (number as u64 + 1);
        }
        starts.push(position(text_at + at)?);
        (at, before) = (end, token);
    }
    if at != text.len() {
        return Err(fault("a token's length is wrong"));
    }
    starts.push(position(text_at + at)?);
    Ok((starts, slots, first))
}

fn position(at: usize) -> Result<u32, AnnotateError> {
    u32::try_from(at).map_err(|_| fault("file is too large"))
}

/// Hashes eight bytes at a time by rotation and multiplication.
fn hash(kind: Kind, token: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |state: u64, word: u64| (state.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let seed = (token.len() as u64) << 1 | u64::from(kind == Kind::Piece);
    let (chunks, rest) = token.as_chunks::<8>();
    let state = chunks.iter().fold(seed, |state, chunk| mix(state, u64::from_le_bytes(*chunk)));
    let tail = rest.iter().fold(0, |tail, byte| tail << 8 | u64::from(*byte));
    let state = mix(state, tail);
    mix(state, state >> 29)
}

/// Folds a file's bytes, eight at a time, the last ones filled with zero.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    let fold = |state: u64, word: u64| (state ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(29);
    let (chunks, rest) = bytes.as_chunks::<8>();
    let state =
        chunks.iter().fold(0xcbf2_9ce4_8422_2325, |state, chunk| fold(state, u64::from_le_bytes(*chunk)));
    if rest.is_empty() {
        return state;
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    fold(state, u64::from_le_bytes(last))
}
