//! The theme nearest to a text, in whole numbers: what every new text is asked, fast and alike on every machine.

use super::vectors::Vectors;

/// Cosine to a known theme from which a run takes a text for that theme's (methods 5.1, step 3).
pub const NEAR: f64 = 0.55;

/// Cosine from which a text belongs to the theme that is nearest to it (`docs/themes.md` has what other limits give). It is
/// that of [`NEAR`], so that the texts without a theme are those of which [`super::recluster`] forms new ones.
pub const BELONGS: f32 = NEAR as f32;

/// Numbers that are multiplied at once.
const BLOCK: usize = 64;

/// The largest number of a centroid.
const LARGEST: f32 = 127.0;

/// The centroids of themes, one byte a number, made ready once for any number of texts. Memory: two bytes a number.
#[derive(Clone, Debug)]
pub struct NearestTheme {
    dimensions: usize,
    values: Vec<i16>,
    /// One by the length of each centroid; 0 for one without a direction, which is near to nothing.
    scales: Vec<f32>,
}

impl NearestTheme {
    /// Takes the centroids; only their directions count. Those of four bytes a number are rounded, their largest number to 127.
    pub fn new(centroids: &dyn Vectors) -> Self {
        let dimensions = centroids.dimensions();
        let mut nearest = Self { dimensions, values: Vec::new(), scales: Vec::new() };
        let mut row = vec![0.0; dimensions];
        for at in 0..centroids.len() {
            row.fill(0.0);
            centroids.read(at, &mut row);
            let whole = whole_numbers(&row);
            nearest.scales.push(one_by_length(&whole));
            nearest.values.extend(whole);
        }
        nearest
    }

    /// How many themes there are.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// Gives the theme that is nearest to a text, and the cosine (-1 to 1), however far it is; the first of equals. None without
    /// themes, for a vector without a direction and for one of other dimensions. The vector's length does not matter.
    pub fn nearest(&self, vector: &[i8]) -> Option<(usize, f32)> {
        let row: Vec<i16> = vector.iter().map(|value| i16::from(*value)).collect();
        let scale = one_by_length(&row);
        if row.len() != self.dimensions || scale == 0.0 {
            return None;
        }
        let mut best: Option<(usize, f32)> = None;
        let centroids = self.values.chunks_exact(self.dimensions.max(1));
        for (at, (centroid, own)) in centroids.zip(&self.scales).enumerate() {
            let cosine = dot(&row, centroid) as f32 * own;
            if *own > 0.0 && best.is_none_or(|(_, most)| cosine > most) {
                best = Some((at, cosine));
            }
        }
        best.map(|(at, cosine)| (at, (cosine * scale).clamp(-1.0, 1.0)))
    }

    /// Gives the theme that a text belongs to: the nearest, where its cosine is at least `limit` (see [`BELONGS`]).
    pub fn theme(&self, vector: &[i8], limit: f32) -> Option<usize> {
        self.nearest(vector).filter(|(_, cosine)| *cosine >= limit).map(|(at, _)| at)
    }
}

/// A direction in whole numbers, the largest 127; all zero where there is none. What is given in bytes stays as it is.
fn whole_numbers(row: &[f32]) -> Vec<i16> {
    let most = row.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
    let known = most > 0.0 && row.iter().all(|value| value.is_finite());
    let bytes = row.iter().all(|value| value.fract() == 0.0 && value.abs() <= LARGEST + 1.0);
    let factor = match (known, bytes) {
        (false, _) => 0.0,
        (true, true) => 1.0,
        (true, false) => LARGEST / most,
    };
    row.iter().map(|value| if known { (value * factor).round() as i16 } else { 0 }).collect()
}

fn one_by_length(row: &[i16]) -> f32 {
    let square = row.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
    if square > 0.0 { (1.0 / square.sqrt()) as f32 } else { 0.0 }
}

/// The sum of products of numbers of at most 128, exact up to 131,000 dimensions. Rows of whole blocks are the quickest.
fn dot(left: &[i16], right: &[i16]) -> i32 {
    let (left, left_rest) = left.as_chunks::<BLOCK>();
    let (right, right_rest) = right.as_chunks::<BLOCK>();
    left.iter().zip(right).map(|(left, right)| products(left, right)).sum::<i32>()
        + products(left_rest, right_rest)
}

fn products(left: &[i16], right: &[i16]) -> i32 {
    left.iter().zip(right).map(|(left, right)| i32::from(*left) * i32::from(*right)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::Rows;
    use super::*;

    #[test]
    fn the_nearest_theme_is_given_with_its_cosine_however_far_it_is() {
        let themes = NearestTheme::new(&Rows::new(2, vec![1.0_f32, 0.0, 0.0, 2.5]).unwrap());
        let (at, cosine) = themes.nearest(&[30, 40]).unwrap();
        assert_eq!((at, themes.len()), (1, 2));
        assert!((cosine - 0.8).abs() < 1e-6);
        let (at, cosine) = themes.nearest(&[-128, -1]).unwrap();
        assert!(at == 1 && cosine < 0.0);
        assert_eq!(themes.nearest(&[5, 5]).unwrap().0, 0, "the first of equals");
        assert_eq!((themes.theme(&[3, 4], 0.79), themes.theme(&[3, 4], 0.81)), (Some(1), None));
    }

    #[test]
    fn centroids_in_bytes_stay_as_they_are_and_others_are_near_enough() {
        let bytes = NearestTheme::new(&Rows::new(3, vec![3_i8, -5, 100]).unwrap());
        assert_eq!(bytes.values, [3, -5, 100]);
        let exact = [0.31_f32, -0.57, 0.93, 0.004];
        let length = exact.iter().map(|value| value * value).sum::<f32>().sqrt();
        let themes = NearestTheme::new(&Rows::new(4, exact.to_vec()).unwrap());
        let text = [12_i8, -90, 127, 3];
        let own = text.iter().map(|value| f32::from(*value).powi(2)).sum::<f32>().sqrt();
        let product: f32 = exact.iter().zip(&text).map(|(left, right)| left * f32::from(*right)).sum();
        let (_, cosine) = themes.nearest(&text).unwrap();
        assert!((cosine - product / length / own).abs() < 2e-3);
    }

    #[test]
    fn what_has_no_direction_is_near_to_nothing() {
        let none = NearestTheme::new(&Rows::new(2, Vec::<f32>::new()).unwrap());
        assert!(none.is_empty() && none.nearest(&[1, 0]).is_none());
        let odd = NearestTheme::new(&Rows::new(2, vec![0.0_f32, 0.0, f32::NAN, 1.0, -1.0, 0.0]).unwrap());
        assert_eq!(odd.nearest(&[1, 0]), Some((2, -1.0)));
        assert_eq!((odd.nearest(&[0, 0]), odd.nearest(&[1])), (None, None));
        assert_eq!(odd.nearest(&[1, 0, 0]), None);
    }
}
