//! When a day departs from what is expected: the numbers of a day, the rules that make an alarm of them, the gates and the
//! quiet time after an alarm.
//!
//! Source: EWMA after Roberts 1959 and CUSUM after Page 1954 on standardised counts; the thresholds were set by the
//! simulation that `cargo xtask eval detect` repeats.

use serde::{Deserialize, Serialize};

use groundswell_model::Day;

/// Weight of the newest day in the moving average.
pub const EWMA_WEIGHT: f64 = 0.2;

/// Days that the moving average looks back; what lies before weighs 0.0004.
pub const EWMA_DAYS: usize = 35;

/// Standard deviations at which a day counts no further in the moving average.
const FARTHEST: f64 = 6.0;

/// Distinct people in seven days under which nothing fires.
pub const FEWEST_PEOPLE: u64 = 3;

/// People over the expected number in seven days under which nothing fires.
pub const SMALLEST_EXCESS: f64 = 2.0;

/// Days after an alarm in which the same series fires again only if its level doubles.
pub const QUIET_DAYS: i32 = 7;

/// Mid-p of a day under which it is a shock, whatever the moving average says; adds 0.02 false alarms per series and 180 days.
pub const SHOCK: f64 = 1e-4;

/// Effect that the CUSUM looks for: twice the expected.
pub const CUSUM_RATIO: f64 = 2.0;

/// Limits, each of which alone gives one false alarm per series in so many days (7 quiet days after each).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Days for one false alarm of one series.
    pub days_per_false_alarm: u32,
    /// Limit of the moving average; the rule that fires.
    pub ewma: f64,
    /// Limit of −log10 of the week's mid-p; for ranking, not stacked on the moving average.
    pub week: f64,
    /// Limit of −log10 of the day's mid-p.
    pub day: f64,
    /// Limit of the CUSUM for a doubling.
    pub cusum: f64,
}

impl Thresholds {
    /// One false alarm per series and 90 days.
    pub const PER_90_DAYS: Self =
        Self { days_per_false_alarm: 90, ewma: 0.81, week: 1.62, day: 2.06, cusum: 2.95 };
    /// One false alarm per series and 180 days.
    pub const PER_180_DAYS: Self =
        Self { days_per_false_alarm: 180, ewma: 0.98, week: 2.05, day: 2.43, cusum: 3.86 };
    /// One false alarm per series and 365 days.
    pub const PER_365_DAYS: Self =
        Self { days_per_false_alarm: 365, ewma: 1.13, week: 2.49, day: 2.88, cusum: 4.84 };

    /// Says which rule a reading breaks, and its limit; nothing where the gates hold it back.
    pub fn broken(&self, reading: &Reading) -> Option<(Rule, f64)> {
        let enough = reading.week_count >= FEWEST_PEOPLE
            && reading.week_count as f64 - reading.week_expected >= SMALLEST_EXCESS;
        if !enough {
            None
        } else if reading.p_day < SHOCK {
            Some((Rule::Shock, SHOCK))
        } else if reading.ewma > self.ewma {
            Some((Rule::Drift, self.ewma))
        } else {
            None
        }
    }
}

/// Why an alarm was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The moving average is over its limit.
    Drift,
    /// The day alone is far from what is expected.
    Shock,
}

/// All numbers of one day of one series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The day.
    pub day: Day,
    /// Distinct people that day.
    pub count: u32,
    /// People who could have said it that day.
    pub exposure: f64,
    /// Expected people that day.
    pub expected: f64,
    /// Count of the last seven days, those without data left out.
    pub week_count: u64,
    /// Expected in the same days.
    pub week_expected: f64,
    /// Mid-p of the day.
    pub p_day: f64,
    /// Mid-p of the seven days.
    pub p_week: f64,
    /// Moving average of the standardised excess; its standard deviation is 1/3 where nothing happens.
    pub ewma: f64,
    /// Baseline: events per exposure.
    pub rate: f64,
    /// Baseline: factor of the weekday.
    pub weekday_factor: f64,
    /// Baseline: variance by mean.
    pub dispersion: f64,
    /// Whether the baseline is made of fewer than 28 days.
    pub cold: bool,
}

impl Reading {
    /// Seven days' count by what was expected of them.
    pub fn level(&self) -> f64 {
        self.week_count as f64 / self.week_expected.max(f64::MIN_POSITIVE)
    }
}

/// A series that departs from its baseline, with the numbers that caused it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The rule that was broken.
    pub rule: Rule,
    /// Its limit.
    pub threshold: f64,
    /// The day's numbers.
    pub reading: Reading,
}

/// Watches one series day by day: after an alarm it is quiet for seven days, unless the level doubles.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    thresholds: Thresholds,
    last: Option<(Day, f64)>,
}

impl Watch {
    /// Starts to watch, after the series' last alarm if there was one.
    pub fn new(thresholds: Thresholds, last: Option<&Alarm>) -> Self {
        Self { thresholds, last: last.map(|alarm| (alarm.reading.day, alarm.reading.level())) }
    }

    /// Looks at a day; days come in order.
    pub fn look(&mut self, reading: &Reading) -> Option<Alarm> {
        let (rule, threshold) = self.thresholds.broken(reading)?;
        if let Some((day, level)) = self.last {
            let near = reading.day.number().saturating_sub(day.number()) < QUIET_DAYS;
            if near && reading.level() < 2.0 * level {
                return None;
            }
        }
        self.last = Some((reading.day, reading.level()));
        Some(Alarm { rule, threshold, reading: *reading })
    }
}

/// How far a count lies over what is expected, in standard deviations, at most 6.
pub fn standardised(count: f64, expected: f64, dispersion: f64) -> f64 {
    if expected > 0.0 { ((count - expected) / (dispersion * expected).sqrt()).min(FARTHEST) } else { 0.0 }
}

/// Adds a day to a moving average.
pub fn ewma(before: f64, standardised: f64) -> f64 {
    EWMA_WEIGHT * standardised + (1.0 - EWMA_WEIGHT) * before
}

/// Adds a day to a CUSUM for counts of `ratio` times what is expected (with dispersion 1 the exact log-likelihood ratio).
pub fn cusum(before: f64, count: f64, expected: f64, dispersion: f64, ratio: f64) -> f64 {
    (before + (count * ratio.ln() - expected * (ratio - 1.0)) / dispersion.max(1.0)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(day: i32, week_count: u64, ewma: f64) -> Reading {
        Reading {
            day: Day::from_number(day),
            count: 3,
            exposure: 1000.0,
            expected: 1.0,
            week_count,
            week_expected: 7.0,
            p_day: 0.1,
            p_week: 0.01,
            ewma,
            rate: 0.001,
            weekday_factor: 1.0,
            dispersion: 1.0,
            cold: false,
        }
    }

    #[test]
    fn a_cusum_is_that_of_the_method() {
        let counts = [3, 5, 4, 6, 2, 4, 5, 3, 4, 6, 5, 4, 3, 5, 12, 9, 8];
        let path = |limit: f64| {
            let mut sum = 0.0;
            counts.map(|count| {
                sum = cusum(if sum > limit { 0.0 } else { sum }, f64::from(count), 4.0, 1.0, 2.0);
                sum
            })
        };
        for (at, wanted) in [(3, 0.1589), (9, 0.1589), (14, 4.3178), (15, 6.5561), (16, 8.1013)] {
            assert!((path(f64::INFINITY)[at] - wanted).abs() < 5e-5, "{:?}", path(f64::INFINITY));
        }
        assert!(path(f64::INFINITY)[10..14].iter().all(|sum| *sum == 0.0));
        assert!((path(5.0)[16] - 1.5452).abs() < 5e-5);
    }

    #[test]
    fn a_moving_average_has_a_third_of_the_spread() {
        let variance = EWMA_WEIGHT / (2.0 - EWMA_WEIGHT);
        assert!((variance.sqrt() - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(standardised(1e6, 1.0, 1.0), 6.0);
        assert_eq!(standardised(3.0, 0.0, 1.0), 0.0);
        assert!((ewma(1.0, 2.0) - 1.2).abs() < 1e-12);
    }

    #[test]
    fn few_people_and_small_excesses_do_not_fire() {
        let limits = Thresholds::PER_180_DAYS;
        assert_eq!(limits.broken(&reading(0, 12, 0.97)), None);
        assert_eq!(limits.broken(&reading(0, 12, 0.99)), Some((Rule::Drift, 0.98)));
        assert_eq!(limits.broken(&reading(0, 8, 0.99)), None, "an excess of one");
        let rare = Reading { week_expected: 0.1, p_day: 1e-5, ..reading(0, 2, 3.0) };
        assert_eq!(limits.broken(&rare), None, "two people");
        let shock = Reading { p_day: 1e-5, ..reading(0, 12, 0.0) };
        assert_eq!(limits.broken(&shock), Some((Rule::Shock, SHOCK)));
    }

    #[test]
    fn after_an_alarm_a_week_is_quiet_unless_the_level_doubles() {
        let mut watch = Watch::new(Thresholds::PER_180_DAYS, None);
        let fired: Vec<bool> = [12, 12, 23, 24, 30, 30, 30, 30, 30, 30, 30]
            .iter()
            .enumerate()
            .map(|(day, week)| watch.look(&reading(i32::try_from(day).unwrap(), *week, 2.0)).is_some())
            .collect();
        assert_eq!(fired, [true, false, false, true, false, false, false, false, false, false, true]);
        let alarm = Alarm { rule: Rule::Drift, threshold: 0.98, reading: reading(100, 12, 1.0) };
        let mut later = Watch::new(Thresholds::PER_180_DAYS, Some(&alarm));
        assert!(later.look(&reading(106, 12, 1.0)).is_none());
        assert!(later.look(&reading(107, 12, 1.0)).is_some());
    }
}
