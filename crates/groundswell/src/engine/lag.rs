//! How far the loops of this process are behind, and since when. On Kafka it is looked at beside them, so that nobody who
//! asks waits for brokers that are away; what was seen last stays.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use groundswell_log::{LogError, TopicPartition};
use groundswell_model::Timestamp;

use super::progress::Stage;
use super::shared::Shared;

/// How often one looks.
const EVERY: Duration = Duration::from_secs(5);

/// What was seen.
#[derive(Clone, Debug)]
pub struct Look {
    /// When.
    pub at: Timestamp,
    /// Every partition that a loop of this process reads.
    pub lags: Vec<Lag>,
}

/// How far a loop is in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// The loop.
    pub stage: Stage,
    /// The partition.
    pub at: TopicPartition,
    /// Its position.
    pub position: u64,
    /// Records behind it.
    pub records: u64,
    /// Append time of the first of them.
    pub oldest_ms: Option<i64>,
}

impl Shared {
    /// Gives what was seen last; the embedded log is at hand, so that one looks anew.
    pub(super) fn last_look(&self) -> Option<Look> {
        if !self.is_shared() {
            self.look();
        }
        self.measures.look.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks; where that fails, what was seen last stays.
    fn look(&self) {
        match self.see() {
            Ok(look) => *self.measures.look.lock().unwrap_or_else(PoisonError::into_inner) = Some(look),
            Err(error) => tracing::debug!(%error, code = error.code(), "the lag cannot be seen"),
        }
    }

    fn see(&self) -> Result<Look, LogError> {
        let mut lags = Vec::new();
        for stage in Stage::ALL.into_iter().filter(|stage| self.roles.runs(*stage)) {
            for topic in self.read_by(stage) {
                let reached = self.progress.of(stage);
                for (partition, extent) in (0..).zip(self.log.extents(&topic)?) {
                    let at = TopicPartition::new(&topic, partition);
                    if !reached.holds(&at) {
                        continue;
                    }
                    let position = reached.position(&topic, partition).max(extent.start);
                    let records = extent.end.saturating_sub(position);
                    let oldest_ms = if records > 0 { self.log.time_of_next(&at.at(position))? } else { None };
                    lags.push(Lag { stage, at, position, records, oldest_ms });
                }
            }
        }
        Ok(Look { at: self.clock.now(), lags })
    }
}

/// Looks again and again until the installation stops; on the embedded log nobody needs it.
pub async fn keep_looking(shared: Arc<Shared>) {
    if !shared.is_shared() {
        return;
    }
    while !shared.stopping() {
        let own = Arc::clone(&shared);
        if let Err(error) = tokio::task::spawn_blocking(move || own.look()).await {
            tracing::error!(%error, "looking at the lag failed inside");
        }
        tokio::time::sleep(EVERY).await;
    }
}
