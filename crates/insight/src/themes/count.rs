//! How many themes there are, when nobody says it.
//!
//! Over-clustered rows are merged as a tree; each number of clusters on a scale is judged by the simplified silhouette
//! (Hruschka, de Castro and Campello 2004: a row's distance to its own centroid against that to the next one), less a little
//! for every doubling away from √(n/2): feedback without clear groups has a silhouette that says nothing.

use super::kmeans::{labels, means};
use super::merge::{Tree, sums};
use super::vectors::{Nearest, Units};
use super::{Step, ThemesError, Watching};

/// What a silhouette loses for the square of the doublings between the number of clusters and √(n/2).
const DISTANCE: f64 = 0.008;
/// Of numbers whose fits differ by no more than this, the smallest is taken: fewer themes are easier to read.
pub(super) const AS_GOOD: f64 = 0.005;
/// Each number that is tried is about this much larger than the one before.
const RATIO: f64 = 1.16;

/// Gives ⌈√(n/2)⌉, the number of clusters that methods take where nothing is known.
pub fn usual_count(texts: usize) -> usize {
    (texts as f64 / 2.0).sqrt().ceil() as usize
}

/// The numbers of clusters that are tried, from 2 to below `most`.
pub(super) fn tried(most: usize) -> Vec<usize> {
    let mut tried = Vec::new();
    let mut count = 2_usize;
    while count < most {
        tried.push(count);
        count = ((count as f64 * RATIO) as usize).max(count + 1);
    }
    tried
}

/// Over-clustered rows and the tree that merges them.
pub(super) struct Overclustered {
    /// The sums of the rows of each cluster.
    pub sums: Units,
    /// How they merge.
    pub tree: Tree,
}

impl Overclustered {
    /// Gives the centroids when so many clusters are left.
    pub fn centroids(&self, count: usize) -> Units {
        let cut = self.tree.cut(count);
        let left = cut.iter().max().map_or(0, |last| last + 1);
        let added = sums(&self.sums, cut.into_iter().map(Some), left);
        let mut centroids = Units::new(added.dimensions());
        added.rows().for_each(|row| centroids.push(row));
        centroids
    }
}

/// Gives the number of clusters that fits the rows best, of those tried on several over-clusterings; 1 where there is nothing
/// to choose from. `texts` is the number of all texts, of which `rows` are a sample.
pub(super) fn best(
    rows: &Units,
    texts: usize,
    overclustered: &[Overclustered],
    watch: &mut Watching<'_>,
) -> Result<usize, ThemesError> {
    let most = overclustered.iter().map(|one| one.sums.len()).min().unwrap_or(0);
    let usual = (texts as f64 / 2.0).sqrt().max(1.0);
    let tried = tried(most + 1);
    let mut fits: Vec<(usize, f64)> = Vec::new();
    for count in &tried {
        watch.at(Step::Count, fits.len() as f64 / tried.len() as f64)?;
        let silhouettes = overclustered.iter().map(|one| {
            let centroids = means(rows, &one.centroids(*count), &[]);
            silhouette(&labels(rows, &centroids))
        });
        let mean = silhouettes.sum::<f64>() / overclustered.len() as f64;
        fits.push((*count, mean - DISTANCE * (*count as f64 / usual).log2().powi(2)));
    }
    let best = fits.iter().map(|(_, fit)| *fit).fold(f64::MIN, f64::max);
    Ok(fits.iter().find(|(_, fit)| *fit >= best - AS_GOOD).map_or(1, |(count, _)| *count))
}

/// The mean of (b − a) / max(a, b), with a and b the distances (1 − cosine) to the nearest and second centroid.
pub(super) fn silhouette(nearest: &[Nearest]) -> f64 {
    let one = |near: &Nearest| {
        let (a, b) = (1.0 - f64::from(near.cosine), 1.0 - f64::from(near.second));
        if b > 1e-9 { ((b - a) / b).max(0.0) } else { 0.0 }
    };
    nearest.iter().map(one).sum::<f64>() / nearest.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_count_is_the_root_of_half_the_texts() {
        assert_eq!([0, 1, 2, 50, 10_003, 1_000_000].map(usual_count), [0, 1, 1, 5, 71, 708]);
    }

    #[test]
    fn numbers_are_tried_on_a_scale() {
        assert_eq!(tried(2), Vec::<usize>::new());
        assert_eq!(tried(12), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        let all = tried(400);
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]) && all.len() < 50);
    }
}
