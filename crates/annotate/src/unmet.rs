//! How probable it is that an expectation was not met: the families that hold, and the tone, as log-odds.

use crate::families::Family;
use crate::sentiment::squeeze;

/// Log-odds when nothing was found: a probability of 0.05.
const BASE: f32 = -2.944;
/// How much the tone of a sentence shifts one with cues.
const TONE_WITH_CUES: f32 = 2.4;
/// And one without.
const TONE_ALONE: f32 = 4.4;
/// Share of the further families' weight that counts.
const FURTHER: f32 = 0.3;
/// The most that further families add.
const MOST_FURTHER: f32 = 3.0;
/// What a found contrast between both sides adds.
const CONTRAST: f32 = 0.8;
/// How much the tone of the whole text shifts.
const TONE_OF_ALL: f32 = 0.9;

/// Gives the log-odds of one sentence.
pub(crate) fn sentence(families: &[Family], tone: f32, contrast: bool) -> f32 {
    let strongest = families.iter().map(|family| family.weight()).fold(0.0_f32, f32::max);
    if strongest <= 0.0 {
        return BASE - TONE_ALONE * squeeze(tone);
    }
    // The good words of a wish name what is lacking.
    let tone = if tone > 0.0 && families.contains(&Family::Wish) { tone * 0.4 } else { tone };
    let all: f32 = families.iter().map(|family| family.weight()).sum();
    let further = ((all - strongest) * FURTHER).min(MOST_FURTHER);
    BASE + strongest + further + if contrast { CONTRAST } else { 0.0 } - TONE_WITH_CUES * squeeze(tone)
}

/// Gives the log-odds of a text from those of its sentences and its tone.
pub(crate) fn text(sentences: &[f32], tone: f32) -> f32 {
    let Some(most) = sentences.iter().copied().reduce(f32::max) else { return BASE };
    let others = sentences.iter().filter(|odds| **odds > 0.0).take(5).count().saturating_sub(1);
    let others = f32::from(u8::try_from(others).unwrap_or(4));
    most + 0.3 * others - TONE_OF_ALL * squeeze(tone)
}

/// Gives the probability of log-odds, rounded to three places.
pub(crate) fn probability(odds: f32) -> f32 {
    let p = 1.0 / (1.0 + (-odds).exp());
    (p * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gives_a_twentieth() {
        assert!((probability(text(&[], 0.0)) - 0.05).abs() < 1e-6);
        assert!((probability(text(&[sentence(&[], 0.0, false)], 0.0)) - 0.05).abs() < 1e-6);
    }

    #[test]
    fn more_cues_and_a_worse_tone_raise_it_and_praise_lowers_it() {
        let one = sentence(&[Family::Never], 0.0, false);
        assert!(sentence(&[Family::Never, Family::Late], 0.0, false) > one);
        assert!(sentence(&[Family::Never], -2.0, false) > one);
        assert!(sentence(&[Family::Never], 4.0, false) < 0.0);
        assert!(text(&[one, one], 0.0) > text(&[one], 0.0));
    }
}
