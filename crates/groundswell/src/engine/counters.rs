//! Counters since the start of the process, for metrics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::folder::Stops;

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
    loop_stops,
}

impl Counters {
    /// Begins to count, the stops of loops where the process before left them.
    pub fn after(stops: &Stops) -> Self {
        Self {
            loop_stops: AtomicU64::new(stops.loops),
            fenced_writers: AtomicU64::new(stops.fenced),
            positions_out_of_range: AtomicU64::new(stops.out_of_range),
            ..Self::default()
        }
    }

    /// Gives the stops of loops.
    pub fn stops(&self) -> Stops {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stops {
            loops: of(&self.loop_stops),
            fenced: of(&self.fenced_writers),
            out_of_range: of(&self.positions_out_of_range),
        }
    }
}

/// Adds to a counter.
pub fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}
