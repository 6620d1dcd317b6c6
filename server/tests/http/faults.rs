//! When something breaks: closed, said in words, and back by itself.

use std::sync::Arc;

use http::StatusCode;
use latchkey_core::{
    Core, Parts, clock::SystemClock, module::Modules, place::Places, random::SystemRandom,
    settings::Settings, testing::PASSWORD,
};
use latchkey_server::config::Config;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer, router};

/// A core whose PostgreSQL is not there.
fn core_without_postgresql() -> Core {
    Core::new(Parts {
        server: PgConnectOptions::new_without_pgpass()
            .socket("/nonexistent")
            .database("postgres"),
        settings: Settings::default(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        modules: Modules::default(),
        places: Places::default(),
    })
    .unwrap()
}

#[tokio::test]
async fn without_postgresql_nobody_gets_in_and_everybody_is_told() {
    let mut browser = Browser::new(router(&core_without_postgresql(), &Config::default()));
    browser.cookies.insert(
        "latchkey-session-acme".to_owned(),
        "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
    );
    assert_eq!(browser.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(
        browser.get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(browser.get("/readyz").await.header("retry-after"), "5");
    for path in ["/", "/login", "/profile/devices"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(page.header("retry-after"), "5", "{path}");
        assert!(page.body.contains("<html"), "{path}");
        assert!(
            !page.body.contains("nonexistent") && !page.body.contains("sqlx"),
            "{path} leaks nothing"
        );
    }
    for path in ["/api/list_devices", "/api/current_session"] {
        let answer = browser.read(path).await;
        assert_eq!(answer.header("retry-after"), "5", "{path}");
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, "\"Unavailable\""),
            "{path}"
        );
    }
    let answer = browser.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "\"Unavailable\"")
    );
    assert!(answer.set_cookies().is_empty());
}

#[sqlx::test(migrations = false)]
async fn a_session_survives_that_postgresql_drops_its_connections(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options.clone()).await;
    let mut ada = server.ada().await;
    let pool = latchkey_core::testing::look(options).await;
    let dead = sqlx::query(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    // Each dead connection may be met by one request; it must not sign Ada out.
    for _ in dead {
        let status = ada.get("/").await.status;
        assert!(
            [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status),
            "{status}"
        );
    }
    assert!(ada.session().is_some());
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
}
