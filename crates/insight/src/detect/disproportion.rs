//! Where is it: whether a theme is told more often in one version, region, channel or segment than elsewhere.
//!
//! Sources: proportional reporting ratio, Evans, Waller and Davis 2001; information component, Norén et al. 2013; empirical
//! Bayes geometric mean, DuMouchel 1999.

use serde::{Deserialize, Serialize};
use statrs::function::gamma::{digamma, ln_gamma};

use crate::scores::Interval;
use crate::stats::{gamma_cdf, gamma_quantile};

/// Lower bound of the shrunken ratio from which a place is worth naming.
pub const NAMED_FROM: f64 = 2.0;

const Z: f64 = 1.959_963_984_540_054;

/// Counts of a theme in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// With the theme, in the segment.
    pub both: u64,
    /// Without the theme, in the segment.
    pub segment_only: u64,
    /// With the theme, elsewhere.
    pub theme_only: u64,
    /// Without the theme, elsewhere.
    pub neither: u64,
}

impl Table {
    fn cells(&self) -> (f64, f64, f64, f64) {
        (self.both as f64, self.segment_only as f64, self.theme_only as f64, self.neither as f64)
    }

    /// Expected in the segment with the theme, were they independent; 0 in an empty table.
    pub fn expected(&self) -> f64 {
        let (a, b, c, d) = self.cells();
        let all = a + b + c + d;
        if all > 0.0 { (a + b) * (a + c) / all } else { 0.0 }
    }

    /// Gives the proportional reporting ratio with its 95 % interval; nothing where a side is empty.
    pub fn prr(&self) -> Option<Interval> {
        let (a, b, c, d) = self.cells();
        let value = (a / (a + b)) / (c / (c + d));
        log_interval(value, 1.0 / a - 1.0 / (a + b) + 1.0 / c - 1.0 / (c + d))
    }

    /// Gives the reporting odds ratio with its 95 % interval; nothing where a cell is empty.
    pub fn ror(&self) -> Option<Interval> {
        let (a, b, c, d) = self.cells();
        log_interval(a * d / (b * c), 1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)
    }

    /// Gives χ² with one degree of freedom, with Yates' correction or (Pearson) without.
    pub fn chi_squared(&self, corrected: bool) -> f64 {
        let (a, b, c, d) = self.cells();
        let all = a + b + c + d;
        let margins = (a + b) * (c + d) * (a + c) * (b + d);
        let distance = ((a * d - b * c).abs() - if corrected { all / 2.0 } else { 0.0 }).max(0.0);
        if margins > 0.0 { all * distance * distance / margins } else { 0.0 }
    }

    /// Says whether PRR ≥ 2, χ² ≥ 4 and at least three, Evans' rule.
    pub fn is_signal(&self) -> bool {
        self.both >= 3 && self.chi_squared(true) >= 4.0 && self.prr().is_some_and(|prr| prr.value >= 2.0)
    }

    /// Gives the information component, log2 of the shrunken ratio of seen to expected, with its 95 % interval.
    pub fn ic(&self) -> Interval {
        let (seen, expected) = (self.both as f64 + 0.5, self.expected() + 0.5);
        let end = |p| (gamma_quantile(seen, p) / expected).log2();
        Interval { value: (seen / expected).log2(), low: end(0.025), high: end(0.975) }
    }

    /// Gives the quick lower bound of the information component.
    pub fn ic_quick_low(&self) -> f64 {
        let (seen, expected) = (self.both as f64 + 0.5, self.expected() + 0.5);
        (seen / expected).log2() - 3.3 * seen.powf(-0.5) - 2.0 * seen.powf(-1.5)
    }

    /// Gives the information component of the Bayesian confidence propagation network (Bate et al. 1998; its moments by Gould
    /// 2003), normal 95 % interval.
    pub fn bcpnn(&self) -> Interval {
        let (a, b, c, d) = self.cells();
        let all = a + b + c + d;
        let (p1, p2) = (1.0 + a + b, 1.0 + c + d);
        let (q1, q2) = (1.0 + a + c, 1.0 + b + d);
        let (r1, r2) = (1.0 + a, all - a - 1.0 + (2.0 + all).powi(2) / (q1 * p1));
        let mean = |x: f64, rest: f64| digamma(x) - digamma(x + rest);
        let spread = |x: f64, rest: f64| trigamma(x) - trigamma(x + rest);
        let value = (mean(r1, r2) - mean(p1, p2) - mean(q1, q2)) / std::f64::consts::LN_2;
        let variance = spread(r1, r2) + spread(p1, p2) + spread(q1, q2);
        let half = Z * variance.max(0.0).sqrt() / std::f64::consts::LN_2;
        Interval { value, low: value - half, high: value + half }
    }

    /// Gives Fisher's exact probability of at least so many in the segment with the theme, for the false discovery rate.
    pub fn fisher(&self) -> f64 {
        let (segment, theme) = (self.both + self.segment_only, self.both + self.theme_only);
        let all = segment + self.theme_only + self.neither;
        let choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
        let (m, t, n, a) = (segment as f64, theme as f64, all as f64, self.both as f64);
        let mut term = (choose(m, a) + choose(n - m, t - a) - choose(n, t)).exp();
        let mut sum = 0.0;
        for both in self.both..=segment.min(theme) {
            sum += term;
            let x = both as f64;
            term *= (m - x) * (t - x) / ((x + 1.0) * (n - m - t + x + 1.0));
            if term <= sum * 1e-17 {
                break;
            }
        }
        sum.min(1.0)
    }
}

/// Second derivative of the logarithm of the gamma function, for x > 0: up to 10 by recurrence, from there by Stirling's series.
fn trigamma(x: f64) -> f64 {
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = 1.0 / 6.0 - square * (1.0 / 30.0 - square * (1.0 / 42.0 - square / 30.0));
    sum + 1.0 / x + 0.5 * square + series * square / x
}

fn log_interval(value: f64, variance: f64) -> Option<Interval> {
    let spread = (Z * variance.sqrt()).exp();
    let interval = Interval { value, low: value / spread, high: value * spread };
    (value > 0.0 && value.is_finite() && spread.is_finite()).then_some(interval)
}

/// What ratios are believed before anything is seen: a mixture of two gamma distributions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioPrior {
    /// Shape and rate of the first.
    pub first: (f64, f64),
    /// Shape and rate of the second.
    pub second: (f64, f64),
    /// Share of the first.
    pub share: f64,
}

impl Default for RatioPrior {
    /// DuMouchel's start.
    fn default() -> Self {
        Self { first: (0.2, 0.1), second: (2.0, 4.0), share: 1.0 / 3.0 }
    }
}

/// The ratio of seen to expected, shrunk towards 1 as far as the counts are small.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shrunken {
    /// Empirical Bayes geometric mean.
    pub ebgm: f64,
    /// Its 5 % point, by which places are ranked.
    pub low: f64,
    /// Its 95 % point.
    pub high: f64,
    /// Probability that the ratio belongs to the first part of the prior.
    pub first: f64,
}

/// Shrinks the ratio of a count to what is expected of it: by the margins of a table, or by a baseline over 28 days, which has
/// time, weekday and exposure out already. Nothing where nothing is expected.
pub fn shrunken(count: u64, expected: f64, prior: &RatioPrior) -> Option<Shrunken> {
    if !(expected > 0.0 && expected.is_finite()) {
        return None;
    }
    let n = count as f64;
    let log_marginal = |(shape, rate): (f64, f64)| {
        let ways = ln_gamma(n + shape) - ln_gamma(shape) - ln_gamma(n + 1.0);
        ways + shape * (rate / (rate + expected)).ln() + n * (expected / (rate + expected)).ln()
    };
    let odds =
        (log_marginal(prior.second) - log_marginal(prior.first)).exp() * (1.0 - prior.share) / prior.share;
    let first = 1.0 / (1.0 + odds);
    let after = |(shape, rate): (f64, f64)| (shape + n, rate + expected);
    let parts = [(first, after(prior.first)), (1.0 - first, after(prior.second))];
    let mean_log: f64 =
        parts.iter().map(|(share, (shape, rate))| share * (digamma(*shape) - rate.ln())).sum();
    let cdf = |x: f64| -> f64 {
        parts.iter().map(|(share, (shape, rate))| share * gamma_cdf(*shape, x * rate)).sum()
    };
    Some(Shrunken { ebgm: mean_log.exp(), low: quantile(cdf, 0.05), high: quantile(cdf, 0.95), first })
}

/// Finds where a growing function reaches `p`, by halving on a logarithmic scale.
fn quantile(cdf: impl Fn(f64) -> f64, p: f64) -> f64 {
    let (mut low, mut high) = (1e-12_f64, 1.0_f64);
    while cdf(high) < p && high < 1e12 {
        high *= 4.0;
    }
    for _ in 0..80 {
        let middle = (low * high).sqrt();
        if cdf(middle) < p { low = middle } else { high = middle }
    }
    (low * high).sqrt()
}

/// A place at which an issue is told more often than expected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Located {
    /// Its place among those given.
    pub place: usize,
    /// Its ratio.
    pub ratio: Shrunken,
}

/// Ranks places by the lower bound of their ratio, from pairs of count and expected; only those worth naming.
pub fn locate(places: &[(u64, f64)], prior: &RatioPrior) -> Vec<Located> {
    let mut found: Vec<Located> = places
        .iter()
        .enumerate()
        // The lower bound never reaches twice the expected where the plain ratio does not.
        .filter(|(_, (count, expected))| *count as f64 >= NAMED_FROM * expected)
        .filter_map(|(place, (count, expected))| {
            Some(Located { place, ratio: shrunken(*count, *expected, prior)? })
        })
        .filter(|located| located.ratio.low >= NAMED_FROM)
        .collect();
    found.sort_by(|a, b| b.ratio.low.total_cmp(&a.ratio.low).then(a.place.cmp(&b.place)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Table = Table { both: 25, segment_only: 275, theme_only: 50, neither: 4650 };

    #[track_caller]
    fn close(found: f64, wanted: f64, relative: f64) {
        assert!((found - wanted).abs() <= relative * wanted.abs(), "{found} instead of {wanted}");
    }

    #[test]
    fn a_table_has_the_figures_of_the_method() {
        close(TABLE.expected(), 4.5, 1e-12);
        for (found, wanted) in [
            (TABLE.prr().unwrap(), [7.833333, 4.917007, 12.479361]),
            (TABLE.ror().unwrap(), [8.454545, 5.152305, 13.873275]),
            (TABLE.ic(), [2.350497, 1.729522, 2.860287]),
        ] {
            close(found.value, wanted[0], 1e-6);
            close(found.low, wanted[1], 1e-6);
            close(found.high, wanted[2], 1e-6);
        }
        let network = TABLE.bcpnn();
        close(network.value, 2.206181, 1e-6);
        close((network.high - network.value) / Z, 0.339016, 2e-6);
        close(network.low, 1.541722, 1e-6);
        close(trigamma(1.0), std::f64::consts::PI.powi(2) / 6.0, 1e-12);
        close(TABLE.ic_quick_low(), 1.681468, 1e-6);
        close(TABLE.chi_squared(true), 96.002688, 1e-7);
        close(TABLE.chi_squared(false), 100.862824, 1e-7);
        close(TABLE.fisher(), 3.673598e-13, 1e-6);
        assert!(TABLE.is_signal());
    }

    #[test]
    fn shrunken_ratios_are_those_of_the_method() {
        for (count, expected, first, ebgm, low, high) in [
            (25, 4.5, 0.999677, 5.368990, 3.812884, 7.387922),
            (3, 0.3, 0.922887, 5.877385, 1.157788, 16.202386),
            (1, 0.01, 0.642508, 2.903414, 0.291697, 26.4266),
            (8, 4.0, 0.475796, 1.477752, 0.752391, 2.909051),
            (100, 50.0, 0.719320, 1.958405, 1.648025, 2.313545),
            (0, 2.0, 0.379629, 0.043334, 1.23e-5, 0.734431),
        ] {
            let found = shrunken(count, expected, &RatioPrior::default()).unwrap();
            close(found.first, first, 2e-6);
            close(found.ebgm, ebgm, if ebgm < 1.0 { 2e-5 } else { 1e-6 });
            close(found.low, low, if low < 1e-3 { 5e-3 } else { 5e-6 });
            close(found.high, high, 2e-6);
        }
    }

    #[test]
    fn a_place_is_named_by_its_lower_bound() {
        let places = [(3, 0.3), (25, 4.5), (100, 50.0), (60, 12.0), (5, 0.0), (1, 0.01)];
        let named: Vec<usize> =
            locate(&places, &RatioPrior::default()).iter().map(|located| located.place).collect();
        assert_eq!(named, [3, 1]);
    }

    #[test]
    fn empty_tables_are_no_signal() {
        let empty = Table { both: 0, segment_only: 0, theme_only: 0, neither: 0 };
        assert_eq!((empty.prr(), empty.ror(), empty.chi_squared(true)), (None, None, 0.0));
        assert_eq!((empty.fisher(), empty.is_signal()), (1.0, false));
        let one_sided = Table { both: 4, segment_only: 6, theme_only: 0, neither: 90 };
        assert_eq!(one_sided.prr(), None);
        assert!(one_sided.fisher() < 1e-3 && one_sided.ic().low > 0.0);
        assert_eq!(shrunken(3, f64::NAN, &RatioPrior::default()), None);
    }
}
