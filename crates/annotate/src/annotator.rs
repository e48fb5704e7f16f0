//! The annotator: one statement's text in, its sentiment, its expectations and their probability out.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use groundswell_model::{Annotation, Fingerprint, JourneyMap, Sentiment, SentimentLabel, Unmet, UnmetKind};
use groundswell_text::{Language, fingerprint};

use crate::AnnotateError;
use crate::Embedder;
use crate::conclude::{Statement, conclude};
use crate::fold::Folded;
use crate::gaps::GapCues;
use crate::heads::{CUES, DENSE, Heads, Sums, grams};
use crate::judge::{Sentence, judge};
use crate::lexicon::{Lexicon, shipped};
use crate::observe::{Observation, Scored, features, features_of};
use crate::patterns::{Matches, Patterns};
use crate::sentiment::read;
use crate::spans::{Seen, observe};
use crate::window::Window;

/// Version of what this crate makes of a text; part of the processing version. It rises whenever results change.
pub const CODE_VERSION: u32 = 4;

/// The probability of an unmet expectation where the language cannot be read: about as many as of all feedback.
const UNREAD: f32 = 0.4;

/// Finds what one statement says. Built once; it may be shared between threads.
pub struct Annotator {
    patterns: Patterns,
    lexicons: Vec<Lexicon>,
    gaps: GapCues,
    heads: Arc<Heads>,
    embedder: Arc<Embedder>,
}

/// Gives the shipped embedder, read once.
///
/// # Errors
/// As [`Embedder::shipped`].
pub fn embedder() -> Result<Arc<Embedder>, AnnotateError> {
    static SHARED: OnceLock<Arc<Embedder>> = OnceLock::new();
    match SHARED.get() {
        Some(known) => Ok(known.clone()),
        None => {
            let fresh = Arc::new(Embedder::shipped()?);
            Ok(SHARED.get_or_init(|| fresh).clone())
        }
    }
}

/// A statement that has been read, before anything is concluded from it.
struct Read<'a> {
    statement: Statement<'a>,
    sentences: Vec<Sentence>,
    matches: Matches,
    english: bool,
}

impl Annotator {
    /// Builds the annotator with the shipped heads and the gap cues of the shipped journey map.
    ///
    /// # Errors
    /// [`AnnotateError`], when a shipped pattern, lexicon, map or model file is at fault, which a test rules out.
    pub fn new() -> Result<Self, AnnotateError> {
        Self::with_heads(Heads::shipped()?)
    }

    /// Builds the annotator with other heads, such as those of one fold of a cross-validation.
    ///
    /// # Errors
    /// As for [`Annotator::new`].
    pub fn with_heads(heads: Arc<Heads>) -> Result<Self, AnnotateError> {
        Ok(Self {
            patterns: Patterns::new()?,
            lexicons: shipped()?,
            gaps: GapCues::new(&JourneyMap::shipped()?),
            heads,
            embedder: embedder()?,
        })
    }

    /// Gives the same annotator with other heads.
    #[must_use]
    pub fn heads(self, heads: Arc<Heads>) -> Self {
        Self { heads, ..self }
    }

    /// Annotates a normalised, redacted text. Without a language it is read as English; in a language without a lexicon
    /// the answer is "neutral" and a probability that says nothing.
    pub fn annotate(&self, text: &str, language: Option<Language>) -> Annotation {
        let near_duplicate = Some(Fingerprint(fingerprint(text)));
        let Some(read) = self.read(text, language) else {
            return Annotation {
                sentiment: Sentiment { label: SentimentLabel::Neutral, score: 0.0 },
                unmet: Unmet { probability: UNREAD, kind: UnmetKind::None },
                expectations: Vec::new(),
                embedding: self.embedder.embed(text).to_base64(),
                near_duplicate,
            };
        };
        let scored = read.english.then(|| self.score(&read));
        conclude(&read.statement, &read.sentences, scored.as_ref(), near_duplicate)
    }

    /// Gives what the heads see of a text that is read as English.
    pub fn observe(&self, text: &str) -> Observation {
        let Some(read) = self.read(text, Some(Language::EN)) else { return Observation::default() };
        let mut out = Observation { grams: Vec::new(), dense: vec![0.0; DENSE] };
        for sentence in &read.sentences {
            grams(&read.statement.folded, &sentence.range, |gram| out.grams.push(gram));
        }
        let cues = features(&read.statement, &read.sentences, &read.matches);
        for (slot, value) in out.dense.iter_mut().zip(cues) {
            *slot = value;
        }
        for (slot, value) in out.dense.iter_mut().skip(CUES).zip(read.statement.meaning()) {
            *slot = value;
        }
        out
    }

    /// Gives what the tagger of spans sees of a text in which an expectation broke, by the word. `happened` is where what
    /// happened begins; where the expectation is not in the words, only that sentence is looked at.
    pub fn observe_spans(&self, text: &str, explicit: bool, happened: usize) -> Vec<Seen> {
        let Some(read) = self.read(text, Some(Language::EN)) else { return Vec::new() };
        let folded = &read.statement.folded;
        let here = folded.to_folded(happened..happened).start;
        let at = read.sentences.partition_point(|sentence| sentence.range.end <= here);
        let chosen = if explicit { Some(read.sentences.as_slice()) } else { read.sentences.get(at..=at) };
        let Some(window) = Window::of(&folded.text, chosen.unwrap_or_default(), explicit) else {
            return Vec::new();
        };
        let seen = observe(&window.passage(&folded.text)).into_iter();
        seen.map(|seen| Seen { range: folded.to_original(seen.range), ..seen }).collect()
    }

    fn read<'a>(&self, text: &'a str, language: Option<Language>) -> Option<Read<'a>> {
        let wanted = language.unwrap_or(Language::EN).primary();
        let lexicon = self.lexicons.iter().find(|lexicon| lexicon.language == wanted)?;
        let folded = Folded::new(text);
        let ranges: Vec<Range<usize>> =
            groundswell_text::sentences(text).into_iter().map(|range| folded.to_folded(range)).collect();
        let mut reading = read(&folded, &ranges, lexicon);
        let english = lexicon.language == Language::EN;
        let matches = if english {
            self.patterns.find(&folded.text)
        } else {
            Matches {
                hits: std::mem::take(&mut reading.hits),
                counters: std::mem::take(&mut reading.counters),
            }
        };
        let sentences = judge(&folded, &ranges, &matches, &reading);
        let cues = self.gaps.find(&folded.spaced);
        let embedding = self.embedder.embed(text);
        Some(Read { statement: Statement { text, folded, cues, embedding }, sentences, matches, english })
    }

    /// Scores the whole text and each of its sentences.
    fn score(&self, read: &Read<'_>) -> Scored<'_> {
        let Read { statement, sentences, matches, .. } = read;
        let each: Vec<Sums> =
            sentences.iter().map(|sentence| self.heads.sums(&statement.folded, &sentence.range)).collect();
        let mut all = Sums::default();
        each.iter().for_each(|sums| all.add(sums));
        let mut meaning = self.heads.bias();
        self.heads.more(CUES, statement.meaning(), &mut meaning);
        let score = |sums: &Sums, cues: &[f32; CUES]| {
            let mut base = meaning;
            self.heads.more(0, cues.iter().copied(), &mut base);
            self.heads.score(sums, &base)
        };
        let text = score(&all, &features(statement, sentences, matches));
        let sentences = match each.as_slice() {
            [_] => vec![text],
            each => sentences
                .iter()
                .zip(each)
                .map(|(sentence, sums)| score(sums, &features_of(statement, sentence, matches)))
                .collect(),
        };
        Scored { tagger: &self.heads.tagger, text, sentences }
    }
}

#[cfg(test)]
mod tests;
