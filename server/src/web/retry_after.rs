//! Adds `Retry-After` to every answer that refuses temporarily, from any layer.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderValue, StatusCode, header};
use latchkey_app::wire::ApiError;

/// Completes an answer that has such a status but no header (RFC 9110, 15.6.4; RFC 6585, 4).
pub(super) async fn say(request: Request, next: Next) -> Response {
    complete(next.run(request).await)
}

fn complete(mut response: Response) -> Response {
    let is_passing = matches!(
        response.status(),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    );
    if is_passing && let Some(seconds) = ApiError::Unavailable.retry_after_seconds() {
        let headers = response.headers_mut();
        let entry = headers.entry(header::RETRY_AFTER);
        entry.or_insert(HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    #[test]
    fn every_answer_that_passes_says_when_to_come_back() {
        for status in (100..=599).filter_map(|code| StatusCode::from_u16(code).ok()) {
            let answer = complete(status.into_response());
            let says = answer.headers().contains_key(header::RETRY_AFTER);
            assert_eq!(says, [503, 429].contains(&status.as_u16()), "{status}");
        }
        let own = (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "30")]);
        let answer = complete(own.into_response());
        assert_eq!(answer.headers()[header::RETRY_AFTER], "30");
    }
}
