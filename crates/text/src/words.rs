//! Words of a text: letters, digits and inner apostrophes, with their byte offsets.

use unicode_normalization::char::is_combining_mark;

/// A word and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// The word as written.
    pub text: &'a str,
    /// The first byte of the word in the text.
    pub start: usize,
    /// The byte after the word in the text.
    pub end: usize,
}

/// Returns the words of a text in order: runs of letters, marks and digits, with apostrophes inside; Han and Hiragana
/// stand one by one, as Unicode Standard Annex 29 has it.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    Words { text, at: 0 }
}

struct Words<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        let bytes = self.text.as_bytes();
        let start = loop {
            let byte = *bytes.get(self.at)?;
            if byte.is_ascii_alphanumeric() {
                break self.at;
            }
            if byte.is_ascii() {
                self.at += 1;
                continue;
            }
            let next = self.text.get(self.at..)?.chars().next()?;
            if is_word(next) {
                break self.at;
            }
            self.at += next.len_utf8();
        };
        let end = self.end_of_word(start);
        self.at = end;
        Some(Word { text: self.text.get(start..end)?, start, end })
    }
}

impl Words<'_> {
    fn end_of_word(&self, start: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = start;
        while let Some(&byte) = bytes.get(at) {
            if byte.is_ascii_alphanumeric() {
                at += 1;
            } else if byte == b'\'' {
                if at == start || !self.letter_at(at + 1) {
                    break;
                }
                at += 1;
            } else if byte.is_ascii() {
                break;
            } else {
                let Some(next) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                let wide = next.len_utf8();
                if next == '\u{2019}' {
                    if at == start || !self.letter_at(at + wide) {
                        break;
                    }
                } else if stands_alone(next) {
                    return if at == start { self.end_of_marks(at + wide) } else { at };
                } else if !is_word(next) {
                    break;
                }
                at += wide;
            }
        }
        at
    }

    fn end_of_marks(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or("");
        from + rest
            .chars()
            .take_while(|&mark| !mark.is_ascii() && is_combining_mark(mark))
            .map(char::len_utf8)
            .sum::<usize>()
    }

    fn letter_at(&self, at: usize) -> bool {
        match self.text.as_bytes().get(at) {
            Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
            Some(_) => self
                .text
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|next| is_word(next) && !stands_alone(next)),
            None => false,
        }
    }
}

/// Says whether a character belongs to a word.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || (!character.is_ascii() && is_combining_mark(character))
}

fn stands_alone(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{309f}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn words_keep_inner_apostrophes_only() {
        assert_eq!(
            split("'Don't' touch l\u{2019}appli, rock 'n' roll' 3.5kg"),
            ["Don't", "touch", "l\u{2019}appli", "rock", "n", "roll", "3", "5kg"]
        );
    }

    #[test]
    fn other_scripts_are_words_too() {
        assert_eq!(split("Grüße, żółw!"), ["Grüße", "żółw"]);
        assert_eq!(split("приложение не работает"), ["приложение", "не", "работает"]);
        assert_eq!(split("配送が遅い"), ["配", "送", "が", "遅", "い"]);
        assert_eq!(split("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
        assert_eq!(split("👍 … --- \n"), Vec::<&str>::new());
    }

    proptest::proptest! {
        #[test]
        fn offsets_are_those_of_the_text(text in "\\PC{0,60}|.{0,60}") {
            let mut last = 0;
            for word in words(&text) {
                proptest::prop_assert!(word.start >= last && word.end > word.start);
                proptest::prop_assert_eq!(&text[word.start..word.end], word.text);
                last = word.end;
            }
        }
    }
}
