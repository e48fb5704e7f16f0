//! A text folded for matching, with the way back to the bytes of the original.

use std::ops::Range;

/// A text in lower case with typewriter punctuation, the same with every sign as a space, and the offsets of both.
pub(crate) struct Folded {
    /// Lower case, typographic quotes and dashes as typewriter ones.
    pub(crate) text: String,
    /// A space, then the bytes of `text` with everything that is no part of a word as a space, then a space.
    /// The byte at `i + 1` stands for the byte at `i` of `text`.
    pub(crate) spaced: Vec<u8>,
    /// From each folded offset on, the original offset; empty where both are the same.
    breaks: Vec<(usize, usize)>,
}

impl Folded {
    pub(crate) fn new(text: &str) -> Self {
        let mut folded =
            Self { text: String::with_capacity(text.len() + 8), spaced: Vec::new(), breaks: Vec::new() };
        if text.is_ascii() {
            folded.text.push_str(text);
            folded.text.make_ascii_lowercase();
        } else {
            folded.fold(text);
        }
        folded.spaced = spaced(folded.text.as_bytes());
        folded
    }

    fn fold(&mut self, text: &str) {
        for (at, character) in text.char_indices() {
            let before = self.text.len();
            match character {
                '\0'..='\x7f' => self.text.push(character.to_ascii_lowercase()),
                '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{02bc}' | '\u{ff07}' => self.text.push('\''),
                '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{00ab}' | '\u{00bb}' => self.text.push('"'),
                '\u{2013}' | '\u{2014}' | '\u{2212}' => self.text.push('-'),
                '\u{2026}' => self.text.push('.'),
                '\u{00a0}' | '\u{2002}'..='\u{200b}' | '\u{202f}' | '\u{00a1}' | '\u{00bf}' => {
                    self.text.push(' ')
                }
                _ => self.text.extend(character.to_lowercase()),
            }
            let after = at + character.len_utf8();
            if self.text.len() - before != character.len_utf8() {
                self.breaks.push((self.text.len(), after));
            }
        }
    }

    /// Gives the original range of a folded range; its ends may fall inside a character where one folded to several.
    pub(crate) fn to_original(&self, range: Range<usize>) -> Range<usize> {
        self.original(range.start)..self.original(range.end)
    }

    fn original(&self, at: usize) -> usize {
        let index = self.breaks.partition_point(|&(folded, _)| folded <= at);
        match index.checked_sub(1).and_then(|index| self.breaks.get(index)) {
            Some(&(folded, original)) => original + (at - folded),
            None => at,
        }
    }

    /// Gives the folded range of an original range that begins and ends between characters.
    pub(crate) fn to_folded(&self, range: Range<usize>) -> Range<usize> {
        self.folded(range.start)..self.folded(range.end)
    }

    fn folded(&self, at: usize) -> usize {
        let index = self.breaks.partition_point(|&(_, original)| original <= at);
        let folded = match index.checked_sub(1).and_then(|index| self.breaks.get(index)) {
            Some(&(folded, original)) => folded + (at - original),
            None => at,
        };
        folded.min(self.text.len())
    }

    /// Gives a folded piece, or nothing where the range does not fit.
    pub(crate) fn piece(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or("")
    }
}

const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop runs over bytes")]
        let value = byte as u8;
        #[expect(clippy::indexing_slicing, reason = "the index is below the length, at compile time")]
        {
            table[byte] = value.is_ascii_alphanumeric() || value >= 0x80;
        }
        byte += 1;
    }
    table
};

/// Says whether a byte belongs to a word; bytes of other scripts do.
pub(crate) fn is_word(byte: u8) -> bool {
    WORD.get(usize::from(byte)).copied().unwrap_or(false)
}

fn spaced(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 2);
    out.push(b' ');
    // Without a branch or a table, so that many bytes are done at once.
    out.extend(bytes.iter().map(|&byte| {
        let word =
            byte.is_ascii_lowercase() | byte.is_ascii_digit() | byte.is_ascii_uppercase() | (byte >= 0x80);
        if word { byte } else { b' ' }
    }));
    out.push(b' ');
    if !bytes.contains(&b'\'') {
        return out;
    }
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\'') {
        let inner = out.get(at).is_some_and(|byte| is_word(*byte))
            && out.get(at + 2).is_some_and(|byte| is_word(*byte));
        if let Some(slot) = out.get_mut(at + 1).filter(|_| inner) {
            *slot = b'\'';
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back_to_the_original() {
        let text = "It\u{2019}s \u{201c}GREAT\u{201d} \u{2014} but Über-İstanbul late.";
        let folded = Folded::new(text);
        let at = folded.text.find("late").unwrap();
        let back = folded.to_original(at..at + 4);
        assert_eq!(text.get(back.clone()), Some("late"));
        assert_eq!(folded.to_folded(back), at..at + 4);
        let at = folded.text.find("great").unwrap();
        assert_eq!(text.get(folded.to_original(at..at + 5)), Some("GREAT"));
    }

    #[test]
    fn signs_are_spaces_but_inner_apostrophes_stay() {
        let folded = Folded::new("'Don't' pre-order, 3.5kg");
        assert_eq!(folded.spaced, b"  don't  pre order  3 5kg ");
        assert_eq!(folded.spaced.len(), folded.text.len() + 2);
    }

    proptest::proptest! {
        #[test]
        fn every_character_is_found_again(text in "\\PC{0,40}") {
            let folded = Folded::new(&text);
            for (at, character) in text.char_indices() {
                let range = at..at + character.len_utf8();
                let there = folded.to_folded(range.clone());
                proptest::prop_assert!(there.start <= there.end);
                proptest::prop_assert_eq!(folded.to_original(there), range);
            }
        }
    }
}
