//! What a person sees of the own account at a glance.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use latchkey_core::{
    access::{Resource, Scope, Verb, Verbs},
    account::{
        AccountOverview, ActivityFilter, DatabaseNumbers, FAILURES_COUNT_FOR, MOST_COUNTED,
        NewRule, OtherSessions,
    },
    activity::ActivityKind,
    attempt::{Failures, Outcome},
    clock::{Clock as _, SystemClock},
    log_in::LogInAttempt,
    session::{Activity, Caller, Resumed},
    testing::{self, PASSWORD, Statements, TestBed, password},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::OffsetDateTime;

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

const ADA: &str = "ada@example.com";

async fn overview(bed: &TestBed, caller: &Caller) -> AccountOverview {
    bed.core.activity.overview(caller).await.unwrap()
}

/// A wrong password from an address.
async fn fail_from(bed: &TestBed, address: &str) {
    let mut client = testing::client();
    client.address = Some(address.parse().unwrap());
    let attempt = LogInAttempt {
        client,
        ..testing::attempt(ADA, "wrong")
    };
    bed.core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .err()
        .unwrap();
}

/// The number of failed log-ins that Activity lists, and of those that a log-in explains.
async fn listed_failures(bed: &TestBed, caller: &Caller) -> (usize, usize) {
    let activity = &bed.core.activity;
    let only = ActivityFilter::Failed;
    let listed = activity.list_only(caller, only, None, 50).await.unwrap();
    let explained = listed.entries.iter().filter(|entry| entry.is_explained);
    (listed.entries.len(), explained.count())
}

/// A wrong current password in a session.
async fn guess_in(bed: &TestBed, caller: &Caller) {
    let wrong = password("a guess");
    let refused = bed.core.passwords.confirm(caller, &wrong).await;
    refused.err().unwrap();
}

#[sqlx::test(migrations = false)]
async fn an_overview_has_the_own_session_first_and_the_latest_events(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    bed.try_log_in("eve", PASSWORD).await.unwrap();
    let own = bed.log_in().await;
    for _ in 0..10 {
        bed.clock.advance(Duration::from_mins(1));
        bed.log_in().await;
    }
    let caller = bed.caller(&own).await;
    let seen = overview(&bed, &caller).await;
    assert_eq!(seen.live_count, 11);
    assert_eq!(seen.live.len(), 11);
    assert_eq!(seen.live[0].session.id, caller.session.id);
    let whole = bed.core.activity.list(&caller, None, 50).await.unwrap();
    assert_eq!(seen.latest.entries, whole.entries);
    assert_eq!(seen.latest.entries.len(), 11);
    assert!(seen.latest.entries.iter().all(|entry| matches!(
        entry.kind,
        ActivityKind::LogIn {
            outcome: Outcome::Succeeded,
            ..
        }
    )));
    assert_eq!(seen.failures, None);
}

#[sqlx::test(migrations = false)]
async fn a_failure_counts_until_its_time_is_over(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    fail_from(&bed, "198.51.100.9").await;
    bed.clock.advance(Duration::from_mins(5));
    fail_from(&bed, "198.51.100.9").await;
    let last_at = bed.clock.now();
    let failures = overview(&bed, &caller).await.failures;
    assert_eq!(failures, Some(Failures { count: 2, last_at }));
    bed.clock.advance(FAILURES_COUNT_FOR.unsigned_abs());
    assert_eq!(overview(&bed, &caller).await.failures, None);
}

#[sqlx::test(migrations = false)]
async fn failures_count_until_the_person_has_looked_at_them(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let caller = bed.caller(&bed.log_in().await).await;
    bed.another_user("eve").await;
    fail_from(&bed, "198.51.100.9").await;
    let first_at = bed.clock.now();
    bed.clock.advance(Duration::from_mins(5));
    fail_from(&bed, "198.51.100.9").await;
    let last_at = bed.clock.now();
    let activity = &bed.core.activity;
    activity.failures_seen(&caller, first_at).await.unwrap();
    let failures = overview(&bed, &caller).await.failures;
    assert_eq!(failures, Some(Failures { count: 1, last_at }));

    activity.failures_seen(&caller, last_at).await.unwrap();
    assert_eq!(overview(&bed, &caller).await.failures, None);
    // An older page that is looked at later brings nothing back.
    activity.failures_seen(&caller, first_at).await.unwrap();
    assert_eq!(overview(&bed, &caller).await.failures, None);

    bed.clock.advance(Duration::from_mins(5));
    fail_from(&bed, "198.51.100.9").await;
    assert_eq!(overview(&bed, &caller).await.failures.unwrap().count, 1);
    // Nothing is noted for anyone else.
    let seen: Vec<Option<OffsetDateTime>> =
        sqlx::query_scalar("select failures_seen_at from users where login = 'eve'")
            .fetch_all(&testing::look(options).await)
            .await
            .unwrap();
    assert_eq!(seen, [None]);
}

#[sqlx::test(migrations = false)]
async fn on_a_new_device_nothing_is_looked_at(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.log_in().await;
    bed.clock.advance(Duration::from_hours(1));
    fail_from(&bed, "198.51.100.9").await;
    let guesser = bed.caller(&bed.log_in().await).await;
    let activity = &bed.core.activity;
    activity
        .failures_seen(&guesser, bed.clock.now())
        .await
        .unwrap();
    assert_eq!(overview(&bed, &guesser).await.failures.unwrap().count, 1);
}

#[sqlx::test(migrations = false)]
async fn a_log_in_soon_afterwards_explains_failures_of_the_same_browser_only(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let own = testing::client().address.unwrap().to_string();
    fail_from(&bed, &own).await;
    fail_from(&bed, "198.51.100.9").await;
    let last_at = bed.clock.now();
    bed.clock.advance(Duration::from_mins(59));
    let caller = bed.caller(&bed.log_in().await).await;
    let failures = overview(&bed, &caller).await.failures;
    assert_eq!(failures, Some(Failures { count: 1, last_at }));
    assert_eq!(listed_failures(&bed, &caller).await, (2, 1));

    // What follows the log-in is not explained by it.
    bed.clock.advance(Duration::from_mins(1));
    fail_from(&bed, &own).await;
    let failures = overview(&bed, &caller).await.failures.unwrap();
    assert_eq!(failures.count, 2);
    bed.clock.advance(Duration::from_hours(1));
    bed.log_in().await;
    let failures = overview(&bed, &caller).await.failures.unwrap();
    assert_eq!(failures.count, 2, "an hour is too late");
    assert_eq!(listed_failures(&bed, &caller).await, (3, 1));
}

#[sqlx::test(migrations = false)]
async fn a_wrong_current_password_counts_until_the_right_one_comes_in_the_same_session(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let own = bed.caller(&bed.log_in().await).await;
    let mut elsewhere = testing::attempt(ADA, PASSWORD);
    elsewhere.client.address = Some("198.51.100.9".parse().unwrap());
    let client = elsewhere.client.clone();
    let opened = bed.core.log_in.attempt(&bed.database, elsewhere).await;
    let token = opened.unwrap().token;
    let sessions = &bed.core.sessions;
    let resumed = sessions.resume(&bed.database, &token, &client, Activity::Person);
    let Resumed::Live(other) = resumed.await.unwrap() else {
        panic!("the session is live");
    };
    bed.clock.advance(Duration::from_mins(1));
    guess_in(&bed, &own).await;
    guess_in(&bed, &other).await;
    let last_at = bed.clock.now();
    let guesses = overview(&bed, &own).await.guesses;
    assert_eq!(guesses, Some(Failures { count: 2, last_at }));

    bed.clock.advance(Duration::from_mins(59));
    let right = password(PASSWORD);
    bed.core.passwords.confirm(&own, &right).await.unwrap();
    let guesses = overview(&bed, &other).await.guesses;
    assert_eq!(guesses, Some(Failures { count: 1, last_at }));

    // What is explained stays explained: after a later confirmation, and after the end of the session.
    bed.clock.advance(Duration::from_hours(2));
    bed.core.passwords.confirm(&own, &right).await.unwrap();
    let guesses = overview(&bed, &other).await.guesses;
    assert_eq!(guesses, Some(Failures { count: 1, last_at }));
    bed.core.sessions.log_out(&own).await.unwrap();
    let guesses = overview(&bed, &other).await.guesses;
    assert_eq!(guesses, Some(Failures { count: 1, last_at }));
    // An hour is too late.
    bed.core.passwords.confirm(&other, &right).await.unwrap();
    let guesses = overview(&bed, &other).await.guesses;
    assert_eq!(guesses, Some(Failures { count: 1, last_at }));

    let activity = &bed.core.activity;
    bed.clock
        .advance(latchkey_core::session::DEVICE_IS_NEW_FOR.unsigned_abs());
    guess_in(&bed, &other).await;
    assert_eq!(overview(&bed, &other).await.guesses.unwrap().count, 1);
    activity
        .failures_seen(&other, bed.clock.now())
        .await
        .unwrap();
    assert_eq!(overview(&bed, &other).await.guesses, None);
}

#[sqlx::test(migrations = false)]
async fn an_overview_says_when_the_password_was_changed(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let created_at = bed.clock.now();
    let caller = bed.caller(&bed.log_in().await).await;
    let seen = overview(&bed, &caller).await;
    assert_eq!(seen.password_changed_at, Some(created_at));
    bed.clock.advance(Duration::from_mins(1));
    let (current, new) = (password(PASSWORD), password("seven purple lanterns drift"));
    bed.core
        .passwords
        .change(&caller, &current, &new, OtherSessions::Keep)
        .await
        .unwrap();
    let seen = overview(&bed, &caller).await;
    assert_eq!(seen.password_changed_at, Some(bed.clock.now()));
}

#[sqlx::test(migrations = false)]
async fn an_overview_costs_ten_statements_however_many_sessions_there_are(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    for _ in 0..10 {
        bed.log_in().await;
    }
    let statements = Statements::count(async {
        overview(&bed, &caller).await;
    });
    assert_eq!(statements.await, 10);
}

async fn numbers(bed: &TestBed, caller: &Caller) -> DatabaseNumbers {
    // The triggers of the audit log read the clock of PostgreSQL.
    let since = SystemClock.now() - time::Duration::hours(1);
    bed.core.activity.numbers(caller, since).await.unwrap()
}

#[sqlx::test(migrations = false)]
async fn numbers_are_for_people_who_read_all_rows(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let ada = bed.caller(&bed.log_in().await).await;
    let work = async {
        assert_eq!(numbers(&bed, &ada).await, DatabaseNumbers::default());
    };
    assert_eq!(Statements::count(work).await, 0);

    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let opened = bed.try_log_in("root", PASSWORD).await.unwrap();
    let root = bed.caller(&opened).await;
    let seen = numbers(&bed, &root).await;
    let entries = seen.audit_entries.unwrap();
    assert!(entries >= 2, "two users were created: {entries}");
    let expected = DatabaseNumbers {
        users: Some(2),
        sessions: Some(2),
        companies: Some(1),
        groups: Some(3),
        policies: Some(0),
        audit_entries: Some(entries),
    };
    assert_eq!(seen, expected);
    let tomorrow = SystemClock.now() + time::Duration::days(1);
    let later = bed.core.activity.numbers(&root, tomorrow).await.unwrap();
    assert_eq!(later.audit_entries, Some(0));

    let rule = NewRule {
        name: "own company".parse().unwrap(),
        resource: Resource::USERS,
        group: None,
        verbs: Verbs::default().with(Verb::Read),
        scope: Scope::AllowedCompanies,
    };
    bed.core.groups.add_rule(&bed.database, rule).await.unwrap();
    let root = bed.caller(&opened).await;
    assert_eq!(numbers(&bed, &root).await.users, None);
}

#[sqlx::test(migrations = false)]
async fn a_large_number_is_not_counted_to_its_end(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let opened = bed.try_log_in("root", PASSWORD).await.unwrap();
    let look = testing::look(options).await;
    let sessions = "insert into sessions select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
        from sessions s, generate_series(1, 1200)";
    sqlx::query(sessions).execute(&look).await.unwrap();
    let root = bed.caller(&opened).await;
    assert_eq!(numbers(&bed, &root).await.sessions, Some(MOST_COUNTED + 1));
}
