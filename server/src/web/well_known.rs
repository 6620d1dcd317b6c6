//! Addresses that browsers, password managers and crawlers ask every site for, and how ours are spelled.

use axum::{
    Router,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{StatusCode, header, uri::PathAndQuery};
use latchkey_app::{ASSETS, routes::SECURITY};

use super::router::WebState;

/// Nothing here is for search engines (RFC 9309).
const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

/// What is answered to everybody, logged in or not.
pub(super) fn routes() -> Router<WebState> {
    let icon = ["/", ASSETS, "/favicon.svg"].concat();
    Router::new()
        // https://w3c.github.io/webappsec-change-password-url/
        .route(
            "/.well-known/change-password",
            get(|| async { (StatusCode::FOUND, [(header::LOCATION, SECURITY)]) }),
        )
        .route(
            "/.well-known/{*name}",
            get(|| async { StatusCode::NOT_FOUND }),
        )
        .route("/robots.txt", get(|| async { ROBOTS }))
        .route(
            "/favicon.ico",
            get(move || async move { Redirect::permanent(&icon) }),
        )
}

/// Sends a path with a slash at its end on to the one without, before anything else looks at it.
pub(super) async fn without_trailing_slash(request: Request, next: Next) -> Response {
    match shorter(request.uri().path_and_query()) {
        Some(location) => Redirect::permanent(&location).into_response(),
        None => next.run(request).await,
    }
}

/// The same path without slashes at its end, and with one at its start: `//host` is another origin.
/// Browsers take `\` for `/`: what has one is not there, and is not sent anywhere.
fn shorter(asked: Option<&PathAndQuery>) -> Option<String> {
    let asked = asked?;
    let path = asked.path();
    if path == "/" || !path.ends_with('/') || path.contains('\\') {
        return None;
    }
    let query = asked.query().map(|query| ["?", query].concat());
    Some(["/", path.trim_matches('/'), &query.unwrap_or_default()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_is_taken_off_and_never_leads_elsewhere() {
        for (asked, location) in [
            ("/", None),
            ("/login", None),
            ("/login/", Some("/login")),
            ("/login/?next=/a/", Some("/login?next=/a/")),
            ("/profile/devices//", Some("/profile/devices")),
            ("//evil.example/", Some("/evil.example")),
            ("///evil.example/", Some("/evil.example")),
            ("/\\evil.example/", None),
            ("//", Some("/")),
            ("/a?b/", None),
        ] {
            let asked: PathAndQuery = asked.parse().unwrap();
            assert_eq!(shorter(Some(&asked)).as_deref(), location, "{asked}");
        }
    }
}
