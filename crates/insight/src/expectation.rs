//! How far an experience fell short: gaps by SERVQUAL dimension, Kano's coefficients, and the score that ranks a gap.

/// The five dimensions of SERVQUAL, in the order in which they are given here.
pub const DIMENSIONS: [&str; 5] = ["reliability", "responsiveness", "assurance", "empathy", "tangibles"];

/// Weights that are often quoted for [`DIMENSIONS`]. A study over several sectors found no stable order, so they are no default.
pub const QUOTED_WEIGHTS: [f64; 5] = [0.32, 0.22, 0.19, 0.16, 0.11];

/// A loss weighs so much more than a gain.
const LOSS_AVERSION: f64 = 2.0;

/// Perception minus expectation by dimension; below zero where it was not met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Servqual {
    /// Gap of each dimension.
    pub gaps: [f64; 5],
    /// Weighted mean of the gaps.
    pub overall: f64,
}

/// Gives the gaps after Parasuraman, Zeithaml and Berry 1988. Weights are brought to a sum of one; weights that have none,
/// or that are negative, count as equal.
pub fn servqual(perceived: [f64; 5], expected: [f64; 5], weights: Option<[f64; 5]>) -> Servqual {
    let mut gaps = perceived;
    for (gap, expected) in gaps.iter_mut().zip(expected) {
        *gap -= expected;
    }
    let usable = |weights: &[f64; 5]| {
        weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0) && weights.iter().sum::<f64>() > 0.0
    };
    let weights = weights.filter(usable).unwrap_or([1.0; 5]);
    let weighted: f64 = gaps.iter().zip(weights).map(|(gap, weight)| gap * weight).sum();
    Servqual { gaps, overall: weighted / weights.iter().sum::<f64>() }
}

/// What satisfaction makes of a disconfirmation (perceived minus expected): a loss weighs twice as much as a gain.
/// Source: Oliver 1980 for the difference; the factor is ours, close to that of prospect theory.
pub fn felt(disconfirmation: f64) -> f64 {
    if disconfirmation < 0.0 { LOSS_AVERSION * disconfirmation } else { disconfirmation }
}

/// Answers to a Kano question about one feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kano {
    /// Attractive.
    pub attractive: u64,
    /// One-dimensional.
    pub one_dimensional: u64,
    /// Must-be.
    pub must_be: u64,
    /// Indifferent.
    pub indifferent: u64,
}

impl Kano {
    /// Gives how much better having the feature makes, 0 to 1, and how much worse lacking it makes, -1 to 0.
    /// Source: Berger and others 1993. None without answers.
    pub fn coefficients(&self) -> Option<(f64, f64)> {
        let sum = self.attractive + self.one_dimensional + self.must_be + self.indifferent;
        let share = |count: u64| count as f64 / sum as f64;
        (sum > 0).then(|| {
            (share(self.attractive + self.one_dimensional), -share(self.one_dimensional + self.must_be))
        })
    }
}

/// Gives the score that ranks one gap, 0 to 3: from actual over expected where both were said in numbers, otherwise from the
/// level 1 to 4. None where neither is known. It ranks; it detects nothing.
pub fn gap_score(ratio: Option<f64>, level: Option<u8>) -> Option<f64> {
    let by_ratio = ratio
        .filter(|ratio| ratio.is_finite() && *ratio >= 0.0)
        .map(|ratio| (2.0 * (ratio - 1.0).abs().ln_1p()).min(3.0));
    by_ratio.or_else(|| level.map(|level| f64::from(level.clamp(1, 4)) - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servqual_matches_the_vector() {
        let perceived = [5.1, 4.9, 5.6, 4.8, 5.9];
        let expected = [6.4, 6.3, 6.2, 5.8, 5.2];
        let found = servqual(perceived, expected, Some(QUOTED_WEIGHTS));
        for (gap, wanted) in found.gaps.iter().zip([-1.3, -1.4, -0.6, -1.0, 0.7]) {
            assert!((gap - wanted).abs() < 1e-9);
        }
        assert!((found.overall + 0.921).abs() < 1e-9, "{}", found.overall);
        let equal = servqual(perceived, expected, None).overall;
        assert!((equal + 0.72).abs() < 1e-9);
        assert_eq!(servqual(perceived, expected, Some([0.0; 5])).overall, equal);
    }

    #[test]
    fn kano_matches_the_vector() {
        let kano = Kano { attractive: 10, one_dimensional: 30, must_be: 50, indifferent: 10 };
        assert_eq!(kano.coefficients(), Some((0.40, -0.80)));
        assert_eq!(Kano::default().coefficients(), None);
        assert_eq!((felt(-1.5), felt(1.5)), (-3.0, 1.5));
    }

    #[test]
    fn gaps_are_ranked_by_number_or_level() {
        for (ratio, level, wanted) in [
            (Some(4.5), None, 3.0),
            (Some(61.0 / 49.0), Some(4), 2.0 * (61.0_f64 / 49.0).ln()),
            (Some(4.0 / 6.0), None, 2.0 * (4.0_f64 / 3.0).ln()),
            (Some(40.0), None, 3.0),
            (None, Some(3), 2.0),
            (None, Some(9), 3.0),
            (Some(f64::NAN), Some(1), 0.0),
        ] {
            assert!((gap_score(ratio, level).unwrap() - wanted).abs() < 1e-9, "{ratio:?} {level:?}");
        }
        assert_eq!(gap_score(None, None), None);
    }
}
