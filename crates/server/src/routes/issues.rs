//! Systemic issues: the list, one of them, what people decide about them, and history judged anew.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query as Parameters, State};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

use groundswell_model::action::Subject;
use groundswell_steps::issues::{IssueDetail, IssueRow};

use super::{Shared, misread, unreadable};
use crate::decisions::{AssumptionList, Deed, Rejudged};
use crate::installation::{Fault, Installation};
use crate::problem::Problem;

/// Which issues.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
pub struct IssueParameters {
    /// Also those that were seen and not confirmed.
    #[serde(default)]
    pub all: bool,
}

/// Lists systemic issues, those still to be dealt with first.
#[utoipa::path(get, path = "/api/v1/issues", params(IssueParameters), responses((status = 200, description = "Systemic issues", body = Vec<Object>), (status = 400, body = Problem)))]
pub async fn list(
    State(shared): State<Shared>,
    parameters: Result<Parameters<IssueParameters>, QueryRejection>,
) -> Result<Json<Vec<IssueRow>>, Problem> {
    let Parameters(IssueParameters { all }) = parameters.map_err(|refused| misread(&refused))?;
    shared.call(move |installation| installation.issues(all)).await.map(Json)
}

/// Gives one issue with its history, its trend and what customers say.
#[utoipa::path(get, path = "/api/v1/issues/{id}", params(("id" = String, Path, description = "stage.gap")), responses((status = 200, description = "The issue", body = Object), (status = 404, body = Problem)))]
pub async fn show(
    State(shared): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<IssueDetail>, Problem> {
    shared.call(move |installation| installation.issue(&id)).await.map(Json)
}

/// Records what a person decided: about an issue, what prices rest on, promises, reported exposure, a reviewed mapping, an undone
/// correction, or themes.
#[utoipa::path(post, path = "/api/v1/actions", request_body = Object, responses((status = 200, description = "The issue as it then stands, or the recorded decision with its number", body = Object), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn act(
    State(shared): State<Shared>,
    body: Result<Json<Deed>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(deed) = body.map_err(|refused| unreadable(refused.status(), &refused.body_text()))?;
    let written = |error: serde_json::Error| Fault::Unavailable { message: error.to_string() };
    let act = move |installation: &dyn Installation| match deed.decision.subject() {
        Subject::Issue => serde_json::to_value(installation.act(deed)?).map_err(written),
        Subject::Assumption => installation.assume(deed).map(|()| Value::Null),
        Subject::Other => serde_json::to_value(installation.decide(deed)?).map_err(written),
    };
    shared.call(act).await.map(Json)
}

/// Of which gap type.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct AssumptionParameters {
    /// The gap type.
    pub gap: String,
}

/// Gives what the price of issues of a gap type rests on.
#[utoipa::path(get, path = "/api/v1/assumptions", params(AssumptionParameters), responses((status = 200, description = "Assumptions with their sources", body = Object), (status = 404, body = Problem)))]
pub async fn assumptions(
    State(shared): State<Shared>,
    parameters: Result<Parameters<AssumptionParameters>, QueryRejection>,
) -> Result<Json<AssumptionList>, Problem> {
    let Parameters(parameters) = parameters.map_err(|refused| misread(&refused))?;
    shared.call(move |installation| installation.assumptions(&parameters.gap)).await.map(Json)
}

/// Judges history anew with this program and says what would change; nothing is recorded.
#[utoipa::path(get, path = "/api/v1/rejudge", responses((status = 200, body = Rejudged)))]
pub async fn rejudge(State(shared): State<Shared>) -> Result<Json<Rejudged>, Problem> {
    shared.call(|installation| installation.rejudge()).await.map(Json)
}
