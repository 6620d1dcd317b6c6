//! Faults. The server refuses access, says so in words, and recovers by itself.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use latchkey_core::{
    Core, Parts,
    clock::SystemClock,
    place::Places,
    random::SystemRandom,
    settings::Settings,
    testing::{self, PASSWORD},
};
use latchkey_server::config::Config;
use sqlx::{
    AssertSqlSafe,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::{
    browser::{Browser, TestServer, router},
    databases::with_two,
};

/// A core without a PostgreSQL.
fn core_without_postgresql() -> Core {
    Core::new(Parts {
        server: PgConnectOptions::new_without_pgpass()
            .socket("/nonexistent")
            .database("postgres"),
        settings: Settings::default(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        modules: Vec::new(),
        places: Places::default(),
    })
    .unwrap()
}

#[tokio::test]
async fn without_postgresql_no_person_gets_in_and_every_person_is_told() {
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
    let pool = testing::look(options).await;
    let dead = sqlx::query(
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    // Each dead connection may fail one request, which must not log Ada out.
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

/// The databases that warnings name.
#[derive(Clone, Default)]
struct Named(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Named {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() == tracing::Level::WARN {
            event.record(&mut self.clone());
        }
    }
}

impl tracing::field::Visit for Named {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "database" {
            self.0.lock().unwrap().push(format!("{value:?}"));
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_database_that_only_reads_leaves_the_node_ready_and_the_log_names_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (server, other) = with_two(options.clone()).await;
    let database = &server.bed.core.databases;
    let mut ada = server.browser();
    let own = server.bed.database.name().to_string();
    let fields = [
        ("database", own.as_str()),
        ("login", "ada@example.com"),
        ("password", PASSWORD),
    ];
    ada.post("/api/log_in", &fields).await;
    let mut bob = server.browser();
    let fields = [
        ("database", other.as_str()),
        ("login", "bob"),
        ("password", PASSWORD),
    ];
    bob.post("/api/log_in", &fields).await;
    assert_eq!(bob.get("/").await.status, StatusCode::OK);
    let elsewhere = testing::look(options).await;
    let read_only = format!("alter database \"{other}\" set default_transaction_read_only = on");
    sqlx::raw_sql(AssertSqlSafe(read_only))
        .execute(&elsewhere)
        .await
        .unwrap();
    database.forget(&other).await;

    let _others = [(); 2].map(|()| tracing::Dispatch::new(tracing_subscriber::registry()));
    let named = Named::default();
    let listening =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(named.clone()));
    for _ in 0..3 {
        assert_eq!(bob.get("/").await.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ada.get("/").await.status, StatusCode::OK);
    }
    let ready = server.browser().get("/readyz").await;
    assert_eq!(
        (ready.status, ready.body.as_str()),
        (StatusCode::OK, "ready\n"),
        "strangers learn of no database"
    );
    assert_eq!(*named.0.lock().unwrap(), [other.as_str()]);
    drop(listening);
    database.drop_database(&other).await.unwrap();
}
