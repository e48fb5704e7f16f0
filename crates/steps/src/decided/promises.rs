//! The promise registry: what the company promises, and what its operations say became of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use groundswell_annotate::{Embedder, Promises};
use groundswell_insight::alignment::Target;
use groundswell_model::{Annotation, Day, GapType, Mapping, Promise, PromiseId, StageCode, Timestamp};

/// Share of cases, from which on a promise was kept.
const KEPT: f64 = 0.95;

/// Registered promises.
#[derive(Clone, Default)]
pub struct Registry {
    promises: BTreeMap<PromiseId, Registered>,
    /// The same, ready to be compared with expectations.
    prepared: Arc<Promises>,
    stale: bool,
}

/// One registered promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Registered {
    /// What is promised.
    pub promise: Promise,
    /// When it was registered first.
    pub since: Timestamp,
    /// What operations say, in the order in which they said it.
    pub measured: Vec<Measured>,
}

/// What operations say of one span of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measured {
    /// First day.
    pub from: Day,
    /// Last day.
    pub until: Day,
    /// Cases in which the promise was kept.
    pub kept: u64,
    /// Cases in all.
    pub of: u64,
}

impl Registered {
    /// Says whether the target was met, as operations say last.
    pub fn target(&self) -> Target {
        match self.measured.last() {
            Some(last) if last.of > 0 && last.kept as f64 / last.of as f64 >= KEPT => Target::Met,
            Some(last) if last.of > 0 => Target::Missed,
            _ => Target::Unknown,
        }
    }
}

impl Registry {
    pub(super) fn register(&mut self, promise: Promise, at: Timestamp) -> Option<Promise> {
        self.stale = true;
        match self.promises.get_mut(&promise.id) {
            Some(known) => Some(std::mem::replace(&mut known.promise, promise)),
            None => {
                let id = promise.id.clone();
                self.promises.insert(id, Registered { promise, since: at, measured: Vec::new() });
                None
            }
        }
    }

    pub(super) fn withdraw(&mut self, id: &PromiseId) -> Option<Promise> {
        self.stale = true;
        self.promises.remove(id).map(|registered| registered.promise)
    }

    pub(super) fn measure(&mut self, id: &PromiseId, measured: Measured) {
        if let Some(registered) = self.promises.get_mut(id) {
            registered.measured.push(measured);
        }
    }

    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    pub(super) fn prepare(&mut self, embedder: &Arc<Embedder>) {
        if self.stale {
            let promises: Vec<Promise> = self.all().map(|registered| registered.promise.clone()).collect();
            self.prepared = Arc::new(Promises::new(&promises, Arc::clone(embedder)));
            self.stale = false;
        }
    }

    pub(super) fn mark(&self, mapping: &mut Mapping, texts: &[(&str, &Annotation)], day: Day) {
        self.prepared.mark(mapping, texts, day);
    }

    /// Gives a promise.
    pub fn get(&self, id: &PromiseId) -> Option<&Registered> {
        self.promises.get(id)
    }

    /// Gives all promises, in order of their names.
    pub fn all(&self) -> impl Iterator<Item = &Registered> {
        self.promises.values()
    }

    /// What became of the targets for one cell; the worst of several promises counts.
    pub fn target(&self, stage: &StageCode, gap: GapType) -> Target {
        let here = |registered: &&Registered| {
            let promise = &registered.promise;
            promise.gap == gap && promise.stage.as_ref().is_none_or(|own| own == stage)
        };
        let rank = |target: &Target| match target {
            Target::Missed => 3,
            Target::Met => 2,
            Target::Unknown => 1,
            Target::None => 0,
        };
        self.all().filter(here).map(Registered::target).max_by_key(rank).unwrap_or(Target::None)
    }
}
