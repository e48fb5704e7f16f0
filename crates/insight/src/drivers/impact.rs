//! What a theme costs a score: the difference between those who name it and those who do not, times their share.

use super::DriverError;
use super::promoters::NpsCounts;
use crate::scores::Interval;
use crate::stats::t_quantile;

/// No driver with fewer answers with or without its theme.
pub const MIN_ANSWERS_EACH: u64 = 30;
const Z: f64 = 1.96;

/// What a theme goes with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Impact {
    /// Score of all.
    pub overall: f64,
    /// Score of those with the theme.
    pub with: f64,
    /// Score of those without.
    pub without: f64,
    /// Share with the theme, 0 to 1.
    pub share: f64,
    /// With less without, with its 95 % interval.
    pub difference: Interval,
    /// What the theme costs the score of all, with its 95 % interval; below zero where it costs.
    pub impact: Interval,
}

impl Impact {
    fn of(scores: [f64; 3], counts: (u64, u64), difference: Interval) -> Self {
        let [overall, with, without] = scores;
        let share = counts.0 as f64 / (counts.0 + counts.1).max(1) as f64;
        let times = |value: f64| share * value;
        let impact = Interval {
            value: times(difference.value),
            low: times(difference.low),
            high: times(difference.high),
        };
        Self { overall, with, without, share, difference, impact }
    }
}

fn enough(with: u64, without: u64) -> Result<(), DriverError> {
    let few = with.min(without) < MIN_ANSWERS_EACH;
    if few { Err(DriverError::TooFew { with, without }) } else { Ok(()) }
}

/// Gives `other` less `one` in points, with its 95 % interval.
pub(super) fn nps_difference(one: &NpsCounts, other: &NpsCounts) -> Option<Interval> {
    let value = other.value()? - one.value()?;
    let variance = other.variance()? / other.n() as f64 + one.variance()? / one.n() as f64;
    let half = 100.0 * Z * variance.sqrt();
    Some(Interval { value, low: value - half, high: value + half })
}

/// Gives the impact of a theme on NPS, in points.
///
/// # Errors
/// [`DriverError::TooFew`] with fewer than 30 answers with or without the theme.
pub fn nps_impact(with: &NpsCounts, without: &NpsCounts) -> Result<Impact, DriverError> {
    let few = DriverError::TooFew { with: with.n(), without: without.n() };
    enough(with.n(), without.n())?;
    let all = NpsCounts {
        promoters: with.promoters + without.promoters,
        passives: with.passives + without.passives,
        detractors: with.detractors + without.detractors,
    };
    let difference = nps_difference(without, with).ok_or(few)?;
    let scores = [all.value(), with.value(), without.value()].map(|score| score.unwrap_or(0.0));
    Ok(Impact::of(scores, (with.n(), without.n()), difference))
}

/// A difference of two means by Welch's test, which lets both groups vary differently.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First less second, with its 95 % interval.
    pub interval: Interval,
    /// Standard error.
    pub se: f64,
    /// Degrees of freedom after Welch and Satterthwaite.
    pub freedom: f64,
}

/// Compares two means. None with fewer than two answers on a side or where nothing varies.
pub fn welch(x: &[f64], y: &[f64]) -> Option<Difference> {
    let ((mx, vx), (my, vy)) = (moments(x)?, moments(y)?);
    let (sx, sy) = (vx / x.len() as f64, vy / y.len() as f64);
    let se = (sx + sy).sqrt();
    if !(se.is_finite() && se > 0.0) {
        return None;
    }
    let freedom = (sx + sy).powi(2) / (sx * sx / (x.len() - 1) as f64 + sy * sy / (y.len() - 1) as f64);
    let half = t_quantile(freedom, 0.975) * se;
    let value = mx - my;
    Some(Difference { interval: Interval { value, low: value - half, high: value + half }, se, freedom })
}

/// Mean and variance of at least two values.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() >= 2).then(|| (mean, squares / (n - 1.0)))
}

/// Gives the impact of a theme on a mean, such as CSAT, in points of its scale.
///
/// # Errors
/// [`DriverError::TooFew`] with fewer than 30 answers with or without the theme; [`DriverError::Collinear`] where all answers
/// are the same.
pub fn csat_impact(with: &[f64], without: &[f64]) -> Result<Impact, DriverError> {
    let counts = (with.len() as u64, without.len() as u64);
    enough(counts.0, counts.1)?;
    let difference = welch(with, without).ok_or(DriverError::Collinear)?.interval;
    let sum = |values: &[f64]| values.iter().sum::<f64>();
    let mean = |values: &[f64]| sum(values) / values.len() as f64;
    let overall = (sum(with) + sum(without)) / (counts.0 + counts.1) as f64;
    Ok(Impact::of([overall, mean(with), mean(without)], counts, difference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: f64, wanted: f64, within: f64) {
        assert!((found - wanted).abs() <= within, "{found} instead of {wanted}");
    }

    #[test]
    fn nps_impact_matches_the_vector() {
        let with = NpsCounts { promoters: 20, passives: 25, detractors: 35 };
        let without = NpsCounts { promoters: 230, passives: 120, detractors: 70 };
        let found = nps_impact(&with, &without).unwrap();
        close(found.overall, 29.0, 1e-9);
        close(found.with, -18.75, 1e-9);
        close(found.without, 38.0952, 5e-5);
        close(found.difference.value, -56.8452, 5e-5);
        close(found.difference.low, -75.958, 5e-4);
        close(found.difference.high, -37.732, 5e-4);
        close(found.impact.value, -9.0952, 5e-5);
        close(found.impact.low, 0.16 * found.difference.low, 1e-9);
    }

    #[test]
    fn welch_matches_the_vector() {
        let x = [1, 2, 2, 3, 1, 4, 2, 3, 2, 1].map(f64::from);
        let y = [4, 5, 3, 4, 5, 4, 4, 5, 3, 5, 4, 2, 5, 4, 4].map(f64::from);
        let found = welch(&x, &y).unwrap();
        close(found.interval.value, -1.966_667, 1e-6);
        close(found.se, 0.388_526, 1e-6);
        close(found.freedom, 17.799_66, 1e-5);
        close(found.interval.low, -2.783_588, 1e-6);
        close(found.interval.high, -1.149_745, 1e-6);
        assert_eq!((welch(&x, &[1.0]), welch(&[2.0; 5], &[3.0; 5])), (None, None));
    }

    #[test]
    fn few_answers_give_no_driver() {
        let with = NpsCounts { promoters: 3, passives: 0, detractors: 0 };
        let without = NpsCounts { promoters: 300, passives: 0, detractors: 0 };
        assert_eq!(nps_impact(&with, &without), Err(DriverError::TooFew { with: 3, without: 300 }));
        assert!(nps_impact(&NpsCounts::default(), &NpsCounts::default()).is_err());
        assert!(matches!(csat_impact(&[4.0; 29], &[3.0; 40]), Err(DriverError::TooFew { .. })));
        assert_eq!(csat_impact(&[4.0; 30], &[3.0; 40]), Err(DriverError::Collinear));
        let mixed: Vec<f64> = (0..40).map(|number| f64::from(number % 5 + 1)).collect();
        let found = csat_impact(&mixed, &[&mixed[..], &[5.0; 10]].concat()).unwrap();
        assert!(found.impact.low < found.impact.value && found.impact.value < 0.0);
    }
}
