//! Decisions: appended to `actions` first, and applied by reading them back, so that every process that reads the same
//! actions knows the same.

use std::collections::BTreeMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use anyhow::{Context, Result};

use groundswell_annotate::embedder;
use groundswell_log::{Append, Place, ReadLimit};
use groundswell_model::{Action, Decision};
use groundswell_server::Fault;
use groundswell_steps::issues::Issues;
use groundswell_steps::{Decided, envelope};

use super::import::unavailable;
use super::shared::{Shared, fault, headers};
use super::topics::Topics;

/// What the actions say, as far as they were read.
#[derive(Default)]
pub struct Decisions {
    next: u64,
    imports: BTreeMap<String, Begun>,
    /// Systemic issues.
    pub issues: Issues,
    /// Corrections, promises and reviews.
    decided: Arc<Decided>,
}

/// An import that was begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its pipeline.
    pub pipeline: String,
    /// Its parts' processing generation.
    pub generation: u64,
    /// Whether every row was appended.
    pub finished: bool,
}

impl Decisions {
    /// The next action to read.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Gives an import.
    pub fn import(&self, import: &str) -> Option<Begun> {
        self.imports.get(import).cloned()
    }

    /// Gives what people decided about feedback and promises.
    pub fn decided(&self) -> Arc<Decided> {
        Arc::clone(&self.decided)
    }

    fn take(&mut self, offset: u64, action: Action) {
        self.issues.take(&action);
        Arc::make_mut(&mut self.decided).take(offset, &action);
        match action.decision {
            Decision::ImportStarted { import, pipeline, generation, .. } => {
                // A resumed import keeps the generation of the first.
                self.imports.entry(import.0).or_insert(Begun { pipeline, generation, finished: false });
            }
            Decision::ImportFinished { import } => {
                if let Some(begun) = self.imports.get_mut(&import.0) {
                    begun.finished = true;
                }
            }
            _ => {}
        }
    }
}

/// Makes the record of an action.
pub(super) fn action_record(topics: &Topics, action: &Action) -> Result<Append> {
    Ok(Append {
        topic: topics.actions.clone(),
        partition: 0,
        timestamp_ms: action.at.millis(),
        key: None,
        headers: headers(&[(envelope::SCHEMA, "action.v1")]),
        value: Some(serde_json::to_vec(action)?),
    })
}

impl Shared {
    /// Gives what has been decided so far: reads what is new in `actions` first.
    ///
    /// # Errors
    /// When the log cannot be read, or holds what is no action.
    pub fn decisions(&self) -> Result<MutexGuard<'_, Decisions>> {
        let mut decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let at = Place::new(&self.topics.actions, 0, decisions.next);
            let batch = self.log.read(&at, ReadLimit::default())?;
            for record in &batch.records {
                let bytes = record.value.as_deref().unwrap_or_default();
                let action: Action =
                    serde_json::from_slice(bytes).with_context(|| format!("the action at {at}"))?;
                decisions.take(record.offset, action);
            }
            decisions.next = batch.next;
            if batch.next >= batch.end {
                if decisions.decided.is_unprepared() {
                    Arc::make_mut(&mut decisions.decided).prepare(&embedder()?);
                }
                return Ok(decisions);
            }
        }
    }

    /// Appends a decision; it holds for whoever reads the actions from now on. Gives its number: the offset of its action.
    ///
    /// # Errors
    /// As the log.
    pub fn record(&self, actor: &str, reason: Option<String>, decision: Decision) -> Result<u64, Fault> {
        let action = Action { actor: actor.to_owned(), at: self.clock.now(), reason, decision };
        let append = action_record(&self.topics, &action).map_err(unavailable)?;
        let places = self.log.append(vec![append]).map_err(fault)?;
        places.first().map(|place| place.offset).ok_or_else(|| Fault::Unavailable {
            message: "the log does not say where the decision lies".to_owned(),
        })
    }
}
