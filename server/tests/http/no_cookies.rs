//! A browser that keeps no cookies. The page says so, and no session stays behind.

use http::StatusCode;
use latchkey_core::testing::{self, PASSWORD};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;

use crate::browser::{Answer, Browser, TestServer};

const TOLD: &str = "did not send back a cookie";

async fn submit(browser: &mut Browser, password: &str) -> Answer {
    let fields = [
        ("login", "ada@example.com"),
        ("password", password),
        ("next", "/profile/devices"),
    ];
    let mut other = browser.clone().with("accept", "text/html");
    let answer = other.post("/api/log_in", &fields).await;
    browser.cookies = other.cookies;
    answer
}

async fn live_sessions(options: PgConnectOptions) -> i64 {
    let pool = testing::look(options).await;
    sqlx::query_scalar("select count(*) from sessions where ended_at is null")
        .fetch_one(&pool)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_browser_that_keeps_no_cookie_is_told_and_leaves_no_session(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options.clone()).await;
    let forgetful = || server.browser();
    let by_form = submit(&mut forgetful(), PASSWORD).await;
    let by_script = forgetful().log_in("ada@example.com", PASSWORD).await;
    let by_script: Value = serde_json::from_str(&by_script.body).unwrap();
    assert_eq!(live_sessions(options.clone()).await, 2);
    for location in [by_form.location(), by_script["location"].as_str().unwrap()] {
        let page = forgetful().get(location).await;
        assert_eq!(page.status, StatusCode::OK, "{location}");
        assert!(page.body.contains(TOLD), "{}", page.body);
    }
    assert_eq!(live_sessions(options).await, 0);

    // The notice about a wrong password cannot come by a cookie either.
    let refused = submit(&mut forgetful(), "wrong").await;
    let page = forgetful().get(refused.location()).await;
    assert!(page.body.contains(TOLD));
}

#[sqlx::test(migrations = false)]
async fn a_browser_that_keeps_cookies_lands_where_it_was_going(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut browser = server.browser();
    let refused = submit(&mut browser, "wrong").await;
    let asked = browser.get(refused.location()).await;
    assert_eq!(
        (asked.status, asked.location()),
        (StatusCode::SEE_OTHER, "/login?next=/profile/devices")
    );
    let page = browser.get(asked.location()).await;
    assert!(page.body.contains("role=\"alert\"") && !page.body.contains(TOLD));

    let mut browser = server.browser();
    let answer = submit(&mut browser, PASSWORD).await;
    let asked = browser.get(answer.location()).await;
    assert_eq!(
        (asked.status, asked.location()),
        (StatusCode::SEE_OTHER, "/profile/devices")
    );
    // From now on the server knows that the browser keeps cookies.
    let again = submit(&mut browser, PASSWORD).await;
    assert_eq!(again.location(), "/profile/devices");
}

/// The address stays in the browser's history, and a person may share it.
#[sqlx::test(migrations = false)]
async fn the_address_of_a_log_in_ends_nothing_later(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options.clone()).await;
    let mut ada = server.browser();
    let answer = submit(&mut ada, PASSWORD).await;
    let token = ada.session().unwrap().1.to_owned();
    assert!(!answer.location().contains(&token));
    server.bed.clock.advance(Duration::from_mins(1));
    server.browser().get(answer.location()).await;
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
    for marker in [
        "",
        "x",
        "none",
        ".",
        "0.acme",
        &format!("{}.nowhere", "0".repeat(64)),
    ] {
        let page = server
            .browser()
            .get(&format!("/login?cookie={marker}"))
            .await;
        assert_eq!(page.status, StatusCode::OK, "{marker}");
    }
    assert_eq!(live_sessions(options).await, 1);
}
