//! Judges the sentences of a statement: which cues hold, against which counter-cues, and what they say alone.

use std::ops::Range;

use groundswell_model::Size;

use crate::clauses::{Clause, clauses};
use crate::counters::{Counter, Verdict, weigh};
use crate::expectation::{Spans, explicit};
use crate::families::Family;
use crate::fold::Folded;
use crate::patterns::{Hit, Matches};
use crate::sentiment::{Reading, Tone};
use crate::size::{compare, kept};
use crate::unmet;

/// A sentence with what holds in it.
pub(crate) struct Sentence {
    pub(crate) range: Range<usize>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) verdict: Verdict,
    pub(crate) families: Vec<Family>,
    pub(crate) spans: Option<Spans>,
    /// The spans around an expectation verb whose bad turn no cue shows: they count where the heads hear the turn.
    pub(crate) doubtful: Option<Spans>,
    /// The size of the gap between the spans, where both are there and no numbers say that the promise was kept.
    pub(crate) size: Option<Option<Size>>,
    pub(crate) tone: Tone,
    /// Counter-cues say that nothing was unmet, and no cue is left.
    pub(crate) calm: bool,
    pub(crate) odds: f32,
}

impl Sentence {
    /// Says whether both sides of an expectation stand in it.
    pub(crate) fn contrasts(&self) -> bool {
        self.spans.as_ref().is_some_and(|spans| spans.contrast)
    }
}

/// Judges each sentence by its cues, counter-cues and tone.
pub(crate) fn judge(
    folded: &Folded,
    ranges: &[Range<usize>],
    matches: &Matches,
    reading: &Reading,
) -> Vec<Sentence> {
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
        doubtful: None,
        size: None,
        tone,
        calm: false,
        odds: 0.0,
    };
    if !hits.is_empty() || !counters.is_empty() {
        sentence.clauses = clauses(&folded.text, range.clone());
        sentence.verdict = weigh((&folded.text, range), &sentence.clauses, hits, counters, tone.sum);
        let before = sentence.verdict.held.clone();
        gate(folded, &mut sentence);
        if before.len() > sentence.verdict.held.len() {
            sentence.doubtful = explicit(&folded.text, &sentence.clauses, &before, next.clone());
        }
        if sentence.verdict.held.iter().any(|hit| hit.family.is_explicit()) {
            sentence.spans = explicit(&folded.text, &sentence.clauses, &sentence.verdict.held, next);
            keep_promises(folded, &mut sentence);
        }
        sentence.families.extend(sentence.verdict.held.iter().map(|hit| hit.family));
        sentence.families.sort_unstable();
        sentence.families.dedup();
    }
    let calms = |counter: &Counter| matches!(counter, Counter::Met | Counter::Imagined | Counter::Asked);
    sentence.calm = sentence.families.is_empty() && counters.iter().any(|(counter, _, _)| calms(counter));
    sentence.odds = unmet::sentence(&sentence.families, tone.sum, sentence.contrasts());
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
