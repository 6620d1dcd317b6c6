//! Debug mode: who may turn it on, and for how long it holds.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use latchkey_core::{
    access::{GroupId, Resource, Verb, Verbs},
    account::GroupAbout,
    live::Change,
    log_in::OpenedSession,
    session::{DebugMode, SetDebugModeError},
    testing::{self, TestBed},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

async fn set(
    bed: &TestBed,
    opened: &OpenedSession,
    mode: DebugMode,
) -> Result<(), SetDebugModeError> {
    let caller = bed.caller(opened).await;
    bed.core.sessions.set_debug_mode(&caller, mode).await
}

async fn mode(bed: &TestBed, opened: &OpenedSession) -> DebugMode {
    bed.caller(opened).await.debug
}

/// A group that may use debug mode and nothing else.
async fn group_of_developers(bed: &TestBed) -> GroupId {
    let groups = &bed.core.groups;
    let (name, title) = ("developer".parse().unwrap(), "Developer".parse().unwrap());
    let about = GroupAbout::default();
    let created = groups.create(&bed.database, &name, &title, &about);
    let group = created.await.unwrap();
    let read = Verbs::default().with(Verb::Read);
    groups
        .set_right(&bed.database, group, Resource::DEBUG_MODE, read)
        .await
        .unwrap();
    group
}

#[sqlx::test(migrations = false)]
async fn a_session_keeps_its_debug_mode_and_no_other_session_has_it(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let log_in = async || bed.try_log_in("root", testing::PASSWORD).await.unwrap();
    let (one, other) = (log_in().await, log_in().await);
    assert_eq!(mode(&bed, &one).await, DebugMode::Off);
    for wanted in [DebugMode::On, DebugMode::Assets, DebugMode::Off] {
        set(&bed, &one, wanted).await.unwrap();
        assert_eq!(mode(&bed, &one).await, wanted);
        assert_eq!(mode(&bed, &other).await, DebugMode::Off);
        assert_eq!(mode(&bed, &log_in().await).await, DebugMode::Off);
    }
}

#[sqlx::test(migrations = false)]
async fn without_the_right_nothing_is_stored(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let refused = set(&bed, &opened, DebugMode::On).await;
    assert!(matches!(refused, Err(SetDebugModeError::NoAccess)));
    let stored: i64 = sqlx::query_scalar("select count(*) from sessions where context ? 'debug'")
        .fetch_one(&testing::look(options).await)
        .await
        .unwrap();
    assert_eq!(stored, 0);
}

#[sqlx::test(migrations = false)]
async fn debug_mode_ends_with_the_right_at_the_next_request(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let group = group_of_developers(&bed).await;
    let groups = &bed.core.groups;
    let put = async |into: &[GroupId]| {
        let put = groups.set_of_user(&bed.database, &bed.ada, into).await;
        put.unwrap();
    };
    put(&[group]).await;
    set(&bed, &opened, DebugMode::On).await.unwrap();
    assert_eq!(mode(&bed, &opened).await, DebugMode::On);
    put(&[]).await;
    assert_eq!(mode(&bed, &opened).await, DebugMode::Off);
}

#[sqlx::test(migrations = false)]
async fn a_session_that_has_ended_meanwhile_takes_no_debug_mode(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let group = group_of_developers(&bed).await;
    let groups = &bed.core.groups;
    let put = groups.set_of_user(&bed.database, &bed.ada, &[group]).await;
    put.unwrap();
    let caller = bed.caller(&opened).await;
    bed.core.sessions.log_out(&caller).await.unwrap();
    let late = bed
        .core
        .sessions
        .set_debug_mode(&caller, DebugMode::On)
        .await;
    assert!(matches!(late, Err(SetDebugModeError::LoggedOut)));
}

#[sqlx::test(migrations = false)]
async fn the_other_tabs_of_the_session_hear_of_it(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let group = group_of_developers(&bed).await;
    let groups = &bed.core.groups;
    let put = groups.set_of_user(&bed.database, &bed.ada, &[group]).await;
    put.unwrap();
    let mut watcher = bed.core.live.watch(&*bed.caller(&opened).await).unwrap();
    let mut next = async || {
        let next = tokio::time::timeout(Duration::from_secs(20), watcher.next());
        next.await.unwrap()
    };
    assert_eq!(next().await, Some(Change::Sessions));
    set(&bed, &opened, DebugMode::On).await.unwrap();
    assert_eq!(next().await, Some(Change::Sessions));
}
