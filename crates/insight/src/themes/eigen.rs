//! Eigenvalues and vectors of a symmetric square, by cyclic Jacobi rotations (Golub and Van Loan 2013, section 8.5).

/// Sweeps at most; a square of 400 is done after ten or so.
const SWEEPS: usize = 40;

/// Eigenvalues, largest first, and for each its unit vector. Each vector's largest number is positive, so that the same square
/// always gives the same vectors.
pub(super) struct Eigen {
    pub values: Vec<f64>,
    pub vectors: Vec<Vec<f64>>,
}

/// Rotates a symmetric square until only its diagonal is left. Rows of other lengths than their number count as cut off.
pub(super) fn eigen(mut square: Vec<Vec<f64>>) -> Eigen {
    let n = square.len();
    let mut vectors: Vec<Vec<f64>> =
        (0..n).map(|at| (0..n).map(|to| if at == to { 1.0 } else { 0.0 }).collect()).collect();
    let whole: f64 = square.iter().flatten().map(|value| value * value).sum();
    for _ in 0..SWEEPS {
        let off: f64 = square
            .iter()
            .enumerate()
            .flat_map(|(at, row)| row.iter().skip(at + 1).map(|value| value * value))
            .sum();
        if off <= whole * 1e-24 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut square, &mut vectors, p, q);
            }
        }
    }
    sorted(&square, vectors)
}

fn get(square: &[Vec<f64>], row: usize, column: usize) -> f64 {
    square.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0)
}

fn rotate(square: &mut [Vec<f64>], vectors: &mut [Vec<f64>], p: usize, q: usize) {
    let apq = get(square, p, q);
    if apq == 0.0 {
        return;
    }
    let theta = (get(square, q, q) - get(square, p, p)) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    turn(square, p, q, (c, t * c));
    for row in square.iter_mut() {
        turn_within(row, p, q, (c, t * c));
    }
    turn(vectors, p, q, (c, t * c));
}

/// Turns two rows.
fn turn(rows: &mut [Vec<f64>], p: usize, q: usize, (c, s): (f64, f64)) {
    let (head, tail) = rows.split_at_mut(q);
    let (Some(left), Some(right)) = (head.get_mut(p), tail.first_mut()) else { return };
    for (left, right) in left.iter_mut().zip(right) {
        (*left, *right) = (c * *left - s * *right, s * *left + c * *right);
    }
}

/// Turns two numbers of a row.
fn turn_within(row: &mut [f64], p: usize, q: usize, (c, s): (f64, f64)) {
    let (head, tail) = row.split_at_mut(q);
    let (Some(left), Some(right)) = (head.get_mut(p), tail.first_mut()) else { return };
    (*left, *right) = (c * *left - s * *right, s * *left + c * *right);
}

fn sorted(square: &[Vec<f64>], vectors: Vec<Vec<f64>>) -> Eigen {
    let mut pairs: Vec<(f64, Vec<f64>)> =
        vectors.into_iter().enumerate().map(|(at, vector)| (get(square, at, at), vector)).collect();
    pairs.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    for (_, vector) in &mut pairs {
        let largest =
            vector.iter().copied().fold(0.0, |most: f64, v| if v.abs() > most.abs() { v } else { most });
        if largest < 0.0 {
            vector.iter_mut().for_each(|value| *value = -*value);
        }
    }
    let (values, vectors) = pairs.into_iter().unzip();
    Eigen { values, vectors }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_squares_are_taken_apart() {
        let found = eigen(vec![vec![2.0, 1.0], vec![1.0, 2.0]]);
        assert!((found.values[0] - 3.0).abs() < 1e-12 && (found.values[1] - 1.0).abs() < 1e-12);
        let half = 0.5_f64.sqrt();
        assert!(found.vectors[0].iter().all(|value| (value - half).abs() < 1e-12));
        assert!(eigen(Vec::new()).values.is_empty());
        assert_eq!(eigen(vec![vec![0.0; 3]; 3]).values, [0.0; 3]);
    }

    #[test]
    fn vectors_and_values_give_the_square_back() {
        let n = 12;
        let square: Vec<Vec<f64>> =
            (0..n).map(|i| (0..n).map(|j| ((i * j + i + j) as f64 * 0.37).sin()).collect()).collect();
        let found = eigen(square.clone());
        for (i, row) in square.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                let pairs = found.values.iter().zip(&found.vectors);
                let back: f64 = pairs.map(|(value, vector)| value * vector[i] * vector[j]).sum();
                assert!((back - value).abs() < 1e-9);
            }
        }
    }
}
