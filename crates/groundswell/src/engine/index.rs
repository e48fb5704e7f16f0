//! The index loop: `mapped` is indexed by id and version; one commit carries the position that it was read up to.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use groundswell_log::{Advance, Batch, Group, Place, ReadLimit, Record, TopicPartition, Transaction};
use groundswell_model::{FeedbackId, Mapped, Timestamp};
use groundswell_search::{Checkpoint, Writer};
use groundswell_steps::{counting_day, envelope};

use super::counters::add;
use super::progress::Stage;
use super::shared::{Shared, header};

const IDLE: Duration = Duration::from_millis(100);
const LIMIT: ReadLimit = ReadLimit { records: 1_000, bytes: 8 << 20 };

/// Runs until it is asked to stop; what is pending is committed first.
///
/// # Errors
/// What stops the worker: a fault of log or index. The index is then opened again from its last commit.
pub fn run(shared: &Shared) -> Result<()> {
    let index = shared.index.as_ref().context("this process has no index")?;
    let checkpoint = index.checkpoint();
    let group = shared.topics.group(&format!("index-{}", shared.instance))?;
    // On a shared log the position is shown to the tools that people have; it holds nothing.
    let shown = if shared.is_shared() {
        Some((shared.log.writer(&shared.topics.writer(&format!("index-{}", shared.instance))?)?, group))
    } else {
        None
    };
    let measured_from = shared.measures.counts_from(checkpoint.positions.is_empty());
    let taken_in = Vec::new();
    let writer = index.writer()?;
    let mut worker = Worker { shared, writer, checkpoint, oldest: None, shown, measured_from, taken_in };
    worker.note_reached();
    shared.progress.started(Stage::Index);
    while !shared.stopping() {
        if let Err(error) = worker.step() {
            shared.outlast(error)?;
        }
    }
    worker.commit()
}

struct Worker<'a> {
    shared: &'a Shared,
    writer: Writer,
    checkpoint: Checkpoint,
    /// When the oldest uncommitted change was read.
    oldest: Option<Instant>,
    /// Writes the position to a consumer group, where tools look for it.
    shown: Option<(Box<dyn groundswell_log::Writer>, Group)>,
    /// Records that were taken in before are not measured.
    measured_from: i64,
    /// When what is not yet committed was taken in.
    taken_in: Vec<i64>,
}

impl Worker<'_> {
    fn step(&mut self) -> Result<()> {
        let mut waiting = Vec::new();
        let mut behind = 0;
        for partition in 0..self.shared.config.log.partitions {
            let offset = self.checkpoint.positions.get(&partition).copied().unwrap_or(0);
            let at = Place::new(&self.shared.topics.mapped, partition, offset);
            let batch = self.shared.log.read(&at, LIMIT)?;
            behind += batch.end.saturating_sub(batch.next);
            if batch.next > offset {
                self.take(&batch)?;
            } else {
                waiting.push(at);
            }
        }
        if self.is_due(behind) {
            self.commit()?;
        }
        if waiting.len() == self.shared.config.log.partitions as usize {
            let until_due =
                self.oldest.map_or(IDLE, |oldest| self.cadence().saturating_sub(oldest.elapsed()).min(IDLE));
            self.shared.log.wait(&waiting, until_due)?;
        }
        Ok(())
    }

    fn cadence(&self) -> Duration {
        self.shared.config.index.commit_after.get()
    }

    /// A commit is due when the oldest change has waited long enough; while far behind, only after many changes,
    /// because a commit costs a tenth of a second whatever it holds.
    fn is_due(&self, behind: u64) -> bool {
        let Some(oldest) = self.oldest else { return false };
        let many = self.shared.config.index.commit_records;
        if self.writer.pending() >= many {
            return true;
        }
        let far_behind = behind > many as u64 / 10;
        oldest.elapsed() >= if far_behind { self.cadence() * 10 } else { self.cadence() }
    }

    fn take(&mut self, batch: &Batch) -> Result<()> {
        let span = tracing::info_span!("index", records = batch.records.len());
        let _entered = span.enter();
        for record in &batch.records {
            self.one(record).with_context(|| format!("the record at {}", batch.at.at(record.offset)))?;
        }
        self.oldest.get_or_insert_with(Instant::now);
        self.checkpoint.positions.insert(batch.at.partition, batch.next);
        add(&self.shared.counters.indexed, batch.records.len() as u64);
        Ok(())
    }

    fn one(&mut self, record: &Record) -> Result<()> {
        let taken_in = header(record, envelope::RECEIVED_AT).and_then(|text| text.parse::<Timestamp>().ok());
        self.taken_in.extend(taken_in.map(Timestamp::millis).filter(|at| *at >= self.measured_from));
        match record.value.as_deref() {
            Some(bytes) => {
                let mapped: Mapped = serde_json::from_slice(bytes)?;
                let day = counting_day(&mapped.feedback, self.shared.folder.zone());
                self.writer.upsert(&mapped, day)?;
            }
            None => {
                let key = record.key.as_deref().unwrap_or_default();
                let id: FeedbackId = std::str::from_utf8(key)?.parse()?;
                self.writer.delete(id)?;
            }
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        if self.oldest.is_none() {
            return Ok(());
        }
        let span = tracing::info_span!("commit", changes = self.writer.pending());
        let _entered = span.enter();
        self.writer.commit(&self.checkpoint)?;
        self.oldest = None;
        add(&self.shared.counters.index_commits, 1);
        let now = self.shared.clock.now().millis();
        for taken_in in self.taken_in.drain(..) {
            self.shared.measures.searchable.observe(now.saturating_sub(taken_in));
        }
        self.note_reached();
        self.show();
        Ok(())
    }

    fn note_reached(&self) {
        let topic = &self.shared.topics.mapped;
        let positions = &self.checkpoint.positions;
        let places =
            positions.iter().map(|(partition, next)| (TopicPartition::new(topic, *partition), *next));
        self.shared.progress.reached(Stage::Index, places);
    }

    /// Shows the position; it is the index's own that counts, so that a failure only leaves an old one to be seen.
    fn show(&mut self) {
        let topic = &self.shared.topics.mapped;
        let Some((writer, group)) = &mut self.shown else { return };
        let positions = self
            .checkpoint
            .positions
            .iter()
            .map(|(partition, next)| Place::new(topic, *partition, *next))
            .collect();
        let advance = Some(Advance { group: group.clone(), member: None, positions });
        if let Err(error) = writer.commit(Transaction { appends: Vec::new(), advance }) {
            tracing::warn!(%error, code = error.code(), "the index's position is not shown");
        }
    }
}
