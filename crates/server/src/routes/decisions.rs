//! Corrections, promises, reported exposure and reviews; and one feedback by itself.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query as Parameters, State};
use serde::Deserialize;
use utoipa::IntoParams;

use groundswell_steps::decided::CorrectionRow;

use super::{Shared, misread, unreadable};
use crate::decisions::{CorrectionRequest, FeedbackDetail, PromiseList, Recorded, ReviewSample};
use crate::problem::Problem;

/// Feedback of a sample, where no number is given.
const SAMPLE: usize = 20;

/// Lists corrections, the latest first.
#[utoipa::path(get, path = "/api/v1/corrections", responses((status = 200, description = "Corrections", body = Vec<Object>)))]
pub async fn corrections(State(shared): State<Shared>) -> Result<Json<Vec<CorrectionRow>>, Problem> {
    shared.call(|installation| installation.corrections()).await.map(Json)
}

/// Corrects mappings: of feedback that are named, or of all hits of a query.
#[utoipa::path(post, path = "/api/v1/corrections", request_body = Object, responses((status = 200, body = Recorded), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn correct(
    State(shared): State<Shared>,
    body: Result<Json<CorrectionRequest>, JsonRejection>,
) -> Result<Json<Recorded>, Problem> {
    let Json(request) = body.map_err(|refused| unreadable(refused.status(), &refused.body_text()))?;
    shared.call(move |installation| installation.correct(request)).await.map(Json)
}

/// Gives promises, reported exposure, and how both stand beside what customers expected.
#[utoipa::path(get, path = "/api/v1/promises", responses((status = 200, description = "Promises", body = Object)))]
pub async fn promises(State(shared): State<Shared>) -> Result<Json<PromiseList>, Problem> {
    shared.call(|installation| installation.promises()).await.map(Json)
}

/// Gives one feedback with its mapping and the corrections that hold for it. That of staff is never shown by itself.
#[utoipa::path(get, path = "/api/v1/feedback/{id}", params(("id" = String, Path, description = "fb_…")), responses((status = 200, description = "The feedback", body = Object), (status = 404, body = Problem)))]
pub async fn feedback(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<FeedbackDetail>, Problem> {
    shared.call(move |installation| installation.feedback(&id)).await.map(Json)
}

/// Which sample.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
pub struct ReviewParameters {
    /// Most feedback.
    pub size: Option<usize>,
    /// The same seed draws the same sample from the same log.
    pub seed: Option<u64>,
}

/// Draws a random sample of feedback to be judged.
#[utoipa::path(get, path = "/api/v1/review", params(ReviewParameters), responses((status = 200, description = "The sample", body = Object), (status = 400, body = Problem)))]
pub async fn review(
    State(shared): State<Shared>,
    parameters: Result<Parameters<ReviewParameters>, QueryRejection>,
) -> Result<Json<ReviewSample>, Problem> {
    let Parameters(ReviewParameters { size, seed }) = parameters.map_err(|refused| misread(&refused))?;
    let (size, seed) = (size.unwrap_or(SAMPLE), seed.unwrap_or(0));
    shared.call(move |installation| installation.review(size, seed)).await.map(Json)
}
