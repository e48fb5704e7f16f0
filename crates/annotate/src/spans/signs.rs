//! What the tagger sees of each word: the words around it, its place in its clause, and what the patterns say of it.

use std::ops::Range;

use crate::clauses::{Clause, trim};
use crate::expectation::Spans;
use crate::patterns::Hit;

/// A passage in which an expectation broke.
pub(crate) struct Passage<'a> {
    /// The folded text around it.
    pub(crate) text: &'a str,
    pub(crate) range: Range<usize>,
    pub(crate) clauses: &'a [Clause],
    /// Cues in it, in order.
    pub(crate) hits: &'a [Hit],
    /// What the patterns found.
    pub(crate) told: &'a Spans,
    /// Where its second sentence begins.
    pub(crate) second: Option<usize>,
    /// What was expected stands in it.
    pub(crate) explicit: bool,
}

/// A word of a passage.
pub(crate) struct Word {
    pub(crate) start: usize,
    pub(crate) end: usize,
    hash: u64,
    beginning: u64,
    digit: bool,
    /// The sign behind it, or 0.
    after: u8,
}

/// Splits a passage into words, without the signs around them.
pub(crate) fn words(passage: &Passage<'_>, most: usize) -> Vec<Word> {
    let part = passage.text.get(passage.range.clone()).unwrap_or("");
    let mut out: Vec<Word> = Vec::with_capacity(part.len() / 5);
    let mut at = passage.range.start;
    for piece in part.split(|sign: char| sign.is_ascii_whitespace()) {
        let whole = at..at + piece.len();
        at = whole.end + 1;
        let inner = trim(passage.text, whole.clone());
        let after = passage.text.as_bytes().get(inner.end.min(whole.end)..whole.end);
        let after = after.and_then(|signs| signs.last()).copied().unwrap_or(0);
        if inner.is_empty() {
            if let Some(last) = out.last_mut().filter(|_| after != 0) {
                last.after = after;
            }
            continue;
        }
        if out.len() == most {
            break;
        }
        let bytes = passage.text.as_bytes().get(inner.clone()).unwrap_or_default();
        let hash = |bytes: &[u8]| bytes.iter().fold(SEED, |hash, byte| put(hash, u64::from(even(*byte))));
        out.push(Word {
            start: inner.start,
            end: inner.end,
            hash: hash(bytes),
            beginning: hash(bytes.get(..5).unwrap_or(bytes)),
            digit: bytes.iter().any(u8::is_ascii_digit),
            after,
        });
    }
    out
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

fn even(byte: u8) -> u8 {
    if byte.is_ascii_digit() { b'0' } else { byte }
}

fn put(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5)
}

/// Goes on with a hash that has begun with what is the same for many words, and ends it; never 0.
fn sign(begun: u64, values: &[u64]) -> u64 {
    let hash = values.iter().fold(begun, |hash, value| put(hash, *value));
    let hash = (hash ^ (hash >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (hash ^ (hash >> 29)).max(1)
}

/// Begins a sign of its kind.
fn kind(kind: u64) -> u64 {
    put(SEED, kind)
}

/// Which part of a range a place is: outside, its beginning, inside.
fn part(range: Option<&Range<usize>>, at: usize) -> u64 {
    match range {
        None => 3,
        Some(range) if range.start == at => 1,
        Some(range) if range.contains(&at) => 2,
        Some(_) => 0,
    }
}

/// The clause of a word, and its place in it.
#[derive(Clone, Copy, Default)]
struct Home {
    clause: u64,
    contrast: u64,
    from_start: u64,
    from_end: u64,
    /// The first word of the clause.
    first: u64,
    /// It stands between two clauses, as "but" does.
    between: u64,
}

fn homes(passage: &Passage<'_>, words: &[Word]) -> Vec<Home> {
    let clause_of = |at: usize| passage.clauses.partition_point(|clause| clause.range.start <= at);
    let numbers: Vec<usize> = words.iter().map(|word| clause_of(word.start)).collect();
    let mut out = Vec::with_capacity(words.len());
    let mut begin = 0;
    while let Some(&number) = numbers.get(begin) {
        let length = numbers.iter().skip(begin).take_while(|known| **known == number).count();
        let clause = number.checked_sub(1).and_then(|at| passage.clauses.get(at));
        let first = words.get(begin).map_or(0, |word| word.hash);
        for (place, word) in words.iter().skip(begin).take(length).enumerate() {
            out.push(Home {
                clause: small(number, 4),
                contrast: u64::from(clause.is_some_and(|clause| clause.contrast)),
                from_start: small(place, 4),
                from_end: small(length - 1 - place, 3),
                first,
                between: u64::from(clause.is_none_or(|clause| word.start >= clause.range.end)),
            });
        }
        begin += length;
    }
    out
}

fn small(value: usize, most: usize) -> u64 {
    value.min(most) as u64
}

/// Counts the spaces between two places, up to five.
fn spaces(text: &str, between: Range<usize>) -> u64 {
    let bytes = text.as_bytes().get(between).unwrap_or_default();
    small(bytes.iter().filter(|byte| **byte == b' ').take(5).count(), 5)
}

/// The number of signs of a word.
pub(crate) const KINDS: usize = 20;

/// Calls `each` with the number of a word and its signs, always in the same order.
pub(crate) fn each(passage: &Passage<'_>, words: &[Word], mut each: impl FnMut(usize, &[u64; KINDS])) {
    let sort = u64::from(passage.explicit);
    // What is the same for all words is hashed once.
    let of = |number: u64| put(kind(number), sort);
    let by_sort: [u64; KINDS + 1] = std::array::from_fn(|number| of(number as u64));
    let [_, _, _, _, _, _, k6, k7, k8, k9, k10, k11, k12, k13, k14, k15, _, k17, k18, k19, k20] = by_sort;
    let homes = homes(passage, words);
    let told = passage.told;
    let known = u64::from(told.expected.is_some()) * 2 + u64::from(told.happened.is_some());
    let explicit = passage.hits.iter().find(|hit| hit.family.is_explicit());
    let clauses = small(passage.clauses.len(), 4);
    let alone = sign(k20, &[]);
    let near = words.len().max(1);
    let around = |at: Option<usize>| at.and_then(|at| words.get(at));
    for (at, (word, home)) in words.iter().zip(&homes).enumerate() {
        let (before, after) = (around(at.checked_sub(1)), around(Some(at + 1)));
        let (left, right) = (before.map_or(1, |word| word.hash), after.map_or(2, |word| word.hash));
        let sign_before = before.map_or(0, |word| u64::from(word.after));
        let second = passage.second.map_or(2, |second| u64::from(word.start >= second));
        let cue = explicit.map_or(9, |hit| match word.start {
            start if start < hit.start => 0,
            start if start < hit.end => 1,
            start => 2 + spaces(passage.text, hit.end..start),
        });
        let family = explicit.map_or(99, |hit| hit.family as u64);
        let implied = passage
            .hits
            .iter()
            .find(|hit| !hit.family.is_explicit() && (hit.start..hit.end).contains(&word.start))
            .map_or(99, |hit| hit.family as u64);
        let (expected, happened) =
            (part(told.expected.as_ref(), word.start), part(told.happened.as_ref(), word.start));
        each(
            at,
            &[
                sign(kind(1), &[word.hash]),
                sign(kind(2), &[left]),
                sign(kind(3), &[right]),
                sign(kind(4), &[left, word.hash]),
                sign(kind(5), &[word.hash, right]),
                sign(k6, &[home.clause, clauses, home.contrast, home.between]),
                sign(k7, &[home.from_start, home.from_end, home.clause.min(2), home.between]),
                sign(k8, &[expected, happened, known]),
                sign(k9, &[cue, family]),
                sign(k10, &[cue, home.contrast, home.clause]),
                sign(k11, &[sign_before, u64::from(word.after)]),
                sign(k12, &[second, home.clause]),
                sign(k13, &[u64::from(word.digit), home.from_start]),
                sign(k14, &[home.first]),
                sign(k15, &[implied]),
                sign(kind(16), &[word.beginning]),
                sign(k17, &[small(at * 6 / near, 6)]),
                sign(k18, &[word.hash, home.from_start]),
                sign(k19, &[left, home.from_start.min(2)]),
                alone,
            ],
        );
    }
}
