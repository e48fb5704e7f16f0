//! What the trained heads see of a text: tones, cues and signs as numbers between -3 and 3, beside its n-grams and embedding.

use groundswell_model::GapType;

use crate::conclude::Statement;
use crate::counters::Counter;
use crate::families::{FAMILIES, Family};
use crate::gaps::GapCue;
use crate::heads::{CUES, OUTPUTS};
use crate::judge::Sentence;
use crate::patterns::Matches;
use crate::sentiment::{Tone, squeeze};
use crate::spans::Tagger;
use crate::unmet;

/// What a text shows to the heads; for training and measuring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Hashes of its n-grams.
    pub grams: Vec<u64>,
    /// Dense features; see [`crate::heads::DENSE`].
    pub dense: Vec<f32>,
}

/// What the heads make of a text and of each of its sentences.
pub(crate) struct Scored<'a> {
    pub(crate) tagger: &'a Tagger,
    pub(crate) text: [f32; OUTPUTS],
    pub(crate) sentences: Vec<[f32; OUTPUTS]>,
}

/// What was found in a text, or in one sentence of it.
struct Found<'a> {
    text: &'a str,
    tone: Tone,
    families: &'a [Family],
    contrast: bool,
    met: bool,
    exceeded: bool,
    /// Log-odds of the patterns alone.
    odds: f32,
    sentences: usize,
    counters: &'a [(Counter, usize, usize)],
    gaps: &'a [GapCue],
}

const AFTER_FAMILIES: usize = FAMILIES.len();
const GAPS: usize = CUES - GapType::ALL.len();

/// Gives the cues of a whole statement.
pub(crate) fn features(statement: &Statement<'_>, sentences: &[Sentence], matches: &Matches) -> [f32; CUES] {
    if let [one] = sentences {
        return features_of(statement, one, matches);
    }
    let mut tone = Tone::default();
    sentences.iter().for_each(|sentence| tone.add(&sentence.tone));
    let families: Vec<Family> =
        sentences.iter().flat_map(|sentence| sentence.families.iter().copied()).collect();
    let odds: Vec<f32> = sentences.iter().map(|sentence| sentence.odds).collect();
    cues(&Found {
        text: &statement.folded.text,
        tone,
        families: &families,
        contrast: sentences.iter().any(Sentence::contrasts),
        met: sentences.iter().any(|sentence| sentence.verdict.met.is_some()),
        exceeded: sentences.iter().any(|sentence| sentence.verdict.exceeded),
        odds: unmet::text(&odds, tone.sum),
        sentences: sentences.len(),
        counters: &matches.counters,
        gaps: &statement.cues.gaps,
    })
}

/// Gives the cues of one sentence.
pub(crate) fn features_of(statement: &Statement<'_>, sentence: &Sentence, matches: &Matches) -> [f32; CUES] {
    let range = &sentence.range;
    let counters = matches.counters.as_slice();
    let from = counters.partition_point(|(_, start, _)| *start < range.start);
    let to = counters.partition_point(|(_, start, _)| *start < range.end);
    let gaps = statement.cues.gaps.as_slice();
    let first = gaps.partition_point(|cue| cue.start < range.start);
    let last = gaps.partition_point(|cue| cue.start < range.end);
    cues(&Found {
        text: statement.folded.piece(range.clone()),
        tone: sentence.tone,
        families: &sentence.families,
        contrast: sentence.contrasts(),
        met: sentence.verdict.met.is_some(),
        exceeded: sentence.verdict.exceeded,
        odds: unmet::text(&[sentence.odds], sentence.tone.sum),
        sentences: 1,
        counters: counters.get(from..to).unwrap_or_default(),
        gaps: gaps.get(first..last).unwrap_or_default(),
    })
}

/// Writes the cues of a text as features.
fn cues(found: &Found<'_>) -> [f32; CUES] {
    let mut out = [0.0_f32; CUES];
    for family in found.families {
        if let Some(slot) = out.get_mut(*family as usize) {
            *slot = (*slot + 1.0).min(2.0);
        }
    }
    let tone = found.tone;
    let counted =
        |counter: Counter| f32::from(u8::from(found.counters.iter().any(|(known, _, _)| *known == counter)));
    let flag = |holds: bool| f32::from(u8::from(holds));
    let questions = found.text.bytes().filter(|byte| *byte == b'?').take(2).count();
    #[expect(clippy::cast_precision_loss, reason = "lengths only need their size")]
    let (length, sentences) =
        ((found.text.len() as f32 / 100.0).ln_1p(), (found.sentences as f32 / 3.0).ln_1p());
    let further = [
        squeeze(tone.sum),
        squeeze(tone.negative),
        squeeze(tone.sum - tone.negative),
        squeeze(tone.valence),
        squeeze(tone.valence_negative),
        squeeze(tone.valence - tone.valence_negative),
        squeeze(tone.insults),
        counted(Counter::Met),
        counted(Counter::Good),
        counted(Counter::Imagined),
        counted(Counter::Asked),
        counted(Counter::Praise),
        flag(found.contrast),
        flag(found.met),
        flag(found.exceeded),
        flag(questions > 0),
        (found.odds / 3.0).clamp(-2.0, 2.0),
        length.min(3.0),
        sentences.min(2.0),
        flag(found.text.trim_end().ends_with('?')),
        flag(found.families.is_empty()),
    ];
    for (slot, value) in out.iter_mut().skip(AFTER_FAMILIES).zip(further) {
        *slot = value;
    }
    for cue in found.gaps {
        if let Some(slot) = out.get_mut(GAPS + cue.gap as usize) {
            *slot = (*slot + cue.weight / 2.0).min(2.0);
        }
    }
    out
}

const _: () = assert!(AFTER_FAMILIES + 21 <= GAPS, "the features have room");
