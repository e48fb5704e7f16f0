//! The text of a query, read leniently in one pass: words, phrases, exclusions, alternatives, `field:value`.

use crate::SearchError;
use crate::facets::facet_field;
use crate::query::{MAX_CLAUSES, MAX_TEXT};

/// Further notes on what was ignored are left out.
const MOST_NOTES: usize = 16;

/// A query's text, understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub clauses: Vec<Clause>,
    pub ignored: Vec<String>,
    /// Words and facet values.
    pub atoms: usize,
}

/// One condition: one of the alternatives must hold, or none must.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    pub excluded: bool,
    pub alternatives: Vec<Atom>,
}

/// The smallest condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Atom {
    /// Written without quotation marks; more than one word where signs stand between.
    Word(String),
    /// Words in this order.
    Phrase(String),
    /// A facet's field and value.
    Facet(String, String),
}

/// Reads a query's text.
pub(crate) fn parse(text: &str) -> Result<Parsed, SearchError> {
    let length = text.chars().take(MAX_TEXT * 64 + 1).count();
    if length > MAX_TEXT {
        return Err(SearchError::TooLong { length, limit: MAX_TEXT });
    }
    let mut parser = Parser { rest: text, parsed: Parsed::default(), excluded: false, joins: false };
    while parser.step()? {}
    if parser.joins {
        parser.note("OR without a word on both sides".to_owned());
    }
    Ok(parser.parsed)
}

struct Parser<'a> {
    rest: &'a str,
    parsed: Parsed,
    excluded: bool,
    joins: bool,
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{00ab}' | '\u{00bb}')
}

impl<'a> Parser<'a> {
    fn step(&mut self) -> Result<bool, SearchError> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else { return Ok(false) };
        let after = self.rest.get(first.len_utf8()..).unwrap_or("");
        if first == '-' {
            let next = after.chars().next();
            self.excluded = next.is_some_and(|next| !next.is_whitespace());
            self.rest = after;
        } else if is_quote(first) {
            let phrase = self.quoted(after);
            self.push(Atom::Phrase(phrase.to_owned()))?;
        } else if matches!(first, '(' | ')') {
            self.note("parentheses: alternatives are written with OR, all else holds together".to_owned());
            self.rest = after;
        } else {
            self.word()?;
        }
        Ok(true)
    }

    /// Takes what stands up to the closing quotation mark, or to the end.
    fn quoted(&mut self, after: &'a str) -> &'a str {
        match after.char_indices().find(|(_, character)| is_quote(*character)) {
            Some((at, quote)) => {
                self.rest = after.get(at + quote.len_utf8()..).unwrap_or("");
                after.get(..at).unwrap_or("")
            }
            None => {
                self.rest = "";
                after
            }
        }
    }

    fn word(&mut self) -> Result<(), SearchError> {
        let ends = |character: char| {
            character.is_whitespace() || is_quote(character) || matches!(character, '(' | ')')
        };
        let end = self.rest.find(ends).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        match word {
            "OR" | "|" | "||" => {
                if self.parsed.clauses.last().is_none_or(|clause| clause.excluded) {
                    self.note("OR without a word on both sides".to_owned());
                } else {
                    self.joins = true;
                }
                return Ok(());
            }
            "AND" | "&&" | "+" => return Ok(()),
            "NOT" => {
                self.excluded = true;
                return Ok(());
            }
            _ => {}
        }
        match word.split_once(':') {
            Some((field, value)) if !field.is_empty() => self.facet(word, field, value),
            _ => self.plain(word),
        }
    }

    fn facet(&mut self, word: &str, field: &str, value: &str) -> Result<(), SearchError> {
        let known = facet_field(field).or_else(|_| facet_field(&field.to_lowercase()));
        let Ok(known) = known else {
            if !value.is_empty() && !value.starts_with('/') {
                self.note(format!("{}: no such field, searched as words", short(field)));
            }
            return self.plain(word);
        };
        let mut value = value.to_owned();
        if value.is_empty()
            && let Some(quote) = self.rest.chars().next().filter(|&next| is_quote(next))
        {
            value = self.quoted(self.rest.get(quote.len_utf8()..).unwrap_or("")).to_owned();
        }
        if value.trim().is_empty() {
            self.note(format!("{}: a field without a value", short(field)));
            (self.excluded, self.joins) = (false, false);
            return Ok(());
        }
        self.push(Atom::Facet(known, value))
    }

    fn plain(&mut self, word: &str) -> Result<(), SearchError> {
        if word.ends_with(['*', '~']) || word.starts_with('*') {
            self.note(format!("{}: words are searched by their stems, not by patterns", short(word)));
        }
        self.push(Atom::Word(word.to_owned()))
    }

    fn push(&mut self, atom: Atom) -> Result<(), SearchError> {
        let excluded = std::mem::take(&mut self.excluded);
        let joins = std::mem::take(&mut self.joins);
        let mut words = 1;
        if let Atom::Word(text) | Atom::Phrase(text) = &atom {
            words = groundswell_text::words(text).count();
            if words == 0 {
                self.note(format!("{}: no letter or digit in it", short(text)));
                return Ok(());
            }
        }
        self.parsed.atoms += words;
        if self.parsed.atoms > MAX_CLAUSES {
            return Err(SearchError::TooManyClauses { limit: MAX_CLAUSES });
        }
        match self.parsed.clauses.last_mut() {
            Some(clause) if joins && !excluded => clause.alternatives.push(atom),
            _ => self.parsed.clauses.push(Clause { excluded, alternatives: vec![atom] }),
        }
        Ok(())
    }

    fn note(&mut self, note: String) {
        if self.parsed.ignored.len() < MOST_NOTES && !self.parsed.ignored.contains(&note) {
            self.parsed.ignored.push(note);
        }
    }
}

/// Cuts a piece of the query to 40 characters, for a note.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        parse(text)
            .unwrap()
            .clauses
            .iter()
            .map(|clause| {
                let atoms: Vec<String> = clause
                    .alternatives
                    .iter()
                    .map(|atom| match atom {
                        Atom::Word(word) => word.clone(),
                        Atom::Phrase(phrase) => format!("\"{phrase}\""),
                        Atom::Facet(field, value) => format!("{field}={value}"),
                    })
                    .collect();
                format!("{}{}", if clause.excluded { "-" } else { "" }, atoms.join("|"))
            })
            .collect()
    }

    #[test]
    fn words_phrases_exclusions_and_alternatives() {
        assert_eq!(read("late refund"), ["late", "refund"]);
        assert_eq!(read("\"never arrived\" -email NOT chat"), ["\"never arrived\"", "-email", "-chat"]);
        assert_eq!(read("refund OR return late"), ["refund|return", "late"]);
        assert_eq!(read("a | b | c AND d"), ["a|b|c", "d"]);
        assert_eq!(
            read("-\"call centre\" \u{201e}zu sp\u{e4}t\u{201c}"),
            ["-\"call centre\"", "\"zu sp\u{e4}t\""]
        );
        assert_eq!(read("self-service e-mail"), ["self-service", "e-mail"]);
    }

    #[test]
    fn fields_filter_and_unknown_fields_are_words() {
        assert_eq!(
            read("stage:use segment.plan:\"very big\" -kind:public"),
            ["stage=use", "segment.plan=very big", "-kind=public"]
        );
        let parsed = parse("note:late https://example.org/x stage:").unwrap();
        assert_eq!(
            parsed.ignored,
            ["note: no such field, searched as words", "stage: a field without a value"]
        );
        assert_eq!(parsed.clauses.len(), 2);
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_said() {
        for (text, note) in [
            ("OR late", "OR without"),
            ("late OR", "OR without"),
            ("(late)", "parentheses"),
            ("refun*", "refun*: words are"),
            ("\u{1f600} late", "no letter"),
        ] {
            let parsed = parse(text).unwrap();
            assert!(parsed.ignored.iter().any(|said| said.contains(note)), "{text}: {:?}", parsed.ignored);
            assert_eq!(parsed.clauses.len(), 1, "{text}");
        }
        assert_eq!(parse("\"unclosed phrase").unwrap().clauses.len(), 1);
        assert_eq!(parse("- \"\" -- ()").unwrap().clauses.len(), 0);
    }

    #[test]
    fn limits_are_errors_with_codes() {
        assert_eq!(parse(&"(".repeat(10_000)).unwrap_err().code(), "search.too_long");
        assert_eq!(parse(&"a ".repeat(65)).unwrap_err().code(), "search.too_many_clauses");
        assert_eq!(parse(&format!("\"{}\"", "a ".repeat(65))).unwrap_err().code(), "search.too_many_clauses");
        assert!(parse(&"\u{fc}".repeat(1_000)).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[-\"():| a\u{201c}\u{fc}]{0,200}|.{0,200}") {
            if let Ok(parsed) = parse(&text) {
                proptest::prop_assert!(parsed.atoms <= MAX_CLAUSES);
                proptest::prop_assert!(parsed.clauses.iter().all(|clause| !clause.alternatives.is_empty()));
            }
        }
    }
}
