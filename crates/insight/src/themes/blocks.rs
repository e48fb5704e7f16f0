//! Vectors made of several blocks, and centring and whitening of a block.

use super::ThemesError;
use super::eigen::eigen;
use super::vectors::{Rows, Vectors, normalise};

/// Puts blocks of vectors beside each other: each block at unit length times its weight, as 0.7 of an embedding and 0.3 of an LSA
/// (methods 5.1, step 2). A row of which one block has no direction consists of the others alone.
///
/// # Errors
/// [`ThemesError::Lengths`] where the blocks have different numbers of rows, [`ThemesError::Shape`] without blocks.
pub fn combine(blocks: &[(&dyn Vectors, f32)]) -> Result<Rows<f32>, ThemesError> {
    let len = blocks.first().map_or(0, |(block, _)| block.len());
    let dimensions = blocks.iter().map(|(block, _)| block.dimensions()).sum();
    if let Some((block, _)) = blocks.iter().find(|(block, _)| block.len() != len) {
        return Err(ThemesError::Lengths { what: "rows of a block", found: block.len(), wanted: len });
    }
    let mut values = Vec::with_capacity(len * dimensions);
    for at in 0..len {
        for (block, weight) in blocks {
            let mut row = vec![0.0; block.dimensions()];
            block.read(at, &mut row);
            normalise(&mut row);
            values.extend(row.into_iter().map(|value| value * weight));
        }
    }
    Rows::new(dimensions, values)
}

/// The mean of some vectors and the directions in which they vary most.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening {
    mean: Vec<f64>,
    directions: Vec<Vec<f64>>,
}

impl Whitening {
    /// Learns the mean and at most `dimensions` principal directions of all vectors that have a direction. Numbers along a
    /// direction of variance v are divided by v to the power of `power` / 2: 0 only turns, 1 whitens wholly, 0.5 half.
    /// Memory: the square of the dimensions.
    pub fn learn(vectors: &dyn Vectors, dimensions: usize, power: f64) -> Self {
        let width = vectors.dimensions();
        let (mut mean, mut square) = (vec![0.0; width], vec![vec![0.0; width]; width]);
        let mut count = 0.0_f64;
        each(vectors, |row| {
            count += 1.0;
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        });
        mean.iter_mut().for_each(|sum| *sum /= count.max(1.0));
        each(vectors, |row| {
            let apart: Vec<f64> =
                row.iter().zip(&mean).map(|(value, mean)| f64::from(*value) - mean).collect();
            for (sums, left) in square.iter_mut().zip(&apart) {
                sums.iter_mut().zip(&apart).for_each(|(sum, right)| *sum += left * right / count);
            }
        });
        let found = eigen(square);
        let most = found.values.first().copied().unwrap_or(0.0);
        let kept = found.values.iter().zip(found.vectors).take(dimensions);
        let directions = kept
            .filter(|(value, _)| **value > most * 1e-9)
            .map(|(value, vector)| {
                let factor = value.powf(-power / 2.0);
                vector.into_iter().map(|weight| weight * factor).collect()
            })
            .collect();
        Self { mean, directions }
    }

    /// How many directions there are.
    pub fn dimensions(&self) -> usize {
        self.directions.len()
    }

    /// Gives each vector, less the mean, in these directions, at unit length; all zero stays all zero.
    ///
    /// # Errors
    /// [`ThemesError::Shape`] where nothing was learnt.
    pub fn rows(&self, vectors: &dyn Vectors) -> Result<Rows<f32>, ThemesError> {
        let mut values = Vec::with_capacity(vectors.len() * self.dimensions());
        let mut row = vec![0.0; vectors.dimensions()];
        for at in 0..vectors.len() {
            vectors.read(at, &mut row);
            normalise(&mut row);
            let known = row.iter().any(|value| *value != 0.0);
            let apart: Vec<f64> =
                row.iter().zip(&self.mean).map(|(value, mean)| f64::from(*value) - mean).collect();
            let mut place: Vec<f32> =
                self.directions
                    .iter()
                    .map(|direction| {
                        if known {
                            direction.iter().zip(&apart).map(|(a, b)| a * b).sum::<f64>()
                        } else {
                            0.0
                        }
                    })
                    .map(|value| value as f32)
                    .collect();
            normalise(&mut place);
            values.extend(place);
        }
        Rows::new(self.dimensions(), values)
    }
}

fn each(vectors: &dyn Vectors, mut see: impl FnMut(&[f32])) {
    let mut row = vec![0.0; vectors.dimensions()];
    for at in 0..vectors.len() {
        vectors.read(at, &mut row);
        normalise(&mut row);
        if row.iter().any(|value| *value != 0.0) {
            see(&row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_weight() {
        let left = Rows::new(2, vec![3.0_f32, 4.0, 0.0, 0.0]).unwrap();
        let right = Rows::new(1, vec![-5_i8, 9]).unwrap();
        let both = combine(&[(&left, 0.7), (&right, 0.3)]).unwrap();
        let wanted = [0.42_f32, 0.56, -0.3, 0.0, 0.0, 0.3];
        assert!(both.rows().flatten().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-6));
        let short = Rows::new(1, vec![1.0_f32]).unwrap();
        assert!(combine(&[(&left, 0.7), (&short, 0.3)]).is_err() && combine(&[]).is_err());
    }

    #[test]
    fn whitening_takes_the_mean_off_and_evens_the_directions_out() {
        let rows: Vec<f32> = (0..200)
            .flat_map(|at| {
                let turn = at as f32 * 0.7;
                [1.0, 0.3 * turn.sin(), 0.05 * turn.cos()]
            })
            .collect();
        let rows = Rows::new(3, rows).unwrap();
        let spread = |power: f64| {
            let white = Whitening::learn(&rows, 2, power).rows(&rows).unwrap();
            let along = |at: usize| white.rows().map(|row| row[at].powi(2)).sum::<f32>();
            along(0) / along(1)
        };
        assert!(spread(0.0) > 3.0, "{}", spread(0.0));
        assert!((0.8..1.25).contains(&spread(1.0)), "{}", spread(1.0));
        let nothing = Rows::new(2, vec![0.0_f32; 4]).unwrap();
        assert!(Whitening::learn(&nothing, 2, 0.5).rows(&nothing).is_err());
    }
}
