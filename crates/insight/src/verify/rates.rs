//! Two rates compared: the exact interval of their ratio, the probability that it is small, and a control beside it.

use crate::stats::{beta_cdf, beta_quantile, f_cdf};

/// How often something was heard: people, of so many who could have said it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// Distinct people.
    pub people: u64,
    /// Exposure: people who could have said it.
    pub exposure: f64,
}

impl Count {
    /// Makes a count.
    pub fn new(people: u64, exposure: f64) -> Self {
        Self { people, exposure }
    }

    /// Gives people per exposure; none without exposure.
    pub fn rate(&self) -> Option<f64> {
        self.exposed().then(|| self.people as f64 / self.exposure)
    }

    /// Says whether anybody could have said it.
    pub fn exposed(&self) -> bool {
        self.exposure.is_finite() && self.exposure > 0.0
    }

    /// Gives people and exposure, both divided by the dispersion: as much as these counts are worth.
    fn worth(&self, dispersion: f64) -> (f64, f64) {
        let by = if dispersion.is_finite() { dispersion.max(1.0) } else { 1.0 };
        (self.people as f64 / by, self.exposure / by)
    }
}

/// A rate after divided by a rate before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateRatio {
    /// The ratio; none where nothing was heard before.
    pub ratio: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end; none where it has none.
    pub high: Option<f64>,
    /// One-sided p-value of a fall this large if the rate had stayed.
    pub p_fell: f64,
}

/// Compares two rates by the conditional exact test, with the limits of Clopper and Pearson; of all that was heard, the part
/// after is binomial. Both counts are divided by the dispersion (1 where they vary as a Poisson). None without exposure.
pub fn rate_ratio(before: &Count, after: &Count, dispersion: f64) -> Option<RateRatio> {
    if !before.exposed() || !after.exposed() {
        return None;
    }
    let ((x1, n1), (x2, n2)) = (before.worth(dispersion), after.worth(dispersion));
    let ratio = (x1 > 0.0).then(|| (x2 / n2) / (x1 / n1));
    let odds = |p: f64| if p < 1.0 { Some(p / (1.0 - p) * n1 / n2) } else { None };
    let low = if x2 > 0.0 { odds(beta_quantile(x2, x1 + 1.0, 0.025)).unwrap_or(0.0) } else { 0.0 };
    let high = if x1 > 0.0 { odds(beta_quantile(x2 + 1.0, x1, 0.975)) } else { None };
    let p_fell = if x1 > 0.0 { beta_cdf(x1, x2 + 1.0, n1 / (n1 + n2)) } else { 1.0 };
    Some(RateRatio { ratio, low, high, p_fell })
}

/// Gives the probability that the rate after is below `factor` times the rate before, from Jeffreys' prior and counts divided
/// by the dispersion. None without exposure.
pub fn ratio_below(before: &Count, after: &Count, dispersion: f64, factor: f64) -> Option<f64> {
    if !(before.exposed() && after.exposed() && factor.is_finite() && factor > 0.0) {
        return None;
    }
    let ((x1, n1), (x2, n2)) = (before.worth(dispersion), after.worth(dispersion));
    let (a1, a2) = (x1 + 0.5, x2 + 0.5);
    Some(f_cdf(2.0 * a2, 2.0 * a1, factor * (n2 / a2) / (n1 / a1)))
}

/// What a rate did beyond what a control did in the same time: a ratio of rate ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// The ratio; 1 where both moved alike.
    pub ratio: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Probability, by the normal approximation, that the rate fell against the control.
    pub fell: f64,
}

/// Compares a rate before and after with a control that the fix cannot touch (difference in differences): the logarithm's
/// variance is the sum of one over each count. Where a count is zero, one half is added to all four. `series` and `control`
/// are (before, after). None without exposure.
pub fn against_control(series: (Count, Count), control: (Count, Count), dispersion: f64) -> Option<Contrast> {
    let four = [series.0, series.1, control.0, control.1];
    if four.iter().any(|count| !count.exposed()) {
        return None;
    }
    let add = if four.iter().any(|count| count.people == 0) { 0.5 } else { 0.0 };
    let worth = four.map(|count| {
        let (people, exposure) = count.worth(dispersion);
        (people + add, exposure)
    });
    let [before, after, control_before, control_after] =
        worth.map(|(people, exposure)| (people / exposure).ln());
    let log = (after - before) - (control_after - control_before);
    let sd = worth.iter().map(|(people, _)| 1.0 / people).sum::<f64>().sqrt();
    let end = |z: f64| (log + z * sd).exp();
    Some(Contrast {
        ratio: log.exp(),
        low: end(-1.96),
        high: end(1.96),
        fell: crate::stats::normal_cdf(-log / sd),
    })
}
