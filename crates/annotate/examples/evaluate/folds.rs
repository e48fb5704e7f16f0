//! The folds: each text is judged by heads that saw nothing of its group (service, product, company, domain, intent).

use std::sync::Arc;

use groundswell_annotate::heads::{Head, Weights};
use groundswell_annotate::{Annotator, Heads, Mapper};
use groundswell_model::JourneyMap;

use crate::learning::build::Learning;
use crate::learning::corpus::{Sample, Source};
use crate::learning::tags;

/// Number of folds over groups.
pub const FOLDS: usize = 5;

/// The fold of a sample: services of the survey one by one, other groups by a hash of their name.
pub fn fold(sample: &Sample) -> usize {
    match (sample.source, sample.group.as_str()) {
        (Source::Phrases, _) => usize::MAX,
        (Source::Nhft, "Local partnerships- MH") => 0,
        (Source::Nhft, "Forensic") => 1,
        (Source::Nhft, "Community health services") => 2,
        (Source::Nhft, _) => 3,
        (_, group) => fold_of(group),
    }
}

/// The fold of a group by a hash of its name.
pub fn fold_of(group: &str) -> usize {
    let hash = group.bytes().fold(5381_usize, |hash, byte| hash.wrapping_mul(33) ^ usize::from(byte));
    (hash ^ (hash >> 7)) % FOLDS
}

/// Learns the heads from the samples that `takes` says.
pub fn learn(learning: &Learning<'_>, heads: &[Head], takes: &dyn Fn(&Sample) -> bool) -> Arc<Heads> {
    let solved: Vec<(Head, Vec<f32>)> =
        heads.iter().map(|head| (*head, learning.solve(*head, takes))).collect();
    let spans = tags::learn(&learning.samples, takes);
    let weights: Weights = learning.weights(&solved, spans);
    Arc::new(Heads::new(&weights))
}

/// An annotator with these heads.
pub fn annotator(heads: Arc<Heads>) -> Annotator {
    Annotator::with_heads(heads).expect("the shipped files are well formed")
}

/// A mapper of the shipped map with these heads.
pub fn mapper(heads: Arc<Heads>) -> Mapper {
    let map = JourneyMap::shipped().expect("the shipped map is well formed");
    Mapper::with_heads(map, heads).expect("the shipped map is well formed")
}
