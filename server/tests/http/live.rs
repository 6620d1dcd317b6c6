//! Live updates: the events that a page gets from its stream, and effects that the stream must not have.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use latchkey_app::{live::BACKGROUND, routes::SESSION_EVENTS};
use latchkey_core::{
    clock::Clock as _,
    settings::{LiveSettings, Settings},
    testing::{self, TestBed},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::OffsetDateTime;

use crate::browser::{Browser, TestServer, only, router};

/// A second, and the time that a busy machine may need.
const PATIENCE: Duration = Duration::from_secs(20);

const DEVICES: &str = "event: devices\ndata: devices\n\n";
const ENDED: &str = "event: ended\ndata: ended\n\n";

async fn listen(browser: &Browser) -> Response<Body> {
    let request = Browser::request(Method::GET, SESSION_EVENTS)
        .header(header::ACCEPT, "text/event-stream")
        .header(header::ACCEPT_ENCODING, "gzip, br")
        .header("sec-fetch-site", "same-origin");
    browser.start(request, Body::empty()).await
}

/// A stream that has reported the present state.
async fn open(browser: &Browser) -> Response<Body> {
    let mut stream = listen(browser).await;
    assert_eq!(stream.status(), StatusCode::OK);
    assert!(hear(&mut stream).await.unwrap().starts_with("retry: "));
    assert_eq!(hear(&mut stream).await.as_deref(), Some(DEVICES));
    stream
}

/// The next event; `None` at the end of the stream.
async fn hear(stream: &mut Response<Body>) -> Option<String> {
    let frame = tokio::time::timeout(PATIENCE, stream.body_mut().frame())
        .await
        .unwrap()?;
    let data = frame.unwrap().into_data().unwrap();
    Some(String::from_utf8(data.to_vec()).unwrap())
}

async fn devices(browser: &mut Browser) -> Vec<serde_json::Value> {
    serde_json::from_str(&browser.read("/api/list_devices").await.body).unwrap()
}

/// The last activity of the only session.
async fn last_activity(server: &TestServer) -> OffsetDateTime {
    let TestBed { core, database, .. } = &server.bed;
    let sessions = core.sessions.list_all(database, None).await.unwrap();
    let [(_, session)] = sessions.as_slice() else {
        panic!("{} sessions", sessions.len());
    };
    session.last_active_at
}

#[sqlx::test(migrations = false)]
async fn without_a_session_there_is_no_stream(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let stranger = server.browser();
    assert_eq!(listen(&stranger).await.status(), StatusCode::UNAUTHORIZED);

    let mut ada = server.ada().await;
    let probe = |method| Browser::request(method, SESSION_EVENTS);
    let answer = ada.send(probe(Method::HEAD), Body::empty()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let cookies = ada.cookies.clone();
    ada.submit("/", "/api/log_out", &[]).await;
    ada.cookies = cookies;
    assert_eq!(listen(&ada).await.status(), StatusCode::UNAUTHORIZED);
    let answer = ada.send(probe(Method::HEAD), Body::empty()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[sqlx::test(migrations = false)]
async fn a_stream_is_not_stored_not_compressed_and_not_held_back(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let stream = listen(&server.ada().await).await;
    let head = |name: &str| {
        let value = stream.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap())
    };
    assert_eq!(head("content-type"), "text/event-stream");
    assert_eq!(head("cache-control"), "no-store");
    assert_eq!(head("x-accel-buffering"), "no");
    assert_eq!((head("content-encoding"), head("set-cookie")), ("", ""));
}

#[sqlx::test(migrations = false)]
async fn a_page_hears_of_another_device_and_of_its_own_end_from_another_node(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options.clone()).await;
    let mut laptop = server.ada().await;
    let mut phone = server.ada().await;
    let mut stream = open(&phone).await;
    // The other node shares only the database with this node.
    let settings = only(Settings::default(), server.bed.database.name().as_str());
    let clock = std::sync::Arc::clone(&server.bed.clock);
    let node = testing::core(options, settings, Vec::new(), clock);
    let mut there = Browser::new(router(&node, &latchkey_server::config::Config::default()));
    there.log_in("ada@example.com", testing::PASSWORD).await;
    assert_eq!(hear(&mut stream).await.as_deref(), Some(DEVICES));

    let id = devices(&mut phone).await[0]["id"].clone();
    there.cookies = laptop.cookies.clone();
    let answer = there
        .post("/api/revoke_device", &[("id", id.as_str().unwrap())])
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(hear(&mut stream).await.as_deref(), Some(ENDED));
    assert_eq!(hear(&mut stream).await, None, "and nothing after it");
    assert_eq!(laptop.get("/").await.status, StatusCode::OK);
    assert_eq!(listen(&phone).await.status(), StatusCode::UNAUTHORIZED);
}

#[sqlx::test(migrations = false)]
async fn a_page_that_keeps_itself_up_to_date_keeps_no_session_alive(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let half = Settings::default().sessions.idle_timeout / 2;
    server.bed.clock.advance(half);
    let stream = open(&ada).await;
    let mut background = ada.clone().with(BACKGROUND, "1");
    for path in ["/", "/profile/devices"] {
        assert_eq!(background.get(path).await.status, StatusCode::OK, "{path}");
    }
    let probe = Browser::request(Method::HEAD, SESSION_EVENTS);
    let answer = background.send(probe, Body::empty()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let seen = last_activity(&server).await;
    assert_eq!(seen, server.bed.clock.now() - half);
    drop(stream);

    server.bed.clock.advance(half);
    assert_eq!(listen(&ada).await.status(), StatusCode::UNAUTHORIZED);
    let mut late = ada.clone();
    let answer = late.get("/profile/devices").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrations = false)]
async fn no_person_looks_around_unseen_by_saying_that_a_page_does(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let thief = ada.clone().with(BACKGROUND, "1");
    for path in ["/profile", "/profile/security", "/api/list_devices"] {
        server.bed.clock.advance(Duration::from_hours(2));
        thief.clone().get(path).await;
        let seen = last_activity(&server).await;
        assert_eq!(seen, server.bed.clock.now(), "{path}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_session_and_a_node_have_so_many_streams(_: PgPoolOptions, options: PgConnectOptions) {
    let settings = Settings {
        live: LiveSettings {
            max_watchers: 3,
            max_watchers_per_session: 2,
            ..LiveSettings::default()
        },
        ..Settings::default()
    };
    let server = TestServer::with(options, settings, Vec::new()).await;
    let (ada, again) = (server.ada().await, server.ada().await);
    let (first, _second) = (open(&ada).await, open(&ada).await);
    let refused = listen(&ada).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "30");
    let _third = open(&again).await;
    let refused = listen(&again).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(first);
    let _fourth = open(&again).await;
}

#[sqlx::test(migrations = false)]
async fn streams_end_at_once_when_the_node_stops(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let mut stream = open(&ada).await;
    server.bed.core.live.stop();
    assert_eq!(hear(&mut stream).await, None);
}
