//! The configuration: one TOML file, every key with a default, all faults reported at once with their key path.
//! `deploy/default.toml` is embedded: it is default, template and manual.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use groundswell_adapters::ByteSize;
use groundswell_model::Zone;

/// The shipped configuration.
pub const DEFAULT: &str = include_str!("../../../deploy/default.toml");

/// The configuration of an installation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Config {
    /// The installation as a whole.
    pub installation: Installation,
    /// The journey map.
    pub journey: Journey,
    /// Pipelines of your own.
    pub pipelines: Pipelines,
    /// The log.
    pub log: Log,
    /// Apache Kafka, in place of the embedded log.
    pub kafka: Kafka,
    /// Raw records to feedback.
    pub ingest: Ingest,
    /// Feedback to mapping.
    pub analyse: Analyse,
    /// Mapping to search index.
    pub index: Index,
    /// What feedback is about.
    pub themes: Themes,
    /// The HTTP API.
    pub server: Server,
    /// Logs.
    pub logging: Logging,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty = $default:expr),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name { $($(#[$fdoc])* pub $field: $type),+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default),+ }
            }
        }
    };
}

section! {
    /// The installation as a whole.
    Installation {
        /// The reporting zone.
        zone: String = "UTC".to_owned(),
        /// Prefix of the topics' names.
        topic_prefix: String = "groundswell.".to_owned(),
    }
}
section! {
    /// The journey map.
    Journey {
        /// `default`, or a path.
        map: String = "default".to_owned(),
    }
}
section! {
    /// Pipelines of your own.
    Pipelines {
        /// A folder of pipeline files; empty for none.
        folder: String = String::new(),
    }
}
section! {
    /// The embedded log.
    Log {
        /// Size at which a segment is closed.
        segment: ByteSize = ByteSize::bytes(256 << 20),
        /// How long raw records are kept.
        raw_retention: Span = Span::days(7),
        /// How long dead letters are kept.
        dead_letter_retention: Span = Span::days(7),
        /// Free space below which appends are refused.
        reserve: ByteSize = ByteSize::bytes(64 << 20),
        /// Partitions of the topics.
        partitions: u32 = 1,
        /// How often retention and compaction run.
        housekeeping: Span = Span::seconds(3600),
    }
}
section! {
    /// Apache Kafka, in place of the embedded log.
    Kafka {
        /// The brokers, `host:port`, comma separated; empty for the embedded log.
        brokers: String = String::new(),
        /// Names this process among all that share the brokers; empty for a name that the data folder keeps.
        instance: String = String::new(),
        /// How long a silent worker keeps its partitions.
        session_timeout: Span = Span::seconds(10),
        /// How long a transaction may stay open.
        transaction_timeout: Span = Span::seconds(15),
        /// Whether groups use the protocol of KIP-848.
        consumer_protocol: bool = false,
        /// Copies of the topics that are made; 0 leaves it to the brokers.
        replication: u16 = 0,
        /// Settings of the client library by its own names.
        client: BTreeMap<String, String> = BTreeMap::new(),
        /// Settings whose value is the content of a file.
        client_files: BTreeMap<String, String> = BTreeMap::new(),
    }
}
section! {
    /// Raw records to feedback.
    Ingest {
        /// Most raw records of one transaction.
        batch_records: usize = 2_000,
        /// Unusable items in a row that stop the worker.
        dead_letter_run: u64 = 1_000,
        /// Share of unusable items among the last `dead_letter_window` that stops the worker.
        dead_letter_ratio: f64 = 0.9,
        /// Over how many items the share is taken.
        dead_letter_window: u64 = 10_000,
    }
}
section! {
    /// Feedback to mapping.
    Analyse {
        /// Most parts of one batch.
        batch_records: usize = 2_000,
        /// Memory for the state's cache.
        cache: ByteSize = ByteSize::bytes(64 << 20),
        /// How long after its end a day is judged.
        day_closes_after: Span = Span::seconds(2 * 3600),
    }
}
section! {
    /// Mapping to search index.
    Index {
        /// Folder of an index that another process writes; empty for the data folder's own.
        folder: String = String::new(),
        /// Time until what was mapped is searchable.
        commit_after: Span = Span::seconds(1),
        /// Feedback of one commit while far behind.
        commit_records: usize = 50_000,
        /// Memory of the indexing thread.
        writer_memory: ByteSize = ByteSize::bytes(96 << 20),
    }
}
section! {
    /// What feedback is about.
    Themes {
        /// Names by a language model.
        naming: Naming = Naming::default(),
    }
}
section! {
    /// Names of themes that a language model proposes.
    Naming {
        /// Base address of an endpoint that speaks as OpenAI's does; empty for none.
        endpoint: String = String::new(),
        /// The model, by the endpoint's name for it.
        model: String = String::new(),
        /// File with the key; empty where the endpoint wants none.
        key_file: String = String::new(),
        /// Longest wait for an answer.
        timeout: Span = Span::seconds(20),
    }
}
section! {
    /// The HTTP API.
    Server {
        /// Address and port.
        listen: String = "127.0.0.1:7171".to_owned(),
    }
}
section! {
    /// Logs.
    Logging {
        /// `human` or `json`.
        format: String = "human".to_owned(),
        /// What is logged.
        level: String = "info".to_owned(),
    }
}

/// A length of time as it is written in the configuration: `30s`, `10m`, `2h`, `7d`, `250ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

impl Span {
    /// Makes a span of seconds.
    pub fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// Makes a span of days of 24 hours.
    pub fn days(days: u64) -> Self {
        Self::seconds(days * 86_400)
    }

    /// Gives the duration.
    pub fn get(self) -> Duration {
        self.0
    }
}

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let millis = UNITS.iter().find(|(name, _)| *name == unit.trim()).map(|(_, millis)| *millis);
        match (number.parse::<u64>(), millis) {
            (Ok(number), Some(millis)) if number > 0 => {
                Ok(Self(Duration::from_millis(number.saturating_mul(millis))))
            }
            _ => Err(format!("{text:?} is not a length of time: write 250ms, 30s, 10m, 2h or 7d")),
        }
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        let millis = u64::try_from(span.0.as_millis()).unwrap_or(u64::MAX);
        let (unit, size) = UNITS.iter().rev().find(|(_, size)| millis % size == 0).unwrap_or(&("ms", 1));
        format!("{}{unit}", millis / size)
    }
}

impl Config {
    /// Reads a configuration file; without one the defaults hold.
    ///
    /// # Errors
    /// Every fault, one a line, with its key path.
    pub fn load(path: Option<&Path>) -> Result<Self, Vec<String>> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| vec![format!("cannot read the configuration {}: {error}", path.display())])?;
        Self::parse(&text)
    }

    /// Reads a configuration.
    ///
    /// # Errors
    /// Every fault, one a line, with its key path.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| vec![one_line(&error.to_string())])?;
        let mut config = Self::default();
        let mut faults = Vec::new();
        for (name, value) in table {
            match name.as_str() {
                "installation" => read(&name, value, &mut config.installation, &mut faults),
                "journey" => read(&name, value, &mut config.journey, &mut faults),
                "pipelines" => read(&name, value, &mut config.pipelines, &mut faults),
                "log" => read(&name, value, &mut config.log, &mut faults),
                "kafka" => read(&name, value, &mut config.kafka, &mut faults),
                "ingest" => read(&name, value, &mut config.ingest, &mut faults),
                "analyse" => read(&name, value, &mut config.analyse, &mut faults),
                "index" => read(&name, value, &mut config.index, &mut faults),
                "themes" => read(&name, value, &mut config.themes, &mut faults),
                "server" => read(&name, value, &mut config.server, &mut faults),
                "logging" => read(&name, value, &mut config.logging, &mut faults),
                _ => faults.push(format!("{name}: unknown key")),
            }
        }
        faults.extend(config.faults());
        if faults.is_empty() { Ok(config) } else { Err(faults) }
    }

    /// Gives the reporting zone.
    pub fn zone(&self) -> Zone {
        Zone::named(&self.installation.zone).unwrap_or_else(|_| Zone::utc())
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Err(error) = Zone::named(&self.installation.zone) {
            faults.push(format!("installation.zone: {error}"));
        }
        match self.server.listen.parse::<SocketAddr>() {
            Err(_) => {
                faults.push("server.listen: write an address and a port, such as 127.0.0.1:7171".to_owned())
            }
            Ok(address) if !address.ip().is_loopback() => {
                faults.push("server.listen: only loopback is allowed, as there are no keys yet".to_owned());
            }
            Ok(_) => {}
        }
        if !["human", "json"].contains(&self.logging.format.as_str()) {
            faults.push("logging.format: write human or json".to_owned());
        }
        if !(1..=1024).contains(&self.log.partitions) {
            faults.push("log.partitions: write a number from 1 to 1024".to_owned());
        }
        if self.index.writer_memory.get() < 15_000_000 {
            faults.push("index.writer_memory: at least 15MiB".to_owned());
        }
        faults.extend(self.kafka.faults());
        faults.extend(self.themes.naming.faults());
        if !(0.0..=1.0).contains(&self.ingest.dead_letter_ratio) {
            faults.push("ingest.dead_letter_ratio: write a share from 0 to 1".to_owned());
        }
        for (key, value) in [
            ("ingest.batch_records", self.ingest.batch_records),
            ("analyse.batch_records", self.analyse.batch_records),
            ("index.commit_records", self.index.commit_records),
        ] {
            if value == 0 {
                faults.push(format!("{key}: at least 1"));
            }
        }
        faults
    }
}

impl Naming {
    /// An endpoint is a web address without anything behind its path, and has a model.
    fn faults(&self) -> Vec<String> {
        let endpoint = self.endpoint.trim_end_matches('/');
        if endpoint.is_empty() {
            return Vec::new();
        }
        let mut faults = Vec::new();
        let parts = endpoint.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(scheme));
        let plain = |rest: &str| !rest.starts_with(['/', ':']) && !rest.contains(['?', '#', '@']);
        let is_address = endpoint.parse::<ureq::http::Uri>().is_ok();
        if !is_address || !parts.is_some_and(|(_, rest)| plain(rest)) {
            faults.push(
                "themes.naming.endpoint: write a base address such as http://127.0.0.1:11434/v1, without user, query \
                 or key"
                    .to_owned(),
            );
        }
        if self.model.trim().is_empty() {
            faults.push("themes.naming.model: an endpoint needs the name of a model".to_owned());
        }
        faults
    }
}

/// Settings of the client library that are secrets: they come from a file or from the environment.
const SECRETS: [&str; 5] = [
    "sasl.password",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "sasl.oauthbearer.client.secret",
];

impl Kafka {
    /// Says whether the log is on Kafka.
    pub fn is_used(&self) -> bool {
        !self.brokers.is_empty()
    }

    fn faults(&self) -> Vec<String> {
        let written = SECRETS.iter().filter(|secret| self.client.contains_key(**secret));
        let mut faults: Vec<String> = written
            .map(|secret| {
                format!(
                    "kafka.client.\"{secret}\": a secret comes from a file (kafka.client_files) or from {}",
                    variable(secret)
                )
            })
            .collect();
        if self.session_timeout.get() < Duration::from_secs(1) {
            faults.push("kafka.session_timeout: at least 1s".to_owned());
        }
        if self.transaction_timeout.get() < Duration::from_secs(1) {
            faults.push("kafka.transaction_timeout: at least 1s".to_owned());
        }
        faults
    }

    /// Gives all settings of the client library: those written here, then those of files, then those of the environment
    /// (`GROUNDSWELL_KAFKA_SASL_PASSWORD` for `sasl.password`).
    ///
    /// # Errors
    /// A file that cannot be read, with its key path.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the configuration, which may read the environment"
    )]
    pub fn settings(&self) -> Result<BTreeMap<String, String>, String> {
        let mut settings = self.client.clone();
        for (name, path) in &self.client_files {
            let value = std::fs::read_to_string(path)
                .map_err(|error| format!("kafka.client_files.\"{name}\": cannot read {path}: {error}"))?;
            settings.insert(name.clone(), value.trim_end_matches(['\r', '\n']).to_owned());
        }
        for secret in SECRETS {
            if let Ok(value) = std::env::var(variable(secret)) {
                settings.insert(secret.to_owned(), value);
            }
        }
        Ok(settings)
    }
}

fn variable(setting: &str) -> String {
    format!("GROUNDSWELL_KAFKA_{}", setting.to_uppercase().replace('.', "_"))
}

/// Reads one section; its unknown keys are all named, its first wrong value is.
fn read<T: for<'de> Deserialize<'de>>(
    name: &str,
    value: toml::Value,
    into: &mut T,
    faults: &mut Vec<String>,
) {
    let mut unknown = Vec::new();
    let read = serde_ignored::deserialize(value, |path| unknown.push(format!("{name}.{path}: unknown key")));
    faults.append(&mut unknown);
    match read {
        Ok(section) => *into = section,
        Err(error) => faults.push(format!("{name}: {}", one_line(&error.to_string()))),
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_the_default() {
        assert_eq!(Config::parse(DEFAULT), Ok(Config::default()));
    }

    #[test]
    fn all_faults_are_reported_at_once_with_their_key_path() {
        let text = "
            colour = 1
            [installation]
            zone = \"Mars/Base\"
            nome = \"x\"
            [log]
            raw_retention = \"soon\"
            [themes.naming]
            endpoint = \"ftp://example.com\"
            modell = \"x\"
            [server]
            listen = \"0.0.0.0:80\"
        ";
        let faults = Config::parse(text).unwrap_err().join("\n");
        for expected in [
            "colour: unknown key",
            "installation.zone: unknown time zone",
            "installation.nome: unknown key",
            "log: \"soon\" is not a length of time",
            "themes.naming.modell: unknown key",
            "themes.naming.endpoint: write a base address",
            "themes.naming.model: an endpoint needs",
            "server.listen: only loopback",
        ] {
            assert!(faults.contains(expected), "{expected} is missing from:\n{faults}");
        }
    }

    #[test]
    fn an_endpoint_is_a_base_address_without_secrets() {
        let faults = |endpoint: &str| {
            Naming { endpoint: endpoint.to_owned(), model: "m".to_owned(), ..Naming::default() }.faults()
        };
        for good in ["", "http://127.0.0.1:11434/v1", "https://models.example.com/v1/", "http://[::1]:8080"] {
            assert_eq!(faults(good), Vec::<String>::new(), "{good}");
        }
        for bad in [
            "127.0.0.1:11434/v1",
            "http://",
            "http:///v1",
            "http://:80/v1",
            "https://user:secret@example.com/v1",
            "https://example.com/v1?key=secret",
            "https://example.com/a b",
            "file://models/v1",
        ] {
            let faults = faults(bad).join("\n");
            assert!(faults.starts_with("themes.naming.endpoint: ") && !faults.contains("secret"), "{bad}");
        }
    }

    #[test]
    fn spans_are_written_as_they_are_read() {
        for text in ["250ms", "30s", "10m", "2h", "7d"] {
            assert_eq!(String::from(Span::try_from(text.to_owned()).unwrap()), text);
        }
        for text in ["", "7", "d", "-1s", "0s", "1 fortnight"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
