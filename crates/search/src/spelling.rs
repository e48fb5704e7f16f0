//! "Did you mean": words of the index near a mistyped one, and none that few people use.

use std::collections::{BTreeSet, HashMap};

use groundswell_text::{Analyser, Language};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Searcher, TERMINATED, Term};

use crate::SearchError;
use crate::gate::SMALL_GROUP;
use crate::parse::{Atom, Parsed};
use crate::pattern::each_word;
use crate::people::{Table, voice};
use crate::schema::Fields;

/// Shorter words are near too many others, in letters.
const SHORTEST: usize = 4;
/// From so many letters on two may be wrong.
const TWO_WRONG_FROM: usize = 7;
/// Mistyped words of one query that are looked after.
const MOST_MISTYPED: usize = 4;
/// A known word is only doubted where a near one is used by so many times as many feedback.
const FAR_MORE: u64 = 50;
/// Near words whose people are counted.
const MOST_TRIED: usize = 8;
/// Feedback that are looked at to count the people of a word.
const MOST_LOOKED_AT: usize = 2_000;

/// What a suggestion is made from.
pub(crate) struct Lexicon<'a> {
    pub searcher: &'a Searcher,
    pub table: &'a Table,
    pub fields: &'a Fields,
    pub languages: &'a [Option<Language>],
}

impl Lexicon<'_> {
    /// Gives the query's text with mistyped words replaced, where there are such.
    pub(crate) fn suggestion(&self, text: &str, parsed: &Parsed) -> Result<Option<String>, SearchError> {
        let mut analyser = Analyser::new();
        let mut replaced: Vec<(usize, usize, String)> = Vec::new();
        let mut looked_after = 0;
        for clause in parsed.clauses.iter().filter(|clause| !clause.excluded) {
            for atom in &clause.alternatives {
                let Atom::Word(written, at) = atom else { continue };
                let mut words = groundswell_text::words(written);
                let (Some(word), None) = (words.next(), words.next()) else { continue };
                if word.text.chars().count() < SHORTEST || word.text.chars().any(char::is_numeric) {
                    continue;
                }
                let known = self.feedback_with(&mut analyser, word.text)?;
                if known >= FAR_MORE || looked_after >= MOST_MISTYPED {
                    continue;
                }
                looked_after += 1;
                if let Some(near) = self.near(&word.text.to_lowercase(), known)? {
                    replaced.push((at + word.start, at + word.end, near));
                }
            }
        }
        if replaced.is_empty() {
            return Ok(None);
        }
        let (mut out, mut from) = (String::with_capacity(text.len()), 0);
        for (start, end, near) in replaced {
            out.push_str(text.get(from..start).unwrap_or(""));
            out.push_str(&near);
            from = end;
        }
        out.push_str(text.get(from..).unwrap_or(""));
        Ok(Some(out))
    }

    /// Counts the feedback that a word finds, by its commonest stem.
    fn feedback_with(&self, analyser: &mut Analyser, word: &str) -> Result<u64, SearchError> {
        let mut stems = BTreeSet::new();
        for language in self.languages {
            analyser.terms(word, *language, &mut |term| {
                stems.insert(term.stem.to_owned());
            });
        }
        let mut most = 0;
        for stem in stems {
            let term = Term::from_field_text(self.fields.text, &stem);
            let found = self.searcher.doc_freq(&term).map_err(SearchError::engine("count a word"))?;
            most = most.max(found);
        }
        Ok(most)
    }

    /// Finds the commonest of the nearest words that begin with the same letter.
    fn near(&self, word: &str, known: u64) -> Result<Option<String>, SearchError> {
        let letters = word.chars().count();
        let most = if letters >= TWO_WRONG_FROM { 2 } else { 1 };
        let Some(first) = word.chars().next() else { return Ok(None) };
        let mut found: HashMap<String, (usize, u64)> = HashMap::new();
        each_word(self.searcher, self.fields.form, first.encode_utf8(&mut [0; 4]), &mut |other, feedback| {
            if let Some((_, sum)) = found.get_mut(other) {
                *sum += feedback;
            } else if let Some(distance) = distance(word, other, most).filter(|distance| *distance > 0) {
                found.insert(other.to_owned(), (distance, feedback));
            }
        })
        .map_err(SearchError::engine("read the words of the index"))?;
        let enough = if known == 0 { SMALL_GROUP } else { known.saturating_mul(FAR_MORE) };
        let mut ranked: Vec<(usize, std::cmp::Reverse<u64>, String)> = found
            .into_iter()
            .filter(|(other, (_, feedback))| *feedback >= enough && other.chars().all(char::is_alphabetic))
            .map(|(other, (distance, feedback))| (distance, std::cmp::Reverse(feedback), other))
            .collect();
        ranked.sort_unstable();
        for (_, _, other) in ranked.into_iter().take(MOST_TRIED) {
            if self.is_of_several(&other)? {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    /// Says whether enough known people use a word to show it.
    fn is_of_several(&self, word: &str) -> Result<bool, SearchError> {
        let term = Term::from_field_text(self.fields.form, word);
        let (mut people, mut looked_at) = (BTreeSet::new(), 0);
        for (ordinal, reader) in (0u32..).zip(self.searcher.segment_readers()) {
            let Some(columns) = self.table.segment(ordinal) else { continue };
            let read = || -> tantivy::Result<_> {
                let inverted = reader.inverted_index(self.fields.form)?;
                Ok(inverted.read_postings(&term, IndexRecordOption::Basic)?)
            };
            let postings = read().map_err(SearchError::engine("read a word"))?;
            let Some(mut postings) = postings else { continue };
            while postings.doc() != TERMINATED && looked_at < MOST_LOOKED_AT {
                looked_at += 1;
                if !reader.is_deleted(postings.doc()) {
                    let linked = voice(&columns.voices, postings.doc()).filter(|voice| voice.is_linked());
                    people.extend(linked.map(|voice| voice.who()));
                    if people.len() as u64 >= SMALL_GROUP {
                        return Ok(true);
                    }
                }
                postings.advance();
            }
        }
        Ok(false)
    }
}

/// Says whether two words are at most so many slips of the finger apart.
pub(crate) fn is_near(one: &str, other: &str, most: usize) -> bool {
    distance(one, other, most).is_some()
}

/// Counts letters added, left out, changed, and neighbours swapped; none beyond `most`.
fn distance(one: &str, other: &str, most: usize) -> Option<usize> {
    const LONGEST: usize = 40;
    if one.len().abs_diff(other.len()) > most * 4 {
        return None;
    }
    let one: Vec<char> = one.chars().take(LONGEST + 1).collect();
    let other: Vec<char> = other.chars().take(LONGEST + 1).collect();
    if one.len().abs_diff(other.len()) > most || one.len() > LONGEST || other.len() > LONGEST {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut next = Vec::with_capacity(other.len() + 1);
        next.push(row + 1);
        for (column, against) in other.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX - 1);
            let changed = at(&last, column) + usize::from(letter != against);
            let mut least = changed.min(at(&last, column + 1) + 1).min(at(&next, column) + 1);
            let swapped = row > 0
                && column > 0
                && one.get(row - 1) == Some(against)
                && other.get(column - 1) == Some(letter);
            if swapped {
                least = least.min(at(&before, column - 1) + 1);
            }
            next.push(least);
        }
        if next.iter().min().is_none_or(|least| *least > most) {
            return None;
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_counted() {
        for (one, other, found) in [
            ("delivery", "delivery", Some(0)),
            ("delivry", "delivery", Some(1)),
            ("devilery", "delivery", Some(2)),
            ("refnud", "refund", Some(1)),
            ("größe", "grösse", Some(2)),
            ("late", "refund", None),
            ("", "ab", Some(2)),
            ("abc", "", None),
        ] {
            assert_eq!(distance(one, other, 2), found, "{one} {other}");
            assert_eq!(distance(other, one, 2), found, "{other} {one}");
        }
        assert_eq!(distance(&"a".repeat(100_000), &"a".repeat(100_000), 2), None);
    }
}
