//! Housekeeping of the embedded log (Kafka's brokers do their own): retention and compaction, at intervals, by rewriting closed segments.

use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;

/// Takes up what another process writes into the index that this one reads.
pub async fn look_again(shared: Arc<Shared>) {
    let Some(index) = shared.index.clone().filter(|_| !shared.roles.index) else { return };
    let mut ticks = tokio::time::interval(shared.config.index.commit_after.get());
    while !shared.stopping() {
        ticks.tick().await;
        let index = index.clone();
        match tokio::task::spawn_blocking(move || index.refresh()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, code = error.code(), "the index cannot be read anew"),
            Err(error) => tracing::error!(%error, "reading the index anew failed inside"),
        }
    }
}

/// Runs until the installation stops.
pub async fn run(shared: Arc<Shared>) {
    let Some(embedded) = shared.embedded.clone() else { return };
    let mut ticks = tokio::time::interval(shared.config.log.housekeeping.get().max(Duration::from_secs(1)));
    while !shared.stopping() {
        ticks.tick().await;
        let (log, now) = (Arc::clone(&embedded), shared.clock.now().millis());
        let done = tokio::task::spawn_blocking(move || log.retain(now)).await;
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
