//! How well two groupings of the same texts agree.

use std::collections::BTreeMap;

/// Two groupings as a table of counts, with the sums of its rows and columns.
struct Table {
    cells: BTreeMap<(u32, u32), f64>,
    left: BTreeMap<u32, f64>,
    right: BTreeMap<u32, f64>,
    n: f64,
}

impl Table {
    fn of(left: &[u32], right: &[u32]) -> Self {
        let mut table =
            Self { cells: BTreeMap::new(), left: BTreeMap::new(), right: BTreeMap::new(), n: 0.0 };
        for (left, right) in left.iter().zip(right) {
            *table.cells.entry((*left, *right)).or_default() += 1.0;
            *table.left.entry(*left).or_default() += 1.0;
            *table.right.entry(*right).or_default() += 1.0;
            table.n += 1.0;
        }
        table
    }

    fn entropy(&self, sizes: &BTreeMap<u32, f64>) -> f64 {
        sizes.values().map(|size| -(size / self.n) * (size / self.n).ln()).sum()
    }

    fn mutual(&self) -> f64 {
        let size = |sizes: &BTreeMap<u32, f64>, at: u32| sizes.get(&at).copied().unwrap_or(1.0);
        let cells = self.cells.iter().map(|((left, right), both)| {
            both / self.n * (both * self.n / (size(&self.left, *left) * size(&self.right, *right))).ln()
        });
        cells.sum()
    }
}

/// The normalised mutual information of two groupings (arithmetic mean of the entropies; Vinh, Epps and Bailey 2010), 0 to 1.
/// Two groupings without any division agree wholly. What is longer than the other is not looked at.
pub fn mutual_information(left: &[u32], right: &[u32]) -> f64 {
    let table = Table::of(left, right);
    let entropies = table.entropy(&table.left) + table.entropy(&table.right);
    if entropies > 0.0 { (2.0 * table.mutual() / entropies).clamp(0.0, 1.0) } else { 1.0 }
}

/// The adjusted Rand index of two groupings (Hubert and Arabie 1985): 1 for the same, 0 as by chance. Two groupings without any
/// division agree wholly.
pub fn adjusted_rand(left: &[u32], right: &[u32]) -> f64 {
    let table = Table::of(left, right);
    let pairs = |size: &f64| size * (size - 1.0) / 2.0;
    let a: f64 = table.left.values().map(pairs).sum();
    let b: f64 = table.right.values().map(pairs).sum();
    let same: f64 = table.cells.values().map(pairs).sum();
    let expected = if table.n > 1.0 { a * b / pairs(&table.n) } else { 0.0 };
    let most = (a + b) / 2.0;
    if (most - expected).abs() > 0.0 { (same - expected) / (most - expected) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groupings_that_differ_in_names_only_agree() {
        let (left, right) = ([0, 0, 1, 1, 2], [7, 7, 3, 3, 9]);
        assert!((mutual_information(&left, &right) - 1.0).abs() < 1e-12);
        assert!((adjusted_rand(&left, &right) - 1.0).abs() < 1e-12);
        assert_eq!((mutual_information(&[], &[]), adjusted_rand(&[], &[])), (1.0, 1.0));
        assert_eq!((mutual_information(&[1, 1], &[2, 2]), adjusted_rand(&[1, 1], &[2, 2])), (1.0, 1.0));
    }

    #[test]
    fn known_values_are_met() {
        // The example of scikit-learn's documentation for the adjusted Rand index; the mutual information by hand.
        assert!((adjusted_rand(&[0, 0, 1, 2], &[0, 0, 1, 1]) - 0.571_428_571).abs() < 1e-9);
        assert!((mutual_information(&[0, 0, 1, 2], &[0, 0, 1, 1]) - 0.8).abs() < 1e-9);
        assert!((adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1]) + 0.5).abs() < 1e-9);
        assert!(mutual_information(&[0, 0, 1, 1], &[0, 1, 0, 1]).abs() < 1e-12);
    }
}
