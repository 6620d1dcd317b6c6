//! What the sweep forgets besides sessions, and what it must not.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use latchkey_core::{
    session::{EndCause, Resumed, SessionToken},
    settings::Settings,
    testing::{self, PASSWORD, TestBed, password},
    user::OtherSessions,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const INTERVAL: Duration = Duration::from_hours(3);
const DAY: Duration = Duration::from_hours(24);

/// Sessions without an absolute end, in use for longer than history is kept.
async fn without_end(options: &PgConnectOptions) -> TestBed {
    let mut settings = Settings::default();
    settings.sessions.absolute_timeout = None;
    settings.sessions.idle_timeout = 300 * DAY;
    TestBed::with(options.clone(), settings, Vec::new()).await
}

/// Replaces the token that is due.
async fn rotate(bed: &TestBed, token: &SessionToken) -> SessionToken {
    let Resumed::Live(caller) = bed.resume(token).await else {
        panic!("the session is live");
    };
    bed.core.rotate_token(&caller).await.unwrap().unwrap()
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
    assert_eq!(bed.core.sweep(&bed.database).await.unwrap().tokens, 0);
    bed.clock.advance(Duration::from_secs(1));
    assert_eq!(bed.core.sweep(&bed.database).await.unwrap().tokens, 1);
    // The first is forgotten, and stands for nothing; the second still tells.
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
    // Its answer is lost on the way.
    rotate(&bed, &opened.token).await;
    bed.clock.advance(100 * DAY);
    assert_eq!(bed.core.sweep(&bed.database).await.unwrap().tokens, 0);
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
        .change_password(&caller, &old, &new, OtherSessions::Keep)
        .await
        .unwrap();
    bed.clock.advance(90 * DAY);
    let swept = bed.core.sweep(&bed.database).await.unwrap();
    assert_eq!(swept.password_changes, 0);
    bed.clock.advance(Duration::from_secs(1));
    let swept = bed.core.sweep(&bed.database).await.unwrap();
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
        ("superseded_tokens", "superseded_at"),
        ("log_in_attempts", "at"),
        ("throttles", "forgotten_at"),
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
