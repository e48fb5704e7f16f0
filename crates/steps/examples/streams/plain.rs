//! What anybody would try first, for comparison: raw counts against the days before, without exposure or weekday.
//!
//! Source: the C2 of the Early Aberration Reporting System, Hutwagner et al. 2003; mean and three standard deviations are
//! a control chart's, Shewhart 1931.

use groundswell_insight::detect::Point;
use groundswell_insight::detect::signals::{FEWEST_PEOPLE, SMALLEST_EXCESS};

/// A standard deviation is never taken to be smaller.
const SMALLEST_SPREAD: f64 = 0.2;

/// Standard deviations over the mean from which a day is an alarm.
const FAR: f64 = 3.0;

/// Which days a day is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Seven days that end three days before.
    C2,
    /// Four weeks that end a week before.
    FourWeeks,
}

impl Plain {
    /// Says whether the day at a place is an alarm; few people are none here either.
    pub fn breaks(self, points: &[Point], at: usize) -> bool {
        let (days, gap) = match self {
            Self::C2 => (7, 2),
            Self::FourWeeks => (28, 7),
        };
        let Some(end) = at.checked_sub(gap).filter(|end| *end >= days) else { return false };
        let before: Vec<f64> = points[end - days..end].iter().map(|point| f64::from(point.count)).collect();
        let mean = before.iter().sum::<f64>() / days as f64;
        let variance = before.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (days - 1) as f64;
        let week: u64 = points[at.saturating_sub(6)..=at].iter().map(|point| u64::from(point.count)).sum();
        let enough = week >= FEWEST_PEOPLE && week as f64 - 7.0 * mean >= SMALLEST_EXCESS;
        enough && f64::from(points[at].count) > mean + FAR * variance.sqrt().max(SMALLEST_SPREAD)
    }
}
