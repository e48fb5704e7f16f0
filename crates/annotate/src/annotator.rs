//! The annotator: one statement's text in, its sentiment, its expectations and their probability out.

use std::ops::Range;

use groundswell_model::{
    Annotation, Expectation, Fingerprint, GapType, JourneyMap, Outcome, Size, Unmet, UnmetKind,
};
use groundswell_text::{Language, fingerprint};

use crate::clauses::{Clause, clauses};
use crate::counters::{Counter, Verdict, weigh};
use crate::expectation::{Spans, explicit, implied};
use crate::families::Family;
use crate::fold::Folded;
use crate::gaps::{FoundCues, GapCues, choose};
use crate::lexicon::{Lexicon, shipped};
use crate::origin::{Mark, origin};
use crate::patterns::{Hit, Matches, Patterns};
use crate::sentiment::{Reading, Tone, lowers, read, sentiment};
use crate::size::{compare, gap_of, kept, level};
use crate::{AnnotateError, unmet};

/// Version of what this crate makes of a text; part of the processing version. It rises whenever results change.
pub const CODE_VERSION: u32 = 1;

/// The most expectations of one statement.
const MOST: usize = 16;

/// Finds what one statement says. Built once; it may be shared between threads.
pub struct Annotator {
    patterns: Patterns,
    lexicons: Vec<Lexicon>,
    gaps: GapCues,
}

/// A sentence with what holds in it.
struct Sentence {
    range: Range<usize>,
    clauses: Vec<Clause>,
    verdict: Verdict,
    families: Vec<Family>,
    spans: Option<Spans>,
    /// The size of the gap between the spans, where both are there and no numbers say that the promise was kept.
    size: Option<Option<Size>>,
    tone: Tone,
    odds: f32,
}

/// A statement while it is annotated.
struct Statement<'a> {
    text: &'a str,
    folded: Folded,
    cues: FoundCues,
}

impl Annotator {
    /// Builds the annotator with the gap cues of the shipped journey map.
    ///
    /// # Errors
    /// [`AnnotateError`], when a shipped pattern, lexicon or map is at fault, which a test rules out.
    pub fn new() -> Result<Self, AnnotateError> {
        Ok(Self {
            patterns: Patterns::new()?,
            lexicons: shipped()?,
            gaps: GapCues::new(&JourneyMap::shipped()?),
        })
    }

    /// Annotates a normalised, redacted text. Without a language, or in one without a lexicon, it is read as English.
    pub fn annotate(&self, text: &str, language: Option<Language>) -> Annotation {
        let folded = Folded::new(text);
        let ranges: Vec<Range<usize>> =
            groundswell_text::sentences(text).into_iter().map(|range| folded.to_folded(range)).collect();
        let near_duplicate = Some(Fingerprint(fingerprint(text)));
        let english = self.lexicons.first();
        let wanted = language.map(|language| language.primary());
        let found = self.lexicons.iter().find(|lexicon| Some(lexicon.language) == wanted);
        let Some(lexicon) = found.or(english) else {
            return Annotation {
                sentiment: sentiment(0.0),
                unmet: none(),
                expectations: Vec::new(),
                embedding: None,
                near_duplicate,
            };
        };
        let mut reading = read(&folded, &ranges, lexicon);
        let matches = if lexicon.language == Language::EN {
            self.patterns.find(&folded.text)
        } else {
            Matches {
                hits: std::mem::take(&mut reading.hits),
                counters: std::mem::take(&mut reading.counters),
            }
        };
        let sentences = judge(&folded, &ranges, &matches, &reading);
        let any = sentences.iter().any(|sentence| {
            !sentence.families.is_empty() || sentence.verdict.met.is_some() || sentence.odds > -1.0
        });
        let cues = if any { self.gaps.find(&folded.spaced) } else { FoundCues::default() };
        conclude(&Statement { text, folded, cues }, &sentences, near_duplicate)
    }
}

fn none() -> Unmet {
    Unmet { probability: unmet::probability(unmet::text(&[], 0.0)), kind: UnmetKind::None }
}

/// Judges each sentence by its cues, counter-cues and tone.
fn judge(folded: &Folded, ranges: &[Range<usize>], matches: &Matches, reading: &Reading) -> Vec<Sentence> {
    let (mut hits, mut counters) = (matches.hits.as_slice(), matches.counters.as_slice());
    let mut out = Vec::with_capacity(ranges.len());
    for (index, range) in ranges.iter().enumerate() {
        let own = take(&mut hits, |hit| hit.end <= range.end);
        let own_counters = take(&mut counters, |counter| counter.2 <= range.end);
        let tone = reading.tones.get(index).copied().unwrap_or_default();
        let next = ranges.get(index + 1).cloned();
        out.push(judge_one(folded, range, own, own_counters, (tone, next)));
    }
    out
}

/// Takes the leading part of a slice that holds.
fn take<'a, T>(rest: &mut &'a [T], holds: impl Fn(&T) -> bool) -> &'a [T] {
    let end = rest.iter().position(|one| !holds(one)).unwrap_or(rest.len());
    let (head, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    *rest = tail;
    head
}

fn judge_one(
    folded: &Folded,
    range: &Range<usize>,
    hits: &[Hit],
    counters: &[(Counter, usize, usize)],
    (tone, next): (Tone, Option<Range<usize>>),
) -> Sentence {
    let mut sentence = Sentence {
        range: range.clone(),
        clauses: Vec::new(),
        verdict: Verdict::default(),
        families: Vec::new(),
        spans: None,
        size: None,
        tone,
        odds: 0.0,
    };
    if !hits.is_empty() || !counters.is_empty() {
        sentence.clauses = clauses(&folded.text, range.clone());
        sentence.verdict = weigh((&folded.text, range), &sentence.clauses, hits, counters, tone.sum);
        gate(folded, &mut sentence);
        if sentence.verdict.held.iter().any(|hit| hit.family.is_explicit()) {
            sentence.spans = explicit(&folded.text, &sentence.clauses, &sentence.verdict.held, next);
            keep_promises(folded, &mut sentence);
        }
        sentence.families.extend(sentence.verdict.held.iter().map(|hit| hit.family));
        sentence.families.sort_unstable();
        sentence.families.dedup();
    }
    let contrast = sentence.spans.as_ref().is_some_and(|spans| spans.contrast);
    sentence.odds = unmet::sentence(&sentence.families, tone.sum, contrast);
    sentence
}

/// Drops expectation verbs without a contrast or a bad turn within the next 25 words.
fn gate(folded: &Folded, sentence: &mut Sentence) {
    let Sentence { verdict, clauses, tone, range, .. } = sentence;
    if !verdict.held.iter().any(|hit| hit.family == Family::ExpectVerb) {
        return;
    }
    let bad = |from: usize| {
        let near =
            folded.piece(from..range.end).split(' ').take(26).map(|word| word.len() + 1).sum::<usize>()
                + from;
        clauses
            .iter()
            .any(|clause| clause.contrast && clause.range.start > from && clause.range.start <= near)
            || verdict.held.iter().any(|hit| {
                hit.start >= from
                    && hit.start <= near
                    && !matches!(hit.family, Family::ExpectVerb | Family::Wish)
            })
            || (tone.negative < -0.5 && clauses.iter().any(|clause| clause.range.start > from))
    };
    let would = |hit: &Hit| {
        let cue = folded.piece(hit.start..hit.end);
        let clause = clauses.iter().position(|clause| clause.range.contains(&hit.start));
        let wanted = clause
            .and_then(|at| Some(folded.piece(hit.end..clauses.get(at)?.range.end.max(hit.end))))
            .unwrap_or("");
        let followed = clause.is_some_and(|at| at + 1 < clauses.len());
        // "I would have expected better"; "I assumed that they would ring, they wrote".
        ((cue.contains("would") || cue.contains("'d")) && cue.ends_with("expected"))
            || (followed && cue.ends_with("ed") && wanted.contains(" would "))
    };
    let keep: Vec<bool> = verdict
        .held
        .iter()
        .map(|hit| hit.family != Family::ExpectVerb || would(hit) || bad(hit.end))
        .collect();
    let mut keep = keep.into_iter();
    verdict.held.retain(|_| keep.next().unwrap_or(true));
}

/// Turns a promise that was kept by its numbers, or a fear that did not come true, into a met expectation.
fn keep_promises(folded: &Folded, sentence: &mut Sentence) {
    const FEARS: [&str; 14] = [
        "hard",
        "difficult",
        "bad",
        "slow",
        "expensive",
        "nervous",
        "worse",
        "problem",
        "complicated",
        "pain",
        "late",
        "scam",
        "not ",
        "never",
    ];
    let Some(Spans { expected: Some(expected), happened: Some(happened), .. }) = &sentence.spans else {
        return;
    };
    let (wanted, got) = (folded.piece(expected.clone()), folded.piece(happened.clone()));
    let strong =
        |hit: &Hit| !hit.family.is_explicit() && !hit.family.is_weak() && hit.family != Family::Duration;
    let held = &sentence.verdict.held;
    let feared = held.iter().any(|hit| hit.family == Family::ExpectVerb)
        && FEARS.iter().any(|word| wanted.contains(word));
    let feared = feared
        && !held.iter().any(|hit| {
            !hit.family.is_explicit() && hit.family != Family::Duration && happened.contains(&hit.start)
        });
    let size = compare(wanted, got);
    let by_number = size.as_ref().and_then(kept).filter(|_| !held.iter().any(strong));
    if feared || by_number.is_some() {
        sentence.verdict.met = Some(happened.clone());
        sentence.verdict.exceeded = feared || by_number.is_some_and(|kept| kept > 1.5);
        sentence.verdict.held.clear();
        sentence.spans = None;
    } else {
        sentence.size = Some(size);
    }
}

fn conclude(
    statement: &Statement<'_>,
    sentences: &[Sentence],
    near_duplicate: Option<Fingerprint>,
) -> Annotation {
    let odds: Vec<f32> = sentences.iter().map(|sentence| sentence.odds).collect();
    let tone: f32 = sentences.iter().map(|sentence| sentence.tone.sum).sum();
    let all = unmet::text(&odds, tone);
    let mut expectations = Vec::new();
    let mut kind = UnmetKind::None;
    let mut shift = 0.0;
    if all >= 0.0 {
        let most = odds.iter().copied().fold(f32::MIN, f32::max);
        for sentence in sentences.iter().filter(|sentence| sentence.odds >= 0.0 || sentence.odds >= most) {
            let explicit = sentence.families.iter().any(|family| family.is_explicit());
            kind = if explicit || kind == UnmetKind::Explicit {
                UnmetKind::Explicit
            } else {
                UnmetKind::Implied
            };
            shift += sentence.families.iter().map(|family| lowers(*family)).sum::<f32>().max(-2.0);
            if expectations.len() < MOST {
                broken(statement, sentence, &mut expectations);
            }
        }
    }
    for sentence in sentences.iter().filter(|sentence| sentence.verdict.met.is_some()).take(MOST) {
        met(statement, sentence, &mut expectations);
    }
    expectations.sort_by_key(|(at, _)| *at);
    expectations.truncate(MOST);
    let insults: f32 = sentences.iter().map(|sentence| sentence.tone.insults).sum();
    Annotation {
        sentiment: sentiment(tone + insults + shift.max(-5.0)),
        unmet: Unmet { probability: unmet::probability(all), kind },
        expectations: expectations.into_iter().map(|(_, expectation)| expectation).collect(),
        embedding: None,
        near_duplicate,
    }
}

/// Adds the unmet expectations of a sentence, each with the place that it is sorted by.
fn broken(statement: &Statement<'_>, sentence: &Sentence, out: &mut Vec<(usize, Expectation)>) {
    let text = &statement.folded.text;
    let held = &sentence.verdict.held;
    let spans = sentence.spans.clone().unwrap_or_else(|| {
        let happened = implied(text, &sentence.clauses, held).unwrap_or_else(|| sentence.range.clone());
        Spans { expected: None, happened: Some(happened), contrast: false }
    });
    let first = expectation(statement, sentence, &spans, &sentence.families);
    let (gap, used) = (first.gap, spans.happened.clone());
    out.push((sentence.range.start, first));
    let inside =
        |hit: &Hit| [&used, &spans.expected].into_iter().flatten().any(|range| range.contains(&hit.start));
    let other: Vec<Hit> = held
        .iter()
        .filter(|hit| !hit.family.is_explicit() && !hit.family.is_weak() && !inside(hit))
        .copied()
        .collect();
    if let Some(happened) = implied(text, &sentence.clauses, &other)
        .filter(|range| used.as_ref().is_none_or(|used| range.start >= used.end))
    {
        let families: Vec<Family> = other.iter().map(|hit| hit.family).collect();
        let at = happened.start;
        let second = expectation(
            statement,
            sentence,
            &Spans { expected: None, happened: Some(happened), contrast: false },
            &families,
        );
        if second.gap != gap {
            out.push((at, second));
        }
    }
}

fn expectation(
    statement: &Statement<'_>,
    sentence: &Sentence,
    spans: &Spans,
    families: &[Family],
) -> Expectation {
    let piece =
        |range: &Option<Range<usize>>| range.clone().map_or("", |range| statement.folded.piece(range));
    let marks = marks(statement, sentence);
    let inner: Vec<Range<usize>> =
        [&spans.expected, &spans.happened].into_iter().flatten().cloned().collect();
    let origin = origin(families, piece(&spans.expected), &marks);
    let accuses = families.iter().any(|family| {
        matches!(family, Family::CompanySaid | Family::Treatment | Family::Consent | Family::Value)
    });
    let known = sentence.size.as_ref().filter(|_| sentence.spans.as_ref() == Some(spans));
    let size = match known {
        Some(size) => size.clone(),
        None => compare(piece(&spans.expected), piece(&spans.happened)),
    };
    let size = size.unwrap_or_else(|| level(sentence.tone.negative, accuses, marks.contains(&Mark::Blame)));
    Expectation {
        outcome: Outcome::Unmet,
        expected: original(statement, &spans.expected),
        happened: original(statement, &spans.happened),
        gap: Some(
            choose(&statement.cues.gaps, families, &sentence.range, &inner)
                .or_else(|| gap_of(&size))
                .unwrap_or(GapType::QualityDefect),
        ),
        origin,
        size: Some(size),
    }
}

/// Gives the marks within a sentence.
fn marks(statement: &Statement<'_>, sentence: &Sentence) -> Vec<Mark> {
    let inside = statement.cues.marks.iter().filter(|(_, at)| sentence.range.contains(at));
    inside.map(|(mark, _)| *mark).collect()
}

fn met(statement: &Statement<'_>, sentence: &Sentence, out: &mut Vec<(usize, Expectation)>) {
    let Some(range) = sentence.verdict.met.clone() else { return };
    let words = statement.folded.piece(sentence.range.clone());
    let promised = words.contains("promised") || words.contains("advertised") || words.contains("described");
    out.push((
        range.start,
        Expectation {
            outcome: if sentence.verdict.exceeded { Outcome::Exceeded } else { Outcome::Met },
            expected: None,
            happened: original(statement, &Some(range.clone())),
            gap: choose(&statement.cues.gaps, &[], &sentence.range, &[range])
                .filter(|_| !statement.cues.gaps.is_empty()),
            origin: if promised {
                groundswell_model::Origin::CompanyPromise
            } else {
                origin(&[], "", &marks(statement, sentence))
            },
            size: None,
        },
    ));
}

/// Gives the substring of the original text that a folded range stands for.
fn original(statement: &Statement<'_>, range: &Option<Range<usize>>) -> Option<String> {
    let range = statement.folded.to_original(range.clone()?);
    statement.text.get(range).filter(|piece| !piece.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests;
