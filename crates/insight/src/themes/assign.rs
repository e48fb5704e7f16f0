//! Known themes first: a new text belongs to a known theme where it is near to it, and nearer than to any other.

use super::vectors::{Rows, Units, Vectors, is_some, normalise};

/// Cosine from which a text belongs to a known theme (methods 5.1, step 3).
pub const NEAR: f64 = 0.55;
/// By so much it must be nearer than to the second (methods 5.1, step 3).
pub const MARGIN: f64 = 0.05;

/// The centroids of the known themes, made ready once for any number of texts.
#[derive(Clone, Debug)]
pub struct KnownThemes(Units);

impl KnownThemes {
    /// Takes the centroids; only their directions count, not their lengths.
    pub fn new(centroids: &Rows<f32>) -> Self {
        let mut known = Units::new(centroids.dimensions());
        centroids.rows().for_each(|row| known.push(row));
        Self(known)
    }

    /// Gives the known theme of a text: cosine of at least [`NEAR`], and [`MARGIN`] more than to the second nearest. None is the
    /// pool, from which new themes come; vectors without a direction and of other dimensions go there too.
    pub fn assign(&self, vector: &[f32]) -> Option<usize> {
        if vector.len() != self.0.dimensions() {
            return None;
        }
        let mut one = Units::new(vector.len());
        one.push(vector);
        let row = one.row(0);
        let near = self.0.nearest(row);
        let (cosine, second) = (f64::from(near.cosine), f64::from(near.second));
        let fits = self.0.len() > 0 && is_some(row) && cosine >= NEAR && cosine - second >= MARGIN;
        fits.then_some(near.at)
    }

    /// Gives the known theme that is nearest to a text, and its cosine, however far it is; the first of equals. None without
    /// themes, for a vector without a direction and for one of other dimensions. The vector's length does not matter, so that
    /// quantised embeddings are given as they are. About 10 µs for 400 themes of 256 numbers.
    pub fn nearest(&self, vector: &[i8]) -> Option<(usize, f32)> {
        if vector.len() != self.0.dimensions() || self.0.len() == 0 {
            return None;
        }
        let mut row = vec![0.0; self.0.stride()];
        row.iter_mut().zip(vector).for_each(|(value, byte)| *value = f32::from(*byte));
        normalise(&mut row);
        let near = self.0.nearest(&row);
        is_some(&row).then_some((near.at, near.cosine))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn themes(rows: &[[f32; 2]]) -> KnownThemes {
        KnownThemes::new(&Rows::new(2, rows.concat()).unwrap())
    }

    #[test]
    fn a_text_goes_to_a_near_theme_and_only_when_no_other_is_as_near() {
        let known = themes(&[[1.0, 0.0], [0.0, 2.0]]);
        assert_eq!(known.assign(&[5.0, 0.1]), Some(0));
        assert_eq!(known.assign(&[0.1, 5.0]), Some(1));
        assert_eq!(known.assign(&[1.0, 1.0]), None, "both are as near");
        assert_eq!(known.assign(&[1.0, 0.96]), None, "0.721 and 0.693 are too close");
        assert_eq!(known.assign(&[1.0, 0.9]), Some(0), "0.743 and 0.669 are apart");
        assert_eq!(known.assign(&[-1.0, 0.2]), None, "0.196 is far");
    }

    #[test]
    fn the_nearest_theme_is_given_with_its_cosine_however_far_it_is() {
        let known = themes(&[[1.0, 0.0], [0.0, 2.0]]);
        let (at, cosine) = known.nearest(&[30, 40]).unwrap();
        assert_eq!(at, 1);
        assert!((cosine - 0.8).abs() < 1e-6);
        let (at, cosine) = known.nearest(&[-128, -1]).unwrap();
        assert!(at == 1 && cosine < 0.0);
        assert_eq!(known.nearest(&[0, 0]), None);
        assert_eq!(known.nearest(&[1]), None);
        assert_eq!(themes(&[]).nearest(&[1, 0]), None);
    }

    #[test]
    fn what_has_no_direction_goes_to_the_pool() {
        let known = themes(&[[1.0, 0.0]]);
        for vector in [[0.0, 0.0], [f32::NAN, 1.0], [f32::INFINITY, 0.0]] {
            assert_eq!(known.assign(&vector), None);
        }
        assert_eq!(themes(&[]).assign(&[1.0, 0.0]), None);
        assert_eq!(known.assign(&[1.0, 0.0, 0.0]), None);
        assert_eq!(known.assign(&[1.0, 0.0]), Some(0), "one theme has no second");
    }
}
