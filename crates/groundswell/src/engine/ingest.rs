//! The ingest loop: one batch of raw records is one transaction that appends parts, customers, dead letters and the
//! ledger, and advances the group's position.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use groundswell_adapters::{AdaptError, NullValue};
use groundswell_log::{
    Advance, Append, Batch, Disposition, Event, Group, Header, LogError, ReadLimit, Record, Subscription,
    TopicPartition, Transaction, UNREADABLE_HEADER, Writer, partition_for,
};
use groundswell_model::{Counts, Ledger, RawRecord, Timestamp};
use groundswell_steps::envelope;
use groundswell_steps::{Outcome, Provenance, Refusal};

use super::counters::add;
use super::progress::Stage;
use super::shared::{Shared, header, headers};

const IDLE: Duration = Duration::from_millis(200);
const BATCH_BYTES: usize = 8 << 20;

/// Runs until it is asked to stop.
///
/// # Errors
/// What stops the worker: a fault of the log, or a stretch of records of which none can be used.
pub fn run(shared: &Shared) -> Result<()> {
    let group = shared.topics.group("ingest")?;
    // Where several share the log, each worker has a writer of its own; what they read is shared out by the group.
    let name = if shared.is_shared() { format!("ingest-{}", shared.instance) } else { "ingest".to_owned() };
    let mut worker = Worker {
        shared,
        writer: shared.log.writer(&shared.topics.writer(&name)?)?,
        subscription: shared.log.subscribe(&group, &shared.sources())?,
        group,
        stands: BTreeMap::new(),
        columns: None,
        tally: Tally::default(),
        unplaced: None,
        must_rewind: false,
    };
    if !shared.is_shared() {
        worker.begin_at(&[TopicPartition::new(&shared.topics.raw, 0)])?;
    }
    shared.progress.started(Stage::Ingest);
    while !shared.stopping() {
        if let Err(error) = worker.step() {
            shared.outlast(error)?;
        }
    }
    Ok(())
}

struct Worker<'a> {
    shared: &'a Shared,
    subscription: Box<dyn Subscription>,
    writer: Box<dyn Writer>,
    group: Group,
    /// Where the group stands in the partitions of a shared log that it has read from.
    stands: BTreeMap<TopicPartition, u64>,
    /// The column names of the last table row, as they stand in its header.
    columns: Option<(Vec<u8>, Arc<Vec<String>>)>,
    tally: Tally,
    /// Partitions that were assigned and of which it is not known yet where they begin.
    unplaced: Option<Vec<TopicPartition>>,
    /// Whether the last batch came to nothing and must be read again.
    must_rewind: bool,
}

/// How many items could not be used, of late.
#[derive(Clone, Copy, Default)]
struct Tally {
    /// In a row.
    run: u64,
    /// Items since the share was last taken, and how many of them could not be used.
    items: u64,
    dead: u64,
}

/// What one batch appends, and its account.
#[derive(Default)]
struct Work {
    appends: Vec<Append>,
    ledger: Ledger,
}

impl Worker<'_> {
    fn step(&mut self) -> Result<()> {
        if let Some(partitions) = self.unplaced.take() {
            let placed = self.begin_at(&partitions);
            if placed.is_err() {
                self.unplaced = Some(partitions);
            }
            placed?;
        }
        if self.must_rewind {
            self.subscription.rewind()?;
            self.must_rewind = false;
        }
        let limit = ReadLimit { records: self.shared.config.ingest.batch_records, bytes: BATCH_BYTES };
        match self.subscription.next(limit, IDLE)? {
            Event::Assigned(partitions) => {
                tracing::debug!(count = partitions.len(), "partitions assigned");
                self.unplaced = Some(partitions);
            }
            Event::Revoked { partitions, lost } => {
                tracing::debug!(count = partitions.len(), lost, "partitions revoked");
                add(&self.shared.counters.rebalances, 1);
                self.shared.progress.holds(Stage::Ingest, []);
            }
            Event::Idle => {}
            Event::Batch(batch) => self.handle(&batch)?,
        }
        Ok(())
    }

    /// Notes where newly assigned partitions begin. A source without a position of the group, of which the ledger knows
    /// that it was read, was made anew or its positions have expired: going on would lose or double records.
    fn begin_at(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        if self.shared.is_shared() {
            self.shared.progress.holds(Stage::Ingest, partitions.iter().cloned());
        }
        let topics: BTreeSet<_> = partitions.iter().map(|at| at.topic.clone()).collect();
        let mut accounted = None;
        let (mut positions, mut stands) = (Vec::new(), BTreeMap::new());
        for topic in topics {
            let committed = self.shared.log.committed(&self.group, &topic)?;
            let extents = self.shared.log.extents(&topic)?;
            for (partition, (committed, extent)) in (0..).zip(committed.into_iter().zip(extents)) {
                let at = TopicPartition::new(&topic, partition);
                if committed.is_none() && partitions.contains(&at) && self.shared.is_shared() {
                    if accounted.is_none() {
                        accounted = Some(super::counts::accounted(self.shared)?);
                    }
                    let key = (topic.as_str().to_owned(), partition);
                    if let Some(to) = accounted.as_ref().and_then(|known| known.get(&key)) {
                        add(&self.shared.counters.positions_out_of_range, 1);
                        bail!(
                            "group {} has no position in {at}, which the ledger accounts for up to {to}: the topic was made \
                             anew, or the group's positions have expired; set its position with your Kafka's tools (to {to} \
                             if the topic is the same), then start again",
                            self.group
                        );
                    }
                }
                stands.extend(committed.map(|next| (at.clone(), next)));
                positions.push((at, committed.unwrap_or(extent.start)));
            }
        }
        self.shared.progress.reached(Stage::Ingest, positions);
        self.stands = stands;
        Ok(())
    }

    fn handle(&mut self, batch: &Batch) -> Result<()> {
        let span = tracing::info_span!("ingest", records = batch.records.len());
        let _entered = span.enter();
        let (mut work, tally) = (Work::default(), self.tally);
        for record in &batch.records {
            self.take(batch, record, &mut work)?;
        }
        self.check_share(batch)?;
        let positions = vec![batch.next_place()];
        self.close_ledger(batch, &mut work)?;
        let (parts, dead): (u64, u64) = work
            .ledger
            .pipelines
            .values()
            .fold((0, 0), |sum, counts| (sum.0 + counts.parts, sum.1 + counts.dead()));
        let advance =
            Advance { group: self.group.clone(), member: Some(self.subscription.member()), positions };
        if self.commit(&batch.at, Transaction { appends: work.appends, advance: Some(advance) })? {
            let counters = &self.shared.counters;
            add(&counters.raw_records, batch.records.len() as u64);
            add(&counters.parts, parts);
            add(&counters.dead_letters, dead);
            add(&counters.transactions, 1);
            self.stands.insert(batch.at.clone(), batch.next);
            self.measure(&work.ledger);
            self.shared.progress.reached(Stage::Ingest, [(batch.at.clone(), batch.next)]);
        } else {
            self.tally = tally;
            self.must_rewind = true;
        }
        Ok(())
    }

    /// Counts by code and pipeline. A name that a record made up is none of ours, so that labels stay few.
    fn measure(&self, ledger: &Ledger) {
        for (pipeline, counts) in &ledger.pipelines {
            let known = self.shared.registry.get(pipeline).is_some();
            self.shared.measures.add(if known { pipeline } else { "unknown" }, counts);
        }
    }

    /// Commits; says whether it took place. There are three answers to an error and no fourth. What is tried again is
    /// read and worked anew, so that no copy of a batch is kept.
    fn commit(&mut self, from: &TopicPartition, transaction: Transaction) -> Result<bool> {
        let done = self.still_stands(from).and_then(|()| self.writer.commit(transaction));
        let Err(error) = done else { return Ok(true) };
        match error.disposition() {
            Disposition::Retry => {
                tracing::warn!(%error, code = error.code(), "nothing was written, the batch is tried again");
                if !self.shared.stopping() {
                    self.shared.wait_for_retry();
                }
            }
            Disposition::Abort => {
                tracing::warn!(%error, code = error.code(), "transaction aborted, reading from the committed position");
                add(&self.shared.counters.aborted_transactions, 1);
            }
            Disposition::Stop => return Err(error).context("the ingest worker stops"),
        }
        Ok(false)
    }

    /// Checks that the group's position in a partition is still there: with a topic the brokers delete the positions in it,
    /// and what stands at the same offsets of a new topic of that name are other records.
    fn still_stands(&self, at: &TopicPartition) -> Result<(), LogError> {
        let Some(offset) = self.stands.get(at).copied().filter(|_| self.shared.is_shared()) else {
            return Ok(());
        };
        let committed = self.shared.log.committed(&self.group, &at.topic)?;
        match committed.get(at.partition as usize) {
            Some(Some(_)) => Ok(()),
            _ => Err(LogError::Replaced { at: at.clone(), group: self.group.clone(), offset }),
        }
    }

    fn take(&mut self, batch: &Batch, record: &Record, work: &mut Work) -> Result<()> {
        let own = batch.at.topic == self.shared.topics.raw;
        let name = match self.shared.source_pipelines.get(&batch.at.topic) {
            Some(name) => name.clone(),
            None => header(record, envelope::PIPELINE).unwrap_or_default().to_owned(),
        };
        let import = header(record, envelope::IMPORT).filter(|_| own).map(str::to_owned);
        let received_at = header(record, envelope::RECEIVED_AT)
            .filter(|_| own)
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| Timestamp::from_millis(record.timestamp_ms));
        let outcomes = self.outcomes(&name, record, received_at);
        let mut counts = Counts::default();
        for (index, outcome) in outcomes.into_iter().enumerate() {
            counts.items += 1;
            let dead = matches!(&outcome, Outcome::Refused(_)) && import.is_none();
            self.tally.run = if dead { self.tally.run + 1 } else { 0 };
            self.tally.items += 1;
            self.tally.dead += u64::from(dead);
            work.appends.extend(self.place(batch, record, index, outcome, &mut counts));
        }
        if let Some(import) = import {
            work.ledger.imports.entry(import).or_default().add(&counts);
        }
        let name = if name.is_empty() { "unknown".to_owned() } else { name };
        work.ledger.pipelines.entry(name).or_default().add(&counts);
        if self.tally.run >= self.shared.config.ingest.dead_letter_run {
            bail!(
                "{} items in a row could not be used, the last at {}: correct the pipeline or the source, then start again",
                self.tally.run,
                batch.at.at(record.offset)
            );
        }
        Ok(())
    }

    fn outcomes(&mut self, name: &str, record: &Record, received_at: Timestamp) -> Vec<Outcome> {
        let refused = |code, message: &str| vec![Outcome::Refused(Refusal::new(code, message))];
        if name.is_empty() {
            return refused("ingest.no_pipeline", "the record has no `pipeline` header");
        }
        let Some(pipeline) = self.shared.registry.get(name) else {
            return refused("ingest.unknown_pipeline", "the record names a pipeline that is not there");
        };
        if record.headers.iter().any(|header| header.name == UNREADABLE_HEADER) {
            return refused("ingest.bad_header", "the record has a header whose name is not UTF-8");
        }
        let number = |name| header(record, name).and_then(|text| text.parse::<u64>().ok());
        let provenance = Provenance {
            occurrence: number(envelope::OCCURRENCE).unwrap_or(0),
            generation: number(envelope::GENERATION),
        };
        let mut raw =
            RawRecord { bytes: &[], key: record.key.as_deref(), received_at, columns: None, row: None };
        let Some(bytes) = record.value.as_deref() else {
            return match pipeline.null_value {
                NullValue::Delete => self.shared.ingester.deletion(&pipeline, &raw, provenance),
                NullValue::Refuse => refused("ingest.null_value", "the record has no value"),
            };
        };
        raw.bytes = bytes;
        if let Some(reason) = header(record, envelope::REFUSED) {
            let (code, message) = reason.split_once(' ').unwrap_or((reason, ""));
            let code =
                AdaptError::CODES.iter().find(|known| **known == code).copied().unwrap_or("adapt.bad_row");
            return refused(code, message);
        }
        let columns = self.columns_of(record);
        raw.columns = columns.as_deref().map(Vec::as_slice);
        raw.row = number(envelope::ROW);
        self.shared.ingester.outcomes(&pipeline, &raw, provenance)
    }

    /// Column names repeat from row to row, so they are read only when they change.
    fn columns_of(&mut self, record: &Record) -> Option<Arc<Vec<String>>> {
        let bytes = &record.headers.iter().find(|header| header.name == envelope::COLUMNS)?.value;
        if let Some((known, columns)) = &self.columns
            && known == bytes
        {
            return Some(Arc::clone(columns));
        }
        let columns = Arc::new(serde_json::from_slice(bytes).ok()?);
        self.columns = Some((bytes.clone(), Arc::clone(&columns)));
        Some(columns)
    }

    fn place(
        &self,
        batch: &Batch,
        record: &Record,
        index: usize,
        outcome: Outcome,
        counts: &mut Counts,
    ) -> Option<Append> {
        let append = match outcome {
            Outcome::Skip(reason) => {
                *counts.skipped.entry(reason.to_owned()).or_default() += 1;
                add(&self.shared.counters.skipped, 1);
                return None;
            }
            Outcome::Refused(refusal) => {
                *counts.dead_letters.entry(refusal.code.to_owned()).or_default() += 1;
                self.dead_letter(batch, record, index, &refusal)
            }
            Outcome::Part { encoded, id, deleted } => {
                count(counts, deleted);
                self.feedback_record(record, &id, encoded.key, encoded.bytes, envelope::PART_V1)
            }
            Outcome::Customer { key, bytes, deleted } => {
                count(counts, deleted);
                add(&self.shared.counters.customers, 1);
                let place = format!("{key}/{:016x}", content_hash(&bytes));
                self.feedback_record(record, &key, place, bytes, envelope::CUSTOMER_V1)
            }
        };
        Some(append)
    }

    /// A record of `feedback`: its key names the rank, its partition is that of the id alone.
    fn feedback_record(
        &self,
        record: &Record,
        id: &str,
        key: String,
        bytes: Vec<u8>,
        schema: &str,
    ) -> Append {
        Append {
            topic: self.shared.topics.feedback.clone(),
            partition: partition_for(id.as_bytes(), self.shared.config.log.partitions),
            timestamp_ms: record.timestamp_ms,
            key: Some(key.into_bytes()),
            headers: headers(&[(envelope::SCHEMA, schema)]),
            value: Some(bytes),
        }
    }

    fn dead_letter(&self, batch: &Batch, record: &Record, index: usize, refusal: &Refusal) -> Append {
        let source = self.shared.source_pipelines.get(&batch.at.topic);
        let adapter = source
            .map(String::as_str)
            .or_else(|| header(record, envelope::PIPELINE))
            .and_then(|name| self.shared.registry.get(name))
            .map_or_else(String::new, |pipeline| pipeline.adapter.clone());
        let mut added: Vec<Header> = headers(&[
            (envelope::CODE, refusal.code),
            (envelope::MESSAGE, &refusal.message),
            (envelope::STEP, "ingest"),
            (envelope::ORIGIN, &batch.at.at(record.offset).to_string()),
            (envelope::ITEM, &index.to_string()),
            (envelope::ADAPTER, &adapter),
            (envelope::VERSION, env!("CARGO_PKG_VERSION")),
        ]);
        let mut kept: Vec<Header> = record
            .headers
            .iter()
            .filter(|header| !envelope::DEAD.contains(&header.name.as_str()))
            // Of a source's own topic it is the topic that names the pipeline and the time.
            .filter(|header| source.is_none() || !named_by_topic(&header.name))
            .cloned()
            .collect();
        kept.extend(source.map(|name| headers(&[(envelope::PIPELINE, name)])).into_iter().flatten());
        if source.is_some() || header(record, envelope::RECEIVED_AT).is_none() {
            let received_at = Timestamp::from_millis(record.timestamp_ms).to_string();
            kept.extend(headers(&[(envelope::RECEIVED_AT, &received_at)]));
        }
        kept.append(&mut added);
        Append {
            topic: self.shared.topics.dead_letters.clone(),
            partition: 0,
            timestamp_ms: self.shared.clock.now().millis(),
            key: record.key.clone(),
            headers: kept,
            value: record.value.clone(),
        }
    }

    /// Stops where too large a share of the last items could not be used.
    fn check_share(&mut self, batch: &Batch) -> Result<()> {
        let (ingest, tally) = (&self.shared.config.ingest, &self.tally);
        if tally.items < ingest.dead_letter_window {
            return Ok(());
        }
        let share = tally.dead as f64 / tally.items as f64;
        if share >= ingest.dead_letter_ratio && tally.dead > 0 {
            bail!(
                "{} of the last {} items could not be used, up to {}: correct the pipeline or the source, then start again",
                tally.dead,
                tally.items,
                batch.next_place()
            );
        }
        self.tally = Tally { run: tally.run, ..Tally::default() };
        Ok(())
    }

    fn close_ledger(&self, batch: &Batch, work: &mut Work) -> Result<()> {
        let from = self.shared.progress.of(Stage::Ingest).position(&batch.at.topic, batch.at.partition);
        work.ledger.topic = batch.at.topic.as_str().to_owned();
        work.ledger.partition = batch.at.partition;
        work.ledger.from = from;
        work.ledger.to = batch.next;
        let value = serde_json::to_vec(&work.ledger)?;
        work.appends.push(Append {
            topic: self.shared.topics.ledger.clone(),
            partition: 0,
            timestamp_ms: self.shared.clock.now().millis(),
            key: Some(batch.at.to_string().into_bytes()),
            headers: headers(&[(envelope::SCHEMA, "ledger.v1")]),
            value: Some(value),
        });
        Ok(())
    }
}

fn named_by_topic(header: &str) -> bool {
    [envelope::PIPELINE, envelope::RECEIVED_AT].contains(&header)
}

fn count(counts: &mut Counts, deleted: bool) {
    if deleted {
        counts.tombstones += 1;
    } else {
        counts.parts += 1;
    }
}

fn content_hash(bytes: &[u8]) -> u64 {
    let hash = blake3::hash(bytes);
    hash.as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_be_bytes(*first))
}
