//! Themes: the list, one of them, what people made of them, and looking for them anew.

use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query as Parameters, State};
use serde::Deserialize;
use utoipa::IntoParams;

use groundswell_steps::decided::themes::ThemeEditRow;

use super::{Shared, misread, unreadable};
use crate::problem::Problem;
use crate::themes::{ThemeDetail, ThemeDiff, ThemeList, ThemeProgress, ThemeQuery, ThemeRunRequest};

/// Longest wait for the end of a search, in seconds.
const LONGEST_WAIT: u64 = 30;

/// Which themes, over which days.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct ThemeParameters {
    /// First day, `YYYY-MM-DD` in the reporting zone.
    pub since: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// Only this kind of voice.
    pub kind: Option<String>,
    /// Hidden ones as well.
    #[serde(default)]
    pub all: bool,
    /// Count the topics above them as well.
    #[serde(default)]
    pub topics: bool,
    /// For one theme: what it may be split into, so many parts, or as many as fit where it is 0.
    pub parts: Option<u32>,
}

impl ThemeParameters {
    fn query(self) -> (ThemeQuery, Option<u32>) {
        let Self { since, until, kind, all, topics, parts } = self;
        (ThemeQuery { since, until, kind, all, topics }, parts)
    }
}

/// Lists themes: pinned ones first, then by distinct people.
#[utoipa::path(get, path = "/api/v1/themes", params(ThemeParameters), responses((status = 200, description = "Themes", body = Object), (status = 400, body = Problem)))]
pub async fn theme_list(
    State(shared): State<Shared>,
    parameters: Result<Parameters<ThemeParameters>, QueryRejection>,
) -> Result<Json<ThemeList>, Problem> {
    let Parameters(parameters) = parameters.map_err(|refused| misread(&refused))?;
    let (query, _) = parameters.query();
    shared.call(move |installation| installation.themes(&query)).await.map(Json)
}

/// Gives one theme, by id or name, with what is said.
#[utoipa::path(get, path = "/api/v1/themes/{id}", params(("id" = String, Path, description = "t12, or its name"), ThemeParameters), responses((status = 200, description = "The theme", body = Object), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn theme_show(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    parameters: Result<Parameters<ThemeParameters>, QueryRejection>,
) -> Result<Json<ThemeDetail>, Problem> {
    let Parameters(parameters) = parameters.map_err(|refused| misread(&refused))?;
    let (query, parts) = parameters.query();
    shared.call(move |installation| installation.theme(&id, &query, parts)).await.map(Json)
}

/// Lists edits of themes, the latest first.
#[utoipa::path(get, path = "/api/v1/themes/edits", responses((status = 200, description = "Edits", body = Vec<Object>)))]
pub async fn theme_edits(State(shared): State<Shared>) -> Result<Json<Vec<ThemeEditRow>>, Problem> {
    shared.call(|installation| installation.theme_edits()).await.map(Json)
}

/// Says how the last run differs from the one before.
#[utoipa::path(get, path = "/api/v1/themes/diff", responses((status = 200, description = "The difference", body = Object)))]
pub async fn theme_diff(State(shared): State<Shared>) -> Result<Json<ThemeDiff>, Problem> {
    shared.call(|installation| installation.theme_diff()).await.map(Json)
}

/// Begins to look for themes, where no search is under way.
#[utoipa::path(post, path = "/api/v1/themes/runs", request_body = ThemeRunRequest, responses((status = 200, body = ThemeProgress), (status = 400, body = Problem), (status = 503, body = Problem)))]
pub async fn theme_find(
    State(shared): State<Shared>,
    body: Result<Json<ThemeRunRequest>, JsonRejection>,
) -> Result<Json<ThemeProgress>, Problem> {
    let Json(request) = body.map_err(|refused| unreadable(refused.status(), &refused.body_text()))?;
    shared.call(move |installation| installation.find_themes(&request)).await.map(Json)
}

/// How long to wait.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
pub struct WaitParameters {
    /// Seconds to wait for the end, at most 30.
    pub wait_s: Option<u64>,
}

/// Says how far a search for themes is.
#[utoipa::path(get, path = "/api/v1/themes/runs", params(WaitParameters), responses((status = 200, body = ThemeProgress), (status = 400, body = Problem)))]
pub async fn theme_search(
    State(shared): State<Shared>,
    parameters: Result<Parameters<WaitParameters>, QueryRejection>,
) -> Result<Json<ThemeProgress>, Problem> {
    let Parameters(WaitParameters { wait_s }) = parameters.map_err(|refused| misread(&refused))?;
    let wait = Duration::from_secs(wait_s.unwrap_or(0).min(LONGEST_WAIT));
    shared.call(move |installation| installation.theme_search(wait)).await.map(Json)
}
