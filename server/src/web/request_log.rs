//! Logs one line for each request, with what an operator needs and without secrets.

use axum::{extract::Request, middleware::Next, response::Response};
use http::StatusCode;
use tracing::Instrument as _;

use super::client_address::ClientAddress;

/// Longest shown part of a path and of a method, in bytes.
const LONGEST_PATH: usize = 256;
const LONGEST_METHOD: usize = 16;

/// Adds method, path and address to every line of a request, and writes a line when the request is answered.
/// The query is left out, because people put secrets into queries.
pub async fn log(request: Request, next: Next) -> Response {
    let address = request
        .extensions()
        .get::<ClientAddress>()
        .map(|address| tracing::field::display(address.0));
    let span = tracing::info_span!(
        "request",
        method = %cut(request.method().as_str(), LONGEST_METHOD),
        path = %cut(request.uri().path(), LONGEST_PATH),
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

/// The text, neutralised, and cut with a mark. A stranger chooses this text.
fn cut(text: &str, most: usize) -> String {
    let end = text.floor_char_boundary(most);
    let (shown, rest) = text.split_at(end);
    let mark = if rest.is_empty() { "" } else { "…" };
    format!("{}{mark}", shown.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_cut_at_a_character_and_marked() {
        assert_eq!(cut("/profile", 256), "/profile");
        assert_eq!(cut(&"x".repeat(256), 256), "x".repeat(256));
        assert_eq!(
            cut(&"x".repeat(65_000), 256),
            format!("{}…", "x".repeat(256))
        );
        assert_eq!(cut("/\u{fc}\u{fc}", 2), "/…");
        assert_eq!(cut("/a\n", 256), "/a\\n");
    }
}
