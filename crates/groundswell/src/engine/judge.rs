//! Judging days: the leading analyser records what the counts show, and everybody applies it by reading it back. Days
//! before the installation was begun are judged together; each later day once, when it has closed.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use groundswell_insight::{Daily, Window};
use groundswell_log::{Disposition, Place, Transaction};
use groundswell_model::{Action, Change, Day, Decision, Kind};
use groundswell_steps::issues::{Issues, Judge};

use super::analyse::Analyser;
use super::decisions::action_record;
use super::progress::Stage;
use super::shared::Shared;

/// How long one waits for a judgement before one looks again.
const LOOK: Duration = Duration::from_millis(200);

/// How many times as long as it took to look for a judgement that is due, until one looks again.
const LEISURE: u32 = 20;

/// A judgement of history that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    until: Day,
    asked: u64,
    feedback: u64,
}

impl Analyser<'_> {
    /// Judges what is due. Called when everything in the log has been read.
    pub(super) fn judge(&mut self) -> Result<()> {
        let today = self.shared.closed_until();
        let decided = self.shared.decisions()?.next();
        self.to_judge |= decided != self.decisions_read;
        self.decisions_read = decided;
        let begun = Instant::now();
        let rests = self.judge_from.is_some_and(|from| begun < from);
        if self.lead.is_none() || rests || (!self.to_judge && self.judged_until >= Some(today)) {
            return Ok(());
        }
        let wanted = self.shared.wanted()?;
        // What ingest has not read yet may add nothing to `feedback`, of which nothing would tell: it is looked for again.
        let later = wanted.is_some() && !self.shared.ingest_is_through()?;
        let due = wanted.filter(|_| !later);
        // Looking costs a pass over all that is known: however much comes in, it takes a twentieth of the time at most.
        self.judge_from = Some(begun + LEISURE * begun.elapsed());
        if let Some(due) = due {
            let issues = self.shared.decisions()?.issues.clone();
            let changes = self.shared.judgement(&issues, due.until);
            let from = self.shared.first_heard().unwrap_or(due.until);
            let Due { until, asked, feedback } = due;
            if !self.record(Decision::Judged { from, until, asked, feedback, changes })? {
                return Ok(());
            }
        }
        if self.tick(today)? {
            self.to_judge = later;
            self.judged_until = Some(today);
        }
        Ok(())
    }

    /// Closes the days that have ended since the last tick, one by one; says whether all are closed.
    fn tick(&mut self, today: Day) -> Result<bool> {
        loop {
            let issues = self.shared.decisions()?.issues.clone();
            let Some(first) = issues.first_live(self.shared.folder.zone()) else { return Ok(true) };
            let (seq, closes) = issues.tick().map_or((1, first), |tick| (tick.seq + 1, tick.closes.plus(1)));
            if closes > today {
                return Ok(true);
            }
            let positions = (0..self.shared.config.log.partitions)
                .map(|partition| self.state.position(&self.topic, partition))
                .collect();
            let daily = self.shared.counted(&issues, closes);
            // A day on which nobody was heard is the last of the counts all the same.
            let changes = Judge::of_last(&daily, self.shared.folder.numbers(), &issues).last();
            let not_heard = not_heard(&daily);
            let stands = self.record(Decision::Ticked { seq, closes, positions, not_heard, changes })?;
            if !stands || self.shared.stopping() {
                return Ok(false);
            }
        }
    }

    /// Writes a decision of the analyser's through its one writer; says whether it stands.
    fn record(&mut self, decision: Decision) -> Result<bool> {
        let Some(lead) = &mut self.lead else { return Ok(false) };
        let action =
            Action { actor: "analyser".to_owned(), at: self.shared.clock.now(), reason: None, decision };
        let append = action_record(&self.shared.topics, &action)?;
        match lead.writer.commit(Transaction { appends: vec![append], advance: None }) {
            Ok(_) => Ok(true),
            Err(error) if error.disposition() == Disposition::Stop => {
                Err(error).context("the analyser stops: it cannot record its judgement")
            }
            Err(error) => {
                tracing::warn!(%error, "a judgement was not recorded, it is tried again");
                Ok(false)
            }
        }
    }
}

impl Shared {
    /// The last day that has closed: a while after its end.
    pub(super) fn closed_until(&self) -> Day {
        let after = i64::try_from(self.config.analyse.day_closes_after.get().as_millis()).unwrap_or(0);
        let moment =
            groundswell_model::Timestamp::from_millis(self.clock.now().millis().saturating_sub(after));
        self.folder.zone().day(moment).plus(-1)
    }

    /// Says whether a judgement of history is due: none was made, something asked for one, or much was heard of those
    /// days since.
    pub(super) fn due(&self) -> Result<Option<Due>> {
        let wanted = self.wanted()?;
        Ok(if wanted.is_some() && self.ingest_is_through()? { wanted } else { None })
    }

    /// The same, whether or not ingest has read everything.
    fn wanted(&self) -> Result<Option<Due>> {
        let issues = self.decisions()?.issues.clone();
        let Some(first) = issues.first_live(self.folder.zone()) else { return Ok(None) };
        let heard = self.view().rows().map(|(_, row)| row.day).filter(|day| *day < first).max();
        let Some(until) = heard else { return Ok(None) };
        let window = Window { since: None, until: Some(until), kind: None };
        let feedback = self.view().rows().filter(|(_, row)| window.holds(row)).count() as u64;
        let wanted = issues.asks_for_judgement(feedback);
        Ok(wanted.then_some(Due { until, asked: issues.asked(), feedback }))
    }

    /// Says whether ingest has read everything that its sources hold: a history that is still coming in is judged when it
    /// is there. A process without the role may have no right to ask, and judges what it has.
    pub(super) fn ingest_is_through(&self) -> Result<bool> {
        if !self.roles.runs(Stage::Ingest) {
            return Ok(true);
        }
        for topic in self.sources() {
            let (ends, reached) = (self.ends(&topic)?, self.reached(Stage::Ingest, &topic)?);
            if reached.iter().zip(&ends).any(|(reached, end)| reached < end) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The end of the decisions that were read, to wait for more.
    pub(super) fn decided(&self, next: u64) -> Place {
        Place::new(&self.topics.actions, 0, next)
    }

    fn first_heard(&self) -> Option<Day> {
        self.view().rows().map(|(_, row)| row.day).min()
    }

    /// Counts all days up to one, with the exposure that the company reported.
    pub(super) fn counted(&self, issues: &Issues, until: Day) -> Daily {
        let mut daily = Daily::of(&self.view(), until);
        issues.exposure().supply(&mut daily, self.folder.numbers());
        daily
    }

    /// Judges all days up to one, as history.
    pub(super) fn judgement(&self, issues: &Issues, until: Day) -> Vec<Change> {
        let daily = self.counted(issues, until);
        Judge::new(&daily, self.folder.numbers(), issues).history()
    }

    /// Waits until the history that was read is judged as well, where this process leads; `false` after `deadline`.
    ///
    /// # Errors
    /// Whatever the log gives.
    pub fn await_judged(&self, deadline: Instant) -> Result<bool> {
        loop {
            // Of several analysers only the one that leads records judgements.
            let leads = !self.is_shared() || self.measures.leads.load(Ordering::Relaxed);
            let end = self.ends(&self.topics.actions)?;
            if !self.is_shadowing() && (!leads || self.due()?.is_none()) {
                return Ok(true);
            }
            if self.stopping() || Instant::now() >= deadline {
                return Ok(false);
            }
            let places: Vec<_> = (0..)
                .zip(end)
                .map(|(partition, end)| Place::new(&self.topics.actions, partition, end))
                .collect();
            self.log.wait(&places, LOOK)?;
        }
    }
}

/// Kinds that were silent on the last day although they spoke on most of the 28 days before.
fn not_heard(daily: &Daily) -> Vec<Kind> {
    let silent = |counts: &Vec<u32>| {
        let (last, before) = counts.split_last()?;
        let recent = before.get(before.len().saturating_sub(28)..)?;
        let spoke = recent.iter().filter(|count| **count > 0).count();
        Some(*last == 0 && 2 * spoke > recent.len() && spoke > 0)
    };
    let kinds = Kind::ALL.iter().zip(&daily.heard_of);
    kinds.filter(|(_, counts)| silent(counts).unwrap_or(false)).map(|(kind, _)| *kind).collect()
}
