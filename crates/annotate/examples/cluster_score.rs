//! Measures the shipped embedding on banking77: spherical k-means with the true number of clusters, NMI and ARI.

#![expect(clippy::print_stdout, reason = "a measuring program prints its measures")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use groundswell_annotate::{DIMENSIONS, Embedder};

type Row = [f32; DIMENSIONS];

const SEEDS: u64 = 5;
const ROUNDS: usize = 30;

/// Numbers without a pattern, the same ones for the same seed (splitmix64 after Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn dot(left: &Row, right: &Row) -> f32 {
    let mut lanes = [0.0_f32; 16];
    for (left, right) in left.as_chunks::<16>().0.iter().zip(right.as_chunks::<16>().0) {
        for ((lane, left), right) in lanes.iter_mut().zip(left).zip(right) {
            *lane += left * right;
        }
    }
    lanes.iter().sum()
}

/// Chooses first centres by k-means++ on 1 − cosine (Arthur and Vassilvitskii 2007).
fn seed(rows: &[Row], k: usize, random: &mut Random) -> Vec<Row> {
    let pick = (random.next() * rows.len() as f64) as usize;
    let mut centres: Vec<Row> = rows.get(pick).copied().into_iter().collect();
    let mut far = vec![f32::MAX; rows.len()];
    while let (true, Some(last)) = (centres.len() < k, centres.last()) {
        for (far, row) in far.iter_mut().zip(rows) {
            *far = far.min((1.0 - dot(row, last)).max(0.0));
        }
        let mut left = random.next() * far.iter().map(|far| f64::from(*far)).sum::<f64>();
        let chosen = far.iter().position(|far| {
            left -= f64::from(*far);
            left < 0.0
        });
        centres.extend(rows.get(chosen.unwrap_or(0)));
    }
    centres
}

/// Gives the cluster of each row and the sum of the cosines to the centres.
fn cluster(rows: &[Row], k: usize, random: &mut Random) -> (Vec<usize>, f64) {
    let mut centres = seed(rows, k, random);
    let (mut labels, mut quality) = (vec![0; rows.len()], 0.0);
    for _ in 0..ROUNDS {
        let mut sums = vec![[0.0_f32; DIMENSIONS]; k];
        quality = 0.0;
        for (label, row) in labels.iter_mut().zip(rows) {
            let near = centres.iter().map(|centre| dot(row, centre)).enumerate();
            let (best, cosine) =
                near.fold((0, f32::MIN), |best, now| if now.1 > best.1 { now } else { best });
            *label = best;
            quality += f64::from(cosine);
            for (sum, value) in sums.get_mut(best).into_iter().flatten().zip(row) {
                *sum += value;
            }
        }
        for (centre, sum) in centres.iter_mut().zip(&sums) {
            let length = dot(sum, sum).sqrt();
            if length > 0.0 {
                *centre = sum.map(|value| value / length);
            }
        }
    }
    (labels, quality)
}

/// Gives the normalised mutual information (arithmetic mean) and the adjusted Rand index (Hubert and Arabie 1985).
fn agreement(found: &[usize], truth: &[usize]) -> (f64, f64) {
    let (mut cells, mut left, mut right) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (found, truth) in found.iter().zip(truth) {
        *cells.entry((*found, *truth)).or_insert(0.0) += 1.0;
        *left.entry(*found).or_insert(0.0) += 1.0;
        *right.entry(*truth).or_insert(0.0) += 1.0;
    }
    let n = found.len() as f64;
    let entropy = |sizes: &BTreeMap<usize, f64>| -> f64 {
        sizes.values().map(|size: &f64| -(size / n) * (size / n).ln()).sum()
    };
    let size = |sizes: &BTreeMap<usize, f64>, at| sizes.get(at).copied().unwrap_or(1.0);
    let mutual: f64 = cells
        .iter()
        .map(|((found, truth), both): (_, &f64)| {
            both / n * (both * n / (size(&left, found) * size(&right, truth))).ln()
        })
        .sum();
    let pairs = |size: f64| size * (size - 1.0) / 2.0;
    let (a, b): (f64, f64) =
        (left.values().map(|size| pairs(*size)).sum(), right.values().map(|size| pairs(*size)).sum());
    let expected = a * b / pairs(n);
    let same: f64 = cells.values().map(|both| pairs(*both)).sum();
    (2.0 * mutual / (entropy(&left) + entropy(&right)), (same - expected) / ((a + b) / 2.0 - expected))
}

fn main() -> Result<(), Box<dyn Error>> {
    let named = std::env::args().nth(1);
    let default =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/themes_stage/banking77_train.csv");
    let path = named.map_or(default, Into::into);
    let mut reader = csv::Reader::from_path(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let embedder = Embedder::shipped()?;
    let (mut rows, mut truth, mut names) = (Vec::new(), Vec::new(), BTreeMap::new());
    for record in reader.records() {
        let record = record?;
        let (Some(text), Some(label)) = (record.get(0), record.get(1)) else { continue };
        let next = names.len();
        truth.push(*names.entry(label.to_owned()).or_insert(next));
        rows.push(Row::try_from(embedder.embed(text).as_slice())?);
    }
    println!("{} texts, {} labels, {} tokens known", rows.len(), names.len(), embedder.tokens());
    let (mut nmi, mut ari) = (0.0, 0.0);
    for seed in 0..SEEDS {
        let (found, quality) = cluster(&rows, names.len(), &mut Random(seed));
        let score = agreement(&found, &truth);
        println!(
            "seed {seed}: NMI {:.3} ARI {:.3}, mean cosine {:.3}",
            score.0,
            score.1,
            quality / rows.len() as f64
        );
        nmi += score.0 / SEEDS as f64;
        ari += score.1 / SEEDS as f64;
    }
    println!("mean of {SEEDS} seeds: NMI {nmi:.3} ARI {ari:.3}");
    Ok(())
}
