//! The installation behind a running server on loopback, reached with the token of the data folder.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use groundswell_search::{Query, Sort, Step};
use groundswell_server::{
    Accepted, AssumptionList, CorrectionRequest, CountsReport, Deed, ExportPage, Fault, FeedbackDetail,
    ImportOutcome, ImportStart, ImportState, ImportedRows, Installation, Metrics, Problem, PromiseList,
    PushRequest, PushResult, Reannotation, Recorded, Rejudged, ReviewSample, SavedRow, Status, ThemeDetail,
    ThemeDiff, ThemeList, ThemeProgress, ThemeQuery, ThemeRunRequest,
};
use groundswell_steps::decided::CorrectionRow;
use groundswell_steps::decided::themes::ThemeEditRow;
use groundswell_steps::issues::{IssueDetail, IssueRow};
use groundswell_steps::report::Report;

use crate::folder::{DataFolder, ServerNote};

/// Largest reply that is read.
const MAX_REPLY: u64 = 256 << 20;
/// Longest wait for a reply.
const TIMEOUT: Duration = Duration::from_secs(120);

/// A running server.
pub struct Remote {
    agent: ureq::Agent,
    note: ServerNote,
}

impl Remote {
    /// Finds the server that holds a data folder; `None` where none runs.
    ///
    /// # Errors
    /// When a server runs there but refuses the folder's token.
    pub fn find(data: &DataFolder) -> Result<Option<Self>> {
        let Some(note) = data.server()? else { return Ok(None) };
        let remote = Self { agent: agent(), note };
        match remote.agent.get(remote.url("/health/live")).call() {
            Ok(_) => {}
            // The note of a server that was killed.
            Err(ureq::Error::Io(_) | ureq::Error::ConnectionFailed) => return Ok(None),
            Err(error) => return Err(error).context("the running server does not answer"),
        }
        match remote.get::<Status>("/api/v1/status") {
            Ok(_) => Ok(Some(remote)),
            Err(fault) => bail!("the server at {} refuses: {fault}", remote.note.address),
        }
    }

    /// Asks the process that runs on a data folder whether it is ready; `None` where none runs. It answers at once, even
    /// where its brokers do not.
    ///
    /// # Errors
    /// When something else answers there.
    pub fn readiness(data: &DataFolder) -> Result<Option<Status>> {
        let Some(note) = data.server()? else { return Ok(None) };
        let remote = Self { agent: agent(), note };
        match remote.agent.get(remote.url("/health/ready")).call() {
            Ok(mut reply) => {
                let text = reply.body_mut().with_config().limit(MAX_REPLY).read_to_string()?;
                serde_json::from_str(&text).map(Some).context("the running server's answer")
            }
            Err(ureq::Error::Io(_) | ureq::Error::ConnectionFailed) => Ok(None),
            Err(error) => Err(error).context("the running server does not answer"),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.note.address)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.note.token)
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let reply = self.agent.get(self.url(path)).header("Authorization", self.bearer()).call();
        read(reply)
    }

    fn post<B: Serialize, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, Fault> {
        read(self.agent.post(self.url(path)).header("Authorization", self.bearer()).send_json(body))
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build().into()
}

type Reply = Result<ureq::http::Response<ureq::Body>, ureq::Error>;

fn read<T: DeserializeOwned>(reply: Reply) -> Result<T, Fault> {
    let unreachable =
        |error: ureq::Error| Fault::Unavailable { message: format!("the server does not answer: {error}") };
    let mut reply = reply.map_err(unreachable)?;
    let status = reply.status().as_u16();
    let text = reply.body_mut().with_config().limit(MAX_REPLY).read_to_string().map_err(unreachable)?;
    let malformed =
        |error: serde_json::Error| Fault::Unavailable { message: format!("the server's reply: {error}") };
    if (200..300).contains(&status) || status == 422 {
        let text = if text.is_empty() { "null" } else { &text };
        return serde_json::from_str(text).map_err(malformed);
    }
    let problem: Problem = serde_json::from_str(&text).map_err(malformed)?;
    Err(match problem.status {
        404 => Fault::NotFound { what: problem.detail.trim_start_matches("no such ").to_owned() },
        409 => Fault::Conflict { message: problem.detail },
        507 => Fault::Full { message: problem.detail },
        400..500 => Fault::Invalid { code: problem.code, message: problem.detail },
        _ => Fault::Unavailable { message: problem.detail },
    })
}

/// Writes query parameters; absent ones are left out.
fn parameters(pairs: &[(&str, Option<&str>)]) -> String {
    let written: Vec<_> = pairs
        .iter()
        .filter_map(|(name, value)| value.map(|value| format!("{name}={}", percent_encoded(value))))
        .collect();
    if written.is_empty() { String::new() } else { format!("?{}", written.join("&")) }
}

/// Writes a value of a filter as a list of filters holds it: a comma within it would part it.
pub(crate) fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace(',', r"\,")
}

/// Writes a query as the parameters of a search.
fn asked(query: &Query) -> String {
    let filters: Vec<_> = query
        .filters
        .iter()
        .flat_map(|filter| {
            filter.values.iter().map(move |value| format!("{}:{}", filter.field, escaped(value)))
        })
        .collect();
    let sort = match query.sort {
        Sort::Relevance => "relevance",
        Sort::Time => "time",
        Sort::Severity => "severity",
    };
    let step = match query.step {
        Step::Day => "day",
        Step::Week => "week",
        Step::Month => "month",
    };
    parameters(&[
        ("q", Some(&query.text)),
        ("filter", Some(&filters.join(","))),
        ("since", query.since.map(|moment| moment.to_string()).as_deref()),
        ("until", query.until.map(|moment| moment.to_string()).as_deref()),
        ("limit", Some(&query.limit.to_string())),
        ("facets", Some(&query.facets.join(","))),
        ("sort", Some(sort)),
        ("step", query.histogram.then_some(step)),
        ("like", query.like.map(|id| id.to_string()).as_deref()),
        ("copies", query.copies.then_some("true")),
        ("language", query.language.as_deref()),
        ("after", query.after.map(|cursor| cursor.to_string()).as_deref()),
    ])
}

/// Writes which themes are asked for.
fn themes_asked(query: &ThemeQuery, parts: Option<u32>) -> String {
    parameters(&[
        ("since", query.since.as_deref()),
        ("until", query.until.as_deref()),
        ("kind", query.kind.as_deref()),
        ("all", query.all.then_some("true")),
        ("topics", query.topics.then_some("true")),
        ("parts", parts.map(|parts| parts.to_string()).as_deref()),
    ])
}

fn percent_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Installation for Remote {
    fn push(&self, request: PushRequest) -> Result<Vec<PushResult>, Fault> {
        let dry_run = request.dry_run.to_string();
        let path = format!(
            "/api/v1/feedback{}",
            parameters(&[("pipeline", Some(&request.pipeline)), ("dry_run", Some(&dry_run))])
        );
        let body = request.records.join(&b'\n');
        let post = self.agent.post(self.url(&path)).header("Authorization", self.bearer());
        let reply: Accepted = read(post.header("Content-Type", "application/x-ndjson").send(&body))?;
        Ok(reply.items)
    }

    fn begin_import(&self, start: ImportStart) -> Result<ImportState, Fault> {
        self.post("/api/v1/imports", &start)
    }

    fn append_rows(&self, rows: ImportedRows) -> Result<(), Fault> {
        self.post("/api/v1/imports/rows", &rows)
    }

    fn finish_import(&self, import: &str) -> Result<(), Fault> {
        self.post(&format!("/api/v1/imports/{import}/finish"), &())
    }

    fn import_outcome(&self, import: &str, wait: Duration) -> Result<ImportOutcome, Fault> {
        self.get(&format!("/api/v1/imports/{import}?wait_s={}", wait.as_secs().clamp(1, 30)))
    }

    fn report(&self, since: Option<&str>, until: Option<&str>, kind: Option<&str>) -> Result<Report, Fault> {
        self.get(&format!(
            "/api/v1/report{}",
            parameters(&[("since", since), ("until", until), ("kind", kind)])
        ))
    }

    fn issues(&self, all: bool) -> Result<Vec<IssueRow>, Fault> {
        self.get(&format!("/api/v1/issues?all={all}"))
    }

    fn issue(&self, id: &str) -> Result<IssueDetail, Fault> {
        self.get(&format!("/api/v1/issues/{}", percent_encoded(id)))
    }

    fn act(&self, deed: Deed) -> Result<IssueDetail, Fault> {
        self.post("/api/v1/actions", &deed)
    }

    fn assumptions(&self, gap: &str) -> Result<AssumptionList, Fault> {
        self.get(&format!("/api/v1/assumptions{}", parameters(&[("gap", Some(gap))])))
    }

    fn assume(&self, deed: Deed) -> Result<(), Fault> {
        self.post("/api/v1/actions", &deed)
    }

    fn decide(&self, deed: Deed) -> Result<Recorded, Fault> {
        self.post("/api/v1/actions", &deed)
    }

    fn correct(&self, request: CorrectionRequest) -> Result<Recorded, Fault> {
        self.post("/api/v1/corrections", &request)
    }

    fn corrections(&self) -> Result<Vec<CorrectionRow>, Fault> {
        self.get("/api/v1/corrections")
    }

    fn promises(&self) -> Result<PromiseList, Fault> {
        self.get("/api/v1/promises")
    }

    fn review(&self, size: usize, seed: u64) -> Result<ReviewSample, Fault> {
        let (size, seed) = (size.to_string(), seed.to_string());
        self.get(&format!("/api/v1/review{}", parameters(&[("size", Some(&size)), ("seed", Some(&seed))])))
    }

    fn themes(&self, query: &ThemeQuery) -> Result<ThemeList, Fault> {
        self.get(&format!("/api/v1/themes{}", themes_asked(query, None)))
    }

    fn theme(&self, id: &str, query: &ThemeQuery, parts: Option<u32>) -> Result<ThemeDetail, Fault> {
        self.get(&format!("/api/v1/themes/{}{}", percent_encoded(id), themes_asked(query, parts)))
    }

    fn theme_edits(&self) -> Result<Vec<ThemeEditRow>, Fault> {
        self.get("/api/v1/themes/edits")
    }

    fn theme_diff(&self) -> Result<ThemeDiff, Fault> {
        self.get("/api/v1/themes/diff")
    }

    fn find_themes(&self, request: &ThemeRunRequest) -> Result<ThemeProgress, Fault> {
        self.post("/api/v1/themes/runs", request)
    }

    fn theme_search(&self, wait: Duration) -> Result<ThemeProgress, Fault> {
        self.get(&format!("/api/v1/themes/runs?wait_s={}", wait.as_secs().clamp(0, 30)))
    }

    fn rejudge(&self) -> Result<Rejudged, Fault> {
        self.get("/api/v1/rejudge")
    }

    fn search(&self, query: Query) -> Result<serde_json::Value, Fault> {
        self.get(&format!("/api/v1/search{}", asked(&query)))
    }

    fn saved_searches(&self) -> Result<Vec<SavedRow>, Fault> {
        self.get("/api/v1/searches")
    }

    fn feedback(&self, id: &str) -> Result<FeedbackDetail, Fault> {
        self.get(&format!("/api/v1/feedback/{}", percent_encoded(id)))
    }

    fn export(&self, query: Query) -> Result<ExportPage, Fault> {
        self.get(&format!("/api/v1/export{}", asked(&query)))
    }

    fn counts(&self) -> Result<CountsReport, Fault> {
        self.get("/api/v1/counts")
    }

    fn status(&self) -> Result<Status, Fault> {
        self.get("/api/v1/status")
    }

    fn metrics(&self) -> Result<Metrics, Fault> {
        let message = format!("metrics are at {}", self.url("/metrics"));
        Err(Fault::Unavailable { message })
    }

    fn replay(&self, code: Option<&str>) -> Result<u64, Fault> {
        let reply: serde_json::Value =
            self.post(&format!("/api/v1/replay{}", parameters(&[("code", code)])), &())?;
        reply.get("replayed").and_then(serde_json::Value::as_u64).ok_or_else(|| Fault::Unavailable {
            message: "the server's reply does not say how many".to_owned(),
        })
    }

    fn reannotate(&self) -> Result<Reannotation, Fault> {
        self.post("/api/v1/reannotate", &())
    }
}
