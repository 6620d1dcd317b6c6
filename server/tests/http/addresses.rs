//! Addresses: their spelling, their redirects, and the well-known addresses of every site.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::StatusCode;
use latchkey_core::testing;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::browser::TestServer;

#[sqlx::test(migrations = false)]
async fn a_slash_at_the_end_leads_to_the_path_without_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    for mut browser in [server.browser(), server.ada().await] {
        for (path, location) in [
            ("/login/", "/login"),
            ("/profile/devices/", "/profile/devices"),
            (
                "/profile/devices/?revoke=others",
                "/profile/devices?revoke=others",
            ),
            ("/login/?next=/profile/", "/login?next=/profile/"),
            ("/nowhere/", "/nowhere"),
            ("//evil.example/", "/evil.example"),
        ] {
            let answer = browser.get(path).await;
            assert_eq!(
                (answer.status, answer.location()),
                (StatusCode::PERMANENT_REDIRECT, location),
                "{path}"
            );
            assert!(!answer.header("content-security-policy").is_empty());
        }
    }
}

#[sqlx::test(migrations = false)]
async fn the_log_in_page_leads_on_when_a_person_is_logged_in(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    for (path, location) in [
        ("/login", "/"),
        ("/login?next=/profile/devices", "/profile/devices"),
        (
            "/login?next=/profile/devices%3Frevoke%3Dothers",
            "/profile/devices?revoke=others",
        ),
        ("/login?next=//evil.example", "/"),
        ("/login?next=https://evil.example", "/"),
        ("/login?next=/%5Cevil.example", "/"),
        ("/login?next=/api/log_out", "/"),
        ("/login?next=/login", "/"),
        ("/login?next=/%0D%0Aset-cookie:%20x", "/"),
    ] {
        let answer = ada.get(path).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, location),
            "{path}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn what_every_site_is_asked_for_is_answered(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    for mut browser in [server.browser(), server.ada().await] {
        let answer = browser.get("/.well-known/change-password").await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::FOUND, "/profile/security")
        );
        // By the specification, password managers request a page that does not exist.
        for name in [
            "resource-that-should-not-exist-whose-status-code-should-not-be-200",
            "a/b",
        ] {
            let path = format!("/.well-known/{name}");
            assert_eq!(
                browser.get(&path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
        let robots = browser.get("/robots.txt").await;
        assert_eq!(
            (robots.status, robots.body.as_str()),
            (StatusCode::OK, "User-agent: *\nDisallow: /\n")
        );
        let icon = browser.get("/favicon.ico").await;
        assert_eq!(icon.location(), "/assets/favicon.svg");
    }
}

/// Counts the warnings of the web layers.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        let metadata = event.metadata();
        if *metadata.level() == tracing::Level::WARN
            && metadata.target().starts_with("latchkey_server::web")
        {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[sqlx::test(migrations = false)]
async fn what_the_configuration_lacks_is_said_once(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    // tracing asks every subscriber about each event only if there are several subscribers.
    let _others = [(); 2].map(|()| tracing::Dispatch::new(tracing_subscriber::registry()));
    let warnings = Warnings::default();
    let listening =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(warnings.clone()));
    let said = || warnings.0.load(Ordering::SeqCst);

    let mut proxied = server.browser().with("x-forwarded-for", "198.51.100.1");
    proxied.get("/login").await;
    assert_eq!(said(), 0, "a stranger from afar may send it");
    for peer in ["127.0.0.1:1", "10.0.0.7:1", "[::1]:1", "[fd00::7]:1"] {
        proxied.peer = peer.parse().unwrap();
        proxied.get("/login").await;
    }
    assert_eq!(said(), 1);

    for _ in 0..3 {
        server
            .browser()
            .with("origin", "https://x")
            .get("/login")
            .await;
    }
    assert_eq!(said(), 2);
    drop(listening);
}

/// Counts the log's lines about databases that cannot be used.
#[derive(Clone, Default)]
struct Broken(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Broken {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if *event.metadata().level() == tracing::Level::ERROR {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_stranger_fills_no_log_with_a_database_that_cannot_be_used(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options.clone()).await;
    let pool = testing::look(options).await;
    sqlx::query("update _sqlx_migrations set checksum = 'x'")
        .execute(&pool)
        .await
        .unwrap();
    let database = server.bed.database.name().clone();
    let _others = [(); 2].map(|()| tracing::Dispatch::new(tracing_subscriber::registry()));
    let broken = Broken::default();
    let listening =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(broken.clone()));
    let ask = async || {
        for _ in 0..3 {
            server.bed.core.databases.forget(&database).await;
            server.browser().get("/login").await;
        }
        broken.0.load(Ordering::SeqCst)
    };
    assert_eq!(ask().await, 1);
    server.bed.clock.advance(Duration::from_mins(1));
    assert_eq!(ask().await, 2, "the operator is reminded");
    drop(listening);
}
