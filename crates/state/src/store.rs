//! The sled store. A damaged, foreign or future state is moved aside, loudly, and an empty one takes its place.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use groundswell_insight::Holding;
use groundswell_model::{Customer, FeedbackId};

use crate::batch::{Batch, Counters, Progress};
use crate::{StateError, keys};

/// Version of what is stored; a state of another version is rebuilt.
const FORMAT: u32 = 3;
/// How long a database that was just closed may take to be let go.
const LET_GO: Duration = Duration::from_secs(2);

/// What a state belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The log that it is a view of.
    pub log: String,
    /// Name and version of the journey map that it was folded with.
    pub journey: String,
    /// The reporting zone that its days are counted in.
    pub zone: String,
}

/// How opening went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The state was there, or this is the first start.
    Ready,
    /// The old state was moved aside for this reason; the log is to be folded again.
    Rebuild(String),
}

/// The analyser's state.
#[derive(Debug)]
pub struct State {
    db: sled::Db,
    progress: Progress,
}

/// One stored value, as read at start.
#[derive(Debug)]
pub enum Loaded {
    /// A feedback.
    Feedback(FeedbackId, Box<Holding>),
    /// A customer.
    Customer(Box<Customer>),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    identity: Identity,
}

impl State {
    /// Opens the state in a folder with a cache of `cache_bytes`.
    ///
    /// # Errors
    /// [`StateError::Store`] when another process holds the folder, [`StateError::Aside`] when a state that cannot be
    /// used cannot be moved away.
    pub fn open(folder: &Path, identity: &Identity, cache_bytes: u64) -> Result<(Self, Opened), StateError> {
        let reason = match try_open(folder, identity, cache_bytes) {
            Ok(state) => return Ok((state, Opened::Ready)),
            Err(Refused::Locked(error)) => return Err(error),
            Err(Refused::Unusable(reason)) => reason,
        };
        let aside = move_aside(folder)?;
        tracing::error!(%reason, aside = %aside.display(), "state moved aside, it is rebuilt from the log");
        match try_open(folder, identity, cache_bytes) {
            Ok(state) => Ok((state, Opened::Rebuild(reason))),
            Err(Refused::Locked(error)) => Err(error),
            Err(Refused::Unusable(_)) => Err(StateError::Value { what: "a new state" }),
        }
    }

    /// Moves the state in a folder aside, because reading it failed, and makes an empty one.
    ///
    /// # Errors
    /// As [`State::open`].
    pub fn replace(folder: &Path, identity: &Identity, cache_bytes: u64) -> Result<Self, StateError> {
        let aside = move_aside(folder)?;
        tracing::error!(aside = %aside.display(), "state moved aside, it is rebuilt from the log");
        Self::open(folder, identity, cache_bytes).map(|(state, _)| state)
    }

    /// Reads everything that is stored, for the view in memory.
    ///
    /// # Errors
    /// [`StateError::Store`] or [`StateError::Value`] when the state is damaged.
    pub fn load(&self, mut each: impl FnMut(Loaded)) -> Result<(), StateError> {
        for pair in self.db.iter() {
            let (key, value) = pair?;
            match key.first() {
                Some(&keys::FEEDBACK) => {
                    let id = keys::id_bytes(&key).ok_or(StateError::Value { what: "a feedback's key" })?;
                    each(Loaded::Feedback(
                        FeedbackId::from_bytes(id),
                        Box::new(decode(&value, "a feedback")?),
                    ));
                }
                Some(&keys::CUSTOMER) => each(Loaded::Customer(Box::new(from_json(&value)?))),
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives what is held of a feedback.
    ///
    /// # Errors
    /// [`StateError::Store`] or [`StateError::Value`].
    pub fn feedback(&self, id: FeedbackId) -> Result<Option<Holding>, StateError> {
        self.reader().feedback(id)
    }

    /// Gives a handle for reading single feedback beside the one that writes.
    pub fn reader(&self) -> Reader {
        Reader { db: self.db.clone() }
    }

    /// Gives the position reached in a partition: the next to read.
    pub fn position(&self, topic: &str, partition: u32) -> u64 {
        self.progress.positions.get(&(topic.to_owned(), partition)).copied().unwrap_or(0)
    }

    /// Gives all positions.
    pub fn positions(&self) -> &BTreeMap<(String, u32), u64> {
        &self.progress.positions
    }

    /// Gives the ids whose `mapped` record may not be published yet.
    pub fn pending(&self) -> &[FeedbackId] {
        &self.progress.pending
    }

    /// Gives the keys in `feedback` whose tombstone may not be published yet.
    pub fn dead_keys(&self) -> &[String] {
        &self.progress.dead_keys
    }

    /// Says whether the state was begun when its log held records already, of which compaction may have removed some: it
    /// then counts fewer repeats than were written.
    ///
    /// # Errors
    /// [`StateError::Store`].
    pub fn begun_late(&self) -> Result<bool, StateError> {
        Ok(self.db.contains_key(keys::BEGUN_LATE)?)
    }

    /// Notes that the state is begun when its log holds records already.
    ///
    /// # Errors
    /// [`StateError::Store`].
    pub fn note_late_beginning(&mut self) -> Result<(), StateError> {
        self.db.insert(keys::BEGUN_LATE, &[])?;
        Ok(())
    }

    /// Gives the counters.
    pub fn counters(&self) -> &Counters {
        &self.progress.counters
    }

    /// Writes one batch, all or nothing, and flushes it. What survives a crash of the process is all of it; what a
    /// power loss takes away is folded again from the log, because the positions go with it.
    ///
    /// # Errors
    /// [`StateError::Store`].
    pub fn apply(&mut self, batch: &Batch) -> Result<(), StateError> {
        let mut writes = sled::Batch::default();
        for (id, holding) in &batch.feedback {
            writes.insert(&keys::feedback(*id), encode(holding, "a feedback")?);
        }
        for customer in &batch.customers {
            writes.insert(&keys::customer(customer.key), to_json(customer)?);
        }
        self.progress.positions.extend(batch.positions.clone());
        self.progress.pending.clone_from(&batch.pending);
        self.progress.dead_keys.clone_from(&batch.dead_keys);
        self.progress.counters.clone_from(&batch.counters);
        writes.insert(keys::PROGRESS, encode(&self.progress, "progress")?);
        self.db.apply_batch(writes)?;
        self.db.flush()?;
        Ok(())
    }

    /// Writes a canonical dump: one line per feedback and customer in order of ids, without positions and repeats, so
    /// that a rebuilt state gives the same.
    ///
    /// # Errors
    /// As [`State::load`].
    pub fn dump(&self, mut each: impl FnMut(&str)) -> Result<(), StateError> {
        self.load(|loaded| match loaded {
            Loaded::Feedback(id, holding) => {
                let Holding { standing, row, .. } = *holding;
                let ranks: Vec<_> =
                    standing.counting().iter().map(|(name, rank, _)| format!("{name} {rank}")).collect();
                each(&format!("{id} parts={ranks:?} row={row:?}"));
            }
            Loaded::Customer(customer) => each(&format!("{customer:?}")),
        })
    }

    /// Gives the bytes on disk.
    ///
    /// # Errors
    /// [`StateError::Store`].
    pub fn size_on_disk(&self) -> Result<u64, StateError> {
        Ok(self.db.size_on_disk()?)
    }
}

/// Reads single feedback.
#[derive(Clone, Debug)]
pub struct Reader {
    db: sled::Db,
}

impl Reader {
    /// Gives what is held of a feedback.
    ///
    /// # Errors
    /// [`StateError::Store`] or [`StateError::Value`].
    pub fn feedback(&self, id: FeedbackId) -> Result<Option<Holding>, StateError> {
        self.db.get(keys::feedback(id))?.map(|value| decode(&value, "a feedback")).transpose()
    }

    /// Gives what is held of at most `most` feedback behind an id, or from the first one on, in the order of the ids.
    ///
    /// # Errors
    /// As [`Reader::feedback`].
    pub fn each_behind(
        &self,
        id: Option<FeedbackId>,
        most: usize,
        mut each: impl FnMut(FeedbackId, Holding),
    ) -> Result<(), StateError> {
        let prefix = vec![keys::FEEDBACK];
        let from = match id {
            Some(id) => Bound::Excluded(keys::feedback(id).to_vec()),
            None => Bound::Included(prefix.clone()),
        };
        for pair in self.db.range::<Vec<u8>, _>((from, Bound::Unbounded)).take(most) {
            let (key, value) = pair?;
            if !key.starts_with(&prefix) {
                break;
            }
            let id = keys::id_bytes(&key).ok_or(StateError::Value { what: "a feedback's key" })?;
            each(FeedbackId::from_bytes(id), decode(&value, "a feedback")?);
        }
        Ok(())
    }
}

enum Refused {
    Locked(StateError),
    Unusable(String),
}

fn try_open(folder: &Path, identity: &Identity, cache_bytes: u64) -> Result<State, Refused> {
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(cache_bytes)
        .mode(sled::Mode::HighThroughput)
        .flush_every_ms(Some(200));
    let db = open_database(&config)?;
    let unusable = |error: StateError| Refused::Unusable(error.to_string());
    check_identity(&db, identity)?;
    let progress = match db.get(keys::PROGRESS).map_err(|error| unusable(error.into()))? {
        Some(value) => decode(&value, "progress").map_err(unusable)?,
        None => Progress::default(),
    };
    Ok(State { db, progress })
}

fn check_identity(db: &sled::Db, identity: &Identity) -> Result<(), Refused> {
    let unusable = |error: StateError| Refused::Unusable(error.to_string());
    let wanted = Stored { format: FORMAT, identity: identity.clone() };
    match db.get(keys::IDENTITY).map_err(|error| unusable(error.into()))? {
        None if db.is_empty() => {
            let value = serde_json::to_vec(&wanted).map_err(|_| Refused::Unusable("identity".to_owned()))?;
            db.insert(keys::IDENTITY, value).map_err(|error| unusable(error.into()))?;
            Ok(())
        }
        None => Err(Refused::Unusable("it does not say which log it belongs to".to_owned())),
        Some(value) => {
            let stored: Stored = serde_json::from_slice(&value)
                .map_err(|_| Refused::Unusable("its identity cannot be read".to_owned()))?;
            if stored.format != FORMAT {
                return Err(Refused::Unusable(format!(
                    "it has format {}, this program writes {FORMAT}",
                    stored.format
                )));
            }
            if stored.identity != *identity {
                return Err(Refused::Unusable(difference(&stored.identity, identity)));
            }
            Ok(())
        }
    }
}

fn difference(stored: &Identity, wanted: &Identity) -> String {
    let fields = [
        ("log", &stored.log, &wanted.log),
        ("journey map", &stored.journey, &wanted.journey),
        ("zone", &stored.zone, &wanted.zone),
    ];
    let changed: Vec<_> = fields
        .iter()
        .filter(|(_, stored, wanted)| stored != wanted)
        .map(|(name, stored, wanted)| format!("its {name} is {stored}, not {wanted}"))
        .collect();
    changed.join(", ")
}

fn move_aside(folder: &Path) -> Result<PathBuf, StateError> {
    let mut number = 1;
    loop {
        let mut name = folder.file_name().unwrap_or_default().to_owned();
        name.push(format!(".aside-{number}"));
        let aside = folder.with_file_name(name);
        if !aside.exists() {
            return std::fs::rename(folder, &aside)
                .map(|()| aside)
                .map_err(|source| StateError::Aside { path: folder.to_owned(), source });
        }
        number += 1;
    }
}

fn encode<T: Serialize>(value: &T, what: &'static str) -> Result<Vec<u8>, StateError> {
    postcard::to_stdvec(value).map_err(|_| StateError::Value { what })
}

fn decode<T: for<'de> Deserialize<'de>>(bytes: &[u8], what: &'static str) -> Result<T, StateError> {
    postcard::from_bytes(bytes).map_err(|_| StateError::Value { what })
}

fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, StateError> {
    serde_json::to_vec(value).map_err(|_| StateError::Value { what: "a customer" })
}

fn from_json<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, StateError> {
    serde_json::from_slice(bytes).map_err(|_| StateError::Value { what: "a customer" })
}

/// Opens the database. One that was just closed here is let go by its own thread a moment later, of which nothing tells.
fn open_database(config: &sled::Config) -> Result<sled::Db, Refused> {
    let begun = Instant::now();
    loop {
        match config.open() {
            Ok(db) => return Ok(db),
            Err(error) if !is_locked(&error) => {
                return Err(Refused::Unusable(format!("it cannot be opened: {error}")));
            }
            Err(error) if begun.elapsed() > LET_GO => return Err(Refused::Locked(StateError::Store(error))),
            Err(_) => std::thread::sleep(LET_GO / 100),
        }
    }
}

fn is_locked(error: &sled::Error) -> bool {
    let sled::Error::Io(io) = error else { return false };
    io.kind() == std::io::ErrorKind::WouldBlock || io.to_string().contains("lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(log: &str) -> Identity {
        Identity { log: log.to_owned(), journey: "default 1".to_owned(), zone: "UTC".to_owned() }
    }

    fn id(n: u8) -> FeedbackId {
        FeedbackId::from_bytes([n; 16])
    }

    #[test]
    fn a_batch_is_there_after_reopening_with_its_positions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let (mut state, opened) = State::open(&path, &identity("a"), 1 << 20).unwrap();
        assert_eq!(opened, Opened::Ready);
        state
            .apply(&Batch {
                feedback: vec![(id(1), Holding::default())],
                pending: vec![id(1)],
                positions: BTreeMap::from([(("feedback".to_owned(), 0), 7)]),
                ..Batch::default()
            })
            .unwrap();
        drop(state);
        let (state, opened) = State::open(&path, &identity("a"), 1 << 20).unwrap();
        assert_eq!(opened, Opened::Ready);
        assert_eq!(state.position("feedback", 0), 7);
        assert_eq!(state.pending(), [id(1)]);
        assert_eq!(state.feedback(id(1)).unwrap(), Some(Holding::default()));
        assert_eq!(state.feedback(id(2)).unwrap(), None);
    }

    #[test]
    fn a_late_beginning_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let (mut state, _) = State::open(&path, &identity("a"), 1 << 20).unwrap();
        assert!(!state.begun_late().unwrap());
        state.note_late_beginning().unwrap();
        drop(state);
        let (state, opened) = State::open(&path, &identity("a"), 1 << 20).unwrap();
        assert!(state.begun_late().unwrap() && opened == Opened::Ready);
    }

    #[test]
    fn a_foreign_state_is_moved_aside_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        drop(State::open(&path, &identity("a"), 1 << 20).unwrap());
        let (state, opened) = State::open(&path, &identity("b"), 1 << 20).unwrap();
        let Opened::Rebuild(reason) = opened else { panic!("a foreign state was taken over") };
        assert!(reason.contains("its log is a, not b"), "{reason}");
        assert_eq!(state.position("feedback", 0), 0);
        assert!(folder.path().join("state.aside-1").exists());
    }

    #[test]
    fn a_damaged_state_is_moved_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        drop(State::open(&path, &identity("a"), 1 << 20).unwrap());
        for file in std::fs::read_dir(&path).unwrap() {
            let file = file.unwrap().path();
            if file.is_file() {
                std::fs::write(&file, b"not a store").unwrap();
            }
        }
        let (_, opened) = State::open(&path, &identity("a"), 1 << 20).unwrap();
        assert!(matches!(opened, Opened::Rebuild(_)));
    }

    #[test]
    fn a_state_in_use_is_not_moved_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let held = State::open(&path, &identity("a"), 1 << 20).unwrap();
        assert!(matches!(State::open(&path, &identity("a"), 1 << 20), Err(StateError::Store(_))));
        drop(held);
    }
}
