//! Draws the conclusion of a statement from its judged sentences and the trained heads: expectations, probability, tone.

use std::ops::Range;

use groundswell_model::{Annotation, Expectation, Fingerprint, GapType, Outcome, Unmet, UnmetKind};

use crate::Embedding;
use crate::expectation::{Spans, implied};
use crate::families::Family;
use crate::fold::Folded;
use crate::gaps::{FoundCues, choose};
use crate::heads::{self, Head, OUTPUTS, shares};
use crate::judge::Sentence;
use crate::observe::Scored;
use crate::origin::{Mark, origin};
use crate::patterns::Hit;
use crate::sentiment::{lowers, sentiment, tell};
use crate::size::{compare, gap_of, level};
use crate::unmet;
use crate::window::Window;

/// The most expectations of one statement.
const MOST: usize = 16;
/// From this probability of praise on, a sentence says that an expectation was met.
const PRAISE: f32 = 0.5;
/// What the patterns add to or take from the log-odds that the words hold what was expected.
const HELD: f32 = 1.0;
/// How much the gap type of a whole text of many sentences counts beside that of a sentence.
const ALL: f32 = 1.0;
/// What words such as "beyond" add to or take from the log-odds that more came than was expected.
const MORE: f32 = 0.3;
/// How much a sentence alone must exceed what a whole text needs.
const ALONE: f32 = 1.0;

/// By what the log-odds of a text are divided before they are shown as a probability: temperature scaling (Guo et al. 2017,
/// "On calibration of modern neural networks"), fitted by `cargo xtask eval` on texts of groups that the heads did not see.
const TEMPERATURE: f32 = 1.5;

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

impl<'a> Weighed<'a> {
    /// Gives the scores that tell what broke. Two sentences are read as one, as one of them may hold what was expected.
    fn read_with(&self, scored: Option<&'a Scored<'a>>) -> Option<&'a [f32; OUTPUTS]> {
        scored.filter(|scored| scored.sentences.len() <= 2).map(|scored| &scored.text).or(self.scores)
    }

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
    let mut at = 0;
    while let Some(one) = weighed.get(at) {
        let breaks = all >= 0.0 && (one.odds >= 0.0 || one.odds >= most);
        let mut read = 1;
        if breaks {
            let explicit = holds(one, scored);
            if kind != UnmetKind::Explicit {
                kind = if explicit { UnmetKind::Explicit } else { UnmetKind::Implied };
            }
            shift += one.sentence.families.iter().map(|family| lowers(*family)).sum::<f32>().max(-2.0);
            if expectations.len() < MOST {
                read = broken(statement, (sentences, at), (one, explicit, scored), &mut expectations);
            }
        }
        if expectations.len() < MOST
            && read == 1
            && (one.sentence.verdict.met.is_some() || (!breaks && one.praises()))
        {
            met(statement, one, &mut expectations);
        }
        at += read;
    }
    expectations.sort_by_key(|(at, _)| *at);
    expectations.truncate(MOST);
    let shown = if scored.is_some() { all / TEMPERATURE } else { all };
    let insults: f32 = sentences.iter().map(|sentence| sentence.tone.insults).sum();
    Annotation {
        sentiment: match scored {
            Some(scored) => tell(&scored.text),
            None => sentiment(tone + insults + shift.max(-5.0)),
        },
        unmet: Unmet { probability: unmet::probability(shown), kind },
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

/// Says whether a broken expectation stands in the words.
fn holds(one: &Weighed<'_>, scored: Option<&Scored>) -> bool {
    let by_patterns =
        one.sentence.doubtful.is_some() || one.sentence.families.iter().any(|family| family.is_explicit());
    match one.read_with(scored) {
        Some(scores) => heads::odds(Head::Explicit, scores) + if by_patterns { HELD } else { -HELD } >= 0.0,
        None => by_patterns,
    }
}

/// Adds the unmet expectations of a sentence, each with the place that it is sorted by; gives how many sentences that took.
fn broken(
    statement: &Statement<'_>,
    (sentences, at): (&[Sentence], usize),
    (weighed, explicit, scored): (&Weighed<'_>, bool, Option<&Scored>),
    out: &mut Vec<(usize, Expectation)>,
) -> usize {
    let text = &statement.folded.text;
    let tagger = scored.map(|scored| scored.tagger);
    let together = match sentences {
        [_, _] if explicit => 0..2,
        // Where both sides stand in one sentence, the next one is none of them.
        _ if explicit && !weighed.sentence.contrasts() => at..(at + 2).min(sentences.len()),
        _ => at..at + 1,
    };
    let chosen = sentences.get(together.clone()).unwrap_or_default();
    let Some(window) = Window::of(text, chosen, explicit) else { return 1 };
    let spans = window.spans(text, tagger);
    let scores = weighed.read_with(scored);
    let place = Place { sentence: weighed.sentence, range: window.range.clone(), scores, all: scored };
    let first = expectation(statement, &place, &spans, &window.families);
    let (gap, used) = (first.gap, spans.happened.clone());
    out.push((weighed.sentence.range.start, first));
    let ends = [&used, &spans.expected].into_iter().flatten().map(|range| range.end).max();
    let reached = sentences.get(at + 1).is_some_and(|next| ends.is_some_and(|end| end > next.range.start));
    let inside =
        |hit: &Hit| [&used, &spans.expected].into_iter().flatten().any(|range| range.contains(&hit.start));
    let held = &weighed.sentence.verdict.held;
    let other: Vec<Hit> = held
        .iter()
        .filter(|hit| !hit.family.is_explicit() && !hit.family.is_weak() && !inside(hit))
        .copied()
        .collect();
    if let Some(happened) = implied(text, &weighed.sentence.clauses, &other)
        .filter(|range| used.as_ref().is_none_or(|used| range.start >= used.end))
    {
        let families: Vec<Family> = other.iter().map(|hit| hit.family).collect();
        let at = happened.start;
        let spans = Spans { expected: None, happened: Some(happened), contrast: false };
        let range = weighed.sentence.range.clone();
        let place = Place { sentence: weighed.sentence, range, scores: weighed.scores, all: scored };
        let second = expectation(statement, &place, &spans, &families);
        if second.gap != gap {
            out.push((at, second));
        }
    }
    if reached { 2 } else { 1 }
}

/// Where an expectation broke.
struct Place<'a> {
    sentence: &'a Sentence,
    /// The sentences that were read together.
    range: Range<usize>,
    scores: Option<&'a [f32; OUTPUTS]>,
    /// What the heads make of the whole text.
    all: Option<&'a Scored<'a>>,
}

impl Place<'_> {
    /// Gives the scores of the gap types: those of the sentences, and where there are many, those of the whole text beside.
    fn gaps(&self) -> Vec<f32> {
        let own = self.scores.and_then(|scores| scores.get(Head::Gap.outputs())).unwrap_or_default();
        let all = self.all.filter(|all| all.sentences.len() > 2);
        let all = all.and_then(|all| all.text.get(Head::Gap.outputs())).unwrap_or_default();
        let all = all.iter().copied().chain(std::iter::repeat(0.0));
        own.iter().zip(all).map(|(own, all)| own + ALL * all).collect()
    }
}

fn expectation(
    statement: &Statement<'_>,
    place: &Place<'_>,
    spans: &Spans,
    families: &[Family],
) -> Expectation {
    let sentence = place.sentence;
    let piece =
        |range: &Option<Range<usize>>| range.clone().map_or("", |range| statement.folded.piece(range));
    let marks = marks(statement, &place.range);
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
            choose(&statement.cues.gaps, families, (&place.range, &inner), &place.gaps())
                .or_else(|| gap_of(&size))
                .unwrap_or(GapType::QualityDefect),
        ),
        origin,
        size: Some(size),
    }
}

/// Gives the marks within a range.
fn marks(statement: &Statement<'_>, range: &Range<usize>) -> Vec<Mark> {
    let inside = statement.cues.marks.iter().filter(|(_, at)| range.contains(at));
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
            outcome: if surpasses(weighed, words) { Outcome::Exceeded } else { Outcome::Met },
            expected: None,
            happened: original(statement, &Some(range)),
            gap: choose(cues, &[], (&sentence.range, &inner), prior)
                .filter(|_| cues.iter().any(|cue| sentence.range.contains(&cue.start))),
            origin: if promised {
                groundswell_model::Origin::CompanyPromise
            } else {
                origin(&[], "", &marks(statement, &sentence.range))
            },
            size: None,
        },
    ));
}

/// Says whether praise says that more came than was expected.
fn surpasses(weighed: &Weighed<'_>, words: &str) -> bool {
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
    // "Sooner than promised" needs no head.
    if weighed.sentence.verdict.exceeded {
        return true;
    }
    let signs = SIGNS.iter().any(|sign| words.contains(sign));
    match weighed.scores {
        Some(scores) => heads::odds(Head::Exceeded, scores) + if signs { MORE } else { -MORE } >= 0.0,
        None => signs,
    }
}

/// Gives the substring of the original text that a folded range stands for.
fn original(statement: &Statement<'_>, range: &Option<Range<usize>>) -> Option<String> {
    let range = statement.folded.to_original(range.clone()?);
    statement.text.get(range).filter(|piece| !piece.is_empty()).map(str::to_owned)
}
