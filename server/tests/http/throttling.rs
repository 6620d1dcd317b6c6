//! The answers of a throttled log-in to a browser.

use http::StatusCode;
use latchkey_core::testing::PASSWORD;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const ADA: &str = "ada@example.com";

fn at(server: &TestServer, address: &str) -> Browser {
    let mut browser = server.browser();
    browser.peer = format!("{address}:50000").parse().unwrap();
    browser
}

#[sqlx::test(migrations = false)]
async fn too_many_failures_are_429_with_retry_after_alike_for_every_login(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    for (login, address) in [(ADA, "192.0.2.1"), ("nobody", "192.0.2.2")] {
        let mut browser = at(&server, address);
        for _ in 0..5 {
            let answer = browser.log_in(login, "wrong").await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{login}");
        }
        let answer = browser.log_in(login, PASSWORD).await;
        assert_eq!(
            (
                answer.status,
                answer.header("retry-after"),
                answer.body.as_str()
            ),
            (
                StatusCode::TOO_MANY_REQUESTS,
                "30",
                "{\"TooManyAttempts\":{\"retry_after_seconds\":30}}"
            ),
            "{login}"
        );
        assert!(answer.set_cookies().is_empty());
    }
}

#[sqlx::test(migrations = false)]
async fn without_javascript_the_page_says_when_to_try_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut browser = server.browser();
    for _ in 0..5 {
        browser.log_in(ADA, "wrong").await;
    }
    let fields = [("login", ADA), ("password", PASSWORD)];
    let answer = browser.submit("/login", "/api/log_in", &fields).await;
    let page = browser.follow(&answer).await;
    assert!(
        page.body
            .contains("Too many failed attempts. Wait 30 seconds, then try again."),
        "{}",
        page.body
    );
}

#[sqlx::test(migrations = false)]
async fn the_owners_browser_is_known_after_log_out_while_strangers_wait(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut owner = server.browser();
    let answer = owner.log_in(ADA, PASSWORD).await;
    let name = format!("latchkey-device-{}", server.bed.database.name());
    let cookies = answer.set_cookies();
    let line = cookies.iter().find(|line| line.starts_with(&name)).unwrap();
    for attribute in [
        "; HttpOnly",
        "; SameSite=Lax",
        "; Path=/",
        "; Max-Age=34560000",
    ] {
        assert!(line.contains(attribute), "{line}");
    }
    assert!(
        !answer.body.contains(&owner.cookies[&name]),
        "in the cookie alone"
    );
    let device = owner.cookies[&name].clone();
    owner.post("/api/log_out", &[]).await;

    let mut stranger = at(&server, "192.0.2.1");
    for _ in 0..6 {
        stranger.log_in(ADA, "wrong").await;
    }
    let refused = at(&server, "192.0.2.2").log_in(ADA, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let answer = owner.log_in(ADA, PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_ne!(owner.cookies[&name], device, "each log-in renews the token");
}

#[sqlx::test(migrations = false)]
async fn a_device_cookie_logs_no_person_in(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let database = server.bed.database.name();
    let session = format!("latchkey-session-{database}");
    let device = ada.cookies[&format!("latchkey-device-{database}")].clone();
    ada.cookies.remove(&session).unwrap();
    assert_eq!(
        ada.read("/api/list_devices").await.status,
        StatusCode::UNAUTHORIZED
    );
    ada.cookies.insert(session, device);
    assert_eq!(
        ada.read("/api/list_devices").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[sqlx::test(migrations = false)]
async fn the_device_cookie_is_kept_anew_at_each_log_in_and_holds_a_token_for_each_account(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    server.bed.another_user("eve").await;
    let name = format!("latchkey-device-{}", server.bed.database.name());
    let mut browser = server.browser();
    let mut held = Vec::new();
    for login in ["ada@example.com", "eve", "ada@example.com", "eve"] {
        let answer = browser.log_in(login, PASSWORD).await;
        let cookies = answer.set_cookies();
        let line = cookies.iter().find(|line| line.starts_with(&name)).unwrap();
        assert!(line.contains("Max-Age=34560000"), "{line}");
        held.push(browser.cookies[&name].clone());
        browser.post("/api/log_out", &[]).await;
    }
    // The account that logged in has a new token in front. The other account keeps its token.
    let tokens = held
        .iter()
        .map(|cookie| cookie.split('.').collect::<Vec<_>>());
    let [ada, both, again, still] = tokens.collect::<Vec<_>>().try_into().unwrap();
    assert_eq!((ada.len(), both[1]), (1, ada[0]));
    assert_eq!((again.len(), again[1]), (2, both[0]));
    assert_eq!((still.len(), still[1]), (2, again[0]));
    assert!(!both.contains(&again[0]) && !again.contains(&still[0]));
}

#[sqlx::test(migrations = false)]
async fn a_log_in_code_lets_its_owner_in_on_a_new_device(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut owner = server.ada().await;
    let refused = owner
        .post("/api/make_log_in_code", &[("confirming_password", "wrong")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = owner
        .post(
            "/api/make_log_in_code",
            &[("confirming_password", PASSWORD)],
        )
        .await;
    assert_eq!(made.status, StatusCode::OK);
    let code: String = serde_json::from_str(&made.body).unwrap();
    // Without script the page shows another code once. The address does not contain the code.
    let fields = [("confirming_password", PASSWORD)];
    let answer = owner
        .submit("/profile/security", "/api/make_log_in_code", &fields)
        .await;
    assert!(
        answer.location().ends_with("/profile/security"),
        "{}",
        answer.location()
    );
    let page = owner.get("/profile/security").await;
    assert!(page.body.contains("Your log-in code is "), "{}", page.body);
    let again = owner.get("/profile/security").await;
    assert!(!again.body.contains("Your log-in code is "));

    let mut stranger = at(&server, "192.0.2.1");
    for _ in 0..5 {
        stranger.log_in(ADA, "wrong").await;
    }
    let mut new = at(&server, "192.0.2.2");
    let page = new.get("/login").await;
    assert!(page.body.contains("Log-in code"), "{}", page.body);
    let mut log_in = async |code: &str| {
        let fields = [("login", ADA), ("password", PASSWORD), ("code", code)];
        new.post("/api/log_in", &fields).await.status
    };
    assert_eq!(log_in("").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(log_in("0000-0000").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(log_in(&code).await, StatusCode::OK);
}
