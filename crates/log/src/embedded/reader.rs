//! Reading: from a position on, and single records.
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::block::{Views, unpack};
use super::core::{Core, Segments};
use super::segment::Segment;
use crate::error::LogError;
use crate::record::{Batch, Place, ReadLimit, Record};

/// How often a read is tried again when the active segment was opened anew under it.
const TRIES: usize = 3;
/// How long a read waits for the active segment to be opened anew.
const REPLACEMENT: Duration = Duration::from_secs(1);

impl Segments {
    /// Walks over the segments that may hold records of a partition from an offset on, oldest first.
    pub(super) fn holding(&self, at: (u32, u32), from: u64) -> impl Iterator<Item = &Segment> {
        let sealed = self.sealed.iter().filter(move |sealed| {
            let span = sealed.spans.get(&at);
            span.is_some_and(|(_, last)| *last >= from)
        });
        sealed.map(|sealed| &sealed.segment).chain(std::iter::once(&*self.active))
    }
}

/// Collects records until a limit is reached.
struct Gather {
    limit: ReadLimit,
    from: u64,
    end: u64,
    bytes: usize,
    full: bool,
    records: Vec<Record>,
}

impl Gather {
    /// Takes the records of a block; says whether the block was left before its end.
    fn block(&mut self, segment: &Segment, first: u64, raw: &[u8]) -> Result<bool, LogError> {
        for view in Views::new(first, raw) {
            let view = view.map_err(|why| segment.damaged(why))?;
            if view.offset < self.from {
                continue;
            }
            let size = view.size();
            let enough = self.records.len() >= self.limit.records
                || self.bytes.saturating_add(size) > self.limit.bytes;
            if view.offset >= self.end || (enough && !self.records.is_empty()) {
                self.full = true;
                return Ok(true);
            }
            self.bytes += size;
            self.from = view.offset + 1;
            self.records.push(view.to_record());
        }
        Ok(false)
    }
}

impl Core {
    /// Reads from a position on; see [`crate::Log::read`].
    pub(super) fn read(&self, at: &Place, limit: ReadLimit) -> Result<Batch, LogError> {
        self.retrying(|| self.read_once(at, limit))
    }

    /// Runs a read, again when the active segment was opened anew under it after a failed write.
    fn retrying<T>(&self, mut read: impl FnMut() -> Result<T, LogError>) -> Result<T, LogError> {
        for _ in 1..TRIES {
            let before = Arc::clone(&self.segments().active);
            let result = read();
            let failed = matches!(result, Err(LogError::Failed { .. } | LogError::Full { .. }));
            if !failed || !before.health.has_failed() {
                return result;
            }
            let deadline = Instant::now() + REPLACEMENT;
            self.wait(deadline, |_| Ok(self.segments().active.handle != before.handle))?;
        }
        read()
    }

    fn read_once(&self, at: &Place, limit: ReadLimit) -> Result<Batch, LogError> {
        let (topic, partition) = self.catalogue().in_range(at)?;
        let mut gather = Gather {
            limit,
            from: at.offset,
            end: partition.next,
            bytes: 0,
            full: false,
            records: Vec::new(),
        };
        if at.offset < partition.next {
            for segment in self.segments().holding((topic, at.partition), at.offset) {
                self.gather(segment, (topic, at.partition), &mut gather)?;
                if gather.full {
                    break;
                }
            }
            // Retention may have moved the start while this was reading: then records were skipped over.
            self.catalogue().in_range(at)?;
        }
        let caught_up = gather.records.is_empty() || !gather.full;
        Ok(Batch {
            at: at.topic_partition(),
            next: if caught_up { partition.next } else { gather.from },
            end: partition.next,
            records: gather.records,
        })
    }

    fn gather(&self, segment: &Segment, at: (u32, u32), gather: &mut Gather) -> Result<(), LogError> {
        segment.scan(at, gather.from, &mut |first, stored| {
            let key = (segment.handle, at.0, at.1, first);
            let enough = !gather.records.is_empty() && gather.records.len() >= gather.limit.records;
            if first >= gather.end || enough {
                gather.full = true;
                return Ok(ControlFlow::Break(()));
            }
            if let Some(raw) = self.cache.get(key) {
                gather.block(segment, first, &raw)?;
            } else {
                let raw = unpack(stored).map_err(|why| segment.damaged(&why))?;
                if gather.block(segment, first, &raw)? {
                    // The next read begins inside this block.
                    self.cache.put(key, &Arc::from(raw));
                }
            }
            let flow = if gather.full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
            Ok(flow)
        })
    }

    /// Reads single records; see [`crate::Log::read_at`].
    pub(super) fn read_at(&self, places: &[Place]) -> Result<Vec<Option<Record>>, LogError> {
        self.retrying(|| {
            let catalogue = self.catalogue();
            let mut wanted = Vec::with_capacity(places.len());
            for (rank, place) in places.iter().enumerate() {
                let (topic, state) = catalogue.partition(&place.topic, place.partition)?;
                if (state.start..state.next).contains(&place.offset) {
                    wanted.push((topic.id, place.partition, place.offset, rank));
                }
            }
            wanted.sort_unstable();
            let mut found = vec![None; places.len()];
            let segments = self.segments();
            let mut open: Option<OpenBlock> = None;
            for (topic, partition, offset, rank) in wanted {
                let at = (topic, partition);
                if !open.as_ref().is_some_and(|block| block.covers(at, offset)) {
                    open = self.block_of(&segments, at, offset)?;
                }
                if let (Some(block), Some(slot)) = (&open, found.get_mut(rank)) {
                    *slot = block.record(offset)?;
                }
            }
            Ok(found)
        })
    }

    /// Finds the block that holds an offset, or would.
    fn block_of<'a>(
        &self,
        segments: &'a Segments,
        at: (u32, u32),
        offset: u64,
    ) -> Result<Option<OpenBlock<'a>>, LogError> {
        for segment in segments.holding(at, offset) {
            let mut block = None;
            segment.scan(at, offset, &mut |first, stored| {
                if first > offset {
                    return Ok(ControlFlow::Break(()));
                }
                let key = (segment.handle, at.0, at.1, first);
                let raw = if let Some(raw) = self.cache.get(key) {
                    raw
                } else {
                    let raw = Arc::from(unpack(stored).map_err(|why| segment.damaged(&why))?);
                    self.cache.put(key, &raw);
                    raw
                };
                let last = segment.head(stored)?.last;
                block = Some(OpenBlock { segment, at, first, last, raw });
                Ok(ControlFlow::Break(()))
            })?;
            if block.is_some() {
                return Ok(block);
            }
        }
        Ok(None)
    }
}

/// An unpacked block and where it lies.
struct OpenBlock<'a> {
    segment: &'a Segment,
    at: (u32, u32),
    first: u64,
    last: u64,
    raw: Arc<[u8]>,
}

impl OpenBlock<'_> {
    fn covers(&self, at: (u32, u32), offset: u64) -> bool {
        self.at == at && (self.first..=self.last).contains(&offset)
    }

    fn record(&self, offset: u64) -> Result<Option<Record>, LogError> {
        for view in Views::new(self.first, &self.raw) {
            let view = view.map_err(|why| self.segment.damaged(why))?;
            if view.offset >= offset {
                return Ok((view.offset == offset).then(|| view.to_record()));
            }
        }
        Ok(None)
    }
}
