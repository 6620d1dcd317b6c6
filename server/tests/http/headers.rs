//! The headers that every answer carries.

use http::StatusCode;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::TestServer;

#[sqlx::test(migrations = false)]
async fn every_answer_carries_them(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    for path in [
        "/",
        "/profile/devices",
        "/nowhere",
        "/assets/latchkey.aa.js",
        "/assets/nothing",
        "/healthz",
        "/readyz",
        "/api/list_devices",
        "/api/nothing",
    ] {
        let answer = ada.get(path).await;
        let policy = answer.header("content-security-policy");
        for directive in [
            "default-src 'none'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(
                policy.contains(directive),
                "{path}: {directive} is not in {policy}"
            );
        }
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval "),
            "{path}: {policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("server"), "", "{path}");
        assert_eq!(answer.header("x-latchkey-nonce"), "", "{path}");
        if !path.starts_with("/assets/latchkey") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn every_page_has_a_nonce_of_its_own_and_no_inline_style(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut browser = server.browser();
    let mut nonces = Vec::new();
    for _ in 0..2 {
        let page = browser.get("/login").await;
        assert_eq!(page.status, StatusCode::OK);
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap()
            .to_owned();
        for script in page.body.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
        }
        assert!(!page.body.contains(" style=\""));
        nonces.push(nonce);
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[sqlx::test(migrations = false)]
async fn hashed_files_never_change_and_others_are_asked_for_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut browser = server.browser();
    let hashed = browser.get("/assets/latchkey.aa.js").await;
    assert_eq!(
        hashed.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let icon = browser.get("/assets/favicon.svg").await;
    assert_eq!(icon.header("cache-control"), "public, max-age=3600");
}
