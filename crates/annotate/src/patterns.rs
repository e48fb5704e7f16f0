//! Runs the expectation patterns over a folded text: one set as a sieve, then spans only of the families that hit.

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::AnnotateError;
use crate::before;
use crate::counters::{COUNTERS, Counter};
use crate::families::{FAMILIES, Family};

/// A cue of a family and where it stands in the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) family: Family,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The compiled patterns.
pub(crate) struct Patterns {
    sieve: RegexSet,
    families: Vec<Regex>,
    counters: Vec<Regex>,
}

/// The cues and counter-cues of a text, each in its order.
pub(crate) struct Matches {
    pub(crate) hits: Vec<Hit>,
    pub(crate) counters: Vec<(Counter, usize, usize)>,
}

/// The longest list of hits that is kept of one text.
const MOST_HITS: usize = 512;

impl Patterns {
    pub(crate) fn new() -> Result<Self, AnnotateError> {
        let sieves = FAMILIES.iter().map(|row| if row.sieve.is_empty() { row.pattern } else { row.sieve });
        let sieve = RegexSetBuilder::new(sieves.chain(COUNTERS.iter().map(|(_, pattern)| *pattern)))
            .unicode(false)
            .multi_line(true)
            .dfa_size_limit(16 << 20)
            .build()
            .map_err(|source| AnnotateError::Pattern { family: "sieve", source: Box::new(source) })?;
        let families = FAMILIES.iter().map(|row| compile(row.code, row.pattern)).collect::<Result<_, _>>()?;
        let counters =
            COUNTERS.iter().map(|(_, pattern)| compile("counter", pattern)).collect::<Result<_, _>>()?;
        Ok(Self { sieve, families, counters })
    }

    /// Gives the hits of all families and the counter-cues, in the order of the text.
    pub(crate) fn find(&self, text: &str) -> Matches {
        let mut out = Matches { hits: Vec::new(), counters: Vec::new() };
        for index in &self.sieve.matches(text.as_bytes()) {
            if let (Some(row), Some(pattern)) = (FAMILIES.get(index), self.families.get(index)) {
                let found = pattern.find_iter(text.as_bytes()).take(MOST_HITS);
                out.hits.extend(found.filter_map(|found| {
                    let start = before::begin(row.family, text, found.start(), found.end())?;
                    Some(Hit { family: row.family, start, end: found.end() })
                }));
                continue;
            }
            let index = index - FAMILIES.len();
            if let (Some((counter, _)), Some(pattern)) = (COUNTERS.get(index), self.counters.get(index)) {
                let found = pattern.find_iter(text.as_bytes()).take(MOST_HITS);
                out.counters.extend(found.map(|found| (*counter, found.start(), found.end())));
            }
        }
        out.hits.sort_unstable_by_key(|hit| (hit.start, hit.family));
        out.hits.truncate(MOST_HITS);
        out
    }
}

/// Compiles one pattern over bytes with ASCII word boundaries.
pub(crate) fn compile(family: &'static str, pattern: &str) -> Result<Regex, AnnotateError> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .multi_line(true)
        .build()
        .map_err(|source| AnnotateError::Pattern { family, source: Box::new(source) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn families(text: &str) -> Vec<&'static str> {
        let mut codes: Vec<_> = Patterns::new()
            .unwrap()
            .find(text)
            .hits
            .iter()
            .filter_map(|hit| Some(hit.family.row()?.code))
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    #[test]
    fn each_family_finds_its_own_words() {
        for (code, text) in [
            ("E1", "we had really hoped for more"),
            ("E2", "the tickets were supposed to be at the desk"),
            ("E3", "a kettle ought to boil water"),
            ("E4", "the website clearly says free returns"),
            ("E5", "it was sold to us as new"),
            ("E6", "the colour is nothing like the picture"),
            ("E6", "not as described"),
            ("E7", "a voucher rather than cash"),
            ("E8", "we paid a lot for quick help"),
            ("E9", "for this price one may ask more"),
            ("E10", "an apology at the very least"),
            ("E11", "i booked a double and was given a single"),
            ("I1", "still no answer"),
            ("I2", "nobody came"),
            ("I3", "it took five working days"),
            ("I4", "it keeps failing"),
            ("I5", "i am unable to pay"),
            ("I6", "the lid snapped"),
            ("I7", "two pages are missing"),
            ("I8", "i was charged twice"),
            ("I9", "i had to personally drive there"),
            ("I10", "she rolled her eyes"),
            ("I11", "what a waste of money"),
            ("I12", "charged without warning"),
            ("I13", "an hour on hold"),
            ("A1", "why is it closed"),
            ("A2", "the door does not open"),
            ("A3", "more parking"),
            ("A4", "not enough chairs"),
            ("A5", "they cancelled my booking"),
            ("A6", "another problem"),
        ] {
            assert!(families(text).contains(&code), "{code} in {text:?}: {:?}", families(text));
        }
    }

    #[test]
    fn plain_sentences_have_no_hits() {
        for text in ["the room was lovely", "i bought a lamp on tuesday", "please greet your team"] {
            assert_eq!(families(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn every_sieve_lets_through_what_its_pattern_matches() {
        for text in [
            "you promised two days",
            "i had thought so",
            "paid extra for speed",
            "requested a refund, got a voucher",
            "an hour",
        ] {
            for row in FAMILIES.iter().filter(|row| !row.sieve.is_empty()) {
                let (pattern, sieve) = (compile("t", row.pattern).unwrap(), compile("t", row.sieve).unwrap());
                assert!(
                    !pattern.is_match(text.as_bytes()) || sieve.is_match(text.as_bytes()),
                    "{}",
                    row.code
                );
            }
        }
    }
}
