//! Addresses that browsers, password managers and crawlers request from every site, and the canonical
//! spelling of paths.

use axum::{
    Router,
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
    routing::get,
};
use http::{StatusCode, header, uri::PathAndQuery};
use latchkey_app::{ASSETS, audience::Audience, registry::Route, routes::SECURITY};

use super::state::WebState;

/// Search engines should index nothing here (RFC 9309).
const ROBOTS: &str = "User-agent: *\nDisallow: /\n";

const CHANGE_PASSWORD: &str = "/.well-known/change-password";
const ROBOTS_FILE: &str = "/robots.txt";
const ICON: &str = "/favicon.ico";

/// The paths of this file.
pub(super) const ROUTES: [Route; 3] = [
    Route::new(CHANGE_PASSWORD, Audience::Anyone),
    Route::new(ROBOTS_FILE, Audience::Anyone),
    Route::new(ICON, Audience::Anyone),
];

/// The routes for every client, with or without a session.
pub(super) fn routes() -> Router<WebState> {
    let icon = ["/", ASSETS, "/favicon.svg"].concat();
    Router::new()
        // https://w3c.github.io/webappsec-change-password-url/
        .route(
            CHANGE_PASSWORD,
            get(|| async { (StatusCode::FOUND, [(header::LOCATION, SECURITY)]) }),
        )
        .route(
            "/.well-known/{*name}",
            get(|| async { StatusCode::NOT_FOUND }),
        )
        .route(ROBOTS_FILE, get(|| async { ROBOTS }))
        .route(
            ICON,
            get(move || async move { Redirect::permanent(&icon) }),
        )
}

/// Redirects a path with a slash at its end to the path without it, before any other layer sees the request.
pub(super) async fn without_trailing_slash(request: Request, next: Next) -> Response {
    match shorter(request.uri().path_and_query()) {
        Some(location) => Redirect::permanent(&location).into_response(),
        None => next.run(request).await,
    }
}

/// The same path without slashes at its end, and with one slash at its start, because `//host` is another
/// origin. Browsers read `\` as `/`, so a path with `\` is not redirected, and does not exist.
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
