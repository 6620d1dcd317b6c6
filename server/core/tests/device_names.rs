//! The names that people give devices, and devices that are new to an account.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    device::{DeviceName, DeviceTokens, IssuedDeviceToken, RememberDevice},
    log_in::{LogInAttempt, OpenedSession},
    session::{Caller, Computer, NameDeviceError, SessionId},
    testing::{self, PASSWORD, TestBed, attempt},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

const ADA: &str = "ada@example.com";
const DAY: Duration = Duration::from_hours(24);

fn name(typed: &str) -> Option<DeviceName> {
    DeviceName::from_typed(typed).unwrap()
}

async fn log_in(bed: &TestBed, attempt: LogInAttempt) -> OpenedSession {
    bed.core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap()
}

/// Ada's log-in from a known device.
fn with(device: &IssuedDeviceToken) -> LogInAttempt {
    LogInAttempt {
        devices: vec![device.token.hash()],
        ..attempt(ADA, PASSWORD)
    }
}

/// The same log-in on a shared computer.
fn shared(attempt: LogInAttempt) -> LogInAttempt {
    LogInAttempt {
        computer: Computer::Shared,
        remember_device: RememberDevice::No,
        ..attempt
    }
}

async fn call_it(bed: &TestBed, caller: &Caller, id: SessionId, typed: &str) {
    let name = name(typed);
    bed.core
        .sessions
        .name_device(caller, id, name.as_ref())
        .await
        .unwrap();
}

/// The device name of each of the caller's sessions, the current session first.
async fn names(bed: &TestBed, caller: &Caller) -> Vec<String> {
    let listed = bed.core.sessions.list(caller).await.unwrap();
    let name = |name: Option<DeviceName>| name.map_or("-".to_owned(), |name| name.to_string());
    listed
        .into_iter()
        .map(|listed| name(listed.device_name))
        .collect()
}

/// Whether each of the caller's devices is new, the current device first.
async fn are_new(bed: &TestBed, caller: &Caller) -> Vec<bool> {
    let listed = bed.core.sessions.list(caller).await.unwrap();
    listed
        .into_iter()
        .map(|listed| listed.is_device_new)
        .collect()
}

#[sqlx::test(migrations = false)]
async fn a_device_keeps_its_name_over_log_ins(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let first = bed.log_in().await;
    let caller = bed.caller(&first).await;
    call_it(&bed, &caller, first.id, " Kitchen  laptop ").await;
    bed.core.sessions.log_out(&caller).await.unwrap();
    let again = log_in(&bed, with(first.device.as_ref().unwrap())).await;
    let caller = bed.caller(&again).await;
    assert_eq!(names(&bed, &caller).await, ["Kitchen laptop"]);
    let ended = bed.core.sessions.list_ended(&caller).await.unwrap();
    assert_eq!(ended.first().unwrap().device_name, name("Kitchen laptop"));

    call_it(&bed, &caller, again.id, "").await;
    bed.clock.advance(Duration::from_secs(1));
    bed.core.sessions.log_out(&caller).await.unwrap();
    let third = log_in(&bed, with(again.device.as_ref().unwrap())).await;
    let caller = bed.caller(&third).await;
    assert_eq!(names(&bed, &caller).await, ["-"]);
    let ended = bed.core.sessions.list_ended(&caller).await.unwrap();
    let ended: Vec<_> = ended.into_iter().map(|past| past.device_name).collect();
    assert_eq!(
        ended,
        [None, name("Kitchen laptop")],
        "history stays as it was"
    );
}

#[sqlx::test(migrations = false)]
async fn all_sessions_of_a_device_bear_its_name_and_no_others(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.log_in().await;
    let laptop = bed.log_in().await;
    bed.clock.advance(Duration::from_mins(2));
    let laptop_again = log_in(&bed, with(laptop.device.as_ref().unwrap())).await;
    let caller = bed.caller(&laptop_again).await;
    call_it(&bed, &caller, laptop.id, "Laptop").await;
    let mut named = names(&bed, &caller).await;
    named.sort_unstable();
    assert_eq!(named, ["-", "Laptop", "Laptop"]);
}

#[sqlx::test(migrations = false)]
async fn a_shared_computer_is_named_for_its_session(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = log_in(&bed, shared(attempt(ADA, PASSWORD))).await;
    let caller = bed.caller(&opened).await;
    call_it(&bed, &caller, opened.id, "Warehouse").await;
    assert_eq!(names(&bed, &caller).await, ["Warehouse"]);
    bed.core.sessions.log_out(&caller).await.unwrap();
    let again = log_in(&bed, attempt(ADA, PASSWORD)).await;
    assert_eq!(names(&bed, &bed.caller(&again).await).await, ["-"]);
}

#[sqlx::test(migrations = false)]
async fn only_live_sessions_of_ones_own_can_be_named(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    let (ada, out) = (bed.log_in().await, bed.log_in().await);
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let (caller, out_caller, eve_caller) = (
        bed.caller(&ada).await,
        bed.caller(&out).await,
        bed.caller(&eve).await,
    );
    bed.core.sessions.log_out(&out_caller).await.unwrap();
    let missing = "01980000-0000-7000-8000-000000000000".parse().unwrap();
    let kitchen = name("Kitchen");
    for (who, id) in [
        (&caller, out.id),
        (&eve_caller, ada.id),
        (&eve_caller, missing),
    ] {
        let error = bed
            .core
            .sessions
            .name_device(who, id, kitchen.as_ref())
            .await;
        assert!(matches!(error, Err(NameDeviceError::NotFound)), "{error:?}");
    }
    let error = bed
        .core
        .sessions
        .name_device(&out_caller, ada.id, kitchen.as_ref())
        .await;
    assert!(
        matches!(error, Err(NameDeviceError::LoggedOut)),
        "{error:?}"
    );
    assert_eq!(names(&bed, &caller).await, ["-"]);
}

#[sqlx::test(migrations = false)]
async fn history_tells_what_the_device_is_called_that_revoked_another(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (desk, lost) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&desk).await;
    call_it(&bed, &caller, desk.id, "Desk").await;
    let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
    bed.core.sessions.revoke(confirmed, lost.id).await.unwrap();
    let past = bed.core.sessions.list_ended(&caller).await.unwrap();
    let by = past.first().unwrap().by.clone().unwrap();
    assert_eq!(by.device_name, name("Desk"));
}

#[sqlx::test(migrations = false)]
async fn a_device_is_new_for_a_week_to_an_account_that_knows_others(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let first = bed.log_in().await;
    assert_eq!(
        are_new(&bed, &bed.caller(&first).await).await,
        [false],
        "it is the only one"
    );
    bed.clock.advance(Duration::from_mins(1));
    let second = bed.log_in().await;
    assert_eq!(
        are_new(&bed, &bed.caller(&second).await).await,
        [true, false]
    );
    assert_eq!(
        are_new(&bed, &bed.caller(&first).await).await,
        [false, true]
    );

    bed.clock.advance(6 * DAY);
    let again = log_in(&bed, with(second.device.as_ref().unwrap())).await;
    let caller = bed.caller(&again).await;
    assert_eq!(are_new(&bed, &caller).await, [true], "known for six days");
    bed.clock.advance(DAY);
    let later = log_in(&bed, with(again.device.as_ref().unwrap())).await;
    let caller = bed.caller(&later).await;
    assert_eq!(
        are_new(&bed, &caller).await.first(),
        Some(&false),
        "known for a week"
    );
}

#[sqlx::test(migrations = false)]
async fn a_device_tells_its_first_log_in_over_sessions(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let first = bed.log_in().await;
    let since = bed.caller(&first).await.session.created_at;
    bed.clock.advance(30 * DAY);
    let again = log_in(&bed, with(first.device.as_ref().unwrap())).await;
    let shared = log_in(&bed, shared(attempt(ADA, PASSWORD))).await;
    let listed = bed
        .core
        .sessions
        .list(&bed.caller(&again).await)
        .await
        .unwrap();
    let known = |id| {
        let listed = listed.iter().find(|listed| listed.session.id == id);
        listed.unwrap().device_known_since
    };
    assert_eq!(known(again.id), Some(since));
    assert_eq!(known(shared.id), None);
}

#[sqlx::test(migrations = false)]
async fn a_device_that_is_not_remembered_is_new_at_each_log_in(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.log_in().await;
    for _ in 0..2 {
        bed.clock.advance(Duration::from_mins(1));
        let opened = log_in(&bed, shared(attempt(ADA, PASSWORD))).await;
        assert_eq!(
            are_new(&bed, &bed.caller(&opened).await).await.first(),
            Some(&true)
        );
        bed.core
            .sessions
            .log_out(&*bed.caller(&opened).await)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn the_restricted_role_names_acknowledges_and_forgets_own_devices_and_does_nothing_else(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options.clone()).await;
    bed.another_user("eve").await;
    let ada = bed.log_in().await;
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let eve = bed.caller(&eve).await;
    let out = bed.try_log_in("eve", PASSWORD).await.unwrap();
    bed.core
        .sessions
        .log_out(&*bed.caller(&out).await)
        .await
        .unwrap();
    let pool = testing::look(options).await;
    assert_eq!(
        testing::rows_without_caller(&pool, "known_devices").await,
        0
    );
    for statement in [
        "update known_devices set token_hash = token_hash",
        "update known_devices set user_id = user_id",
        "update sessions set device_id = null",
        "update sessions set ended_by_session = id",
        "update sessions set device_name = repeat('x', 65)",
        "update known_devices set name = repeat('x', 65)",
    ] {
        testing::run_as(&eve, statement).await.err().unwrap();
    }
    for statement in [
        "update known_devices set name = 'Eve'",
        "update sessions set device_name = 'Eve'",
        "update known_devices set new_since = null",
        "update sessions set device_new_since = null",
    ] {
        testing::run_as(&eve, statement).await.unwrap();
    }
    let named: Vec<String> = sqlx::query_scalar(
        "select u.login from known_devices d join users u on u.id = d.user_id where d.name is not null
        union all
        select u.login from sessions s join users u on u.id = s.user_id where s.device_name is not null",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    // Two devices and one live session got the name. The ended session stays as it is.
    assert_eq!(named, ["eve", "eve", "eve"]);
    assert_eq!(names(&bed, &bed.caller(&ada).await).await, ["-"]);
    for table in ["known_devices", "known_networks"] {
        let delete = format!("delete from {table}");
        testing::run_as(&eve, Box::leak(delete.into_boxed_str()))
            .await
            .unwrap();
        let left = format!("select u.login from {table} k join users u on u.id = k.user_id");
        let left: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(left))
            .fetch_all(&pool)
            .await
            .unwrap();
        assert_eq!(left, [ADA], "{table}");
    }
}

#[sqlx::test(migrations = false)]
async fn two_accounts_in_one_browser_leave_each_others_device_alone(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    let ada = bed.log_in().await;
    call_it(&bed, &bed.caller(&ada).await, ada.id, "Laptop").await;
    let mut cookie = DeviceTokens::default().to_cookie_with(&ada.device.unwrap());
    for login in ["eve", ADA, "eve", ADA] {
        let mut attempt = attempt(login, PASSWORD);
        let held = DeviceTokens::from_cookie(&cookie);
        attempt.devices = held.hashes();
        let opened = log_in(&bed, attempt).await;
        cookie = held.to_cookie_with(opened.device.as_ref().unwrap());
        let expected = if login == ADA { "Laptop" } else { "-" };
        let caller = bed.caller(&opened).await;
        assert_eq!(
            names(&bed, &caller).await.first().unwrap(),
            expected,
            "{login}"
        );
    }
    let held = DeviceTokens::from_cookie(&cookie).hashes();
    assert_eq!(held.len(), 2, "each account has one token");
}

#[sqlx::test(migrations = false)]
async fn a_known_device_that_is_said_to_be_shared_lends_nothing(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let own = bed.log_in().await;
    let device = own.device.as_ref().unwrap();
    call_it(&bed, &bed.caller(&own).await, own.id, "Laptop").await;
    let opened = log_in(&bed, shared(with(device))).await;
    let caller = bed.caller(&opened).await;
    assert_eq!(names(&bed, &caller).await, ["-", "Laptop"]);
    call_it(&bed, &caller, opened.id, "Library").await;
    let again = log_in(&bed, with(device)).await;
    let mut named = names(&bed, &bed.caller(&again).await).await;
    named.sort_unstable();
    assert_eq!(named, ["Laptop", "Laptop", "Library"]);
}

#[sqlx::test(migrations = false)]
async fn a_stranger_is_new_although_all_history_was_swept(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.log_in().await;
    bed.clock.advance(300 * DAY);
    bed.core.sweeper.sweep(&bed.database).await.unwrap();
    let stranger = bed.log_in().await;
    let caller = bed.caller(&stranger).await;
    assert_eq!(bed.core.sessions.list_ended(&caller).await.unwrap(), []);
    assert_eq!(are_new(&bed, &caller).await, [true]);
}

#[sqlx::test(migrations = false)]
async fn a_device_that_is_not_known_any_more_can_be_named(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    sqlx::query("delete from known_devices")
        .execute(&testing::look(options).await)
        .await
        .unwrap();
    let caller = bed.caller(&opened).await;
    call_it(&bed, &caller, opened.id, "Laptop").await;
    assert_eq!(names(&bed, &caller).await, ["Laptop"]);
}

#[sqlx::test(migrations = false)]
async fn a_name_reaches_the_session_that_its_device_is_opening(_: Pool, options: Options) {
    let bed = Arc::new(TestBed::new(options.clone()).await);
    let first = bed.log_in().await;
    let caller = bed.caller(&first).await;
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options).await,
    );
    // A log-in waits after it has read its device and before it writes its session.
    for statement in [
        "create function wait() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(1); return new; end $$",
        "create trigger wait before insert on sessions for each row execute function wait()",
    ] {
        sqlx::query(statement).execute(&here).await.unwrap();
    }
    let mut lock = here.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(1)")
        .execute(&mut *lock)
        .await
        .unwrap();
    let attempt = with(first.device.as_ref().unwrap());
    let opening = {
        let bed = Arc::clone(&bed);
        tokio::spawn(async move { log_in(&bed, attempt).await })
    };
    testing::until_blocked(&elsewhere, 1).await;
    let naming = {
        let (bed, id) = (Arc::clone(&bed), first.id);
        tokio::spawn(async move { call_it(&bed, &caller, id, "Laptop").await })
    };
    testing::until_blocked(&elsewhere, 2).await;
    lock.commit().await.unwrap();
    let opened = opening.await.unwrap();
    naming.await.unwrap();
    let caller = bed.caller(&opened).await;
    assert_eq!(names(&bed, &caller).await, ["Laptop", "Laptop"]);
}
