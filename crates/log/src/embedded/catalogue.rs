//! The catalogue: topics, offsets, groups and writers, in memory as one snapshot and on disk as rows of the active segment.
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::contract::{Cleanup, TopicSpec};
use crate::error::LogError;
use crate::names::{Group, Topic, WriterId};
use crate::record::{Place, TopicPartition};

/// One consistent view of everything but the records; never changed once it is published.
#[derive(Debug, Clone, Default)]
pub(super) struct Catalogue {
    /// The topics by name.
    pub(super) topics: BTreeMap<Topic, Arc<TopicState>>,
    /// The consumer groups by name.
    pub(super) groups: BTreeMap<Group, Arc<GroupState>>,
    /// The newest epoch of each writer.
    pub(super) writers: BTreeMap<WriterId, u64>,
}

/// One topic.
#[derive(Debug, Clone)]
pub(super) struct TopicState {
    /// Its number in block keys; never used twice.
    pub(super) id: u32,
    /// What happens to old records.
    pub(super) cleanup: Cleanup,
    /// Its partitions.
    pub(super) partitions: Vec<PartitionState>,
}

/// One partition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartitionState {
    /// The first readable offset.
    pub(super) start: u64,
    /// The offset of the next append.
    pub(super) next: u64,
    /// Below this offset no key occurs twice.
    pub(super) cleaned: u64,
}

/// One consumer group.
#[derive(Debug, Clone, Default)]
pub(super) struct GroupState {
    /// Grows whenever a member joins or leaves; durable, so that a stale member of an earlier run is known as such.
    pub(super) generation: u64,
    /// The members present and the topics they asked for; not durable.
    pub(super) members: BTreeMap<u64, Vec<Topic>>,
    /// The committed position by topic id and partition.
    pub(super) committed: BTreeMap<(u32, u32), u64>,
}

#[derive(Serialize, Deserialize)]
struct TopicRow {
    id: u32,
    partitions: u32,
    cleanup: Cleanup,
}

impl Catalogue {
    /// Finds a topic.
    pub(super) fn topic(&self, topic: &Topic) -> Result<&Arc<TopicState>, LogError> {
        self.topics.get(topic).ok_or_else(|| LogError::UnknownTopic { topic: topic.clone() })
    }

    /// Finds a partition and its topic.
    pub(super) fn partition(
        &self,
        topic: &Topic,
        partition: u32,
    ) -> Result<(&Arc<TopicState>, PartitionState), LogError> {
        let state = self.topic(topic)?;
        match state.partitions.get(partition as usize) {
            Some(found) => Ok((state, *found)),
            None => Err(LogError::UnknownPartition { at: TopicPartition::new(topic, partition) }),
        }
    }

    /// Checks that a position lies in its partition, start and end included.
    pub(super) fn in_range(&self, at: &Place) -> Result<(u32, PartitionState), LogError> {
        let (topic, found) = self.partition(&at.topic, at.partition)?;
        if (found.start..=found.next).contains(&at.offset) {
            return Ok((topic.id, found));
        }
        Err(LogError::OutOfRange {
            at: at.topic_partition(),
            offset: at.offset,
            start: found.start,
            end: found.next,
        })
    }

    /// Gives the names of the topics by id.
    pub(super) fn names(&self) -> BTreeMap<u32, Topic> {
        let named = self.topics.iter();
        named.map(|(name, topic)| (topic.id, name.clone())).collect()
    }

    /// Gives the partitions of a member: each topic's partitions in ranges over its subscribers, in the order in which
    /// they joined, as Apache Kafka's `RangeAssignor`.
    pub(super) fn assignment(&self, group: &GroupState, member: u64) -> Vec<TopicPartition> {
        let mut assigned = Vec::new();
        for topic in group.members.get(&member).into_iter().flatten() {
            let Ok(state) = self.topic(topic) else { continue };
            let subscribers = group.members.iter().filter(|(_, topics)| topics.contains(topic));
            let ids: Vec<u64> = subscribers.map(|(id, _)| *id).collect();
            let (Some(rank), count) = (ids.iter().position(|id| *id == member), ids.len()) else {
                continue;
            };
            let (each, extra) = (state.partitions.len() / count, state.partitions.len() % count);
            let from = rank * each + rank.min(extra);
            let to = from + each + usize::from(rank < extra);
            let range = (0_u32..).zip(&state.partitions).take(to).skip(from);
            assigned.extend(range.map(|(partition, _)| TopicPartition::new(topic, partition)));
        }
        assigned
    }

    /// Gives all rows, as a new segment begins with.
    pub(super) fn rows(&self) -> Rows {
        let mut rows = Rows::default();
        for (name, topic) in &self.topics {
            rows.topic(name, topic);
            for (number, partition) in (0_u32..).zip(&topic.partitions) {
                rows.partition(topic.id, number, *partition);
            }
        }
        for (name, group) in &self.groups {
            rows.group(name, group.generation);
            for ((topic, partition), offset) in &group.committed {
                rows.position(name, *topic, *partition, *offset);
            }
        }
        for (name, epoch) in &self.writers {
            rows.writer(name, *epoch);
        }
        rows
    }

    /// Rebuilds the catalogue from its rows; the error says what is wrong with them.
    pub(super) fn from_rows(rows: &BTreeMap<String, Vec<u8>>) -> Result<Self, String> {
        let mut catalogue = Self::default();
        let mut partitions: BTreeMap<(u32, u32), PartitionState> = BTreeMap::new();
        for (key, value) in rows {
            let wrong = || format!("the catalogue row {key} cannot be read");
            let parts: Vec<&str> = key.split('/').collect();
            match parts.as_slice() {
                ["topic", name] => {
                    let row: TopicRow = parse(value).ok_or_else(wrong)?;
                    let topic = TopicState {
                        id: row.id,
                        cleanup: row.cleanup,
                        partitions: vec![PartitionState::default(); row.partitions as usize],
                    };
                    let name: Topic = name.parse().map_err(|_| wrong())?;
                    catalogue.topics.insert(name, Arc::new(topic));
                }
                ["partition", topic, number] => {
                    let at = (number_of(topic).ok_or_else(wrong)?, number_of(number).ok_or_else(wrong)?);
                    partitions.insert(at, parse(value).ok_or_else(wrong)?);
                }
                ["group", name] => {
                    let generation = parse(value).ok_or_else(wrong)?;
                    catalogue.group_mut(&name.parse().map_err(|_| wrong())?).generation = generation;
                }
                ["position", name, topic, number] => {
                    let at = (number_of(topic).ok_or_else(wrong)?, number_of(number).ok_or_else(wrong)?);
                    let offset = parse(value).ok_or_else(wrong)?;
                    let group = catalogue.group_mut(&name.parse().map_err(|_| wrong())?);
                    group.committed.insert(at, offset);
                }
                ["writer", name] => {
                    let epoch = parse(value).ok_or_else(wrong)?;
                    catalogue.writers.insert(name.parse().map_err(|_| wrong())?, epoch);
                }
                _ => return Err(format!("the catalogue row {key} is unknown")),
            }
        }
        for topic in catalogue.topics.values_mut() {
            let topic = Arc::make_mut(topic);
            for (number, state) in (0_u32..).zip(&mut topic.partitions) {
                let found = partitions.remove(&(topic.id, number));
                *state =
                    found.ok_or_else(|| format!("partition {number} of topic {} is missing", topic.id))?;
            }
        }
        Ok(catalogue)
    }

    fn group_mut(&mut self, group: &Group) -> &mut GroupState {
        Arc::make_mut(self.groups.entry(group.clone()).or_default())
    }
}

fn parse<T: DeserializeOwned>(value: &[u8]) -> Option<T> {
    postcard::from_bytes(value).ok()
}

fn number_of(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// Rows of the catalogue to be written, by key.
#[derive(Debug, Default)]
pub(super) struct Rows(pub(super) BTreeMap<String, Vec<u8>>);

impl Rows {
    fn put<T: Serialize>(&mut self, key: String, value: &T) {
        // Encoding numbers and enumerations into a growing buffer cannot fail.
        let encoded = postcard::to_allocvec(value).unwrap_or_default();
        self.0.insert(key, encoded);
    }

    fn topic(&mut self, name: &Topic, topic: &TopicState) {
        let row = TopicRow {
            id: topic.id,
            partitions: u32::try_from(topic.partitions.len()).unwrap_or(u32::MAX),
            cleanup: topic.cleanup,
        };
        self.put(format!("topic/{name}"), &row);
    }

    fn partition(&mut self, topic: u32, number: u32, state: PartitionState) {
        self.put(format!("partition/{topic}/{number}"), &state);
    }

    fn group(&mut self, name: &Group, generation: u64) {
        self.put(format!("group/{name}"), &generation);
    }

    fn position(&mut self, name: &Group, topic: u32, partition: u32, offset: u64) {
        self.put(format!("position/{name}/{topic}/{partition}"), &offset);
    }

    fn writer(&mut self, name: &WriterId, epoch: u64) {
        self.put(format!("writer/{name}"), &epoch);
    }
}

/// A catalogue with changes that are not durable yet, and the rows that make them so.
#[derive(Debug)]
pub(super) struct Staged {
    /// The catalogue as it will be.
    pub(super) catalogue: Catalogue,
    /// The rows to write.
    pub(super) rows: Rows,
}

impl Staged {
    /// Begins with what is published.
    pub(super) fn new(published: &Catalogue) -> Self {
        Self { catalogue: published.clone(), rows: Rows::default() }
    }

    /// Creates a topic, or replaces its cleanup.
    pub(super) fn create_topic(&mut self, name: &Topic, spec: &TopicSpec) -> Result<(), LogError> {
        if spec.partitions == 0 || spec.partitions > TopicSpec::MAX_PARTITIONS {
            let most = TopicSpec::MAX_PARTITIONS;
            return Err(LogError::Invalid {
                what: format!("topic {name} cannot have {} partitions: 1 to {most}", spec.partitions),
            });
        }
        if let Some(topic) = self.catalogue.topics.get_mut(name) {
            let found = u32::try_from(topic.partitions.len()).unwrap_or(u32::MAX);
            if found != spec.partitions {
                return Err(LogError::PartitionCount { topic: name.clone(), found, wanted: spec.partitions });
            }
            if topic.cleanup != spec.cleanup {
                Arc::make_mut(topic).cleanup = spec.cleanup;
                self.rows.topic(name, topic);
            }
            return Ok(());
        }
        let ids = self.catalogue.topics.values().map(|topic| topic.id);
        let topic = TopicState {
            id: ids.max().map_or(0, |id| id + 1),
            cleanup: spec.cleanup,
            partitions: vec![PartitionState::default(); spec.partitions as usize],
        };
        self.rows.topic(name, &topic);
        for number in 0..spec.partitions {
            self.rows.partition(topic.id, number, PartitionState::default());
        }
        self.catalogue.topics.insert(name.clone(), Arc::new(topic));
        Ok(())
    }

    /// Changes a partition; answers its topic's id and its state before. Does nothing when it does not exist.
    pub(super) fn change_partition(
        &mut self,
        at: &TopicPartition,
        change: impl FnOnce(&mut PartitionState),
    ) -> Option<(u32, PartitionState)> {
        let topic = Arc::make_mut(self.catalogue.topics.get_mut(&at.topic)?);
        let state = topic.partitions.get_mut(at.partition as usize)?;
        let before = *state;
        change(state);
        if *state != before {
            self.rows.partition(topic.id, at.partition, *state);
        }
        Some((topic.id, before))
    }

    /// Adds or removes members of a group and begins its next generation; answers the generation.
    pub(super) fn change_members(
        &mut self,
        name: &Group,
        change: impl FnOnce(&mut BTreeMap<u64, Vec<Topic>>),
    ) -> u64 {
        let group = self.catalogue.group_mut(name);
        group.generation += 1;
        change(&mut group.members);
        let generation = group.generation;
        self.rows.group(name, generation);
        generation
    }

    /// Sets a committed position.
    pub(super) fn commit(&mut self, name: &Group, topic: u32, partition: u32, offset: u64) {
        let committed = &mut self.catalogue.group_mut(name).committed;
        if committed.insert((topic, partition), offset) != Some(offset) {
            self.rows.position(name, topic, partition, offset);
        }
    }

    /// Begins the next epoch of a writer and answers it.
    pub(super) fn open_writer(&mut self, name: &WriterId) -> u64 {
        let epoch = self.catalogue.writers.entry(name.clone()).or_default();
        *epoch += 1;
        let epoch = *epoch;
        self.rows.writer(name, epoch);
        epoch
    }
}
