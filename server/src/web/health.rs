//! Probes for monitoring. They reveal nothing else.

use axum::extract::State;
use http::StatusCode;

use super::state::WebState;

/// The process answers.
pub async fn alive() -> &'static str {
    "alive\n"
}

/// The node works: PostgreSQL also answers, and accepts writes.
pub async fn ready(State(state): State<WebState>) -> (StatusCode, &'static str) {
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
