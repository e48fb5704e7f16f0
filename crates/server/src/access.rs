//! Access with the data folder's token: whoever can read the folder may use the API. Compared in constant time.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

/// The token of the data folder.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(***)")
    }
}

impl Token {
    /// Takes the token as it stands in the data folder.
    pub fn new(token: String) -> Self {
        Self(token)
    }

    fn matches(&self, given: &str) -> bool {
        let (a, b) = (self.0.as_bytes(), given.as_bytes());
        let differences = a.iter().zip(b).fold(a.len() ^ b.len(), |sum, (x, y)| sum | usize::from(x ^ y));
        differences == 0 && !a.is_empty()
    }
}

/// Lets a request through that carries the token as `Authorization: Bearer …`.
pub async fn require_token(State(token): State<Token>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    if given.is_some_and(|given| token.matches(given)) {
        return next.run(request).await;
    }
    let problem = Problem::new(
        StatusCode::UNAUTHORIZED,
        "api.unauthorised",
        "send the token of the data folder (server.json) as `Authorization: Bearer …`",
    );
    problem.into_response()
}
