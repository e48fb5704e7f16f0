//! The signs of an embedding: 32 bytes that tell which of a million may be alike, before their embeddings are compared.
//!
//! The share of signs that differ estimates the angle between two vectors whose numbers are spread around zero (Charikar 2002).

/// Numbers of an embedding whose signs are kept.
const SIGNS: usize = 256;

/// One bit for each number of an embedding: whether it is above zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sketch([u64; SIGNS / 64]);

impl Sketch {
    /// Takes the signs of an embedding, of its first 256 numbers.
    pub fn of(vector: &[i8]) -> Self {
        let mut words = [0_u64; SIGNS / 64];
        for (word, numbers) in words.iter_mut().zip(vector.chunks(64)) {
            *word =
                numbers.iter().enumerate().fold(0, |word, (at, value)| word | (u64::from(*value > 0) << at));
        }
        Self(words)
    }

    /// Counts the signs that differ.
    pub fn distance(self, other: Self) -> u32 {
        self.0.iter().zip(other.0).map(|(own, other)| (own ^ other).count_ones()).sum()
    }
}

/// Gives the places of the sketches nearest to one, at most `most`, the nearest first and of equals the first ones. Sketches
/// that are absent are not near to anything.
pub fn nearest(
    wanted: Sketch,
    sketches: impl Iterator<Item = Option<Sketch>> + Clone,
    most: usize,
) -> Vec<usize> {
    let mut counts = [0_usize; SIGNS + 1];
    let distances = sketches.map(|sketch| sketch.map(|sketch| wanted.distance(sketch) as usize));
    for distance in distances.clone().flatten() {
        counts.get_mut(distance).into_iter().for_each(|count| *count += 1);
    }
    let mut taken = 0;
    let within = counts.iter().position(|count| {
        taken += count;
        taken >= most
    });
    let within = within.unwrap_or(SIGNS);
    let mut near: Vec<(usize, usize)> = distances
        .enumerate()
        .filter_map(|(at, distance)| {
            distance.filter(|distance| *distance <= within).map(|distance| (distance, at))
        })
        .collect();
    near.sort_unstable();
    near.truncate(most);
    near.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(angle: f64) -> Vec<i8> {
        (0..SIGNS).map(|at| (100.0 * (angle + at as f64 * 0.7).sin()) as i8).collect()
    }

    #[test]
    fn the_nearest_come_first_and_what_has_no_sketch_never_does() {
        let angles = [1.6, 0.3, 0.1, 3.0];
        let mut sketches: Vec<Option<Sketch>> =
            angles.iter().map(|angle| Some(Sketch::of(&vector(*angle)))).collect();
        sketches.push(None);
        let wanted = Sketch::of(&vector(0.0));
        assert_eq!(nearest(wanted, sketches.iter().copied(), 10), [2, 1, 0, 3]);
        assert_eq!(nearest(wanted, sketches.iter().copied(), 2), [2, 1]);
        assert_eq!(nearest(wanted, sketches.iter().copied(), 0), Vec::<usize>::new());
        assert!(wanted.distance(Sketch::of(&vector(std::f64::consts::PI))) > 250, "the opposite");
    }
}
