//! Probes for monitoring. They reveal nothing else.

use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use latchkey_app::{audience::Audience, registry::Route};

use super::state::WebState;

const ALIVE: &str = "/healthz";
const READY: &str = "/readyz";

/// The paths of the probes.
pub(super) const ROUTES: [Route; 2] = [
    Route::new(ALIVE, Audience::Anyone),
    Route::new(READY, Audience::Anyone),
];

/// The probes.
pub(super) fn routes() -> Router<WebState> {
    Router::new()
        .route(ALIVE, get(alive))
        .route(READY, get(ready))
}

/// The process answers.
async fn alive() -> &'static str {
    "alive\n"
}

/// The node works: PostgreSQL also answers, and accepts writes.
async fn ready(State(state): State<WebState>) -> (StatusCode, &'static str) {
    match state.core.databases.is_ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(
                cause = std::error::Error::source(&error).map(tracing::field::display),
                "not ready"
            );
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "PostgreSQL does not do its work\n",
            )
        }
    }
}
