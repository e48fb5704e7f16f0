//! Routes, one file per subject. Every call into the installation runs on a blocking thread, bounded in number: more
//! than that are answered 503 with `Retry-After`, never queued without end.

mod decisions;
mod feedback;
mod health;
mod imports;
mod issues;
mod themes;
mod views;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::access::{Token, require_token};
use crate::installation::{Fault, Installation};
use crate::problem::Problem;

pub(crate) use decisions::{
    __path_correct, __path_corrections, __path_feedback, __path_promises, __path_review,
};
pub(crate) use feedback::__path_push;
pub(crate) use health::{__path_live, __path_metrics, __path_ready};
pub(crate) use imports::{__path_append, __path_begin, __path_finish, __path_outcome};
pub(crate) use issues::{__path_act, __path_assumptions, __path_list, __path_rejudge, __path_show};
pub(crate) use themes::{
    __path_theme_diff, __path_theme_edits, __path_theme_find, __path_theme_list, __path_theme_search,
    __path_theme_show,
};
pub(crate) use views::{
    __path_counts, __path_export, __path_reannotate, __path_replay, __path_report, __path_search,
    __path_searches, __path_status,
};

/// Largest body of a request.
const MAX_BODY: usize = 16 << 20;
/// Most calls into the installation at a time.
const MAX_CALLS: usize = 64;

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Shared {
    installation: Arc<dyn Installation>,
    calls: Arc<Semaphore>,
}

impl Shared {
    /// Runs a call on a blocking thread.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Installation) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Problem> {
        let busy =
            || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "api.busy", "too many requests at a time");
        let permit = Arc::clone(&self.calls).try_acquire_owned().map_err(|_| busy())?;
        self.look(move |installation| {
            let _permit = permit;
            work(installation)
        })
        .await
    }

    /// Runs a call that never waits for long, however many others wait: health and metrics.
    pub async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Installation) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Problem> {
        let installation = Arc::clone(&self.installation);
        let done = tokio::task::spawn_blocking(move || work(installation.as_ref()));
        match done.await {
            Ok(result) => result.map_err(Problem::from),
            Err(error) => {
                tracing::error!(%error, "a request failed inside");
                Err(Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "api.internal",
                    "the request failed inside",
                ))
            }
        }
    }
}

/// Makes the problem of a body that cannot be read: too large, or not what it must be.
pub(crate) fn unreadable(status: StatusCode, why: &str) -> Problem {
    let code = if status == StatusCode::PAYLOAD_TOO_LARGE { "api.too_large" } else { "api.bad_body" };
    Problem::new(status, code, why)
}

/// Makes the problem of parameters that cannot be read.
pub(crate) fn misread(refused: &QueryRejection) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "api.bad_parameter", refused.body_text())
}

/// Makes the router of an installation. Health and metrics are open, the rest needs the data folder's token.
pub fn router(installation: Arc<dyn Installation>, token: Token) -> Router {
    let shared = Shared { installation, calls: Arc::new(Semaphore::new(MAX_CALLS)) };
    let api = Router::new()
        .route("/api/v1/feedback", post(feedback::push))
        .route("/api/v1/feedback/{id}", get(decisions::feedback))
        .route("/api/v1/imports", post(imports::begin))
        .route("/api/v1/imports/rows", post(imports::append))
        .route("/api/v1/imports/{import}/finish", post(imports::finish))
        .route("/api/v1/imports/{import}", get(imports::outcome))
        .route("/api/v1/issues", get(issues::list))
        .route("/api/v1/issues/{id}", get(issues::show))
        .route("/api/v1/actions", post(issues::act))
        .route("/api/v1/assumptions", get(issues::assumptions))
        .route("/api/v1/corrections", get(decisions::corrections).post(decisions::correct))
        .route("/api/v1/promises", get(decisions::promises))
        .route("/api/v1/review", get(decisions::review))
        .route("/api/v1/themes", get(themes::theme_list))
        .route("/api/v1/themes/edits", get(themes::theme_edits))
        .route("/api/v1/themes/diff", get(themes::theme_diff))
        .route("/api/v1/themes/runs", get(themes::theme_search).post(themes::theme_find))
        .route("/api/v1/themes/{id}", get(themes::theme_show))
        .route("/api/v1/rejudge", get(issues::rejudge))
        .route("/api/v1/report", get(views::report))
        .route("/api/v1/search", get(views::search))
        .route("/api/v1/searches", get(views::searches))
        .route("/api/v1/export", get(views::export))
        .route("/api/v1/counts", get(views::counts))
        .route("/api/v1/status", get(views::status))
        .route("/api/v1/replay", post(views::replay))
        .route("/api/v1/reannotate", post(views::reannotate))
        .layer(middleware::from_fn_with_state(token, require_token));
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .merge(api)
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "api.not_found", "no such route") })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(shared)
}

/// Serves an installation until `stopped` ends; requests under way are answered first.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    installation: Arc<dyn Installation>,
    token: Token,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(installation, token)).with_graceful_shutdown(stopped).await
}
