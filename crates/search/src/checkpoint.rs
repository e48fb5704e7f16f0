//! The position that an index has reached, kept in the payload of the commit that holds what was read up to it.

use std::collections::BTreeMap;

use groundswell_text::ANALYSER_VERSION;
use serde::{Deserialize, Serialize};

use crate::schema::SCHEMA;

/// How far the index has read the `mapped` topic of one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The next position to read, by partition of `mapped`.
    pub positions: BTreeMap<u32, u64>,
    /// The identity of the log that the positions belong to.
    pub log_id: String,
    /// The version of the index schema; a commit always writes its own.
    pub schema: u32,
}

impl Checkpoint {
    /// Makes the checkpoint of an index that has read nothing of a log.
    pub fn start(log_id: &str) -> Self {
        Self { positions: BTreeMap::new(), log_id: log_id.to_owned(), schema: SCHEMA }
    }
}

/// What a commit's payload holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CommitNote {
    pub checkpoint: Checkpoint,
    /// The version of the text analysis that made the stems.
    pub analyser: String,
    /// Feedback in the index, without markers of deletion.
    pub documents: u64,
}

impl CommitNote {
    pub(crate) fn new(checkpoint: &Checkpoint, documents: u64) -> Self {
        let checkpoint = Checkpoint { schema: SCHEMA, ..checkpoint.clone() };
        Self { checkpoint, analyser: ANALYSER_VERSION.to_owned(), documents }
    }

    /// Says why an index with this payload cannot serve a log, if it cannot.
    pub(crate) fn unfit_for(&self, log_id: &str) -> Option<String> {
        if self.checkpoint.schema != SCHEMA {
            return Some(format!(
                "its schema is version {}, this program writes {SCHEMA}",
                self.checkpoint.schema
            ));
        }
        if self.analyser != ANALYSER_VERSION {
            return Some(format!(
                "its text analysis is {:?}, this program uses {ANALYSER_VERSION:?}",
                self.analyser
            ));
        }
        if self.checkpoint.log_id != log_id {
            return Some(format!("it belongs to log {:?}, not {log_id:?}", self.checkpoint.log_id));
        }
        None
    }
}
