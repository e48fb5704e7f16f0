//! Vectors as they are handed over, and as the clustering works on them: unit rows, padded for loops of fixed width.

use super::ThemesError;

/// Numbers that a loop takes at once; rows are padded to a multiple of it.
const LANES: usize = 16;
/// Centroids that are compared at once.
const BLOCK: usize = 4;

/// Vectors that can be read one at a time, in any order and again. A caller may hold them as it likes: [`Rows`] of `f32`
/// (four bytes a number) or of `i8` (one byte a number; 256 MB for a million embeddings of 256 numbers).
pub trait Vectors {
    /// How many there are.
    fn len(&self) -> usize;
    /// Numbers of each.
    fn dimensions(&self) -> usize;
    /// Writes one into `out`, which has as many places as there are dimensions. Its length does not matter, only its
    /// direction. A number that there is none of leaves `out` as it was.
    fn read(&self, at: usize, out: &mut [f32]);
    /// Says whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Vectors one after the other in memory, as `f32` or as `i8`.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows<T> {
    dimensions: usize,
    values: Vec<T>,
}

impl<T: Copy + Into<f32>> Rows<T> {
    /// Takes numbers as rows of `dimensions` each.
    ///
    /// # Errors
    /// [`ThemesError::Shape`] where the numbers do not fill whole rows.
    pub fn new(dimensions: usize, values: Vec<T>) -> Result<Self, ThemesError> {
        if dimensions == 0 || !values.len().is_multiple_of(dimensions) {
            return Err(ThemesError::Shape { values: values.len(), dimensions });
        }
        Ok(Self { dimensions, values })
    }

    /// Gives one row; empty where there is none.
    pub fn row(&self, at: usize) -> &[T] {
        let from = at.saturating_mul(self.dimensions);
        self.values.get(from..from.saturating_add(self.dimensions)).unwrap_or(&[])
    }

    /// Gives all rows in order.
    pub fn rows(&self) -> impl Iterator<Item = &[T]> {
        self.values.chunks_exact(self.dimensions.max(1))
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`ThemesError::Shape`] where it has another number of dimensions.
    pub fn push(&mut self, row: &[T]) -> Result<(), ThemesError> {
        if row.len() != self.dimensions {
            return Err(ThemesError::Shape { values: row.len(), dimensions: self.dimensions });
        }
        self.values.extend_from_slice(row);
        Ok(())
    }
}

impl<T: Copy + Into<f32>> Vectors for Rows<T> {
    fn len(&self) -> usize {
        self.values.len() / self.dimensions.max(1)
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn read(&self, at: usize, out: &mut [f32]) {
        for (out, value) in out.iter_mut().zip(self.row(at)) {
            *out = (*value).into();
        }
    }
}

/// Rows of unit length (or all zero), padded with zeros to a multiple of [`LANES`].
#[derive(Clone, Debug)]
pub(super) struct Units {
    dimensions: usize,
    stride: usize,
    values: Vec<f32>,
}

/// The nearest of some centroids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Nearest {
    /// Its number; 0 where there are no centroids.
    pub at: usize,
    /// Its cosine; −1 where there are no centroids.
    pub cosine: f32,
    /// The cosine of the second nearest; −1 where there is none.
    pub second: f32,
}

impl Units {
    pub fn new(dimensions: usize) -> Self {
        Self { dimensions, stride: dimensions.div_ceil(LANES).max(1) * LANES, values: Vec::new() }
    }

    /// As many rows of zeros.
    pub fn zeros(dimensions: usize, len: usize) -> Self {
        let mut rows = Self::new(dimensions);
        rows.values = vec![0.0; rows.stride * len];
        rows
    }

    /// Reads the vectors with these numbers.
    pub fn of(vectors: &dyn Vectors, numbers: impl Iterator<Item = usize>) -> Self {
        let mut rows = Self::new(vectors.dimensions());
        let mut row = vec![0.0; vectors.dimensions()];
        for at in numbers {
            row.fill(0.0);
            vectors.read(at, &mut row);
            rows.push(&row);
        }
        rows
    }

    /// Copies the rows with these numbers.
    pub fn chosen(&self, numbers: impl Iterator<Item = usize>) -> Self {
        let mut rows = Self::new(self.dimensions);
        numbers.for_each(|at| rows.push_as_it_is(self.row(at)));
        rows
    }

    /// Adds a row in unit length.
    pub fn push(&mut self, row: &[f32]) {
        let from = self.values.len();
        self.values.extend_from_slice(row.get(..self.dimensions).unwrap_or(row));
        self.values.resize(from + self.stride, 0.0);
        if let Some(added) = self.values.get_mut(from..) {
            normalise(added);
        }
    }

    /// Adds a padded row in the length that it has.
    pub fn push_as_it_is(&mut self, row: &[f32]) {
        debug_assert_eq!(row.len(), self.stride);
        self.values.extend_from_slice(row);
    }

    pub fn len(&self) -> usize {
        self.values.len() / self.stride
    }

    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Gives a row with its padding; empty where there is none.
    pub fn row(&self, at: usize) -> &[f32] {
        self.values.get(at * self.stride..(at + 1) * self.stride).unwrap_or(&[])
    }

    /// Gives a row with its padding, to change it.
    pub fn row_mut(&mut self, at: usize) -> Option<&mut [f32]> {
        self.values.get_mut(at * self.stride..(at + 1) * self.stride)
    }

    pub fn rows(&self) -> std::slice::ChunksExact<'_, f32> {
        self.values.chunks_exact(self.stride)
    }

    pub fn rows_mut(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        self.values.chunks_exact_mut(self.stride)
    }

    /// Gives the rows without their padding.
    pub fn to_rows(&self) -> Rows<f32> {
        let values = self.rows().flat_map(|row| row.iter().take(self.dimensions)).copied().collect();
        Rows { dimensions: self.dimensions, values }
    }

    /// Gives the nearest of these rows; the first of those that are equally near.
    pub fn nearest(&self, row: &[f32]) -> Nearest {
        let mut found = Nearest { at: 0, cosine: -1.0, second: -1.0 };
        let mut see = |at: usize, cosine: f32| {
            if cosine > found.cosine || at == 0 {
                found = Nearest { at, cosine, second: found.cosine };
            } else if cosine > found.second {
                found.second = cosine;
            }
        };
        let blocks = self.values.chunks_exact(self.stride * BLOCK);
        let rest = blocks.remainder();
        let whole = self.len() - rest.len() / self.stride;
        for (number, block) in blocks.enumerate() {
            for (offset, cosine) in dots(row, block).into_iter().enumerate() {
                see(number * BLOCK + offset, cosine);
            }
        }
        for (offset, centroid) in rest.chunks_exact(self.stride).enumerate() {
            see(whole + offset, dot(row, centroid));
        }
        found
    }
}

impl Vectors for Units {
    fn len(&self) -> usize {
        self.len()
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn read(&self, at: usize, out: &mut [f32]) {
        out.iter_mut().zip(self.row(at)).for_each(|(out, value)| *out = *value);
    }
}

/// Says whether a row has a direction.
pub(super) fn is_some(row: &[f32]) -> bool {
    row.iter().any(|value| *value != 0.0)
}

/// Brings a row to unit length; one without a direction, or that is not finite, becomes all zero.
pub(super) fn normalise(row: &mut [f32]) {
    let length = row.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
    let factor = if length.is_finite() && length > 0.0 { (1.0 / length) as f32 } else { 0.0 };
    if factor > 0.0 && factor.is_finite() {
        row.iter_mut().for_each(|value| *value *= factor);
    } else {
        row.fill(0.0);
    }
}

fn add(sums: &mut [f32; 8], left: &[f32; 8], right: &[f32; 8]) {
    for ((sum, left), right) in sums.iter_mut().zip(left).zip(right) {
        *sum += left * right;
    }
}

/// Sums products in lanes of fixed order, so that every machine rounds alike.
pub(super) fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (left, right) in left.as_chunks::<8>().0.iter().zip(right.as_chunks::<8>().0) {
        add(&mut sums, left, right);
    }
    sums.iter().sum()
}

/// The products of a row with four rows that stand one after the other.
fn dots(row: &[f32], block: &[f32]) -> [f32; BLOCK] {
    let (first, second) = block.split_at(block.len() / 2);
    let ((a, b), (c, d)) = (first.split_at(first.len() / 2), second.split_at(second.len() / 2));
    let mut sums = [[0.0; 8]; BLOCK];
    let [sum_a, sum_b, sum_c, sum_d] = &mut sums;
    let chunks = |of| <[f32]>::as_chunks::<8>(of).0.iter();
    for ((((row, a), b), c), d) in chunks(row).zip(chunks(a)).zip(chunks(b)).zip(chunks(c)).zip(chunks(d)) {
        add(sum_a, row, a);
        add(sum_b, row, b);
        add(sum_c, row, c);
        add(sum_d, row, d);
    }
    sums.map(|lanes| lanes.iter().sum())
}
