//! What a Kafka log is told: where the brokers are, who we are, and any setting of the client library.
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use crate::error::LogError;

/// The largest record that is appended, in bytes of key, value and headers.
pub(crate) const LARGEST_RECORD: usize = 32 << 20;

/// Settings that this crate decides, because its promises hang on them.
const OURS: [&str; 9] = [
    "bootstrap.servers",
    "group.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "auto.offset.reset",
    "isolation.level",
    "enable.partition.eof",
    "transactional.id",
    "enable.idempotence",
];

/// Settings that the new consumer protocol does not know.
const CLASSIC_ONLY: [&str; 3] =
    ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"];

/// How a Kafka log is reached.
#[derive(Clone)]
pub struct KafkaSettings {
    /// The brokers, as `host:port`, comma separated.
    pub brokers: String,
    /// Names this process among all that share the log: stable over restarts, different for every process.
    pub instance: String,
    /// Beginning of the names of our own writers, by which rights can be given.
    pub stem: String,
    /// How long a silent member keeps its partitions.
    pub session_timeout: Duration,
    /// How long a transaction may stay open.
    pub transaction_timeout: Duration,
    /// Whether groups use the consumer protocol of KIP-848, which brokers speak from 4.0 on.
    pub consumer_protocol: bool,
    /// How many copies a topic gets; `None` leaves it to the broker.
    pub replication: Option<u16>,
    /// Further settings of the client library, by its names; they win over ours where that breaks no promise.
    pub client: BTreeMap<String, String>,
}

impl KafkaSettings {
    /// Names the brokers and this process; everything else has its default.
    #[must_use]
    pub fn new(brokers: &str, instance: &str) -> Self {
        Self {
            brokers: brokers.to_owned(),
            instance: instance.to_owned(),
            stem: "groundswell".to_owned(),
            session_timeout: Duration::from_secs(10),
            transaction_timeout: Duration::from_secs(15),
            consumer_protocol: false,
            replication: None,
            client: BTreeMap::new(),
        }
    }

    /// Finds settings that would break a promise, or that the client library does not know.
    ///
    /// # Errors
    /// `Invalid`, which names the setting.
    pub fn check(&self) -> Result<(), LogError> {
        if let Some(name) = self.client.keys().find(|name| OURS.contains(&name.as_str())) {
            return Err(LogError::Invalid {
                what: format!("the client setting {name} is not free to choose"),
            });
        }
        let config = self.reader("check");
        match config.create_native_config() {
            Ok(_) => Ok(()),
            Err(error) => Err(LogError::Invalid { what: format!("a client setting is wrong: {error}") }),
        }
    }

    fn base(&self, role: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        // Connections that the other side closes are said at this level, and nowhere else.
        config.set_log_level(RDKafkaLogLevel::Info);
        config.set("bootstrap.servers", &self.brokers);
        config.set("client.id", format!("groundswell-{}-{role}", self.instance));
        config.set("socket.keepalive.enable", "true");
        config.set("reconnect.backoff.max.ms", "2000");
        config.set("topic.metadata.refresh.interval.ms", "30000");
        config
    }

    fn finish(&self, mut config: ClientConfig) -> ClientConfig {
        for (name, value) in &self.client {
            config.set(name, value);
        }
        config
    }

    /// The client that asks about topics and groups.
    pub(crate) fn admin(&self) -> ClientConfig {
        self.finish(self.base("admin"))
    }

    fn consumer(&self, role: &str, group: &str) -> ClientConfig {
        let mut config = self.base(role);
        config.set("group.id", group);
        config.set("enable.auto.commit", "false");
        config.set("enable.auto.offset.store", "false");
        config.set("auto.offset.reset", "error");
        config.set("isolation.level", "read_committed");
        config.set("fetch.wait.max.ms", "100");
        config.set("fetch.error.backoff.ms", "100");
        // A full queue is looked at again soon: the library's own second would be most of a batch's time.
        config.set("fetch.queue.backoff.ms", "10");
        config.set("session.timeout.ms", self.session_timeout.as_millis().to_string());
        config
    }

    /// A consumer that reads at positions of its own; its group is a name only.
    pub(crate) fn reader(&self, role: &str) -> ClientConfig {
        let mut config = self.consumer(role, &format!("groundswell-{}-{role}", self.instance));
        config.set("enable.partition.eof", "true");
        config.set("queued.max.messages.kbytes", "4096");
        config.set("queued.min.messages", "4000");
        self.finish(config)
    }

    /// A consumer that jumps from record to record, and so fetches little ahead.
    pub(crate) fn picker(&self) -> ClientConfig {
        let mut config = self.consumer("picker", &format!("groundswell-{}-picker", self.instance));
        config.set("enable.partition.eof", "true");
        config.set("queued.max.messages.kbytes", "1024");
        config.set("queued.min.messages", "200");
        config.set("max.partition.fetch.bytes", "131072");
        // It rests while nothing is asked for, so that a short wait costs nothing.
        config.set("fetch.wait.max.ms", "10");
        self.finish(config)
    }

    /// A consumer that asks for the positions of a group without joining it.
    pub(crate) fn onlooker(&self, group: &str) -> ClientConfig {
        self.finish(self.consumer("onlooker", group))
    }

    /// A member of a group.
    pub(crate) fn member(&self, group: &str) -> ClientConfig {
        let mut config = self.consumer("member", group);
        config.set("queued.max.messages.kbytes", "16384");
        config.set("queued.min.messages", "8000");
        config.set("heartbeat.interval.ms", (self.session_timeout.as_millis() / 4).max(200).to_string());
        config.set("partition.assignment.strategy", "range");
        let mut config = self.finish(config);
        if self.consumer_protocol {
            config.set("group.protocol", "consumer");
            for name in CLASSIC_ONLY {
                config.remove(name);
            }
        }
        config
    }

    /// A transactional producer.
    pub(crate) fn writer(&self, id: &str) -> ClientConfig {
        let mut config = self.base("writer");
        config.set("transactional.id", id);
        config.set("transaction.timeout.ms", self.transaction_timeout.as_millis().to_string());
        config.set("message.timeout.ms", self.transaction_timeout.as_millis().to_string());
        config.set("acks", "all");
        config.set("compression.type", "lz4");
        config.set("linger.ms", "2");
        config.set("message.max.bytes", (LARGEST_RECORD + (1 << 20)).to_string());
        config.set("queue.buffering.max.kbytes", "131072");
        // The library (2.12) sends the positions of a transaction to the group's coordinator; while that is moving it waits
        // for the next change of a broker's state, without its time-out. A connection that is closed for idleness and made
        // again is such a change: without it the call hangs for ever once all brokers are back.
        config.set("connections.max.idle.ms", "10000");
        self.finish(config)
    }
}

/// Settings may hold secrets: their values are never shown.
impl fmt::Debug for KafkaSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KafkaSettings")
            .field("brokers", &self.brokers)
            .field("instance", &self.instance)
            .field("session_timeout", &self.session_timeout)
            .field("transaction_timeout", &self.transaction_timeout)
            .field("consumer_protocol", &self.consumer_protocol)
            .field("replication", &self.replication)
            .field("client", &self.client.keys().collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_break_a_promise_are_refused_by_name() {
        let mut settings = KafkaSettings::new("127.0.0.1:1", "a");
        settings.check().unwrap();
        settings.client.insert("isolation.level".to_owned(), "read_uncommitted".to_owned());
        assert!(settings.check().unwrap_err().to_string().contains("isolation.level"));
        settings.client = BTreeMap::from([("no.such.setting".to_owned(), "1".to_owned())]);
        assert!(settings.check().unwrap_err().to_string().contains("no.such.setting"));
    }

    #[test]
    fn the_consumer_protocol_clears_what_conflicts_with_it() {
        let mut settings = KafkaSettings::new("127.0.0.1:1", "a");
        settings.client.insert("heartbeat.interval.ms".to_owned(), "500".to_owned());
        assert_eq!(settings.member("g").get("heartbeat.interval.ms"), Some("500"));
        settings.consumer_protocol = true;
        let config = settings.member("g");
        assert_eq!(config.get("group.protocol"), Some("consumer"));
        assert!(CLASSIC_ONLY.iter().all(|name| config.get(name).is_none()));
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut settings = KafkaSettings::new("127.0.0.1:1", "a");
        settings.client.insert("sasl.password".to_owned(), "s3cret".to_owned());
        let shown = format!("{settings:?}");
        assert!(shown.contains("sasl.password") && !shown.contains("s3cret"), "{shown}");
    }
}
