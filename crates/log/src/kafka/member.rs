//! A member of a consumer group: records by partition, a rebalance only between two batches.
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance, RebalanceProtocol};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::Message as _;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use super::cluster::{Cluster, PATIENCE};
use super::message::{self, offset_number, partition_number};
use super::reader::size;
use super::{fault, watch::Watch};
use crate::contract::{Event, Member, Subscription};
use crate::error::LogError;
use crate::names::{Group, Topic};
use crate::record::{Batch, Place, ReadLimit, Record, TopicPartition};

/// How many bytes of records are held besides those in the client's own queue.
const HELD: usize = 16 << 20;

/// What rebalances did since the last look.
struct Context {
    watch: Watch,
    group: Group,
    changes: Mutex<Changes>,
}

#[derive(Default)]
struct Changes {
    /// Each change of the assignment, in order.
    events: VecDeque<Change>,
    /// A fault inside a callback, which the next call tells.
    fault: Option<LogError>,
}

enum Change {
    Gained(Vec<Place>),
    Lost { partitions: Vec<TopicPartition>, forced: bool },
}

impl Context {
    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets where each new partition starts: at the group's position, or without one at the partition's start.
    fn place(
        &self,
        consumer: &BaseConsumer<Self>,
        gained: &TopicPartitionList,
    ) -> Result<Vec<Place>, LogError> {
        let doing = format!("asking where group {} stands", self.group);
        let told = |error: KafkaError| self.watch.explain(fault::of(&error, &doing));
        let mut asked = TopicPartitionList::new();
        for one in gained.elements() {
            asked.add_partition(one.topic(), one.partition());
        }
        let committed = consumer.committed_offsets(asked, PATIENCE).map_err(told)?;
        let mut places = Vec::new();
        for one in committed.elements() {
            one.error().map_err(|error| fault::of(&error, &doing))?;
            let offset = match one.offset() {
                Offset::Offset(offset) => offset,
                _ => consumer.fetch_watermarks(one.topic(), one.partition(), PATIENCE).map_err(told)?.0,
            };
            if let Some(mut chosen) = gained.find_partition(one.topic(), one.partition()) {
                chosen.set_offset(Offset::Offset(offset)).map_err(told)?;
            }
            let topic: Topic = message::topic(one.topic())?;
            let partition = u32::try_from(one.partition()).unwrap_or(0);
            places.push(Place::new(&topic, partition, u64::try_from(offset).unwrap_or(0)));
        }
        Ok(places)
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.watch.log(level, facility, message);
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        self.watch.error(error, reason);
    }
}

impl ConsumerContext for Context {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let change = match rebalance {
            Rebalance::Assign(gained) => match self.place(consumer, gained) {
                Ok(places) => Change::Gained(places),
                Err(error) => {
                    self.lock().fault = Some(error);
                    return;
                }
            },
            Rebalance::Revoke(lost) => {
                let forced = consumer.assignment_lost();
                let lost = lost.elements();
                let partitions = lost.iter().filter_map(|one| partition(one.topic(), one.partition()));
                Change::Lost { partitions: partitions.collect(), forced }
            }
            Rebalance::Error(error) => {
                self.lock().fault = Some(fault::of(error, "sharing out the partitions"));
                return;
            }
        };
        self.lock().events.push_back(change);
    }

    fn main_queue_min_poll_interval(&self) -> rdkafka::util::Timeout {
        Duration::from_millis(100).into()
    }
}

fn partition(topic: &str, partition: i32) -> Option<TopicPartition> {
    Some(TopicPartition::new(&topic.parse().ok()?, u32::try_from(partition).ok()?))
}

/// One partition that this member has.
#[derive(Default)]
struct Share {
    /// Records that were fetched and not given yet.
    held: VecDeque<Record>,
    /// Where the next batch begins.
    position: u64,
    paused: bool,
}

/// A subscription on Kafka. It is used from one thread, which is the consumer's own.
pub(crate) struct KafkaMember {
    consumer: BaseConsumer<Context>,
    cluster: Arc<Cluster>,
    group: Group,
    shares: BTreeMap<TopicPartition, Share>,
    /// What is still to be told of the assignment.
    told: VecDeque<Event>,
    /// The partition that gave the last batch: the next one has its turn.
    turn: Option<TopicPartition>,
    held_bytes: usize,
    generation: u64,
    /// When the client was last served: one that is silent for longer than its session loses its partitions.
    served: Instant,
    /// Whether it was silent for too long since the last change of its partitions.
    was_silent: bool,
    /// How long it may be silent.
    silence: Duration,
}

impl KafkaMember {
    /// Joins the group.
    ///
    /// # Errors
    /// `UnknownTopic`, `Refused`, `Unavailable`; `Invalid` for no topics.
    pub(crate) fn join(cluster: &Arc<Cluster>, group: &Group, topics: &[Topic]) -> Result<Self, LogError> {
        if topics.is_empty() {
            return Err(LogError::Invalid { what: "a subscription needs a topic".to_owned() });
        }
        for topic in topics {
            cluster.partitions(topic)?;
        }
        let context =
            Context { watch: cluster.watch().clone(), group: group.clone(), changes: Mutex::default() };
        let consumer: BaseConsumer<Context> = cluster
            .settings()
            .member(group.as_str())
            .create_with_context(context)
            .map_err(|error| fault::of(&error, "making a consumer"))?;
        let names: Vec<&str> = topics.iter().map(Topic::as_str).collect();
        consumer.subscribe(&names).map_err(|error| fault::of(&error, "subscribing"))?;
        Ok(Self {
            consumer,
            cluster: Arc::clone(cluster),
            group: group.clone(),
            shares: BTreeMap::new(),
            told: VecDeque::new(),
            turn: None,
            held_bytes: 0,
            generation: 0,
            served: Instant::now(),
            was_silent: false,
            silence: cluster.settings().session_timeout,
        })
    }

    /// Serves the client once: a message is held, a rebalance is noted. Says whether a message came.
    fn serve(&mut self, timeout: Duration) -> Result<bool, LogError> {
        let came = match self.consumer.poll(timeout) {
            None => false,
            Some(Ok(message)) => {
                let at = partition(message.topic(), message.partition());
                let record = message::record(&message);
                drop(message);
                self.hold(at, record);
                true
            }
            Some(Err(KafkaError::PartitionEOF(_))) => false,
            Some(Err(error)) => {
                self.take_changes()?;
                self.meet(&error)?;
                false
            }
        };
        self.take_changes()?;
        Ok(came)
    }

    fn hold(&mut self, at: Option<TopicPartition>, record: Record) {
        // A record that was on its way when its partition went belongs to another member.
        let Some(share) = at.and_then(|at| self.shares.get_mut(&at)) else { return };
        self.held_bytes += size(&record);
        share.held.push_back(record);
    }

    /// Decides about an error of the consumer: one that passes is retried inside the client.
    fn meet(&mut self, error: &KafkaError) -> Result<(), LogError> {
        let fatal = matches!(error, KafkaError::MessageConsumptionFatal(_));
        let Some(code) = error.rdkafka_error_code() else { return Err(fault::of(error, "reading")) };
        match code {
            Code::AutoOffsetReset | Code::OffsetOutOfRange => Err(self.out_of_range()),
            Code::UnknownTopicOrPartition | Code::UnknownTopic => Err(self.gone()),
            Code::PollExceeded if !fatal => Ok(()),
            _ => match fault::of(error, &format!("reading in group {}", self.group)) {
                LogError::Unavailable { .. } if !fatal => Ok(()),
                // The client signs in again and again; the right password may be given later.
                LogError::Refused { detail } if code == Code::Authentication || code == Code::SSL => {
                    Err(LogError::Refused { detail })
                }
                other => Err(self.cluster.watch().explain(other)),
            },
        }
    }

    /// Finds the partition whose position the log does not have.
    fn out_of_range(&self) -> LogError {
        for (at, share) in &self.shares {
            let offset = share.held.back().map_or(share.position, |last| last.offset + 1);
            match self.cluster.extent(at) {
                Ok(extent) if offset < extent.start || offset > extent.end => {
                    return LogError::OutOfRange {
                        at: at.clone(),
                        offset,
                        start: extent.start,
                        end: extent.end,
                    };
                }
                Ok(_) => {}
                Err(error) => return error,
            }
        }
        LogError::Failed {
            doing: format!("reading in group {}", self.group),
            detail: "a position is not in the log any more".to_owned(),
        }
    }

    /// Finds the topic that is no longer there.
    fn gone(&self) -> LogError {
        let topics: BTreeSet<&Topic> = self.shares.keys().map(|at| &at.topic).collect();
        for topic in topics {
            if let Err(error) = self.cluster.extents(topic) {
                return error;
            }
        }
        LogError::Failed {
            doing: format!("reading in group {}", self.group),
            detail: "a subscribed topic does not exist any more".to_owned(),
        }
    }

    /// Turns what the callbacks noted into events.
    fn take_changes(&mut self) -> Result<(), LogError> {
        let (events, fault) = {
            let mut changes = self.consumer.context().lock();
            (std::mem::take(&mut changes.events), changes.fault.take())
        };
        self.was_silent |= std::mem::replace(&mut self.served, Instant::now()).elapsed() > self.silence;
        if events.is_empty() {
            return fault.map_or(Ok(()), Err);
        }
        let before: Vec<TopicPartition> = self.shares.keys().cloned().collect();
        let mut lost = std::mem::take(&mut self.was_silent);
        let cooperative = matches!(self.consumer.rebalance_protocol(), RebalanceProtocol::Cooperative);
        for event in events {
            match event {
                Change::Gained(places) => {
                    for place in places {
                        let share = Share { position: place.offset, ..Share::default() };
                        self.shares.insert(place.topic_partition(), share);
                    }
                }
                Change::Lost { partitions, forced } => {
                    lost |= forced;
                    if cooperative {
                        partitions.iter().for_each(|at| drop(self.shares.remove(at)));
                    } else {
                        self.shares.clear();
                    }
                }
            }
        }
        self.generation += 1;
        self.held_bytes = self.shares.values().flat_map(|share| &share.held).map(size).sum();
        if !before.is_empty() {
            self.told.push_back(Event::Revoked { partitions: before, lost });
        }
        let now: Vec<TopicPartition> = self.shares.keys().cloned().collect();
        self.told.push_back(Event::Assigned(now));
        fault.map_or(Ok(()), Err)
    }

    /// Takes whatever the client has ready, within bounds.
    fn drain(&mut self, limit: ReadLimit) -> Result<(), LogError> {
        let most = limit.records.saturating_mul(2).max(1);
        let mut taken = 0;
        while taken < most && self.held_bytes < HELD && self.told.is_empty() && self.serve(Duration::ZERO)? {
            taken += 1;
        }
        Ok(())
    }

    /// Gives the next batch of held records; partitions take turns.
    fn batch(&mut self, limit: ReadLimit) -> Result<Option<Batch>, LogError> {
        let ready = |(_, share): &(&TopicPartition, &Share)| !share.paused && !share.held.is_empty();
        let behind = self.turn.as_ref().and_then(|turn| {
            self.shares.iter().find(|share| share.0 > turn && ready(share)).map(|(at, _)| at.clone())
        });
        let first = || self.shares.iter().find(ready).map(|(at, _)| at.clone());
        let Some(at) = behind.or_else(first) else { return Ok(None) };
        let passed = self.passed()?.remove(&at);
        let Some(share) = self.shares.get_mut(&at) else { return Ok(None) };
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.len() < limit.records.max(1) {
            let Some(next) = share.held.front() else { break };
            let more = size(next);
            if !records.is_empty() && bytes + more > limit.bytes {
                break;
            }
            bytes += more;
            records.extend(share.held.pop_front());
        }
        self.held_bytes = self.held_bytes.saturating_sub(bytes);
        let behind_last = records.last().map_or(share.position, |last: &Record| last.offset + 1);
        let next = if share.held.is_empty() { passed.unwrap_or(0).max(behind_last) } else { behind_last };
        share.position = next;
        self.turn = Some(at.clone());
        let end = share.held.back().map_or(next, |last| last.offset + 1);
        Ok(Some(Batch { at, records, next, end }))
    }

    /// Gives the positions behind what the client has handed over, marks of transactions included.
    fn passed(&self) -> Result<BTreeMap<TopicPartition, u64>, LogError> {
        let list = self.consumer.position().map_err(|error| fault::of(&error, "asking for positions"))?;
        let place = |one: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| match one.offset() {
            Offset::Offset(offset) => {
                Some((partition(one.topic(), one.partition())?, u64::try_from(offset).ok()?))
            }
            _ => None,
        };
        Ok(list.elements().iter().filter_map(place).collect())
    }

    /// Finds a partition whose position moved over offsets without records: marks of transactions at its end.
    fn moved(&mut self) -> Result<Option<Batch>, LogError> {
        let passed = self.passed()?;
        for (at, share) in &mut self.shares {
            let next = passed.get(at).copied().unwrap_or(0);
            if !share.paused && share.held.is_empty() && next > share.position {
                share.position = next;
                return Ok(Some(Batch { at: at.clone(), records: Vec::new(), next, end: next }));
            }
        }
        Ok(None)
    }
}

impl Subscription for KafkaMember {
    fn next(&mut self, limit: ReadLimit, timeout: Duration) -> Result<Event, LogError> {
        let deadline = Instant::now() + timeout;
        self.serve(Duration::ZERO)?;
        loop {
            if let Some(event) = self.told.pop_front() {
                return Ok(event);
            }
            self.drain(limit)?;
            if !self.told.is_empty() {
                continue;
            }
            if let Some(batch) = self.batch(limit)? {
                return Ok(Event::Batch(batch));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(self.moved()?.map_or(Event::Idle, Event::Batch));
            }
            self.serve(left)?;
        }
    }

    fn rewind(&mut self) -> Result<(), LogError> {
        let doing = format!("rewinding group {}", self.group);
        let told = |error: KafkaError| self.cluster.watch().explain(fault::of(&error, &doing));
        let mut asked = TopicPartitionList::new();
        for at in self.shares.keys() {
            asked.add_partition(at.topic.as_str(), partition_number(at.partition)?);
        }
        if self.shares.is_empty() {
            return Ok(());
        }
        let committed = self.consumer.committed_offsets(asked, PATIENCE).map_err(told)?;
        for one in committed.elements() {
            let Some(at) = partition(one.topic(), one.partition()) else { continue };
            let offset = match one.offset() {
                Offset::Offset(offset) => u64::try_from(offset).unwrap_or(0),
                _ => self.cluster.extent(&at)?.start,
            };
            let to = Offset::Offset(offset_number(&at.at(offset))?);
            self.consumer
                .seek(one.topic(), one.partition(), to, PATIENCE)
                .map_err(|error| LogError::Unavailable { detail: format!("{doing}: {error}") })?;
            if let Some(share) = self.shares.get_mut(&at) {
                share.held.clear();
                share.position = offset;
            }
        }
        self.held_bytes = 0;
        Ok(())
    }

    fn member(&self) -> Member {
        match self.consumer.group_metadata() {
            Some(metadata) => Member::new(self.group.clone(), self.generation, Arc::new(metadata)),
            None => Member::new(self.group.clone(), self.generation, Arc::new(())),
        }
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.hold_back(partitions, true)
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.hold_back(partitions, false)
    }
}

impl KafkaMember {
    fn hold_back(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        let mut list = TopicPartitionList::new();
        for at in partitions {
            if let Some(share) = self.shares.get_mut(at) {
                share.paused = paused;
                list.add_partition(at.topic.as_str(), partition_number(at.partition)?);
            }
        }
        if list.count() == 0 {
            return Ok(());
        }
        let done = if paused { self.consumer.pause(&list) } else { self.consumer.resume(&list) };
        done.map_err(|error| fault::of(&error, "pausing or resuming"))
    }
}
