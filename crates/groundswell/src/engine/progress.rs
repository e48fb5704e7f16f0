//! How far each loop is, and waiting for it: signalled by the loops, never by sleeping.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_log::{Topic, TopicPartition};

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A loop's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Raw to feedback.
    Ingest,
    /// Feedback to mapped.
    Analyse,
    /// Mapped to the index.
    Index,
}

impl Stage {
    /// All loops in the order of a record's way.
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Analyse, Self::Index];

    /// Gives the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Analyse => "analyse",
            Self::Index => "index",
        }
    }
}

/// What is known of one loop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Whether it has begun, or ended before it could.
    begun: bool,
    /// Whether it runs.
    pub running: bool,
    /// Why it stopped with a fault.
    pub fault: Option<String>,
    /// Positions by partition: the next to read.
    pub positions: BTreeMap<TopicPartition, u64>,
    /// The partitions that are its own; none where it has all.
    own: Option<BTreeSet<TopicPartition>>,
}

impl Reached {
    /// Gives the position in a partition; 0 before the first.
    pub fn position(&self, topic: &Topic, partition: u32) -> u64 {
        self.positions.get(&TopicPartition::new(topic, partition)).copied().unwrap_or(0)
    }

    /// Says whether the loop of this process reads a partition.
    pub fn holds(&self, at: &TopicPartition) -> bool {
        self.own.as_ref().is_none_or(|own| own.contains(at))
    }

    /// Says whether positions of a topic, in the order of its partitions, are reached.
    pub fn is_at(&self, topic: &Topic, goal: &[u64]) -> bool {
        (0..).zip(goal).all(|(partition, goal)| self.position(topic, partition) >= *goal)
    }
}

/// How far each loop is.
#[derive(Debug, Default)]
pub struct Progress {
    loops: Mutex<BTreeMap<Stage, Reached>>,
    moved: Condvar,
}

impl Progress {
    /// Notes that a loop has reached positions.
    pub fn reached(&self, stage: Stage, positions: impl IntoIterator<Item = (TopicPartition, u64)>) {
        self.change(stage, |reached| reached.positions.extend(positions));
    }

    /// Notes which partitions are a loop's own, where it shares a topic with others.
    pub fn holds(&self, stage: Stage, own: impl IntoIterator<Item = TopicPartition>) {
        self.change(stage, |reached| reached.own = Some(own.into_iter().collect()));
    }

    /// Notes that a loop is about to begin.
    pub fn starting(&self, stage: Stage) {
        self.change(stage, |reached| {
            reached.begun = false;
            reached.fault = None;
        });
    }

    /// Waits until a loop has begun or failed to.
    pub fn wait_begun(&self, stage: Stage) {
        let mut loops = self.lock();
        while !loops.get(&stage).is_some_and(|reached| reached.begun) {
            loops = self.moved.wait(loops).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes that a loop has begun.
    pub fn started(&self, stage: Stage) {
        self.change(stage, |reached| {
            reached.running = true;
            reached.begun = true;
            reached.fault = None;
        });
    }

    /// Notes that a loop waits before it can begin, as for a full disk: the others and the server need not wait for it.
    pub fn held_up(&self, stage: Stage) {
        self.change(stage, |reached| reached.begun = true);
    }

    /// Notes that a loop has ended, with its fault if it had one.
    pub fn ended(&self, stage: Stage, fault: Option<String>) {
        self.change(stage, |reached| {
            reached.running = false;
            reached.begun = true;
            reached.fault = fault;
        });
    }

    /// Gives what is known of a loop.
    pub fn of(&self, stage: Stage) -> Reached {
        self.lock().get(&stage).cloned().unwrap_or_default()
    }

    /// Waits until a loop has reached these positions; `false` after `deadline`, or when the loop has stopped.
    pub fn wait(&self, stage: Stage, topic: &Topic, goal: &[u64], deadline: Instant) -> bool {
        let mut loops = self.lock();
        loop {
            let reached = loops.get(&stage).cloned().unwrap_or_default();
            if reached.is_at(topic, goal) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || !reached.running {
                return false;
            }
            let waited = self.moved.wait_timeout(loops, left.min(Duration::from_secs(1)));
            loops = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn change(&self, stage: Stage, change: impl FnOnce(&mut Reached)) {
        change(self.lock().entry(stage).or_default());
        self.moved.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Stage, Reached>> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
