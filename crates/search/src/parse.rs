//! The text of a query, read leniently in one pass: words, phrases, exclusions, alternatives, `field:value`, ranges,
//! patterns.

use crate::SearchError;
use crate::facets::{FACET_FIELDS, facet_field};
use crate::numbers::{NUMBER_FIELDS, TIME_FIELDS};
use crate::pattern::Pattern;
use crate::query::{MAX_CLAUSES, MAX_PATTERNS, MAX_RANGES, MAX_TEXT};
use crate::range::{Range, range, range_field};
use crate::spelling::is_near;

/// Further notes on what was ignored are left out.
const MOST_NOTES: usize = 16;

/// A query's text, understood.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    pub clauses: Vec<Clause>,
    pub ignored: Vec<String>,
    /// Words and facet values.
    pub atoms: usize,
    patterns: usize,
    ranges: usize,
}

/// One condition: one of the alternatives must hold, or none must.
#[derive(Debug, PartialEq)]
pub(crate) struct Clause {
    pub excluded: bool,
    pub alternatives: Vec<Atom>,
}

/// The smallest condition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Atom {
    /// Written without quotation marks, and its first byte in the query; more than one word where signs stand between.
    Word(String, usize),
    /// Words in this order.
    Phrase(String),
    /// One word in quotation marks: this form of it.
    Exact(String),
    /// A beginning of words, or another pattern.
    Pattern(Pattern),
    /// A facet's field and value.
    Facet(String, String),
    /// A facet's field and a pattern of values.
    FacetPattern(String, Pattern),
    /// Ranges that all must hold.
    Ranges(Vec<Range>),
}

/// Reads a query's text.
pub(crate) fn parse(text: &str) -> Result<Parsed, SearchError> {
    let length = text.chars().take(MAX_TEXT * 64 + 1).count();
    if length > MAX_TEXT {
        return Err(SearchError::TooLong { length, limit: MAX_TEXT });
    }
    let mut parser = Parser { text, rest: text, parsed: Parsed::default(), excluded: false, joins: false };
    while parser.step()? {}
    if parser.joins {
        parser.note("OR without a word on both sides".to_owned());
    }
    Ok(parser.parsed)
}

struct Parser<'a> {
    text: &'a str,
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
            let one_word = groundswell_text::words(phrase).nth(1).is_none();
            let phrase = phrase.to_owned();
            self.push(if one_word { Atom::Exact(phrase) } else { Atom::Phrase(phrase) })?;
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
                self.note("a quotation mark that is not closed: the phrase goes to the end".to_owned());
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
        let at = self.text.len() - self.rest.len();
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
            Some((field, value)) if !field.is_empty() => self.field((word, at), field, value),
            _ => self.plain(word, at),
        }
    }

    fn field(&mut self, (word, at): (&'a str, usize), field: &str, value: &str) -> Result<(), SearchError> {
        let lower = field.to_lowercase();
        let range = range_field(&lower);
        let facet = facet_field(field).or_else(|_| facet_field(&lower)).ok();
        if range.is_none() && facet.is_none() {
            if !value.is_empty() && !value.starts_with('/') {
                let meant = meant(&lower).map_or(String::new(), |near| format!(" (did you mean {near}?)"));
                self.note(format!("{}: no such field, searched as words{meant}", short(field)));
            }
            return self.plain(word, at);
        }
        let mut value = value.to_owned();
        let mut quoted = false;
        if value.is_empty()
            && let Some(quote) = self.rest.chars().next().filter(|&next| is_quote(next))
        {
            value = self.quoted(self.rest.get(quote.len_utf8()..).unwrap_or("")).to_owned();
            quoted = true;
        }
        if value.trim().is_empty() {
            self.note(format!("{}: a field without a value", short(field)));
            (self.excluded, self.joins) = (false, false);
            return Ok(());
        }
        match (range, facet) {
            (Some(name), _) => self.range(name, &value),
            (None, Some(name)) => match Pattern::of_value(&value).filter(|_| !quoted) {
                Some(pattern) => self.push(Atom::FacetPattern(name, pattern)),
                None => self.push(Atom::Facet(name, value)),
            },
            (None, None) => Ok(()),
        }
    }

    fn range(&mut self, field: &'static str, value: &str) -> Result<(), SearchError> {
        match range(field, value) {
            Some(ranges) => self.push(Atom::Ranges(ranges)),
            None => {
                let example =
                    if TIME_FIELDS.contains(&field) { "2026-03-01..2026-03-31" } else { "0..6 or >=2" };
                self.note(format!("{field}:{}: left out, write it as in {example}", short(value)));
                (self.excluded, self.joins) = (false, false);
                Ok(())
            }
        }
    }

    fn plain(&mut self, word: &str, at: usize) -> Result<(), SearchError> {
        if word.contains(['*', '~']) || word.trim_end_matches('?').contains('?') {
            match Pattern::of_word(word) {
                Some(pattern) => return self.push(Atom::Pattern(pattern)),
                None if word.contains('*') => self.note(format!(
                    "{}: a pattern begins with two letters and holds one word; searched without its signs",
                    short(word)
                )),
                None if word.contains('~') => {
                    self.note(format!("{}: words are searched by their stems", short(word)));
                }
                None => {}
            }
        }
        self.push(Atom::Word(word.to_owned(), at))
    }

    fn push(&mut self, atom: Atom) -> Result<(), SearchError> {
        let excluded = std::mem::take(&mut self.excluded);
        let joins = std::mem::take(&mut self.joins);
        let mut words = 1;
        match &atom {
            Atom::Word(text, _) | Atom::Phrase(text) | Atom::Exact(text) => {
                words = groundswell_text::words(text).count();
                if words == 0 {
                    self.note(format!("{}: no letter or digit in it", short(text)));
                    return Ok(());
                }
            }
            Atom::Pattern(_) | Atom::FacetPattern(..) => {
                self.parsed.patterns += 1;
                within("patterns", self.parsed.patterns, MAX_PATTERNS)?;
            }
            Atom::Ranges(_) => {
                self.parsed.ranges += 1;
                within("ranges", self.parsed.ranges, MAX_RANGES)?;
            }
            Atom::Facet(..) => {}
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

fn within(what: &'static str, given: usize, limit: usize) -> Result<(), SearchError> {
    if given > limit { Err(SearchError::OverLimit { what, given, limit }) } else { Ok(()) }
}

/// Finds the field that a mistyped one may stand for.
fn meant(field: &str) -> Option<&'static str> {
    let fields = || FACET_FIELDS.iter().chain(NUMBER_FIELDS).chain(TIME_FIELDS);
    (1..=2).find_map(|most| fields().find(|known| is_near(known, field, most))).copied()
}

/// Cuts a piece of the query to 40 characters, for a note.
pub(crate) fn short(text: &str) -> String {
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
                        Atom::Word(word, _) => word.clone(),
                        Atom::Phrase(phrase) => format!("\"{phrase}\""),
                        Atom::Exact(word) => format!("={word}"),
                        Atom::Pattern(pattern) => format!("~{}", pattern.written()),
                        Atom::Facet(field, value) => format!("{field}={value}"),
                        Atom::FacetPattern(field, pattern) => format!("{field}~{}", pattern.written()),
                        Atom::Ranges(ranges) => format!("{ranges:?}"),
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
            ("\"late", "not closed"),
            ("*und late*x", "*und: a pattern"),
            ("l* OR", "l*: a pattern"),
            ("late~", "late~: words are"),
            ("late score:many", "score:many: left out"),
            ("late time:yesterday", "time:yesterday: left out"),
            ("sevrity:2", "did you mean severity?"),
            ("\u{1f600} late", "no letter"),
        ] {
            let parsed = parse(text).unwrap();
            assert!(parsed.ignored.iter().any(|said| said.contains(note)), "{text}: {:?}", parsed.ignored);
            assert_eq!(parsed.clauses.len(), 1 + usize::from(text.starts_with("*und")), "{text}");
        }
        assert_eq!(parse("\"unclosed phrase").unwrap().clauses.len(), 1);
        assert_eq!(parse("- \"\" -- ()").unwrap().clauses.len(), 0);
    }

    #[test]
    fn ranges_patterns_and_exact_words() {
        assert_eq!(read("deliver* wom?n why?"), ["~deliver*", "~wom?n", "why?"]);
        assert_eq!(read("\"Deliveries\" -refund*"), ["=Deliveries", "-~refund*"]);
        assert_eq!(read("product:iph* product:\"iph*\""), ["product~iph*", "product=iph*"]);
        let numbers = read("score:0..6 OR severity:>=2").join("");
        assert!(numbers.contains("\"score\", Included(0.0), Included(6.0)"), "{numbers}");
        assert!(numbers.contains("|[Numbers(\"severity\", Included(2.0), Unbounded)"), "{numbers}");
        assert!(read("since:2026-03-01 -TIME:2026").iter().all(|clause| clause.contains("Days")));
    }

    #[test]
    fn limits_are_errors_with_codes() {
        assert_eq!(parse(&"(".repeat(10_000)).unwrap_err().code(), "search.too_long");
        assert_eq!(parse(&"a ".repeat(65)).unwrap_err().code(), "search.too_many_clauses");
        assert_eq!(parse(&format!("\"{}\"", "a ".repeat(65))).unwrap_err().code(), "search.too_many_clauses");
        assert_eq!(parse(&"ab* ".repeat(17)).unwrap_err().code(), "search.over_limit");
        assert_eq!(parse(&"score:1.. ".repeat(17)).unwrap_err().code(), "search.over_limit");
        assert!(parse(&"\u{fc}".repeat(1_000)).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_strange(text in "[-\"():|*?.<>0 a\u{201c}\u{fc}]{0,200}|.{0,200}") {
            if let Ok(parsed) = parse(&text) {
                proptest::prop_assert!(parsed.atoms <= MAX_CLAUSES);
                proptest::prop_assert!(parsed.clauses.iter().all(|clause| !clause.alternatives.is_empty()));
            }
        }
    }
}
