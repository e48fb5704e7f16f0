//! Tone from a lexicon, with negation, intensifiers and turns, sentence by sentence.
//!
//! The sum of tones is squeezed as x / sqrt(x^2 + 15), after VADER (Hutto and Gilbert 2014).

use groundswell_model::{Sentiment, SentimentLabel};

use crate::counters::Counter;
use crate::families::Family;
use crate::fold::Folded;
use crate::heads::{Head, LABELS, OUTPUTS, shares};
use crate::lexicon::{Lexicon, Role};
use crate::patterns::Hit;

/// Tone of one sentence.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tone {
    /// Sum of tones, insults apart.
    pub(crate) sum: f32,
    /// Sum of insults.
    pub(crate) insults: f32,
    /// Sum of the negative tones alone.
    pub(crate) negative: f32,
    /// Sum of the valences of VADER's lexicon.
    pub(crate) valence: f32,
    /// Sum of its negative ones alone.
    pub(crate) valence_negative: f32,
}

impl Tone {
    /// Adds the tone of another sentence.
    pub(crate) fn add(&mut self, other: &Self) {
        self.sum += other.sum;
        self.insults += other.insults;
        self.negative += other.negative;
        self.valence += other.valence;
        self.valence_negative += other.valence_negative;
    }
}

/// What the lexicon says of a text.
#[derive(Default)]
pub(crate) struct Reading {
    /// One for each sentence.
    pub(crate) tones: Vec<Tone>,
    /// Cues of families, for languages without patterns.
    pub(crate) hits: Vec<Hit>,
    /// Counter-cues, likewise.
    pub(crate) counters: Vec<(Counter, usize, usize)>,
}

/// How far a negator or intensifier reaches, in words.
const REACH: usize = 3;
/// Size of a sum that is half strong.
const SQUEEZE: f32 = 15.0;
/// From this strength on a text is positive or negative.
const NEUTRAL: f32 = 0.1;

/// Squeezes a sum of tones to -1 to 1.
pub(crate) fn squeeze(sum: f32) -> f32 {
    sum / (sum * sum + SQUEEZE).sqrt()
}

/// Gives label and rounded score of a sum of tones.
pub(crate) fn sentiment(sum: f32) -> Sentiment {
    let score = (squeeze(sum) * 1000.0).round() / 1000.0;
    let label = if score >= NEUTRAL {
        SentimentLabel::Positive
    } else if score <= -NEUTRAL {
        SentimentLabel::Negative
    } else {
        SentimentLabel::Neutral
    };
    // A rounded zero has no sign.
    Sentiment { label, score: score + 0.0 }
}

/// Gives label and score of what the heads say: the label of the sentiment head, the strength of the strength head.
pub(crate) fn tell(scores: &[f32; OUTPUTS]) -> Sentiment {
    let labels = shares(Head::Sentiment, scores);
    let best =
        LABELS.iter().zip(&labels).fold((SentimentLabel::Neutral, f32::MIN), |best, (label, share)| {
            if *share > best.1 { (*label, *share) } else { best }
        });
    let strength = match shares(Head::Strength, scores).as_slice() {
        [bad, good] => good - bad,
        _ => 0.0,
    };
    // The score never contradicts the label.
    let score = match best.0 {
        SentimentLabel::Negative => strength.min(-0.05),
        SentimentLabel::Positive => strength.max(0.05),
        SentimentLabel::Neutral => strength.clamp(-0.3, 0.3),
    };
    Sentiment { label: best.0, score: (score * 1000.0).round() / 1000.0 + 0.0 }
}

/// Reads a text, whose sentences are folded ranges in order.
pub(crate) fn read(folded: &Folded, sentences: &[std::ops::Range<usize>], lexicon: &Lexicon) -> Reading {
    let mut walk = Walk { folded, sentences, at: 0, now: Sentence::default(), out: Reading::default() };
    lexicon.find(&folded.spaced, |role, start, end| walk.meet(role, start, end));
    walk.close(sentences.len());
    for (at, tone) in signs(&folded.text) {
        let index =
            sentences.partition_point(|sentence| sentence.end <= at).min(sentences.len().saturating_sub(1));
        if let Some(slot) = walk.out.tones.get_mut(index) {
            slot.sum += tone;
            slot.negative += tone.min(0.0);
            slot.valence += tone;
            slot.valence_negative += tone.min(0.0);
        }
    }
    walk.out
}

#[derive(Default)]
struct Sentence {
    tone: Tone,
    turned: bool,
    negator: Option<usize>,
    scale: Option<(f32, usize)>,
}

struct Walk<'a> {
    folded: &'a Folded,
    sentences: &'a [std::ops::Range<usize>],
    at: usize,
    now: Sentence,
    out: Reading,
}

impl Walk<'_> {
    fn meet(&mut self, role: Role, start: usize, end: usize) {
        while self.sentences.get(self.at).is_some_and(|sentence| sentence.end <= start) {
            self.close(self.at + 1);
        }
        if let Some(family) = role.family {
            self.out.hits.push(Hit { family, start, end });
        }
        if let Some(counter) = role.counter {
            self.out.counters.push((counter, start, end));
        }
        if role.tone != 0.0 || role.valence != 0.0 {
            self.weigh(role, start);
        }
        if role.turns {
            self.now.tone.sum *= 0.6;
            self.now.turned = true;
            self.now.negator = None;
        }
        if role.negates {
            self.now.negator = Some(end);
        }
        if role.scale > 0.0 {
            self.now.scale = Some((role.scale, end));
        }
    }

    fn weigh(&mut self, role: Role, start: usize) {
        let scale =
            self.now.scale.take().filter(|(_, end)| self.near(*end, start)).map_or(1.0, |(factor, _)| factor);
        let scale = if self.now.turned { scale * 1.2 } else { scale };
        let denied = self.now.negator.is_some_and(|end| self.near(end, start));
        let turn = |tone: f32| match (denied, tone > 0.0) {
            (true, true) => tone * scale * -0.7,
            (true, false) => tone * scale * -0.35,
            (false, _) => tone * scale,
        };
        let (tone, valence) = (turn(role.tone), turn(role.valence));
        self.now.tone.valence += valence;
        self.now.tone.valence_negative += valence.min(0.0);
        if role.insult {
            self.now.tone.insults += tone;
        } else {
            self.now.tone.sum += tone;
            self.now.tone.negative += tone.min(0.0);
        }
    }

    /// Says whether what stands at `start` is within reach of what ended at `end`.
    fn near(&self, end: usize, start: usize) -> bool {
        if start > end + 40 {
            return false;
        }
        let between = self.folded.text.as_bytes().get(end..start).unwrap_or_default();
        let words = between.iter().filter(|byte| **byte == b' ').count();
        words <= REACH
            && !between
                .iter()
                .any(|byte| matches!(byte, b',' | b';' | b':' | b'.' | b'!' | b'?' | b'\n' | b'('))
    }

    /// Closes sentences up to `next`.
    fn close(&mut self, next: usize) {
        while self.at < next {
            let now = std::mem::take(&mut self.now);
            self.out.tones.push(now.tone);
            self.at += 1;
        }
    }
}

/// Finds emoticons and emoji with a tone.
fn signs(text: &str) -> impl Iterator<Item = (usize, f32)> {
    let emoji =
        (!text.is_ascii()).then(|| text.char_indices().filter_map(|(at, sign)| Some((at, emoji(sign)?))));
    let bytes = text.as_bytes();
    let emoticons = bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b':' | b';' | b'='))
        .filter_map(|(at, _)| {
            let mouth = match bytes.get(at + 1) {
                Some(b'-') => bytes.get(at + 2),
                other => other,
            };
            match mouth? {
                b')' | b']' => Some((at, 1.6)),
                b'd' if bytes.get(at + 2).is_none_or(|byte| !byte.is_ascii_alphanumeric()) => Some((at, 1.8)),
                b'(' | b'[' | b'/' if bytes.get(at + 2) != Some(&b'/') => Some((at, -1.6)),
                _ => None,
            }
        });
    emoji.into_iter().flatten().chain(emoticons)
}

fn emoji(sign: char) -> Option<f32> {
    Some(match sign {
        '👍' | '👏' | '😀'..='😆' | '😊' | '🙂' | '😎' | '💪' | '🎉' | '✅' | '😇' | '🤗' | '💯' => {
            2.0
        }
        '😍' | '❤' | '♥' | '💕'..='💜' | '🥰' | '😘' | '🤩' | '⭐' | '🌟' => 2.6,
        '👎'
        | '😞'..='😠'
        | '😒'
        | '🙁'
        | '☹'
        | '😕'
        | '😢'
        | '😭'
        | '😤'
        | '😖'
        | '😫'
        | '😩'
        | '🙄'
        | '😬'
        | '💔'
        | '❌' => -2.0,
        '😡' | '🤬' | '🤮' | '🤢' | '💩' | '😱' | '🖕' => -2.8,
        _ => return None,
    })
}

/// How much an unmet expectation that holds lowers the tone, by its family: the words of many are neutral.
pub(crate) fn lowers(family: Family) -> f32 {
    if family.is_weak() { -0.5 } else { -1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(language: &str, text: &str) -> f32 {
        let lexicons = crate::lexicon::shipped().unwrap();
        let lexicon = lexicons.iter().find(|lexicon| lexicon.language.as_str() == language).unwrap();
        let folded = Folded::new(text);
        let sentences: Vec<_> =
            groundswell_text::sentences(text).into_iter().map(|range| folded.to_folded(range)).collect();
        let reading = read(&folded, &sentences, lexicon);
        assert_eq!(reading.tones.len(), sentences.len());
        squeeze(reading.tones.iter().map(|tone| tone.sum + tone.insults).sum())
    }

    #[test]
    fn negation_turns_intensifiers_scale_and_but_shifts() {
        assert!(score("en", "good") > 0.1);
        assert!(score("en", "not good") < -0.1);
        assert!(score("en", "not a very good room") < -0.1);
        assert!(score("en", "not today, good room") > 0.1);
        assert!(score("en", "very good") > score("en", "good"));
        assert!(score("en", "slightly good") < score("en", "good"));
        assert!(score("en", "nice shop but awful staff") < score("en", "awful staff but nice shop"));
        assert!(score("en", "not bad") > 0.0);
        assert!(score("en", "what a moron").abs() > 0.3);
    }

    #[test]
    fn signs_speak_too() {
        assert!(score("en", "arrived 👍👍") > 0.3);
        assert!(score("en", "arrived :-(") < -0.2);
        assert_eq!(score("en", "see http://x.example/a"), 0.0);
    }

    #[test]
    fn other_languages_are_read() {
        for (language, good, bad) in [
            ("de", "Sehr freundlich und schnell, danke!", "Leider nicht zufrieden, alles kaputt."),
            ("fr", "Très bon accueil, merci.", "Je suis déçue, service horrible."),
            ("es", "Muy amables y rápidos.", "Una vergüenza, pésimo trato."),
            ("it", "Ottimo servizio, grazie.", "Non sono soddisfatto, pessima esperienza."),
            ("nl", "Heel vriendelijk en snel geholpen.", "Slechte service, niet blij."),
            ("pt", "Ótimo atendimento, obrigado.", "Péssimo serviço, não gostei."),
        ] {
            assert!(score(language, good) > 0.3, "{good}");
            assert!(score(language, bad) < -0.3, "{bad}");
        }
    }
}
