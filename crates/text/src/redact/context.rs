//! What stands around a number: the words that say what it is.

use crate::words::words;

use super::kind::PersonalKind;

/// Personal data found in a text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub start: usize,
    pub end: usize,
    pub kind: PersonalKind,
}

/// How far to the left and right of a number words count, in bytes.
const LEFT: usize = 64;
const RIGHT: usize = 32;
/// How many words count.
const NEAREST: usize = 6;

/// Returns the byte at a place, or 0 outside the text.
pub(super) fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

/// Returns the byte before a place, or 0.
pub(super) fn byte_before(text: &str, at: usize) -> u8 {
    at.checked_sub(1).map_or(0, |at| byte(text, at))
}

/// Says whether a letter or digit of any script stands at a place.
pub(super) fn is_word_at(text: &str, at: usize) -> bool {
    text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(char::is_alphanumeric)
}

/// Says whether a letter or digit of any script ends before a place.
pub(super) fn is_word_before(text: &str, at: usize) -> bool {
    text.get(..at).and_then(|rest| rest.chars().next_back()).is_some_and(char::is_alphanumeric)
}

/// The words to the left of a place, the nearest first, folded; those behind a sentence mark or a bracket do not count.
pub(super) struct Left {
    words: Vec<(String, bool)>,
}

impl Left {
    /// Reads the words before `at`, up to a line end or a placeholder.
    pub(super) fn of(text: &str, at: usize) -> Self {
        let mut from = at.saturating_sub(LEFT);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let window = text.get(from..at).unwrap_or("");
        // A label may stand on the line above.
        let label = window.trim_end_matches([' ', '\n']);
        let window = if label.ends_with(':') { label } else { window };
        let window = window.rfind(['[', ']', '\n']).map_or(window, |cut| window.get(cut + 1..).unwrap_or(""));
        let mut found: Vec<(String, bool)> = Vec::new();
        let letter = |byte: u8| byte.is_ascii_alphabetic() || !byte.is_ascii();
        if !window.bytes().any(letter) {
            return Self { words: found };
        }
        let mut last = window.len();
        let mut parted = false;
        let all: Vec<_> = words(window).collect();
        for word in all.iter().rev().take(NEAREST) {
            parted = parted
                || window
                    .get(word.end..last)
                    .is_some_and(|gap| gap.contains([',', ';', '!', '?']) || gap.contains(". "));
            found.push((word.text.to_lowercase(), parted));
            last = word.start;
        }
        Self { words: found }
    }

    /// Says whether one of the nearest words begins with one of these.
    pub(super) fn has(&self, cues: &[&str]) -> bool {
        self.words.iter().any(|(word, _)| cues.iter().any(|cue| is_cue(word, cue)))
    }

    /// Says which of two lists has the nearer word; words of the second count only without a sentence mark between.
    pub(super) fn nearest(&self, for_it: &[&str], against: &[&str]) -> Nearest {
        for (word, parted) in &self.words {
            if for_it.iter().any(|cue| is_cue(word, cue)) {
                return Nearest::For;
            }
            if !parted && against.iter().any(|cue| is_cue(word, cue)) {
                return Nearest::Against;
            }
        }
        Nearest::Neither
    }

    /// Says whether one of the nearest `count` words is one of these, on the same side of any sentence mark.
    pub(super) fn has_within(&self, count: usize, cues: &[&str]) -> bool {
        self.words
            .iter()
            .take(count)
            .any(|(word, parted)| !parted && cues.iter().any(|cue| is_cue(word, cue)))
    }
}

/// What the words around a number say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearest {
    For,
    Against,
    Neither,
}

/// A cue of up to four letters is a whole word (its plural too); a longer one may begin a word.
fn is_cue(word: &str, cue: &str) -> bool {
    if cue.chars().count() <= 4 {
        word == cue || word.strip_suffix('s') == Some(cue)
    } else {
        word.starts_with(cue)
    }
}

/// Says whether one of the words just to the right of a place is a cue.
pub(super) fn right_has(text: &str, at: usize, cues: &[&str]) -> bool {
    let mut end = (at + RIGHT).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let window = text.get(at..end).unwrap_or("");
    let window = window
        .find(['[', ']', '\n', '.', ';', '!', '?'])
        .map_or(window, |cut| window.get(..cut).unwrap_or(""));
    window.bytes().any(|byte| !byte.is_ascii() || byte.is_ascii_alphabetic())
        && words(window).take(4).any(|word| {
            let word = word.text.to_lowercase();
            cues.iter().any(|cue| is_cue(&word, cue))
        })
}
