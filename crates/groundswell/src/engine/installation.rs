//! The installation that is open in this process, as the server and the commands see it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use groundswell_insight::Window;
use groundswell_search::{MAX_LIMIT, Query, SearchError};
use groundswell_server::{
    AssumptionList, CorrectionRequest, CountsReport, Deed, ExportPage, Fault, FeedbackDetail, ImportOutcome,
    ImportStart, ImportState, ImportedRows, Installation, LoopStatus, Metrics, PartitionLag, PromiseList,
    PushRequest, PushResult, Reannotation, Recorded, Rejudged, ReviewSample, SavedRow, Status, ThemeDetail,
    ThemeDiff, ThemeList, ThemeProgress, ThemeQuery, ThemeRunRequest,
};
use groundswell_steps::decided::CorrectionRow;
use groundswell_steps::decided::themes::ThemeEditRow;
use groundswell_steps::issues::{IssueDetail, IssueRow};
use groundswell_steps::report::Report;

use super::import::unavailable;
use super::lag::Lag;
use super::progress::Stage;
use super::shared::{Shared, fault};

impl Installation for Shared {
    fn push(&self, request: PushRequest) -> Result<Vec<PushResult>, Fault> {
        self.serves(false)?;
        self.take_push(request)
    }

    fn begin_import(&self, start: ImportStart) -> Result<ImportState, Fault> {
        self.serves(false)?;
        self.begin(start)
    }

    fn append_rows(&self, rows: ImportedRows) -> Result<(), Fault> {
        self.append_import(rows)
    }

    fn finish_import(&self, import: &str) -> Result<(), Fault> {
        self.finish(import)
    }

    fn import_outcome(&self, import: &str, wait: Duration) -> Result<ImportOutcome, Fault> {
        self.outcome(import, wait)
    }

    fn report(&self, since: Option<&str>, until: Option<&str>, kind: Option<&str>) -> Result<Report, Fault> {
        let window =
            Window { since: read("since", since)?, until: read("until", until)?, kind: read("kind", kind)? };
        self.serves(true)?;
        self.report_of(&window)
    }

    fn issues(&self, all: bool) -> Result<Vec<IssueRow>, Fault> {
        self.serves(true)?;
        self.list_issues(all)
    }

    fn issue(&self, id: &str) -> Result<IssueDetail, Fault> {
        self.serves(true)?;
        self.show_issue(id)
    }

    fn act(&self, deed: Deed) -> Result<IssueDetail, Fault> {
        self.serves(true)?;
        self.act_on_issue(deed)
    }

    fn assumptions(&self, gap: &str) -> Result<AssumptionList, Fault> {
        self.serves(true)?;
        self.list_assumptions(gap)
    }

    fn assume(&self, deed: Deed) -> Result<(), Fault> {
        self.serves(true)?;
        self.change_assumption(deed)
    }

    fn decide(&self, deed: Deed) -> Result<Recorded, Fault> {
        self.serves(true)?;
        self.take_decision(deed)
    }

    fn correct(&self, request: CorrectionRequest) -> Result<Recorded, Fault> {
        self.serves(true)?;
        self.make_correction(request)
    }

    fn corrections(&self) -> Result<Vec<CorrectionRow>, Fault> {
        Ok(self.decisions().map_err(unavailable)?.decided().corrections.rows())
    }

    fn promises(&self) -> Result<PromiseList, Fault> {
        self.serves(true)?;
        self.list_promises()
    }

    fn review(&self, size: usize, seed: u64) -> Result<ReviewSample, Fault> {
        self.serves(true)?;
        self.draw_sample(size, seed)
    }

    fn themes(&self, query: &ThemeQuery) -> Result<ThemeList, Fault> {
        self.serves(true)?;
        self.list_themes(query)
    }

    fn theme(&self, id: &str, query: &ThemeQuery, parts: Option<u32>) -> Result<ThemeDetail, Fault> {
        self.serves(true)?;
        self.show_theme(id, query, parts)
    }

    fn theme_edits(&self) -> Result<Vec<ThemeEditRow>, Fault> {
        Ok(self.decisions().map_err(unavailable)?.decided().themes.edit_rows())
    }

    fn theme_diff(&self) -> Result<ThemeDiff, Fault> {
        self.diff_themes()
    }

    fn find_themes(&self, request: &ThemeRunRequest) -> Result<ThemeProgress, Fault> {
        self.serves(true)?;
        self.ask_to_find_themes(request)
    }

    fn theme_search(&self, wait: Duration) -> Result<ThemeProgress, Fault> {
        self.desk.wait_idle(Instant::now() + wait);
        Ok(self.desk.progress())
    }

    fn rejudge(&self) -> Result<Rejudged, Fault> {
        self.serves(true)?;
        self.compare_judgements()
    }

    fn search(&self, query: Query) -> Result<serde_json::Value, Fault> {
        self.serves(false)?;
        let query = self.likened(self.with_themes(query)?)?;
        let answer = self.index()?.search(&query).map_err(search_fault)?;
        serde_json::to_value(answer).map_err(|error| Fault::Unavailable { message: error.to_string() })
    }

    fn saved_searches(&self) -> Result<Vec<SavedRow>, Fault> {
        self.serves(false)?;
        self.list_saved()
    }

    fn feedback(&self, id: &str) -> Result<FeedbackDetail, Fault> {
        self.serves(true)?;
        self.show_feedback(id)
    }

    fn export(&self, query: Query) -> Result<ExportPage, Fault> {
        self.serves(false)?;
        if query.limit > MAX_LIMIT {
            return Err(Fault::invalid("search.over_limit", format!("limit: at most {MAX_LIMIT}")));
        }
        let query = self.likened(self.with_themes(query)?)?;
        let mut export = self.index()?.export(&query).map_err(search_fault)?;
        let mut page = ExportPage {
            people: export.people,
            feedback: export.feedback,
            ignored: std::mem::take(&mut export.ignored),
            withheld: std::mem::take(&mut export.withheld),
            ..ExportPage::default()
        };
        let unwritable = |error: serde_json::Error| Fault::Unavailable { message: error.to_string() };
        for hit in export.by_ref().take(query.limit) {
            page.hits.push(serde_json::to_value(hit.map_err(search_fault)?).map_err(unwritable)?);
        }
        if page.hits.len() == query.limit {
            page.next = export.place().map(|place| place.to_string());
        }
        Ok(page)
    }

    fn counts(&self) -> Result<CountsReport, Fault> {
        self.serves(true)?;
        super::counts::report(self).map_err(unavailable)
    }

    fn status(&self) -> Result<Status, Fault> {
        let mut loops = BTreeMap::new();
        for stage in Stage::ALL.into_iter().filter(|stage| self.roles.runs(*stage)) {
            loops.insert(stage.name().to_owned(), self.loop_status(stage)?);
        }
        Ok(self.status_of(loops))
    }

    fn metrics(&self) -> Result<Metrics, Fault> {
        let look = self.last_look();
        let lags = look.iter().flat_map(|look| &look.lags);
        let measures = &self.measures;
        Ok(Metrics {
            status: self.status_of(self.loops_seen(lags.clone())),
            now_ms: self.clock.now().millis(),
            started_ms: measures.opened_at.millis(),
            lag_seen_ms: look.as_ref().map(|look| look.at.millis()),
            lags: lags
                .map(|lag| PartitionLag {
                    of: lag.stage.name().to_owned(),
                    topic: lag.at.topic.as_str().to_owned(),
                    partition: lag.at.partition,
                    records: lag.records,
                    oldest_ms: lag.oldest_ms,
                })
                .collect(),
            dead_letters: measures.dead_letters(),
            items: measures.items(),
            searchable: measures.searchable.histogram(),
            leads: self
                .roles
                .analyse
                .then(|| measures.leads.load(Ordering::Relaxed) && self.progress.of(Stage::Analyse).running),
        })
    }

    fn replay(&self, code: Option<&str>) -> Result<u64, Fault> {
        self.serves(false)?;
        self.feed_back(code)
    }

    fn reannotate(&self) -> Result<Reannotation, Fault> {
        self.serves(true)?;
        self.step_reannotation()
    }
}

impl Shared {
    fn status_of(&self, loops: BTreeMap<String, LoopStatus>) -> Status {
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            roles: self.roles.to_string(),
            ready: loops.values().all(|state| state.running),
            loops,
            rebuilt: self.rebuilt.clone(),
            counters: self.counters.all(),
        }
    }

    /// The loops with positions and lag as they were seen last.
    fn loops_seen<'a>(&self, lags: impl Iterator<Item = &'a Lag>) -> BTreeMap<String, LoopStatus> {
        let mut loops = BTreeMap::new();
        for stage in Stage::ALL.into_iter().filter(|stage| self.roles.runs(*stage)) {
            let known = self.progress.of(stage);
            let state = LoopStatus { running: known.running, stopped: known.fault, ..LoopStatus::default() };
            loops.insert(stage.name().to_owned(), state);
        }
        for lag in lags {
            let state = loops.entry(lag.stage.name().to_owned()).or_default();
            state.lag += lag.records;
            state.positions.insert(lag.at.to_string(), lag.position);
        }
        loops
    }

    fn loop_status(&self, stage: Stage) -> Result<LoopStatus, Fault> {
        let known = self.progress.of(stage);
        let mut status = LoopStatus { running: known.running, stopped: known.fault, ..LoopStatus::default() };
        for topic in self.read_by(stage) {
            let ends = self.ends(&topic).map_err(fault)?;
            let reached = self.reached(stage, &topic).map_err(fault)?;
            for (partition, (end, position)) in ends.into_iter().zip(reached).enumerate() {
                status.lag += end.saturating_sub(position);
                status.positions.insert(format!("{topic}-{partition}"), position);
            }
        }
        Ok(status)
    }

    /// Refuses what a process without these roles cannot answer.
    fn serves(&self, counts: bool) -> Result<(), Fault> {
        let lacking = match (self.roles.serve, !counts || self.roles.analyse) {
            (true, true) => return Ok(()),
            (false, _) => "serve",
            (true, false) => "analyse",
        };
        let message = format!("this process ({}) has not the role `{lacking}`: ask another", self.roles);
        Err(Fault::Unavailable { message })
    }
}

pub(super) fn read<T: std::str::FromStr>(name: &str, text: Option<&str>) -> Result<Option<T>, Fault>
where
    T::Err: std::fmt::Display,
{
    text.map(|text| {
        text.parse().map_err(|error| Fault::invalid("api.bad_window", format!("{name}: {error}")))
    })
    .transpose()
}

/// Turns an error of the index into the reply to a request.
pub(super) fn search_fault(error: SearchError) -> Fault {
    match error {
        SearchError::TooLong { .. }
        | SearchError::TooManyClauses { .. }
        | SearchError::OverLimit { .. }
        | SearchError::UnknownField { .. }
        | SearchError::BadRange { .. }
        | SearchError::TooManyHits { .. }
        | SearchError::Cursor => Fault::invalid(error.code(), error.to_string()),
        _ => Fault::Unavailable { message: error.to_string() },
    }
}
