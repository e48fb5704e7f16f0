//! Finds cues (phrases and word beginnings) in a text: longest first, at word boundaries, in one pass.

use std::collections::BTreeMap;

use crate::trie::Trie;

/// A set of cues. What a cue means is the caller's: each has the number it was given.
pub(crate) struct Cues {
    trie: Trie,
    known: Vec<Known>,
}

#[derive(Clone, Copy)]
struct Known {
    /// Length in bytes, without the leading space.
    length: usize,
    /// Matches a whole phrase.
    phrase: bool,
    /// Matches the beginning of a word.
    stem: bool,
    /// The longest other cue that this one begins with.
    shorter: Option<usize>,
}

/// A cue found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Number of the cue: its place in the sorted order of distinct cues.
    pub(crate) cue: usize,
    /// True where the word goes on behind the cue.
    pub(crate) open: bool,
    /// First byte in the folded text.
    pub(crate) start: usize,
    /// The byte behind it.
    pub(crate) end: usize,
}

/// How a cue may match.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ways {
    /// As a whole phrase (a plural `s` may follow).
    pub(crate) phrase: bool,
    /// As the beginning of a word.
    pub(crate) stem: bool,
}

impl Cues {
    /// Builds the set from distinct cues, each written as [`plain`] gives it; they are numbered in their order.
    pub(crate) fn new(cues: &BTreeMap<String, Ways>) -> Self {
        let names: Vec<&String> = cues.keys().collect();
        let trie = Trie::new(&names);
        let known = cues.iter().map(|(name, ways)| {
            let mut shorter = None;
            trie.each(name.as_bytes(), |cue, length| {
                if length > 0 && length < name.len() {
                    shorter = Some(cue);
                }
            });
            Known { length: name.len(), phrase: ways.phrase, stem: ways.stem, shorter }
        });
        Self { known: known.collect(), trie }
    }

    /// Calls `each` with every cue of a spaced text, in order, without overlap.
    pub(crate) fn find(&self, spaced: &[u8], mut each: impl FnMut(Found)) {
        let mut at = 0;
        while let Some(&byte) = spaced.get(at) {
            at += 1;
            if byte != b' ' {
                continue;
            }
            let rest = spaced.get(at..).unwrap_or_default();
            let found = self.trie.longest(rest).and_then(|cue| self.fitting(cue, at - 1, spaced));
            if let Some(found) = found {
                at = found.end + 1;
                each(found);
            }
        }
    }

    fn fitting(&self, cue: usize, start: usize, spaced: &[u8]) -> Option<Found> {
        let mut next = Some(cue);
        while let Some(cue) = next {
            let known = self.known.get(cue)?;
            let end = start + 1 + known.length;
            let closed = closes(spaced.get(end..).unwrap_or_default(), known.length);
            if (closed && known.phrase) || known.stem {
                return Some(Found { cue, open: !closed, start, end: start + known.length });
            }
            next = known.shorter;
        }
        None
    }
}

/// Says whether the word ends here, or after a plural or possessive `s` behind three letters or more.
fn closes(rest: &[u8], length: usize) -> bool {
    match rest {
        [] | [b' ', ..] => true,
        [b's'] | [b's', b' ', ..] | [b'\'', b's', b' ', ..] => length > 2,
        _ => false,
    }
}

/// Writes a cue as it is matched: lower case, every sign as a space, single spaces.
pub(crate) fn plain(cue: &str) -> String {
    let folded = crate::fold::Folded::new(cue);
    let spaced = String::from_utf8_lossy(&folded.spaced).into_owned();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::Folded;

    fn cues(phrases: &[&str], stems: &[&str]) -> (Cues, Vec<String>) {
        let mut all: BTreeMap<String, Ways> = BTreeMap::new();
        for phrase in phrases {
            all.entry(plain(phrase)).or_default().phrase = true;
        }
        for stem in stems {
            all.entry(plain(stem)).or_default().stem = true;
        }
        (Cues::new(&all), all.into_keys().collect())
    }

    fn found(text: &str, phrases: &[&str], stems: &[&str]) -> Vec<String> {
        let (cues, names) = cues(phrases, stems);
        let mut out = Vec::new();
        let folded = Folded::new(text);
        cues.find(&folded.spaced, |hit| {
            assert!(folded.piece(hit.start..hit.end).len() == hit.end - hit.start);
            out.push(names[hit.cue].clone());
        });
        out
    }

    #[test]
    fn the_longest_cue_wins_at_word_boundaries() {
        let phrases = ["delivery", "out for delivery", "app"];
        assert_eq!(
            found("Out-for-delivery. happy apps; deliveryman", &phrases, &["deliver"]),
            ["out for delivery", "app", "deliver"]
        );
    }

    #[test]
    fn a_longer_cue_that_does_not_fit_gives_way_to_a_shorter_one() {
        assert_eq!(found("card chargeable", &["card charged", "card"], &[]), ["card"]);
        assert_eq!(found("the new one", &["new one two", "one"], &[]), ["one"]);
        assert_eq!(found("pay paid repaid", &[], &["pay", "paid"]), ["pay", "paid"]);
    }

    #[test]
    fn phrases_do_not_cross_a_comma() {
        assert!(found("on, hold", &["on hold"], &[]).is_empty());
    }
}
