//! What is measured beside the counters: dead letters by code, items by pipeline, the time to searchable, who leads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use groundswell_adapters::AdaptError;
use groundswell_model::{Counts, Timestamp};
use groundswell_server::Histogram;
use groundswell_steps::Refusal;

use super::lag::Look;

/// Upper bounds of the buckets of the time to searchable, in milliseconds.
const BOUNDS: [u64; 14] = [
    100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000,
    86_400_000,
];
/// What becomes of an item, as the label says it.
const OUTCOMES: [&str; 4] = ["part", "dead_letter", "deletion", "skip"];

/// What is measured since the installation was opened.
#[derive(Debug)]
pub struct Measures {
    /// When that was.
    pub opened_at: Timestamp,
    /// Whether the analyser of this process leads.
    pub leads: AtomicBool,
    /// Time from raw to searchable.
    pub searchable: Times,
    items: Mutex<Account>,
    pub(super) look: Mutex<Option<Look>>,
}

/// Dead letters by code, and items by pipeline and outcome.
#[derive(Clone, Debug)]
struct Account {
    dead: BTreeMap<&'static str, u64>,
    pipelines: BTreeMap<(String, &'static str), u64>,
}

/// Every code that a dead letter can have: they are shown from the start, so that a first one is seen to be added.
fn codes() -> impl Iterator<Item = &'static str> {
    AdaptError::CODES.iter().chain(Refusal::CODES).copied()
}

impl Measures {
    /// Begins to measure.
    pub fn new(opened_at: Timestamp) -> Self {
        let items = Account { dead: codes().map(|code| (code, 0)).collect(), pipelines: BTreeMap::new() };
        Self {
            opened_at,
            leads: AtomicBool::new(false),
            searchable: Times::default(),
            items: Mutex::new(items),
            look: Mutex::default(),
        }
    }

    /// Adds what became of the items of a pipeline. Codes that nobody gives are counted as `other`: a label's values are
    /// bounded, whatever a record says.
    pub fn add(&self, pipeline: &str, counts: &Counts) {
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        for (code, count) in &counts.dead_letters {
            let code = codes().find(|known| *known == code.as_str()).unwrap_or("other");
            *items.dead.entry(code).or_default() += count;
        }
        let amounts = [counts.parts, counts.dead(), counts.tombstones, counts.skips()];
        for (outcome, amount) in OUTCOMES.into_iter().zip(amounts) {
            *items.pipelines.entry((pipeline.to_owned(), outcome)).or_default() += amount;
        }
    }

    /// Gives the dead letters by code.
    pub fn dead_letters(&self) -> BTreeMap<&'static str, u64> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).dead.clone()
    }

    /// Gives the items by pipeline and outcome.
    pub fn items(&self) -> BTreeMap<(String, &'static str), u64> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).pipelines.clone()
    }

    /// From when on it is measured how long a record takes. A view that is folded anew says nothing about records that
    /// were there before.
    pub fn counts_from(&self, view_is_empty: bool) -> i64 {
        if view_is_empty { self.opened_at.millis() } else { i64::MIN }
    }
}

/// Times, sorted into buckets.
#[derive(Debug, Default)]
pub struct Times {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    sum_ms: AtomicU64,
}

impl Times {
    /// Adds a time; one below zero, as from a clock that is ahead, is zero.
    pub fn observe(&self, ms: i64) {
        let ms = u64::try_from(ms).unwrap_or(0);
        let bucket = BOUNDS.partition_point(|bound| *bound < ms);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Gives the buckets in seconds.
    pub fn histogram(&self) -> Histogram {
        Histogram {
            bounds: BOUNDS.iter().map(|bound| *bound as f64 / 1_000.0).collect(),
            counts: self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect(),
            sum: self.sum_ms.load(Ordering::Relaxed) as f64 / 1_000.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_falls_into_the_bucket_whose_bound_it_does_not_exceed() {
        let times = Times::default();
        for ms in [-5, 100, 101, 86_400_001] {
            times.observe(ms);
        }
        let histogram = times.histogram();
        assert_eq!(histogram.counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert!((histogram.sum - 86_400.202).abs() < 1e-9, "{}", histogram.sum);
    }

    #[test]
    fn dead_letters_are_counted_by_known_codes_only() {
        let measures = Measures::new(Timestamp::from_millis(0));
        let mut counts = Counts { items: 4, parts: 1, ..Counts::default() };
        counts.dead_letters.insert("adapt.bad_date".to_owned(), 2);
        counts.dead_letters.insert("what a record said".to_owned(), 1);
        measures.add("survey", &counts);
        let dead = measures.dead_letters();
        assert_eq!((dead["adapt.bad_date"], dead["other"], dead["adapt.encoding"]), (2, 1, 0));
        assert_eq!(measures.items()[&("survey".to_owned(), "dead_letter")], 3);
    }
}
