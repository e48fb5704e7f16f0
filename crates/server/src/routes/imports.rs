//! Imports of files by the command beside a running server.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Shared, misread, unreadable};
use crate::installation::{ImportOutcome, ImportStart, ImportState, ImportedRows};
use crate::problem::Problem;

/// Longest wait of one request, in seconds.
const MAX_WAIT_S: u64 = 30;

/// Begins or resumes an import.
#[utoipa::path(post, path = "/api/v1/imports", request_body = ImportStart, responses((status = 200, body = ImportState)))]
pub async fn begin(
    State(shared): State<Shared>,
    start: Result<Json<ImportStart>, JsonRejection>,
) -> Result<Json<ImportState>, Problem> {
    let Json(start) = start.map_err(|refused| unreadable(refused.status(), &refused.body_text()))?;
    shared.call(move |installation| installation.begin_import(start)).await.map(Json)
}

/// Appends rows; durable when it answers.
#[utoipa::path(post, path = "/api/v1/imports/rows", request_body = ImportedRows, responses((status = 204), (status = 409, body = Problem)))]
pub async fn append(
    State(shared): State<Shared>,
    rows: Result<Json<ImportedRows>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(rows) = rows.map_err(|refused| unreadable(refused.status(), &refused.body_text()))?;
    shared.call(move |installation| installation.append_rows(rows)).await.map(|()| StatusCode::NO_CONTENT)
}

/// Says that every row was appended.
#[utoipa::path(post, path = "/api/v1/imports/{import}/finish", responses((status = 204), (status = 404, body = Problem)))]
pub async fn finish(State(shared): State<Shared>, Path(import): Path<String>) -> Result<StatusCode, Problem> {
    shared
        .call(move |installation| installation.finish_import(&import))
        .await
        .map(|()| StatusCode::NO_CONTENT)
}

/// How long to wait.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct WaitParameters {
    /// Seconds to wait for the import to be searchable, at most 30.
    #[serde(default)]
    pub wait_s: u64,
}

/// Tells what became of an import.
#[utoipa::path(get, path = "/api/v1/imports/{import}", params(WaitParameters), responses((status = 200, body = ImportOutcome), (status = 404, body = Problem)))]
pub async fn outcome(
    State(shared): State<Shared>,
    Path(import): Path<String>,
    parameters: Result<Query<WaitParameters>, QueryRejection>,
) -> Result<Json<ImportOutcome>, Problem> {
    let Query(parameters) = parameters.map_err(|refused| misread(&refused))?;
    let wait = Duration::from_secs(parameters.wait_s.min(MAX_WAIT_S));
    shared.call(move |installation| installation.import_outcome(&import, wait)).await.map(Json)
}
