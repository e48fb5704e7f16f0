//! How long the present level lasts: the probability of each run length since the last change of a rate, for a series whose
//! start [`since`](super::since) dates. Slower than the moving average to raise an alarm; it dates changes in either direction.
//!
//! Source: Bayesian online changepoint detection, Adams and MacKay 2007, with gamma-Poisson counts.

use statrs::function::gamma::ln_gamma;

/// Probability that the rate changes on a day.
pub const HAZARD: f64 = 0.01;

/// Belief about a rate before anything is seen: a gamma distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePrior {
    /// Events that it is worth.
    pub shape: f64,
    /// Exposure that it is worth.
    pub rate: f64,
}

/// Gives the probability of each run length (its place) after the last of these days, from pairs of count and exposure.
/// Where the exposure is what was expected, the rate is the ratio to it, and a prior of (1, 1) is around 1.
/// Days without exposure are passed over.
pub fn run_lengths(days: &[(u32, f64)], prior: RatePrior, hazard: f64) -> Vec<f64> {
    // For each run length: its probability, and what is known of the rate since then.
    let mut runs = vec![(1.0, prior)];
    for (count, exposure) in days.iter().filter(|(_, exposure)| *exposure > 0.0 && exposure.is_finite()) {
        let count = f64::from(*count);
        let likely: Vec<f64> =
            runs.iter().map(|(_, known)| known.log_probability(count, *exposure)).collect();
        let most = likely.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut changed = 0.0;
        let mut next = Vec::with_capacity(runs.len() + 1);
        next.push((0.0, prior));
        for ((probability, known), likely) in runs.iter().zip(&likely) {
            let weight = probability * (likely - most).exp();
            changed += weight * hazard;
            let grown = RatePrior { shape: known.shape + count, rate: known.rate + exposure };
            next.push((weight * (1.0 - hazard), grown));
        }
        if let Some((probability, _)) = next.first_mut() {
            *probability = changed;
        }
        let total: f64 = next.iter().map(|(probability, _)| probability).sum();
        next.iter_mut().for_each(|(probability, _)| *probability /= total);
        runs = next;
    }
    runs.into_iter().map(|(probability, _)| probability).collect()
}

/// Gives the likeliest run length; 0 where nothing is known.
pub fn likeliest(runs: &[f64]) -> usize {
    runs.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(length, _)| length)
}

impl RatePrior {
    /// Logarithm of the probability of a count: negative binomial.
    fn log_probability(self, count: f64, exposure: f64) -> f64 {
        let ways = ln_gamma(self.shape + count) - ln_gamma(self.shape) - ln_gamma(count + 1.0);
        let whole = self.rate + exposure;
        ways + self.shape * (self.rate / whole).ln() + count * (exposure / whole).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: [u32; 20] = [3, 5, 4, 6, 2, 4, 5, 3, 4, 6, 5, 4, 3, 5, 12, 9, 8, 11, 10, 9];
    const PRIOR: RatePrior = RatePrior { shape: 1.0, rate: 0.25 };

    fn after(days: usize) -> Vec<f64> {
        let days: Vec<(u32, f64)> = COUNTS[..days].iter().map(|count| (*count, 1.0)).collect();
        run_lengths(&days, PRIOR, HAZARD)
    }

    #[test]
    fn a_change_is_dated_as_in_the_method() {
        for (days, length) in [(17, 17), (18, 4), (20, 6)] {
            assert_eq!(likeliest(&after(days)), length, "after {days}");
        }
        for (days, wanted) in (14..20).zip([0.0258, 0.1405, 0.3216, 0.4300, 0.8031, 0.6973]) {
            let short: f64 = after(days)[..=5].iter().sum();
            assert!((short - wanted).abs() < 5e-5, "after {days}: {short}");
        }
    }

    #[test]
    fn probabilities_sum_to_one_and_odd_days_are_no_fault() {
        let days = [(3, 1.0), (9, 0.0), (2, f64::NAN), (u32::MAX, 1.0), (0, 1e9), (4, 1.0)];
        let runs = run_lengths(&days, PRIOR, HAZARD);
        assert_eq!(runs.len(), 5);
        assert!((runs.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{runs:?}");
        assert_eq!(run_lengths(&[], PRIOR, HAZARD), [1.0]);
        assert_eq!(likeliest(&[]), 0);
    }
}
