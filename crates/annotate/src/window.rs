//! The sentences that are read together for one broken expectation, and what patterns and tagger say of its spans.

use std::ops::Range;

use crate::clauses::{Clause, clauses};
use crate::expectation::{Spans, implied};
use crate::families::Family;
use crate::judge::Sentence;
use crate::patterns::Hit;
use crate::spans::{Passage, Tagger};

/// One sentence, or two of which one says what was expected and the other what happened.
pub(crate) struct Window {
    pub(crate) range: Range<usize>,
    pub(crate) families: Vec<Family>,
    pub(crate) hits: Vec<Hit>,
    pub(crate) clauses: Vec<Clause>,
    /// What the patterns found.
    told: Spans,
    second: Option<usize>,
    explicit: bool,
}

impl Window {
    /// Reads sentences together; nothing of none.
    pub(crate) fn of(text: &str, sentences: &[Sentence], explicit: bool) -> Option<Self> {
        let (first, last) = (sentences.first()?, sentences.last()?);
        let mut parts = Vec::new();
        let (mut hits, mut families) = (Vec::new(), Vec::new());
        for sentence in sentences {
            if sentence.clauses.is_empty() {
                parts.extend(clauses(text, sentence.range.clone()));
            } else {
                parts.extend(sentence.clauses.iter().cloned());
            }
            hits.extend(sentence.verdict.held.iter().copied());
            families.extend(sentence.families.iter().copied());
        }
        families.sort_unstable();
        families.dedup();
        let both = sentences.iter().find_map(|one| one.spans.clone().or_else(|| one.doubtful.clone()));
        let told = both.filter(|_| explicit).unwrap_or_else(|| Spans {
            expected: None,
            happened: sentences.iter().find_map(|one| implied(text, &one.clauses, &one.verdict.held)),
            contrast: false,
        });
        Some(Self {
            range: first.range.start..last.range.end,
            families,
            hits,
            clauses: parts,
            told,
            second: sentences.get(1).map(|sentence| sentence.range.start),
            explicit,
        })
    }

    /// Gives what the tagger looks at.
    pub(crate) fn passage<'a>(&'a self, text: &'a str) -> Passage<'a> {
        Passage {
            text,
            range: self.range.clone(),
            clauses: &self.clauses,
            hits: &self.hits,
            told: &self.told,
            second: self.second,
            explicit: self.explicit,
        }
    }

    /// Gives the spans: those of the tagger, where there is one, else those of the patterns, else all of it.
    pub(crate) fn spans(&self, text: &str, tagger: Option<&Tagger>) -> Spans {
        let tagged =
            tagger.filter(|tagger| !tagger.is_empty()).and_then(|tagger| tagger.tag(&self.passage(text)));
        let mut spans = tagged.unwrap_or_else(|| self.told.clone());
        if spans.happened.is_none() && spans.expected.is_none() {
            spans.happened = Some(self.range.clone());
        }
        spans
    }
}
