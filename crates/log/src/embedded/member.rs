//! Members of in-process consumer groups, and transactional writers.
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::catalogue::{Catalogue, GroupState};
use super::core::{Ask, Core, Queue, deadline};
use super::validate::MemberToken;
use crate::contract::{Event, Member, Subscription, Transaction, Writer};
use crate::error::LogError;
use crate::names::{Group, WriterId};
use crate::record::{Place, ReadLimit, TopicPartition};

/// One member of a group. Dropping it leaves the group.
pub(super) struct EmbeddedSubscription {
    core: Arc<Core>,
    queue: Queue,
    group: Group,
    id: u64,
    generation: u64,
    /// The assigned partitions' read positions; the front one's turn is next.
    positions: VecDeque<Place>,
    paused: BTreeSet<TopicPartition>,
}

impl EmbeddedSubscription {
    /// Makes the subscription of a member that has just joined.
    pub(super) fn new(core: Arc<Core>, queue: Queue, group: Group, id: u64) -> Self {
        Self { core, queue, group, id, generation: 0, positions: VecDeque::new(), paused: BTreeSet::new() }
    }

    /// Answers a change of the assignment, if there is one.
    fn rebalance(&mut self) -> Option<Event> {
        let catalogue = self.core.catalogue();
        let group = catalogue.groups.get(&self.group)?;
        if group.generation == self.generation {
            return None;
        }
        self.paused.clear();
        if !self.positions.is_empty() {
            let partitions = self.positions.drain(..).map(|place| place.topic_partition());
            let mut partitions: Vec<TopicPartition> = partitions.collect();
            partitions.sort();
            return Some(Event::Revoked { partitions, lost: false });
        }
        self.generation = group.generation;
        let assigned = catalogue.assignment(group, self.id);
        self.positions = assigned.iter().filter_map(|at| committed_or_start(&catalogue, group, at)).collect();
        Some(Event::Assigned(assigned))
    }

    /// Reads from the partitions in turn; `None` when there is nothing.
    fn read(&mut self, limit: ReadLimit) -> Result<Option<Event>, LogError> {
        for _ in 0..self.positions.len() {
            let Some(place) = self.positions.pop_front() else { break };
            self.positions.push_back(place.clone());
            if self.paused.contains(&place.topic_partition()) {
                continue;
            }
            let batch = self.core.read(&place, limit)?;
            if let Some(position) = self.positions.back_mut() {
                position.offset = batch.next;
            }
            if !batch.records.is_empty() {
                return Ok(Some(Event::Batch(batch)));
            }
        }
        Ok(None)
    }
}

/// Gives where a newly assigned partition is read from.
fn committed_or_start(catalogue: &Catalogue, group: &GroupState, at: &TopicPartition) -> Option<Place> {
    let (topic, state) = catalogue.partition(&at.topic, at.partition).ok()?;
    let committed = group.committed.get(&(topic.id, at.partition));
    Some(at.at(committed.copied().unwrap_or(state.start)))
}

impl Subscription for EmbeddedSubscription {
    fn next(&mut self, limit: ReadLimit, timeout: Duration) -> Result<Event, LogError> {
        let deadline = deadline(timeout);
        loop {
            if let Some(event) = self.rebalance() {
                return Ok(event);
            }
            if let Some(event) = self.read(limit)? {
                return Ok(event);
            }
            let (group, generation) = (&self.group, self.generation);
            let (positions, paused) = (&self.positions, &self.paused);
            let woken = self.core.wait(deadline, |catalogue| {
                let present = catalogue.groups.get(group).map(|group| group.generation);
                if present != Some(generation) {
                    return Ok(true);
                }
                let live = positions.iter().filter(|place| !paused.contains(&place.topic_partition()));
                catalogue.any_behind(live)
            })?;
            if !woken {
                return Ok(Event::Idle);
            }
        }
    }

    fn rewind(&mut self) -> Result<(), LogError> {
        let catalogue = self.core.catalogue();
        if let Some(group) = catalogue.groups.get(&self.group) {
            for place in &mut self.positions {
                if let Some(back) = committed_or_start(&catalogue, group, &place.topic_partition()) {
                    *place = back;
                }
            }
        }
        Ok(())
    }

    fn member(&self) -> Member {
        Member::new(self.group.clone(), self.generation, Arc::new(MemberToken(self.id)))
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.paused.extend(partitions.iter().cloned());
        Ok(())
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        for partition in partitions {
            self.paused.remove(partition);
        }
        Ok(())
    }
}

impl Drop for EmbeddedSubscription {
    fn drop(&mut self) {
        self.queue.tell(Ask::Leave(self.group.clone(), self.id));
    }
}

/// A transactional writer of one epoch.
pub(super) struct EmbeddedWriter {
    /// The way to the committing thread.
    pub(super) queue: Queue,
    /// The writer's id.
    pub(super) id: WriterId,
    /// Its epoch.
    pub(super) epoch: u64,
}

impl Writer for EmbeddedWriter {
    fn commit(&mut self, transaction: Transaction) -> Result<Vec<Place>, LogError> {
        self.queue.ask_places(Ask::Commit { writer: Some((self.id.clone(), self.epoch)), transaction })
    }
}

impl Catalogue {
    /// Says whether at least one of the positions has something behind it.
    pub(super) fn any_behind<'a>(
        &self,
        places: impl IntoIterator<Item = &'a Place>,
    ) -> Result<bool, LogError> {
        let mut any = false;
        for place in places {
            let (_, state) = self.partition(&place.topic, place.partition)?;
            any |= state.next > place.offset;
        }
        Ok(any)
    }
}
