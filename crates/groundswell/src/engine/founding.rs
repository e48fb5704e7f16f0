//! What all processes on one log agree on, told by the first action: the log's identity, the key of the respondents and
//! the number of partitions.

use anyhow::{Result, bail};

use groundswell_log::{Log, Place, ReadLimit};
use groundswell_model::{Action, Decision, RespondentHasher};

use super::decisions::action_record;
use super::topics::Topics;
use crate::clock::Clock;

/// What the founding says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Founded {
    log: String,
    key: String,
    partitions: u32,
}

/// Reads the identity of a shared log, or founds the installation on an empty one.
///
/// # Errors
/// When this process has another key, or another number of partitions, than the installation was founded with.
pub fn identity(
    log: &dyn Log,
    topics: &Topics,
    hasher: &RespondentHasher,
    partitions: u32,
    clock: &Clock,
) -> Result<String> {
    let own = Founded {
        log: hasher.respondent("log", &clock.now().to_string()).to_string(),
        key: hasher.respondent("groundswell", "the key of this installation").to_string(),
        partitions,
    };
    let founded = match read(log, topics)? {
        Some(founded) => founded,
        None => {
            let decision = Decision::Founded { log: own.log.clone(), key: own.key.clone(), partitions };
            let action = Action { actor: "groundswell".to_owned(), at: clock.now(), reason: None, decision };
            log.append(vec![action_record(topics, &action)?])?;
            // Another process may have been first: what stands first in the log holds.
            read(log, topics)?.unwrap_or_else(|| own.clone())
        }
    };
    if founded.key != own.key {
        bail!(
            "the key respondent.key in this data folder is not the installation's: copy it from the folder of a process \
             that works already, or every person would count as new"
        );
    }
    if founded.partitions != partitions {
        bail!(
            "the installation was founded with {} partitions, the configuration says {partitions}: set log.partitions = {}; \
             another number needs new topics under another installation.topic_prefix and a replay",
            founded.partitions,
            founded.partitions
        );
    }
    Ok(founded.log)
}

fn read(log: &dyn Log, topics: &Topics) -> Result<Option<Founded>> {
    let start = log.extents(&topics.actions)?.first().map_or(0, |extent| extent.start);
    let mut at = Place::new(&topics.actions, 0, start);
    loop {
        let batch = log.read(&at, ReadLimit::default())?;
        for record in &batch.records {
            let action: Action = serde_json::from_slice(record.value.as_deref().unwrap_or_default())?;
            if let Decision::Founded { log, key, partitions } = action.decision {
                return Ok(Some(Founded { log, key, partitions }));
            }
        }
        if batch.next >= batch.end {
            return Ok(None);
        }
        at = batch.next_place();
    }
}
