//! Refuses changes that another site makes a browser send (ASVS 5.0, 3.5.1 to 3.5.3; log-in CSRF: 7.6.2).
//!
//! The browser says in `Sec-Fetch-Site`, else in `Origin`, which site sent a request. `tower-http` decides by
//! these headers and follows Go's `net/http.CrossOriginProtection`. It lets a request with neither header
//! pass, because such clients are programs. Latchkey accepts that only without a cookie: a request with a
//! cookie and neither header comes from an old or unusual browser, and no header proves who sent it.
//!
//! Browsers send no `Sec-Fetch-Site` to plain-http origins other than localhost. Then `Origin` must match
//! `Host`, or the configured `base_url` behind a proxy that changes `Host`.

use axum::{
    Router,
    extract::Request,
    http::{
        HeaderMap, Method, StatusCode,
        header::{CONTENT_TYPE, COOKIE, HeaderName, ORIGIN},
    },
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use latchkey_app::request::Visitor;
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use crate::config::BaseUrl;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The answer to a person whose browser posted a form.
const SENTENCE: &str = "This request came from another site and was refused. Go back, reload the page and try again.\n";
/// The answer to Latchkey's own client: the JSON form of the error of server functions.
const JSON: &str = "\"CrossSite\"";

/// Puts the protection around all routes that `router` has so far.
///
/// Refused requests are answered 403 and never reach a handler. Fails only on an origin that [`BaseUrl`] does not produce.
pub fn protect<S>(router: Router<S>, base_url: Option<&BaseUrl>) -> Result<Router<S>, ConfigError>
where
    S: Clone + Send + Sync + 'static,
{
    let mut decide = CsrfLayer::new();
    if let Some(url) = base_url {
        decide = decide.add_trusted_origin(url.origin())?;
    }
    Ok(router.layer(decide).layer(from_fn(refuse)))
}

/// Adds Latchkey's stricter rule to the layer inside, and writes the answer, because that layer does not see
/// what the client accepts.
async fn refuse(request: Request, next: Next) -> Response {
    let answer = Refusal::suiting(request.headers());
    if is_unvouched_change(&request) {
        return answer.into_response();
    }
    let response = next.run(request).await;
    match response.extensions().get::<ProtectionError>() {
        Some(_) => answer.into_response(),
        None => response,
    }
}

/// Whether the request is a change with a cookie, and neither header says which site sent it.
fn is_unvouched_change(request: &Request) -> bool {
    // The same methods as in the layer inside: `Method::is_safe` would also let TRACE pass.
    let changes = !matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let says = |name| {
        request
            .headers()
            .get(name)
            .is_some_and(|value| !value.is_empty())
    };
    changes && request.headers().contains_key(COOKIE) && !says(FETCH_SITE) && !says(ORIGIN)
}

/// The form of the answer.
#[derive(Clone, Copy)]
enum Refusal {
    Sentence,
    Json,
}

impl Refusal {
    /// A browser that posts a form accepts HTML; Latchkey's own client does not.
    fn suiting(headers: &HeaderMap) -> Self {
        if Visitor::wants_page(headers) {
            Self::Sentence
        } else {
            Self::Json
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (kind, body) = match self {
            Self::Sentence => ("text/plain; charset=utf-8", SENTENCE),
            Self::Json => ("application/json", JSON),
        };
        (StatusCode::FORBIDDEN, [(CONTENT_TYPE, kind)], body).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::request::Builder,
        routing::any,
    };
    use tower::ServiceExt;

    use super::*;

    const SITES: [Option<&str>; 5] = [
        None,
        Some("none"),
        Some("same-origin"),
        Some("same-site"),
        Some("cross-site"),
    ];
    const ORIGINS: [Option<&str>; 4] = [
        None,
        Some("null"),
        Some("https://here.example"),
        Some("https://other.example"),
    ];

    /// For each of `SITES`, one letter for each of `ORIGINS`: p passes, - is refused. All requests carry a
    /// cookie.
    const POST: [&str; 5] = [
        "--p-", // no Sec-Fetch-Site: only Latchkey's own origin
        "pppp", // none: the user's own action, such as a reload
        "pppp", // same-origin
        "----", // same-site: another host below the same domain
        "----", // cross-site
    ];
    const GET: [&str; 5] = ["pppp"; 5];

    fn request(method: &str, site: Option<&str>, origin: Option<&str>) -> Builder {
        let mut request = Request::builder()
            .method(method)
            .uri("/")
            .header("host", "here.example");
        for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        request
    }

    async fn send(request: Builder, base_url: Option<&str>) -> Response {
        let url: Option<BaseUrl> = base_url.map(|url| url.parse().unwrap());
        let router = Router::new().route("/", any(|| async { "passed" }));
        let request = request.body(Body::empty()).unwrap();
        protect(router, url.as_ref())
            .unwrap()
            .oneshot(request)
            .await
            .unwrap()
    }

    async fn status(request: Builder) -> u16 {
        send(request, None).await.status().as_u16()
    }

    async fn assert_table(method: &str, table: [&str; 5]) {
        for (site, row) in SITES.into_iter().zip(table) {
            for (origin, expected) in ORIGINS.into_iter().zip(row.chars()) {
                let status = status(request(method, site, origin).header("cookie", "a=b")).await;
                let expected = if expected == 'p' { 200 } else { 403 };
                assert_eq!(
                    status, expected,
                    "{method}, Sec-Fetch-Site {site:?}, Origin {origin:?}"
                );
            }
        }
    }

    #[tokio::test]
    async fn changes_are_accepted_only_from_our_own_origin() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            assert_table(method, POST).await;
        }
    }

    #[tokio::test]
    async fn reading_is_free() {
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert_table(method, GET).await;
        }
    }

    #[tokio::test]
    async fn a_change_for_which_no_header_vouches_passes_only_without_a_cookie() {
        assert_eq!(status(request("POST", None, None)).await, 200);
        assert_eq!(
            status(request("POST", None, None).header("cookie", "")).await,
            403
        );
        assert_eq!(
            status(request("POST", Some(""), Some("")).header("cookie", "a=b")).await,
            403
        );
        assert_eq!(status(request("POST", Some("cross-site"), None)).await, 403);
        assert_eq!(
            status(request("POST", None, Some("https://other.example"))).await,
            403
        );
    }

    #[tokio::test]
    async fn another_port_is_another_origin() {
        assert_eq!(
            status(request("POST", None, Some("https://here.example:8443"))).await,
            403
        );
        assert_eq!(
            status(request(
                "POST",
                None,
                Some("https://here.example.evil.example")
            ))
            .await,
            403
        );
    }

    #[tokio::test]
    async fn the_configured_origin_is_ours_even_when_a_proxy_changes_the_host() {
        let public = || request("POST", None, Some("https://latchkey.example.com"));
        assert_eq!(send(public(), None).await.status(), 403);
        assert_eq!(
            send(public(), Some("https://latchkey.example.com"))
                .await
                .status(),
            200
        );
        assert_eq!(
            send(public(), Some("https://latchkey.example.com:8443"))
                .await
                .status(),
            403
        );
    }

    #[tokio::test]
    async fn the_content_type_makes_no_difference() {
        for kind in [
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/plain",
            "application/json",
        ] {
            let forged = request("POST", Some("cross-site"), Some("https://other.example"));
            assert_eq!(
                status(forged.header("content-type", kind)).await,
                403,
                "{kind}"
            );
        }
    }

    #[tokio::test]
    async fn the_refusal_suits_the_client() {
        let cases = [
            ("application/json", "application/json", JSON),
            ("*/*", "application/json", JSON),
            (
                "text/html,application/xhtml+xml,*/*;q=0.8",
                "text/plain; charset=utf-8",
                SENTENCE,
            ),
        ];
        let by_our_rule = || request("POST", None, None).header("cookie", "a=b");
        let by_the_layer = || request("POST", Some("cross-site"), None);
        for (accept, kind, text) in cases {
            for request in [by_our_rule(), by_the_layer()] {
                let response = send(request.header("accept", accept), None).await;
                assert_eq!(response.status(), 403);
                assert_eq!(response.headers()["content-type"], kind);
                assert_eq!(to_bytes(response.into_body(), 1_000).await.unwrap(), text);
            }
        }
    }
}
