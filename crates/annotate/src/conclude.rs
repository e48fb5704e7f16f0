//! Draws the conclusion of a statement from its judged sentences and the trained heads: expectations, probability, tone.

use std::ops::Range;

use groundswell_model::{Annotation, Expectation, Fingerprint, GapType, Outcome, Unmet, UnmetKind};

use crate::Embedding;
use crate::expectation::{Spans, implied};
use crate::families::Family;
use crate::fold::Folded;
use crate::gaps::{FoundCues, choose};
use crate::heads::{Head, OUTPUTS, shares};
use crate::judge::Sentence;
use crate::observe::Scored;
use crate::origin::{Mark, origin};
use crate::patterns::Hit;
use crate::sentiment::{lowers, sentiment, tell};
use crate::size::{compare, gap_of, level};
use crate::unmet;

/// The most expectations of one statement.
const MOST: usize = 16;
/// From this probability of praise on, a sentence says that an expectation was met.
const PRAISE: f32 = 0.5;
/// How much a sentence alone must exceed what a whole text needs.
const ALONE: f32 = 1.0;

/// By what the numbers of an embedding are multiplied.
const MEANING: f32 = 4.0;

/// A statement while it is annotated.
pub(crate) struct Statement<'a> {
    pub(crate) text: &'a str,
    pub(crate) folded: Folded,
    pub(crate) cues: FoundCues,
    pub(crate) embedding: Embedding,
}

impl Statement<'_> {
    /// Gives the embedding as features: the numbers of a direction are small, so that they are scaled.
    pub(crate) fn meaning(&self) -> impl Iterator<Item = f32> {
        meaning(&self.embedding)
    }
}

/// Gives an embedding as features of the heads.
pub(crate) fn meaning(embedding: &Embedding) -> impl Iterator<Item = f32> {
    embedding.as_slice().iter().map(|value| value * MEANING)
}

/// One sentence with what the heads make of it.
struct Weighed<'a> {
    sentence: &'a Sentence,
    odds: f32,
    scores: Option<&'a [f32; OUTPUTS]>,
}

impl Weighed<'_> {
    /// Says whether a head hears praise in it.
    fn praises(&self) -> bool {
        let outcome = self.scores.map(|scores| shares(Head::Outcome, scores));
        outcome.and_then(|outcome| outcome.get(1).copied()).is_some_and(|praise| praise >= PRAISE)
    }
}

/// Gives the annotation of a statement. Without scores, in a language without heads, patterns and lexicon alone speak.
pub(crate) fn conclude(
    statement: &Statement<'_>,
    sentences: &[Sentence],
    scored: Option<&Scored>,
    near_duplicate: Option<Fingerprint>,
) -> Annotation {
    let tone: f32 = sentences.iter().map(|sentence| sentence.tone.sum).sum();
    let weighed: Vec<Weighed<'_>> = sentences
        .iter()
        .enumerate()
        .map(|(at, sentence)| {
            let scores = scored.and_then(|scored| scored.sentences.get(at));
            Weighed {
                sentence,
                odds: scores.map_or(sentence.odds, |scores| odds(scores, sentence.odds) + turn([sentence])),
                scores,
            }
        })
        .collect();
    let most = weighed.iter().map(|sentence| sentence.odds).fold(f32::MIN, f32::max);
    let patterns = unmet::text(&sentences.iter().map(|sentence| sentence.odds).collect::<Vec<_>>(), tone);
    let all =
        scored.map_or(patterns, |scored| (odds(&scored.text, patterns) + turn(sentences)).max(most - ALONE));
    let mut expectations = Vec::new();
    let mut kind = UnmetKind::None;
    let mut shift = 0.0;
    for one in &weighed {
        let breaks = all >= 0.0 && (one.odds >= 0.0 || one.odds >= most);
        if breaks {
            let explicit = one.sentence.doubtful.is_some()
                || one.sentence.families.iter().any(|family| family.is_explicit());
            if kind != UnmetKind::Explicit {
                kind = if explicit { UnmetKind::Explicit } else { UnmetKind::Implied };
            }
            shift += one.sentence.families.iter().map(|family| lowers(*family)).sum::<f32>().max(-2.0);
            if expectations.len() < MOST {
                broken(statement, one, &mut expectations);
            }
        }
        if expectations.len() < MOST && (one.sentence.verdict.met.is_some() || (!breaks && one.praises())) {
            met(statement, one, &mut expectations);
        }
    }
    expectations.sort_by_key(|(at, _)| *at);
    expectations.truncate(MOST);
    let insults: f32 = sentences.iter().map(|sentence| sentence.tone.insults).sum();
    Annotation {
        sentiment: match scored {
            Some(scored) => tell(&scored.text),
            None => sentiment(tone + insults + shift.max(-5.0)),
        },
        unmet: Unmet { probability: unmet::probability(all), kind },
        expectations: expectations.into_iter().map(|(_, expectation)| expectation).collect(),
        embedding: statement.embedding.to_base64(),
        near_duplicate,
    }
}

/// What counter-cues take from the log-odds where no cue is left, and what both sides in one sentence add.
const CALM: f32 = -3.0;
const CONTRAST: f32 = 1.0;

/// Gives what the turns of sentences change in their log-odds.
fn turn<'a>(sentences: impl IntoIterator<Item = &'a Sentence>) -> f32 {
    let (mut calm, mut stirred, mut sore) = (false, false, false);
    for sentence in sentences {
        if sentence.contrasts() {
            return LEAN + CONTRAST;
        }
        calm |= sentence.calm;
        stirred |= !sentence.families.is_empty();
        sore |= sentence.tone.negative < 0.0 || sentence.tone.valence_negative < 0.0;
    }
    match () {
        () if calm && !stirred => CALM,
        () if stirred || sore => LEAN,
        () => 0.0,
    }
}

/// How much the log-odds of the patterns count beside those of the head, which knows them as a feature too.
const PATTERNS: f32 = 0.3;

/// By how much the head's log-odds are raised where a cue or a bad word is: what it learnt from has fewer unmet expectations without a cue than life.
const LEAN: f32 = 0.6;

/// Gives the log-odds of an unmet expectation against both other outcomes, and of the patterns.
fn odds(scores: &[f32; OUTPUTS], patterns: f32) -> f32 {
    let patterns = PATTERNS * patterns.clamp(-6.0, 6.0);
    patterns
        + match scores.get(Head::Outcome.outputs()) {
            Some(&[unmet, met, none]) => {
                let most = met.max(none);
                unmet - most - ((met - most).exp() + (none - most).exp()).ln()
            }
            _ => 0.0,
        }
}

/// Adds the unmet expectations of a sentence, each with the place that it is sorted by.
fn broken(statement: &Statement<'_>, weighed: &Weighed<'_>, out: &mut Vec<(usize, Expectation)>) {
    let text = &statement.folded.text;
    let sentence = weighed.sentence;
    let held = &sentence.verdict.held;
    let spans = sentence.spans.clone().or_else(|| sentence.doubtful.clone()).unwrap_or_else(|| {
        let happened = implied(text, &sentence.clauses, held).unwrap_or_else(|| sentence.range.clone());
        Spans { expected: None, happened: Some(happened), contrast: false }
    });
    let first = expectation(statement, weighed, &spans, &sentence.families);
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
        let spans = Spans { expected: None, happened: Some(happened), contrast: false };
        let second = expectation(statement, weighed, &spans, &families);
        if second.gap != gap {
            out.push((at, second));
        }
    }
}

fn expectation(
    statement: &Statement<'_>,
    weighed: &Weighed<'_>,
    spans: &Spans,
    families: &[Family],
) -> Expectation {
    let sentence = weighed.sentence;
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
    let prior = weighed.scores.and_then(|scores| scores.get(Head::Gap.outputs())).unwrap_or_default();
    Expectation {
        outcome: Outcome::Unmet,
        expected: original(statement, &spans.expected),
        happened: original(statement, &spans.happened),
        gap: Some(
            choose(&statement.cues.gaps, families, (&sentence.range, &inner), prior)
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

fn met(statement: &Statement<'_>, weighed: &Weighed<'_>, out: &mut Vec<(usize, Expectation)>) {
    let sentence = weighed.sentence;
    let range = sentence.verdict.met.clone().unwrap_or_else(|| sentence.range.clone());
    let words = statement.folded.piece(sentence.range.clone());
    let promised = words.contains("promised") || words.contains("advertised") || words.contains("described");
    let prior = weighed.scores.and_then(|scores| scores.get(Head::Gap.outputs())).unwrap_or_default();
    let cues = &statement.cues.gaps;
    let inner = [range.clone()];
    out.push((
        range.start,
        Expectation {
            outcome: if sentence.verdict.exceeded || surpasses(words) {
                Outcome::Exceeded
            } else {
                Outcome::Met
            },
            expected: None,
            happened: original(statement, &Some(range)),
            gap: choose(cues, &[], (&sentence.range, &inner), prior)
                .filter(|_| cues.iter().any(|cue| sentence.range.contains(&cue.start))),
            origin: if promised {
                groundswell_model::Origin::CompanyPromise
            } else {
                origin(&[], "", &marks(statement, sentence))
            },
            size: None,
        },
    ));
}

/// Says whether praise says that more came than was expected.
fn surpasses(words: &str) -> bool {
    const SIGNS: [&str; 22] = [
        "beyond",
        "surpris",
        "exceed",
        "better than",
        "feared",
        "dreading",
        "expected",
        "hoped",
        "never seen anything like",
        "without asking",
        "without being asked",
        "for free",
        "upgrade",
        "blown away",
        "thought it would",
        "have thought",
        "earlier than",
        "cheaper than",
        "sooner than",
        "only asked",
        "more than i",
        "turned out",
    ];
    SIGNS.iter().any(|sign| words.contains(sign))
}

/// Gives the substring of the original text that a folded range stands for.
fn original(statement: &Statement<'_>, range: &Option<Range<usize>>) -> Option<String> {
    let range = statement.folded.to_original(range.clone()?);
    statement.text.get(range).filter(|piece| !piece.is_empty()).map(str::to_owned)
}
