//! Patterns of words, `deliver*` and `wom?n`: matched without automata, expanded within bounds.

use std::collections::{BTreeMap, HashMap};

use tantivy::Searcher;
use tantivy::schema::Field;

use crate::SearchError;

/// The fewest letters before the first sign.
const FEWEST_LETTERS: usize = 2;
/// Longer patterns are none, in bytes.
const LONGEST: usize = 100;
/// Words that one pattern stands for; of more, those of most feedback are taken.
pub(crate) const MOST_WORDS: usize = 128;
/// Words of a segment that one pattern looks at.
const MOST_LOOKED_AT: usize = 50_000;

/// A word with `*` for any letters, also none, and `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    signs: Vec<char>,
}

impl Pattern {
    /// Reads a word of a query; none where it is no pattern or holds more than one word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '*' | '?');
        let core = word.trim_matches(|c: char| !is_part(c)).trim_end_matches('?');
        let lower: String =
            core.to_lowercase().chars().map(|c| if c == '\u{2019}' { '\'' } else { c }).collect();
        let plain: String = lower.chars().filter(|c| !matches!(c, '*' | '?')).collect();
        let mut words = groundswell_text::words(&plain);
        let whole = words.next().is_some_and(|word| word.text == plain) && words.next().is_none();
        if whole { Self::new(&lower) } else { None }
    }

    /// Reads the value of a field; none where it is no pattern. Only `*` is a sign in it.
    pub(crate) fn of_value(value: &str) -> Option<Self> {
        if value.contains('?') { None } else { Self::new(value.trim()) }
    }

    fn new(text: &str) -> Option<Self> {
        let mut signs: Vec<char> = text.chars().collect();
        signs.dedup_by(|a, b| *a == '*' && *b == '*');
        let first = signs.iter().position(|c| matches!(c, '*' | '?'))?;
        (first >= FEWEST_LETTERS && text.len() <= LONGEST).then_some(Self { signs })
    }

    /// Gives the pattern as it is read.
    pub(crate) fn written(&self) -> String {
        self.signs.iter().collect()
    }

    /// Gives the letters before the first sign.
    pub(crate) fn beginning(&self) -> String {
        self.signs.iter().take_while(|c| !matches!(c, '*' | '?')).collect()
    }

    /// Says whether a word fits. At most the product of both lengths in steps: after a mismatch only the last `*` takes
    /// one letter more.
    pub(crate) fn fits(&self, word: &str) -> bool {
        let letters: Vec<char> = word.chars().collect();
        let (mut sign, mut letter) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while let Some(&read) = letters.get(letter) {
            match self.signs.get(sign) {
                Some('*') => {
                    last_star = Some((sign, letter));
                    sign += 1;
                }
                Some(&wanted) if wanted == '?' || wanted == read => {
                    sign += 1;
                    letter += 1;
                }
                _ => {
                    let Some((star, from)) = last_star else { return false };
                    last_star = Some((star, from + 1));
                    (sign, letter) = (star + 1, from + 1);
                }
            }
        }
        self.signs.get(sign..).unwrap_or(&[]).iter().all(|sign| *sign == '*')
    }

    /// Gives the words of a field that fit, those of most feedback first, and whether some were left out.
    ///
    /// # Errors
    /// `search.engine` when the dictionary cannot be read.
    pub(crate) fn words(
        &self,
        searcher: &Searcher,
        field: Field,
        before: &str,
    ) -> Result<(Vec<String>, bool), SearchError> {
        let beginning = format!("{before}{}", self.beginning());
        let mut found: HashMap<String, u64> = HashMap::new();
        let mut cut = false;
        let read = |found: &mut HashMap<String, u64>| {
            each_word(searcher, field, &beginning, &mut |word, feedback| {
                if let Some(rest) = word.strip_prefix(before)
                    && self.fits(rest)
                {
                    *found.entry(rest.to_owned()).or_insert(0) += feedback;
                }
            })
        };
        cut |= read(&mut found).map_err(SearchError::engine("read the words of the index"))?;
        let mut ranked: BTreeMap<(std::cmp::Reverse<u64>, String), ()> = BTreeMap::new();
        for (word, feedback) in found {
            ranked.insert((std::cmp::Reverse(feedback), word), ());
            if ranked.len() > MOST_WORDS {
                ranked.pop_last();
                cut = true;
            }
        }
        Ok((ranked.into_keys().map(|(_, word)| word).collect(), cut))
    }
}

/// Gives the words of a field that begin so, once for every segment, with the number of feedback there; says whether
/// there were too many to look at.
pub(crate) fn each_word(
    searcher: &Searcher,
    field: Field,
    beginning: &str,
    each: &mut dyn FnMut(&str, u64),
) -> tantivy::Result<bool> {
    let mut cut = false;
    for reader in searcher.segment_readers() {
        let inverted = reader.inverted_index(field)?;
        let mut terms = inverted.terms().range().ge(beginning).into_stream()?;
        let mut looked_at = 0;
        while terms.advance() {
            let Ok(word) = std::str::from_utf8(terms.key()) else { continue };
            if !word.starts_with(beginning) {
                break;
            }
            looked_at += 1;
            if looked_at > MOST_LOOKED_AT {
                cut = true;
                break;
            }
            each(word, u64::from(terms.value().doc_freq));
        }
    }
    Ok(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_fit() {
        for (pattern, fitting, other) in [
            ("deliver*", &["deliver", "deliveries"][..], &["delive", "redeliver"][..]),
            ("wom?n", &["woman", "women"], &["womn", "womaan"]),
            ("de*ry", &["dery", "delivery", "deryry"], &["deliver", "delivers"]),
            ("Größe*,", &["größe", "größen"], &["grosse"]),
            ("ab*c*d", &["abcd", "abxcxcxd"], &["abdc"]),
        ] {
            let pattern = Pattern::of_word(pattern).unwrap();
            assert!(fitting.iter().all(|word| pattern.fits(word)), "{pattern:?}");
            assert!(!other.iter().any(|word| pattern.fits(word)), "{pattern:?}");
        }
        for none in ["deliver", "*deliver", "d*", "?", "", "**", "a-b*", "e-ma*l", "who?"] {
            assert_eq!(Pattern::of_word(none), None, "{none}");
        }
        assert_eq!(Pattern::of_value("iphone **").unwrap().written(), "iphone *");
        assert_eq!(Pattern::of_value("why? *"), None);
    }

    #[test]
    fn many_stars_are_matched_in_little_time() {
        let pattern = Pattern::new(&format!("aa{}b", "*a".repeat(48))).unwrap();
        let clock = std::time::Instant::now();
        for _ in 0..1_000 {
            assert!(!pattern.fits(&"a".repeat(120)));
        }
        assert!(clock.elapsed().as_secs() < 5);
    }

    proptest::proptest! {
        #[test]
        fn a_pattern_fits_what_it_was_made_from(word in "[a-z]{2,20}", at in 2..20usize) {
            let (head, _) = word.split_at(at.min(word.len()));
            let pattern = Pattern::of_word(&format!("{head}*")).unwrap();
            proptest::prop_assert!(pattern.fits(&word));
        }
    }
}
