//! A PostgreSQL that is full, slow or stopping. The answer's head says "later", and the server recovers by itself.

use std::time::Duration;

use http::StatusCode;
use latchkey_core::{settings::Settings, testing};
use latchkey_server::config::Config;
use sqlx::{
    AssertSqlSafe, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::browser::{Browser, TestServer, only, router};

/// Ada's browser at a node whose PostgreSQL user may have few connections, and a connection beside the node.
struct Limited {
    server: TestServer,
    ada: Browser,
    elsewhere: PgPool,
    role: String,
}

impl Limited {
    async fn new(options: PgConnectOptions) -> Self {
        let server = TestServer::new(options.clone()).await;
        let cookies = server.ada().await.cookies;
        let elsewhere = testing::look(options.clone()).await;
        let own = options.get_database().unwrap().to_owned();
        let role = format!("{}_few", &own[..50]);
        let limited = Self {
            ada: server.browser(),
            server,
            elsewhere,
            role,
        };
        // The role is no superuser, because PostgreSQL does not limit superusers. It is a member of a superuser's
        // role, because it needs the other rights.
        let role = limited.role.clone();
        limited
            .run(&format!(
                "drop role if exists \"{role}\"; create role \"{role}\" login in role current_user, latchkey_restricted"
            ))
            .await;
        let core = testing::core(
            options.username(&role),
            only(Settings::default(), &own),
            Vec::new(),
            limited.server.bed.clock.clone(),
        );
        let mut ada = Browser::new(router(&core, &Config::default()));
        ada.cookies = cookies;
        assert_eq!(ada.get("/").await.status, StatusCode::OK);
        Self { ada, ..limited }
    }

    async fn run(&self, statement: &str) {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
            .execute(&self.elsewhere)
            .await
            .unwrap();
    }

    /// Lets PostgreSQL end the node's connections with the error that it sends when it stops (57P01).
    async fn cut(&self) {
        self.run(&format!(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '{}'",
            self.role
        ))
        .await;
    }

    /// Checks that each page and function says "later", and that Ada is not logged out.
    async fn refuses(&mut self) {
        let cookies = self.ada.cookies.clone();
        for answer in [
            self.ada.get("/profile/devices").await,
            self.ada.read("/api/list_devices").await,
        ] {
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(answer.header("retry-after"), "5");
        }
        assert_eq!(self.ada.cookies, cookies);
    }

    async fn is_well(&mut self) {
        assert_eq!(
            self.ada.get("/profile/devices").await.status,
            StatusCode::OK
        );
    }
}

#[sqlx::test(migrations = false)]
async fn a_server_that_is_full_is_waited_for(_: PgPoolOptions, options: PgConnectOptions) {
    let mut node = Limited::new(options).await;
    let role = node.role.clone();
    node.run(&format!("alter role \"{role}\" connection limit 0"))
        .await;
    node.cut().await;
    node.refuses().await;
    node.run(&format!("alter role \"{role}\" connection limit -1"))
        .await;
    node.is_well().await;
    node.cut().await;
    node.run(&format!("drop role \"{role}\"")).await;
}

#[sqlx::test(migrations = false)]
async fn a_statement_that_takes_too_long_is_ended_and_waited_for(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut node = Limited::new(options).await;
    node.run(
        "create function wait() returns trigger language plpgsql as
            $$ begin perform pg_sleep(60); return new; end $$;
        create trigger wait before update on sessions for each row execute function wait()",
    )
    .await;
    // Now the last activity is due to be written, by the statement that resumes the session.
    node.server.bed.clock.advance(Duration::from_mins(2));
    node.refuses().await;
    node.run("drop trigger wait on sessions").await;
    node.is_well().await;
    node.cut().await;
    let role = node.role.clone();
    node.run(&format!("drop role \"{role}\"")).await;
}

#[sqlx::test(migrations = false)]
async fn a_request_whose_statement_is_cut_off_is_answered_503(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut node = Limited::new(options.clone()).await;
    let mut lock = node.elsewhere.begin().await.unwrap();
    sqlx::raw_sql("lock table sessions")
        .execute(&mut *lock)
        .await
        .unwrap();
    let beside = testing::look(options).await;
    let mut asking = node.ada.clone();
    let cut = async {
        testing::until_blocked(&beside, 1).await;
        let stop = "select pg_terminate_backend(pid, 5000) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'";
        sqlx::query(stop).execute(&beside).await.unwrap();
    };
    let (answer, ()) = tokio::join!(asking.get("/profile/devices"), cut);
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "5");
    lock.rollback().await.unwrap();
    node.is_well().await;
    node.cut().await;
    let role = node.role.clone();
    node.run(&format!("drop role \"{role}\"")).await;
}
