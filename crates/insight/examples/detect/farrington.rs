//! Farrington Flexible with `nbPlugin` thresholds as the R package surveillance has it (Noufaily et al. 2013): what our weekly
//! verdict is compared with. A comparator only; it is checked against the package's own figures before it is used.

use groundswell_insight::stats::at_least;

const HALF_WINDOW: usize = 3;
const LEVELS: usize = 10;
const LEFT_OUT: usize = 26;
const OUTLIER: f64 = 2.58;
/// Weeks back to the same week of five past years, where a year has 52 weeks.
pub const YEARS: [usize; 5] = [52, 104, 156, 208, 260];

/// The same where weeks have dates: the week nearest to the same date.
const DATED_YEARS: [usize; 5] = [52, 104, 157, 209, 261];

/// What is expected of a week, and how it spreads.
pub struct Fit {
    /// Expected count.
    pub mean: f64,
    /// Variance by mean.
    pub dispersion: f64,
}

/// Fits the model for the week at this place, the same week of past years lying so many weeks back.
pub fn fit(counts: &[u32], at: usize, years: [usize; 5]) -> Fit {
    let levels = levels(at, years);
    let last = at - LEFT_OUT;
    let weeks: Vec<usize> = (0..last).filter(|week| levels[*week] > 0).collect();
    let row = |week: usize, level: usize| {
        let mut row = vec![0.0; 2 + LEVELS - 1];
        row[0] = 1.0;
        row[1] = (week as f64 - at as f64) / 52.0;
        if level < LEVELS {
            row[1 + level] = 1.0;
        }
        row
    };
    let design: Vec<Vec<f64>> = weeks.iter().map(|week| row(*week, levels[*week])).collect();
    let y: Vec<f64> = weeks.iter().map(|week| f64::from(counts[*week])).collect();
    let mut weights = vec![1.0; y.len()];
    let mut glm = glm(&design, &y, &weights);
    let residuals = glm.anscombe(&y);
    for (weight, residual) in weights.iter_mut().zip(residuals) {
        *weight = if residual > OUTLIER { residual.powi(-2) } else { 1.0 };
    }
    let scale = weights.len() as f64 / weights.iter().sum::<f64>();
    weights.iter_mut().for_each(|weight| *weight *= scale);
    glm = self::glm(&design, &y, &weights);
    let now: f64 = row(at, LEVELS).iter().zip(&glm.coefficients).map(|(x, beta)| x * beta).sum();
    Fit { mean: now.exp(), dispersion: glm.dispersion }
}

impl Fit {
    /// Says whether a count is over the quantile of 1 − `alpha`.
    pub fn is_over(&self, count: u32, alpha: f64) -> bool {
        // A count is over the quantile when at least so many have a probability of at most alpha.
        at_least(u64::from(count), self.mean, self.dispersion) <= alpha
    }

    /// The quantile of 1 − `alpha`.
    fn limit(&self, alpha: f64) -> u32 {
        (0..).find(|count| self.is_over(count + 1, alpha)).unwrap_or(u32::MAX)
    }
}

/// At least five in the last four weeks, without which the package raises no alarm.
pub fn is_enough(last_four: &[u32]) -> bool {
    last_four.iter().sum::<u32>() >= 5
}

/// The seasonal level of each week up to `at`: the same week of past years and its neighbours have the last level, the rest of each
/// year is split into nine; 0 where a week plays no part.
fn levels(at: usize, years: [usize; 5]) -> Vec<usize> {
    let mut levels = vec![0; at + 1];
    levels[at - HALF_WINDOW..=at].fill(LEVELS);
    let mut next = at;
    for same in years.map(|weeks| at - weeks) {
        levels[same - HALF_WINDOW..=same + HALF_WINDOW].fill(LEVELS);
        let period = next - same - 2 * HALF_WINDOW - 1;
        let (length, rest) = (period / (LEVELS - 1), period % (LEVELS - 1));
        let mut from = same + HALF_WINDOW + 1;
        for level in 1..LEVELS {
            let to = from + length + usize::from(level <= rest);
            levels[from..to].fill(level);
            from = to;
        }
        next = same;
    }
    levels
}

struct Glm {
    coefficients: Vec<f64>,
    means: Vec<f64>,
    leverages: Vec<f64>,
    dispersion: f64,
}

impl Glm {
    fn anscombe(&self, y: &[f64]) -> Vec<f64> {
        let each = y.iter().zip(&self.means).zip(&self.leverages);
        each.map(|((y, mean), leverage)| {
            let distance = 1.5 * (y.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt());
            distance / (self.dispersion * (1.0 - leverage)).sqrt()
        })
        .collect()
    }
}

/// A quasi-Poisson log-linear regression by iteratively reweighted least squares, as R's `glm` begins and ends it.
fn glm(design: &[Vec<f64>], y: &[f64], weights: &[f64]) -> Glm {
    let size = design[0].len();
    let mut means: Vec<f64> = y.iter().map(|y| y + 0.1).collect();
    let mut coefficients = vec![0.0; size];
    let mut inverse = vec![vec![0.0; size]; size];
    let mut before = f64::INFINITY;
    for _ in 0..25 {
        let mut normal = vec![vec![0.0; size]; size];
        let mut right = vec![0.0; size];
        for (((row, y), mean), weight) in design.iter().zip(y).zip(&means).zip(weights) {
            let response = mean.ln() + (y - mean) / mean;
            for a in (0..size).filter(|a| row[*a] != 0.0) {
                right[a] += weight * mean * row[a] * response;
                for b in (0..size).filter(|b| row[*b] != 0.0) {
                    normal[a][b] += weight * mean * row[a] * row[b];
                }
            }
        }
        inverse = inverted(normal);
        coefficients = inverse.iter().map(|row| row.iter().zip(&right).map(|(a, b)| a * b).sum()).collect();
        for (mean, row) in means.iter_mut().zip(design) {
            let log: f64 = row.iter().zip(&coefficients).map(|(x, beta)| x * beta).sum();
            *mean = log.clamp(-30.0, 30.0).exp();
        }
        let deviance: f64 = (y.iter().zip(&means).zip(weights))
            .map(|((y, mean), weight)| {
                2.0 * weight * (if *y > 0.0 { y * (y / mean).ln() } else { 0.0 } - (y - mean))
            })
            .sum();
        if (deviance - before).abs() < 1e-8 * (deviance.abs() + 0.1) {
            break;
        }
        before = deviance;
    }
    let leverages = (design.iter().zip(&means).zip(weights))
        .map(|((row, mean), weight)| {
            let each = (0..size).flat_map(|a| (0..size).map(move |b| (a, b)));
            weight * mean * each.map(|(a, b)| row[a] * inverse[a][b] * row[b]).sum::<f64>()
        })
        .collect();
    let unrest: f64 = (y.iter().zip(&means).zip(weights))
        .map(|((y, mean), weight)| weight * (y - mean).powi(2) / mean)
        .sum();
    let dispersion = (unrest / (y.len() - size) as f64).max(1.0);
    Glm { coefficients, means, leverages, dispersion }
}

/// Inverts a symmetric positive matrix (Gauss and Jordan); a direction without any count is held down by a small ridge.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let size = matrix.len();
    for (at, row) in matrix.iter_mut().enumerate() {
        row[at] += 1e-12;
        row.extend((0..size).map(|column| f64::from(u8::from(column == at))));
    }
    for pivot in 0..size {
        let scale = matrix[pivot][pivot];
        matrix[pivot].iter_mut().for_each(|value| *value /= scale);
        let pivot_row = matrix[pivot].clone();
        for row in (0..size).filter(|row| *row != pivot) {
            let factor = matrix[row][pivot];
            if factor != 0.0 {
                matrix[row].iter_mut().zip(&pivot_row).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
    matrix.into_iter().map(|row| row[size..].to_vec()).collect()
}

/// Compares with what the package gave (surveillance 1.20.3) for two series; panics where it differs.
pub fn check() {
    let mut calm: Vec<u32> = (1..=330_u32)
        .map(|t| {
            let mean =
                10.0 + 5.0 * (std::f64::consts::TAU * f64::from(t) / 52.0).sin() + f64::from(7 * t % 5) - 2.0;
            mean.round_ties_even() as u32
        })
        .collect();
    calm[309] = 28;
    calm[319] = 22;
    let mut dispersed: Vec<u32> =
        (1..=330_u32).zip(&calm).map(|(t, y)| (y + 13 * t * t % 17).saturating_sub(8)).collect();
    dispersed[309] = 40;
    for (series, week, mean, dispersion, limit) in [
        (&calm, 305, 6.15564311, 1.0, 13),
        (&calm, 310, 8.49705890, 1.0, 16),
        (&calm, 320, 13.63385105, 1.0, 23),
        (&calm, 330, 13.95837987, 1.0, 23),
        (&dispersed, 310, 7.83848860, 3.59024178, 24),
        (&dispersed, 320, 14.32195706, 3.63159892, 35),
    ] {
        let found = fit(series, week - 1, DATED_YEARS);
        let is_near = |found: f64, wanted: f64| (found - wanted).abs() < 1e-5 * wanted;
        assert!(
            is_near(found.mean, mean) && is_near(found.dispersion, dispersion) && found.limit(0.01) == limit,
            "week {week}: {} and {} instead of {mean} and {dispersion}, limit {}",
            found.mean,
            found.dispersion,
            found.limit(0.01)
        );
    }
}
