//! The embedded log: a folder of redb segments, for one process, without services.
mod block;
mod cache;
mod catalogue;
mod commit;
mod config;
mod core;
mod disk;
mod folder;
mod member;
mod reader;
mod retain;
mod rewrite;
mod segment;
mod validate;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use self::catalogue::Catalogue;
use self::commit::{Committer, first_segment};
use self::core::{Ask, Core, Queue, Sealed, Segments, deadline};
use self::member::{EmbeddedSubscription, EmbeddedWriter};
use self::segment::{Changes, Segment, SegmentMeta};
use crate::contract::{Log, Subscription, TopicSpec, Transaction, Writer};
use crate::error::LogError;
use crate::names::{Group, Topic, WriterId};
use crate::record::{Append, Batch, Extent, Place, ReadLimit, Record};

pub use self::config::EmbeddedConfig;
pub use self::disk::{Disk, DiskStep, RealDisk};
pub use self::retain::Retained;

/// The most requests that wait for the committing thread; more wait with their callers.
const QUEUE: usize = 1_024;

/// The log of a standalone installation: a folder that one process has open.
///
/// One thread commits. It takes all requests that wait, up to 1,024 or 16 MiB, into one redb transaction with a real
/// fsync, so that concurrent callers share its cost, and answers each on its own. Readers never wait for it.
///
/// Records lie in blocks of up to 64 of one partition, compressed with zstd. A small transaction makes a small block;
/// when its segment is closed, [`EmbeddedLog::retain`] packs small blocks together while it rewrites the segment anyway,
/// so an append never has to read and rewrite the block before it.
///
/// The folder is free for another process when the log and all its subscriptions and writers are dropped.
pub struct EmbeddedLog {
    core: Arc<Core>,
    queue: Queue,
    committer: Option<JoinHandle<()>>,
}

impl EmbeddedLog {
    /// Opens the log in a folder, which is created where needed.
    ///
    /// # Errors
    /// `Locked` when another process (or another part of this one) has it open; `Damaged`, naming the file, when a
    /// segment is not whole; `Invalid` for settings out of range; `Full` or `Failed` as the disk says.
    pub fn open(folder: impl AsRef<Path>, config: EmbeddedConfig) -> Result<Self, LogError> {
        config.check()?;
        let folder = folder.as_ref();
        let lock = folder::lock(folder)?;
        let (segments, meta) = open_segments(folder, &config)?;
        let rows = segments.active.catalogue_rows()?;
        let catalogue = Catalogue::from_rows(&rows).map_err(|why| segments.active.damaged(&why))?;
        check_spans(&segments, &catalogue)?;
        let core = Arc::new(Core::new(folder, config, catalogue, segments, lock));
        let (sender, receiver) = sync_channel(QUEUE);
        let failed = |error: std::io::Error| LogError::Failed {
            doing: "starting the committing thread".to_owned(),
            detail: error.to_string(),
        };
        let committer = Committer::new(Arc::clone(&core), receiver, meta).map_err(failed)?;
        let thread = std::thread::Builder::new().name("log-commit".to_owned());
        let committer = thread.spawn(move || committer.run()).map_err(failed)?;
        Ok(Self { core, queue: Queue(sender), committer: Some(committer) })
    }

    /// Closes the active segment, if it holds records, and begins the next.
    ///
    /// # Errors
    /// `Full`, `Failed` or `Poisoned`; the active segment stays as it is.
    pub fn roll(&self) -> Result<(), LogError> {
        self.queue.ask(Ask::Roll).map(drop)
    }
}

/// Opens all segments of a folder, or makes the first one. Answers what the active one says about itself.
fn open_segments(folder: &Path, config: &EmbeddedConfig) -> Result<(Segments, SegmentMeta), LogError> {
    let mut found = folder::tidy(folder)?;
    let newest = match found.pop() {
        Some((_, path)) => path,
        None => {
            first_segment(folder, config, &SegmentMeta::new(1, 0), &Changes::default())?;
            folder::segment_path(folder, 1)
        }
    };
    let active = Segment::open(&newest, config, true)?;
    let mut sealed = Vec::new();
    let mut covered_from = u64::MAX;
    for (number, path) in found.into_iter().rev() {
        if number >= covered_from {
            // A rewrite took it into its successor and a crash kept it from being removed.
            folder::remove(&path)?;
            continue;
        }
        let opened = Segment::open(&path, config, false)?;
        if opened.meta.covers_from < number {
            covered_from = opened.meta.covers_from;
        }
        let spans = opened.segment.spans()?;
        sealed.push(Arc::new(Sealed { segment: opened.segment, meta: opened.meta, spans }));
    }
    sealed.reverse();
    let segments = Segments { sealed, active: Arc::new(active.segment) };
    Ok((segments, active.meta))
}

/// Checks that no segment holds what the catalogue does not know: such a file is of another log.
fn check_spans(segments: &Segments, catalogue: &Catalogue) -> Result<(), LogError> {
    let ends: BTreeMap<(u32, u32), u64> = catalogue
        .topics
        .values()
        .flat_map(|topic| {
            let partitions = (0_u32..).zip(&topic.partitions);
            partitions.map(|(number, state)| ((topic.id, number), state.next))
        })
        .collect();
    let mut behind: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    let active = segments.active.spans()?;
    let sealed = segments.sealed.iter().map(|sealed| (&sealed.segment, &sealed.spans));
    for (segment, spans) in sealed.chain(std::iter::once((&*segments.active, &active))) {
        for (at, (first, last)) in spans {
            let known = ends.get(at).is_some_and(|end| last < end);
            let after = behind.insert(*at, *last).is_none_or(|before| before < *first);
            if !known || !after {
                return Err(segment.damaged("it holds records that do not belong to this log"));
            }
        }
    }
    Ok(())
}

impl Log for EmbeddedLog {
    fn create_topic(&self, topic: &Topic, spec: &TopicSpec) -> Result<(), LogError> {
        let ask = Ask::CreateTopic(topic.clone(), spec.clone());
        self.queue.ask(ask).map(drop)
    }

    fn extents(&self, topic: &Topic) -> Result<Vec<Extent>, LogError> {
        let catalogue = self.core.catalogue();
        let partitions = catalogue.topic(topic)?.partitions.iter();
        let extents = partitions.map(|state| Extent { start: state.start, end: state.next });
        Ok(extents.collect())
    }

    fn read(&self, at: &Place, limit: ReadLimit) -> Result<Batch, LogError> {
        self.core.read(at, limit)
    }

    fn read_at(&self, places: &[Place]) -> Result<Vec<Option<Record>>, LogError> {
        self.core.read_at(places)
    }

    fn wait(&self, places: &[Place], timeout: Duration) -> Result<bool, LogError> {
        let deadline = deadline(timeout);
        self.core.wait(deadline, |catalogue| catalogue.any_behind(places))
    }

    fn append(&self, appends: Vec<Append>) -> Result<Vec<Place>, LogError> {
        if appends.is_empty() {
            return Ok(Vec::new());
        }
        let transaction = Transaction { appends, advance: None };
        self.queue.ask_places(Ask::Commit { writer: None, transaction })
    }

    fn subscribe(&self, group: &Group, topics: &[Topic]) -> Result<Box<dyn Subscription>, LogError> {
        if topics.is_empty() {
            return Err(LogError::Invalid { what: format!("a member of group {group} asks for no topics") });
        }
        let ask = Ask::Join(group.clone(), topics.to_vec());
        let id = self.queue.ask_number(ask)?;
        let core = Arc::clone(&self.core);
        let queue = self.queue.clone();
        Ok(Box::new(EmbeddedSubscription::new(core, queue, group.clone(), id)))
    }

    fn writer(&self, id: &WriterId) -> Result<Box<dyn Writer>, LogError> {
        let epoch = self.queue.ask_number(Ask::OpenWriter(id.clone()))?;
        Ok(Box::new(EmbeddedWriter { queue: self.queue.clone(), id: id.clone(), epoch }))
    }

    fn committed(&self, group: &Group, topic: &Topic) -> Result<Vec<Option<u64>>, LogError> {
        let catalogue = self.core.catalogue();
        let state = catalogue.topic(topic)?;
        let group = catalogue.groups.get(group);
        let position = |number: u32| group?.committed.get(&(state.id, number)).copied();
        let numbers = (0_u32..).zip(&state.partitions);
        Ok(numbers.map(|(number, _)| position(number)).collect())
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        let _stopped_already = self.queue.0.send(None);
        if let Some(committer) = self.committer.take() {
            let _panicked = committer.join();
        }
    }
}

impl fmt::Debug for EmbeddedLog {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("EmbeddedLog").field("folder", &self.core.folder).finish_non_exhaustive()
    }
}
