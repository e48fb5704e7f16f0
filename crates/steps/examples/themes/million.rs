//! How long a million takes, and how much memory: made-up vectors around five hundred directions, one byte a number.

use std::ops::ControlFlow;
use std::time::Instant;

use groundswell_insight::themes::{Clustering, Rows, cluster};

const TEXTS: usize = 1_000_000;
const DIMENSIONS: usize = 256;
const DIRECTIONS: usize = 500;

/// A stream of random numbers (SplitMix64 by Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// About normal: the sum of eight bytes, of mean 0 and standard deviation 1.
    fn normal(&mut self) -> f32 {
        let sum: u32 = self.next().to_le_bytes().iter().map(|byte| u32::from(*byte)).sum();
        (sum as f32 - 1020.0) / 209.0
    }
}

/// Clusters them and prints the time by step and the most memory held.
pub fn measure() {
    let mut random = Random(7);
    let directions: Vec<Vec<f32>> =
        (0..DIRECTIONS).map(|_| (0..DIMENSIONS).map(|_| random.normal()).collect()).collect();
    let mut values: Vec<i8> = Vec::with_capacity(TEXTS * DIMENSIONS);
    for _ in 0..TEXTS {
        // Small numbers are drawn more often: directions of unlike size.
        let at = ((random.next() % 10_000) as f64 / 10_000.0).powi(2) * DIRECTIONS as f64;
        values.extend(
            directions[at as usize].iter().map(|value| ((value + 0.8 * random.normal()) * 25.0) as i8),
        );
    }
    let vectors = Rows::new(DIMENSIONS, values).expect("whole rows");
    println!("{TEXTS} vectors of {DIMENSIONS} bytes are made; held at most: {} MB", most_memory());
    let started = Instant::now();
    let mut last = None;
    let mut watch = |step, done: f64| {
        if last != Some(step) {
            println!("{:6.1} s {step:?} {done:.2}", started.elapsed().as_secs_f64());
            last = Some(step);
        }
        ControlFlow::Continue(())
    };
    let found = cluster(&vectors, &[], &Clustering::default(), &mut watch).expect("the shapes fit");
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    println!("{minutes:.2} minutes, {} themes, held at most: {} MB", found.extents.len(), most_memory());
}

/// The most memory that the process has held, in MB; 0 where the system does not say.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kilobytes| kilobytes.parse().ok());
    number.unwrap_or(0_u64) / 1024
}
