//! The security headers of every response: pages, files, errors (ASVS 5.0, 3.4).
//!
//! Only this file has the policy's text. A page adds its nonce: `leptos_axum` makes a nonce for each
//! rendering, and the page shell passes it on in the response header [`NONCE_HEADER`], which never leaves the
//! server:
//!
//! ```text
//! if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) {
//!     response.insert_header("x-latchkey-nonce", nonce);
//! }
//! ```
//!
//! That works because pages are rendered as a whole (`SsrMode::Async`) and `leptos_axum` applies its response options
//! before the first byte of the body.

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};

use super::client_address::Scheme;

/// Carries a page's nonce from the page shell to this layer.
pub const NONCE_HEADER: HeaderName = HeaderName::from_static("x-latchkey-nonce");

/// The headers with the same value on every response.
const FIXED: [(HeaderName, &str); 6] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: browsers would post forms with `Origin: null`, which does not match Latchkey's origin.
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    // Only names that every browser knows, because browsers report an unknown name on the console. Passkeys
    // stay permitted.
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), usb=()",
    ),
    // For browsers that do not know `frame-ancestors`.
    (X_FRAME_OPTIONS, "DENY"),
];

/// A year, without `includeSubDomains`: other services may run below the host of this server. An
/// administrator whose hosts all speak https can add `includeSubDomains` in the proxy.
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// The policy if the real policy is no valid header value, which cannot happen with a checked nonce.
const NOTHING_AT_ALL: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// Middleware that sets the headers. It goes around everything that answers, and inside of
/// [`identify_client`](super::client_address::identify_client), whose [`Scheme`] it reads.
///
/// A response without `Cache-Control` is not stored (ASVS 5.0, 14.3.2); the handlers of hashed files and of logos set their
/// own, also on its 304. A handler's own value of any other of these headers is replaced.
pub async fn security_headers(request: Request, next: Next) -> Response {
    let scheme = request.extensions().get::<Scheme>().copied();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();

    let nonce = headers.remove(NONCE_HEADER);
    headers.insert(CONTENT_SECURITY_POLICY, policy_value(nonce.as_ref()));
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Browsers ignore the header over http (RFC 6797, 8.1), and it must not be sent there (7.2).
    if scheme == Some(Scheme::Https) {
        headers.insert(STRICT_TRANSPORT_SECURITY, TRANSPORT_SECURITY);
    }
    forbid_storing_unless_decided(headers);
    response
}

fn forbid_storing_unless_decided(headers: &mut HeaderMap) {
    headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
}

/// The content security policy of a page with this nonce, or of a response that is no page and so runs no script.
///
/// `'self'` permits the modules that the nonce's inline script imports, `'wasm-unsafe-eval'` permits
/// compiling WebAssembly.
pub fn policy(nonce: Option<&str>) -> String {
    let script = match nonce {
        Some(nonce) => format!("'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"),
        None => "'none'".to_owned(),
    };
    format!(
        "default-src 'none'; script-src {script}; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         object-src 'none'"
    )
}

fn policy_value(nonce: Option<&HeaderValue>) -> HeaderValue {
    let nonce = nonce
        .and_then(|nonce| nonce.to_str().ok())
        .filter(|nonce| is_nonce(nonce));
    HeaderValue::try_from(policy(nonce)).unwrap_or(NOTHING_AT_ALL)
}

/// Whether the text is base64 or base64url (CSP 3, 2.3.1) of at least 128 bits. Other text, such as `'` or
/// `;`, could rewrite the policy.
fn is_nonce(text: &str) -> bool {
    text.len() >= 22
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use axum::{
        Extension, Router, body::Body, http::StatusCode, middleware, response::IntoResponse,
        routing::get,
    };
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    const NONCE: &str = "AbCdEfGhIjKlMnOpQrStUv";

    fn router() -> Router {
        let hashed = || async {
            (
                [(CACHE_CONTROL, "public, max-age=31536000, immutable")],
                "body",
            )
        };
        let own = || async {
            (
                [
                    (CONTENT_SECURITY_POLICY, "default-src *"),
                    (X_FRAME_OPTIONS, "SAMEORIGIN"),
                ],
                "body",
            )
        };
        Router::new()
            .route("/healthz", get(|| async { "ok" }))
            .route("/page", get(|| async { ([(NONCE_HEADER, NONCE)], "page") }))
            .route(
                "/bad-nonce",
                get(|| async { ([(NONCE_HEADER, "x'; script-src * 'unsafe-inline")], "page") }),
            )
            .route("/pkg/latchkey.abc123.js", get(hashed))
            .route("/own", get(own))
            .route(
                "/error",
                get(|| async { StatusCode::INTERNAL_SERVER_ERROR.into_response() }),
            )
            .route(
                "/panic",
                get(|| async { std::panic::panic_any("a test panics") as Response }),
            )
            .layer(CatchPanicLayer::new())
            .layer(middleware::from_fn(security_headers))
    }

    async fn send(method: &str, path: &str, scheme: Scheme) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        router()
            .layer(Extension(scheme))
            .oneshot(request)
            .await
            .unwrap()
    }

    async fn get_headers(path: &str) -> HeaderMap {
        send("GET", path, Scheme::Https).await.headers().clone()
    }

    fn text(headers: &HeaderMap, name: &HeaderName) -> String {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect();
        values.join(" AND ")
    }

    #[tokio::test]
    async fn every_response_carries_every_header() {
        let cases = [
            ("GET", "/healthz", 200),
            ("HEAD", "/healthz", 200),
            ("GET", "/page", 200),
            ("GET", "/pkg/latchkey.abc123.js", 200),
            ("GET", "/own", 200),
            ("GET", "/nowhere", 404),
            ("POST", "/healthz", 405),
            ("GET", "/error", 500),
            ("GET", "/panic", 500),
        ];
        for (method, path, status) in cases {
            let response = send(method, path, Scheme::Https).await;
            assert_eq!(response.status(), status, "{method} {path}");
            for (name, value) in FIXED {
                assert_eq!(text(response.headers(), &name), value, "{method} {path}");
            }
            let policy = text(response.headers(), &CONTENT_SECURITY_POLICY);
            assert!(
                policy.starts_with("default-src 'none'; script-src "),
                "{method} {path}: {policy}"
            );
            assert_eq!(
                text(response.headers(), &STRICT_TRANSPORT_SECURITY),
                "max-age=31536000"
            );
        }
    }

    #[tokio::test]
    async fn a_page_runs_only_scripts_with_its_nonce_and_from_here() {
        let headers = get_headers("/page").await;
        assert_eq!(
            text(&headers, &CONTENT_SECURITY_POLICY),
            "default-src 'none'; script-src 'self' 'nonce-AbCdEfGhIjKlMnOpQrStUv' 'wasm-unsafe-eval'; \
             style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
        );
        assert!(!headers.contains_key(NONCE_HEADER));
    }

    #[tokio::test]
    async fn what_has_no_nonce_or_a_strange_one_runs_no_script() {
        for path in ["/healthz", "/nowhere", "/error", "/own", "/bad-nonce"] {
            let headers = get_headers(path).await;
            assert_eq!(
                text(&headers, &CONTENT_SECURITY_POLICY),
                policy(None),
                "{path}"
            );
            assert!(!headers.contains_key(NONCE_HEADER), "{path}");
        }
        assert!(policy(None).contains("script-src 'none';"));
    }

    #[tokio::test]
    async fn only_what_says_so_may_be_stored() {
        let cache = async |path: &str| text(&get_headers(path).await, &CACHE_CONTROL);
        assert_eq!(
            cache("/pkg/latchkey.abc123.js").await,
            "public, max-age=31536000, immutable"
        );
        for path in ["/healthz", "/page", "/nowhere", "/error"] {
            assert_eq!(cache(path).await, "no-store", "{path}");
        }
    }

    #[tokio::test]
    async fn transport_security_is_promised_only_over_https() {
        let plain = send("GET", "/page", Scheme::Http).await;
        assert!(!plain.headers().contains_key(STRICT_TRANSPORT_SECURITY));
    }

    #[test]
    fn a_nonce_is_long_and_cannot_leave_its_quotes() {
        assert!(
            is_nonce(NONCE)
                && is_nonce("abcdefghijklmnopqrst+/==")
                && is_nonce("abcdefghijklmnopqrst-_")
        );
        for text in [
            "",
            "short",
            "abcdefghijklmnopqrstuv'",
            "abcdefghijklmnop qrstuv",
            "abcdefghijklmnopqrstu;v",
        ] {
            assert!(!is_nonce(text), "{text}");
        }
    }
}
