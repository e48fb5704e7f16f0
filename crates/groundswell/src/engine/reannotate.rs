//! Re-annotation: stored parts of an older processing version are annotated anew from their redacted text and appended with
//! a higher rank. One transaction holds the parts, their account in the ledger and the position, so a run that was
//! interrupted goes on where it was, and a second one finds nothing to do.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use groundswell_annotate::CODE_VERSION;
use groundswell_insight::PartPlace;
use groundswell_log::{
    Advance, Append, Batch, Group, Place, ReadLimit, Record, Transaction, Writer, partition_for,
};
use groundswell_model::ledger::RE_ANNOTATION;
use groundswell_model::{Counts, Ledger, Part};
use groundswell_server::{Fault, Reannotation};
use groundswell_steps::envelope;

use super::import::unavailable;
use super::progress::Stage;
use super::shared::{Shared, fault, header, headers};

/// Batches of `feedback` that one step goes through, so that a request is answered in seconds.
const STEP_BATCHES: u64 = 10;
/// How long a step waits for the analyser.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes read at a time.
const BATCH_BYTES: usize = 8 << 20;

impl Shared {
    /// Takes the next step. Nothing is done while the analyser is behind: which part of a name stands is its to say.
    pub(super) fn step_reannotation(&self) -> Result<Reannotation, Fault> {
        let _one_at_a_time = self.reannotating.lock().unwrap_or_else(PoisonError::into_inner);
        let topic = &self.topics.feedback;
        let goal = self.ends(topic).map_err(fault)?;
        let group = self.topics.group(&format!("reannotate-{CODE_VERSION}")).map_err(fault)?;
        let mut step =
            Step { group, done: Reannotation { version: CODE_VERSION, ..Reannotation::default() } };
        let starts = self.reannotation_starts(&step.group, &goal)?;
        step.done.total = goal.iter().sum();
        step.done.read = starts.iter().sum();
        if starts == goal {
            step.done.done = true;
            return Ok(step.done);
        }
        if !self.await_stage(Stage::Analyse, topic, Instant::now() + PATIENCE).map_err(fault)? {
            return Ok(step.done);
        }
        let mut writer = self.log.writer(&self.topics.writer("reannotate").map_err(fault)?).map_err(fault)?;
        let mut left = STEP_BATCHES * self.config.analyse.batch_records as u64;
        for (partition, (start, end)) in (0..).zip(starts.into_iter().zip(goal)) {
            let mut at = Place::new(topic, partition, start);
            while at.offset < end && left > 0 && !self.stopping() {
                let mut batch = self.log.read(&at, self.batch_limit()).map_err(fault)?;
                // What lies behind the goal may not be folded yet.
                batch.records.retain(|record| record.offset < end);
                batch.next = batch.next.clamp(at.offset + 1, end);
                self.bring_batch(&batch, at.offset, &mut step, writer.as_mut())?;
                left = left.saturating_sub(batch.next - at.offset);
                step.done.read += batch.next - at.offset;
                at.offset = batch.next;
            }
        }
        // What was appended lies behind the goal: a last step goes over it and finds it current.
        step.done.done = step.done.read >= step.done.total && step.done.reannotated == 0;
        Ok(step.done)
    }

    /// Gives where each partition is to be gone on with, at most its end.
    fn reannotation_starts(&self, group: &Group, goal: &[u64]) -> Result<Vec<u64>, Fault> {
        let topic = &self.topics.feedback;
        let committed = self.log.committed(group, topic).map_err(fault)?;
        let extents = self.log.extents(topic).map_err(fault)?;
        let start = |((committed, extent), end): ((Option<u64>, groundswell_log::Extent), &u64)| {
            committed.unwrap_or(0).max(extent.start).min(*end)
        };
        Ok(committed.into_iter().zip(extents).zip(goal).map(start).collect())
    }

    fn batch_limit(&self) -> ReadLimit {
        ReadLimit { records: self.config.analyse.batch_records, bytes: BATCH_BYTES }
    }

    /// Annotates anew what stands and is not current in one batch, in one transaction.
    fn bring_batch(
        &self,
        batch: &Batch,
        from: u64,
        step: &mut Step,
        writer: &mut dyn Writer,
    ) -> Result<(), Fault> {
        let mut appends = Vec::new();
        for record in &batch.records {
            let place = PartPlace { partition: batch.at.partition, offset: record.offset };
            let append = self
                .brought(record, place)
                .with_context(|| format!("the record at {}", batch.at.at(record.offset)));
            appends.extend(append.map_err(unavailable)?);
        }
        let parts = appends.len() as u64;
        if parts > 0 {
            appends.push(self.reannotation_account(batch, from, parts).map_err(unavailable)?);
        }
        let positions = vec![batch.next_place()];
        let advance = Advance { group: step.group.clone(), member: None, positions };
        writer.commit(Transaction { appends, advance: Some(advance) }).map_err(fault)?;
        step.done.reannotated += parts;
        Ok(())
    }

    /// Gives a part as this program annotates it; nothing for what is current, superseded, deleted or no part.
    fn brought(&self, record: &Record, place: PartPlace) -> Result<Option<Append>> {
        let Some(bytes) = record.value.as_deref() else { return Ok(None) };
        if header(record, envelope::SCHEMA) != Some(envelope::PART_V1) {
            return Ok(None);
        }
        let (part, _) = Part::decode(bytes)?;
        let before = part.processing.code.to_string();
        if part.deleted || part.processing.code >= CODE_VERSION || !self.stands(&part, place)? {
            return Ok(None);
        }
        let Some(part) = self.ingester.reannotated(part) else { return Ok(None) };
        let encoded = part.encode()?;
        Ok(Some(Append {
            topic: self.topics.feedback.clone(),
            partition: partition_for(part.id.to_string().as_bytes(), self.config.log.partitions),
            timestamp_ms: record.timestamp_ms,
            key: Some(encoded.key.into_bytes()),
            headers: headers(&[(envelope::SCHEMA, envelope::PART_V1), (envelope::REANNOTATED, &before)]),
            value: Some(encoded.bytes),
        }))
    }

    /// Says whether the part at this place counts. One that a correction has superseded must not come back with a higher
    /// rank; one that a deletion took back stays so.
    fn stands(&self, part: &Part, place: PartPlace) -> Result<bool> {
        let holdings = self.holdings.as_ref().context("this process has no state")?;
        let Some(holding) = holdings.feedback(part.id)? else { return Ok(false) };
        let counting = holding.standing.counting();
        Ok(counting.into_iter().any(|(name, _, at)| name == part.part && *at == place))
    }

    fn reannotation_account(&self, batch: &Batch, from: u64, parts: u64) -> Result<Append> {
        let counts = Counts { items: parts, parts, ..Counts::default() };
        let ledger = Ledger {
            topic: batch.at.topic.as_str().to_owned(),
            partition: batch.at.partition,
            from,
            to: batch.next,
            processing: Some(CODE_VERSION),
            pipelines: [(RE_ANNOTATION.to_owned(), counts)].into(),
            ..Ledger::default()
        };
        Ok(Append {
            topic: self.topics.ledger.clone(),
            partition: 0,
            timestamp_ms: self.clock.now().millis(),
            key: Some(format!("{}/{CODE_VERSION}", batch.at).into_bytes()),
            headers: headers(&[(envelope::SCHEMA, "ledger.v1")]),
            value: Some(serde_json::to_vec(&ledger)?),
        })
    }
}

/// One step: whose position it moves, and what it has done so far.
struct Step {
    group: Group,
    done: Reannotation,
}
