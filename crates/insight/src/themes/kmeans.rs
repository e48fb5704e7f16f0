//! Spherical k-means: k-means++ seeding, mini-batch passes, then a few passes over everything.
//!
//! After Arthur and Vassilvitskii 2007 (seeding), Sculley 2010 (mini-batches) and Dhillon and Modha 2001 (on the sphere).
//! Memory: the rows themselves, and one number a row.

use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardUniform};

use super::vectors::{Nearest, Units, dot, is_some, normalise};
use super::{Step, ThemesError, Watching};

/// Draws a number from 0 to below 1.
pub(super) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    StandardUniform.sample(random)
}

/// Draws a number below `n`; 0 where there is none.
pub(super) fn below(random: &mut ChaCha8Rng, n: usize) -> usize {
    ((uniform(random) * n as f64) as usize).min(n.saturating_sub(1))
}

/// Chooses at most `k` rows as first centroids, each with a probability that grows with its distance from those chosen
/// before; fewer where fewer directions differ.
pub(super) fn seed(
    rows: &Units,
    k: usize,
    random: &mut ChaCha8Rng,
    watch: &mut Watching<'_>,
) -> Result<Units, ThemesError> {
    let mut centroids = Units::new(rows.dimensions());
    let mut far: Vec<f32> = rows.rows().map(|row| if is_some(row) { 2.0 } else { 0.0 }).collect();
    while centroids.len() < k {
        watch.at(Step::Seed, centroids.len() as f64 / k as f64)?;
        let sum: f64 = far.iter().map(|far| f64::from(*far)).sum();
        let mut left = uniform(random) * sum;
        let chosen = far.iter().position(|far| {
            left -= f64::from(*far);
            left < 0.0
        });
        let Some(chosen) = chosen.map(|at| rows.row(at)) else { break };
        centroids.push(chosen);
        for (far, row) in far.iter_mut().zip(rows.rows()) {
            let distance = 1.0 - dot(row, chosen);
            // Rounding leaves a copy of a centroid at a distance of a few millionths.
            *far = if distance > 1e-5 { far.min(distance) } else { 0.0 };
        }
    }
    Ok(centroids)
}

/// Mini-batch passes end before their time where the mean cosine to the centroids gains less than this.
const SETTLED: f64 = 0.000_5;

/// How a training runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Training {
    /// Rows of a mini-batch.
    pub batch: usize,
    /// Mini-batch passes over all rows.
    pub passes: usize,
    /// Passes over everything after them.
    pub full: usize,
}

/// Moves the centroids: `c ← normalise(c + (x − c) / n_c)` for each row x of a batch that is nearest to c, batches drawn
/// anew in each pass, until all passes are made or nothing moves any more; then full passes.
pub(super) fn train(
    rows: &Units,
    mut centroids: Units,
    training: &Training,
    random: &mut ChaCha8Rng,
    watch: &mut Watching<'_>,
) -> Result<Units, ThemesError> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut counts = vec![0_u32; centroids.len()];
    let mut nearest: Vec<Nearest> = Vec::with_capacity(training.batch);
    let mut fit = f64::MIN;
    let steps = (training.passes + training.full) as f64;
    for pass in 0..training.passes {
        watch.at(Step::Train, pass as f64 / steps)?;
        shuffle(&mut order, random);
        let mut cosines = 0.0;
        for batch in order.chunks(training.batch.max(1)) {
            nearest.clear();
            nearest.extend(batch.iter().map(|at| centroids.nearest(rows.row(*at))));
            for (at, near) in batch.iter().zip(&nearest) {
                pull(&mut centroids, near.at, rows.row(*at), &mut counts);
                cosines += f64::from(near.cosine);
            }
            watch.stopped()?;
        }
        let mean = cosines / rows.len().max(1) as f64;
        if mean - fit < SETTLED {
            break;
        }
        fit = mean;
    }
    for pass in 0..training.full {
        watch.at(Step::Train, (training.passes + pass) as f64 / steps)?;
        centroids = means(rows, &centroids, &[]);
    }
    Ok(centroids)
}

fn shuffle(order: &mut [usize], random: &mut ChaCha8Rng) {
    for last in (1..order.len()).rev() {
        order.swap(last, below(random, last + 1));
    }
}

fn pull(centroids: &mut Units, at: usize, row: &[f32], counts: &mut [u32]) {
    let (Some(centroid), Some(count)) = (centroids.row_mut(at), counts.get_mut(at)) else { return };
    if !is_some(row) {
        return;
    }
    *count = count.saturating_add(1);
    let part = 1.0 / *count as f32;
    for (centroid, value) in centroid.iter_mut().zip(row) {
        *centroid += (value - *centroid) * part;
    }
    normalise(centroid);
}

/// Gives the directions of the rows that are nearest to each centroid. A centroid without rows stays, and so does one that
/// is said to be fixed.
pub(super) fn means(rows: &Units, centroids: &Units, fixed: &[bool]) -> Units {
    let mut sums = Units::zeros(rows.dimensions(), centroids.len());
    for row in rows.rows().filter(|row| is_some(row)) {
        let at = centroids.nearest(row).at;
        for (sum, value) in sums.row_mut(at).into_iter().flatten().zip(row) {
            *sum += value;
        }
    }
    for (at, sum) in sums.rows_mut().enumerate() {
        normalise(sum);
        if !is_some(sum) || fixed.get(at).copied().unwrap_or(false) {
            sum.copy_from_slice(centroids.row(at));
        }
    }
    sums
}

/// Gives the nearest centroid of each row; rows without a direction have a cosine of 0.
pub(super) fn labels(rows: &Units, centroids: &Units) -> Vec<Nearest> {
    rows.rows().map(|row| centroids.nearest(row)).collect()
}
