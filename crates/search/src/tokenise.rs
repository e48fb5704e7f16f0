//! The analyser of `groundswell-text` as a tokeniser of the search library: a value is a language, a separator and a
//! text, so that one field holds statements of many languages.

use groundswell_text::{Analyser, Language};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// Stands between the language and the text; normalised text holds no control characters.
const SEPARATOR: char = '\u{1}';
/// Longer stems are no words and are not indexed, in bytes.
pub(crate) const LONGEST_STEM: usize = 120;

/// Writes the value that the tokeniser reads.
pub(crate) fn statement_value(language: Option<&str>, text: &str, out: &mut String) {
    out.clear();
    out.push_str(language.unwrap_or(""));
    out.push(SEPARATOR);
    out.push_str(text);
}

/// What the words of a statement become.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Reading {
    /// Their stems.
    #[default]
    Stems,
    /// The words themselves, in lower case.
    Forms,
}

/// Splits a value into stems or forms with their positions.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    reading: Reading,
    analyser: Analyser,
    stems: String,
    marks: Vec<Mark>,
    token: Token,
}

/// Where a stem stands in the buffer of stems, and its word in the text.
#[derive(Clone, Copy, Debug)]
struct Mark {
    until: usize,
    position: usize,
    start: usize,
    end: usize,
}

impl Statements {
    pub(crate) fn of(reading: Reading) -> Self {
        Self { reading, ..Self::default() }
    }
}

impl Clone for Statements {
    /// Makes a tokeniser with empty caches: the library clones one per thread and segment.
    fn clone(&self) -> Self {
        Self::of(self.reading)
    }
}

impl Tokenizer for Statements {
    type TokenStream<'a> = Stems<'a>;

    fn token_stream<'a>(&'a mut self, value: &'a str) -> Stems<'a> {
        let Self { reading, analyser, stems, marks, token } = self;
        stems.clear();
        marks.clear();
        token.reset();
        let (language, text) = value.split_once(SEPARATOR).unwrap_or(("", value));
        analyser.terms(text, language.parse::<Language>().ok(), &mut |term| {
            let word = match reading {
                Reading::Stems => term.stem,
                Reading::Forms => term.form,
            };
            if word.len() <= LONGEST_STEM {
                stems.push_str(word);
                marks.push(Mark {
                    until: stems.len(),
                    position: term.position,
                    start: term.start,
                    end: term.end,
                });
            }
        });
        Stems { stems, marks: marks.iter(), from: 0, token }
    }
}

/// The stems of one value.
pub(crate) struct Stems<'a> {
    stems: &'a str,
    marks: std::slice::Iter<'a, Mark>,
    from: usize,
    token: &'a mut Token,
}

impl TokenStream for Stems<'_> {
    fn advance(&mut self) -> bool {
        let Some(mark) = self.marks.next() else { return false };
        self.token.text.clear();
        self.token.text.push_str(self.stems.get(self.from..mark.until).unwrap_or(""));
        self.token.position = mark.position;
        self.token.offset_from = mark.start;
        self.token.offset_to = mark.end;
        self.from = mark.until;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(language: Option<&str>, text: &str) -> Vec<(String, usize)> {
        let mut value = String::new();
        statement_value(language, text, &mut value);
        let mut tokeniser = Statements::default();
        let mut stream = tokeniser.token_stream(&value);
        let mut out = Vec::new();
        while stream.advance() {
            out.push((stream.token().text.clone(), stream.token().position));
        }
        out
    }

    #[test]
    fn the_language_in_front_decides_the_stems() {
        assert_eq!(stems(Some("en"), "Deliveries late"), [("deliveri".into(), 0), ("late".into(), 1)]);
        assert_eq!(stems(None, "Deliveries"), [("deliveries".into(), 0)]);
        assert_eq!(stems(Some("not a tag"), "Deliveries"), [("deliveries".into(), 0)]);
    }

    #[test]
    fn forms_are_the_words_themselves() {
        let mut tokeniser = Statements::of(Reading::Forms).clone();
        let mut value = String::new();
        statement_value(Some("fr"), "L\u{2019}application Livraisons", &mut value);
        let mut stream = tokeniser.token_stream(&value);
        let mut forms = Vec::new();
        while stream.advance() {
            forms.push(stream.token().text.clone());
        }
        assert_eq!(forms, ["application", "livraisons"]);
    }

    #[test]
    fn what_is_no_word_leaves_a_gap() {
        let long = "x".repeat(LONGEST_STEM + 1);
        assert_eq!(stems(None, &format!("a {long} b")), [("a".into(), 0), ("b".into(), 2)]);
    }
}
