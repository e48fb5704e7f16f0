//! Figures of quality with intervals: bootstrap over the cases (percentiles of 400 draws, fixed seed), or Wilson.

/// A measured figure with its interval of 95 %.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub n: usize,
}

/// Draws of the bootstrap.
const DRAWS: usize = 400;

/// Measures a figure over cases and gives the interval of its bootstrap.
pub fn bootstrap<T: Copy>(cases: &[T], measure: impl Fn(&[T]) -> f64) -> Figure {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut draws: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let drawn: Vec<T> = cases
                .iter()
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    cases[(state % cases.len() as u64) as usize]
                })
                .collect();
            measure(&drawn)
        })
        .collect();
    draws.sort_by(f64::total_cmp);
    let (low, high) = (draws[DRAWS / 40], draws[DRAWS - 1 - DRAWS / 40]);
    Figure { value: measure(cases), low, high, n: cases.len() }
}

/// Gives a share with the interval of Wilson.
pub fn share(right: usize, n: usize) -> Figure {
    let (n_f, z) = (n.max(1) as f64, 1.96_f64);
    let p = right as f64 / n_f;
    let middle = p + z * z / (2.0 * n_f);
    let reach = z * (p * (1.0 - p) / n_f + z * z / (4.0 * n_f * n_f)).sqrt();
    let scale = 1.0 + z * z / n_f;
    Figure { value: p, low: (middle - reach) / scale, high: (middle + reach) / scale, n }
}

/// Gives the mean of F1 over the classes that occur among the truths, of pairs of truth and answer.
pub fn macro_f1(pairs: &[(usize, usize)]) -> f64 {
    let classes = pairs.iter().map(|(truth, told)| truth.max(told) + 1).max().unwrap_or(0);
    let (mut sum, mut count) = (0.0, 0);
    for class in 0..classes {
        let truths = pairs.iter().filter(|(truth, _)| *truth == class).count();
        let told = pairs.iter().filter(|(_, told)| *told == class).count();
        let right = pairs.iter().filter(|(truth, told)| *truth == class && *told == class).count();
        if truths > 0 {
            sum += 2.0 * right as f64 / (truths + told) as f64;
            count += 1;
        }
    }
    sum / f64::from(count.max(1))
}

/// Gives how often a positive ranks before a negative.
pub fn auc(scored: &[(f32, bool)]) -> f64 {
    let ranks = ranks(&scored.iter().map(|one| f64::from(one.0)).collect::<Vec<_>>());
    let positive = scored.iter().filter(|one| one.1).count() as f64;
    let sum: f64 = scored.iter().zip(&ranks).filter(|(one, _)| one.1).map(|(_, rank)| rank).sum();
    (sum - positive * (positive + 1.0) / 2.0) / (positive * (scored.len() as f64 - positive))
}

/// Gives the expected calibration error: how far the probabilities of ten bins lie from the shares in them, weighted by size.
pub fn calibration_error(told: &[(f32, bool)]) -> f64 {
    let mut bins = [(0_usize, 0.0_f64, 0_usize); 10];
    for (probability, truth) in told {
        let bin = &mut bins[((probability * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + f64::from(*probability), bin.2 + usize::from(*truth));
    }
    bins.iter().map(|(_, sum, right)| (sum - *right as f64).abs()).sum::<f64>() / told.len().max(1) as f64
}

/// Gives by what the log-odds would have to be divided for the least log-loss, to a twentieth.
pub fn temperature(told: &[(f32, bool)]) -> f64 {
    let loss = |temperature: f64| -> f64 {
        let one = |(probability, truth): &(f32, bool)| {
            let p = f64::from(*probability).clamp(0.0005, 0.9995);
            let odds = (p / (1.0 - p)).ln() / temperature;
            (1.0 + (if *truth { -odds } else { odds }).exp()).ln()
        };
        told.iter().map(one).sum()
    };
    let steps = (5..=100).map(|step| f64::from(step) / 20.0);
    steps.min_by(|one, other| loss(*one).total_cmp(&loss(*other))).unwrap_or(1.0)
}

/// Gives the rank correlation of Spearman.
pub fn spearman(pairs: &[(f64, f64)]) -> f64 {
    let (one, other): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (one, other) = (ranks(&one), ranks(&other));
    let mean = (pairs.len() as f64 + 1.0) / 2.0;
    let sum = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum() };
    sum(&one, &other) / (sum(&one, &one) * sum(&other, &other)).sqrt()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
    let mut out = vec![0.0; values.len()];
    let mut at = 0;
    for run in order.chunk_by(|one, other| values[*one] == values[*other]) {
        let rank = at as f64 + (run.len() as f64 + 1.0) / 2.0;
        run.iter().for_each(|index| out[*index] = rank);
        at += run.len();
    }
    out
}

/// Gives the F1 of the words of a span against the true one; an absent one agrees with an absent one alone.
pub fn span_f1(truth: Option<&str>, told: Option<&str>) -> f64 {
    let words = |text: &str| -> Vec<String> {
        let parts = text.split(|sign: char| !(sign.is_alphanumeric() || sign == '\''));
        parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let (Some(truth), Some(told)) = (truth.map(words), told.map(words)) else {
        return f64::from(u8::from(truth.is_none() && told.is_none()));
    };
    let mut left = told.clone();
    let shared = truth
        .iter()
        .filter(|word| left.iter().position(|known| known == *word).map(|at| left.remove(at)).is_some())
        .count();
    2.0 * shared as f64 / (truth.len() + told.len()).max(1) as f64
}
