//! The rows besides sessions that the sweep deletes, and those that it must keep.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use latchkey_core::{
    account::OtherSessions,
    attempt::{AttemptFilter, LogInCode, TypedCode},
    log_in::LogInAttempt,
    session::{EndCause, Resumed, SessionToken},
    settings::Settings,
    testing::{self, PASSWORD, TestBed, password},
};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

const INTERVAL: Duration = Duration::from_hours(3);
const DAY: Duration = Duration::from_hours(24);

/// A bed without an absolute timeout, where a session may be in use for longer than history is kept.
async fn without_end(options: &PgConnectOptions) -> TestBed {
    let mut settings = Settings::default();
    settings.sessions.absolute_timeout = None;
    settings.sessions.idle_timeout = 300 * DAY;
    TestBed::with(options.clone(), settings, Vec::new()).await
}

/// Replaces a token that is due.
async fn rotate(bed: &TestBed, token: &SessionToken) -> SessionToken {
    let Resumed::Live(caller) = bed.resume(token).await else {
        panic!("the session is live");
    };
    bed.core
        .sessions
        .rotate_token(&caller)
        .await
        .unwrap()
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_replaced_token_shows_a_theft_as_long_as_history_is_kept(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = without_end(&options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    let second = rotate(&bed, &opened.token).await;
    bed.resume(&second).await;
    bed.clock.advance(INTERVAL);
    let third = rotate(&bed, &second).await;
    bed.resume(&third).await;

    bed.clock.advance(Duration::from_hours(90 * 24 - 3));
    assert_eq!(
        bed.core.sweeper.sweep(&bed.database).await.unwrap().tokens,
        0
    );
    bed.clock.advance(Duration::from_secs(1));
    assert_eq!(
        bed.core.sweeper.sweep(&bed.database).await.unwrap().tokens,
        1
    );
    // The first token was deleted, and is unknown. The second still shows a theft.
    assert!(matches!(bed.resume(&opened.token).await, Resumed::Unknown));
    assert!(matches!(bed.resume(&third).await, Resumed::Live(_)));
    let reused = bed.resume(&second).await;
    assert!(matches!(reused, Resumed::Ended(ended) if ended.cause == EndCause::TokenReused));
}

#[sqlx::test(migrations = false)]
async fn the_only_token_that_a_browser_has_is_not_forgotten(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = without_end(&options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    // The answer with the new token is lost.
    rotate(&bed, &opened.token).await;
    bed.clock.advance(100 * DAY);
    assert_eq!(
        bed.core.sweeper.sweep(&bed.database).await.unwrap().tokens,
        0
    );
    let third = rotate(&bed, &opened.token).await;
    assert!(matches!(bed.resume(&third).await, Resumed::Live(_)));
}

#[sqlx::test(migrations = false)]
async fn changes_of_passwords_are_forgotten_with_the_rest_of_history(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    let (old, new) = (password(PASSWORD), password("quite another long sentence"));
    bed.core
        .passwords
        .change(&caller, &old, &new, OtherSessions::Keep)
        .await
        .unwrap();
    bed.clock.advance(90 * DAY);
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(swept.password_changes, 0);
    bed.clock.advance(Duration::from_secs(1));
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(swept.password_changes, 1);
}

#[sqlx::test(migrations = false)]
async fn the_latest_ends_are_found_without_a_look_at_all_of_them(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    TestBed::new(options.clone()).await;
    let look = testing::look(options).await;
    for setting in ["set enable_seqscan = off", "set enable_sort = off"] {
        sqlx::query(setting).execute(&look).await.unwrap();
    }
    let plan: Vec<String> = sqlx::query_scalar(
        "explain select from sessions where user_id = '00000000-0000-0000-0000-000000000000' and ended_at <= now()
        order by ended_at desc, id desc limit 20",
    )
    .fetch_all(&look)
    .await
    .unwrap();
    let plan = plan.join("\n");
    assert!(plan.contains("sessions_ended_by_user"), "{plan}");
    assert!(!plan.contains("Sort"), "{plan}");
}

#[sqlx::test(migrations = false)]
async fn what_is_past_its_time_is_found_by_an_index(_: PgPoolOptions, options: PgConnectOptions) {
    TestBed::new(options.clone()).await;
    let look = testing::look(options).await;
    sqlx::query("set enable_seqscan = off")
        .execute(&look)
        .await
        .unwrap();
    for (table, moment) in [
        ("known_devices", "last_log_in_at"),
        ("password_changes", "at"),
        ("account_events", "at"),
        ("superseded_tokens", "superseded_at"),
        ("log_in_attempts", "at"),
        ("throttles", "forgotten_at"),
        ("known_networks", "last_log_in_at"),
        ("log_in_codes", "expires_at"),
    ] {
        let plan = format!(
            "explain select from {table} where {moment} < now() order by {moment} limit 1000"
        );
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(plan))
            .fetch_all(&look)
            .await
            .unwrap();
        let plan = plan.join("\n");
        assert!(plan.contains(&format!("{table}_by_time")), "{plan}");
    }
}

/// The tables that log-ins write to.
const OF_LOG_INS: [&str; 6] = [
    "known_devices",
    "known_networks",
    "log_in_attempts",
    "log_in_codes",
    "throttles",
    "account_events",
];

fn with_code(code: &LogInCode) -> LogInAttempt {
    LogInAttempt {
        code: TypedCode::of(Some(&code.to_shown())),
        ..testing::attempt("ada@example.com", PASSWORD)
    }
}

/// Logs in with every kind of attempt, with some kinds often.
async fn log_in_in_all_ways(bed: &TestBed) {
    let own = bed.log_in().await;
    let caller = bed.caller(&own).await;
    for _ in 0..2 {
        let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
        let code = bed.core.log_in_codes.make(confirmed).await.unwrap();
        let log_in = bed.core.log_in.attempt(&bed.database, with_code(&code));
        let known = log_in.await.unwrap().device.unwrap().token.hash();
        let attempt = LogInAttempt {
            devices: vec![known],
            ..testing::attempt("ada@example.com", PASSWORD)
        };
        bed.core
            .log_in
            .attempt(&bed.database, attempt)
            .await
            .unwrap();
    }
    for login in ["ada@example.com", "nobody"] {
        for _ in 0..7 {
            bed.try_log_in(login, "x").await.err().unwrap();
        }
    }
    let wrong = bed.core.passwords.confirm(&caller, &password("x")).await;
    wrong.err().unwrap();
    bed.core.activity.list(&caller, None, 50).await.unwrap();
    for login in [None, Some("nobody".to_owned())] {
        let filter = AttemptFilter { login, limit: 9 };
        bed.core
            .attempts
            .list(&bed.database, &filter)
            .await
            .unwrap();
    }
    let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
    let code = bed.core.log_in_codes.make(confirmed).await.unwrap();
    bed.core.sessions.revoke_others(confirmed).await.unwrap();
    drop(code);
}

async fn counted(look: &PgPool) -> Vec<(&'static str, i64)> {
    let mut counted = Vec::new();
    for table in OF_LOG_INS {
        let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let rows = sqlx::query_scalar(count).fetch_one(look).await.unwrap();
        counted.push((table, rows));
    }
    counted
}

#[sqlx::test(migrations = false)]
async fn what_log_ins_leave_behind_is_swept_in_time(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    log_in_in_all_ways(&bed).await;
    bed.core
        .log_in_codes
        .make_for(&bed.database, &bed.ada)
        .await
        .unwrap();
    let look = testing::look(options).await;
    let rows = counted(&look).await;
    assert!(rows.iter().all(|(_, rows)| *rows > 0), "{rows:?}");
    // Known devices stay longest, because browsers keep their cookie as long.
    bed.clock.advance(401 * DAY);
    bed.core.sweeper.sweep(&bed.database).await.unwrap();
    let rows = counted(&look).await;
    assert!(rows.iter().all(|(_, rows)| *rows == 0), "{rows:?}");
}

#[sqlx::test(migrations = false)]
async fn no_index_on_what_log_ins_leave_behind_is_unused(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    // PostgreSQL prefers to read all rows of a small table.
    let indexed = options.clone().options([("enable_seqscan", "off")]);
    let bed = TestBed::new(indexed).await;
    log_in_in_all_ways(&bed).await;
    bed.core.sweeper.sweep(&bed.database).await.unwrap();
    bed.core.databases.close().await;
    let look = testing::look(options).await;
    testing::until_alone(&look).await;
    let unused: Vec<String> = sqlx::query_scalar(
        // A unique index has a use even if no statement reads it.
        "select indexrelname::text from pg_stat_user_indexes join pg_index using (indexrelid)
        where relname = any($1) and idx_scan = 0 and not indisunique order by 1",
    )
    .bind(OF_LOG_INS.as_slice())
    .fetch_all(&look)
    .await
    .unwrap();
    assert_eq!(unused, <[String; 0]>::default());
}
