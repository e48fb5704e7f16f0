//! When themes are looked for without being asked: when none are known, when a week has gone by, or when much is new.

use std::time::{Duration, Instant};

use anyhow::Result;

use groundswell_model::{Day, ThemeOccasion};

use super::desk::Wanted;
use crate::engine::analyse::Analyser;
use crate::engine::shared::Shared;

/// Feedback with text from which on themes are looked for.
const LEAST: u64 = 200;

/// So many times as much text as at the last run is much that is new.
const GROWN: f64 = 1.5;

/// Days from one run to the next.
const EVERY: i32 = 7;

/// How long one waits after a search before one asks for another: what made it fail may last.
const AGAIN: Duration = Duration::from_secs(60);

/// Searches that are waited for.
const TRIES: u64 = 3;

/// How many times as long as looking took until one looks again.
const LEISURE: u32 = 20;

impl Analyser<'_> {
    /// Asks for a search that is due. Called when everything in the log was read and judged.
    pub(in crate::engine) fn look_for_themes(&mut self) -> Result<()> {
        let begun = Instant::now();
        let rests = self.themes_from.is_some_and(|from| begun < from);
        if self.lead.is_none() || rests || self.shared.desk.rests() || self.shared.desk.is_busy() {
            return Ok(());
        }
        let changes = (self.shared.view().changes(), self.decisions_read, self.shared.closed_until());
        if self.themes_looked == Some(changes) {
            return Ok(());
        }
        let mut rest = LEISURE * begun.elapsed();
        match self.shared.themes_due()? {
            Some(occasion) => {
                self.shared.ask_for_themes(occasion);
                rest = rest.max(AGAIN);
            }
            None => self.themes_looked = Some(changes),
        }
        self.themes_from = Some(begun + rest);
        Ok(())
    }
}

impl Shared {
    /// Looks for no themes from now on unless a person asks.
    pub fn look_for_nothing(&self) {
        self.desk.rest();
    }

    fn ask_for_themes(&self, occasion: ThemeOccasion) {
        let actor = "analyser".to_owned();
        self.desk.ask(Wanted { occasion, actor, afresh: false });
    }

    /// Says whether themes are to be looked for, and why.
    pub(in crate::engine) fn themes_due(&self) -> Result<Option<ThemeOccasion>> {
        if self.is_shadowing() || self.due()?.is_some() || !self.ingest_is_through()? {
            return Ok(None);
        }
        let (texts, last) = self.texts();
        let decided = self.decisions()?.decided();
        let Some(run) = decided.themes.last_run() else {
            return Ok((texts >= LEAST).then_some(ThemeOccasion::Due));
        };
        let week = last.is_some_and(|last| last.number() - run.until.number() >= EVERY);
        if texts as f64 >= GROWN * run.feedback.max(LEAST) as f64 || (week && texts > run.feedback) {
            return Ok(Some(ThemeOccasion::Due));
        }
        let closed = self.desk.emerged_until().is_none_or(|until| until < self.closed_until());
        Ok((closed && texts > run.feedback).then_some(ThemeOccasion::Emerged))
    }

    /// Feedback with text, and the last day that anybody was heard.
    pub(super) fn texts(&self) -> (u64, Option<Day>) {
        let today = self.folder.zone().day(self.clock.now());
        let view = self.view();
        let mut texts = 0;
        let mut last = None;
        for (_, row) in view.rows() {
            texts += u64::from(row.quality > 0);
            last = last.max(Some(row.day).filter(|day| *day <= today));
        }
        (texts, last)
    }

    /// Waits until themes that are due were looked for and what changed is mapped anew; `false` after `deadline`. A process that
    /// does not lead has nothing to wait for.
    ///
    /// # Errors
    /// Whatever the log gives.
    pub fn await_themes(&self, deadline: Instant) -> Result<bool> {
        let leads = || self.measures.leads.load(std::sync::atomic::Ordering::Relaxed);
        let ended = self.desk.ended();
        while leads() && !self.desk.rests() {
            // What is due after as many searches failed, or found what another recorded.
            let Some(occasion) = self.themes_due()?.filter(|_| self.desk.ended() < ended + TRIES) else {
                break;
            };
            self.ask_for_themes(occasion);
            if self.stopping() || !self.desk.wait_idle(deadline) {
                return Ok(false);
            }
        }
        if !self.desk.wait_idle(deadline) {
            return Ok(false);
        }
        Ok(self.await_reported(deadline.max(Instant::now() + Duration::from_millis(1)))?)
    }
}
