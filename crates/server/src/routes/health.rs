//! Health and metrics, open to whoever can reach the port.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::installation::Status;
use crate::problem::Problem;

/// Says that the process answers.
#[utoipa::path(get, path = "/health/live", responses((status = 200, description = "The process answers")))]
pub async fn live() -> &'static str {
    "live\n"
}

/// Says whether every loop runs and the views are loaded.
#[utoipa::path(get, path = "/health/ready", responses(
    (status = 200, description = "Ready", body = Status), (status = 503, description = "Not ready; the body says why", body = Status)))]
pub async fn ready(State(shared): State<Shared>) -> Result<Response, Problem> {
    // As it was last seen: a probe does not wait for brokers that are away.
    let status = shared.look(|installation| installation.metrics()).await?.status;
    let code = if status.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((code, Json(status)).into_response())
}

/// Gives metrics in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "Prometheus text format")))]
pub async fn metrics(State(shared): State<Shared>) -> Result<Response, Problem> {
    let metrics = shared.look(|installation| installation.metrics()).await?;
    let text = crate::metrics::render(&metrics);
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}
