//! The OpenAPI document, generated from the routes and compared with `schemas/openapi.json` in a test.

use utoipa::OpenApi;

use crate::decisions::{Recorded, Rejudged};
use crate::installation::{
    Accepted, CountsReport, ImportOutcome, ImportStart, ImportState, ImportedRows, LoopStatus,
    PipelineCounts, PushResult, PushStatus, Reannotation, Row, Status,
};
use crate::problem::Problem;
use crate::routes;
use crate::themes::{ThemeProgress, ThemeRunRequest};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Groundswell",
        description = "HTTP API. Health and metrics are open; the rest needs the data folder's token."
    ),
    paths(
        routes::live,
        routes::ready,
        routes::metrics,
        routes::push,
        routes::begin,
        routes::append,
        routes::finish,
        routes::outcome,
        routes::list,
        routes::show,
        routes::act,
        routes::assumptions,
        routes::corrections,
        routes::correct,
        routes::feedback,
        routes::promises,
        routes::review,
        routes::theme_list,
        routes::theme_show,
        routes::theme_edits,
        routes::theme_diff,
        routes::theme_find,
        routes::theme_search,
        routes::rejudge,
        routes::report,
        routes::search,
        routes::searches,
        routes::export,
        routes::counts,
        routes::status,
        routes::replay,
        routes::reannotate,
    ),
    components(schemas(
        Accepted,
        CountsReport,
        ImportOutcome,
        ImportStart,
        ImportState,
        ImportedRows,
        LoopStatus,
        PipelineCounts,
        Problem,
        PushResult,
        PushStatus,
        Reannotation,
        ThemeProgress,
        ThemeRunRequest,
        Recorded,
        Rejudged,
        Row,
        Status
    ))
)]
struct Document;

/// Gives the OpenAPI document as JSON.
pub fn document() -> serde_json::Value {
    serde_json::to_value(Document::openapi()).unwrap_or(serde_json::Value::Null)
}
