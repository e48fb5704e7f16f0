//! What can be read: report, search, counts, status; replay of dead letters, and re-annotation.

use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query as Parameters, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use groundswell_search::{Filter, Query, Sort, Step};
use groundswell_steps::report::Report;

use super::{Shared, misread};
use crate::installation::{CountsReport, Fault, Reannotation, Status};
use crate::problem::Problem;
use crate::queries::{ExportPage, SavedRow, SearchRequest};

/// Hits of a search that does not say how many.
const HITS: usize = 10;

/// Which days and kind.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct ReportParameters {
    /// First day, `YYYY-MM-DD` in the reporting zone.
    pub since: Option<String>,
    /// Last day.
    pub until: Option<String>,
    /// Only this kind.
    pub kind: Option<String>,
}

/// Makes the journey report.
#[utoipa::path(get, path = "/api/v1/report", params(ReportParameters), responses((status = 200, description = "The journey report", body = Object), (status = 400, body = Problem)))]
pub async fn report(
    State(shared): State<Shared>,
    parameters: Result<Parameters<ReportParameters>, QueryRejection>,
) -> Result<Json<Report>, Problem> {
    let Parameters(parameters) = parameters.map_err(|refused| misread(&refused))?;
    let work = move |installation: &dyn crate::Installation| {
        let ReportParameters { since, until, kind } = parameters;
        installation.report(since.as_deref(), until.as_deref(), kind.as_deref())
    };
    shared.call(work).await.map(Json)
}

/// Searches.
#[utoipa::path(get, path = "/api/v1/search", params(
    ("q" = Option<String>, Query, description = "Words, \"phrases\", -minus, OR, field:value"),
    ("filter" = Option<String>, Query, description = "field:value, separated by commas"),
    ("since" = Option<String>, Query, description = "First moment, RFC 3339"),
    ("until" = Option<String>, Query, description = "Last moment, RFC 3339"),
    ("limit" = Option<usize>, Query, description = "Most hits"),
    ("facets" = Option<String>, Query, description = "Fields to count, separated by commas"),
    ("sort" = Option<String>, Query, description = "relevance, time or severity"),
    ("step" = Option<String>, Query, description = "Count by day, week or month"),
    ("like" = Option<String>, Query, description = "Only what shares telling words with this feedback"),
    ("language" = Option<String>, Query, description = "Language of the words, a BCP 47 tag"),
    ("after" = Option<String>, Query, description = "Where the page before ended")),
    responses((status = 200, description = "Hits and facets", body = Object), (status = 400, body = Problem)))]
pub async fn search(
    State(shared): State<Shared>,
    parameters: Result<Parameters<SearchRequest>, QueryRejection>,
) -> Result<Json<serde_json::Value>, Problem> {
    let Parameters(request) = parameters.map_err(|refused| misread(&refused))?;
    let query = request.into_query().map_err(Problem::from)?;
    shared.call(move |installation| installation.search(query)).await.map(Json)
}

/// Gives the next page of all hits of a search, newest first.
#[utoipa::path(get, path = "/api/v1/export", params(
    ("q" = Option<String>, Query, description = "As in a search"),
    ("filter" = Option<String>, Query, description = "field:value, separated by commas"),
    ("since" = Option<String>, Query, description = "First moment, RFC 3339"),
    ("until" = Option<String>, Query, description = "Last moment, RFC 3339"),
    ("limit" = Option<usize>, Query, description = "Most hits of the page"),
    ("after" = Option<String>, Query, description = "Where the page before ended")),
    responses((status = 200, description = "Hits, and where the next page begins", body = Object), (status = 400, body = Problem)))]
pub async fn export(
    State(shared): State<Shared>,
    parameters: Result<Parameters<SearchRequest>, QueryRejection>,
) -> Result<Json<ExportPage>, Problem> {
    let Parameters(request) = parameters.map_err(|refused| misread(&refused))?;
    let query = request.into_query().map_err(Problem::from)?;
    shared.call(move |installation| installation.export(query)).await.map(Json)
}

/// Accounts for every item.
#[utoipa::path(get, path = "/api/v1/counts", responses((status = 200, body = CountsReport)))]
pub async fn counts(State(shared): State<Shared>) -> Result<Json<CountsReport>, Problem> {
    shared.call(|installation| installation.counts()).await.map(Json)
}

/// Gives positions, lag and health.
#[utoipa::path(get, path = "/api/v1/status", responses((status = 200, body = Status)))]
pub async fn status(State(shared): State<Shared>) -> Result<Json<Status>, Problem> {
    shared.call(|installation| installation.status()).await.map(Json)
}

/// Which dead letters to feed back.
#[derive(Clone, Debug, Deserialize, IntoParams)]
pub struct ReplayParameters {
    /// Only those with this code.
    pub code: Option<String>,
}

/// How many dead letters were fed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// Raw records appended again.
    pub replayed: u64,
}

/// Feeds dead letters back.
#[utoipa::path(post, path = "/api/v1/replay", params(ReplayParameters), responses((status = 200, body = Replayed)))]
pub async fn replay(
    State(shared): State<Shared>,
    parameters: Result<Parameters<ReplayParameters>, QueryRejection>,
) -> Result<Json<Replayed>, Problem> {
    let Parameters(parameters) = parameters.map_err(|refused| misread(&refused))?;
    let work = move |installation: &dyn crate::Installation| installation.replay(parameters.code.as_deref());
    shared.call(work).await.map(|replayed| Json(Replayed { replayed }))
}

/// Takes the next step of bringing what is stored to this program's annotation; to be asked again until it is done.
#[utoipa::path(post, path = "/api/v1/reannotate", responses((status = 200, body = Reannotation), (status = 507, body = Problem)))]
pub async fn reannotate(State(shared): State<Shared>) -> Result<Json<Reannotation>, Problem> {
    shared.call(|installation| installation.reannotate()).await.map(Json)
}

impl SearchRequest {
    /// Reads the parameters of a search.
    ///
    /// # Errors
    /// [`Fault::Invalid`] for a filter without a colon or a time that cannot be read.
    pub fn into_query(self) -> Result<Query, Fault> {
        let limit = self.limit.unwrap_or(HITS);
        let mut query = Query { text: self.q, facets: list(&self.facets), limit, ..Query::default() };
        query.copies = self.copies;
        query.language = self.language;
        query.sort = self.sort.as_deref().map(sort).transpose()?.unwrap_or_default();
        query.histogram = self.step.is_some();
        query.step = self.step.as_deref().map(step).transpose()?.unwrap_or_default();
        query.like = self.like.as_deref().map(|text| coded("like", text)).transpose()?;
        query.after = self.after.as_deref().map(|text| coded("after", text)).transpose()?;
        query.since = self.since.as_deref().map(|text| moment("since", text)).transpose()?;
        query.until = self.until.as_deref().map(|text| moment("until", text)).transpose()?;
        for filter in list(&self.filter) {
            let Some((field, value)) = filter.split_once(':') else {
                return Err(Fault::invalid(
                    "api.bad_filter",
                    format!("filter {filter:?}: write field:value"),
                ));
            };
            match query.filters.iter_mut().find(|known: &&mut Filter| known.field == field) {
                Some(known) => known.values.push(value.to_owned()),
                None => {
                    query.filters.push(Filter { field: field.to_owned(), values: vec![value.to_owned()] })
                }
            }
        }
        Ok(query)
    }
}

/// Lists saved searches with what they find, and which of them raise an alert.
#[utoipa::path(get, path = "/api/v1/searches", responses((status = 200, description = "Saved searches", body = Vec<Object>)))]
pub async fn searches(State(shared): State<Shared>) -> Result<Json<Vec<SavedRow>>, Problem> {
    shared.call(|installation| installation.saved_searches()).await.map(Json)
}

/// Splits at commas; a backslash before a comma (or a backslash) makes it part of the value.
fn list(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        match values.last_mut() {
            Some(value) if escaped || !matches!(c, ',' | '\\') => value.push(c),
            _ if c == ',' => values.push(String::new()),
            _ => {}
        }
        escaped = !escaped && c == '\\';
    }
    values.iter().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()).collect()
}

fn sort(text: &str) -> Result<Sort, Fault> {
    match text {
        "relevance" => Ok(Sort::Relevance),
        "time" => Ok(Sort::Time),
        "severity" => Ok(Sort::Severity),
        _ => Err(Fault::invalid("api.bad_parameter", "sort: relevance, time or severity")),
    }
}

fn step(text: &str) -> Result<Step, Fault> {
    match text {
        "day" => Ok(Step::Day),
        "week" => Ok(Step::Week),
        "month" => Ok(Step::Month),
        _ => Err(Fault::invalid("api.bad_parameter", "step: day, week or month")),
    }
}

/// Reads an id or a cursor.
fn coded<T: FromStr>(name: &str, text: &str) -> Result<T, Fault>
where
    T::Err: Display,
{
    text.parse().map_err(|error| Fault::invalid("api.bad_parameter", format!("{name}: {error}")))
}

fn moment(name: &str, text: &str) -> Result<groundswell_model::Timestamp, Fault> {
    text.parse().map_err(|_| Fault::invalid("api.bad_time", format!("{name}: write an RFC 3339 time")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_may_hold_a_comma() {
        assert_eq!(list(r"product:Tea\, green,kind:survey, "), ["product:Tea, green", "kind:survey"]);
        let request =
            SearchRequest { filter: r"product:a\,b,product:c".to_owned(), ..SearchRequest::default() };
        let query = request.into_query().unwrap();
        assert_eq!(query.filters[0].values, ["a,b", "c"]);
        assert_eq!(query.limit, HITS);
    }

    #[test]
    fn order_and_bars_are_named_and_nothing_else_is_taken() {
        let request = |sort: &str, step: &str| SearchRequest {
            sort: Some(sort.to_owned()),
            step: Some(step.to_owned()),
            ..SearchRequest::default()
        };
        let query = request("severity", "week").into_query().unwrap();
        assert_eq!((query.sort, query.step, query.histogram), (Sort::Severity, Step::Week, true));
        for wrong in [request("price", "day"), request("time", "hour")] {
            assert_eq!(wrong.into_query().unwrap_err().code(), "api.bad_parameter");
        }
        let like = SearchRequest { like: Some("no id".to_owned()), ..SearchRequest::default() };
        assert!(like.into_query().unwrap_err().to_string().starts_with("like: "));
    }
}
