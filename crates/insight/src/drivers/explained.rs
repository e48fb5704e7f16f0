//! How much of a score each of several correlated drivers explains: the mean gain in R² over every order of adding them.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Uniform};

use super::DriverError;
use crate::scores::Interval;

/// 4,096 subsets are exact; beyond, there are too many.
pub const MOST_DRIVERS: usize = 12;
/// Less than this share of its own variance leaves a driver nothing of its own.
const NOTHING_LEFT: f64 = 1e-9;

/// What drivers explain together and each.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Share of the score's variance that all explain.
    pub r2: f64,
    /// Each driver's part of it, in the order given; they add up to `r2`.
    pub parts: Vec<f64>,
    /// Standardised coefficients of the regression on all.
    pub betas: Vec<f64>,
}

/// Splits R² over drivers (LMG: Lindeman, Merenda and Gold 1980; the Shapley value of R²). `drivers` are the correlations among
/// the drivers, as rows of a square; `score` those of each with the score.
///
/// # Errors
/// [`DriverError::TooMany`] above [`MOST_DRIVERS`], [`DriverError::Shape`] when the sizes do not fit or a value is no number,
/// [`DriverError::Collinear`] when drivers determine each other.
pub fn explained(drivers: &[Vec<f64>], score: &[f64]) -> Result<Explained, DriverError> {
    let n = drivers.len();
    if n > MOST_DRIVERS {
        return Err(DriverError::TooMany { drivers: n });
    }
    let fits = |values: &[f64]| values.len() == n && values.iter().all(|value| value.is_finite());
    if n == 0 || !fits(score) || !drivers.iter().all(|row| fits(row)) {
        return Err(DriverError::Shape);
    }
    let betas = solve(drivers, score).ok_or(DriverError::Collinear)?;
    let gains = gains(drivers, score);
    let full = gains.last().copied().unwrap_or(0.0);
    let parts = (0..n).map(|driver| part(&gains, driver, n)).collect();
    Ok(Explained { r2: full, parts, betas })
}

/// Gives R² of every subset, numbered by its bits.
fn gains(drivers: &[Vec<f64>], score: &[f64]) -> Vec<f64> {
    let n = drivers.len();
    let mut rows: Vec<Vec<f64>> =
        drivers.iter().zip(score).map(|(row, score)| row.iter().copied().chain([*score]).collect()).collect();
    rows.push(score.iter().copied().chain([1.0]).collect());
    let mut gains = vec![0.0; 1 << n];
    descend(&rows, &mut gains, 0, 0);
    gains
}

/// Takes the drivers from `next` on in or leaves them out. `rows` hold what is left of the covariances once the drivers of
/// `subset` are taken out.
fn descend(rows: &[Vec<f64>], gains: &mut [f64], subset: usize, next: usize) {
    if let (Some(gain), Some(left)) = (gains.get_mut(subset), rows.last().and_then(|row| row.last())) {
        *gain = 1.0 - left;
    }
    for driver in next..rows.len().saturating_sub(1) {
        descend(&without(rows, driver), gains, subset | 1 << driver, driver + 1);
    }
}

/// Takes out of every row what one driver explains. A driver of which nothing is left explains nothing.
fn without(rows: &[Vec<f64>], driver: usize) -> Vec<Vec<f64>> {
    let pivot = rows.get(driver).cloned().unwrap_or_default();
    let own = pivot.get(driver).copied().unwrap_or(0.0);
    if own <= NOTHING_LEFT {
        return rows.to_vec();
    }
    let less = |row: &Vec<f64>| {
        let factor = row.get(driver).copied().unwrap_or(0.0) / own;
        row.iter().zip(&pivot).map(|(value, pivot)| value - factor * pivot).collect()
    };
    rows.iter().map(less).collect()
}

/// Mean gain of one driver over all orders: subsets of one size weigh alike, and so do the sizes.
fn part(gains: &[f64], driver: usize, n: usize) -> f64 {
    let mut sums = vec![(0.0, 0_u32); n];
    for (subset, before) in gains.iter().enumerate().filter(|(subset, _)| subset & 1 << driver == 0) {
        let after = gains.get(subset | 1 << driver).copied().unwrap_or(0.0);
        if let Some((sum, count)) = sums.get_mut(subset.count_ones() as usize) {
            *sum += after - before;
            *count += 1;
        }
    }
    sums.iter().map(|(sum, count)| sum / f64::from((*count).max(1))).sum::<f64>() / n as f64
}

/// Solves a symmetric system by elimination; none where it is singular.
fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Option<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> =
        matrix.iter().zip(right).map(|(row, right)| row.iter().copied().chain([*right]).collect()).collect();
    for place in 0..rows.len() {
        let own = *rows.get(place)?.get(place)?;
        if own <= NOTHING_LEFT {
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
    rows.iter().map(|row| row.last().copied()).collect()
}

/// Gives the correlations that [`explained`] takes, from one row of drivers per answer and the scores. None where rows differ in
/// length or something never changes.
pub fn correlations(rows: &[Vec<f64>], scores: &[f64]) -> Option<(Vec<Vec<f64>>, Vec<f64>)> {
    let n = rows.first()?.len();
    if rows.len() != scores.len() || rows.iter().any(|row| row.len() != n) {
        return None;
    }
    let columns: Vec<Vec<f64>> = (0..n)
        .map(|driver| rows.iter().map(|row| row.get(driver).copied().unwrap_or(0.0)).collect())
        .chain([scores.to_vec()])
        .map(standardised)
        .collect::<Option<_>>()?;
    let (score, drivers) = columns.split_last()?;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let square = drivers.iter().map(|a| drivers.iter().map(|b| dot(a, b)).collect()).collect();
    Some((square, drivers.iter().map(|driver| dot(driver, score)).collect()))
}

/// Brings values to mean 0 and a sum of squares of 1; none where they do not vary.
fn standardised(values: Vec<f64>) -> Option<Vec<f64>> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let length = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>().sqrt();
    (length.is_finite() && length > 0.0).then(|| values.iter().map(|value| (value - mean) / length).collect())
}

/// Splits R² over the drivers of given answers and gives each part with its 95 % bootstrap interval (percentiles). Samples in which
/// drivers determine each other are left out.
///
/// # Errors
/// As [`explained`]; [`DriverError::TooFew`] with fewer than 30 answers.
pub fn explained_with_intervals(
    rows: &[Vec<f64>],
    scores: &[f64],
    samples: usize,
    seed: u64,
) -> Result<(Explained, Vec<Interval>), DriverError> {
    let answers = rows.len() as u64;
    if answers < super::MIN_ANSWERS_EACH {
        return Err(DriverError::TooFew { with: answers, without: 0 });
    }
    let one = |rows: &[Vec<f64>], scores: &[f64]| {
        let (drivers, score) = correlations(rows, scores).ok_or(DriverError::Collinear)?;
        explained(&drivers, &score)
    };
    let found = one(rows, scores)?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let pick = Uniform::new(0, rows.len()).map_err(|_| DriverError::Shape)?;
    let mut drawn: Vec<Vec<f64>> = vec![Vec::with_capacity(samples); found.parts.len()];
    for _ in 0..samples {
        let numbers: Vec<usize> = rows.iter().map(|_| pick.sample(&mut random)).collect();
        let sample: Vec<Vec<f64>> = numbers.iter().filter_map(|number| rows.get(*number).cloned()).collect();
        let scores: Vec<f64> = numbers.iter().filter_map(|number| scores.get(*number).copied()).collect();
        if let Ok(once) = one(&sample, &scores) {
            drawn.iter_mut().zip(once.parts).for_each(|(drawn, part)| drawn.push(part));
        }
    }
    let intervals =
        drawn.into_iter().zip(&found.parts).map(|(drawn, part)| percentiles(drawn, *part)).collect();
    Ok((found, intervals))
}

fn percentiles(mut drawn: Vec<f64>, value: f64) -> Interval {
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = (share * drawn.len().saturating_sub(1) as f64).round() as usize;
        drawn.get(place).copied().unwrap_or(value)
    };
    Interval { value, low: at(0.025), high: at(0.975) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector() -> (Vec<Vec<f64>>, Vec<f64>) {
        let drivers = vec![vec![1.0, 0.5, 0.3], vec![0.5, 1.0, 0.2], vec![0.3, 0.2, 1.0]];
        (drivers, vec![0.6, 0.5, 0.3])
    }

    #[test]
    fn shares_match_the_vector() {
        let (drivers, score) = vector();
        let found = explained(&drivers, &score).unwrap();
        let near =
            |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-6, "{found} instead of {wanted}");
        near(found.r2, 0.425_882);
        found
            .parts
            .iter()
            .zip([0.239_598, 0.142_519, 0.043_765])
            .for_each(|(found, wanted)| near(*found, wanted));
        found
            .betas
            .iter()
            .zip([0.435_294, 0.258_824, 0.117_647])
            .for_each(|(found, wanted)| near(*found, wanted));
        near(found.parts.iter().sum(), found.r2);
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        let (mut drivers, score) = vector();
        assert_eq!(explained(&drivers, &score[..2]), Err(DriverError::Shape));
        assert_eq!(explained(&[], &[]), Err(DriverError::Shape));
        let many = vec![vec![0.0; 13]; 13];
        assert_eq!(explained(&many, &[0.0; 13]), Err(DriverError::TooMany { drivers: 13 }));
        drivers[1] = vec![1.0, 1.0, 0.3];
        drivers[0][1] = 1.0;
        assert_eq!(explained(&drivers, &score), Err(DriverError::Collinear));
    }

    /// Sixty answers in which the first driver moves the score and the second does not.
    fn answers() -> (Vec<Vec<f64>>, Vec<f64>) {
        let row = |number: u32| vec![f64::from(number % 7), f64::from(number * 5 % 11)];
        let score = |number: u32| f64::from(2 * (number % 7)) + f64::from(number * 3 % 5);
        ((0..60).map(row).collect(), (0..60).map(score).collect())
    }

    #[test]
    fn intervals_come_from_the_seed() {
        let (rows, scores) = answers();
        let (found, intervals) = explained_with_intervals(&rows, &scores, 200, 3).unwrap();
        assert_eq!(explained_with_intervals(&rows, &scores, 200, 3).unwrap().1, intervals);
        assert!(found.parts[0] > 0.7 && found.parts[1] < 0.1, "{found:?}");
        assert!(intervals[0].low > intervals[1].high);
        assert!(explained_with_intervals(&rows[..29], &scores[..29], 10, 1).is_err());
        let constant = vec![vec![1.0, 2.0]; 60];
        assert_eq!(explained_with_intervals(&constant, &scores, 10, 1), Err(DriverError::Collinear));
    }

    #[test]
    fn twelve_drivers_are_exact() {
        let drivers: Vec<Vec<f64>> = (0..12)
            .map(|row| (0..12).map(|column| if row == column { 1.0 } else { 0.1 }).collect())
            .collect();
        let found = explained(&drivers, &[0.2; 12]).unwrap();
        assert!((found.parts.iter().sum::<f64>() - found.r2).abs() < 1e-12);
        assert!(found.parts.iter().all(|part| (part - found.r2 / 12.0).abs() < 1e-12));
    }
}
