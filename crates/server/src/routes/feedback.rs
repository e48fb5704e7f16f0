//! Push of feedback: one JSON record, or many as NDJSON, answered item by item once they are durable.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Shared, misread, unreadable};
use crate::installation::{Accepted, PushRequest, PushResult, PushStatus};
use crate::problem::Problem;

/// How to take records in.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct PushParameters {
    /// The pipeline that reads the records; `submission` by default.
    pub pipeline: Option<String>,
    /// Show the mapping, store nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Takes in one record (`application/json`) or many (`application/x-ndjson`). The reply comes when they are durable.
#[utoipa::path(post, path = "/api/v1/feedback", params(PushParameters), request_body = String, responses(
    (status = 200, description = "Item by item", body = Accepted),
    (status = 422, description = "Every item was refused", body = Accepted),
    (status = 507, description = "The disk is full; nothing was stored", body = Problem)))]
pub async fn push(
    State(shared): State<Shared>,
    parameters: Result<Query<PushParameters>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Query(parameters) = parameters.map_err(|refused| misread(&refused))?;
    let body = body.map_err(|refused| unreadable(refused.status(), &refused.body_text()))?;
    let bulk = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(|kind| {
        kind.starts_with("application/x-ndjson") || kind.starts_with("application/jsonl")
    });
    let records = if bulk { lines(&body) } else { vec![body.to_vec()] };
    let request = PushRequest {
        pipeline: parameters.pipeline.unwrap_or_else(|| "submission".to_owned()),
        records,
        dry_run: parameters.dry_run,
    };
    let items = shared.call(move |installation| installation.push(request)).await?;
    let reply = summed(items);
    let all_refused = reply.refused > 0 && reply.accepted + reply.skipped == 0;
    let code = if all_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((code, Json(reply)).into_response())
}

fn lines(body: &[u8]) -> Vec<Vec<u8>> {
    body.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

fn summed(items: Vec<PushResult>) -> Accepted {
    let count = |wanted: &[PushStatus]| items.iter().filter(|item| wanted.contains(&item.status)).count();
    Accepted {
        accepted: count(&[PushStatus::Accepted, PushStatus::WouldAccept]),
        refused: count(&[PushStatus::Refused]),
        skipped: count(&[PushStatus::Skipped]),
        items,
    }
}
