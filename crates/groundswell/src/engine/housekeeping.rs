//! Housekeeping of the embedded log: retention and compaction, at intervals, by rewriting closed segments.

use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;

/// Runs until the installation stops.
pub async fn run(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(shared.config.log.housekeeping.get().max(Duration::from_secs(1)));
    while !shared.stopping() {
        ticks.tick().await;
        let worker = Arc::clone(&shared);
        let done =
            tokio::task::spawn_blocking(move || worker.embedded.retain(worker.clock.now().millis())).await;
        match done {
            Ok(Ok(retained)) if retained.records_removed > 0 => {
                tracing::info!(
                    records = retained.records_removed,
                    segments = retained.segments_rewritten,
                    "log tidied"
                );
            }
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, code = error.code(), "the log could not be tidied"),
            Err(error) => tracing::error!(%error, "housekeeping failed inside"),
        }
    }
}
