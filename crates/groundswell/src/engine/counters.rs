//! Counters since the start of the process, for metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($name:ident),+ $(,)?) => {
        /// What the loops count.
        #[derive(Debug, Default)]
        pub struct Counters { $(pub $name: AtomicU64),+ }

        impl Counters {
            /// Gives every counter by name.
            pub fn all(&self) -> BTreeMap<String, u64> {
                BTreeMap::from([$((stringify!($name).to_owned(), self.$name.load(Ordering::Relaxed))),+])
            }
        }
    };
}

counters! {
    raw_records,
    parts,
    customers,
    dead_letters,
    tombstones,
    skipped,
    transactions,
    aborted_transactions,
    folded_parts,
    published,
    superseded,
    indexed,
    index_commits,
    pushed,
    refused_pushes,
    rebalances,
    fenced_writers,
    positions_out_of_range,
}

/// Adds to a counter.
pub fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}
