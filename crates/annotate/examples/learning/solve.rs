//! Multinomial logistic regression with L2, solved by L-BFGS (Liu and Nocedal 1989), on one thread in a fixed order.

use groundswell_annotate::heads::CUES;

use super::exact::{exp, ln};

/// Sparse and dense features of the samples, in rows.
#[derive(Default)]
pub struct Design {
    /// Where the n-grams of each sample begin.
    pub starts: Vec<usize>,
    /// Numbers of n-grams.
    pub grams: Vec<u32>,
    /// What each n-gram of a sample counts.
    pub scales: Vec<f32>,
    /// Dense features, row by row.
    pub dense: Vec<f32>,
    /// Dense features of a sample.
    pub width: usize,
    /// Number of n-grams known.
    pub vocabulary: usize,
}

impl Design {
    fn row(&self, at: usize) -> (&[u32], f32, &[f32]) {
        let grams = &self.grams[self.starts[at]..self.starts[at + 1]];
        (grams, self.scales[at], &self.dense[at * self.width..(at + 1) * self.width])
    }

    /// Gives the scores of a sample.
    pub fn score(&self, weights: &[f32], classes: usize, at: usize) -> Vec<f32> {
        let (grams, scale, dense) = self.row(at);
        let mut sums = vec![0.0_f32; classes];
        for &gram in grams {
            let from = gram as usize * classes;
            for (sum, weight) in sums.iter_mut().zip(&weights[from..from + classes]) {
                *sum += weight;
            }
        }
        sums.iter_mut().for_each(|sum| *sum *= scale);
        let from = self.vocabulary * classes;
        for (index, value) in dense.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            let from = from + index * classes;
            for (sum, weight) in sums.iter_mut().zip(&weights[from..from + classes]) {
                *sum += weight * value;
            }
        }
        let bias = from + self.width * classes;
        sums.iter_mut().zip(&weights[bias..]).for_each(|(sum, weight)| *sum += weight);
        sums
    }

    fn back(&self, gradient: &mut [f32], classes: usize, at: usize, errors: &[f32]) {
        let (grams, scale, dense) = self.row(at);
        for &gram in grams {
            let from = gram as usize * classes;
            for (slot, error) in gradient[from..from + classes].iter_mut().zip(errors) {
                *slot += error * scale;
            }
        }
        let from = self.vocabulary * classes;
        for (index, value) in dense.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            let from = from + index * classes;
            for (slot, error) in gradient[from..from + classes].iter_mut().zip(errors) {
                *slot += error * value;
            }
        }
        let bias = from + self.width * classes;
        gradient[bias..].iter_mut().zip(errors).for_each(|(slot, error)| *slot += error);
    }
}

/// What is to be learnt from the samples.
pub struct Problem<'a> {
    pub design: &'a Design,
    /// Which samples take part.
    pub rows: &'a [usize],
    /// The share of each class, row by row of the design.
    pub targets: &'a [f32],
    /// What each sample of the design counts.
    pub weights: &'a [f32],
    pub classes: usize,
    /// Penalty on the weights of n-grams, of cues, and of the embedding.
    pub penalty: [f32; 3],
}

/// Turns scores into probabilities.
pub fn softmax(scores: &[f32]) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f64> = scores.iter().map(|score| exp(f64::from(score - most))).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| (power / sum) as f32).collect()
}

impl Problem<'_> {
    fn size(&self) -> usize {
        (self.design.vocabulary + self.design.width + 1) * self.classes
    }

    /// Gives loss and gradient.
    fn ask(&self, weights: &[f32], gradient: &mut [f32]) -> f64 {
        gradient.fill(0.0);
        let mut loss = 0.0;
        for &row in self.rows {
            let weight = self.weights[row];
            let shares = softmax(&self.design.score(weights, self.classes, row));
            let target = &self.targets[row * self.classes..(row + 1) * self.classes];
            for (share, wanted) in shares.iter().zip(target).filter(|(_, wanted)| **wanted > 0.0) {
                loss -= f64::from(weight * wanted) * ln(f64::from(*share).max(1e-12));
            }
            let errors: Vec<f32> =
                shares.iter().zip(target).map(|(share, wanted)| weight * (share - wanted)).collect();
            self.design.back(gradient, self.classes, row, &errors);
        }
        let [grams, cues, all] =
            [0, CUES, self.design.width].map(|width| (self.design.vocabulary + width) * self.classes);
        for (range, penalty) in [0..grams, grams..cues, cues..all].into_iter().zip(self.penalty) {
            for (slot, weight) in gradient[range.clone()].iter_mut().zip(&weights[range]) {
                *slot += penalty * weight;
                loss += 0.5 * f64::from(penalty * weight * weight);
            }
        }
        loss
    }

    /// Solves it in at most so many steps and gives the weights: n-grams, dense features, bias; each a row of classes.
    pub fn solve(&self, steps: usize) -> Vec<f32> {
        let size = self.size();
        let mut at = vec![0.0_f32; size];
        let mut gradient = vec![0.0_f32; size];
        let mut loss = self.ask(&at, &mut gradient);
        let mut memory: Vec<(Vec<f32>, Vec<f32>, f64)> = Vec::new();
        for step in 0..steps {
            let way = direction(&gradient, &memory);
            let slope = dot(&way, &gradient);
            if slope > -1e-9 {
                break;
            }
            let mut length = if step == 0 { 1.0 / dot(&gradient, &gradient).sqrt().max(1.0) } else { 1.0 };
            let mut next_gradient = vec![0.0_f32; size];
            let (next, next_loss) = loop {
                let next: Vec<f32> =
                    at.iter().zip(&way).map(|(at, way)| at + (length as f32) * way).collect();
                let next_loss = self.ask(&next, &mut next_gradient);
                if next_loss <= loss + 1e-4 * length * slope || length < 1e-8 {
                    break (next, next_loss);
                }
                length *= 0.4;
            };
            let moved: Vec<f32> = next.iter().zip(&at).map(|(next, at)| next - at).collect();
            let turned: Vec<f32> =
                next_gradient.iter().zip(&gradient).map(|(next, last)| next - last).collect();
            let curve = dot(&moved, &turned);
            if curve > 1e-12 {
                memory.push((moved, turned, curve));
                if memory.len() > 6 {
                    memory.remove(0);
                }
            }
            let gain = (loss - next_loss) / loss.abs().max(1e-9);
            (at, gradient, loss) = (next, next_gradient, next_loss);
            if gain < 2e-5 {
                break;
            }
        }
        at
    }
}

fn dot(one: &[f32], other: &[f32]) -> f64 {
    one.iter().zip(other).map(|(one, other)| f64::from(*one) * f64::from(*other)).sum()
}

/// Gives the direction of descent from the last steps (two loops).
fn direction(gradient: &[f32], memory: &[(Vec<f32>, Vec<f32>, f64)]) -> Vec<f32> {
    let mut way: Vec<f32> = gradient.iter().map(|slot| -slot).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for (moved, turned, curve) in memory.iter().rev() {
        let share = dot(moved, &way) / curve;
        way.iter_mut().zip(turned).for_each(|(slot, turned)| *slot -= share as f32 * turned);
        shares.push(share);
    }
    if let Some((_, turned, curve)) = memory.last() {
        let scale = (curve / dot(turned, turned)) as f32;
        way.iter_mut().for_each(|slot| *slot *= scale);
    }
    for ((moved, turned, curve), share) in memory.iter().zip(shares.iter().rev()) {
        let back = dot(turned, &way) / curve;
        let step = (share - back) as f32;
        way.iter_mut().zip(moved).for_each(|(slot, moved)| *slot += step * moved);
    }
    way
}
