//! Merging clusters, two at a time, as a tree that can be cut anywhere.
//!
//! Both ways need only the products of the clusters' sums, so that a merge is an addition of two rows of a square.
//! Memory: the square of the number of clusters, at most 1.3 MB for 400.

use super::vectors::{Units, dot};

/// What two clusters cost that become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Linkage {
    /// What the sum of all cosines to the centroids loses (Ward's criterion on the sphere): keeps clusters of like size.
    LeastLoss,
    /// One minus the mean cosine of their centroids (average link).
    Average,
}

/// A merge: the second cluster goes into the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Merge {
    pub into: usize,
    pub from: usize,
    pub cost: f64,
}

/// All merges of some clusters, cheapest first at each step.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    leaves: usize,
    merges: Vec<Merge>,
}

impl Tree {
    /// Merges clusters by the sums of their rows (for [`Linkage::Average`]: by their centroids) until one is left.
    pub fn of(sums: &Units, linkage: Linkage) -> Self {
        let leaves = sums.len();
        let mut products: Vec<Vec<f64>> =
            sums.rows().map(|a| sums.rows().map(|b| f64::from(dot(a, b))).collect()).collect();
        let mut sizes = vec![1.0; leaves];
        let mut alive: Vec<usize> = (0..leaves).collect();
        let mut merges = Vec::new();
        while let Some(merge) = cheapest(&products, &sizes, &alive, linkage) {
            join(&mut products, &mut sizes, merge);
            alive.retain(|at| *at != merge.from);
            merges.push(merge);
        }
        Self { leaves, merges }
    }

    /// Gives the number of the cluster of each leaf when so many are left, numbered in the order of their first leaves.
    pub fn cut(&self, count: usize) -> Vec<usize> {
        self.apply(self.leaves.saturating_sub(count.max(1)))
    }

    /// The same, with every merge up to the first that costs more than this.
    pub fn cut_at(&self, most: f64) -> Vec<usize> {
        self.apply(self.merges.iter().take_while(|merge| merge.cost <= most).count())
    }

    fn apply(&self, merges: usize) -> Vec<usize> {
        let mut roots: Vec<usize> = (0..self.leaves).collect();
        for merge in self.merges.iter().take(merges) {
            roots.iter_mut().filter(|root| **root == merge.from).for_each(|root| *root = merge.into);
        }
        let mut firsts: Vec<usize> = Vec::new();
        roots
            .into_iter()
            .map(|root| {
                firsts.iter().position(|first| *first == root).unwrap_or_else(|| {
                    firsts.push(root);
                    firsts.len() - 1
                })
            })
            .collect()
    }
}

fn cheapest(products: &[Vec<f64>], sizes: &[f64], alive: &[usize], linkage: Linkage) -> Option<Merge> {
    let own = |at: usize| products.get(at).and_then(|row| row.get(at)).copied().unwrap_or(0.0).max(0.0);
    let mut best: Option<Merge> = None;
    for (place, &into) in alive.iter().enumerate() {
        let Some(row) = products.get(into) else { continue };
        let (own_into, size) = (own(into), sizes.get(into).copied().unwrap_or(1.0));
        for &from in alive.iter().skip(place + 1) {
            let both = row.get(from).copied().unwrap_or(0.0);
            let cost = match linkage {
                Linkage::LeastLoss => {
                    let own_from = own(from);
                    own_into.sqrt() + own_from.sqrt() - (own_into + own_from + 2.0 * both).max(0.0).sqrt()
                }
                Linkage::Average => 1.0 - both / (size * sizes.get(from).copied().unwrap_or(1.0)),
            };
            if best.is_none_or(|best| cost < best.cost) {
                best = Some(Merge { into, from, cost });
            }
        }
    }
    best
}

fn join(products: &mut [Vec<f64>], sizes: &mut [f64], merge: Merge) {
    let Some(gone) = products.get(merge.from).cloned() else { return };
    for (value, gone) in products.get_mut(merge.into).into_iter().flatten().zip(&gone) {
        *value += gone;
    }
    for row in products.iter_mut() {
        let gone = row.get(merge.from).copied().unwrap_or(0.0);
        row.get_mut(merge.into).into_iter().for_each(|value| *value += gone);
    }
    let gone = sizes.get(merge.from).copied().unwrap_or(0.0);
    sizes.get_mut(merge.into).into_iter().for_each(|size| *size += gone);
}

/// Adds up rows by their cluster; clusters are the numbers below `count`.
pub(super) fn sums(rows: &Units, labels: impl Iterator<Item = Option<usize>>, count: usize) -> Units {
    let mut sums = Units::zeros(rows.dimensions(), count);
    for (row, label) in rows.rows().zip(labels) {
        for (sum, value) in label.and_then(|at| sums.row_mut(at)).into_iter().flatten().zip(row) {
            *sum += value;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[[f32; 2]]) -> Units {
        let mut rows = Units::new(2);
        of.iter().for_each(|row| rows.push(row));
        rows
    }

    #[test]
    fn near_clusters_merge_first_and_every_leaf_is_kept() {
        let rows = rows(&[[1.0, 0.0], [0.0, 1.0], [0.99, 0.1], [0.1, 0.99], [-1.0, 0.0]]);
        for linkage in [Linkage::LeastLoss, Linkage::Average] {
            let tree = Tree::of(&rows, linkage);
            assert_eq!(tree.cut(5), [0, 1, 2, 3, 4]);
            assert_eq!(tree.cut(3), [0, 1, 0, 1, 2]);
            assert_eq!(tree.cut(1), [0; 5]);
            assert_eq!(tree.cut(0), [0; 5]);
        }
    }

    #[test]
    fn average_link_stops_at_the_wanted_cosine() {
        let rows = rows(&[[1.0, 0.0], [0.9, 0.435_889_9], [0.0, 1.0]]);
        let tree = Tree::of(&rows, Linkage::Average);
        assert_eq!(tree.cut_at(1.0 - 0.80), [0, 0, 1], "a cosine of 0.9 merges");
        assert_eq!(tree.cut_at(1.0 - 0.95), [0, 1, 2]);
    }
}
