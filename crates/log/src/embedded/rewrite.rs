//! Rewriting closed segments: what lives is copied to a new file, which then takes the old one's name.
//!
//! A crash leaves the old file or the new one: the new one is forced to the disk before it is renamed, the folder after.
//! Several neighbours may become one; it takes the last one's name and says from which number on it covers, so that
//! the others are known as leftovers should a crash keep them from being removed.
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::block::{BlockHead, Packer, View, Views, unpack};
use super::core::{Core, Sealed};
use super::folder;
use super::segment::{Changes, Segment, SegmentMeta, io_fault};
use crate::error::LogError;

/// The bytes of blocks that one commit of a rewrite takes.
const CHUNK_BYTES: usize = 8 << 20;

/// What is decided for a whole partition at once.
pub(super) enum Scope {
    /// All its records live.
    Keep,
    /// Those below an offset go.
    From(u64),
    /// Each record is asked about.
    Look,
}

/// Decides which records live.
pub(super) trait Judge {
    /// Decides for a partition, given by topic id and number.
    fn scope(&mut self, at: (u32, u32)) -> Scope;

    /// Decides for one record of a partition that is to be looked at.
    fn keep(&mut self, at: (u32, u32), view: &View<'_>) -> bool;
}

/// Ranges of offsets that go, first and last included, by partition.
#[derive(Debug, Default)]
pub(super) struct Drops {
    ranges: BTreeMap<(u32, u32), Vec<(u64, u64)>>,
    /// How many records they hold.
    pub(super) records: u64,
}

impl Drops {
    /// Asks the judge about all records of a segment.
    pub(super) fn plan(sealed: &Sealed, judge: &mut dyn Judge) -> Result<Self, LogError> {
        let mut drops = Self::default();
        for (at, (first, _)) in &sealed.spans {
            let below = match judge.scope(*at) {
                Scope::Keep => continue,
                Scope::From(start) if *first >= start => continue,
                Scope::From(start) => Some(start),
                Scope::Look => None,
            };
            let mut ranges: Vec<(u64, u64)> = Vec::new();
            let mut before_went = false;
            scan_views(&sealed.segment, *at, &mut |view| {
                let keep = below.map_or_else(|| judge.keep(*at, view), |start| view.offset >= start);
                match ranges.last_mut() {
                    _ if keep => {}
                    Some(range) if before_went => range.1 = view.offset,
                    _ => ranges.push((view.offset, view.offset)),
                }
                drops.records += u64::from(!keep);
                before_went = !keep;
                let done = keep && below.is_some();
                Ok(if done { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            if !ranges.is_empty() {
                drops.ranges.insert(*at, ranges);
            }
        }
        Ok(drops)
    }

    /// Says whether any of the offsets from `first` to `last` goes.
    fn touches(&self, at: (u32, u32), first: u64, last: u64) -> bool {
        self.ranges.get(&at).is_some_and(|ranges| {
            let reaching = ranges.partition_point(|(_, to)| *to < first);
            ranges.get(reaching).is_some_and(|(from, _)| *from <= last)
        })
    }
}

/// Walks over all records of a partition in a segment.
fn scan_views(
    segment: &Segment,
    at: (u32, u32),
    visit: &mut dyn FnMut(&View<'_>) -> Result<ControlFlow<()>, LogError>,
) -> Result<(), LogError> {
    segment.scan(at, 0, &mut |first, stored| {
        let raw = unpack(stored).map_err(|why| segment.damaged(&why))?;
        for view in Views::new(first, &raw) {
            let view = view.map_err(|why| segment.damaged(why))?;
            if visit(&view)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// A segment that is being written from others.
struct Copy {
    target: Segment,
    meta: SegmentMeta,
    packer: Packer,
    changes: Changes,
    waiting: usize,
}

impl Copy {
    fn begin(core: &Core, path: &Path, meta: SegmentMeta) -> Result<Self, LogError> {
        let packer = Packer::new().map_err(|error| io_fault("packing for", path, &error))?;
        Ok(Self {
            target: Segment::create(path, &core.config, &meta, &Changes::default())?,
            meta,
            packer,
            changes: Changes::default(),
            waiting: 0,
        })
    }

    fn partition(&mut self, at: (u32, u32), sources: &[(Arc<Sealed>, Drops)]) -> Result<(), LogError> {
        for (sealed, drops) in sources {
            let segment = &sealed.segment;
            segment.scan(at, 0, &mut |first, stored| {
                let head = segment.head(stored)?;
                let touched = drops.touches(at, first, head.last);
                if !touched && self.packer.is_empty() && head.is_well_filled() {
                    self.put(at, first, head.count, stored.to_vec())?;
                } else {
                    self.repack(at, (first, head), stored, sealed, drops)?;
                }
                Ok(ControlFlow::Continue(()))
            })?;
        }
        if self.packer.is_empty() { Ok(()) } else { self.close_block(at) }
    }

    fn repack(
        &mut self,
        at: (u32, u32),
        (first, head): (u64, BlockHead),
        stored: &[u8],
        sealed: &Sealed,
        drops: &Drops,
    ) -> Result<(), LogError> {
        if drops
            .ranges
            .get(&at)
            .is_some_and(|ranges| ranges.iter().any(|(from, to)| *from <= first && head.last <= *to))
        {
            return Ok(());
        }
        let raw = unpack(stored).map_err(|why| sealed.segment.damaged(&why))?;
        for view in Views::new(first, &raw) {
            let view = view.map_err(|why| sealed.segment.damaged(why))?;
            if drops.touches(at, view.offset, view.offset) {
                continue;
            }
            if self.packer.is_full_for(view.size()) {
                self.close_block(at)?;
            }
            self.packer.push_view(&view);
        }
        Ok(())
    }

    fn close_block(&mut self, at: (u32, u32)) -> Result<(), LogError> {
        let (first, count, stored) =
            self.packer.finish().map_err(|error| io_fault("packing for", &self.target.path, &error))?;
        self.put(at, first, count, stored)
    }

    fn put(
        &mut self,
        (topic, partition): (u32, u32),
        first: u64,
        count: u32,
        stored: Vec<u8>,
    ) -> Result<(), LogError> {
        self.meta.count(count, stored.len());
        self.waiting += stored.len();
        self.changes.blocks.push(((topic, partition, first), stored));
        if self.waiting >= CHUNK_BYTES {
            self.target.commit(&self.meta, &self.changes)?;
            self.changes = Changes::default();
            self.waiting = 0;
        }
        Ok(())
    }

    /// Makes the copy durable and closes it, which also cuts the file to its length.
    fn finish(self) -> Result<SegmentMeta, LogError> {
        self.target.commit(&self.meta, &self.changes)?;
        Ok(self.meta)
    }
}

impl Core {
    /// Rewrites neighbouring closed segments as one, without what is to be dropped.
    pub(super) fn rewrite_segments(&self, sources: &[(Arc<Sealed>, Drops)]) -> Result<(), LogError> {
        let (Some((oldest, _)), Some((newest, _))) = (sources.first(), sources.last()) else {
            return Ok(());
        };
        let alive = sources.iter().any(|(sealed, drops)| drops.records < sealed.meta.records);
        if !alive {
            return self.replace(sources, None);
        }
        let mut meta = SegmentMeta::new(newest.meta.number, newest.meta.sequence);
        meta.covers_from = oldest.meta.covers_from;
        meta.day = sources.iter().filter_map(|(sealed, _)| sealed.meta.day).max();
        meta.packed = true;
        let unfinished = folder::unfinished_path(&self.folder, meta.number);
        let copied = self.copy(&unfinished, meta, sources);
        let meta = copied.inspect_err(|_| {
            let _nothing_more_to_do = folder::remove(&unfinished);
        })?;
        let finished = self.segment_path(meta.number);
        folder::rename(&self.folder, &unfinished, &finished)?;
        let opened = Segment::open(&finished, &self.config, false)?;
        let spans = opened.segment.spans()?;
        let sealed = Sealed { segment: opened.segment, meta: opened.meta, spans };
        self.replace(sources, Some(Arc::new(sealed)))
    }

    fn copy(
        &self,
        path: &Path,
        meta: SegmentMeta,
        sources: &[(Arc<Sealed>, Drops)],
    ) -> Result<SegmentMeta, LogError> {
        let mut copy = Copy::begin(self, path, meta)?;
        let spans = sources.iter().flat_map(|(sealed, _)| sealed.spans.keys());
        for at in spans.copied().collect::<BTreeSet<(u32, u32)>>() {
            copy.partition(at, sources)?;
        }
        copy.finish()
    }

    /// Puts a rewritten segment, or none, in the place of its sources and removes their files.
    fn replace(&self, sources: &[(Arc<Sealed>, Drops)], by: Option<Arc<Sealed>>) -> Result<(), LogError> {
        let gone: BTreeSet<u64> = sources.iter().map(|(sealed, _)| sealed.meta.number).collect();
        let kept = by.as_ref().map(|sealed| sealed.meta.number);
        self.change_segments(|segments| {
            let place = segments.sealed.iter().position(|sealed| gone.contains(&sealed.meta.number));
            segments.sealed.retain(|sealed| !gone.contains(&sealed.meta.number));
            if let (Some(place), Some(sealed)) = (place, by) {
                segments.sealed.insert(place, sealed);
            }
        });
        self.cache.clear();
        for (sealed, _) in sources {
            sealed.segment.health.retire();
            if Some(sealed.meta.number) != kept {
                folder::remove(&sealed.segment.path)?;
            }
        }
        folder::sync(&self.folder)
    }
}
