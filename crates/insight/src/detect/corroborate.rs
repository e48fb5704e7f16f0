//! Weak words of several kinds of voice as one: complaints, surveys and staff that each show too little alone.
//!
//! Source: Stouffer et al. 1949, weighted by the root of what each kind was expected to say.

use serde::{Deserialize, Serialize};

use groundswell_model::Kind;

use crate::stats::{normal_cdf, normal_quantile};

/// z over which a kind agrees: four fifths of all weeks are below.
pub const AGREES: f64 = 0.84;

/// Kinds that must agree.
pub const KINDS: usize = 2;

/// z of all together over which an issue is corroborated: one week of a hundred.
pub const TOGETHER: f64 = 2.33;

/// z beyond which a kind counts no further, so that one alone never drowns the others.
const FARTHEST: f64 = 8.0;

/// The week of one kind in a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KindWeek {
    /// The kind.
    pub kind: Kind,
    /// Mid-p of its last seven days.
    pub p_week: f64,
    /// What was expected of it in these days.
    pub expected: f64,
}

impl KindWeek {
    /// How far its week lies over what is expected, in standard deviations.
    pub fn z(&self) -> f64 {
        let z = -normal_quantile(self.p_week.clamp(0.0, 1.0));
        if z.is_nan() { 0.0 } else { z.clamp(-FARTHEST, FARTHEST) }
    }
}

/// What the kinds say together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Corroboration {
    /// z of all together.
    pub z: f64,
    /// Its one-sided p.
    pub p: f64,
    /// The kinds that agree, the clearest first, each with its own z.
    pub agreeing: Vec<(Kind, f64)>,
}

impl Corroboration {
    /// Fuses the kinds of a cell; each weighs as the root of what is expected of it.
    pub fn of(voices: &[KindWeek]) -> Self {
        let weighed: Vec<(f64, f64)> =
            voices.iter().map(|voice| (voice.z(), voice.expected.max(0.0).sqrt())).collect();
        let z = stouffer(&weighed);
        let mut agreeing: Vec<(Kind, f64)> = voices.iter().map(|voice| (voice.kind, voice.z())).collect();
        agreeing.retain(|(_, z)| *z > AGREES);
        agreeing.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self { z, p: normal_cdf(-z), agreeing }
    }

    /// Says whether at least two kinds agree and all together are beyond chance.
    pub fn holds(&self) -> bool {
        self.agreeing.len() >= KINDS && self.z > TOGETHER
    }
}

/// Gives Σ w z / √Σ w² of pairs (z, w); 0 where nothing weighs.
pub fn stouffer(weighed: &[(f64, f64)]) -> f64 {
    let sum: f64 = weighed.iter().map(|(z, weight)| z * weight).sum();
    let squares: f64 = weighed.iter().map(|(_, weight)| weight * weight).sum();
    if squares > 0.0 { sum / squares.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_method() {
        for (weights, z, p) in
            [([1.0, 1.0, 1.0], 2.829016, 0.0023346), ([9.0, 4.0, 2.0], 2.671218, 0.0037788)]
        {
            let weighed: Vec<_> = [1.6, 1.5, 1.8].into_iter().zip(weights.map(f64::sqrt)).collect();
            let found = stouffer(&weighed);
            assert!((found - z).abs() < 1e-6, "{found}");
            assert!((normal_cdf(-found) - p).abs() < 1e-7);
        }
        assert_eq!(stouffer(&[]), 0.0);
    }

    fn voice(kind: Kind, p_week: f64, expected: f64) -> KindWeek {
        KindWeek { kind, p_week, expected }
    }

    #[test]
    fn three_weak_words_are_one_strong_and_each_alone_is_none() {
        let voices = [
            voice(Kind::Complaint, 0.0548, 9.0),
            voice(Kind::Survey, 0.0668, 4.0),
            voice(Kind::Employee, 0.0359, 2.0),
        ];
        let together = Corroboration::of(&voices);
        assert!(together.holds() && (together.z - 2.671218).abs() < 2e-3, "{together:?}");
        assert_eq!(
            together.agreeing.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            [Kind::Employee, Kind::Complaint, Kind::Survey]
        );
        assert!(!Corroboration::of(&voices[..1]).holds());
    }

    #[test]
    fn one_loud_kind_is_not_corroborated() {
        let voices = [voice(Kind::Complaint, 0.0, 9.0), voice(Kind::Survey, 0.5, 4.0)];
        let alone = Corroboration::of(&voices);
        assert!(alone.z > TOGETHER && alone.z < 8.0);
        assert!(!alone.holds());
        let silent = Corroboration::of(&[voice(Kind::Survey, f64::NAN, f64::NAN)]);
        assert_eq!((silent.z, silent.agreeing.len()), (0.0, 0));
    }
}
