//! A transaction that locks several sessions locks them in order of id, so that two transactions wait instead of
//! deadlocking.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    log_in::OpenedSession,
    session::{EndCause, Resumed, SessionId},
    settings::{SessionSettings, Settings},
    testing::{self, PASSWORD, TestBed, attempt},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

async fn log_in(bed: &TestBed, login: &str, replaces: Option<SessionId>) -> OpenedSession {
    let mut attempt = attempt(login, PASSWORD);
    attempt.replaces = replaces;
    bed.core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn crossed_log_ins_of_two_people_in_one_browser_both_succeed(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = Arc::new(TestBed::new(options.clone()).await);
    bed.another_user("bob").await;
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options).await,
    );
    for _ in 0..5 {
        let ada = log_in(&bed, "ada@example.com", None).await;
        let bob = log_in(&bed, "bob", None).await;
        // Both log-ins proceed until they lock their sessions, and continue at the same moment.
        let mut lock = here.begin().await.unwrap();
        sqlx::query("select from sessions where ended_at is null order by id for no key update")
            .execute(&mut *lock)
            .await
            .unwrap();
        let crossed = [("ada@example.com", bob.id), ("bob", ada.id)].map(|(login, replaced)| {
            let bed = Arc::clone(&bed);
            tokio::spawn(async move { log_in(&bed, login, Some(replaced)).await })
        });
        testing::until_blocked(&elsewhere, 2).await;
        lock.commit().await.unwrap();
        for log_in in crossed {
            bed.caller(&log_in.await.unwrap()).await;
        }
        for replaced in [ada, bob] {
            let resumed = bed.resume(&replaced.token).await;
            assert!(matches!(resumed, Resumed::Ended(ended) if ended.cause == EndCause::Replaced));
        }
    }
}

/// Opens the database as a node with other settings does, while a session is locked that has the least id and comes
/// last in the table. Returns whether the node waits without a lock on the other session.
async fn waits_empty_handed(bed: &TestBed, options: &PgConnectOptions, settings: Settings) -> bool {
    let mut ids = [bed.log_in().await.id, bed.log_in().await.id].map(SessionId::as_uuid);
    // Both sessions were opened at the same moment, so chance decides which has the lesser id.
    ids.sort_unstable();
    let [first, second] = ids;
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options.clone()).await,
    );
    // This writes a new version of the row behind the other session's row, in the table and in its indexes.
    sqlx::query(
        "update sessions set idle_expires_at = idle_expires_at + '1 s'::interval where id = $1",
    )
    .bind(first)
    .execute(&here)
    .await
    .unwrap();
    let mut lock = here.begin().await.unwrap();
    sqlx::query("select from sessions where id = $1 for no key update")
        .bind(first)
        .execute(&mut *lock)
        .await
        .unwrap();
    let node = testing::core(options.clone(), settings, Vec::new(), bed.clock.clone());
    let name = bed.database.name().clone();
    let opening = tokio::spawn(async move { node.databases.open_any(&name).await.is_ok() });
    testing::until_blocked(&elsewhere, 1).await;
    let is_free = sqlx::query("select from sessions where id = $1 for no key update nowait")
        .bind(second)
        .execute(&mut *lock)
        .await
        .is_ok();
    drop(lock);
    assert!(opening.await.unwrap());
    is_free
}

#[sqlx::test(migrations = false)]
async fn shortening_locks_in_order_of_id(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let mut settings = Settings::default();
    settings.sessions.idle_timeout = Duration::from_mins(10);
    assert!(waits_empty_handed(&bed, &options, settings).await);
}

#[sqlx::test(migrations = false)]
async fn a_restart_that_ends_sessions_locks_in_order_of_id(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let settings = Settings {
        sessions: SessionSettings {
            not_before: Some(bed.core.clock.now() + Duration::from_mins(1)),
            ..Settings::default().sessions
        },
        ..Settings::default()
    };
    assert!(waits_empty_handed(&bed, &options, settings).await);
}

#[sqlx::test(migrations = false)]
async fn a_copy_that_ends_its_sessions_locks_in_order_of_id(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    sqlx::query("update identity set database_oid = 1")
        .execute(&testing::look(options.clone()).await)
        .await
        .unwrap();
    assert!(waits_empty_handed(&bed, &options, Settings::default()).await);
}
