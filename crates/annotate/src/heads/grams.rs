//! The n-grams of a folded text as hashes: words, pairs of neighbours, beginnings of long words, and how a sentence opens and ends.

use std::ops::Range;

use crate::fold::Folded;

/// Words longer than this also count by their beginning, of this many bytes.
const BEGINNING: usize = 5;
/// The most words of one sentence that are read.
const MOST_WORDS: usize = 2_000;
const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;
/// What stands for the opening of a sentence.
const OPEN: u64 = 0x51_7cc1_b727_220a;
const CLOSE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Calls `each` with the hash of every n-gram of a folded sentence; digits are all the same.
pub(crate) fn grams(folded: &Folded, sentence: &Range<usize>, mut each: impl FnMut(u64)) {
    let words = folded.spaced.get(sentence.start + 1..sentence.end + 1).unwrap_or_default();
    let mut before = OPEN;
    for word in words.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).take(MOST_WORDS) {
        let (whole, beginning) = hash(word);
        each(mix(whole));
        if word.len() > BEGINNING {
            each(mix(beginning ^ 0xa5));
        }
        each(mix(before.rotate_left(23) ^ whole));
        before = whole;
    }
    let end = folded.piece(sentence.clone()).trim_end().bytes().next_back().unwrap_or(b' ');
    if matches!(end, b'?' | b'!') {
        each(mix(CLOSE ^ u64::from(end)));
    }
}

/// Hashes a word and its beginning (FNV-1a); every digit counts as 0.
fn hash(word: &[u8]) -> (u64, u64) {
    let (mut whole, mut beginning) = (SEED, SEED);
    for (at, &byte) in word.iter().enumerate() {
        let byte = if byte.is_ascii_digit() { b'0' } else { byte };
        whole = (whole ^ u64::from(byte)).wrapping_mul(PRIME);
        if at + 1 == BEGINNING {
            beginning = whole;
        }
    }
    (whole, beginning)
}

/// Spreads a hash over all bits (the finaliser of splitmix64).
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<u64> {
        let folded = Folded::new(text);
        let mut out = Vec::new();
        grams(&folded, &(0..folded.text.len()), |gram| out.push(gram));
        out
    }

    #[test]
    fn case_and_digits_do_not_matter_but_order_does() {
        assert_eq!(all("Paid 49 twice"), all("paid 51 twice"));
        assert_ne!(all("not good"), all("good not"));
        assert_eq!(all("not good").len(), 4);
        assert_eq!(all("delivery?").len(), 4);
        assert!(all("").is_empty());
    }
}
