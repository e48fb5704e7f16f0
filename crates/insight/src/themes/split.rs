//! The parts of one theme: what a person may split it into.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::cluster::{Clustering, Clusters, Step, Watch, Watching, check, merged, refined};
use super::count::{AS_GOOD, Overclustered, silhouette};
use super::fit::{assigned, sample, without_noise};
use super::kmeans::{labels, means};
use super::vectors::{Units, Vectors};
use super::{Count, LEAST_PEOPLE, ThemesError};

/// Parts that are proposed at most, where nobody says how many.
pub const MOST_PARTS: usize = 6;

/// So many times as many clusters as parts are made before they are merged.
const OVER: usize = 3;
/// Vectors that the parts learn from, at most; all others are only assigned.
const SAMPLE: usize = 8_000;
/// Over-clusterings, of which the best is kept.
const STARTS: usize = 3;

/// How to split a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splitting {
    /// Exactly so many parts, at least two; without it the number is found.
    pub count: Option<usize>,
    /// Parts at most, where the number is found.
    pub most: usize,
    /// What the draws begin with: the same seed gives the same parts.
    pub seed: u64,
}

impl Default for Splitting {
    fn default() -> Self {
        Self { count: None, most: MOST_PARTS, seed: 0 }
    }
}

/// Finds the parts of the vectors of one theme: as many as are told, or the number from two on whose silhouette is the best.
/// `people` says who said each; empty where each is of another person. Parts of fewer than [`LEAST_PEOPLE`] people go to
/// those that are nearest, so that there may be fewer. The largest part comes first, and every vector with a direction is in
/// one. None where there are no two parts.
///
/// # Errors
/// As [`super::cluster`].
pub fn parts(
    vectors: &dyn Vectors,
    people: &[u64],
    splitting: &Splitting,
    watch: Watch<'_>,
) -> Result<Option<Clusters>, ThemesError> {
    let clustering = Clustering {
        count: splitting.count.map_or(Count::Found, Count::Known),
        seed: splitting.seed,
        least_cosine: -1.0,
        ..Clustering::default()
    };
    check(vectors, people, &clustering)?;
    let mut watch = Watching::new(watch);
    let mut random = ChaCha8Rng::seed_from_u64(splitting.seed);
    let rows = sample(vectors, SAMPLE, &mut random);
    let most = splitting.count.unwrap_or(splitting.most).max(2);
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        starts.push(merged(&rows, (OVER * most).min(rows.len()), &clustering, &mut random, &mut watch)?);
    }
    let count = match splitting.count {
        Some(count) => count,
        None => best(&rows, &starts, most, &mut watch)?,
    };
    let mut centroids = refined(&rows, &starts, count, &mut watch)?;
    while centroids.len() >= 2 {
        let found = assigned(vectors, people, &centroids, &mut watch)?;
        let small = found.extents.iter().enumerate().min_by_key(|(_, extent)| extent.people);
        let Some((small, _)) = small.filter(|(_, extent)| extent.people < LEAST_PEOPLE) else {
            return Ok(Some(without_noise(found, 0, &clustering)));
        };
        centroids = centroids.chosen((0..centroids.len()).filter(|at| *at != small));
    }
    Ok(None)
}

/// The number of parts whose silhouette is the best, the smallest of those as good.
fn best(
    rows: &Units,
    starts: &[Overclustered],
    most: usize,
    watch: &mut Watching<'_>,
) -> Result<usize, ThemesError> {
    let mut fits = Vec::new();
    for count in 2..=most {
        watch.at(Step::Count, count as f64 / most as f64)?;
        let fit = starts.iter().map(|one| {
            let centroids = means(rows, &one.centroids(count), &[]);
            silhouette(&labels(rows, &centroids))
        });
        fits.push((count, fit.sum::<f64>() / starts.len() as f64));
    }
    let best = fits.iter().map(|(_, fit)| *fit).fold(f64::MIN, f64::max);
    Ok(fits.iter().find(|(_, fit)| *fit >= best - AS_GOOD).map_or(2, |(count, _)| *count))
}
