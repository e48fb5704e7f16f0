//! Imports of files: begun by an action, appended chunk by chunk. Each raw record names its import and its row, so the rows
//! in the log are the progress: a second run goes on behind the last of them and never doubles a row.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use anyhow::Result;

use groundswell_log::{Append, Place, ReadLimit, partition_for};
use groundswell_model::{Decision, ImportId};
use groundswell_server::{Fault, ImportOutcome, ImportStart, ImportState, ImportedRows};
use groundswell_steps::envelope;

use super::decisions::Begun;
use super::shared::{Shared, fault, header, headers};

/// The last row of each import that this process knows.
pub type LastRows = BTreeMap<String, u64>;

impl Shared {
    /// Begins or resumes an import.
    pub(super) fn begin(&self, start: ImportStart) -> Result<ImportState, Fault> {
        let pipeline = self
            .registry
            .store(&start.pipeline)
            .map_err(|error| Fault::invalid("api.bad_pipeline", format!("{error:#}")))?;
        let known = self.decisions().map_err(unavailable)?.import(&start.import);
        if known.is_none() {
            let at = self.clock.now();
            let decision = Decision::ImportStarted {
                import: ImportId(start.import.clone()),
                pipeline: pipeline.name.clone(),
                generation: u64::try_from(at.millis()).unwrap_or(0),
                rows: start.rows,
            };
            self.record("import", None, decision)?;
        }
        let appended = self.last_row(&start.import)?;
        let finished = known.is_some_and(|begun| begun.finished);
        Ok(ImportState { appended, finished })
    }

    /// Appends rows of an import.
    pub(super) fn append_import(&self, rows: ImportedRows) -> Result<(), Fault> {
        let begun = self.begun(&rows.import)?;
        let appended = self.last_row(&rows.import)?;
        if appended != rows.after {
            return Err(Fault::Conflict {
                message: format!(
                    "rows up to {appended} are appended, these follow {}: begin again",
                    rows.after
                ),
            });
        }
        let partition = partition_for(rows.import.as_bytes(), self.config.log.partitions);
        let now = self.clock.now().millis();
        let columns = rows.columns.as_ref().map(|columns| serde_json::json!(columns).to_string());
        let generation = begun.generation.to_string();
        let last = rows.rows.last().map(|row| row.number);
        let appends: Vec<Append> = rows
            .rows
            .into_iter()
            .map(|row| {
                let mut all = headers(&[
                    (envelope::PIPELINE, &begun.pipeline),
                    (envelope::IMPORT, &rows.import),
                    (envelope::GENERATION, &generation),
                    (envelope::ROW, &row.number.to_string()),
                ]);
                if let Some(refused) = &row.refused {
                    all.extend(headers(&[(envelope::REFUSED, refused)]));
                }
                if row.occurrence > 0 {
                    all.extend(headers(&[(envelope::OCCURRENCE, &row.occurrence.to_string())]));
                }
                if let Some(columns) = &columns {
                    all.extend(headers(&[(envelope::COLUMNS, columns)]));
                }
                Append {
                    topic: self.topics.raw.clone(),
                    partition,
                    timestamp_ms: now,
                    key: None,
                    headers: all,
                    value: Some(row.bytes),
                }
            })
            .collect();
        let Some(last) = last else { return Ok(()) };
        // ORDER: the lock is held while the rows are appended, so that two runs of one import cannot both append them.
        let mut imports = self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        if imports.get(&rows.import) != Some(&rows.after) {
            return Err(Fault::Conflict { message: "another run is appending the same import".to_owned() });
        }
        self.log.append(appends).map_err(fault)?;
        imports.insert(rows.import, last);
        Ok(())
    }

    /// Says that every row was appended.
    pub(super) fn finish(&self, import: &str) -> Result<(), Fault> {
        let begun = self.begun(import)?;
        if !begun.finished {
            self.record("import", None, Decision::ImportFinished { import: ImportId(import.to_owned()) })?;
        }
        Ok(())
    }

    /// Tells what became of an import.
    pub(super) fn outcome(&self, import: &str, wait: Duration) -> Result<ImportOutcome, Fault> {
        self.begun(import)?;
        let deadline = Instant::now() + wait;
        let done = self.await_reported(deadline).map_err(fault)?
            && self.await_judged(deadline).map_err(unavailable)?;
        let counts = super::counts::of_import(self, import).map_err(unavailable)?;
        Ok(ImportOutcome { done, appended: self.last_row(import)?, counts })
    }

    fn last_row(&self, import: &str) -> Result<u64, Fault> {
        let known = self.imports.lock().unwrap_or_else(PoisonError::into_inner).get(import).copied();
        if let Some(known) = known {
            return Ok(known);
        }
        let last = scan(self, import)?;
        let mut imports = self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(*imports.entry(import.to_owned()).or_insert(last))
    }

    fn begun(&self, import: &str) -> Result<Begun, Fault> {
        self.decisions()
            .map_err(unavailable)?
            .import(import)
            .ok_or_else(|| Fault::NotFound { what: "import".to_owned() })
    }
}

/// Finds the last row that an import appended; 0 before the first.
fn scan(shared: &Shared, import: &str) -> Result<u64, Fault> {
    let partition = partition_for(import.as_bytes(), shared.config.log.partitions);
    let extents = shared.log.extents(&shared.topics.raw).map_err(fault)?;
    let mut next = extents.get(partition as usize).map_or(0, |extent| extent.start);
    let mut last = 0;
    loop {
        let at = Place::new(&shared.topics.raw, partition, next);
        let batch = shared.log.read(&at, ReadLimit::default()).map_err(fault)?;
        for record in batch.records.iter().filter(|record| header(record, envelope::IMPORT) == Some(import)) {
            let row = header(record, envelope::ROW).and_then(|row| row.parse().ok());
            last = last.max(row.unwrap_or(0));
        }
        next = batch.next;
        if batch.next >= batch.end {
            return Ok(last);
        }
    }
}

/// Turns a fault inside into the reply to a request.
pub(super) fn unavailable(error: anyhow::Error) -> Fault {
    Fault::Unavailable { message: format!("{error:#}") }
}
