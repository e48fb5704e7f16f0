//! A transactional writer: one producer, one transaction at a time, each call tried again, aborted or given up.
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::Message as _;
use rdkafka::producer::{
    BaseRecord, DeliveryResult, NoCustomPartitioner, Producer as _, ProducerContext, ThreadedProducer,
};
use rdkafka::{Offset, TopicPartitionList};

use super::cluster::Cluster;
use super::fault::{self, Failed};
use super::message::{carried, offset_number, partition_number};
use super::settings::LARGEST_RECORD;
use super::watch::Watch;
use crate::contract::{Advance, Transaction, Writer};
use crate::error::LogError;
use crate::names::WriterId;
use crate::record::{Append, Place};

/// How long one call of a transaction may take before it is made again.
const CALL: Duration = Duration::from_secs(10);
/// How long a transaction is tried in all.
const DEADLINE: Duration = Duration::from_secs(90);
/// How long the first call may take, in which the coordinator ends what an earlier writer left open.
const INITIAL: Duration = Duration::from_secs(60);

type Producer = ThreadedProducer<Deliveries>;

/// Where the records of the open transaction came to lie.
#[derive(Clone)]
struct Deliveries {
    watch: Watch,
    arrived: Arc<(Mutex<Arrived>, Condvar)>,
}

#[derive(Default)]
struct Arrived {
    offsets: Vec<Option<i64>>,
    failed: Option<(Code, String)>,
    /// How many records were handed over, and of how many the fate is known.
    sent: usize,
    count: usize,
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.watch.log(level, facility, message);
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        self.watch.error(error, reason);
    }
}

impl ProducerContext<NoCustomPartitioner> for Deliveries {
    type DeliveryOpaque = Box<usize>;

    fn delivery(&self, result: &DeliveryResult<'_>, at: Self::DeliveryOpaque) {
        let (arrived, moved) = &*self.arrived;
        let mut arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.count += 1;
        match result {
            Ok(message) => {
                if let Some(slot) = arrived.offsets.get_mut(*at) {
                    *slot = Some(message.offset());
                }
            }
            Err((error, _)) => {
                let code = error.rdkafka_error_code().unwrap_or(Code::Unknown);
                // What is purged after an abort hides the reason.
                if !matches!(code, Code::PurgeQueue | Code::PurgeInflight) && arrived.failed.is_none() {
                    arrived.failed = Some((code, error.to_string()));
                }
            }
        }
        moved.notify_all();
    }
}

/// A writer on Kafka.
pub(crate) struct KafkaWriter {
    cluster: Arc<Cluster>,
    producer: Producer,
    deliveries: Deliveries,
    id: WriterId,
    /// Why it is of no more use, if it is.
    over: Option<LogError>,
    /// A consumer that lends the name of a group without members.
    nameless: Option<(crate::Group, BaseConsumer<Watch>)>,
}

impl KafkaWriter {
    /// Makes the producer, and fences every earlier one of the same id.
    ///
    /// # Errors
    /// `Refused`, `Unavailable`, `Failed`.
    pub(crate) fn open(cluster: &Arc<Cluster>, id: &WriterId) -> Result<Self, LogError> {
        let deliveries = Deliveries { watch: cluster.watch().clone(), arrived: Arc::default() };
        let config = cluster.settings().writer(id.as_str());
        let producer: Producer = config
            .create_with_context(deliveries.clone())
            .map_err(|error| fault::of(&error, "making a producer"))?;
        let begun = Instant::now();
        loop {
            let Err(error) = producer.init_transactions(CALL) else { break };
            match fault::of_transaction(&error, &format!("opening writer {id}"), id, None) {
                Failed::Again(told) => {
                    let told = cluster.watch().explain(told);
                    if matches!(told, LogError::Refused { .. }) || begun.elapsed() > INITIAL {
                        return Err(told);
                    }
                }
                Failed::Abort(told) | Failed::Over(told) => return Err(cluster.watch().explain(told)),
            }
        }
        cluster.watch().clear();
        let cluster = Arc::clone(cluster);
        Ok(Self { cluster, producer, deliveries, id: id.clone(), over: None, nameless: None })
    }

    /// Says whether the writer is of no more use.
    pub(crate) fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Checks appends before anything begins.
    pub(crate) fn check(cluster: &Cluster, appends: &[Append]) -> Result<(), LogError> {
        let mut last = None;
        for append in appends {
            let at = crate::TopicPartition::new(&append.topic, append.partition);
            if append.size() > LARGEST_RECORD {
                return Err(LogError::Invalid {
                    what: format!("a record of {} bytes for {at}: at most {LARGEST_RECORD}", append.size()),
                });
            }
            if last.as_ref() != Some(&at) {
                cluster.require(&at)?;
            }
            last = Some(at);
        }
        Ok(())
    }

    /// Makes a call until it succeeds or must not be made again.
    fn call(
        &self,
        doing: &str,
        group: Option<&crate::Group>,
        call: impl Fn() -> Result<(), KafkaError>,
    ) -> Result<(), Failed> {
        let begun = Instant::now();
        loop {
            let Err(error) = call() else { return Ok(()) };
            match fault::of_transaction(&error, doing, &self.id, group) {
                Failed::Again(told) if begun.elapsed() > DEADLINE => {
                    return Err(Failed::Over(LogError::Poisoned {
                        detail: self.cluster.watch().explain(told).to_string(),
                    }));
                }
                Failed::Again(told) => tracing::debug!(%told, "made again"),
                other => return Err(other),
            }
        }
    }

    fn send(&self, appends: &[Append]) -> Result<(), Failed> {
        for (at, append) in appends.iter().enumerate() {
            let partition = partition_number(append.partition).map_err(Failed::Abort)?;
            let mut record =
                BaseRecord::<[u8], [u8], Box<usize>>::with_opaque_to(append.topic.as_str(), Box::new(at))
                    .partition(partition)
                    .timestamp(append.timestamp_ms)
                    .headers(carried(&append.headers));
            if let Some(key) = &append.key {
                record = record.key(key);
            }
            if let Some(value) = &append.value {
                record = record.payload(value);
            }
            self.enqueue(record)?;
        }
        Ok(())
    }

    /// Hands a record to the producer; while its queue is full, waits for deliveries.
    fn enqueue(&self, mut record: BaseRecord<'_, [u8], [u8], Box<usize>>) -> Result<(), Failed> {
        loop {
            let Err((error, back)) = self.producer.send(record) else {
                self.note_sent();
                return Ok(());
            };
            match error.rdkafka_error_code() {
                Some(Code::QueueFull) => record = back,
                Some(code) => {
                    let told = self
                        .failure()
                        .unwrap_or_else(|| fault::of_code(code, "appending", &error.to_string()));
                    return Err(Failed::Abort(told));
                }
                None => return Err(Failed::Abort(fault::of(&error, "appending"))),
            }
            let (arrived, moved) = &*self.deliveries.arrived;
            let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
            let before = arrived.count;
            drop(
                moved.wait_timeout_while(arrived, Duration::from_secs(1), |arrived| arrived.count == before),
            );
        }
    }

    /// Waits until the fate of every record that was handed over is known; an abort settles it.
    fn await_deliveries(&self) {
        let (arrived, moved) = &*self.deliveries.arrived;
        let arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
        drop(moved.wait_timeout_while(arrived, CALL, |arrived| arrived.count < arrived.sent));
    }

    fn note_sent(&self) {
        self.deliveries.arrived.0.lock().unwrap_or_else(PoisonError::into_inner).sent += 1;
    }

    /// Gives the reason why a record was not taken, if one was not.
    fn failure(&self) -> Option<LogError> {
        let arrived = self.deliveries.arrived.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (code, detail) = arrived.failed.clone()?;
        Some(fault::of_code(code, "appending", &detail))
    }

    fn attempt(&mut self, transaction: &Transaction) -> Result<Vec<Place>, Failed> {
        let offsets = transaction.advance.as_ref().map(offsets).transpose().map_err(Failed::Over)?;
        self.call("beginning a transaction", None, || self.producer.begin_transaction())?;
        self.send(&transaction.appends)?;
        if let (Some(advance), Some(offsets)) = (&transaction.advance, offsets) {
            self.advance(advance, &offsets)?;
        }
        let group = transaction.advance.as_ref().map(|advance| &advance.group);
        self.call("committing", group, || self.producer.commit_transaction(CALL))?;
        self.places(&transaction.appends).map_err(Failed::Over)
    }

    fn advance(&mut self, advance: &Advance, offsets: &TopicPartitionList) -> Result<(), Failed> {
        let group = &advance.group;
        if let Some(member) = &advance.member {
            let metadata = member
                .token::<ConsumerGroupMetadata>()
                .ok_or_else(|| Failed::Abort(LogError::Rebalanced { group: group.clone() }))?;
            return self.send_offsets(offsets, metadata, group);
        }
        // A broker lets positions without a member in even beside members: they would be overwritten.
        if self.cluster.has_members(group).map_err(Failed::Abort)? {
            return Err(Failed::Abort(LogError::Rebalanced { group: group.clone() }));
        }
        let lent = match self.nameless.take() {
            Some((known, lent)) if known == *group => lent,
            _ => self
                .cluster
                .settings()
                .onlooker(group.as_str())
                .create_with_context(self.cluster.watch().clone())
                .map_err(|error| Failed::Abort(fault::of(&error, "making a client")))?,
        };
        let metadata = lent.group_metadata().ok_or_else(|| {
            let detail = "the client has no group".to_owned();
            Failed::Abort(LogError::Failed { doing: "committing positions".to_owned(), detail })
        })?;
        self.send_offsets(offsets, &metadata, group)?;
        self.nameless = Some((group.clone(), lent));
        Ok(())
    }

    fn send_offsets(
        &self,
        offsets: &TopicPartitionList,
        metadata: &ConsumerGroupMetadata,
        group: &crate::Group,
    ) -> Result<(), Failed> {
        self.call("committing positions", Some(group), || {
            self.producer.send_offsets_to_transaction(offsets, metadata, CALL)
        })
    }

    /// Gives where the records lie; the transaction is committed, so that every one was delivered.
    fn places(&self, appends: &[Append]) -> Result<Vec<Place>, LogError> {
        let arrived = self.deliveries.arrived.0.lock().unwrap_or_else(PoisonError::into_inner);
        appends
            .iter()
            .zip(&arrived.offsets)
            .map(|(append, offset)| {
                let offset = offset.and_then(|offset| u64::try_from(offset).ok());
                let offset = offset.ok_or_else(|| LogError::Poisoned {
                    detail: "a transaction was committed although a record was not acknowledged".to_owned(),
                })?;
                Ok(Place::new(&append.topic, append.partition, offset))
            })
            .collect()
    }

    /// Aborts what is open; a writer whose abort fails is of no more use.
    fn abort(&mut self) {
        let aborted = self.call("aborting", None, || self.producer.abort_transaction(CALL));
        if let Err(Failed::Abort(error) | Failed::Over(error) | Failed::Again(error)) = aborted {
            self.over = Some(error);
        }
    }

    /// Commits a transaction whose appends were checked.
    pub(crate) fn write(&mut self, transaction: &Transaction) -> Result<Vec<Place>, LogError> {
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        if transaction.appends.is_empty() && transaction.advance.is_none() {
            return Ok(Vec::new());
        }
        {
            let mut arrived = self.deliveries.arrived.0.lock().unwrap_or_else(PoisonError::into_inner);
            *arrived = Arrived { offsets: vec![None; transaction.appends.len()], ..Arrived::default() };
        }
        match self.attempt(transaction) {
            Ok(places) => {
                self.cluster.watch().clear();
                self.cluster.committed_to(&places);
                Ok(places)
            }
            Err(Failed::Over(error)) => {
                self.over = Some(error.clone());
                Err(error)
            }
            Err(Failed::Abort(error) | Failed::Again(error)) => {
                self.abort();
                // A record that the broker refused says more than the abort that follows from it.
                self.await_deliveries();
                let told = self.failure().unwrap_or(error);
                Err(self.over.clone().filter(|over| matches!(over, LogError::Fenced { .. })).unwrap_or(told))
            }
        }
    }
}

impl Writer for KafkaWriter {
    fn commit(&mut self, transaction: Transaction) -> Result<Vec<Place>, LogError> {
        if let Some(over) = &self.over {
            return Err(over.clone());
        }
        Self::check(&self.cluster, &transaction.appends)?;
        self.write(&transaction)
    }
}

fn offsets(advance: &Advance) -> Result<TopicPartitionList, LogError> {
    let mut list = TopicPartitionList::new();
    for place in &advance.positions {
        list.add_partition_offset(
            place.topic.as_str(),
            partition_number(place.partition)?,
            Offset::Offset(offset_number(place)?),
        )
        .map_err(|error| fault::of(&error, "naming positions"))?;
    }
    Ok(list)
}
