//! Rotation, confirmation and shared computers, as a browser sees them.

use std::time::Duration;

use http::StatusCode;
use latchkey_core::{
    settings::{CookieLifetime, SessionSettings, Settings},
    testing::PASSWORD,
};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Answer, Browser, TestServer};

const HOUR: Duration = Duration::from_hours(1);

async fn other_device(browser: &mut Browser) -> String {
    let devices: Vec<Value> =
        serde_json::from_str(&browser.read("/api/list_devices").await.body).unwrap();
    let other = devices.iter().find(|device| device["is_current"] == false);
    other.unwrap()["id"].as_str().unwrap().to_owned()
}

fn session_cookie(answer: &Answer) -> Option<String> {
    let cookies = answer.set_cookies();
    let cookie = cookies.iter().find(|line| line.contains("-session-"));
    cookie.map(|line| (*line).to_owned())
}

fn token(browser: &Browser) -> String {
    browser.session().unwrap().1.to_owned()
}

#[sqlx::test(migrations = false)]
async fn a_browser_takes_the_new_token_home_and_the_old_one_lasts_for_the_grace(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut laptop = server.ada().await;
    let mut copy = laptop.clone();
    let first = token(&laptop);
    server.bed.clock.advance(3 * HOUR);
    let answer = laptop.get("/profile/devices").await;
    assert_eq!(answer.status, StatusCode::OK);
    let cookie = session_cookie(&answer).unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    assert_ne!(token(&laptop), first);
    assert_eq!(
        laptop.read("/api/list_devices").await.status,
        StatusCode::OK
    );

    let late = copy.read("/api/list_devices").await;
    assert_eq!(late.status, StatusCode::OK);
    assert_eq!(session_cookie(&late), None);
    server.bed.clock.advance(Duration::from_mins(2));
    let stolen = copy.get("/profile/devices").await;
    assert_eq!(stolen.status, StatusCode::SEE_OTHER);
    assert_eq!(
        laptop.get("/profile/devices").await.status,
        StatusCode::SEE_OTHER
    );
    let notice = laptop.get("/login").await;
    assert!(
        notice.body.contains("a copy of this log-in was used"),
        "{}",
        notice.body
    );
}

#[sqlx::test(migrations = false)]
async fn revoking_asks_for_the_password_after_a_while_and_then_does_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut laptop = server.ada().await;
    let mut phone = server.ada().await;
    server.bed.clock.advance(Duration::from_mins(10));
    let id = other_device(&mut laptop).await;
    let asked = laptop.post("/api/revoke_device", &[("id", &id)]).await;
    assert_eq!(
        (asked.status, asked.body.as_str()),
        (StatusCode::FORBIDDEN, "\"ConfirmationRequired\"")
    );
    let wrong = [("id", id.as_str()), ("password", "wrong")];
    let wrong = laptop.post("/api/revoke_device", &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(phone.read("/api/list_devices").await.status, StatusCode::OK);

    let before = token(&laptop);
    let right = [("id", id.as_str()), ("password", PASSWORD)];
    let done = laptop.post("/api/revoke_device", &right).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_ne!(token(&laptop), before);
    assert_eq!(
        phone.read("/api/list_devices").await.status,
        StatusCode::UNAUTHORIZED
    );
    // The identity was confirmed a moment ago, so the server does not ask again. Logging out never needs it.
    let done = laptop.post("/api/revoke_other_devices", &[]).await;
    assert_eq!(done.status, StatusCode::OK);
    server.bed.clock.advance(Duration::from_mins(10));
    assert_eq!(
        laptop.post("/api/log_out", &[]).await.status,
        StatusCode::OK
    );
}

#[sqlx::test(migrations = false)]
async fn a_copy_of_the_cookie_revokes_nothing_after_the_owner_gave_the_password(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut laptop = server.ada().await;
    let mut phone = server.ada().await;
    server.ada().await;
    server.bed.clock.advance(Duration::from_mins(10));
    let mut copy = laptop.clone();
    let id = other_device(&mut laptop).await;
    let right = [("id", id.as_str()), ("password", PASSWORD)];
    let done = laptop.post("/api/revoke_device", &right).await;
    assert_eq!(done.status, StatusCode::OK);
    let refused = copy.post("/api/revoke_other_devices", &[]).await;
    assert_eq!(
        (refused.status, refused.body.as_str()),
        (StatusCode::FORBIDDEN, "\"ConfirmationRequired\"")
    );
    let done = laptop.post("/api/revoke_other_devices", &[]).await;
    assert_eq!(done.body, "1");
    assert_eq!(
        phone.read("/api/list_devices").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[sqlx::test(migrations = false)]
async fn without_script_the_question_comes_back_with_a_field_for_the_password(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut laptop = server.ada().await;
    server.ada().await;
    server.bed.clock.advance(Duration::from_mins(10));
    let id = other_device(&mut laptop).await;
    let page = format!("/profile/devices?revoke={id}");
    let fields = [("id", id.as_str())];
    let answer = laptop.submit(&page, "/api/revoke_device", &fields).await;
    assert_eq!(answer.location(), "/profile/devices");
    let question = laptop.get("/profile/devices").await.body;
    assert!(
        question.contains("Enter your password to continue."),
        "{question}"
    );
    let fields = [("id", id.as_str()), ("password", PASSWORD)];
    let answer = laptop.submit(&page, "/api/revoke_device", &fields).await;
    assert_eq!(answer.location(), "/profile/devices");
    let done = laptop.get("/profile/devices").await.body;
    assert!(done.contains("The device was logged out."), "{done}");
}

#[sqlx::test(migrations = false)]
async fn a_shared_computer_keeps_no_cookie_and_is_marked(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut kiosk = server.browser();
    let fields = [
        ("login", "ada@example.com"),
        ("password", PASSWORD),
        ("shared_computer", "on"),
    ];
    let answer = kiosk.post("/api/log_in", &fields).await;
    let cookie = session_cookie(&answer).unwrap();
    assert!(
        !cookie.contains("Max-Age") && !cookie.contains("Expires"),
        "{cookie}"
    );
    assert!(
        kiosk
            .get("/profile/devices")
            .await
            .body
            .contains("Shared computer")
    );
    server.bed.clock.advance(Duration::from_mins(15));
    assert_eq!(kiosk.get("/").await.status, StatusCode::SEE_OTHER);
    assert!(
        kiosk
            .get("/login")
            .await
            .body
            .contains("nothing happened here for 15 minutes.")
    );
}

#[sqlx::test(migrations = false)]
async fn nothing_is_remembered_where_that_is_configured(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let settings = Settings {
        sessions: SessionSettings {
            cookie: CookieLifetime::Browser,
            ..Settings::default().sessions
        },
        ..Settings::default()
    };
    let server = TestServer::with(options, settings, Vec::new()).await;
    let answer = server.browser().log_in("ada@example.com", PASSWORD).await;
    let cookie = session_cookie(&answer).unwrap();
    assert!(
        !cookie.contains("Max-Age") && !cookie.contains("Expires"),
        "{cookie}"
    );
}
