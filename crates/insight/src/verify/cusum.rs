//! The cumulative sum that notices a fixed issue coming back, and how high it may rise before a false alarm is rare.

use crate::stats::exactly;

/// A series that stays as it was after the fix gives one false alarm in so many days.
pub const FALSE_ALARM_DAYS: f64 = 365.0;

/// The largest number of states of the chain.
const MOST_STATES: usize = 4_000;
const MOST_STEPS: usize = 200_000;
/// Above this daily mean the counts are taken as normal.
const MANY: f64 = 200.0;
/// A count rarer than this on one day is left out.
const NEVER: f64 = 1e-18;
/// How far the allowance may be off the lattice, as a share of what it takes off beyond the mean.
const OFF: f64 = 0.01;

/// A Poisson cumulative sum against a return to `ratio` times the mean, in people: each day adds the people heard, less the
/// allowance, and it never falls below zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cusum {
    /// Taken off for each person expected.
    pub allowance: f64,
    /// The alarm goes off at this height.
    pub threshold: f64,
    /// Height now.
    pub height: f64,
}

impl Cusum {
    /// Starts at zero against a rise of a daily mean by `ratio`, with the threshold of [`threshold`]. None where the mean is
    /// not positive or the ratio is not above one.
    pub fn new(mean: f64, ratio: f64) -> Option<Self> {
        let open = Self::without_threshold(ratio)?;
        let usable = mean.is_finite() && mean > 0.0;
        usable.then(|| Self { threshold: threshold(mean, open.allowance * mean, FALSE_ALARM_DAYS), ..open })
    }

    /// Starts at zero and never raises an alarm, to see how high it would rise; a threshold costs some milliseconds.
    pub fn without_threshold(ratio: f64) -> Option<Self> {
        let usable = ratio.is_finite() && ratio > 1.0;
        usable.then(|| Self { allowance: (ratio - 1.0) / ratio.ln(), threshold: f64::INFINITY, height: 0.0 })
    }

    /// Says whether a rise to this height is rarer by chance than [`FALSE_ALARM_DAYS`] at a daily mean.
    pub fn rare(&self, mean: f64, height: f64) -> bool {
        height > 0.0 && reaches(mean, self.allowance * mean, height, FALSE_ALARM_DAYS)
    }

    /// Takes in a day on which so many were expected; says whether the alarm goes off.
    pub fn step(&mut self, people: f64, expected: f64) -> bool {
        self.height = (self.height + people - self.allowance * expected).max(0.0);
        self.height >= self.threshold
    }
}

/// Gives the average number of days until a Poisson cumulative sum of this daily mean, with `allowance` taken off each day,
/// reaches `threshold` by chance. The sum is a Markov chain on a lattice on which the allowance is a whole number (nearly),
/// followed until the share of runs without alarm falls by a constant factor (Brook and Evans 1972).
///
/// Above a mean of 200 the counts are taken as normal, and the average is Siegmund's approximation of 1985.
pub fn arl(mean: f64, allowance: f64, threshold: f64) -> f64 {
    if mean > MANY {
        return normal_arl(mean, allowance, threshold);
    }
    let lattice = Lattice::of(mean, allowance, threshold);
    lattice.arl(mean, lattice.states(threshold), 0, f64::INFINITY)
}

fn normal_arl(mean: f64, allowance: f64, threshold: f64) -> f64 {
    let sd = mean.sqrt();
    let (drift, height) = ((allowance - mean) / sd, threshold / sd + 1.166);
    ((2.0 * drift * height).exp() - 2.0 * drift * height - 1.0) / (2.0 * drift * drift)
}

/// Says whether chance needs at least so many days on average to reach `threshold`. No chance reaches far beyond what is usual.
fn reaches(mean: f64, allowance: f64, threshold: f64, days: f64) -> bool {
    let threshold = threshold.min(16.0 + 16.0 * mean.max(0.0).sqrt());
    if mean > MANY {
        return normal_arl(mean, allowance, threshold) >= days;
    }
    let lattice = Lattice::of(mean, allowance, threshold);
    lattice.arl(mean, lattice.states(threshold), 0, days) >= days
}

/// Gives the lowest threshold, in people, at which chance alarms come `days` days apart on average, see [`arl`].
pub fn threshold(mean: f64, allowance: f64, days: f64) -> f64 {
    if mean > MANY {
        let enough = |threshold: &f64| normal_arl(mean, allowance, *threshold) >= days;
        let mut steps = (0..400_u32).map(|step| 1.0 + f64::from(step) / 20.0 * mean.sqrt());
        return steps.clone().find(enough).or(steps.next_back()).unwrap_or(1.0);
    }
    let guess = 4.0 + 4.0 * mean.max(0.0).sqrt();
    let lattice = Lattice::of(mean, allowance, guess);
    let mut high = lattice.states(guess).max(1);
    while high < MOST_STATES && lattice.arl(mean, high, 0, days) < days {
        high = (high * 2).min(MOST_STATES);
    }
    let mut low = 0;
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if lattice.arl(mean, middle, 0, days) < days { low = middle } else { high = middle }
    }
    high as f64 / lattice.per_unit as f64
}

/// Heights of the sum in steps of one over `per_unit`.
struct Lattice {
    per_unit: usize,
    allowance: usize,
}

impl Lattice {
    fn of(mean: f64, allowance: f64, threshold: f64) -> Self {
        let finest = ((MOST_STATES as f64 / 8.0 / threshold.max(1.0)) as usize).clamp(1, 400);
        let steps = |per_unit: usize| (allowance * per_unit as f64).round();
        let off = |per_unit: usize| (steps(per_unit) / per_unit as f64 - allowance).abs();
        let fits = |per_unit: &usize| off(*per_unit) <= OFF * (allowance - mean).abs();
        let per_unit = (1..=finest).find(fits).unwrap_or(finest);
        Self { per_unit, allowance: steps(per_unit).max(1.0) as usize }
    }

    fn states(&self, threshold: f64) -> usize {
        (threshold * self.per_unit as f64 - 1e-9).ceil().max(1.0) as usize
    }

    /// Average run length with `states` heights below the threshold, from the height `start`; not followed beyond
    /// `enough` days.
    fn arl(&self, mean: f64, states: usize, start: usize, enough: f64) -> f64 {
        let most = (states + self.allowance) / self.per_unit + 1;
        let ways = (0..=most as u64).map(|x| (x as f64 > mean, exactly(x, mean, 1.0)));
        let possible = ways.take_while(|(above, chance)| !above || *chance > NEVER);
        let chances: Vec<f64> = possible.map(|(_, chance)| chance).collect();
        let mut running = vec![0.0; states];
        if let Some(first) = running.get_mut(start) {
            *first = 1.0;
        }
        let (mut length, mut left, mut factor) = (1.0, 1.0, 0.0);
        for _ in 0..MOST_STEPS {
            running = self.day(&running, &chances);
            let still: f64 = running.iter().sum();
            let fell = still / left;
            length += still;
            left = still;
            if (fell - factor).abs() <= 1e-13 || still <= 1e-15 || length >= enough {
                return length + still * fell / (1.0 - fell).max(1e-15);
            }
            factor = fell;
        }
        length + left * factor / (1.0 - factor).max(1e-15)
    }

    /// Spreads the runs without alarm over the heights of the next day.
    fn day(&self, running: &[f64], chances: &[f64]) -> Vec<f64> {
        let mut next = vec![0.0; running.len()];
        for (height, share) in running.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            for (x, chance) in chances.iter().enumerate() {
                let to = (height + x * self.per_unit).saturating_sub(self.allowance);
                match next.get_mut(to) {
                    Some(place) => *place += share * chance,
                    None => break,
                }
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: f64, wanted: f64, relative: f64) {
        assert!((found - wanted).abs() <= relative * wanted.abs(), "{found} instead of {wanted}");
    }

    #[test]
    fn run_lengths_match_the_published_ones() {
        close(arl(2.4, 3.0, 10.0), 548.3623, 1e-6);
        let lattice = Lattice::of(2.4, 3.0, 10.0);
        close(lattice.arl(2.4, lattice.states(10.0), 5, f64::INFINITY), 513.6719, 1e-6);
    }

    #[test]
    fn thresholds_match_the_published_design() {
        for (mean, allowance, wanted, at_issue) in [
            (0.5, 0.8, 4.4, 10.8),
            (1.0, 1.4, 5.9, 10.3),
            (2.0, 2.6, 7.6, 9.6),
            (5.0, 6.1, 10.4, 9.3),
            (10.0, 11.6, 14.0, 9.1),
            (20.0, 22.2, 19.8, 9.0),
        ] {
            let found = threshold(mean, allowance, 365.0);
            assert!((found - wanted).abs() <= 0.201, "{mean}: {found} instead of {wanted}");
            close(arl(mean, allowance, wanted), 365.0, 0.1);
            close(arl(mean + f64::sqrt(mean), allowance, wanted), at_issue, 0.02);
        }
    }

    #[test]
    fn the_sum_of_the_method_rises_as_published() {
        let mut cusum = Cusum { threshold: 5.0 / f64::ln(2.0), ..Cusum::new(4.0, 2.0).unwrap() };
        close(cusum.allowance * 4.0, 5.770_780, 1e-6);
        let days = [3, 5, 4, 6, 2, 4, 5, 3, 4, 6, 5, 4, 3, 5, 12, 9, 8];
        let heights: Vec<(f64, bool)> = days
            .map(|people| {
                let alarm = cusum.step(f64::from(people), 4.0);
                (cusum.height * f64::ln(2.0), alarm)
            })
            .to_vec();
        for (day, height) in [(4, 0.1589), (10, 0.1589), (15, 4.3178), (16, 6.5561), (17, 8.1013)] {
            assert!((heights[day - 1].0 - height).abs() < 5e-5, "{day}: {:?}", heights[day - 1]);
        }
        assert_eq!(heights.iter().position(|(_, alarm)| *alarm), Some(15));
    }

    #[test]
    fn rare_and_frequent_means_have_a_threshold() {
        for mean in [0.001, 0.02, 0.3, 60.0, 199.0, 201.0, 1_000.0, 1e6] {
            let cusum = Cusum::new(mean, 2.0).unwrap();
            let found = arl(mean, cusum.allowance * mean, cusum.threshold);
            assert!(found >= 365.0 * 0.99, "{mean}: {found}");
        }
        assert_eq!(
            (Cusum::new(0.0, 2.0), Cusum::new(1.0, 1.0), Cusum::new(f64::NAN, 2.0)),
            (None, None, None)
        );
    }
}
