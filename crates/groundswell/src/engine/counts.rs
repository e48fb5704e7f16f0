//! The account: the ledger summed up, held against state and index.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use anyhow::{Context, Result};

use groundswell_log::{Place, ReadLimit};
use groundswell_model::{Counts, Ledger};
use groundswell_server::{CountsReport, PipelineCounts};

use super::progress::Stage;
use super::shared::{Shared, add_all};

/// The ledger, summed as far as it was read.
#[derive(Debug, Default)]
pub struct LedgerSums {
    next: u64,
    pipelines: BTreeMap<String, Counts>,
    imports: BTreeMap<String, Counts>,
    reached: BTreeMap<(String, u32), u64>,
    /// How far stored parts were annotated anew, by processing version.
    reannotated: BTreeMap<(String, u32, u32), u64>,
    gaps: Vec<String>,
}

impl LedgerSums {
    fn take(&mut self, ledger: &Ledger) {
        if let Some(processing) = ledger.processing {
            self.take_reannotation(ledger, processing);
            return;
        }
        let source = (ledger.topic.clone(), ledger.partition);
        let expected = self.reached.get(&source).copied();
        if let Some(expected) = expected
            && expected != ledger.from
        {
            self.gaps
                .push(format!("{}-{}: {} follows {expected}", ledger.topic, ledger.partition, ledger.from));
        }
        self.reached.insert(source, ledger.to);
        add_all(&mut self.pipelines, &ledger.pipelines);
        add_all(&mut self.imports, &ledger.imports);
    }

    /// Ranges in which nothing was to be done have no record, but no range is gone through twice.
    fn take_reannotation(&mut self, ledger: &Ledger, processing: u32) {
        let source = (ledger.topic.clone(), ledger.partition, processing);
        let reached = self.reannotated.insert(source, ledger.to).unwrap_or(0);
        if ledger.from < reached {
            self.gaps.push(format!(
                "{}-{}: annotated anew from {}, which was done up to {reached}",
                ledger.topic, ledger.partition, ledger.from
            ));
        }
        add_all(&mut self.pipelines, &ledger.pipelines);
    }
}

/// Reads what the ledger has gained, and gives the sums to `use_it`.
fn with_sums<T>(shared: &Shared, use_it: impl FnOnce(&LedgerSums) -> T) -> Result<T> {
    let mut sums = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let at = Place::new(&shared.topics.ledger, 0, sums.next);
        let batch = shared.log.read(&at, ReadLimit::default())?;
        for record in &batch.records {
            let bytes = record.value.as_deref().unwrap_or_default();
            let ledger = serde_json::from_slice(bytes).with_context(|| format!("the ledger at {at}"))?;
            sums.take(&ledger);
        }
        sums.next = batch.next;
        if batch.next >= batch.end {
            return Ok(use_it(&sums));
        }
    }
}

/// Gives how far the ledger accounts for each partition of the sources.
///
/// # Errors
/// When the ledger cannot be read.
pub fn accounted(shared: &Shared) -> Result<BTreeMap<(String, u32), u64>> {
    with_sums(shared, |sums| sums.reached.clone())
}

/// Gives the counts of one import.
///
/// # Errors
/// When the ledger cannot be read.
pub fn of_import(shared: &Shared, import: &str) -> Result<Counts> {
    with_sums(shared, |sums| sums.imports.get(import).cloned().unwrap_or_default())
}

/// Accounts for every item.
///
/// # Errors
/// When the ledger cannot be read.
pub fn report(shared: &Shared) -> Result<CountsReport> {
    let (sums, gaps, reached) =
        with_sums(shared, |sums| (sums.pipelines.clone(), sums.gaps.clone(), sums.reached.clone()))?;
    let state = shared.state_counters();
    let mut report = CountsReport { faults: gaps, ..CountsReport::default() };
    for (name, counts) in &sums {
        if !counts.holds() {
            report.faults.push(format!("{name}: raw is not parts + dead letters + tombstones + skipped"));
        }
        let seen = state.get(name).copied().unwrap_or_default();
        if seen.parts != seen.feedback + seen.repeats + seen.erased {
            report.faults.push(format!("{name}: parts are not feedback + repeats + erased"));
        }
        let row = PipelineCounts {
            raw: counts.items,
            parts: counts.parts,
            dead_letters: counts.dead(),
            tombstones: counts.tombstones,
            skipped: counts.skips(),
            feedback: seen.feedback,
            repeats: seen.repeats,
            erased: seen.erased,
        };
        report.pipelines.insert(name.clone(), row);
    }
    against_views(shared, &reached, &mut report)?;
    report.holds = report.faults.is_empty();
    Ok(report)
}

/// Holds the ledger against state and index, as far as they have caught up with it.
fn against_views(
    shared: &Shared,
    reached: &BTreeMap<(String, u32), u64>,
    report: &mut CountsReport,
) -> Result<()> {
    let running = shared.is_shared() || shared.progress.of(Stage::Ingest).running;
    for ((topic, partition), to) in reached.iter().filter(|_| !running) {
        let committed = shared.progress.of(Stage::Ingest).position(&topic.parse()?, *partition);
        if topic == shared.topics.raw.as_str() && committed != *to {
            report
                .faults
                .push(format!("{topic}-{partition}: the ledger ends at {to}, the position is {committed}"));
        }
    }
    let caught_up = is_at_end(shared, Stage::Analyse, &shared.topics.feedback)?;
    if caught_up {
        for (name, row) in &report.pipelines {
            let seen = row.feedback + row.repeats + row.erased;
            let fits = if shared.begun_late { seen <= row.parts } else { seen == row.parts };
            if !fits {
                report
                    .faults
                    .push(format!("{name}: {} parts were written, {seen} are in the state", row.parts));
            }
        }
    }
    report.live = shared.view().len() as u64;
    let Some(index) = &shared.index else { return Ok(()) };
    report.indexed = index.count();
    let searchable = caught_up && is_at_end(shared, Stage::Index, &shared.topics.mapped)?;
    if searchable && report.live != report.indexed {
        report.faults.push(format!("{} feedback are live, {} are in the index", report.live, report.indexed));
    }
    Ok(())
}

fn is_at_end(shared: &Shared, stage: Stage, topic: &groundswell_log::Topic) -> Result<bool> {
    let reached = shared.reached(stage, topic)?;
    Ok(reached.iter().zip(shared.ends(topic)?).all(|(reached, end)| *reached >= end))
}
