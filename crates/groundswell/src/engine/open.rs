//! Opening an installation: log first, then its views. A view that cannot be used is moved aside and folded anew.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, RwLock};

use anyhow::{Context, Result};

use groundswell_annotate::Mapper;
use groundswell_insight::View;
use groundswell_log::{EmbeddedConfig, EmbeddedLog};
use groundswell_model::JourneyMap;
use groundswell_search::{Index, IndexSettings, Opened as IndexOpened};
use groundswell_state::{Identity, Loaded, Opened as StateOpened, State};
use groundswell_steps::{Folder, Ingester};

use super::counters::Counters;
use super::counts::LedgerSums;
use super::import::Imports;
use super::progress::Progress;
use super::running::Running;
use super::shared::Shared;
use super::topics::Topics;
use crate::clock::Clock;
use crate::config::Config;
use crate::folder::DataFolder;
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
}

/// An open installation whose loops do not run yet.
pub struct Engine {
    shared: Arc<Shared>,
    state: State,
}

impl Engine {
    /// Opens log, state and index, and loads the view.
    ///
    /// # Errors
    /// When the folder is in use, the log is damaged, or a configured file cannot be read.
    pub fn open(opening: Opening) -> Result<Self> {
        let Opening { config, data, clock } = opening;
        data.create()?;
        let hasher = data.hasher()?;
        let log_id = data.log_id()?;
        let embedded = Arc::new(open_log(&config, &data)?);
        let topics = Topics::of(&config)?;
        topics.create(embedded.as_ref(), &config)?;
        let map = journey(&config)?;
        let zone = config.zone();
        let identity = Identity {
            log: log_id.clone(),
            journey: format!("{} {}", map.name, map.version),
            zone: config.installation.zone.clone(),
        };
        let mut rebuilt = Vec::new();
        let (state, view) = open_state(&config, &data, &identity, &mut rebuilt)?;
        let settings = IndexSettings {
            writer_bytes: usize::try_from(config.index.writer_memory.get())?,
            ..IndexSettings::default()
        };
        let (index, opened) = Index::open(&data.index(), &log_id, &settings)?;
        if let IndexOpened::Rebuild(reason) = opened {
            rebuilt.push(format!("index: {reason}"));
        }
        let shared = Shared {
            registry: Registry::load(pipeline_folders(&config, &data))?,
            ingester: Ingester::new(hasher)?,
            folder: Folder::new(Mapper::new(map)?, zone),
            log: Arc::<EmbeddedLog>::clone(&embedded),
            embedded,
            topics,
            index,
            progress: Progress::default(),
            counters: Counters::default(),
            rebuilt,
            view: RwLock::new(view),
            holdings: state.reader(),
            state_counters: Mutex::new(state.counters().clone()),
            ledger: Mutex::new(LedgerSums::default()),
            imports: Mutex::new(Imports::default()),
            stopping: AtomicBool::new(false),
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
        self.state.dump(&mut each)?;
        let mut documents = Vec::new();
        self.shared.index.dump(&mut |id, line| documents.push(format!("{id} {line}")))?;
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

fn open_log(config: &Config, data: &DataFolder) -> Result<EmbeddedLog> {
    let settings = EmbeddedConfig {
        segment_bytes: config.log.segment.get(),
        reserve_bytes: config.log.reserve.get(),
        ..EmbeddedConfig::default()
    };
    EmbeddedLog::open(data.log(), settings)
        .with_context(|| format!("cannot open the log in {}", data.log().display()))
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

fn load(state: &State) -> Result<View, groundswell_state::StateError> {
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
    if config.journey.map == "default" {
        return Ok(JourneyMap::shipped()?);
    }
    let text = std::fs::read_to_string(&config.journey.map)
        .with_context(|| format!("journey.map: cannot read {}", config.journey.map))?;
    JourneyMap::parse(&text).with_context(|| format!("journey.map: {}", config.journey.map))
}

/// Gives the folders of pipelines, the data folder's last: what an import made there holds.
pub fn pipeline_folders(config: &Config, data: &DataFolder) -> Vec<PathBuf> {
    let own = Some(config.pipelines.folder.as_str()).filter(|folder| !folder.is_empty());
    own.map(PathBuf::from).into_iter().chain([data.pipelines()]).collect()
}
