//! A log on the broker that the tests share, with names that no other test has, and short ways to write and to read.
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use groundswell_log::{
    Advance, Append, Batch, Cleanup, Event, Group, KafkaLog, KafkaSettings, Log, LogError, Place, ReadLimit,
    Record, Subscription, Topic, TopicSpec, WriterId,
};
use groundswell_tests::kafka::broker;
use rdkafka::ClientConfig;

/// How long something may take that must come.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long one call of `next` waits.
pub const MOMENT: Duration = Duration::from_millis(100);

/// Gives a name that nothing in this run has.
pub fn fresh(base: &str) -> String {
    static MADE: AtomicU64 = AtomicU64::new(0);
    format!("{base}-{}", MADE.fetch_add(1, Ordering::SeqCst))
}

/// Settings for these brokers, with groups that soon miss a silent member.
pub fn settings(brokers: &str) -> KafkaSettings {
    let mut settings = KafkaSettings::new(brokers, &fresh("instance"));
    settings.session_timeout = Duration::from_secs(6);
    settings
}

/// A client of the library itself.
pub fn raw(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    config
}

/// An open log with a topic, a group and a writer of one's own.
pub struct Scene {
    pub log: KafkaLog,
    pub topic: Topic,
    pub group: Group,
    pub writer: WriterId,
}

impl Scene {
    /// Opens a log on the shared broker and makes a topic of this many partitions.
    pub fn begin(partitions: u32) -> Self {
        Self::on(settings(&broker().bootstrap()), partitions)
    }

    pub fn on(settings: KafkaSettings, partitions: u32) -> Self {
        let log = KafkaLog::open(settings).unwrap();
        let scene = Self {
            log,
            topic: fresh("topic").parse().unwrap(),
            group: fresh("group").parse().unwrap(),
            writer: fresh("writer").parse().unwrap(),
        };
        scene.log.create_topic(&scene.topic, &TopicSpec::new(partitions, Cleanup::Forever)).unwrap();
        scene
    }

    /// A record for the first partition.
    pub fn append(&self, value: impl Into<Vec<u8>>) -> Append {
        record_for(&self.topic, value)
    }

    pub fn numbers(&self, range: std::ops::Range<u32>) -> Vec<Append> {
        range.map(|number| self.append(number.to_string())).collect()
    }

    pub fn subscribe(&self) -> Box<dyn Subscription> {
        self.log.subscribe(&self.group, std::slice::from_ref(&self.topic)).unwrap()
    }

    pub fn place(&self, offset: u64) -> Place {
        Place::new(&self.topic, 0, offset)
    }

    /// A position of the group without a member.
    pub fn stand_at(&self, offset: u64) -> Option<Advance> {
        Some(Advance { group: self.group.clone(), member: None, positions: vec![self.place(offset)] })
    }

    /// All records of a partition.
    pub fn all(&self, partition: u32) -> Vec<Record> {
        read_all(&self.log, &self.topic, partition)
    }

    pub fn values(&self) -> Vec<String> {
        self.all(0).iter().map(text).collect()
    }
}

pub fn record_for(topic: &Topic, value: impl Into<Vec<u8>>) -> Append {
    Append {
        topic: topic.clone(),
        partition: 0,
        timestamp_ms: 1_767_323_045_000,
        key: Some(b"key".to_vec()),
        headers: Vec::new(),
        value: Some(value.into()),
    }
}

/// Reads a partition from its start to its end.
pub fn read_all(log: &KafkaLog, topic: &Topic, partition: u32) -> Vec<Record> {
    let extent = log.extents(topic).unwrap()[partition as usize];
    let (mut at, mut records) = (Place::new(topic, partition, extent.start), Vec::new());
    loop {
        let batch = log.read(&at, ReadLimit::default()).unwrap();
        records.extend(batch.records);
        if batch.next == batch.end {
            return records;
        }
        at.offset = batch.next;
    }
}

pub fn text(record: &Record) -> String {
    String::from_utf8_lossy(record.value.as_deref().unwrap_or(b"(none)")).into_owned()
}

/// Takes events until a batch with records comes.
pub fn next_batch(subscription: &mut dyn Subscription) -> Batch {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Event::Batch(batch) = subscription.next(ReadLimit::default(), MOMENT).unwrap()
            && !batch.records.is_empty()
        {
            return batch;
        }
    }
    panic!("no batch came within {PATIENCE:?}");
}

/// Takes events until an error comes.
pub fn next_error(subscription: &mut dyn Subscription, within: Duration) -> LogError {
    let deadline = Instant::now() + within;
    while Instant::now() < deadline {
        if let Err(error) = subscription.next(ReadLimit::default(), MOMENT) {
            return error;
        }
    }
    panic!("no error came within {within:?}");
}

/// The advance of a member behind a batch that it read.
pub fn behind(subscription: &dyn Subscription, batch: &Batch) -> Option<Advance> {
    let member = subscription.member();
    Some(Advance { group: member.group().clone(), member: Some(member), positions: vec![batch.next_place()] })
}
