//! What the server and the commands ask of an installation, whether it is open in this process or behind HTTP.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use groundswell_model::{Counts, Mapping};
use groundswell_search::Query;
use groundswell_steps::decided::CorrectionRow;
use groundswell_steps::decided::themes::ThemeEditRow;
use groundswell_steps::issues::{IssueDetail, IssueRow};
use groundswell_steps::report::Report;

use crate::decisions::{
    AssumptionList, CorrectionRequest, Deed, FeedbackDetail, PromiseList, Recorded, Rejudged, ReviewSample,
};
use crate::metrics::Metrics;
use crate::queries::{ExportPage, SavedRow};
use crate::themes::{ThemeDetail, ThemeDiff, ThemeList, ThemeProgress, ThemeQuery, ThemeRunRequest};

/// One installation: its log, its views, and what may be asked of them.
pub trait Installation: Send + Sync {
    /// Takes in records of a pipeline and answers one by one. With `dry_run` nothing is stored and the mapping is shown.
    ///
    /// # Errors
    /// [`Fault`] when nothing of it was stored.
    fn push(&self, request: PushRequest) -> Result<Vec<PushResult>, Fault>;

    /// Begins or resumes an import. The pipeline is stored with the installation.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for a faulty pipeline, else as [`Installation::push`].
    fn begin_import(&self, start: ImportStart) -> Result<ImportState, Fault>;

    /// Appends rows of an import, all or none; durable when it returns.
    ///
    /// # Errors
    /// [`Fault::Conflict`] when the rows do not follow those already appended.
    fn append_rows(&self, rows: ImportedRows) -> Result<(), Fault>;

    /// Says that every row of an import was appended.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for an unknown import.
    fn finish_import(&self, import: &str) -> Result<(), Fault>;

    /// Tells what became of an import, after waiting at most `wait` for its records to be searchable and reported.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for an unknown import.
    fn import_outcome(&self, import: &str, wait: Duration) -> Result<ImportOutcome, Fault>;

    /// Makes the journey report. Days are `YYYY-MM-DD` in the reporting zone.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for a day or kind that cannot be read.
    fn report(&self, since: Option<&str>, until: Option<&str>, kind: Option<&str>) -> Result<Report, Fault>;

    /// Gives the systemic issues that were confirmed; with `all` also those that were only seen.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the log cannot be read.
    fn issues(&self, all: bool) -> Result<Vec<IssueRow>, Fault>;

    /// Gives one issue with its history, its trend and what customers say.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for an unknown issue.
    fn issue(&self, id: &str) -> Result<IssueDetail, Fault>;

    /// Records what a person decided, and gives the issue as it then stands.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for an unknown issue, [`Fault::Invalid`] for a decision that people do not take or that says
    /// nothing, [`Fault::Conflict`] for one that the issue's state does not allow.
    fn act(&self, deed: Deed) -> Result<IssueDetail, Fault>;

    /// Gives what the price of issues of a gap type rests on.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for an unknown gap type.
    fn assumptions(&self, gap: &str) -> Result<AssumptionList, Fault>;

    /// Records that an assumption changed.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for a decision that is not about assumptions, or whose value cannot be.
    fn assume(&self, deed: Deed) -> Result<(), Fault>;

    /// Records a decision about promises, reported exposure, a reviewed mapping, or an undone correction.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for what is not there, [`Fault::Invalid`] for another decision or one that says nothing,
    /// [`Fault::Conflict`] for a correction that was undone before.
    fn decide(&self, deed: Deed) -> Result<Recorded, Fault>;

    /// Corrects mappings: of feedback that are named, or of all hits of a query.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for unknown feedback, [`Fault::Invalid`] for a correction that corrects nothing, a code that the
    /// journey map does not have, or too many hits.
    fn correct(&self, request: CorrectionRequest) -> Result<Recorded, Fault>;

    /// Gives all corrections, the latest first.
    ///
    /// # Errors
    /// As [`Installation::issues`].
    fn corrections(&self) -> Result<Vec<CorrectionRow>, Fault>;

    /// Gives promises, reported exposure, and how both stand beside what customers expected.
    ///
    /// # Errors
    /// As [`Installation::issues`].
    fn promises(&self) -> Result<PromiseList, Fault>;

    /// Draws at most `size` feedback to be judged, the same ones for the same seed and log.
    ///
    /// # Errors
    /// As [`Installation::issues`].
    fn review(&self, size: usize, seed: u64) -> Result<ReviewSample, Fault>;

    /// Gives the themes of a window. Days are `YYYY-MM-DD` in the reporting zone.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for a day or kind that cannot be read.
    fn themes(&self, query: &ThemeQuery) -> Result<ThemeList, Fault>;

    /// Gives one theme, by id or name, with what is said; with `parts` also what it may be split into: so many, or as many as
    /// fit where it is 0.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for an unknown theme; as [`Installation::themes`].
    fn theme(&self, id: &str, query: &ThemeQuery, parts: Option<u32>) -> Result<ThemeDetail, Fault>;

    /// Gives all edits of themes, the latest first.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the log cannot be read.
    fn theme_edits(&self) -> Result<Vec<ThemeEditRow>, Fault>;

    /// Gives how the last run differs from the one before; errors as [`Installation::theme_edits`].
    fn theme_diff(&self) -> Result<ThemeDiff, Fault>;

    /// Begins to look for themes, where no search is under way.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where this process does not lead.
    fn find_themes(&self, request: &ThemeRunRequest) -> Result<ThemeProgress, Fault>;

    /// Says how far a search for themes is, after waiting at most `wait` for its end.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the installation cannot be asked.
    fn theme_search(&self, wait: Duration) -> Result<ThemeProgress, Fault>;

    /// Judges history anew with this program and says what would change; nothing is recorded.
    ///
    /// # Errors
    /// As [`Installation::issues`].
    fn rejudge(&self) -> Result<Rejudged, Fault>;

    /// Searches; the answer has the shape of `groundswell_search::Answer`.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for a query over its limits.
    fn search(&self, query: Query) -> Result<serde_json::Value, Fault>;

    /// Gives all saved searches with what they find, in the order of their names.
    ///
    /// # Errors
    /// As [`Installation::search`]; a single one that cannot be asked any more says so in its row.
    fn saved_searches(&self) -> Result<Vec<SavedRow>, Fault>;

    /// Gives one feedback with its mapping. That of staff is never shown by itself.
    ///
    /// # Errors
    /// [`Fault::NotFound`] for what is not there, was deleted, or is of staff.
    fn feedback(&self, id: &str) -> Result<FeedbackDetail, Fault>;

    /// Gives the next page of all hits of a query, newest first: at most `limit` behind `after`, with the small-group rule of
    /// a search. Sort, facets and histogram of the query do not matter.
    ///
    /// # Errors
    /// As [`Installation::search`].
    fn export(&self, query: Query) -> Result<ExportPage, Fault>;

    /// Accounts for every item, by pipeline.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the log cannot be read.
    fn counts(&self) -> Result<CountsReport, Fault>;

    /// Gives positions, lag and health of the loops.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the log cannot be read.
    fn status(&self) -> Result<Status, Fault>;

    /// Gives what `/metrics` shows, from what is at hand: it never waits for brokers.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when the installation is not open in this process.
    fn metrics(&self) -> Result<Metrics, Fault>;

    /// Feeds dead letters back; says how many.
    ///
    /// # Errors
    /// As [`Installation::push`].
    fn replay(&self, code: Option<&str>) -> Result<u64, Fault>;

    /// Takes the next step of bringing stored parts to this program's annotation; to be asked again until it is done.
    ///
    /// # Errors
    /// As [`Installation::push`]. What earlier steps did stays.
    fn reannotate(&self) -> Result<Reannotation, Fault>;
}

/// Why a request was not carried out. Nothing was stored.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request is not what it must be.
    #[error("{message}")]
    Invalid {
        /// Stable code.
        code: String,
        /// What and where.
        message: String,
    },
    /// The thing asked for is not there.
    #[error("no such {what}")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// The request contradicts what is stored.
    #[error("{message}")]
    Conflict {
        /// What and where.
        message: String,
    },
    /// The disk is full: appends are refused, nothing acknowledged is lost.
    #[error("the disk is full: {message}")]
    Full {
        /// What to do.
        message: String,
    },
    /// The installation cannot answer now.
    #[error("{message}")]
    Unavailable {
        /// Why.
        message: String,
    },
}

impl Fault {
    /// Makes an [`Fault::Invalid`].
    pub fn invalid(code: &str, message: impl Into<String>) -> Self {
        Self::Invalid { code: code.to_owned(), message: message.into() }
    }

    /// A stable code for the API and the documentation.
    pub fn code(&self) -> &str {
        match self {
            Self::Invalid { code, .. } => code,
            Self::NotFound { .. } => "api.not_found",
            Self::Conflict { .. } => "api.conflict",
            Self::Full { .. } => "api.full",
            Self::Unavailable { .. } => "api.unavailable",
        }
    }
}

/// Records to take in.
#[derive(Clone, Debug)]
pub struct PushRequest {
    /// The pipeline that reads them.
    pub pipeline: String,
    /// The records, byte for byte.
    pub records: Vec<Vec<u8>>,
    /// Show the mapping, store nothing.
    pub dry_run: bool,
}

/// What became of one pushed item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PushResult {
    /// Number of the record in the request, from 0.
    pub record: usize,
    /// Its fate.
    pub status: PushStatus,
    /// The feedback's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Stable code of a refusal, or the reason of a skip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Where and why, with a JSON pointer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Fields that were not known and were ignored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// With `dry_run`: the mapping as it would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub mapping: Option<Mapping>,
}

/// The fate of a pushed item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PushStatus {
    /// Stored, durably.
    Accepted,
    /// Not feedback; the code says why.
    Skipped,
    /// Not usable; the code and message say why. Its record was not stored.
    Refused,
    /// Would be stored.
    WouldAccept,
}

/// The reply to a push.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// Items accepted.
    pub accepted: usize,
    /// Items refused.
    pub refused: usize,
    /// Items skipped.
    pub skipped: usize,
    /// One entry per item.
    pub items: Vec<PushResult>,
}

/// The beginning of an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportStart {
    /// Hash of the file and of the pipeline.
    pub import: String,
    /// The pipeline file.
    pub pipeline: String,
    /// Rows in the file.
    pub rows: u64,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportState {
    /// Rows already appended.
    pub appended: u64,
    /// Whether it was finished before.
    pub finished: bool,
}

/// Rows of an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportedRows {
    /// The import.
    pub import: String,
    /// Rows appended before these.
    pub after: u64,
    /// Column names, where the file has them.
    pub columns: Option<Vec<String>>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Row {
    /// Its number in the file, from 1.
    pub number: u64,
    /// How many identical rows came before it.
    pub occurrence: u64,
    /// Why the splitting of the file refused it: code, a space, and where and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Its bytes, in base64.
    #[serde(with = "base64_bytes")]
    #[schema(value_type = String)]
    pub bytes: Vec<u8>,
}

mod base64_bytes {
    use data_encoding::BASE64;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        BASE64.decode(text.as_bytes()).map_err(de::Error::custom)
    }
}

/// What became of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportOutcome {
    /// Whether every row appended so far is searchable and reported.
    pub done: bool,
    /// Rows appended.
    pub appended: u64,
    /// Counts of its items so far.
    #[schema(value_type = Object)]
    pub counts: Counts,
}

/// Every item accounted for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CountsReport {
    /// By pipeline.
    pub pipelines: BTreeMap<String, PipelineCounts>,
    /// Whether every invariant holds; `faults` says which does not.
    pub holds: bool,
    /// What does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Feedback in the index.
    pub indexed: u64,
    /// Feedback in the state that are not deleted.
    pub live: u64,
}

/// Counts of one pipeline. Invariants: `raw = parts + dead_letters + tombstones + skipped`,
/// `parts = feedback + repeats + erased`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PipelineCounts {
    /// Items in raw records.
    pub raw: u64,
    /// Parts appended to `feedback`.
    pub parts: u64,
    /// Items that could not be used.
    pub dead_letters: u64,
    /// Deletions.
    pub tombstones: u64,
    /// Items that are not feedback.
    pub skipped: u64,
    /// Feedback (or customers) seen by the analyser.
    pub feedback: u64,
    /// Further parts, updates and redeliveries.
    pub repeats: u64,
    /// Parts that arrived after their person's erasure.
    pub erased: u64,
}

/// One step of a re-annotation, and how far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reannotation {
    /// The processing version that stored parts are brought to.
    pub version: u32,
    /// Parts that this step annotated anew.
    pub reannotated: u64,
    /// Records of `feedback` gone through, in this step and before.
    pub read: u64,
    /// Records of `feedback` there are.
    pub total: u64,
    /// Whether nothing is left to do.
    pub done: bool,
}

/// Positions, lag and health.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// Version of the program.
    pub version: String,
    /// What the process does: some of ingest, analyse, index and serve.
    #[serde(default)]
    pub roles: String,
    /// Whether every loop runs and the views are loaded.
    pub ready: bool,
    /// The loops by name.
    pub loops: BTreeMap<String, LoopStatus>,
    /// Views that were moved aside and rebuilt at this start, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rebuilt: Vec<String>,
    /// Counters since this start, by metric name.
    pub counters: BTreeMap<String, u64>,
}

/// One loop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoopStatus {
    /// Whether it runs.
    pub running: bool,
    /// Why it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Records behind the end of what it reads.
    pub lag: u64,
    /// Positions by partition, as `topic-partition`.
    pub positions: BTreeMap<String, u64>,
}
