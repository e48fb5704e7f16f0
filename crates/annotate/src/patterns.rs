//! Finds the expectation patterns in a folded text: a walk through its words shows where each may begin, and only there
//! the pattern is tried, unless its beginning already was the whole of it.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input};

use crate::AnnotateError;
use crate::before;
use crate::beginnings::{End, beginnings};
use crate::counters::{COUNTERS, Counter};
use crate::families::{FAMILIES, Family};
use crate::trie::Trie;

/// A cue of a family and where it stands in the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) family: Family,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The compiled patterns: families first, then counter-cues.
pub(crate) struct Patterns {
    /// Every beginning of a pattern.
    trie: Trie,
    /// What each of them may be, by its place in the trie.
    chances: Vec<Vec<Chance>>,
    /// Nothing where the beginnings are the whole of the pattern.
    patterns: Vec<Option<Regex>>,
}

/// A pattern that may begin here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Chance {
    /// Number of the pattern, or [`VERB`].
    pattern: usize,
    /// Place in the preference of the pattern; [`LOOSE`] where only the pattern tells.
    order: usize,
    opens: bool,
}

/// The cues and counter-cues of a text, each in its order.
pub(crate) struct Matches {
    pub(crate) hits: Vec<Hit>,
    pub(crate) counters: Vec<(Counter, usize, usize)>,
}

/// The longest list of hits that is kept of one text.
const MOST_HITS: usize = 512;
const COUNT: usize = FAMILIES.len() + COUNTERS.len();
/// Stands for a verb of expecting, without which the pattern with "I" and "we" is not tried.
const VERB: usize = COUNT;
const LOOSE: usize = usize::MAX;
/// The most words from "I" to its verb.
const WORDS_TO_VERB: usize = 4;

impl Patterns {
    pub(crate) fn new() -> Result<Self, AnnotateError> {
        let sources = FAMILIES
            .iter()
            .map(|row| (row.code, row.pattern))
            .chain(COUNTERS.iter().map(|(_, pattern)| ("counter", *pattern)));
        let verbs = FAMILIES.first().map(|row| (row.code, row.sieve));
        let mut all: Vec<(Vec<u8>, Chance)> = Vec::new();
        let mut patterns = Vec::with_capacity(COUNT);
        for (pattern, (code, source)) in sources.chain(verbs).enumerate() {
            let hir = regex_syntax::ParserBuilder::new()
                .unicode(false)
                .utf8(false)
                .multi_line(true)
                .build()
                .parse(source)
                .ok();
            let found = hir.as_ref().and_then(beginnings).ok_or(AnnotateError::Beginning { family: code })?;
            let loose = found.iter().any(|one| one.opens || one.end != End::Word);
            all.extend(found.into_iter().enumerate().map(|(order, one)| {
                let order = if one.opens || one.end != End::Word { LOOSE } else { order };
                (one.bytes, Chance { pattern, order, opens: one.opens })
            }));
            patterns.push(if loose && pattern != VERB { Some(compile(code, source)?) } else { None });
        }
        all.sort_unstable();
        all.dedup();
        let mut strings: Vec<Vec<u8>> = Vec::new();
        let mut chances: Vec<Vec<Chance>> = Vec::new();
        for (bytes, chance) in all {
            match chances.last_mut().filter(|_| strings.last() == Some(&bytes)) {
                Some(last) => last.push(chance),
                None => {
                    strings.push(bytes);
                    chances.push(vec![chance]);
                }
            }
        }
        Ok(Self { trie: Trie::new(&strings), chances, patterns })
    }

    /// Gives the hits of all families and the counter-cues, in the order of the text.
    pub(crate) fn find(&self, text: &str) -> Matches {
        let mut scan = Scan {
            patterns: self,
            text,
            seen: [(0, 0); COUNT],
            chances: Vec::new(),
            pronouns: Vec::new(),
            verbs: Vec::new(),
            words: 0,
            out: Matches { hits: Vec::new(), counters: Vec::new() },
        };
        let mut inside = false;
        for (at, &byte) in text.as_bytes().iter().enumerate() {
            let word = is_word(byte);
            if word != inside {
                scan.words += usize::from(word);
                if word || byte == b'\'' {
                    scan.meet(at);
                }
                inside = word;
            }
        }
        scan.speak();
        let mut out = scan.out;
        out.hits.sort_by_key(|hit| (hit.start, hit.family));
        out.hits.truncate(MOST_HITS);
        out.counters.sort_by_key(|&(counter, start, end)| (start, end, counter as u8));
        out
    }
}

/// A text while it is gone through.
struct Scan<'a> {
    patterns: &'a Patterns,
    text: &'a str,
    /// For each pattern where its last match ended, and how many there were.
    seen: [(usize, usize); COUNT],
    /// What may begin at the present place.
    chances: Vec<(Chance, usize)>,
    /// Where "I" and "we" stand, at which word, and whether a verb may be glued to them.
    pronouns: Vec<(usize, usize, bool)>,
    /// At which words verbs of expecting stand.
    verbs: Vec<usize>,
    words: usize,
    out: Matches,
}

impl Scan<'_> {
    /// Tries what may begin at a word boundary.
    fn meet(&mut self, at: usize) {
        let Self { patterns, text, chances, .. } = self;
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let mut glued = false;
        chances.clear();
        patterns.trie.each(rest, |string, length| {
            for chance in patterns.chances.get(string).map_or(&[][..], Vec::as_slice) {
                let behind = rest.get(length..).unwrap_or_default();
                if chance.order != LOOSE && !ends(rest, length) {
                    continue;
                }
                glued |= chance.pattern == Family::ExpectVerb as usize && is_glued(behind);
                let end = if chance.order == LOOSE { LOOSE } else { at + length };
                match chances.iter_mut().find(|(known, _)| known.pattern == chance.pattern) {
                    Some((known, known_end)) => {
                        known.opens |= chance.opens;
                        // A loose one outweighs all, then the preferred one counts.
                        if chance.order == LOOSE || (known.order != LOOSE && chance.order < known.order) {
                            (known.order, *known_end) = (chance.order, end);
                        }
                    }
                    None => chances.push((*chance, end)),
                }
            }
        });
        if self.chances.is_empty() {
            return;
        }
        let chances = std::mem::take(&mut self.chances);
        for &(chance, end) in &chances {
            self.attempt(at, chance, end, glued);
        }
        self.chances = chances;
    }

    fn attempt(&mut self, at: usize, chance: Chance, end: usize, glued: bool) {
        let Some(&(behind, _)) = self.seen.get(chance.pattern) else {
            self.verbs.push(self.words);
            return;
        };
        if chance.pattern == Family::ExpectVerb as usize {
            self.pronouns.push((at, self.words, glued));
        } else if chance.order != LOOSE {
            self.put(chance.pattern, at, end);
        } else {
            let opening = if chance.opens { self.opening(at, behind) } else { None };
            if let Some(opening) = opening.filter(|opening| *opening < at) {
                self.search(chance.pattern, opening);
            }
            self.search(chance.pattern, at);
        }
    }

    /// Gives the first place not before `least` where the signs before a word open a sentence.
    fn opening(&self, at: usize, least: usize) -> Option<usize> {
        let head = self.text.as_bytes().get(..at)?;
        let from = head.iter().rposition(|byte| is_word(*byte)).map_or(0, |word| word + 1).max(least);
        (from..at).find(|&place| {
            let before = place.checked_sub(1).and_then(|before| head.get(before));
            matches!(before, None | Some(b'\n'))
                || matches!(head.get(place..place + 2), Some([b'.' | b'!' | b'?' | b';', b' ']))
        })
    }

    /// Searches a pattern at a place.
    fn search(&mut self, pattern: usize, at: usize) {
        let Some(regex) = self.patterns.patterns.get(pattern).and_then(Option::as_ref) else { return };
        if self.seen.get(pattern).is_some_and(|(behind, _)| at < *behind) {
            return;
        }
        let input = Input::new(self.text).range(at..).anchored(Anchored::Yes);
        if let Some(found) = regex.search(&input) {
            self.put(pattern, at, found.end());
        }
    }

    /// Keeps a match, unless it overlaps the one before of its pattern.
    fn put(&mut self, pattern: usize, at: usize, end: usize) {
        let Some((behind, count)) = self.seen.get_mut(pattern) else { return };
        if at < *behind || *count >= MOST_HITS {
            return;
        }
        (*behind, *count) = (end, *count + 1);
        if let Some(row) = FAMILIES.get(pattern) {
            let start = before::begin(row.family, self.text, at, end);
            self.out.hits.extend(start.map(|start| Hit { family: row.family, start, end }));
        } else if let Some((counter, _)) = COUNTERS.get(pattern - FAMILIES.len()) {
            self.out.counters.push((*counter, at, end));
        }
    }

    /// Tries "I" and "we" where a verb of expecting is near.
    fn speak(&mut self) {
        if self.verbs.is_empty() {
            return;
        }
        let pronouns = std::mem::take(&mut self.pronouns);
        for (at, word, glued) in pronouns {
            let next = self.verbs.partition_point(|verb| *verb <= word);
            if glued || self.verbs.get(next).is_some_and(|verb| *verb <= word + WORDS_TO_VERB) {
                self.search(Family::ExpectVerb as usize, at);
            }
        }
    }
}

/// Says whether what stands behind "I" or "I had" goes on as its verb or the word before it does, without a space.
fn is_glued(behind: &[u8]) -> bool {
    matches!(
        behind.get(..3),
        Some(
            b"exp"
                | b"ant"
                | b"hop"
                | b"ass"
                | b"tho"
                | b"fig"
                | b"cou"
                | b"thi"
                | b"und"
                | b"rea"
                | b"ful"
                | b"onl"
                | b"jus"
                | b"als"
                | b"sti"
                | b"at "
        )
    )
}

/// Says whether a word ends or begins at a place, as a pattern has it.
fn ends(bytes: &[u8], at: usize) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|byte| is_word(*byte));
    word(at.checked_sub(1)) != word(Some(at))
}

/// Says whether a byte belongs to a word, as a pattern has it.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Compiles one pattern over bytes with ASCII word boundaries.
pub(crate) fn compile(family: &'static str, pattern: &str) -> Result<Regex, AnnotateError> {
    Regex::builder()
        .syntax(syntax::Config::new().unicode(false).utf8(false).multi_line(true))
        .configure(Regex::config().utf8_empty(false).auto_prefilter(false))
        .build(pattern)
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
