//! One line a request, with what an operator needs and nothing that signs anybody in.

use axum::{extract::Request, middleware::Next, response::Response};
use http::StatusCode;
use tracing::Instrument as _;

use super::client_address::ClientAddress;

/// Gives every line of a request its method, path and address, and writes one when it is answered.
/// The query is left out: people put things there that they should not.
pub async fn log(request: Request, next: Next) -> Response {
    let address = request
        .extensions()
        .get::<ClientAddress>()
        .map(|address| tracing::field::display(address.0));
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        path = %request.uri().path().escape_debug(),
        address,
    );
    async move {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        match response.status() {
            // Who was refused what (OWASP ASVS 16.3.2).
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => tracing::info!(status, "refused"),
            _ => tracing::debug!(status, "answered"),
        }
        response
    }
    .instrument(span)
    .await
}
