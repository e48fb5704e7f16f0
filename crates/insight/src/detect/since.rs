//! Since when: the day from which a raised rate explains the counts best, with the days that explain them nearly as well.
//!
//! Source: the expectation-based scan statistic of Neill 2009 over windows that end today, its argument taken as the date.

use serde::{Deserialize, Serialize};

use groundswell_model::Day;

use super::signals::Reading;

/// Days before an alarm among which its start is looked for.
pub const LOOK_BACK: usize = 28;

/// Log-likelihood by which a start may be worse than the best and still be likely: half of χ² with one degree, 95 %.
const LIKELY: f64 = 1.920_729;

/// What was seen and expected on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// The day.
    pub day: Day,
    /// Its count.
    pub count: u32,
    /// What was expected.
    pub expected: f64,
}

impl From<&Reading> for Seen {
    fn from(reading: &Reading) -> Self {
        Self { day: reading.day, count: reading.count, expected: reading.expected }
    }
}

/// When a raised rate began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Since {
    /// The likeliest first day.
    pub day: Day,
    /// The earliest day that is nearly as likely (95 %).
    pub earliest: Day,
    /// The latest such day.
    pub latest: Day,
    /// Count since then by what was expected.
    pub ratio: f64,
    /// Log-likelihood ratio of a raised rate since then against none.
    pub score: f64,
}

/// Dates the start of a rise that lasts to the last of these days; nothing where no window is over what is expected.
/// A dispersed series says less: its scores are divided by the dispersion.
pub fn since(days: &[Seen], dispersion: f64) -> Option<Since> {
    let (mut count, mut expected) = (0.0, 0.0);
    let mut starts: Vec<Since> = Vec::with_capacity(days.len());
    for seen in days.iter().rev() {
        count += f64::from(seen.count);
        expected += seen.expected.max(0.0);
        let score = scan_score(count, expected) / dispersion.max(1.0);
        let ratio = if expected > 0.0 { count / expected } else { 1.0 };
        starts.push(Since { day: seen.day, earliest: seen.day, latest: seen.day, ratio, score });
    }
    let best = starts.iter().filter(|start| start.score > 0.0).max_by(|a, b| a.score.total_cmp(&b.score))?;
    let likely = || starts.iter().filter(|start| start.score > 0.0 && start.score >= best.score - LIKELY);
    let earliest = likely().map(|start| start.day).min().unwrap_or(best.day);
    let latest = likely().map(|start| start.day).max().unwrap_or(best.day);
    Some(Since { earliest, latest, ..*best })
}

/// Gives the log-likelihood ratio of a raised Poisson rate: C ln(C/B) + B − C where the count C is over B expected, else 0.
pub fn scan_score(count: f64, expected: f64) -> f64 {
    if expected > 0.0 && count > expected { count * (count / expected).ln() + expected - count } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(counts: &[u32]) -> Vec<Seen> {
        let seen = |(at, count): (usize, &u32)| Seen {
            day: Day::from_number(at as i32),
            count: *count,
            expected: 4.0,
        };
        counts.iter().enumerate().map(seen).collect()
    }

    #[test]
    fn a_score_is_that_of_the_method() {
        assert!((scan_score(30.0, 15.0) - 5.794415).abs() < 1e-6);
        assert_eq!((scan_score(15.0, 15.0), scan_score(3.0, 0.0)), (0.0, 0.0));
    }

    #[test]
    fn a_shift_is_dated_to_its_first_day() {
        // The series that dates the change in the method, by another way: the counts rise on the fifteenth day.
        let counts = [3, 5, 4, 6, 2, 4, 5, 3, 4, 6, 5, 4, 3, 5, 12, 9, 8, 11, 10, 9];
        let found = since(&days(&counts), 1.0).unwrap();
        assert_eq!(found.day.number(), 14);
        assert!((found.ratio - 59.0 / 24.0).abs() < 1e-12);
        assert!((found.score - scan_score(59.0, 24.0)).abs() < 1e-12);
        assert!(found.earliest.number() >= 9 && found.latest.number() <= 15, "{found:?}");
        let unsure = since(&days(&counts), 3.0).unwrap();
        assert_eq!(unsure.day, found.day);
        assert!(
            unsure.earliest <= found.earliest && unsure.latest >= found.latest && unsure.score < found.score
        );
    }

    #[test]
    fn without_a_rise_there_is_no_date() {
        assert_eq!(since(&days(&[4, 4, 4, 4]), 1.0), None);
        assert_eq!(since(&[], 1.0), None);
        let unexpected = Seen { day: Day::from_number(0), count: 5, expected: f64::NAN };
        assert_eq!(since(&[unexpected], f64::NAN), None);
    }
}
