//! The committing thread: drains all waiting requests into one durable redb transaction, each validated on its own.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::block::Packer;
use super::catalogue::{Catalogue, Staged};
use super::core::{Answer, Ask, Core, Request, Sealed};
use super::folder;
use super::segment::{Changes, Segment, SegmentMeta};
use super::validate;
use crate::error::LogError;
use crate::record::Append;

/// The most requests, and payload bytes, that one commit takes together.
const GROUP_REQUESTS: usize = 1_024;
const GROUP_BYTES: usize = 16 << 20;
/// How often it is tried to open the active segment anew.
const REOPENING: Duration = Duration::from_secs(1);
const DAY_MS: i64 = 86_400_000;

/// Accepted appends with their offsets, by topic id and partition.
pub(super) type Accepted = BTreeMap<(u32, u32), Vec<(u64, Append)>>;

/// The UTC day of a timestamp, counted from 1970.
pub(super) fn day_of(timestamp_ms: i64) -> i64 {
    timestamp_ms.div_euclid(DAY_MS)
}

/// The one thread that writes.
pub(super) struct Committer {
    core: Arc<Core>,
    queue: Receiver<Option<Request>>,
    meta: SegmentMeta,
    packer: Packer,
    next_member: u64,
    /// Whether the active segment was given up after a failed write and is not open again yet.
    stranded: bool,
}

/// What the queue gave at once.
struct Drained {
    requests: Vec<Request>,
    roll: Option<Request>,
    stop: bool,
}

impl Committer {
    /// Makes the committer of a log whose active segment is at `meta`.
    pub(super) fn new(
        core: Arc<Core>,
        queue: Receiver<Option<Request>>,
        meta: SegmentMeta,
    ) -> std::io::Result<Self> {
        Ok(Self { core, queue, meta, packer: Packer::new()?, next_member: 0, stranded: false })
    }

    /// Works until it is told to stop.
    pub(super) fn run(mut self) {
        while let Some(first) = self.next() {
            let drained = self.drain(first);
            if !drained.requests.is_empty() {
                self.group(drained.requests);
            }
            if let Some(request) = drained.roll {
                let ready = self.core.check_poison().and_then(|()| self.reopen());
                let result = ready.and_then(|()| self.roll());
                answer(request, result.map(|()| Answer::Done));
            }
            if drained.stop {
                return;
            }
        }
    }

    /// Waits for a request; while the active segment could not be opened anew, tries that every second.
    fn next(&mut self) -> Option<Request> {
        loop {
            if !self.stranded {
                return self.queue.recv().ok().flatten();
            }
            match self.queue.recv_timeout(REOPENING) {
                Ok(request) => return request,
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let _tried_again_in_a_second = self.reopen();
                }
            }
        }
    }

    fn drain(&self, first: Request) -> Drained {
        let mut drained = Drained { requests: Vec::new(), roll: None, stop: false };
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(request) = next.take() {
            if matches!(request.ask, Ask::Roll) {
                drained.roll = Some(request);
                break;
            }
            bytes += size_of(&request.ask);
            drained.requests.push(request);
            if bytes >= GROUP_BYTES || drained.requests.len() >= GROUP_REQUESTS {
                break;
            }
            match self.queue.try_recv() {
                Ok(Some(request)) => next = Some(request),
                Ok(None) => drained.stop = true,
                Err(_) => {}
            }
        }
        drained
    }

    /// Commits a group of requests and answers them.
    fn group(&mut self, mut requests: Vec<Request>) {
        let ready = self.core.check_poison().and_then(|()| self.reopen());
        let room = match ready {
            Ok(()) => self.make_room(&requests),
            Err(_) => Ok(()),
        };
        let mut staged = Staged::new(&self.core.catalogue());
        let mut accepted = Accepted::new();
        let mut answers = Vec::with_capacity(requests.len());
        for request in &mut requests {
            let result = match &ready {
                Err(error) => Err(error.clone()),
                Ok(()) => self.stage(&mut request.ask, &mut staged, &mut accepted, &room),
            };
            answers.push(result);
        }
        if let Err(error) = self.make_durable(staged, accepted) {
            let refused = answers.iter_mut().filter(|result| result.is_ok());
            refused.for_each(|result| *result = Err(error.clone()));
        }
        self.let_go(&requests, &answers);
        for (request, result) in requests.into_iter().zip(answers) {
            answer(request, result);
        }
    }

    /// Validates one request and, if it is accepted, applies it to what is staged.
    fn stage(
        &mut self,
        ask: &mut Ask,
        staged: &mut Staged,
        accepted: &mut Accepted,
        room: &Result<(), LogError>,
    ) -> Result<Answer, LogError> {
        match ask {
            Ask::Commit { writer, transaction } => {
                if !transaction.appends.is_empty() {
                    room.clone()?;
                }
                let most = self.core.config.transaction_bytes;
                let checked = validate::commit(&staged.catalogue, writer.as_ref(), transaction, most)?;
                let places = validate::apply(staged, checked, std::mem::take(transaction), accepted);
                Ok(Answer::Places(places))
            }
            Ask::CreateTopic(name, spec) => staged.create_topic(name, spec).map(|()| Answer::Done),
            Ask::OpenWriter(id) => Ok(Answer::Number(staged.open_writer(id))),
            Ask::Join(group, topics) => {
                for topic in topics.iter() {
                    staged.catalogue.topic(topic)?;
                }
                self.next_member += 1;
                let (member, topics) = (self.next_member, std::mem::take(topics));
                staged.change_members(group, |members| {
                    members.insert(member, topics);
                });
                Ok(Answer::Number(member))
            }
            Ask::Leave(group, member) => {
                staged.change_members(group, |members| {
                    members.remove(member);
                });
                Ok(Answer::Done)
            }
            Ask::MoveStarts(places) => {
                for place in places.iter() {
                    staged.change_partition(&place.topic_partition(), |state| {
                        state.start = state.start.max(place.offset.min(state.next));
                    });
                }
                Ok(Answer::Done)
            }
            Ask::NoteCleaned(places) => {
                for place in places.iter() {
                    staged.change_partition(&place.topic_partition(), |state| {
                        state.cleaned = state.cleaned.max(place.offset);
                    });
                }
                Ok(Answer::Done)
            }
            Ask::Roll => Ok(Answer::Done),
        }
    }

    /// Members leave even when the log is full or poisoned: that is written down with the next commit of their group.
    fn let_go(&self, requests: &[Request], answers: &[Result<Answer, LogError>]) {
        let mut staged = None;
        for (request, result) in requests.iter().zip(answers) {
            if let (Ask::Leave(group, member), Err(_)) = (&request.ask, result) {
                let staged = staged.get_or_insert_with(|| Staged::new(&self.core.catalogue()));
                staged.change_members(group, |members| {
                    members.remove(member);
                });
            }
        }
        if let Some(staged) = staged {
            self.core.publish(staged.catalogue);
        }
    }

    /// Writes what was staged, and publishes it once it is on the disk.
    fn make_durable(&mut self, staged: Staged, accepted: Accepted) -> Result<(), LogError> {
        if staged.rows.0.is_empty() && accepted.is_empty() {
            return Ok(());
        }
        let mut meta = self.meta;
        meta.sequence += 1;
        let mut changes = Changes { blocks: Vec::new(), rows: staged.rows };
        pack(&mut self.packer, accepted, &mut meta, &mut changes).map_err(|error| LogError::Failed {
            doing: "packing a block".to_owned(),
            detail: error.to_string(),
        })?;
        let active = Arc::clone(&self.core.segments().active);
        if let Err(error) = active.commit(&meta, &changes) {
            return Err(self.recover(&active, error));
        }
        self.meta = meta;
        self.core.publish(staged.catalogue);
        Ok(())
    }

    /// After a failed commit: answers what to tell the callers.
    ///
    /// A failed sync leaves unknown for ever what is on the disk (the system may have dropped the pages it could not
    /// write), so the log takes no more appends. A write for which there was no space does not: redb switches to a new
    /// state only after a first sync of all of it, so the segment is opened anew at its last commit.
    fn recover(&mut self, active: &Segment, error: LogError) -> LogError {
        self.stranded = true;
        if active.health.sync_failed() || !matches!(error, LogError::Full { .. }) {
            let detail = error.to_string();
            self.core.poison(detail.clone());
            let _reads_then_fail_too = self.reopen();
            return LogError::Poisoned { detail };
        }
        let _tried_again_with_the_next_request = self.reopen();
        error
    }

    /// Opens the active segment anew if it was given up. It must be at the commit that was acknowledged last.
    fn reopen(&mut self) -> Result<(), LogError> {
        if !self.stranded {
            return Ok(());
        }
        match self.core.reopen_active() {
            Err(full @ LogError::Full { .. }) => return Err(full),
            Err(error) => {
                self.stranded = false;
                self.core.poison(error.to_string());
            }
            Ok(meta) if meta.sequence != self.meta.sequence => {
                self.stranded = false;
                self.core.poison(format!(
                    "commit {} was refused, but commit {} is on the disk",
                    self.meta.sequence + 1,
                    meta.sequence
                ));
            }
            Ok(_) => self.stranded = false,
        }
        self.core.publish(Catalogue::clone(&self.core.catalogue()));
        self.core.check_poison()
    }

    /// Sees to it that there is room for appends: on the disk, and in the active segment.
    fn make_room(&mut self, requests: &[Request]) -> Result<(), LogError> {
        let appends = requests.iter().filter_map(|request| match &request.ask {
            Ask::Commit { transaction, .. } => transaction.appends.first(),
            _ => None,
        });
        let Some(day) = appends.map(|append| day_of(append.timestamp_ms)).max() else {
            return Ok(());
        };
        self.core.check_space()?;
        let day_over = self.meta.day.is_some_and(|old| day > old);
        if day_over || self.meta.stored >= self.core.config.segment_bytes {
            self.roll()?;
        }
        self.core.check_poison()
    }

    /// Seals the active segment, if it holds records, and begins the next.
    fn roll(&mut self) -> Result<(), LogError> {
        if self.meta.records == 0 {
            return Ok(());
        }
        let meta = SegmentMeta::new(self.meta.number + 1, self.meta.sequence + 1);
        let old = Arc::clone(&self.core.segments().active);
        let spans = old.spans()?;
        let next = begin_segment(&self.core, &meta, &self.core.catalogue())?;
        // The old handle is replaced by one with a small page cache; it writes no more.
        old.health.retire();
        let segment = Segment::open(&old.path, &self.core.config, false).inspect_err(|error| {
            self.core.poison(error.to_string());
        })?;
        let sealed = Sealed { segment: segment.segment, meta: self.meta, spans };
        self.core.change_segments(|segments| {
            segments.sealed.push(Arc::new(sealed));
            segments.active = Arc::new(next);
        });
        self.meta = meta;
        Ok(())
    }
}

/// Makes the next segment with the whole catalogue in it.
fn begin_segment(core: &Core, meta: &SegmentMeta, catalogue: &Catalogue) -> Result<Segment, LogError> {
    let path = core.segment_path(meta.number);
    let changes = Changes { blocks: Vec::new(), rows: catalogue.rows() };
    first_segment(&core.folder, &core.config, meta, &changes).inspect_err(|error| {
        // Its name may not be durable, yet a crash may bring it back with a catalogue that is out of date by then.
        if path.exists() {
            core.poison(error.to_string());
        }
    })?;
    let opened = Segment::open(&path, &core.config, true).inspect_err(|error| {
        core.poison(error.to_string());
    })?;
    Ok(opened.segment)
}

/// Makes a finished segment file: written under another name, forced to the disk, then renamed.
pub(super) fn first_segment(
    folder: &std::path::Path,
    config: &super::config::EmbeddedConfig,
    meta: &SegmentMeta,
    changes: &Changes,
) -> Result<(), LogError> {
    let unfinished = folder::unfinished_path(folder, meta.number);
    let made = Segment::create(&unfinished, config, meta, changes).map(drop);
    if let Err(error) = made {
        let _nothing_more_to_do = folder::remove(&unfinished);
        return Err(error);
    }
    folder::rename(folder, &unfinished, &folder::segment_path(folder, meta.number))
}

/// Packs accepted appends into blocks.
fn pack(
    packer: &mut Packer,
    accepted: Accepted,
    meta: &mut SegmentMeta,
    changes: &mut Changes,
) -> std::io::Result<()> {
    for ((topic, partition), appends) in accepted {
        let mut close = |packer: &mut Packer, meta: &mut SegmentMeta| -> std::io::Result<()> {
            let (first, count, stored) = packer.finish()?;
            meta.count(count, stored.len());
            changes.blocks.push(((topic, partition, first), stored));
            Ok(())
        };
        for (offset, append) in &appends {
            if packer.is_full_for(append.size()) {
                close(packer, meta)?;
            }
            packer.push_append(*offset, append);
            meta.day = meta.day.max(Some(day_of(append.timestamp_ms)));
        }
        if !packer.is_empty() {
            close(packer, meta)?;
        }
    }
    Ok(())
}

fn size_of(ask: &Ask) -> usize {
    match ask {
        Ask::Commit { transaction, .. } => transaction.appends.iter().map(Append::size).sum(),
        _ => 0,
    }
}

fn answer(request: Request, result: Result<Answer, LogError>) {
    if let Some(reply) = request.reply {
        // Whoever asked may have gone; the channel has room for the one answer.
        let _gone = reply.try_send(result);
    }
}
