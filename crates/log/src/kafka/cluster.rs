//! What the brokers say of topics: partitions, ranges, configurations; and making what is missing.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::{Offset, TopicPartitionList};

use super::fault;
use super::message::partition_number;
use super::settings::{KafkaSettings, LARGEST_RECORD};
use super::watch::Watch;
use crate::contract::{Cleanup, TopicSpec};
use crate::error::LogError;
use crate::names::{Group, Topic};
use crate::record::{Extent, Place, TopicPartition};

/// How long a question to the brokers may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How long the number of partitions of a topic is believed.
const FRESH: Duration = Duration::from_secs(30);

/// A topic as the brokers have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicState {
    /// How many partitions it has.
    pub partitions: u32,
    /// How many copies its first partition has.
    pub replication: u32,
    /// Its configuration, by Kafka's names.
    pub configuration: BTreeMap<String, String>,
}

/// The brokers, for questions.
pub(crate) struct Cluster {
    settings: KafkaSettings,
    watch: Watch,
    /// A consumer of no group: it asks for offsets as readers of committed records see them.
    client: BaseConsumer<Watch>,
    admin: AdminClient<Watch>,
    known: Mutex<BTreeMap<Topic, (u32, Instant)>>,
    /// Ends that this process made by committing.
    own_ends: Mutex<BTreeMap<TopicPartition, u64>>,
    groups: Mutex<BTreeMap<Group, Arc<BaseConsumer<Watch>>>>,
}

impl Cluster {
    /// Makes the clients and asks for the brokers once.
    ///
    /// # Errors
    /// `Refused` or `Unavailable`, with the reason in words, when no broker answers within ten seconds.
    pub(crate) fn connect(settings: KafkaSettings) -> Result<Self, LogError> {
        settings.check()?;
        let watch = Watch::default();
        let create = |error: KafkaError| fault::of(&error, "making a client");
        let client = settings.reader("asks").create_with_context(watch.clone()).map_err(create)?;
        let admin = settings.admin().create_with_context(watch.clone()).map_err(create)?;
        let cluster = Self {
            settings,
            watch,
            client,
            admin,
            known: Mutex::default(),
            own_ends: Mutex::default(),
            groups: Mutex::default(),
        };
        cluster.reach()?;
        Ok(cluster)
    }

    /// Asks for the brokers until one answers, or a refusal or the deadline ends it.
    fn reach(&self) -> Result<(), LogError> {
        let begun = Instant::now();
        loop {
            // A topic that every cluster may have: whatever is said of it, a broker has answered.
            let asked =
                self.client.client().fetch_metadata(Some("__consumer_offsets"), Duration::from_secs(1));
            self.serve();
            match asked {
                Ok(_) => {
                    self.watch.clear();
                    return Ok(());
                }
                Err(error) => {
                    let told = self.watch.explain(fault::of(&error, "asking for the brokers"));
                    let refused = matches!(told, LogError::Refused { .. });
                    if refused || begun.elapsed() >= PATIENCE {
                        return Err(told);
                    }
                }
            }
        }
    }

    /// Lets the client tell its errors.
    fn serve(&self) {
        while let Some(Err(error)) = self.client.poll(Duration::ZERO) {
            tracing::trace!(%error, "told by the client");
        }
    }

    pub(crate) fn settings(&self) -> &KafkaSettings {
        &self.settings
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Turns an error of a question into ours, with what is known of its reason.
    pub(crate) fn told(&self, error: &KafkaError, doing: &str) -> LogError {
        self.serve();
        self.watch.explain(fault::of(error, doing))
    }

    /// Gives the number of partitions, from memory for a while.
    pub(crate) fn partitions(&self, topic: &Topic) -> Result<u32, LogError> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(topic).copied();
        match known {
            Some((partitions, at)) if at.elapsed() < FRESH => Ok(partitions),
            _ => self.ask_partitions(topic).map(|(partitions, _)| partitions),
        }
    }

    /// Asks for the number of partitions and of copies.
    fn ask_partitions(&self, topic: &Topic) -> Result<(u32, u32), LogError> {
        let doing = || format!("asking for topic {topic}");
        let unknown = || LogError::UnknownTopic { topic: topic.clone() };
        let metadata = self.client.client().fetch_metadata(Some(topic.as_str()), PATIENCE).map_err(
            |error| match error.rdkafka_error_code() {
                Some(Code::UnknownTopicOrPartition | Code::UnknownTopic) => unknown(),
                _ => self.told(&error, &doing()),
            },
        )?;
        let found =
            metadata.topics().iter().find(|found| found.name() == topic.as_str()).ok_or_else(unknown)?;
        if let Some(error) = found.error() {
            self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(topic);
            let code: Code = error.into();
            return Err(match code {
                Code::UnknownTopicOrPartition | Code::UnknownTopic => unknown(),
                _ => fault::of_code(code, &doing(), &code.to_string()),
            });
        }
        if found.partitions().is_empty() {
            return Err(unknown());
        }
        self.watch.clear();
        let partitions = u32::try_from(found.partitions().len()).unwrap_or(u32::MAX);
        let copies = found.partitions().first().map_or(0, |first| first.replicas().len());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(topic.clone(), (partitions, Instant::now()));
        Ok((partitions, u32::try_from(copies).unwrap_or(u32::MAX)))
    }

    /// Checks that a partition exists.
    pub(crate) fn require(&self, at: &TopicPartition) -> Result<(), LogError> {
        if at.partition < self.partitions(&at.topic)? {
            return Ok(());
        }
        Err(LogError::UnknownPartition { at: at.clone() })
    }

    /// Asks for the readable range of a partition. A commit returns before its mark is in every partition, so that what
    /// this process committed may take a moment to show: it is waited for.
    pub(crate) fn extent(&self, at: &TopicPartition) -> Result<Extent, LogError> {
        let begun = Instant::now();
        let own = self.own_end(at);
        loop {
            let extent = match self.ask_extent(at) {
                // A partition may be without a leader for a moment.
                Err(LogError::Unavailable { .. }) if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                    continue;
                }
                asked => asked?,
            };
            if extent.end >= own {
                return Ok(extent);
            }
            if begun.elapsed() > PATIENCE {
                // The topic was made anew: what was committed went with the old one.
                self.own_ends.lock().unwrap_or_else(PoisonError::into_inner).remove(at);
                return Ok(extent);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn ask_extent(&self, at: &TopicPartition) -> Result<Extent, LogError> {
        let partition = partition_number(at.partition)?;
        let (start, end) = self
            .client
            .client()
            .fetch_watermarks(at.topic.as_str(), partition, PATIENCE)
            .map_err(|error| self.told(&error, &format!("asking for the range of {at}")))?;
        let number = |offset: i64| u64::try_from(offset).unwrap_or(0);
        Ok(Extent { start: number(start), end: number(end) })
    }

    /// Notes where records lie that a transaction of this process has just committed.
    pub(crate) fn committed_to(&self, places: &[Place]) {
        let mut ends = self.own_ends.lock().unwrap_or_else(PoisonError::into_inner);
        for place in places {
            let end = ends.entry(place.topic_partition()).or_default();
            *end = (*end).max(place.offset + 1);
        }
    }

    fn own_end(&self, at: &TopicPartition) -> u64 {
        self.own_ends.lock().unwrap_or_else(PoisonError::into_inner).get(at).copied().unwrap_or(0)
    }

    /// Gives the readable range of every partition.
    pub(crate) fn extents(&self, topic: &Topic) -> Result<Vec<Extent>, LogError> {
        let (partitions, _) = self.ask_partitions(topic)?;
        (0..partitions).map(|partition| self.extent(&TopicPartition::new(topic, partition))).collect()
    }

    /// Gives the committed positions of a group, whether its members are here or elsewhere.
    pub(crate) fn committed(&self, group: &Group, topic: &Topic) -> Result<Vec<Option<u64>>, LogError> {
        let partitions = self.partitions(topic)?;
        let mut list = TopicPartitionList::new();
        for partition in 0..partitions {
            list.add_partition(topic.as_str(), partition_number(partition)?);
        }
        let onlooker = self.onlooker(group)?;
        let found = onlooker
            .committed_offsets(list, PATIENCE)
            .map_err(|error| self.told(&error, &format!("asking for the positions of group {group}")))?;
        positions(&found)
    }

    fn onlooker(&self, group: &Group) -> Result<Arc<BaseConsumer<Watch>>, LogError> {
        let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = groups.get(group) {
            return Ok(Arc::clone(known));
        }
        let config = self.settings.onlooker(group.as_str());
        let made = config
            .create_with_context(self.watch.clone())
            .map_err(|error| fault::of(&error, "making a client"))?;
        let made = Arc::new(made);
        groups.insert(group.clone(), Arc::clone(&made));
        Ok(made)
    }

    /// Gives the groups whose names begin with `start`.
    pub(crate) fn groups(&self, start: &str) -> Result<Vec<Group>, LogError> {
        let asked = self.client.client().fetch_group_list(None, PATIENCE);
        let list = asked.map_err(|error| self.told(&error, "asking for the consumer groups"))?;
        let names = list.groups().iter().map(|found| found.name()).filter(|name| name.starts_with(start));
        names.map(str::parse).collect()
    }

    /// Says whether a group has members now.
    pub(crate) fn has_members(&self, group: &Group) -> Result<bool, LogError> {
        let list = self
            .client
            .client()
            .fetch_group_list(Some(group.as_str()), PATIENCE)
            .map_err(|error| self.told(&error, &format!("asking for the members of group {group}")))?;
        Ok(list.groups().iter().any(|found| found.name() == group.as_str() && !found.members().is_empty()))
    }

    /// Makes a topic, or checks the one that is there.
    pub(crate) fn create_topic(&self, topic: &Topic, spec: &TopicSpec) -> Result<(), LogError> {
        if spec.partitions == 0 || spec.partitions > TopicSpec::MAX_PARTITIONS {
            return Err(LogError::Invalid {
                what: format!(
                    "a topic has 1 to {} partitions, not {}",
                    TopicSpec::MAX_PARTITIONS,
                    spec.partitions
                ),
            });
        }
        match self.ask_partitions(topic) {
            Err(LogError::UnknownTopic { .. }) => self.make(topic, spec),
            Ok((found, _)) if found == spec.partitions => Ok(()),
            Ok((found, _)) => {
                Err(LogError::PartitionCount { topic: topic.clone(), found, wanted: spec.partitions })
            }
            Err(error) => Err(error),
        }
    }

    fn make(&self, topic: &Topic, spec: &TopicSpec) -> Result<(), LogError> {
        let doing = format!("making topic {topic}");
        let copies = self.settings.replication.map_or(-1, i32::from);
        let wanted = configuration(spec.cleanup);
        let partitions = partition_number(spec.partitions)?;
        let mut new = NewTopic::new(topic.as_str(), partitions, TopicReplication::Fixed(copies));
        for (name, value) in &wanted {
            new = new.set(name, value);
        }
        let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
        let begun = Instant::now();
        loop {
            let made = wait_for(self.admin.create_topics([&new], &options))
                .map_err(|error| self.told(&error, &doing))?;
            match made.into_iter().find_map(Result::err).map(|(_, code)| code) {
                None | Some(Code::TopicAlreadyExists) => return self.await_topic(topic),
                // Fewer brokers than copies: for a moment after a start that passes.
                Some(Code::InvalidReplicationFactor) if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(100));
                }
                Some(code) => return Err(fault::of_code(code, &doing, &code.to_string())),
            }
        }
    }

    /// A topic is there when the brokers name its partitions and their leaders answer.
    fn await_topic(&self, topic: &Topic) -> Result<(), LogError> {
        let begun = Instant::now();
        loop {
            let seen = self.extents(topic);
            match seen {
                Ok(_) => return Ok(()),
                Err(error) if begun.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Tells how a topic stands; `None` where it does not exist.
    pub(crate) fn describe(&self, topic: &Topic) -> Result<Option<TopicState>, LogError> {
        let (partitions, replication) = match self.ask_partitions(topic) {
            Ok(found) => found,
            Err(LogError::UnknownTopic { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let doing = format!("asking for the configuration of topic {topic}");
        let options = AdminOptions::new().request_timeout(Some(PATIENCE));
        let specifier = ResourceSpecifier::Topic(topic.as_str());
        let described = wait_for(self.admin.describe_configs([&specifier], &options))
            .map_err(|error| self.told(&error, &doing))?;
        let mut configuration = BTreeMap::new();
        for resource in described {
            let resource = resource.map_err(|code| fault::of_code(code, &doing, &code.to_string()))?;
            for setting in resource.entries {
                configuration.insert(setting.name, setting.value.unwrap_or_default());
            }
        }
        Ok(Some(TopicState { partitions, replication, configuration }))
    }
}

/// Reads positions out of the library's list.
pub(crate) fn positions(list: &TopicPartitionList) -> Result<Vec<Option<u64>>, LogError> {
    list.elements()
        .iter()
        .map(|found| {
            found.error().map_err(|error| fault::of(&error, "asking for the positions of a group"))?;
            Ok(match found.offset() {
                Offset::Offset(offset) => u64::try_from(offset).ok(),
                _ => None,
            })
        })
        .collect()
}

/// The configuration of a topic that keeps its records this way.
#[must_use]
pub fn configuration(cleanup: Cleanup) -> BTreeMap<&'static str, String> {
    let mut wanted = BTreeMap::from([("max.message.bytes", (LARGEST_RECORD + (1 << 20)).to_string())]);
    match cleanup {
        Cleanup::Delete { after } => {
            wanted.insert("cleanup.policy", "delete".to_owned());
            wanted.insert("retention.ms", after.as_millis().to_string());
        }
        Cleanup::Compact { tombstones } => {
            wanted.insert("cleanup.policy", "compact".to_owned());
            wanted.insert("delete.retention.ms", tombstones.as_millis().to_string());
            // A bound, so that what was superseded or erased does not stay in a quiet partition.
            wanted.insert("max.compaction.lag.ms", (7 * 86_400_000_u64).to_string());
        }
        Cleanup::Forever => {
            wanted.insert("cleanup.policy", "delete".to_owned());
            wanted.insert("retention.ms", "-1".to_owned());
            wanted.insert("retention.bytes", "-1".to_owned());
        }
    }
    wanted
}

/// Waits for an answer of the administration client, whose own thread brings it.
fn wait_for<F: Future>(asked: F) -> F::Output {
    let mut asked = std::pin::pin!(asked);
    let waker = std::task::Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = std::task::Context::from_waker(&waker);
    loop {
        if let std::task::Poll::Ready(answer) = asked.as_mut().poll(&mut context) {
            return answer;
        }
        std::thread::park();
    }
}

/// Wakes the thread that waits.
struct Unpark(std::thread::Thread);

impl std::task::Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
