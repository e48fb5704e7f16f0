//! Opening an installation: log first, then the views of its roles. A view that cannot be used is moved aside and folded
//! anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, RwLock};

use anyhow::{Context, Result, bail};

use groundswell_annotate::Mapper;
use groundswell_insight::View;
use groundswell_log::{EmbeddedConfig, EmbeddedLog, KafkaLog, KafkaSettings, Log, LogError, Topic};
use groundswell_model::JourneyMap;
use groundswell_search::{Index, IndexSettings, Opened as IndexOpened};
use groundswell_state::{Identity, Loaded, Opened as StateOpened, State};
use groundswell_steps::{Folder, Ingester};

use super::counters::Counters;
use super::counts::LedgerSums;
use super::decisions::Decisions;
use super::founding;
use super::import::LastRows;
use super::measures::Measures;
use super::progress::Progress;
use super::roles::Roles;
use super::running::Running;
use super::shadow;
use super::shared::Shared;
use super::themes::Desk;
use super::topics::Topics;
use crate::clock::Clock;
use crate::config::Config;
use crate::folder::DataFolder;
use crate::naming::Namer;
use crate::pipelines::Registry;

/// What is needed to open an installation.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Its configuration.
    pub config: Config,
    /// Its folder.
    pub data: DataFolder,
    /// Its clock.
    pub clock: Clock,
    /// What this process does; on the embedded log everything.
    pub roles: Roles,
}

/// An open installation whose loops do not run yet.
pub struct Engine {
    shared: Arc<Shared>,
    state: Option<State>,
}

/// The log with what only one kind of it has.
struct Logs {
    log: Arc<dyn Log>,
    embedded: Option<Arc<EmbeddedLog>>,
    kafka: Option<Arc<KafkaLog>>,
    instance: String,
    lock: Option<std::fs::File>,
}

impl Engine {
    /// Opens the log, and state and index where the roles need them, and loads the view.
    ///
    /// # Errors
    /// When the folder is in use, the log is damaged or cannot be reached, a topic is missing, or a configured file cannot
    /// be read.
    pub fn open(opening: Opening) -> Result<Self> {
        let Opening { config, data, clock, roles } = opening;
        data.create()?;
        let hasher = data.hasher()?;
        let topics = Topics::of(&config)?;
        let registry = Registry::load(pipeline_folders(&config, &data))?;
        let logs = open_log(&config, &data, roles)?;
        let source_pipelines = sources(&registry, &logs)?;
        let log_id = match &logs.embedded {
            Some(embedded) => {
                let log_id = data.log_id()?;
                topics.create(embedded.as_ref(), &config)?;
                log_id
            }
            None => {
                topics.require(logs.log.as_ref(), &config)?;
                founding::identity(logs.log.as_ref(), &topics, &hasher, config.log.partitions, &clock)?
            }
        };
        let (map, text) = journey_with_text(&config)?;
        let zone = config.zone();
        let identity = Identity {
            log: log_id.clone(),
            journey: format!("{} {}", map.name, map.version),
            zone: config.installation.zone.clone(),
        };
        let mut rebuilt = Vec::new();
        let shown = match roles.analyse {
            true => shadow::prepare(&data, &text, &map, &identity, &zone)?,
            false => None,
        };
        if shown.is_some() {
            rebuilt.push(format!("state: folded anew with the journey map {}", identity.journey));
        }
        let opened =
            roles.analyse.then(|| open_state(&config, &data, &identity, &mut rebuilt)).transpose()?;
        let (mut state, view) = opened.map_or((None, View::default()), |(state, view)| (Some(state), view));
        let begun_late = match &mut state {
            Some(state) => begun_late(state, logs.log.as_ref(), &topics)?,
            None => false,
        };
        let index = open_index(&config, &data, roles, &log_id, &mut rebuilt)?;
        let counters = state.as_ref().map(|state| state.counters().clone());
        let shared = Shared {
            ingester: Ingester::new(hasher)?,
            folder: Folder::new(Mapper::new(map)?, zone),
            log: logs.log,
            embedded: logs.embedded,
            kafka: logs.kafka,
            instance: logs.instance,
            _lock: logs.lock,
            roles,
            registry,
            source_pipelines,
            topics,
            index,
            progress: Progress::default(),
            counters: Counters::after(&data.stops()),
            measures: Measures::new(clock.now()),
            rebuilt,
            begun_late,
            view: RwLock::new(view),
            shown: RwLock::new(shown.map(Arc::new)),
            holdings: state.as_ref().map(State::reader),
            counted: Mutex::new(None),
            state_counters: Mutex::new(counters.unwrap_or_default()),
            ledger: Mutex::new(LedgerSums::default()),
            decisions: Mutex::new(Decisions::default()),
            imports: Mutex::new(LastRows::default()),
            reannotating: Mutex::new(()),
            namer: Namer::new(&config.themes.naming),
            desk: Desk::default(),
            stopping: AtomicBool::new(false),
            broken: tokio::sync::Notify::new(),
            config,
            clock,
            data,
        };
        Ok(Self { shared: Arc::new(shared), state })
    }

    /// Gives what the loops, the server and the commands share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Writes a canonical dump of state and index, which a rebuild gives again.
    ///
    /// # Errors
    /// When a view cannot be read.
    pub fn dump(&self, mut each: impl FnMut(&str)) -> Result<()> {
        if let Some(state) = &self.state {
            state.dump(&mut each)?;
        }
        let mut documents = Vec::new();
        if let Some(index) = &self.shared.index {
            index.dump(&mut |id, line| documents.push(format!("{id} {line}")))?;
        }
        documents.sort();
        documents.iter().for_each(|line| each(line));
        Ok(())
    }

    /// Starts the loops.
    ///
    /// # Errors
    /// When the runtime cannot be made.
    pub fn start(self) -> Result<Running> {
        Running::start(self.shared, self.state)
    }
}

fn open_log(config: &Config, data: &DataFolder, roles: Roles) -> Result<Logs> {
    if config.kafka.is_used() {
        let lock = data.lock()?;
        let settings = kafka_settings(config, data)?;
        let instance = settings.instance.clone();
        let kafka = Arc::new(KafkaLog::open(settings)?);
        let log = Arc::<KafkaLog>::clone(&kafka);
        return Ok(Logs { log, embedded: None, kafka: Some(kafka), instance, lock: Some(lock) });
    }
    if roles != Roles::ALL {
        bail!(
            "with the embedded log one process has all roles; for several processes name the brokers in kafka.brokers"
        );
    }
    let settings = EmbeddedConfig {
        segment_bytes: config.log.segment.get(),
        reserve_bytes: config.log.reserve.get(),
        ..EmbeddedConfig::default()
    };
    let embedded = EmbeddedLog::open(data.log(), settings)
        .with_context(|| format!("cannot open the log in {}", data.log().display()))?;
    let embedded = Arc::new(embedded);
    let log = Arc::<EmbeddedLog>::clone(&embedded);
    Ok(Logs { log, embedded: Some(embedded), kafka: None, instance: String::new(), lock: None })
}

/// Makes the settings of a log on Kafka.
///
/// # Errors
/// When a file of secrets cannot be read.
pub fn kafka_settings(config: &Config, data: &DataFolder) -> Result<KafkaSettings> {
    let kafka = &config.kafka;
    let instance = if kafka.instance.is_empty() { data.instance()? } else { kafka.instance.clone() };
    let mut settings = KafkaSettings::new(&kafka.brokers, &instance);
    settings.stem = Topics::of(config)?.stem().to_owned();
    settings.session_timeout = kafka.session_timeout.get();
    settings.transaction_timeout = kafka.transaction_timeout.get();
    settings.consumer_protocol = kafka.consumer_protocol;
    settings.replication = Some(kafka.replication).filter(|copies| *copies > 0);
    settings.client = kafka.settings().map_err(anyhow::Error::msg)?;
    Ok(settings)
}

/// Finds which pipeline reads which topic of a source; the topics must be there.
fn sources(registry: &Registry, logs: &Logs) -> Result<BTreeMap<Topic, String>> {
    let mut sources = BTreeMap::new();
    let Some(kafka) = &logs.kafka else { return Ok(sources) };
    for (topic, pipeline) in registry.topics()? {
        let topic: Topic = topic.parse().with_context(|| format!("pipeline {pipeline}: topics"))?;
        match kafka.extents(&topic) {
            Ok(_) => {
                sources.insert(topic, pipeline);
            }
            // A shipped pipeline is read where its topic is there.
            Err(LogError::UnknownTopic { .. }) if registry.own(&pipeline)?.is_none() => {}
            Err(LogError::UnknownTopic { .. }) => {
                bail!(
                    "pipeline {pipeline} reads topic {topic}, which does not exist: make it, or take it out of the pipeline"
                )
            }
            Err(error) => return Err(error).with_context(|| format!("pipeline {pipeline}: topic {topic}")),
        }
    }
    Ok(sources)
}

fn open_index(
    config: &Config,
    data: &DataFolder,
    roles: Roles,
    log_id: &str,
    rebuilt: &mut Vec<String>,
) -> Result<Option<Index>> {
    let settings = IndexSettings {
        writer_bytes: usize::try_from(config.index.writer_memory.get())?,
        ..IndexSettings::default()
    };
    if roles.index {
        let (index, opened) = Index::open(&data.index(), log_id, &settings)?;
        if let IndexOpened::Rebuild(reason) = opened {
            rebuilt.push(format!("index: {reason}"));
        }
        return Ok(Some(index));
    }
    if !roles.serve || config.index.folder.is_empty() {
        return Ok(None);
    }
    let index = Index::read(Path::new(&config.index.folder), log_id, &settings)
        .with_context(|| format!("index.folder: {}", config.index.folder))?;
    Ok(Some(index))
}

/// Opens the state and loads the view; a value that cannot be read means that the state is damaged.
fn open_state(
    config: &Config,
    data: &DataFolder,
    identity: &Identity,
    rebuilt: &mut Vec<String>,
) -> Result<(State, View)> {
    let cache = config.analyse.cache.get();
    let (state, opened) = State::open(&data.state(), identity, cache)?;
    if let StateOpened::Rebuild(reason) = opened {
        rebuilt.push(format!("state: {reason}"));
    }
    match load(&state) {
        Ok(view) => Ok((state, view)),
        Err(error) => {
            tracing::error!(%error, "the state is damaged");
            drop(state);
            let state = State::replace(&data.state(), identity, cache)?;
            rebuilt.push(format!("state: {error}"));
            Ok((state, View::default()))
        }
    }
}

/// Says whether the state begins, or began, when the log held records already; and notes it.
fn begun_late(state: &mut State, log: &dyn Log, topics: &Topics) -> Result<bool> {
    let stored = log.extents(&topics.feedback)?.iter().any(|extent| extent.end > 0);
    if state.positions().is_empty() && stored {
        state.note_late_beginning()?;
    }
    Ok(state.begun_late()?)
}

pub(super) fn load(state: &State) -> Result<View, groundswell_state::StateError> {
    let mut view = View::default();
    state.load(|loaded| match loaded {
        Loaded::Feedback(id, holding) => view.put(id, &holding),
        Loaded::Customer(customer) => {
            view.people.admit(*customer);
        }
    })?;
    Ok(view)
}

/// Reads the configured journey map.
///
/// # Errors
/// Every fault of the map, with its key path.
pub fn journey(config: &Config) -> Result<JourneyMap> {
    journey_with_text(config).map(|(map, _)| map)
}

/// Reads the configured journey map once, with its text.
fn journey_with_text(config: &Config) -> Result<(JourneyMap, String)> {
    let name = &config.journey.map;
    let text = match name.as_str() {
        "default" => groundswell_model::journey::DEFAULT.to_owned(),
        path => std::fs::read_to_string(path).with_context(|| format!("journey.map: cannot read {path}"))?,
    };
    let map = JourneyMap::parse(&text).with_context(|| format!("journey.map: {name}"))?;
    Ok((map, text))
}

/// Gives the folders of pipelines, the data folder's last: what an import made there holds.
pub fn pipeline_folders(config: &Config, data: &DataFolder) -> Vec<PathBuf> {
    let own = Some(config.pipelines.folder.as_str()).filter(|folder| !folder.is_empty());
    own.map(PathBuf::from).into_iter().chain([data.pipelines()]).collect()
}
