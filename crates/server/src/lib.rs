//! HTTP API on loopback: health, metrics, push of feedback, and what commands need beside a running server.
//! It reads through [`Installation`] and writes nothing but log records.

mod access;
mod decisions;
mod installation;
mod metrics;
mod openapi;
mod problem;
mod queries;
mod routes;
mod themes;

pub use access::Token;
pub use decisions::{
    AssumptionList, CorrectionRequest, Deed, FeedbackDetail, PromiseList, Recorded, Rejudged, ReviewItem,
    ReviewSample,
};
pub use installation::{
    Accepted, CountsReport, Fault, ImportOutcome, ImportStart, ImportState, ImportedRows, Installation,
    LoopStatus, PipelineCounts, PushRequest, PushResult, PushStatus, Reannotation, Row, Status,
};
pub use metrics::{Histogram, Metrics, PartitionLag, render as render_metrics};
pub use openapi::document as openapi;
pub use problem::Problem;
pub use queries::{ExportPage, SavedRow, SearchRequest};
pub use routes::{router, serve};
pub use themes::{
    ProposedPart, ThemeDetail, ThemeDiff, ThemeList, ThemeProgress, ThemeQuery, ThemeQuote, ThemeRunRequest,
    TopicRow,
};
