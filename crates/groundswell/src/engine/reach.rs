//! How far the work has come, whether the loop runs here or in another process; and waiting for it.

use std::time::{Duration, Instant};

use groundswell_log::{LogError, Topic};

use super::progress::Stage;
use super::shared::Shared;

/// How long one looks away from what other processes do: of their positions no event tells.
const LOOK: Duration = Duration::from_millis(50);

impl Shared {
    /// The topics that a stage reads.
    pub(super) fn read_by(&self, stage: Stage) -> Vec<Topic> {
        match stage {
            Stage::Ingest => self.sources(),
            Stage::Analyse => vec![self.topics.feedback.clone()],
            Stage::Index => vec![self.topics.mapped.clone()],
        }
    }

    /// The topics that ingest workers read: our own, and on a shared log those that pipelines name.
    pub(super) fn sources(&self) -> Vec<Topic> {
        let own = std::iter::once(self.topics.raw.clone());
        own.chain(self.source_pipelines.keys().cloned()).collect()
    }

    /// Gives the positions that a stage has reached in a topic, in the order of its partitions.
    ///
    /// # Errors
    /// Whatever the log gives.
    pub(super) fn reached(&self, stage: Stage, topic: &Topic) -> Result<Vec<u64>, LogError> {
        let extents = self.log.extents(topic)?;
        // Of the sources others may have a share; their positions are those of the group.
        let here = self.roles.runs(stage) && !(self.is_shared() && stage == Stage::Ingest);
        if here {
            let reached = self.progress.of(stage);
            return Ok((0..)
                .zip(&extents)
                .map(|(partition, _)| reached.position(topic, partition))
                .collect());
        }
        if let (Stage::Index, Some(index)) = (stage, &self.index) {
            let positions = index.checkpoint().positions;
            let reached = (0..).zip(&extents).map(|(partition, _)| positions.get(&partition).copied());
            return Ok(reached.map(|position| position.unwrap_or(0)).collect());
        }
        let committed = self.log.committed(&self.topics.group(stage.name())?, topic)?;
        Ok(committed
            .iter()
            .zip(&extents)
            .map(|(committed, extent)| committed.unwrap_or(extent.start))
            .collect())
    }

    /// Waits until everything that is in the log now is searchable and reported; `false` after `deadline`, or when a
    /// loop of this process has stopped.
    ///
    /// # Errors
    /// Whatever the log gives.
    pub fn await_reported(&self, deadline: Instant) -> Result<bool, LogError> {
        for stage in Stage::ALL {
            if stage == Stage::Index && self.index.is_none() {
                continue;
            }
            // Decisions about feedback are part of what is reported; in another process they are seen in a moment.
            if stage == Stage::Index && !self.is_shared() {
                let (actions, goal) = (&self.topics.actions, self.ends(&self.topics.actions)?);
                if !self.progress.wait(Stage::Analyse, actions, &goal, deadline) {
                    return Ok(false);
                }
            }
            for topic in self.read_by(stage) {
                if !self.await_stage(stage, &topic, deadline)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Waits until a stage has read what a topic holds now; `false` after `deadline`, or when the loop has stopped.
    ///
    /// # Errors
    /// Whatever the log gives.
    pub(super) fn await_stage(
        &self,
        stage: Stage,
        topic: &Topic,
        deadline: Instant,
    ) -> Result<bool, LogError> {
        let goal = self.ends(topic)?;
        if !self.is_shared() {
            return Ok(self.progress.wait(stage, topic, &goal, deadline));
        }
        loop {
            let reached = self.reached(stage, topic)?;
            if reached.iter().zip(&goal).all(|(reached, goal)| reached >= goal) {
                return Ok(true);
            }
            let stopped = self.roles.runs(stage) && self.progress.of(stage).fault.is_some();
            if stopped || self.stopping() || Instant::now() >= deadline {
                return Ok(false);
            }
            std::thread::sleep(LOOK);
        }
    }
}
