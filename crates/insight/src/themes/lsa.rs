//! Latent semantic analysis: the directions in which sparse rows vary most, by a randomised singular value decomposition.
//!
//! Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1: a random sketch, two power iterations with orthonormalisation,
//! the small problem by eigenvalues. Memory: 8 bytes × (texts + columns) × (dimensions + 10).

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::ThemesError;
use super::eigen::eigen;
use super::sparse::Sparse;
use super::vectors::{Rows, normalise};

/// Directions more than wanted, which make the wanted ones exact.
const OVERSAMPLING: usize = 10;
/// Power iterations.
const POWERS: usize = 2;

/// Columns of numbers, one after the other.
type Columns = Vec<Vec<f64>>;

/// Directions learnt from sparse rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Lsa {
    /// For each direction the weight of each sparse column; unit length.
    directions: Vec<Vec<f32>>,
    /// Singular values, largest first.
    singular: Vec<f64>,
}

impl Lsa {
    /// Learns at most `dimensions` directions; fewer where the rows have fewer. The same seed gives the same ones.
    pub fn learn(sparse: &Sparse, dimensions: usize, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let wanted = (dimensions + OVERSAMPLING).min(sparse.columns).min(sparse.rows.len());
        let mut sketch: Columns = (0..wanted)
            .map(|_| (0..sparse.columns).map(|_| StandardNormal.sample(&mut random)).collect())
            .collect();
        let mut basis = orthonormal(times(sparse, &sketch));
        for _ in 0..POWERS {
            sketch = orthonormal(turned_times(sparse, &basis));
            basis = orthonormal(times(sparse, &sketch));
        }
        // What is left is small: B = Qᵀ A, and B Bᵀ = U S² Uᵀ.
        let small = turned_times(sparse, &basis);
        let square = small.iter().map(|a| small.iter().map(|b| product(a, b)).collect()).collect();
        let found = eigen(square);
        let most = found.values.first().copied().unwrap_or(0.0);
        let kept = found.values.iter().zip(&found.vectors).take(dimensions);
        let (mut directions, mut singular) = (Vec::new(), Vec::new());
        for (value, vector) in kept.filter(|(value, _)| **value > most * 1e-12) {
            let mut direction = vec![0.0; sparse.columns];
            for (weight, row) in vector.iter().zip(&small) {
                direction.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
            let length = value.sqrt();
            directions.push(direction.into_iter().map(|value| (value / length) as f32).collect());
            singular.push(length);
        }
        Self { directions, singular }
    }

    /// How many directions there are.
    pub fn dimensions(&self) -> usize {
        self.directions.len()
    }

    /// The singular values, largest first.
    pub fn singular(&self) -> &[f64] {
        &self.singular
    }

    /// Gives each sparse row in these directions, at unit length; all zero where nothing of it is known.
    ///
    /// # Errors
    /// [`ThemesError::Shape`] where nothing was learnt.
    pub fn rows(&self, sparse: &Sparse) -> Result<Rows<f32>, ThemesError> {
        let mut values = Vec::with_capacity(sparse.rows.len() * self.dimensions());
        for row in &sparse.rows {
            let mut place: Vec<f32> = self.directions.iter().map(|direction| along(row, direction)).collect();
            normalise(&mut place);
            values.extend(place);
        }
        Rows::new(self.dimensions(), values)
    }
}

fn along(row: &[(u32, f32)], direction: &[f32]) -> f32 {
    row.iter().map(|(column, value)| value * direction.get(*column as usize).copied().unwrap_or(0.0)).sum()
}

fn product(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// A times each column.
fn times(sparse: &Sparse, columns: &Columns) -> Columns {
    let one = |row: &Vec<(u32, f32)>, column: &[f64]| -> f64 {
        row.iter()
            .map(|(at, value)| f64::from(*value) * column.get(*at as usize).copied().unwrap_or(0.0))
            .sum()
    };
    columns.iter().map(|column| sparse.rows.iter().map(|row| one(row, column)).collect()).collect()
}

/// A turned, times each column.
fn turned_times(sparse: &Sparse, columns: &Columns) -> Columns {
    columns
        .iter()
        .map(|column| {
            let mut sums = vec![0.0; sparse.columns];
            for (row, factor) in sparse.rows.iter().zip(column) {
                for (at, value) in row {
                    sums.get_mut(*at as usize).into_iter().for_each(|sum| *sum += f64::from(*value) * factor);
                }
            }
            sums
        })
        .collect()
}

/// Makes columns orthonormal (modified Gram–Schmidt, twice); those that depend on others become all zero.
fn orthonormal(columns: Columns) -> Columns {
    let mut done: Columns = Vec::with_capacity(columns.len());
    for mut column in columns {
        let before = product(&column, &column).sqrt();
        for _ in 0..2 {
            for other in &done {
                let part = product(&column, other);
                column.iter_mut().zip(other).for_each(|(value, other)| *value -= part * other);
            }
        }
        let length = product(&column, &column).sqrt();
        let factor = if length > before * 1e-10 && length > 0.0 { 1.0 / length } else { 0.0 };
        column.iter_mut().for_each(|value| *value *= factor);
        done.push(column);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(rows: &[&[f32]]) -> Sparse {
        let columns = rows.first().map_or(0, |row| row.len());
        let row = |row: &&[f32]| {
            (0..).zip(row.iter().copied()).filter(|(_, value)| *value != 0.0).collect::<Vec<(u32, f32)>>()
        };
        Sparse { columns, rows: rows.iter().map(row).collect() }
    }

    #[test]
    fn singular_values_are_those_of_the_square() {
        // The eigenvalues of AᵀA = ((10, 6), (6, 10)) are 16 and 4.
        let sparse = dense(&[&[3.0, 1.0], &[1.0, 3.0]]);
        let lsa = Lsa::learn(&sparse, 2, 1);
        assert!((lsa.singular()[0] - 4.0).abs() < 1e-9 && (lsa.singular()[1] - 2.0).abs() < 1e-9);
    }

    #[test]
    fn rows_of_two_topics_fall_apart_in_two_directions() {
        let sparse = dense(&[
            &[1.0, 0.9, 0.0, 0.0],
            &[0.9, 1.0, 0.0, 0.0],
            &[0.0, 0.0, 1.0, 0.5],
            &[0.0, 0.0, 0.5, 1.0],
        ]);
        let rows = Lsa::learn(&sparse, 2, 7).rows(&sparse).unwrap();
        let cosine =
            |a: usize, b: usize| rows.row(a).iter().zip(rows.row(b)).map(|(a, b)| a * b).sum::<f32>();
        assert!(cosine(0, 1) > 0.99 && cosine(2, 3) > 0.99);
        assert!(cosine(0, 2).abs() < 0.01 && cosine(1, 3).abs() < 0.01);
        assert_eq!(Lsa::learn(&sparse, 2, 7), Lsa::learn(&sparse, 2, 7));
    }

    #[test]
    fn as_few_directions_as_there_are_and_none_of_nothing() {
        let same = dense(&[&[1.0, 1.0], &[1.0, 1.0], &[1.0, 1.0]]);
        assert_eq!(Lsa::learn(&same, 100, 0).dimensions(), 1);
        assert!(Lsa::learn(&Sparse::default(), 100, 0).rows(&Sparse::default()).is_err());
    }
}
