//! Who leads among the analysers of one log: the owner of `actions-0`. The others follow what it has published.

use std::time::Duration;

use anyhow::{Context, Result};

use groundswell_log::{Disposition, Event, Place, ReadLimit, Transaction};
use groundswell_model::{Action, Decision, Version};

use super::analyse::{Analyser, Lead};
use super::counters::add;
use super::decisions::action_record;
use super::progress::Stage;
use super::sorted::sort;

impl Analyser<'_> {
    /// Sees to membership: takes the lead, or gives it up.
    pub(super) fn watch(&mut self, wait: Duration) -> Result<()> {
        match self.subscription.next(ReadLimit::default(), wait)? {
            Event::Assigned(partitions) => {
                self.owns = !partitions.is_empty();
                self.lead = None;
            }
            Event::Revoked { .. } => {
                self.owns = false;
                add(&self.shared.counters.rebalances, 1);
                tracing::info!("another analyser may lead from now on");
                self.lead = None;
            }
            // Who decides applies a decision by reading it; here the group's position only moves along.
            Event::Batch(batch) => drop(self.published.insert(batch.at, batch.next)),
            Event::Idle => {}
        }
        Ok(())
    }

    /// Takes the lead; who does not come through with it does not lead, and tries again.
    pub(super) fn take_the_lead(&mut self) -> Result<()> {
        let taken = self.begin_to_lead();
        if taken.is_err() {
            self.lead = None;
        }
        taken
    }

    /// Fences every earlier analyser; the offset of the `started` action is the epoch.
    fn begin_to_lead(&mut self) -> Result<()> {
        let shared = self.shared;
        let mut writer = shared.log.writer(&shared.topics.writer("analyse")?)?;
        let map = shared.folder.mapper().map();
        let action = Action {
            actor: "analyser".to_owned(),
            at: shared.clock.now(),
            reason: None,
            decision: Decision::Started {
                program: env!("CARGO_PKG_VERSION").to_owned(),
                journey: format!("{} {}", map.name, map.version),
            },
        };
        let append = action_record(&shared.topics, &action)?;
        let places = loop {
            let transaction = Transaction { appends: vec![append.clone()], advance: None };
            match writer.commit(transaction) {
                Ok(places) => break places,
                Err(error) if error.disposition() != Disposition::Stop => {
                    if shared.stopping() {
                        return Ok(());
                    }
                    tracing::warn!(%error, "the analyser cannot lead yet");
                    shared.progress.held_up(Stage::Analyse);
                    shared.wait_for_retry();
                }
                Err(error) => return Err(error).context("the analyser cannot lead"),
            }
        };
        let epoch = places.first().map_or(0, |place| place.offset);
        tracing::info!(epoch, "this analyser leads");
        self.lead = Some(Lead { writer, version: Version { epoch, sequence: 0 } });
        self.publish_pending()?;
        self.publish_unpublished()?;
        shared.progress.started(Stage::Analyse);
        Ok(())
    }

    /// Publishes what this analyser had folded when another led, or before its own publication was aborted: the group's
    /// position says how far publishing came.
    fn publish_unpublished(&mut self) -> Result<()> {
        let committed = self.shared.log.committed(&self.group, &self.shared.topics.feedback)?;
        for (partition, committed) in (0..).zip(committed) {
            let folded = self.state.position(&self.topic, partition);
            let Some(mut next) = committed else { continue };
            while next < folded {
                let at = Place::new(&self.shared.topics.feedback, partition, next);
                let mut records = self.shared.log.read(&at, self.limit())?;
                records.records.retain(|record| record.offset < folded);
                next = records.next.max(next + 1);
                let again = sort(&records)?.arrivals.into_keys().collect();
                if !self.publish_again(again, &[])? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Follows the analyser that leads: folds what it has published, and publishes nothing.
    pub(super) fn follow(&mut self) -> Result<()> {
        let mut behind = false;
        let committed = self.shared.log.committed(&self.group, &self.shared.topics.feedback)?;
        for (partition, committed) in (0..).zip(committed) {
            let folded = self.state.position(&self.topic, partition);
            let Some(bound) = committed.filter(|bound| *bound > folded) else { continue };
            let at = Place::new(&self.shared.topics.feedback, partition, folded);
            let mut records = self.shared.log.read(&at, self.limit())?;
            records.records.retain(|record| record.offset < bound);
            records.next = records.next.min(bound);
            self.handle(&records)?;
            behind = true;
        }
        while self.apply_decisions(true)? && !self.shared.stopping() {}
        if behind { Ok(()) } else { self.shared.end_shadow() }
    }
}
