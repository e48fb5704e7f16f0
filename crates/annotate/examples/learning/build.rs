//! Makes heads of samples: vocabulary, one regression for each head, quantised weights.

use groundswell_annotate::heads::{CUES, DENSE, Head, OUTPUTS, Weights};
use groundswell_annotate::spans::SpanWeights;

use super::corpus::{Sample, Source};
use super::solve::{Design, Problem};

/// Steps of the solver.
const STEPS: usize = 40;
/// An n-gram is learnt from this many samples on.
const LEAST: u32 = 2;

/// What a source counts in the training of a head, all its samples together.
fn counts(head: Head, source: Source) -> f32 {
    use Source::{Amazon, Banking, Cfpb, Development, Nhft, Phrases, Training, Viber};
    match (head, source) {
        (Head::Outcome, Nhft) => 1_500.0,
        (Head::Outcome, Training) => 6_000.0,
        (Head::Outcome, Banking | Amazon) => 500.0,
        (Head::Outcome, Development) => 500.0,
        (Head::Outcome, Viber) => 200.0,
        (Head::Outcome, Cfpb) => 100.0,
        (Head::Gap, Training) => 3_000.0,
        (Head::Gap, Phrases) => 300.0,
        (Head::Gap, Cfpb) => 500.0,
        (Head::Gap, Development) => 300.0,
        (Head::Gap, Banking | Nhft) => 200.0,
        (Head::Stage, Banking) => 1_000.0,
        (Head::Stage, Phrases) => 800.0,
        (Head::Stage, Development) => 300.0,
        (Head::Sentiment | Head::Strength, Amazon) => 2_500.0,
        (Head::Sentiment | Head::Strength, Nhft) => 2_000.0,
        (Head::Sentiment | Head::Strength, Viber) => 1_000.0,
        (Head::Sentiment | Head::Strength, Training) => 300.0,
        (Head::Sentiment | Head::Strength, Development) => 300.0,
        (Head::Sentiment, Cfpb) => 200.0,
        (Head::Explicit, Training) => 1_400.0,
        (Head::Explicit, Development) => 100.0,
        (Head::Exceeded, Training) => 450.0,
        (Head::Exceeded, Development) => 50.0,
        _ => 0.0,
    }
}

/// Penalties on n-grams, cues and the embedding: the embedding knows the source of a text too well to be trusted more.
fn penalty(head: Head) -> [f32; 3] {
    match head {
        Head::Outcome => [1.0, 4.0, 16.0],
        Head::Gap => [1.0, 4.0, 8.0],
        Head::Stage => [1.0, 1.0, 2.0],
        Head::Sentiment | Head::Strength => [1.0, 1.0, 25.0],
        Head::Explicit | Head::Exceeded => [1.0, 2.0, 8.0],
    }
}

/// A design over chosen samples, with the vocabulary that it numbers.
pub struct Learning<'a> {
    pub samples: Vec<&'a Sample>,
    pub design: Design,
    vocabulary: Vec<u64>,
}

impl<'a> Learning<'a> {
    /// Collects the n-grams of the samples that occur in several of them.
    pub fn new(samples: Vec<&'a Sample>) -> Self {
        let mut seen: Vec<u64> = Vec::new();
        for sample in &samples {
            let mut own = sample.seen.grams.clone();
            own.sort_unstable();
            own.dedup();
            seen.extend(own);
        }
        seen.sort_unstable();
        let mut vocabulary = Vec::new();
        for run in seen.chunk_by(|one, other| one == other) {
            if run.len() >= LEAST as usize {
                vocabulary.push(run[0]);
            }
        }
        let mut design = Design { width: DENSE, vocabulary: vocabulary.len(), ..Design::default() };
        for sample in &samples {
            design.starts.push(design.grams.len());
            let known = sample.seen.grams.iter().filter_map(|gram| vocabulary.binary_search(gram).ok());
            design.grams.extend(known.map(|at| at as u32));
            design.scales.push(1.0 / (sample.seen.grams.len().max(1) as f32).sqrt());
            design.dense.extend(&sample.seen.dense);
        }
        design.starts.push(design.grams.len());
        Self { samples, design, vocabulary }
    }

    /// Solves one head on the samples that `takes` says.
    pub fn solve(&self, head: Head, takes: impl Fn(&Sample) -> bool) -> Vec<f32> {
        let classes = head.classes();
        let mut targets = vec![0.0; self.samples.len() * classes];
        let mut rows = Vec::new();
        for (row, sample) in self.samples.iter().enumerate() {
            let Some(target) = sample.target(head).filter(|_| takes(sample)) else { continue };
            targets[row * classes..(row + 1) * classes].copy_from_slice(&target);
            rows.push(row);
        }
        let weights = self.weigh(head, &rows);
        let penalty = penalty(head);
        let mut problem = Problem {
            design: &self.design,
            rows: &rows,
            targets: &targets,
            weights: &weights,
            classes,
            penalty,
        };
        let blind;
        if !head.uses_cues() {
            blind = self.blind();
            problem.design = &blind;
        }
        problem.solve(STEPS)
    }

    /// Gives each sample its weight: sources as said, classes within a source by the root of their number.
    fn weigh(&self, head: Head, rows: &[usize]) -> Vec<f32> {
        let mut out = vec![0.0; self.samples.len()];
        let class = |row: usize| {
            let target = self.samples[row].target(head).unwrap_or_default();
            if head == Head::Strength {
                (target[1] * 4.0).round() as usize
            } else {
                target.iter().position(|share| *share > 0.5).unwrap_or(0)
            }
        };
        let mut keys: Vec<(Source, usize, usize)> =
            rows.iter().map(|row| (self.samples[*row].source, class(*row), *row)).collect();
        keys.sort_unstable();
        for own in keys.chunk_by(|one, other| one.0 == other.0) {
            let roots: f32 =
                own.chunk_by(|one, other| one.1 == other.1).map(|class| (class.len() as f32).sqrt()).sum();
            for class in own.chunk_by(|one, other| one.1 == other.1) {
                let each = counts(head, class[0].0) / roots / (class.len() as f32).sqrt();
                class.iter().for_each(|(_, _, row)| out[*row] = each);
            }
        }
        out
    }

    /// The design without the features that only the annotator knows.
    fn blind(&self) -> Design {
        let mut dense = self.design.dense.clone();
        dense.chunks_mut(DENSE).for_each(|row| row[..CUES].fill(0.0));
        Design {
            starts: self.design.starts.clone(),
            grams: self.design.grams.clone(),
            scales: self.design.scales.clone(),
            dense,
            width: DENSE,
            vocabulary: self.design.vocabulary,
        }
    }

    /// Quantises the solved heads, beside what the tagger learnt.
    pub fn weights(&self, solved: &[(Head, Vec<f32>)], spans: SpanWeights) -> Weights {
        let mut out = Weights { spans, ..Weights::empty() };
        out.grams = self.vocabulary.iter().map(|gram| (*gram, [0; OUTPUTS])).collect();
        for (head, weights) in solved {
            let outputs = head.outputs();
            let classes = head.classes();
            let (grams, rest) = weights.split_at(self.vocabulary.len() * classes);
            let (dense, bias) = rest.split_at(DENSE * classes);
            for (class, output) in outputs.clone().enumerate() {
                // Of two classes one output tells, by how much the second outweighs the first.
                let value = |row: &[f32]| if classes == outputs.len() { row[class] } else { row[1] - row[0] };
                let column = |part: &[f32]| -> Vec<f32> { part.chunks(classes).map(value).collect() };
                let (rows, step) = quantise(&column(grams));
                out.grams.iter_mut().zip(rows).for_each(|((_, row), weight)| row[output] = weight);
                out.step[output] = step;
                out.dense.iter_mut().zip(column(dense)).for_each(|(row, weight)| row[output] = weight);
                out.bias[output] = value(bias);
            }
        }
        out.grams
            .retain(|(_, row)| row.iter().map(|weight| u32::from(weight.unsigned_abs())).sum::<u32>() >= 3);
        out
    }
}

/// Rounds weights to 127 steps of the same size in both directions; one in two thousand is cut.
fn quantise(weights: &[f32]) -> (Vec<i8>, f32) {
    let mut sizes: Vec<f32> = weights.iter().map(|weight| weight.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    let most = sizes.get(sizes.len().saturating_sub(1 + sizes.len() / 2_000)).copied().unwrap_or(0.0);
    let step = (most / 127.0).max(1e-12);
    (weights.iter().map(|weight| (weight / step).round().clamp(-127.0, 127.0) as i8).collect(), step)
}
