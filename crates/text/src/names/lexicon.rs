//! What is known of single words: whether they are given names, family names or places, how ordinary they are, and cues.

use std::collections::BTreeMap;

use crate::error::TextError;

use super::cues;
use super::tokens::hash_word;

/// Slots of the table; a power of two.
const SLOTS: usize = 1 << 18;
/// No more words than this are taken, so that a look-up stays short.
const MOST_WORDS: usize = SLOTS / 8 * 7;

/// What is known of one word, packed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Class(pub u16);

impl Class {
    /// 0 no given name, 1 a rarer one, 2 a common one.
    pub(super) fn given(self) -> u16 {
        self.0 & 3
    }

    /// 0 no family name, 1 a rarer one, 2 a common one.
    pub(super) fn family(self) -> u16 {
        (self.0 >> 2) & 3
    }

    /// 0 no place, 1 a smaller one, 2 a large town or a country.
    pub(super) fn place(self) -> u16 {
        (self.0 >> 4) & 3
    }

    /// How often the word is written in lower case, 0 to 5.
    pub(super) fn ordinary(self) -> u16 {
        (self.0 >> 6) & 7
    }

    /// 0 unknown, 1 hardly ever, 2 at times, 3 mostly with a capital inside a sentence.
    pub(super) fn capital(self) -> u16 {
        (self.0 >> 9) & 3
    }

    /// The group of cue words, 0 for none.
    pub(super) fn cue(self) -> u16 {
        (self.0 >> 11) & 15
    }
}

/// How often a word is written in lower case, and with a capital inside a sentence, in running text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WordCounts {
    /// In lower case.
    pub lower: u32,
    /// With a capital, not at the beginning of a sentence.
    pub capital: u32,
}

/// A table of words by their hashes: false hits are rarer than one in ten thousand.
#[derive(Debug, Clone)]
pub struct NameLexicon {
    slots: Vec<u32>,
}

impl NameLexicon {
    /// Makes the table. The lists hold words with a mark, 1 for rarer and 2 for common ones.
    ///
    /// # Errors
    /// `text.name_model` when there are more words than the table takes.
    pub fn build<'a>(
        given: impl Iterator<Item = (&'a str, u16)>,
        family: impl Iterator<Item = (&'a str, u16)>,
        places: impl Iterator<Item = (&'a str, u16)>,
        counts: &BTreeMap<String, WordCounts>,
    ) -> Result<Self, TextError> {
        let mut classes: BTreeMap<u32, u16> = BTreeMap::new();
        let mut mark = |word: &str, shift: u32, value: u16, width: u16| {
            let class = classes.entry(hash_word(word)).or_default();
            let kept = (*class >> shift) & width;
            *class = (*class & !(width << shift)) | (kept.max(value.min(width)) << shift);
        };
        given.for_each(|(word, value)| mark(word, 0, value, 3));
        family.for_each(|(word, value)| mark(word, 2, value, 3));
        places.for_each(|(word, value)| mark(word, 4, value, 3));
        for (word, counts) in counts {
            mark(word, 6, ordinary(counts.lower), 7);
            mark(word, 9, capital(*counts), 3);
        }
        for word in crate::lexicon::frequent_words().flat_map(|(_, words)| words) {
            mark(word, 6, 4, 7);
        }
        let mut cued = std::collections::BTreeSet::new();
        for (word, group) in cues::all() {
            if cued.insert(hash_word(word)) {
                mark(word, 11, group, 15);
            }
        }
        classes.retain(|_, class| *class != 0);
        if classes.len() > MOST_WORDS {
            return Err(TextError::NameModel { reason: "too many words" });
        }
        let mut table = Self { slots: vec![0; SLOTS] };
        for (hash, class) in classes {
            table.insert(hash, class);
        }
        Ok(table)
    }

    pub(super) fn from_slots(slots: Vec<u32>) -> Result<Self, TextError> {
        let free = slots.iter().filter(|slot| **slot == 0).count();
        if slots.len() != SLOTS || free < SLOTS - MOST_WORDS {
            return Err(TextError::NameModel { reason: "the table of words is full or of another size" });
        }
        Ok(Self { slots })
    }

    pub(super) fn slots(&self) -> &[u32] {
        &self.slots
    }

    fn insert(&mut self, hash: u32, class: u16) {
        let (mut place, check) = place_of(hash);
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == 0 || *slot >> 16 == check {
                *slot |= (check << 16) | u32::from(class);
                return;
            }
            place = (place + 1) % SLOTS;
        }
    }

    /// Returns what is known of the word with this hash.
    pub(super) fn class(&self, hash: u32) -> Class {
        let (mut place, check) = place_of(hash);
        while let Some(&slot) = self.slots.get(place) {
            if slot == 0 {
                break;
            }
            if slot >> 16 == check {
                return Class(u16::try_from(slot & 0xffff).unwrap_or(0));
            }
            place = (place + 1) % SLOTS;
        }
        Class::default()
    }
}

/// The first slot and the check of a hash; together they hold all but two of its bits, and the check is never 0.
fn place_of(hash: u32) -> (usize, u32) {
    let mixed = hash.wrapping_mul(0x9e37_79b1);
    ((mixed >> 14) as usize % SLOTS, (mixed & 0x7fff) + 1)
}

fn ordinary(lower: u32) -> u16 {
    match lower {
        0 => 0,
        1..=2 => 1,
        3..=9 => 2,
        10..=49 => 3,
        50..=499 => 4,
        _ => 5,
    }
}

fn capital(counts: WordCounts) -> u16 {
    let all = counts.lower + counts.capital;
    match (counts.capital * 100).checked_div(all) {
        Some(share) if all >= 5 && share >= 70 => 3,
        Some(share) if all >= 5 && share >= 25 => 2,
        Some(_) if all >= 5 => 1,
        _ => 0,
    }
}
