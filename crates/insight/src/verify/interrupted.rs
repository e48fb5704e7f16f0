//! The interrupted time series: how far the level of a rate fell with a fix, and whether its slope turned, with the trend and the
//! weekdays taken out. It asks for eight weeks on each side.

use groundswell_model::Day;

use super::watch::{DayCount, Fix};

/// Fewer days heard on a side give no answer.
const DAYS_EACH: usize = 56;
/// Days are taken as related up to so many days apart.
const LAG: usize = 7;
const ROUNDS: usize = 60;
const WEEK: f64 = 7.0;
const Z: f64 = 1.96;

/// A factor on the rate, with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// The factor; 1 changes nothing.
    pub factor: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What a fix did to the course of a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interrupted {
    /// Factor on the level, from the first day after the transition.
    pub level: Effect,
    /// Factor on the rate for each week after it, beyond the trend before.
    pub slope: Effect,
    /// Variance over mean of the daily counts around the course, at least 1.
    pub dispersion: f64,
}

/// Fits a quasi-Poisson regression of daily counts on exposure, trend, weekday, level and slope after the fix. The transition is left
/// out. The interval takes the larger variance of the dispersed model and of Newey and West 1987 at a lag of seven days.
/// None with fewer than eight weeks heard on a side, with nobody on a side, or where the fit does not settle.
pub fn interrupted(days: &[DayCount], fix: &Fix) -> Option<Interrupted> {
    let points = points(days, fix);
    let sides = [false, true].map(|after| {
        let of = points.iter().filter(|point| point.after == after);
        of.fold((0, 0.0), |(days, people), point| (days + 1, people + point.people))
    });
    if sides.iter().any(|(days, people)| *days < DAYS_EACH || *people == 0.0) {
        return None;
    }
    let fit = Fit::of(&points)?;
    let effect = |place: usize| {
        let (log, sd) = (*fit.coefficients.get(place)?, fit.variances.get(place)?.sqrt());
        let effect = Effect { factor: log.exp(), low: (log - Z * sd).exp(), high: (log + Z * sd).exp() };
        effect.high.is_finite().then_some(effect)
    };
    Some(Interrupted { level: effect(LEVEL)?, slope: effect(SLOPE)?, dispersion: fit.dispersion })
}

const LEVEL: usize = 2;
const SLOPE: usize = 3;

/// One day: its row of the regression (one, weeks, level, weeks after the fix, weekdays), its people and exposure.
struct Point {
    row: Vec<f64>,
    people: f64,
    exposure: f64,
    after: bool,
}

fn points(days: &[DayCount], fix: &Fix) -> Vec<Point> {
    let from = fix.counts_from();
    let heard = |day: &&DayCount| {
        day.exposure.is_finite() && day.exposure > 0.0 && (day.day < fix.shipped || day.day >= from)
    };
    let mut days: Vec<&DayCount> = days.iter().filter(heard).collect();
    days.sort_by_key(|day| day.day);
    let weekday = |day: Day| day.number().rem_euclid(7);
    let every_weekday = (0..7).all(|of| days.iter().any(|day| weekday(day.day) == of && day.people > 0));
    let point = |day: &&DayCount| {
        let weeks = f64::from(day.day.number().saturating_sub(from.number())) / WEEK;
        let after = day.day >= from;
        let mut row = vec![1.0, weeks, f64::from(u8::from(after)), if after { weeks } else { 0.0 }];
        if every_weekday {
            row.extend((1..7).map(|of| f64::from(u8::from(weekday(day.day) == of))));
        }
        Point { row, people: day.people as f64, exposure: day.exposure, after }
    };
    days.iter().map(point).collect()
}

struct Fit {
    coefficients: Vec<f64>,
    variances: Vec<f64>,
    dispersion: f64,
}

impl Fit {
    /// Fits by iterated weighted least squares.
    fn of(points: &[Point]) -> Option<Self> {
        let mut means: Vec<f64> = points.iter().map(|point| point.people + 0.5).collect();
        let mut coefficients: Vec<f64> = Vec::new();
        for _ in 0..ROUNDS {
            let inverse = inverse(&information(points, &means))?;
            let pulled = points.iter().zip(&means).map(|(point, mean)| {
                let working = (mean / point.exposure).ln() + (point.people - mean) / mean;
                (&point.row, mean * working)
            });
            let next = times(&inverse, &weighted_sum(pulled, inverse.len()));
            let mean = |point: &Point| point.exposure * dot(&point.row, &next).clamp(-40.0, 40.0).exp();
            means = points.iter().map(mean).collect();
            let moved =
                next.iter().zip(&coefficients).map(|(next, last)| (next - last).abs()).fold(0.0, f64::max);
            let settled = !coefficients.is_empty() && moved < 1e-9;
            coefficients = next;
            if settled {
                return Self::with_variances(points, &means, coefficients);
            }
        }
        None
    }

    fn with_variances(points: &[Point], means: &[f64], coefficients: Vec<f64>) -> Option<Self> {
        let inverse = inverse(&information(points, means))?;
        let freedom = points.len().checked_sub(coefficients.len()).filter(|freedom| *freedom > 0)?;
        let pearson = points.iter().zip(means).map(|(point, mean)| (point.people - mean).powi(2) / mean);
        let dispersion = (pearson.sum::<f64>() / freedom as f64).max(1.0);
        // The influence of each day on the coefficients: their sums over neighbouring days give the variance.
        let influence = |(point, mean): (&Point, &f64)| {
            times(&inverse, &point.row).iter().map(|pull| pull * (point.people - mean)).collect::<Vec<_>>()
        };
        let influences: Vec<Vec<f64>> = points.iter().zip(means).map(influence).collect();
        let variance = |place: usize| {
            let own = inverse.get(place).and_then(|row| row.get(place)).map_or(0.0, |own| dispersion * own);
            let column: Vec<f64> = influences.iter().filter_map(|row| row.get(place).copied()).collect();
            own.max(newey_west(&column))
        };
        let variances = (0..coefficients.len()).map(variance).collect();
        Some(Self { coefficients, variances, dispersion })
    }
}

/// Variance of a sum whose terms are related to those up to [`LAG`] places apart, with falling weights.
fn newey_west(terms: &[f64]) -> f64 {
    let product = |lag: usize| terms.iter().zip(terms.iter().skip(lag)).map(|(a, b)| a * b).sum::<f64>();
    let weight = |lag: usize| 1.0 - lag as f64 / (LAG + 1) as f64;
    product(0) + 2.0 * (1..=LAG).map(|lag| weight(lag) * product(lag)).sum::<f64>()
}

fn information(points: &[Point], means: &[f64]) -> Vec<Vec<f64>> {
    let size = points.first().map_or(0, |point| point.row.len());
    let column = |place: usize| {
        let pulled = points.iter().zip(means);
        let pulled =
            pulled.map(|(point, mean)| (&point.row, mean * point.row.get(place).copied().unwrap_or(0.0)));
        weighted_sum(pulled, size)
    };
    (0..size).map(column).collect()
}

fn weighted_sum<'a>(rows: impl Iterator<Item = (&'a Vec<f64>, f64)>, size: usize) -> Vec<f64> {
    rows.fold(vec![0.0; size], |mut sum, (row, weight)| {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        sum
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn times(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// Inverts a positive definite matrix by elimination; none where it is singular.
fn inverse(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    let unit = |place: usize| (0..size).map(move |other| f64::from(u8::from(other == place)));
    let mut rows: Vec<Vec<f64>> = matrix
        .iter()
        .enumerate()
        .map(|(place, row)| row.iter().copied().chain(unit(place)).collect())
        .collect();
    for place in 0..size {
        let own = *rows.get(place)?.get(place)?;
        if !(own.is_finite() && own > 1e-10) {
            return None;
        }
        let pivot: Vec<f64> = rows.get(place)?.iter().map(|value| value / own).collect();
        for (number, row) in rows.iter_mut().enumerate() {
            let factor = row.get(place).copied()?;
            if number == place {
                row.clone_from(&pivot);
            } else {
                row.iter_mut().zip(&pivot).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    Some(rows.into_iter().map(|row| row.into_iter().skip(size).collect()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::TRANSITION_DAYS;

    const SHIPPED: i32 = 70;
    fn fix() -> Fix {
        Fix { shipped: Day::from_number(SHIPPED), transition: TRANSITION_DAYS }
    }

    /// A course without chance: a trend, a strong Monday, and half of the level after the fix, which then falls by a tenth a week.
    fn course(through: i32) -> Vec<DayCount> {
        let people = |number: i32| {
            let weeks = f64::from(number - SHIPPED - 8) / 7.0;
            let monday = if number % 7 == 3 { 1.5 } else { 1.0 };
            let fixed = if weeks >= 0.0 { 0.5 * 0.9_f64.powf(weeks) } else { 1.0 };
            (20_000.0 * (0.01 * weeks).exp() * monday * fixed).round() as u64
        };
        (0..=through)
            .map(|number| DayCount {
                day: Day::from_number(number),
                people: people(number),
                exposure: 50_000.0,
            })
            .collect()
    }

    #[test]
    fn level_and_slope_are_found_behind_trend_and_weekday() {
        let found = interrupted(&course(150), &fix()).unwrap();
        assert!((found.level.factor - 0.5).abs() < 1e-4, "{found:?}");
        assert!((found.slope.factor - 0.9).abs() < 1e-4, "{found:?}");
        assert!(found.level.low < 0.5 && found.level.high > 0.5 && found.level.high < 0.52);
        assert_eq!(found.dispersion, 1.0);
    }

    #[test]
    fn few_people_leave_a_wide_interval_and_the_transition_does_not_count() {
        let mut days = course(150);
        for day in &mut days {
            let in_transition = (SHIPPED..=SHIPPED + 7).contains(&day.day.number());
            day.people = if in_transition { 1_000_000 } else { day.people / 5_000 };
        }
        let found = interrupted(&days, &fix()).unwrap();
        assert!(found.level.factor < 1.0 && found.level.high / found.level.low > 2.0, "{found:?}");
    }

    #[test]
    fn too_few_days_or_people_give_no_answer() {
        assert_eq!(interrupted(&course(120), &fix()), None, "seven weeks after the fix");
        assert_eq!(interrupted(&[], &fix()), None);
        let mut silent = course(150);
        silent.iter_mut().filter(|day| day.day.number() > SHIPPED).for_each(|day| day.people = 0);
        assert_eq!(interrupted(&silent, &fix()), None);
        let mut unexposed = course(150);
        unexposed.iter_mut().for_each(|day| day.exposure = 0.0);
        assert_eq!(interrupted(&unexposed, &fix()), None);
    }
}
