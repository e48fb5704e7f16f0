//! What the threads of an embedded log share: the published catalogue, the open segments, the signal of a commit.
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::cache::BlockCache;
use super::catalogue::Catalogue;
use super::config::EmbeddedConfig;
use super::folder;
use super::segment::{Segment, SegmentMeta, Spans};
use crate::contract::{TopicSpec, Transaction};
use crate::error::LogError;
use crate::names::{Group, Topic, WriterId};
use crate::record::Place;

/// A segment that takes no more records.
pub(super) struct Sealed {
    /// The segment.
    pub(super) segment: Segment,
    /// What it says about itself.
    pub(super) meta: SegmentMeta,
    /// What it holds of each partition.
    pub(super) spans: Spans,
}

/// The open segments, oldest first.
#[derive(Clone)]
pub(super) struct Segments {
    /// Those that take no more records.
    pub(super) sealed: Vec<Arc<Sealed>>,
    /// The one that does.
    pub(super) active: Arc<Segment>,
}

/// The shared part of an embedded log.
pub(super) struct Core {
    /// The folder.
    pub(super) folder: PathBuf,
    /// The settings.
    pub(super) config: EmbeddedConfig,
    /// Unpacked blocks.
    pub(super) cache: BlockCache,
    catalogue: RwLock<Arc<Catalogue>>,
    segments: RwLock<Arc<Segments>>,
    commits: Mutex<u64>,
    committed: Condvar,
    poison: OnceLock<String>,
    maintenance: Mutex<()>,
    /// Held last, so that the folder is free only when every segment is closed.
    _lock: File,
}

impl Core {
    /// Puts the shared part together.
    pub(super) fn new(
        folder: &Path,
        config: EmbeddedConfig,
        catalogue: Catalogue,
        segments: Segments,
        lock: File,
    ) -> Self {
        Self {
            folder: folder.to_owned(),
            cache: BlockCache::new(config.cache_bytes),
            config,
            catalogue: RwLock::new(Arc::new(catalogue)),
            segments: RwLock::new(Arc::new(segments)),
            commits: Mutex::new(0),
            committed: Condvar::new(),
            poison: OnceLock::new(),
            maintenance: Mutex::new(()),
            _lock: lock,
        }
    }

    /// Gives the published catalogue. Take it before [`Core::segments`]: then they hold all it speaks of.
    pub(super) fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives the open segments.
    pub(super) fn segments(&self) -> Arc<Segments> {
        Arc::clone(&self.segments.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the list of open segments.
    pub(super) fn change_segments(&self, change: impl FnOnce(&mut Segments)) {
        let mut held = self.segments.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut held));
    }

    /// Publishes a catalogue and wakes all who wait for a commit.
    pub(super) fn publish(&self, catalogue: Catalogue) {
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
        *self.commits.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.committed.notify_all();
    }

    /// Waits until `ready` holds of the published catalogue; says whether it did before the deadline.
    pub(super) fn wait(
        &self,
        deadline: Instant,
        mut ready: impl FnMut(&Catalogue) -> Result<bool, LogError>,
    ) -> Result<bool, LogError> {
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if ready(&self.catalogue())? {
                return Ok(true);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let woken = self.committed.wait_timeout(commits, left);
            commits = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Lets no commit through any more, and says why.
    pub(super) fn poison(&self, detail: String) {
        tracing::error!(folder = %self.folder.display(), %detail, "the log takes no more appends");
        let _first_reason_stays = self.poison.set(detail);
    }

    /// Fails once a commit has failed in a way that leaves unknown what is on disk.
    pub(super) fn check_poison(&self) -> Result<(), LogError> {
        match self.poison.get() {
            None => Ok(()),
            Some(detail) => Err(LogError::Poisoned { detail: detail.clone() }),
        }
    }

    /// Fails when appends would leave less than the reserve free.
    pub(super) fn check_space(&self) -> Result<(), LogError> {
        let reserve = self.config.reserve_bytes;
        let free = self
            .config
            .disk
            .free(&self.folder)
            .map_err(|error| super::segment::io_fault("measuring", &self.folder, &error))?;
        if free >= reserve {
            return Ok(());
        }
        let folder = self.folder.display();
        Err(LogError::Full { detail: format!("{free} bytes are free in {folder}, {reserve} are kept free") })
    }

    /// Lets one retention, compaction or erasure run at a time.
    pub(super) fn maintenance(&self) -> MutexGuard<'_, ()> {
        self.maintenance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the active segment anew after a failed write and puts it in place of the old handle, which writes no more.
    pub(super) fn reopen_active(&self) -> Result<SegmentMeta, LogError> {
        let old = Arc::clone(&self.segments().active);
        old.health.retire();
        let opened = Segment::open(&old.path, &self.config, true)?;
        let meta = opened.meta;
        self.change_segments(|segments| segments.active = Arc::new(opened.segment));
        Ok(meta)
    }

    /// Gives the path of a segment in this folder.
    pub(super) fn segment_path(&self, number: u64) -> PathBuf {
        folder::segment_path(&self.folder, number)
    }
}

/// Gives the moment at which a wait ends; an endless one ends after a year.
pub(super) fn deadline(timeout: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    Instant::now() + timeout.min(YEAR)
}

/// What the committing thread is asked for.
pub(super) enum Ask {
    /// Append and advance, for a writer of this epoch where one is named.
    Commit {
        /// The writer and its epoch.
        writer: Option<(WriterId, u64)>,
        /// The transaction.
        transaction: Transaction,
    },
    /// Create a topic.
    CreateTopic(Topic, TopicSpec),
    /// Begin the next epoch of a writer.
    OpenWriter(WriterId),
    /// Add a member to a group.
    Join(Group, Vec<Topic>),
    /// Remove a member from a group.
    Leave(Group, u64),
    /// Move the starts of partitions forward.
    MoveStarts(Vec<Place>),
    /// Note up to where no key occurs twice.
    NoteCleaned(Vec<Place>),
    /// Close the active segment, if it holds records, and begin the next.
    Roll,
}

/// What the committing thread answers.
#[derive(Debug)]
pub(super) enum Answer {
    /// Where the records lie.
    Places(Vec<Place>),
    /// A writer's epoch or a member's id.
    Number(u64),
    /// It is done.
    Done,
}

/// A question and where its answer goes.
pub(super) struct Request {
    /// The question.
    pub(super) ask: Ask,
    /// Where the answer goes; `None` when nobody waits for it.
    pub(super) reply: Option<SyncSender<Result<Answer, LogError>>>,
}

/// The way to the committing thread: a bounded queue.
#[derive(Clone)]
pub(super) struct Queue(pub(super) SyncSender<Option<Request>>);

impl Queue {
    /// Asks and waits for the answer.
    pub(super) fn ask(&self, ask: Ask) -> Result<Answer, LogError> {
        let (reply, answer) = sync_channel(1);
        let request = Request { ask, reply: Some(reply) };
        self.0.send(Some(request)).map_err(|_| LogError::Closed)?;
        answer.recv().map_err(|_| LogError::Closed)?
    }

    /// Asks for places.
    pub(super) fn ask_places(&self, ask: Ask) -> Result<Vec<Place>, LogError> {
        match self.ask(ask)? {
            Answer::Places(places) => Ok(places),
            Answer::Number(_) | Answer::Done => Err(LogError::Closed),
        }
    }

    /// Asks for a number.
    pub(super) fn ask_number(&self, ask: Ask) -> Result<u64, LogError> {
        match self.ask(ask)? {
            Answer::Number(number) => Ok(number),
            Answer::Places(_) | Answer::Done => Err(LogError::Closed),
        }
    }

    /// Leaves a word without waiting for an answer.
    pub(super) fn tell(&self, ask: Ask) {
        let _closed_already = self.0.send(Some(Request { ask, reply: None }));
    }
}
