//! Saved searches with what they find: their trend by week, the last seven days, and whether those raise an alert.

use groundswell_model::{Day, SavedSearch};
use groundswell_search::{Answer, DayCount, Query, Step};
use groundswell_server::{Fault, SavedRow, SearchRequest};
use groundswell_steps::decided::Saved;

use super::import::unavailable;
use super::installation::search_fault;
use super::shared::Shared;

/// Days that an alert looks at, today included.
const DAYS: i32 = 7;

/// Weeks of a trend that are shown.
const WEEKS: usize = 26;

impl Shared {
    pub(super) fn list_saved(&self) -> Result<Vec<SavedRow>, Fault> {
        let decided = self.decisions().map_err(unavailable)?.decided();
        decided.saved.all().map(|saved| self.saved_row(saved)).collect()
    }

    /// The saved searches that raise an alert now.
    pub(super) fn alerts(&self) -> Result<Vec<SavedRow>, Fault> {
        if self.index.is_none() {
            return Ok(Vec::new());
        }
        let decided = self.decisions().map_err(unavailable)?.decided();
        let watched = decided.saved.all().filter(|saved| saved.search.alert.is_some());
        let mut rows = watched.map(|saved| self.saved_row(saved)).collect::<Result<Vec<_>, _>>()?;
        rows.retain(|row| row.alerts);
        Ok(rows)
    }

    /// Asks a search that is about to be saved; gives how many feedback it finds.
    pub(super) fn check_saved(&self, search: &SavedSearch) -> Result<u64, Fault> {
        self.asked(asks(search)?).map(|answer| answer.feedback)
    }

    fn saved_row(&self, saved: &Saved) -> Result<SavedRow, Fault> {
        let search = saved.search.clone();
        let row = SavedRow { search, actor: saved.actor.clone(), ..SavedRow::default() };
        match self.figures(&saved.search) {
            Ok((answer, last_seven_days)) => Ok(SavedRow {
                people: answer.people,
                feedback: answer.feedback,
                weeks: weeks(&answer.histogram),
                last_seven_days,
                alerts: row.search.alert.is_some_and(|alert| last_seven_days >= alert),
                ..row
            }),
            Err(fault @ Fault::Invalid { .. }) => Ok(SavedRow { fault: Some(fault.to_string()), ..row }),
            Err(fault) => Err(fault),
        }
    }

    fn figures(&self, search: &SavedSearch) -> Result<(Answer, u64), Fault> {
        let query = asks(search)?;
        let answer = self.asked(Query { histogram: true, step: Step::Week, ..query.clone() })?;
        let zone = self.folder.zone();
        let since = zone.start_of(zone.day(self.clock.now()).plus(1 - DAYS));
        let recent = self.asked(Query { since: Some(since), ..query })?;
        Ok((answer, recent.people))
    }

    fn asked(&self, query: Query) -> Result<Answer, Fault> {
        let query = self.with_themes(query)?;
        self.index()?.search(&query).map_err(search_fault)
    }
}

/// The last weeks up to the last one with anybody, those without anybody among them.
fn weeks(heard: &[DayCount]) -> Vec<(String, u64)> {
    let Some(last) = heard.last() else { return Vec::new() };
    let first = heard.first().map_or(last.day, |first| first.day);
    let count = usize::try_from((last.day.number() - first.number()) / DAYS).unwrap_or(0) + 1;
    let shown = (0..count.min(WEEKS)).rev().filter_map(|back| i32::try_from(back).ok());
    let people = |monday: Day| heard.iter().find(|week| week.day == monday).map_or(0, |week| week.people);
    shown.map(|back| last.day.plus(-DAYS * back)).map(|monday| (monday.to_string(), people(monday))).collect()
}

/// The query of a saved search, without hits.
fn asks(search: &SavedSearch) -> Result<Query, Fault> {
    let SavedSearch { q, filter, .. } = search.clone();
    SearchRequest { q, filter, limit: Some(0), ..SearchRequest::default() }.into_query()
}
