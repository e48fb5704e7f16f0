//! Reading on from positions: one client reads all partitions, each through a queue of its own.
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::{Offset, TopicPartitionList};

use super::cluster::{Cluster, PATIENCE};
use super::message;
use super::{fault, watch::Watch};
use crate::error::LogError;
use crate::record::{Batch, Extent, Place, ReadLimit, Record, TopicPartition};

/// How long a partition may be silent although the broker says that there is more, before it is fetched anew.
const SILENCE: Duration = Duration::from_millis(500);
/// How long the broker may take to bring what it says it has.
const DEADLINE: Duration = Duration::from_secs(30);

/// How many offsets are read over rather than jumped over.
const NEAR: u64 = 256;

/// Readers of partitions, each from one position on.
pub(crate) struct Readers {
    cluster: Arc<Cluster>,
    client: Arc<BaseConsumer<Watch>>,
    open: Mutex<BTreeMap<TopicPartition, Arc<Mutex<Reader>>>>,
    bell: Arc<Bell>,
    /// Whether these jump about and rest in between.
    picker: bool,
}

/// Rings when something arrives in any partition.
#[derive(Default)]
struct Bell {
    rung: Mutex<u64>,
    heard: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.heard.notify_all();
    }

    fn count(&self) -> u64 {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it rang since `before`.
    fn wait(&self, before: u64, timeout: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.heard.wait_timeout_while(rung, timeout, |rung| *rung == before));
    }
}

impl Readers {
    /// Makes the client; a picker jumps about and fetches little ahead.
    ///
    /// # Errors
    /// `Failed` when the client cannot be made.
    pub(crate) fn new(cluster: &Arc<Cluster>, picker: bool) -> Result<Self, LogError> {
        let settings = cluster.settings();
        let config = if picker { settings.picker() } else { settings.reader("reader") };
        let client = config
            .create_with_context(cluster.watch().clone())
            .map_err(|error| fault::of(&error, "making a client"))?;
        Ok(Self {
            cluster: Arc::clone(cluster),
            client: Arc::new(client),
            open: Mutex::default(),
            bell: Arc::default(),
            picker,
        })
    }

    /// Reads from a position on, up to the limit or what is there.
    pub(crate) fn read(&self, at: &Place, limit: ReadLimit) -> Result<Batch, LogError> {
        let reader = self.reader(at)?;
        let mut reader = lock(&reader);
        self.serve();
        reader.place(at.offset, &self.cluster)?;
        let records = reader.take(limit)?;
        if records.is_empty() {
            return reader.at_the_end(limit, &self.cluster);
        }
        reader.batch(records, &self.cluster)
    }

    /// Waits until one of the places has something behind it.
    pub(crate) fn wait(&self, places: &[Place], timeout: Duration) -> Result<bool, LogError> {
        let deadline = Instant::now() + timeout;
        let readers =
            places.iter().map(|at| Ok((self.reader(at)?, at.offset))).collect::<Result<Vec<_>, _>>()?;
        loop {
            let before = self.bell.count();
            for (reader, offset) in &readers {
                let mut reader = lock(reader);
                reader.place(*offset, &self.cluster)?;
                if reader.has_more()? {
                    return Ok(true);
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            self.bell.wait(before, left);
        }
    }

    /// Reads the record at exactly this place; `None` where there is none.
    pub(crate) fn pick(&self, at: &Place) -> Result<Option<Record>, LogError> {
        let reader = self.reader(at)?;
        let mut reader = lock(&reader);
        self.serve();
        match reader.find(at.offset, &self.cluster) {
            Err(LogError::OutOfRange { .. }) => Ok(None),
            found => found,
        }
    }

    /// Stops fetching until something is picked again. A client that fetches waits at the broker for more, and a jump would
    /// have to wait with it.
    pub(crate) fn rest(&self) {
        let open: Vec<_> = self.all().values().cloned().collect();
        for reader in open {
            if let Err(error) = lock(&reader).rest() {
                tracing::debug!(%error, "a reader does not rest");
            }
        }
    }

    /// Lets the client tell its errors.
    fn serve(&self) {
        while let Some(told) = self.client.poll(Duration::ZERO) {
            if let Err(error) = told {
                tracing::trace!(%error, "told by the client");
            }
        }
    }

    fn reader(&self, at: &Place) -> Result<Arc<Mutex<Reader>>, LogError> {
        let at = at.topic_partition();
        if let Some(reader) = self.all().get(&at) {
            return Ok(Arc::clone(reader));
        }
        self.cluster.require(&at)?;
        let bell = Arc::clone(&self.bell);
        let mut open = self.all();
        if let Some(reader) = open.get(&at) {
            return Ok(Arc::clone(reader));
        }
        let reader = Reader {
            queue: None,
            client: Arc::clone(&self.client),
            bell,
            buffer: VecDeque::new(),
            position: None,
            end: 0,
            ended: false,
            picker: self.picker,
            resting: false,
            at: at.clone(),
        };
        Ok(Arc::clone(open.entry(at).or_insert(Arc::new(Mutex::new(reader)))))
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<TopicPartition, Arc<Mutex<Reader>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One partition that is read on.
struct Reader {
    at: TopicPartition,
    client: Arc<BaseConsumer<Watch>>,
    bell: Arc<Bell>,
    queue: Option<PartitionQueue<Watch>>,
    /// Records that were taken out of the queue but not given yet.
    buffer: VecDeque<Record>,
    /// Where the next `take` begins; none before the first.
    position: Option<u64>,
    /// The end as it was last asked for.
    end: u64,
    /// Whether the fetcher said that it stands at the end, after the last record.
    ended: bool,
    /// Whether it jumps about and rests in between.
    picker: bool,
    /// Whether it fetches nothing until the next jump.
    resting: bool,
}

impl Reader {
    /// Moves to a position; where the reader stands there already, nothing is asked.
    fn place(&mut self, offset: u64, cluster: &Cluster) -> Result<(), LogError> {
        if self.position == Some(offset) {
            return Ok(());
        }
        let extent = cluster.extent(&self.at)?;
        self.check(offset, extent)?;
        self.jump(offset)
    }

    fn check(&mut self, offset: u64, extent: Extent) -> Result<(), LogError> {
        self.end = extent.end;
        if offset < extent.start || offset > extent.end {
            return Err(LogError::OutOfRange {
                at: self.at.clone(),
                offset,
                start: extent.start,
                end: extent.end,
            });
        }
        Ok(())
    }

    /// Fetches from an offset on; what was fetched before is forgotten.
    fn jump(&mut self, offset: u64) -> Result<(), LogError> {
        let partition = message::partition_number(self.at.partition)?;
        let to = Offset::Offset(message::offset_number(&self.at.at(offset))?);
        let doing = || format!("moving to {}", self.at.at(offset));
        let told = |error: KafkaError| fault::of(&error, &doing());
        self.buffer.clear();
        self.ended = false;
        self.position = None;
        let topic = self.at.topic.as_str();
        if self.queue.is_some() {
            self.seek(partition, to)?;
            if std::mem::take(&mut self.resting) {
                self.client.resume(&self.list()?).map_err(told)?;
            }
        } else {
            // ORDER: the queue is split off first, so that no record is fetched into the client's own.
            let mut queue = self.client.split_partition_queue(topic, partition).ok_or_else(|| {
                LogError::Failed { doing: doing(), detail: "the client has no such partition".to_owned() }
            })?;
            let bell = Arc::clone(&self.bell);
            queue.set_nonempty_callback(move || bell.ring());
            let mut list = TopicPartitionList::new();
            list.add_partition_offset(topic, partition, to).map_err(told)?;
            self.client.incremental_assign(&list).map_err(told)?;
            self.queue = Some(queue);
        }
        self.position = Some(offset);
        Ok(())
    }

    /// Seeks; a partition whose fetching is only just beginning cannot be moved for a moment.
    fn seek(&self, partition: i32, to: Offset) -> Result<(), LogError> {
        let begun = Instant::now();
        loop {
            match self.client.seek(self.at.topic.as_str(), partition, to, PATIENCE) {
                Ok(()) => return Ok(()),
                Err(error) if begun.elapsed() > PATIENCE => {
                    return Err(LogError::Unavailable { detail: format!("moving in {}: {error}", self.at) });
                }
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Fetches nothing until the next jump, and forgets what was fetched.
    fn rest(&mut self) -> Result<(), LogError> {
        if self.queue.is_none() || self.resting {
            return Ok(());
        }
        let list = self.list()?;
        self.client.pause(&list).map_err(|error| fault::of(&error, &format!("pausing {}", self.at)))?;
        self.resting = true;
        self.buffer.clear();
        self.position = None;
        Ok(())
    }

    fn list(&self) -> Result<TopicPartitionList, LogError> {
        let mut list = TopicPartitionList::new();
        list.add_partition(self.at.topic.as_str(), message::partition_number(self.at.partition)?);
        Ok(list)
    }

    /// Takes what has arrived, up to the limit.
    fn take(&mut self, limit: ReadLimit) -> Result<Vec<Record>, LogError> {
        let (mut records, mut bytes) = (Vec::new(), 0);
        while records.is_empty() || (records.len() < limit.records && bytes < limit.bytes) {
            if self.buffer.is_empty() && !self.fetch(Duration::ZERO)? {
                break;
            }
            let Some(record) = self.buffer.front() else { continue };
            let size = size(record);
            if !records.is_empty() && bytes + size > limit.bytes {
                break;
            }
            bytes += size;
            records.extend(self.buffer.pop_front());
        }
        Ok(records)
    }

    /// Takes one message out of the queue into the buffer; says whether there was one.
    fn fetch(&mut self, timeout: Duration) -> Result<bool, LogError> {
        let Some(queue) = &self.queue else { return Ok(false) };
        match queue.poll(timeout) {
            None => Ok(false),
            Some(Ok(message)) => {
                self.ended = false;
                self.buffer.push_back(message::record(&message));
                Ok(true)
            }
            Some(Err(KafkaError::PartitionEOF(_))) => {
                self.ended = true;
                Ok(false)
            }
            Some(Err(error)) => Err(self.told(&error)),
        }
    }

    fn told(&self, error: &KafkaError) -> LogError {
        match error.rdkafka_error_code() {
            Some(Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition) => {
                LogError::UnknownTopic { topic: self.at.topic.clone() }
            }
            Some(Code::AutoOffsetReset | Code::OffsetOutOfRange) => LogError::OutOfRange {
                at: self.at.clone(),
                offset: self.position.unwrap_or(0),
                start: 0,
                end: self.end,
            },
            _ => fault::of(error, &format!("reading {}", self.at)),
        }
    }

    /// Finds the record at an offset, reading on where it is near.
    fn find(&mut self, offset: u64, cluster: &Cluster) -> Result<Option<Record>, LogError> {
        let near = self.position.is_some_and(|at| at <= offset && offset - at <= NEAR);
        if !near && self.picker {
            // What is not in the log comes to light where nothing arrives.
            self.jump(offset)?;
        } else if !near {
            self.place(offset, cluster)?;
        }
        let one = ReadLimit { records: 1, bytes: 1 };
        while self.position.is_some_and(|at| at <= offset) {
            let mut records = self.take(one)?;
            if records.is_empty() {
                records = self.at_the_end(one, cluster)?.records;
            }
            let Some(record) = records.pop() else { return Ok(None) };
            self.position = Some(record.offset + 1);
            if record.offset == offset {
                return Ok(Some(record));
            }
            if record.offset > offset {
                // The next record that is asked for may be this one.
                self.position = Some(record.offset);
                self.buffer.push_front(record);
            }
        }
        Ok(None)
    }

    /// Says whether anything lies behind the position: a record, or offsets without one.
    fn has_more(&mut self) -> Result<bool, LogError> {
        if self.buffer.is_empty() {
            self.fetch(Duration::ZERO)?;
        }
        let position = self.position.unwrap_or(0);
        Ok(!self.buffer.is_empty() || self.passed()? > position)
    }

    /// Gives the position behind what was taken out of the queue, marks of transactions included.
    fn passed(&self) -> Result<u64, LogError> {
        let position = self.position.unwrap_or(0);
        let list = self.client.position().map_err(|error| fault::of(&error, "asking for the position"))?;
        let partition = message::partition_number(self.at.partition)?;
        let found = list.find_partition(self.at.topic.as_str(), partition).map(|found| found.offset());
        Ok(match found {
            Some(Offset::Offset(offset)) => u64::try_from(offset).unwrap_or(0).max(position),
            _ => position,
        })
    }

    /// Makes the batch of records that were taken, and moves behind it.
    fn batch(&mut self, records: Vec<Record>, cluster: &Cluster) -> Result<Batch, LogError> {
        let behind_last = records.last().map_or(0, |last| last.offset + 1);
        let next = match self.buffer.front() {
            Some(_) => behind_last,
            None => self.passed()?.max(behind_last),
        };
        if self.end <= next {
            self.end = cluster.extent(&self.at)?.end;
        }
        self.position = Some(next);
        Ok(Batch { at: self.at.clone(), records, next, end: self.end.max(next) })
    }

    /// Nothing has arrived: either this is the end, or the broker has something that is still on its way.
    fn at_the_end(&mut self, limit: ReadLimit, cluster: &Cluster) -> Result<Batch, LogError> {
        let begun = Instant::now();
        let mut silent_since = begun;
        let extent = cluster.extent(&self.at)?;
        self.check(self.position.unwrap_or(0), extent)?;
        loop {
            let passed = self.passed()?;
            if passed >= self.end && self.buffer.is_empty() {
                self.position = Some(passed);
                return Ok(Batch { at: self.at.clone(), records: Vec::new(), next: passed, end: passed });
            }
            self.fetch(Duration::from_millis(50))?;
            let records = self.take(limit)?;
            if !records.is_empty() {
                return self.batch(records, cluster);
            }
            if begun.elapsed() > DEADLINE {
                let detail = format!("{} ends at {}, but nothing comes behind {passed}", self.at, self.end);
                return Err(cluster.watch().explain(LogError::Unavailable { detail }));
            }
            if self.ended && silent_since.elapsed() > SILENCE {
                if self.passed()? == self.position.unwrap_or(0) && self.confirm_end()? {
                    self.position = Some(self.end);
                    return Ok(Batch {
                        at: self.at.clone(),
                        records: Vec::new(),
                        next: self.end,
                        end: self.end,
                    });
                }
                silent_since = Instant::now();
            }
        }
    }

    /// Fetches anew from where it stands, after the end was asked for: an end that is reached without a record means
    /// that all offsets up to there are empty, as compaction leaves them.
    fn confirm_end(&mut self) -> Result<bool, LogError> {
        let position = self.position.unwrap_or(0);
        self.jump(position)?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.fetch(Duration::from_millis(50))? || self.passed()? > position {
                return Ok(false);
            }
            if self.ended {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn lock(reader: &Mutex<Reader>) -> MutexGuard<'_, Reader> {
    reader.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives about how many bytes a record takes.
pub(crate) fn size(record: &Record) -> usize {
    let headers: usize = record.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
    record.key.as_ref().map_or(0, Vec::len) + record.value.as_ref().map_or(0, Vec::len) + headers
}
