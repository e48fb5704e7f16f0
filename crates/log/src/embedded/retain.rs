//! Retention, compaction and erasure of the embedded log.
//!
//! Compaction works as in Apache Kafka's log cleaner: the last offset of each key is collected from the part that was
//! not cleaned yet, as far as memory allows; then every older record of these keys goes. Segments are rewritten oldest
//! first, so a tombstone is never gone before the records it stands for.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::EmbeddedLog;
use super::block::{View, Views, unpack};
use super::catalogue::{Catalogue, TopicState};
use super::commit::day_of;
use super::core::{Ask, Core, Sealed, Segments};
use super::rewrite::{Drops, Judge, Scope};
use crate::contract::Cleanup;
use crate::error::LogError;
use crate::names::Topic;
use crate::record::{Place, Record, TopicPartition};

/// So many small neighbours become one segment.
const NEIGHBOURS: usize = 4;

/// What a retention or an erasure did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retained {
    /// The records that went.
    pub records_removed: u64,
    /// The segments that were written anew.
    pub segments_rewritten: u64,
    /// The segments of which nothing was left.
    pub segments_removed: u64,
    /// The bytes of all closed segments before.
    pub bytes_before: u64,
    /// The bytes of all closed segments after.
    pub bytes_after: u64,
}

impl EmbeddedLog {
    /// Deletes what has expired, compacts, and packs small blocks and small segments together. Only closed segments
    /// change; the active one is closed first if its day is over by `now_ms` (milliseconds since 1970 UTC; see
    /// [`EmbeddedLog::roll`]). Offsets stay. It reads all compacted topics, so it is meant for once a day or hour; it
    /// needs as much free disk as the largest segment. Appends and reads go on meanwhile.
    ///
    /// # Errors
    /// `Full`, `Failed`, `Damaged`, `Poisoned`; what was done until then stays done, and the rest can be done again.
    pub fn retain(&self, now_ms: i64) -> Result<Retained, LogError> {
        let _one_at_a_time = self.core.maintenance();
        let active = self.core.segments().active.meta()?;
        if active.day.is_some_and(|day| day < day_of(now_ms)) {
            self.queue.ask(Ask::Roll)?;
        }
        let mut done = Retained { bytes_before: self.core.closed_bytes(), ..Retained::default() };
        let starts = self.core.expired(now_ms)?;
        if !starts.is_empty() {
            self.queue.ask(Ask::MoveStarts(starts))?;
        }
        let mut finished = BTreeSet::new();
        while self.pass(now_ms, &mut finished, &mut done)? {}
        done.bytes_after = self.core.closed_bytes();
        Ok(done)
    }

    /// Erases records: every record up to now is shown once to `keep`, and those it answers `false` for are gone from
    /// the disk when this returns. Offsets stay.
    ///
    /// # Errors
    /// As [`EmbeddedLog::retain`].
    pub fn rewrite(
        &self,
        keep: &mut dyn FnMut(&TopicPartition, &Record) -> bool,
    ) -> Result<Retained, LogError> {
        let _one_at_a_time = self.core.maintenance();
        self.queue.ask(Ask::Roll)?;
        let mut done = Retained { bytes_before: self.core.closed_bytes(), ..Retained::default() };
        let mut judge = Erasure { names: self.core.catalogue().names(), keep };
        for sealed in &self.core.segments().sealed {
            let drops = Drops::plan(sealed, &mut judge)?;
            if drops.records > 0 {
                self.core.apply(vec![(Arc::clone(sealed), drops)], &mut done)?;
            }
        }
        done.bytes_after = self.core.closed_bytes();
        Ok(done)
    }

    /// Goes over all closed segments once, and compacts as many partitions as memory has room for; `finished` are those
    /// that are done. Says whether another pass would get further.
    fn pass(
        &self,
        now_ms: i64,
        finished: &mut BTreeSet<(u32, u32)>,
        done: &mut Retained,
    ) -> Result<bool, LogError> {
        let catalogue = self.core.catalogue();
        let segments = self.core.segments();
        let mut judge = Retention::collect(&self.core, &catalogue, &segments, (now_ms, finished))?;
        let mut run: Vec<(Arc<Sealed>, Drops)> = Vec::new();
        let mut run_bytes = 0;
        for sealed in &segments.sealed {
            let drops = Drops::plan(sealed, &mut judge)?;
            let living = living_bytes(sealed, &drops);
            if run_bytes + living > self.core.config.segment_bytes {
                self.core.finish_run(std::mem::take(&mut run), done)?;
                run_bytes = 0;
            }
            run_bytes += living;
            run.push((Arc::clone(sealed), drops));
        }
        self.core.finish_run(run, done)?;
        let cleaned = judge.cleaned(&catalogue, &segments)?;
        let before = finished.len();
        let whole = judge.newest.iter().filter(|(_, newest)| newest.whole);
        finished.extend(whole.map(|(at, _)| *at));
        let further = finished.len() > before || !cleaned.is_empty();
        if !cleaned.is_empty() {
            self.queue.ask(Ask::NoteCleaned(cleaned))?;
        }
        Ok(further && judge.newest.values().any(|newest| !newest.whole))
    }
}

fn living_bytes(sealed: &Sealed, drops: &Drops) -> u64 {
    let living = sealed.meta.records.saturating_sub(drops.records);
    let share = u128::from(sealed.meta.stored) * u128::from(living) / u128::from(sealed.meta.records.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}

impl Core {
    fn closed_bytes(&self) -> u64 {
        let segments = self.segments();
        segments.sealed.iter().map(|sealed| sealed.segment.file_bytes()).sum()
    }

    /// Rewrites a run of neighbours: as one where there are enough of them, else each that has something to gain.
    fn finish_run(&self, run: Vec<(Arc<Sealed>, Drops)>, done: &mut Retained) -> Result<(), LogError> {
        if run.len() >= NEIGHBOURS {
            return self.apply(run, done);
        }
        for (sealed, drops) in run {
            if drops.records > 0 || is_wasteful(&sealed) {
                self.apply(vec![(sealed, drops)], done)?;
            }
        }
        Ok(())
    }

    fn apply(&self, sources: Vec<(Arc<Sealed>, Drops)>, done: &mut Retained) -> Result<(), LogError> {
        self.rewrite_segments(&sources)?;
        let dropped: u64 = sources.iter().map(|(_, drops)| drops.records).sum();
        let held: u64 = sources.iter().map(|(sealed, _)| sealed.meta.records).sum();
        done.records_removed += dropped;
        if dropped < held {
            done.segments_rewritten += 1;
            done.segments_removed += sources.len() as u64 - 1;
        } else {
            done.segments_removed += sources.len() as u64;
        }
        Ok(())
    }

    /// Finds the new starts of partitions from which records have expired.
    fn expired(&self, now_ms: i64) -> Result<Vec<Place>, LogError> {
        let catalogue = self.catalogue();
        let segments = self.segments();
        let mut starts = Vec::new();
        for (name, topic) in &catalogue.topics {
            let Cleanup::Delete { after } = topic.cleanup else { continue };
            let oldest_kept = now_ms.saturating_sub(milliseconds(after));
            for (number, state) in (0_u32..).zip(&topic.partitions) {
                let start = first_since(&segments, (topic.id, number), state.start, oldest_kept)?;
                if let Some(start) = start.filter(|start| *start > state.start) {
                    starts.push(Place::new(name, number, start));
                }
            }
        }
        Ok(starts)
    }
}

/// Finds the first offset from `from` on in the closed segments whose record is not older than `oldest_kept`, or the
/// one behind them.
fn first_since(
    segments: &Segments,
    at: (u32, u32),
    from: u64,
    oldest_kept: i64,
) -> Result<Option<u64>, LogError> {
    let mut start = None;
    for sealed in &segments.sealed {
        let Some((_, last)) = sealed.spans.get(&at).filter(|(_, last)| *last >= from) else {
            continue;
        };
        let segment = &sealed.segment;
        let mut found = None;
        segment.scan(at, from, &mut |first, stored| {
            if segment.head(stored)?.latest_ms < oldest_kept {
                return Ok(ControlFlow::Continue(()));
            }
            let raw = unpack(stored).map_err(|why| segment.damaged(&why))?;
            for view in Views::new(first, &raw) {
                let view = view.map_err(|why| segment.damaged(why))?;
                if view.offset >= from && view.timestamp_ms >= oldest_kept {
                    found = Some(view.offset);
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if found.is_some() {
            return Ok(found);
        }
        start = Some(last + 1);
    }
    Ok(start)
}

/// Says whether a segment that loses nothing is still worth a rewrite: small blocks, or a file much longer than its
/// content (redb's files grow by doubling).
fn is_wasteful(sealed: &Sealed) -> bool {
    let meta = &sealed.meta;
    let small_blocks = meta.records < 32 * meta.blocks && meta.stored < meta.blocks * (12 << 10);
    let long_file = sealed.segment.file_bytes() > 2 * meta.stored + (1 << 20);
    !meta.packed && (small_blocks || long_file)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A key in little memory: the first half of its BLAKE3 hash, so that nobody can make two keys meet.
fn digest(key: &[u8]) -> u128 {
    let mut half = [0_u8; 16];
    for (to, from) in half.iter_mut().zip(blake3::hash(key).as_bytes()) {
        *to = *from;
    }
    u128::from_le_bytes(half)
}

/// What compaction knows of one partition.
struct Newest {
    tombstones_until: i64,
    last: HashMap<u128, u64>,
    /// The offset up to which keys were collected.
    until: u64,
    /// Whether that is the partition's end.
    whole: bool,
}

/// Judges by the topics' cleanup.
struct Retention {
    starts: BTreeMap<(u32, u32), u64>,
    newest: BTreeMap<(u32, u32), Newest>,
    names: BTreeMap<u32, Topic>,
}

impl Retention {
    fn collect(
        core: &Core,
        catalogue: &Catalogue,
        segments: &Segments,
        (now_ms, finished): (i64, &BTreeSet<(u32, u32)>),
    ) -> Result<Self, LogError> {
        let mut retention =
            Self { starts: BTreeMap::new(), newest: BTreeMap::new(), names: catalogue.names() };
        let mut room = core.config.compaction_keys;
        for topic in catalogue.topics.values() {
            match topic.cleanup {
                Cleanup::Forever => {}
                Cleanup::Delete { .. } => {
                    let starts = (0_u32..).zip(&topic.partitions);
                    let starts = starts.map(|(number, state)| ((topic.id, number), state.start));
                    retention.starts.extend(starts);
                }
                Cleanup::Compact { tombstones } => {
                    let until = now_ms.saturating_sub(milliseconds(tombstones));
                    retention.collect_topic(segments, topic, (until, finished), &mut room)?;
                }
            }
        }
        Ok(retention)
    }

    fn collect_topic(
        &mut self,
        segments: &Segments,
        topic: &TopicState,
        (tombstones_until, finished): (i64, &BTreeSet<(u32, u32)>),
        room: &mut usize,
    ) -> Result<(), LogError> {
        for (number, state) in (0_u32..).zip(&topic.partitions) {
            if finished.contains(&(topic.id, number)) {
                continue;
            }
            let mut newest =
                Newest { tombstones_until, last: HashMap::new(), until: state.cleaned, whole: false };
            newest.whole = newest.collect(segments, (topic.id, number), state.next, room)?;
            self.newest.insert((topic.id, number), newest);
        }
        Ok(())
    }

    /// Gives the places up to which no key occurs twice any more, where that has moved.
    fn cleaned(&self, catalogue: &Catalogue, segments: &Segments) -> Result<Vec<Place>, LogError> {
        let active = segments.active.spans()?;
        let mut places = Vec::new();
        for (at, newest) in &self.newest {
            let Some(topic) = self.names.get(&at.0) else { continue };
            let closed = active.get(at).map_or(newest.until, |(first, _)| *first);
            let offset = newest.until.min(closed);
            let (_, state) = catalogue.partition(topic, at.1)?;
            if offset > state.cleaned {
                places.push(Place::new(topic, at.1, offset));
            }
        }
        Ok(places)
    }
}

impl Newest {
    /// Collects the last offset of each key from where it stands up to `end`; says whether memory was enough.
    fn collect(
        &mut self,
        segments: &Segments,
        at: (u32, u32),
        end: u64,
        room: &mut usize,
    ) -> Result<bool, LogError> {
        let from = self.until;
        if from >= end {
            return Ok(true);
        }
        let mut whole = true;
        for segment in segments.holding(at, from) {
            segment.scan(at, from, &mut |first, stored| {
                let raw = unpack(stored).map_err(|why| segment.damaged(&why))?;
                for view in Views::new(first, &raw) {
                    let view = view.map_err(|why| segment.damaged(why))?;
                    if view.offset < from || view.offset >= end {
                        continue;
                    }
                    if *room == 0 {
                        whole = false;
                        return Ok(ControlFlow::Break(()));
                    }
                    let new =
                        view.key.is_some_and(|key| self.last.insert(digest(key), view.offset).is_none());
                    *room -= usize::from(new);
                    self.until = view.offset + 1;
                }
                Ok(ControlFlow::Continue(()))
            })?;
            if !whole {
                return Ok(false);
            }
        }
        self.until = end;
        Ok(true)
    }
}

impl Judge for Retention {
    fn scope(&mut self, at: (u32, u32)) -> Scope {
        if let Some(start) = self.starts.get(&at) {
            return Scope::From(*start);
        }
        if self.newest.contains_key(&at) { Scope::Look } else { Scope::Keep }
    }

    fn keep(&mut self, at: (u32, u32), view: &View<'_>) -> bool {
        let (Some(newest), Some(key)) = (self.newest.get(&at), view.key) else {
            return true;
        };
        let superseded = newest.last.get(&digest(key)).is_some_and(|last| *last > view.offset);
        let expired = view.value.is_none()
            && view.timestamp_ms <= newest.tombstones_until
            && view.offset < newest.until;
        !superseded && !expired
    }
}

/// Judges by a caller's word.
struct Erasure<'a> {
    names: BTreeMap<u32, Topic>,
    keep: &'a mut dyn FnMut(&TopicPartition, &Record) -> bool,
}

impl Judge for Erasure<'_> {
    fn scope(&mut self, at: (u32, u32)) -> Scope {
        if self.names.contains_key(&at.0) { Scope::Look } else { Scope::Keep }
    }

    fn keep(&mut self, at: (u32, u32), view: &View<'_>) -> bool {
        let Some(topic) = self.names.get(&at.0) else {
            return true;
        };
        (self.keep)(&TopicPartition::new(topic, at.1), &view.to_record())
    }
}
