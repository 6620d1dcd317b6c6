//! What a database, a company or a group makes stricter.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use latchkey_core::{
    access::{GroupId, Policy, PolicyLevel, PolicySetting, USER},
    account::{
        AuditFilter, ChangeGroupsError, ChangePasswordError, CreateUserError, EffectiveSetting,
        GroupAbout, OtherSessions, PasswordOrigin, PolicyForecast, PolicyImpact, SetPasswordError,
        SetPolicyError,
    },
    audit::{AuditAction, AuditSubject},
    company::CompanyId,
    log_in::{LogInError, OpenedSession},
    session::{Caller, Computer, ConfirmationRequired, EndCause, Resumed},
    settings::{AtMostOfUser, SessionSettings, Settings},
    testing::{self, PASSWORD, TestBed, attempt},
    user::{InvalidPassword, Password, Role},
};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions as Options, PgPoolOptions as Pool};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const LOGIN: &str = "ada@example.com";

fn policy(level: PolicyLevel, setting: PolicySetting, value: u32) -> Policy {
    Policy {
        level,
        setting,
        value,
    }
}

fn idle(level: PolicyLevel, minutes: u32) -> Policy {
    policy(level, PolicySetting::IdleTimeout, minutes * 60)
}

async fn set(bed: &TestBed, policy: Policy) -> PolicyImpact {
    bed.core.policies.set(&bed.database, policy).await.unwrap()
}

async fn clear(bed: &TestBed, level: PolicyLevel, setting: PolicySetting) -> bool {
    let policies = &bed.core.policies;
    policies.clear(&bed.database, level, setting).await.unwrap()
}

async fn explained(bed: &TestBed, setting: PolicySetting) -> EffectiveSetting {
    let all = bed.core.policies.explain(&bed.database, &bed.ada);
    let mut all = all.await.unwrap().into_iter();
    all.find(|one| one.setting == setting).unwrap()
}

async fn new_group(bed: &TestBed, name: &str) -> GroupId {
    let (title, name) = (name.parse().unwrap(), name.parse().unwrap());
    let groups = &bed.core.groups;
    let about = GroupAbout::default();
    let id = groups.create(&bed.database, &name, &title, &about).await;
    id.unwrap()
}

async fn put(bed: &TestBed, more: &[GroupId]) {
    let groups = &bed.core.groups;
    let known = groups.list(&bed.database).await.unwrap();
    let user = known.iter().find(|group| group.name == USER).unwrap().id;
    let all: Vec<_> = [user].iter().chain(more).copied().collect();
    groups
        .set_of_user(&bed.database, &bed.ada, &all)
        .await
        .unwrap();
}

async fn company_of(bed: &TestBed, opened: &OpenedSession) -> CompanyId {
    bed.caller(opened).await.companies.main().unwrap()
}

/// The cause of the end; `None` if the session is live.
async fn end_of(bed: &TestBed, opened: &OpenedSession) -> Option<EndCause> {
    match bed.resume(&opened.token).await {
        Resumed::Ended(ended) => Some(ended.cause),
        Resumed::Live(_) => None,
        Resumed::Pending(_) | Resumed::Unknown => unreachable!("the log-in was finished"),
    }
}

#[sqlx::test(migrations = false)]
async fn the_strictest_level_wins_and_is_named(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let company = PolicyLevel::Company(company_of(&bed, &bed.log_in().await).await);
    let (warehouse, night) = (
        new_group(&bed, "warehouse").await,
        new_group(&bed, "night").await,
    );
    let groups = &bed.core.groups;
    groups
        .set_implied(&bed.database, night, &[warehouse])
        .await
        .unwrap();
    put(&bed, &[night]).await;
    let group = PolicyLevel::Group(warehouse);
    let unchanged = explained(&bed, PolicySetting::IdleTimeout).await;
    assert_eq!((unchanged.value, unchanged.by), (Some(43_200), None));
    for (level, minutes) in [(PolicyLevel::Database, 240), (company, 60), (group, 15)] {
        set(&bed, idle(level, minutes)).await;
        let opened = bed.log_in().await;
        let now = explained(&bed, PolicySetting::IdleTimeout).await;
        assert_eq!((now.value, now.by), (Some(minutes * 60), Some(level)));
        assert_eq!(now.configured, Some(43_200));
        let expected = MINUTE * minutes;
        let before = MINUTE * (minutes - 1);
        assert_eq!(bed.caller(&opened).await.session.timeout(), expected);
        bed.clock.advance(before);
        assert_eq!(end_of(&bed, &opened).await, None);
        bed.clock.advance(expected);
        assert_eq!(end_of(&bed, &opened).await, Some(EndCause::Idle));
    }
    let all = explained(&bed, PolicySetting::IdleTimeout).await.policies;
    let all: Vec<_> = all.iter().map(|one| (one.level, one.value)).collect();
    assert_eq!(
        all,
        [
            (group, 900),
            (company, 3_600),
            (PolicyLevel::Database, 14_400)
        ]
    );
    // A later and larger value changes nothing.
    set(&bed, idle(PolicyLevel::Group(night), 20)).await;
    let now = explained(&bed, PolicySetting::IdleTimeout).await;
    assert_eq!((now.value, now.by), (Some(900), Some(group)));
    // Another user is in neither group.
    let bob = bed.another_user("bob").await;
    let of_bob = bed
        .core
        .policies
        .explain(&bed.database, &bob)
        .await
        .unwrap();
    assert_eq!(of_bob.first().unwrap().value, Some(3_600));
}

#[sqlx::test(migrations = false)]
async fn a_cleared_policy_lets_a_session_in_use_live_on(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    set(&bed, idle(PolicyLevel::Database, 15)).await;
    let opened = bed.log_in().await;
    let setting = PolicySetting::IdleTimeout;
    assert!(clear(&bed, PolicyLevel::Database, setting).await);
    assert!(!clear(&bed, PolicyLevel::Database, setting).await);
    bed.clock.advance(10 * MINUTE);
    assert_eq!(end_of(&bed, &opened).await, None);
    bed.clock.advance(HOUR);
    assert_eq!(end_of(&bed, &opened).await, None);
}

#[sqlx::test(migrations = false)]
async fn a_policy_that_is_cleared_or_longer_gives_live_sessions_their_time_back(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options).await;
    // Seconds from the last activity and from the log-in, in order of log-ins.
    let rows = async || -> Vec<(f64, f64)> {
        sqlx::query_as(
            "select extract(epoch from idle_expires_at - last_active_at)::float8,
                extract(epoch from absolute_expires_at - created_at)::float8
            from sessions where ended_at is null order by created_at",
        )
        .fetch_all(&look)
        .await
        .unwrap()
    };
    let (half_a_day, week) = (43_200.0, 604_800.0);
    let before = bed.log_in().await;
    let company = PolicyLevel::Company(company_of(&bed, &before).await);
    bed.clock.advance(MINUTE);
    set(&bed, idle(PolicyLevel::Database, 3)).await;
    set(&bed, policy(company, PolicySetting::AbsoluteTimeout, 360)).await;
    let mut shared = attempt(LOGIN, PASSWORD);
    shared.computer = Computer::Shared;
    let shared = bed.core.log_in.attempt(&bed.database, shared).await;
    let shared = shared.unwrap();
    assert_eq!(rows().await, [(180.0, 360.0), (180.0, 360.0)]);
    // A session that is over stays over.
    bed.clock.advance(Duration::from_secs(150));
    assert!(clear(&bed, PolicyLevel::Database, PolicySetting::IdleTimeout).await);
    assert_eq!(rows().await, [(180.0, 360.0), (900.0, 360.0)]);
    assert_eq!(end_of(&bed, &before).await, Some(EndCause::Idle));
    // A longer policy.
    set(&bed, policy(company, PolicySetting::AbsoluteTimeout, 7_200)).await;
    assert_eq!(rows().await, [(900.0, 7_200.0)]);
    // Another policy stays in force.
    set(
        &bed,
        policy(PolicyLevel::Database, PolicySetting::AbsoluteTimeout, 3_600),
    )
    .await;
    let of_bob = bed.another_user("bob").await;
    bed.try_log_in("bob", PASSWORD).await.unwrap();
    assert!(clear(&bed, company, PolicySetting::AbsoluteTimeout).await);
    assert_eq!(
        rows().await,
        [(900.0, 3_600.0), (half_a_day, 3_600.0)],
        "{}",
        of_bob.login
    );
    assert!(clear(&bed, PolicyLevel::Database, PolicySetting::AbsoluteTimeout).await);
    assert_eq!(rows().await, [(900.0, week), (half_a_day, week)]);
    bed.clock.advance(10 * MINUTE);
    assert_eq!(end_of(&bed, &shared).await, None);
}

#[sqlx::test(migrations = false)]
async fn a_policy_ends_at_once_what_it_says_before(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let group = new_group(&bed, "warehouse").await;
    let old = bed.log_in().await;
    bed.clock.advance(HOUR);
    let fresh = bed.log_in().await;
    let bob = bed.another_user("bob").await;
    let of_bob = bed.try_log_in("bob", PASSWORD).await.unwrap();
    bed.clock.advance(20 * MINUTE);
    let of_group = idle(PolicyLevel::Group(group), 30);
    let try_out = async || {
        let policies = &bed.core.policies;
        policies
            .try_out(&bed.database, of_group, None)
            .await
            .unwrap()
    };
    assert_eq!(try_out().await, PolicyForecast::default());
    put(&bed, &[group]).await;
    let one = PolicyImpact {
        sessions: 1,
        users: 1,
    };
    assert_eq!(try_out().await.at_once, one);
    assert_eq!(try_out().await.at_once, one, "nothing has changed");
    assert!(
        bed.core
            .policies
            .list(&bed.database)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(set(&bed, of_group).await, one);
    // The session is over for lists and for the sweep, too.
    let caller = bed.caller(&fresh).await;
    let listed = bed.core.sessions.list(&caller).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|listed| listed.session.id).collect();
    assert_eq!(listed, [fresh.id]);
    bed.core.sweeper.sweep(&bed.database).await.unwrap();
    let cause: String = sqlx::query_scalar("select end_cause from sessions where id = $1")
        .bind(old.id.as_uuid())
        .fetch_one(&testing::look(options).await)
        .await
        .unwrap();
    assert_eq!(cause, EndCause::Idle.as_str());
    assert_eq!(end_of(&bed, &old).await, Some(EndCause::Idle));
    assert_eq!(end_of(&bed, &of_bob).await, None, "{}", bob.login);
}

#[sqlx::test(migrations = false)]
async fn a_forecast_tells_what_ends_soon_and_of_the_person_who_asks(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let bob = bed.another_user("bob").await;
    bed.log_in().await;
    bed.clock.advance(30 * MINUTE);
    bed.log_in().await;
    bed.try_log_in("bob", PASSWORD).await.unwrap();
    let forecast = async |setting, value, own| {
        let policy = policy(PolicyLevel::Database, setting, value);
        let policies = &bed.core.policies;
        policies
            .try_out(&bed.database, policy, Some(own))
            .await
            .unwrap()
    };
    let one = PolicyImpact {
        sessions: 1,
        users: 1,
    };
    let none = PolicyForecast::default();
    let absolute = PolicySetting::AbsoluteTimeout;
    // Ada's first session is over at once, the other two are an hour later.
    let seen = forecast(absolute, 1_800, bed.ada.id).await;
    assert_eq!(
        seen,
        PolicyForecast {
            at_once: one,
            soon: 2,
            own: 2,
            ..none
        }
    );
    assert_eq!(forecast(absolute, 1_800, bob.id).await.own, 1);
    // In two hours is not soon. An idle timeout is postponed by activity.
    assert_eq!(forecast(absolute, 7_200, bed.ada.id).await, none);
    let seen = forecast(PolicySetting::IdleTimeout, 1_800, bob.id).await;
    let idle = PolicyForecast {
        at_once: one,
        ..none
    };
    assert_eq!(seen, idle);
    let most = PolicySetting::MaxSessions;
    let above = PolicyForecast {
        users_above: 1,
        ..none
    };
    assert_eq!(forecast(most, 1, bed.ada.id).await, above);
    assert_eq!(forecast(most, 2, bed.ada.id).await, none);
}

#[sqlx::test(migrations = false)]
async fn a_policy_shortens_the_rows_that_exceed_it_and_no_others(_: Pool, options: Options) {
    let settings = Settings {
        sessions: SessionSettings {
            absolute_timeout: None,
            ..SessionSettings::default()
        },
        ..Settings::default()
    };
    let bed = TestBed::with(options.clone(), settings, Vec::new()).await;
    let company = PolicyLevel::Company(company_of(&bed, &bed.log_in().await).await);
    // This session is over, and no sweep has marked it.
    bed.clock.advance(13 * HOUR);
    let mut shared = attempt(LOGIN, PASSWORD);
    shared.computer = Computer::Shared;
    let shared = bed.core.log_in.attempt(&bed.database, shared).await;
    bed.clock.advance(Duration::from_secs(1));
    let (shared, own) = (shared.unwrap(), bed.log_in().await);
    let look = testing::look(options).await;
    let rows = async || -> Vec<(bool, f64, Option<f64>)> {
        sqlx::query_as(
            "select is_on_shared_computer, extract(epoch from idle_expires_at - last_active_at)::float8,
                extract(epoch from absolute_expires_at - created_at)::float8
            from sessions order by id",
        )
        .fetch_all(&look)
        .await
        .unwrap()
    };
    let old = (false, 43_200.0, None);
    let all = [old, (true, 900.0, None), (false, 43_200.0, None)];
    assert_eq!(rows().await, all);
    set(&bed, policy(company, PolicySetting::SharedIdleTimeout, 300)).await;
    let all = [old, (true, 300.0, None), (false, 43_200.0, None)];
    assert_eq!(rows().await, all);
    let empty = PolicyLevel::Group(new_group(&bed, "empty").await);
    set(&bed, policy(empty, PolicySetting::AbsoluteTimeout, 130)).await;
    assert_eq!(rows().await, all);
    let impact = set(&bed, policy(company, PolicySetting::AbsoluteTimeout, 7_200)).await;
    assert_eq!(impact, PolicyImpact::default());
    let all = [
        old,
        (true, 300.0, Some(7_200.0)),
        (false, 43_200.0, Some(7_200.0)),
    ];
    assert_eq!(rows().await, all);
    bed.clock.advance(6 * MINUTE);
    // The session on the shared computer is over already.
    let impact = set(&bed, idle(PolicyLevel::Database, 3)).await;
    let one = PolicyImpact {
        sessions: 1,
        users: 1,
    };
    assert_eq!(impact, one);
    assert_eq!(end_of(&bed, &shared).await, Some(EndCause::Idle));
    assert_eq!(end_of(&bed, &own).await, Some(EndCause::Idle));
    let new = bed.log_in().await;
    let end = async |opened| bed.caller(opened).await.session.absolute_expires_at;
    assert!(end(&new).await.is_some());
    assert!(clear(&bed, company, PolicySetting::AbsoluteTimeout).await);
    assert_eq!(end(&new).await, None);
}

#[sqlx::test(migrations = false)]
async fn who_comes_into_a_group_has_its_policy_at_the_next_request(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let group = new_group(&bed, "warehouse").await;
    set(&bed, idle(PolicyLevel::Group(group), 15)).await;
    let (unused, used) = (bed.log_in().await, bed.log_in().await);
    bed.clock.advance(10 * MINUTE);
    assert_eq!(end_of(&bed, &used).await, None);
    bed.clock.advance(10 * MINUTE);
    put(&bed, &[group]).await;
    let caller = bed.caller(&used).await;
    let listed = bed.core.sessions.list(&caller).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|listed| listed.session.id).collect();
    assert_eq!(listed, [used.id]);
    assert_eq!(end_of(&bed, &unused).await, Some(EndCause::Idle));
    bed.clock.advance(15 * MINUTE);
    assert_eq!(end_of(&bed, &used).await, Some(EndCause::Idle));
}

#[sqlx::test(migrations = false)]
async fn the_rows_follow_who_comes_into_a_group_or_a_company(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (outer, inner) = (
        new_group(&bed, "outer").await,
        new_group(&bed, "inner").await,
    );
    set(&bed, idle(PolicyLevel::Group(inner), 60)).await;
    let bob = bed.another_user("bob").await;
    let name = "North".parse().unwrap();
    let (companies, database) = (&bed.core.companies, &bed.database);
    let north = companies.create(database, &name, None).await.unwrap();
    set(&bed, idle(PolicyLevel::Company(north), 30)).await;
    let opened = bed.log_in().await;
    let first = company_of(&bed, &opened).await;
    bed.try_log_in("bob", PASSWORD).await.unwrap();
    let timeout_of = async |user| {
        let listed = bed
            .core
            .sessions
            .list_all(database, Some(user))
            .await
            .unwrap();
        let minutes = listed
            .iter()
            .map(|(_, session)| session.timeout().whole_minutes());
        minutes.collect::<Vec<_>>()
    };
    assert_eq!(timeout_of(bed.ada.id).await, [720]);
    put(&bed, &[outer]).await;
    assert_eq!(timeout_of(bed.ada.id).await, [720]);
    bed.core
        .groups
        .set_implied(database, outer, &[inner])
        .await
        .unwrap();
    assert_eq!(timeout_of(bed.ada.id).await, [60]);
    companies
        .set_of_user(database, &bed.ada, &[first, north])
        .await
        .unwrap();
    assert_eq!(timeout_of(bed.ada.id).await, [30]);
    assert_eq!(timeout_of(bob.id).await, [720]);

    // Another company, which comes back into use.
    companies
        .set_of_user(database, &bob, &[first, north])
        .await
        .unwrap();
    assert_eq!(timeout_of(bob.id).await, [30]);
    companies.archive(database, north).await.unwrap();
    bed.try_log_in("bob", PASSWORD).await.unwrap();
    assert_eq!(timeout_of(bob.id).await.iter().max(), Some(&720));
    companies.restore(database, north).await.unwrap();
    assert_eq!(timeout_of(bob.id).await, [30, 30]);
}

#[sqlx::test(migrations = false)]
async fn a_replaced_token_extends_no_session_that_is_over_by_a_policy(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let group = new_group(&bed, "warehouse").await;
    set(&bed, idle(PolicyLevel::Group(group), 15)).await;
    let opened = bed.log_in().await;
    bed.clock.advance(4 * HOUR);
    // The answer with the new token is lost, so that the old token stays good.
    let caller = bed.caller(&opened).await;
    let sessions = &bed.core.sessions;
    assert!(sessions.rotate_token(&caller).await.unwrap().is_some());
    bed.clock.advance(20 * MINUTE);
    put(&bed, &[group]).await;
    let active = "select last_active_at from sessions";
    let look = testing::look(options).await;
    let before: time::OffsetDateTime = sqlx::query_scalar(active).fetch_one(&look).await.unwrap();
    let Resumed::Ended(ended) = bed.resume(&opened.token).await else {
        panic!("the session is over");
    };
    assert_eq!(
        (ended.cause, ended.timeout),
        (EndCause::Idle, time::Duration::minutes(15))
    );
    let after: time::OffsetDateTime = sqlx::query_scalar(active).fetch_one(&look).await.unwrap();
    assert_eq!(after, before);
}

#[sqlx::test(migrations = false)]
async fn a_later_expiry_in_the_table_counts_for_nothing(_: Pool, options: Options) {
    // A log-in or a touch may have read the policies just before they changed.
    let bed = TestBed::new(options.clone()).await;
    let database = PolicyLevel::Database;
    for (setting, cause) in [
        (PolicySetting::IdleTimeout, EndCause::Idle),
        (PolicySetting::AbsoluteTimeout, EndCause::TooOld),
    ] {
        set(&bed, policy(database, setting, 3_600)).await;
        let opened = bed.log_in().await;
        sqlx::query(
            "update sessions set absolute_expires_at = null, idle_expires_at = idle_expires_at + interval '1 day'",
        )
        .execute(&testing::look(options.clone()).await)
        .await
        .unwrap();
        let expiry = bed.caller(&opened).await.session.expiry.at;
        assert_eq!(expiry, opened.expiry.at);
        bed.clock.advance(HOUR);
        assert_eq!(end_of(&bed, &opened).await, Some(cause));
        assert!(clear(&bed, database, setting).await);
    }
}

#[sqlx::test(migrations = false)]
async fn each_setting_has_its_policy(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let database = PolicyLevel::Database;
    let on_shared = || async {
        let mut shared = attempt(LOGIN, PASSWORD);
        shared.computer = Computer::Shared;
        let opened = bed.core.log_in.attempt(&bed.database, shared).await;
        opened.unwrap()
    };
    set(
        &bed,
        policy(database, PolicySetting::SharedIdleTimeout, 120),
    )
    .await;
    let (shared, own) = (on_shared().await, bed.log_in().await);
    bed.clock.advance(2 * MINUTE);
    assert_eq!(end_of(&bed, &shared).await, Some(EndCause::Idle));
    assert_eq!(end_of(&bed, &own).await, None);

    let confirmed = |caller: &Caller| bed.core.sessions.confirmed(caller).map(drop);
    assert!(confirmed(&bed.caller(&own).await).is_ok());
    set(
        &bed,
        policy(database, PolicySetting::ConfirmationTimeout, 90),
    )
    .await;
    let caller = bed.caller(&own).await;
    assert_eq!(confirmed(&caller), Err(ConfirmationRequired));
    assert_eq!(
        bed.core.sessions.confirmed_for(&caller),
        time::Duration::ZERO
    );

    set(&bed, policy(database, PolicySetting::MaxSessions, 2)).await;
    let second = bed.log_in().await;
    assert_eq!(end_of(&bed, &own).await, None);
    bed.clock.advance(2 * MINUTE);
    assert_eq!(end_of(&bed, &second).await, None);
    let third = bed.log_in().await;
    match bed.resume(&own.token).await {
        Resumed::Ended(ended) => {
            assert_eq!((ended.cause, ended.most_of_user), (EndCause::Limit, 2));
        }
        Resumed::Live(_) | Resumed::Pending(_) | Resumed::Unknown => panic!("the limit is 2"),
    }
    assert_eq!(end_of(&bed, &second).await, None);
    assert_eq!(end_of(&bed, &third).await, None);
}

#[sqlx::test(migrations = false)]
async fn a_policy_makes_every_computer_a_shared_one(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let group = new_group(&bed, "warehouse").await;
    let before = bed.log_in().await;
    assert!(before.device.is_some());
    let always = policy(PolicyLevel::Group(group), PolicySetting::SharedComputer, 1);
    set(&bed, always).await;
    assert_eq!(bed.log_in().await.computer, Computer::Own);
    put(&bed, &[group]).await;
    let opened = bed.log_in().await;
    assert_eq!(opened.computer, Computer::Shared);
    assert!(opened.device.is_none(), "the device stays unknown");
    assert_eq!(bed.caller(&opened).await.session.timeout(), 15 * MINUTE);
    // Sessions of before are what they were.
    assert_eq!(bed.caller(&before).await.session.computer, Computer::Own);
    let refused = bed
        .core
        .policies
        .set(&bed.database, Policy { value: 2, ..always });
    assert!(matches!(
        refused.await,
        Err(SetPolicyError::NotStricter(..))
    ));
    assert!(clear(&bed, always.level, always.setting).await);
    assert_eq!(bed.log_in().await.computer, Computer::Own);
}

#[sqlx::test(migrations = false)]
async fn a_policy_refuses_log_ins_beyond_the_largest_number(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let group = new_group(&bed, "warehouse").await;
    put(&bed, &[group]).await;
    let most = policy(PolicyLevel::Database, PolicySetting::MaxSessions, 1);
    set(&bed, most).await;
    let first = bed.log_in().await;
    let second = bed.log_in().await;
    assert!(matches!(bed.resume(&first.token).await, Resumed::Ended(_)));
    let refuse = policy(PolicyLevel::Group(group), PolicySetting::RefuseLogIn, 1);
    set(&bed, refuse).await;
    let effective = explained(&bed, refuse.setting).await;
    assert_eq!(
        (effective.value, effective.by, effective.configured),
        (Some(1), Some(refuse.level), None)
    );
    let refused = bed.try_log_in(LOGIN, PASSWORD).await.err();
    assert!(
        matches!(refused, Some(LogInError::TooManySessions { most: 1 })),
        "{refused:?}"
    );
    assert_eq!(end_of(&bed, &second).await, None);
    assert!(clear(&bed, refuse.level, refuse.setting).await);
    bed.log_in().await;
    assert!(matches!(bed.resume(&second.token).await, Resumed::Ended(_)));
}

#[sqlx::test(migrations = false)]
async fn a_policy_asks_for_longer_passwords(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let group = new_group(&bed, "managers").await;
    let setting = PolicySetting::MinPasswordLength;
    let of_managers = PolicyLevel::Group(group);
    let forecast = bed.core.policies.try_out(
        &bed.database,
        policy(of_managers, setting, 30),
        Some(bed.ada.id),
    );
    assert_eq!(forecast.await.unwrap(), PolicyForecast::default());
    set(&bed, policy(of_managers, setting, 30)).await;
    // The group `user` is that of a new user. Its policy asks for less than the other group's.
    let groups = bed.core.groups.list(&bed.database).await.unwrap();
    let user = groups.iter().find(|group| group.name == USER).unwrap().id;
    set(&bed, policy(PolicyLevel::Group(user), setting, 20)).await;
    let (long, short) = ("four quite long words here", "only 18 characters");
    let first = testing::password(PASSWORD);
    let change = async |new: &str| {
        let caller = bed.caller(&bed.log_in().await).await;
        let new = testing::password(new);
        let passwords = &bed.core.passwords;
        let changed = passwords.change(&caller, &first, &new, OtherSessions::Keep);
        changed.await.map(|changed| changed.ended_sessions)
    };
    let asked = |error: Option<ChangePasswordError>| match error {
        Some(ChangePasswordError::Set(SetPasswordError::Password(InvalidPassword::TooShort {
            minimum,
        }))) => Some(minimum),
        _ => None,
    };
    assert_eq!(asked(change(short).await.err()), Some(20));
    put(&bed, &[group]).await;
    assert_eq!(asked(change(long).await.err()), Some(30));
    let effective = explained(&bed, setting).await;
    assert_eq!(
        (effective.value, effective.by, effective.configured),
        (Some(30), Some(of_managers), Some(15))
    );
    let values: Vec<_> = effective.policies.iter().map(|one| one.value).collect();
    assert_eq!(values, [30, 20]);

    // An administrator's command asks the same of a given password. A one-time password is long enough.
    let given = |text: &str| PasswordOrigin::Given(testing::password(text));
    let users = &bed.core.users;
    let set_by_command = users.set_password(&bed.database, &bed.ada, given(long));
    assert!(matches!(
        set_by_command.await,
        Err(SetPasswordError::Password(InvalidPassword::TooShort {
            minimum: 30
        }))
    ));
    let mut new = testing::new_user("eva@example.com", "Eva", Role::Person);
    new.password = given(short);
    assert!(matches!(
        users.create(&bed.database, new).await,
        Err(CreateUserError::Password(InvalidPassword::TooShort {
            minimum: 20
        }))
    ));
    assert!(
        users
            .find(&bed.database, "eva@example.com")
            .await
            .unwrap()
            .is_none()
    );
    let mut new = testing::new_user("eva@example.com", "Eva", Role::Person);
    new.password = PasswordOrigin::OneTime(Password::new("a-b-c".to_owned()));
    users.create(&bed.database, new).await.unwrap();

    // The present password stays good.
    assert!(clear(&bed, of_managers, setting).await);
    assert_eq!(change(long).await.unwrap(), 0);
}

#[sqlx::test(migrations = false)]
async fn the_end_of_a_session_is_explained(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let company = PolicyLevel::Company(company_of(&bed, &bed.log_in().await).await);
    let end = async |computer| {
        let mut typed = attempt(LOGIN, PASSWORD);
        typed.computer = computer;
        let opened = bed.core.log_in.attempt(&bed.database, typed).await.unwrap();
        let caller = bed.caller(&opened).await;
        let policies = &bed.core.policies;
        let end = policies.explain_end(&policies.explain_own(&caller), &caller.session);
        end.map(|end| (end.setting, end.by, end.value, end.configured))
    };
    let both = async || (end(Computer::Own).await, end(Computer::Shared).await);
    assert_eq!(both().await, (None, None));
    let database = PolicyLevel::Database;
    let idle_of = |by, value, configured| {
        let setting = PolicySetting::IdleTimeout;
        Some((setting, Some(by), Some(value), Some(configured)))
    };

    set(&bed, idle(company, 60)).await;
    // On a shared computer the file's fifteen minutes are stricter.
    assert_eq!(both().await, (idle_of(company, 3_600, 43_200), None));
    set(&bed, idle(database, 10)).await;
    let (own, shared) = (idle_of(database, 600, 43_200), idle_of(database, 600, 900));
    assert_eq!(both().await, (own, shared));
    let on_shared = PolicySetting::SharedIdleTimeout;
    set(&bed, policy(company, on_shared, 300)).await;
    let shared = Some((on_shared, Some(company), Some(300), Some(900)));
    assert_eq!(both().await, (own, shared));
    let absolute = PolicySetting::AbsoluteTimeout;
    set(&bed, policy(database, absolute, 240)).await;
    let by_absolute = Some((absolute, Some(database), Some(240), Some(604_800)));
    assert_eq!(both().await, (by_absolute, by_absolute));
}

#[sqlx::test(migrations = false)]
async fn a_session_that_is_over_by_a_policy_takes_no_place(_: Pool, options: Options) {
    let settings = Settings {
        sessions: SessionSettings {
            at_most_of_user: AtMostOfUser::RefuseLogIn,
            ..SessionSettings::default()
        },
        ..Settings::default()
    };
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let group = new_group(&bed, "warehouse").await;
    let level = PolicyLevel::Group(group);
    set(&bed, idle(level, 2)).await;
    set(&bed, policy(level, PolicySetting::MaxSessions, 1)).await;
    bed.log_in().await;
    bed.log_in().await;
    // A change of groups does not shorten the rows of sessions. The policy for two sessions is exceeded already.
    put(&bed, &[group]).await;
    let refused = bed.try_log_in(LOGIN, PASSWORD).await;
    assert!(matches!(
        refused,
        Err(LogInError::TooManySessions { most: 1 })
    ));
    bed.clock.advance(3 * MINUTE);
    bed.log_in().await;
    let refused = bed.try_log_in(LOGIN, PASSWORD).await;
    assert!(matches!(
        refused,
        Err(LogInError::TooManySessions { most: 1 })
    ));
}

#[sqlx::test(migrations = false)]
async fn a_policy_is_stricter_than_the_configuration_file(_: Pool, options: Options) {
    let settings = Settings {
        sessions: SessionSettings {
            absolute_timeout: None,
            ..SessionSettings::default()
        },
        ..Settings::default()
    };
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let database = PolicyLevel::Database;
    let try_set = async |policy| bed.core.policies.set(&bed.database, policy).await;
    for (setting, configured) in [
        (PolicySetting::IdleTimeout, 43_200),
        (PolicySetting::SharedIdleTimeout, 900),
        (PolicySetting::ConfirmationTimeout, 600),
        (PolicySetting::MaxSessions, 200),
    ] {
        for value in [configured, configured + 1, u32::MAX] {
            let refused = try_set(policy(database, setting, value)).await;
            let is_named = matches!(refused, Err(SetPolicyError::NotStricter(_, named)) if named == configured);
            assert!(is_named, "{setting:?} {refused:?}");
        }
        let refused = try_set(policy(database, setting, 0)).await;
        assert!(matches!(refused, Err(SetPolicyError::TooSmall(_, 1 | 120))));
    }
    for (value, named) in [(1, 15), (15, 15), (65, 64), (u32::MAX, 64)] {
        let refused = try_set(policy(database, PolicySetting::MinPasswordLength, value)).await;
        match refused {
            Err(SetPolicyError::NotStricter(_, configured)) => assert_eq!(configured, named),
            Err(SetPolicyError::TooLarge(_, most)) => assert_eq!(most, named),
            other => panic!("{value}: {other:?}"),
        }
    }
    let longest = policy(database, PolicySetting::MinPasswordLength, 64);
    try_set(longest).await.unwrap();
    let short = try_set(policy(database, PolicySetting::AbsoluteTimeout, 119)).await;
    assert!(
        matches!(short, Err(SetPolicyError::TooSmall(_, 120))),
        "{short:?}"
    );
    try_set(policy(database, PolicySetting::AbsoluteTimeout, u32::MAX))
        .await
        .unwrap();
    let unknown = uuid::Uuid::from_u128(7);
    for level in [
        PolicyLevel::Group(GroupId::new(unknown)),
        PolicyLevel::Company(CompanyId::new(unknown)),
    ] {
        let refused = try_set(idle(level, 15)).await;
        assert!(matches!(refused, Err(SetPolicyError::Gone)), "{refused:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_audit_log_has_policies(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let group = new_group(&bed, "warehouse").await;
    let level = PolicyLevel::Group(group);
    set(&bed, idle(level, 30)).await;
    set(&bed, idle(level, 15)).await;
    set(&bed, idle(level, 15)).await;
    assert!(clear(&bed, level, PolicySetting::IdleTimeout).await);
    set(&bed, idle(level, 20)).await;
    set(&bed, policy(level, PolicySetting::MaxSessions, 2)).await;
    let groups = &bed.core.groups;
    // Its users would stay logged in for longer.
    let refused = groups.delete(&bed.database, group).await;
    assert!(
        matches!(refused, Err(ChangeGroupsError::HasRules)),
        "{refused:?}"
    );
    sqlx::query("delete from groups where id = $1")
        .bind(group.as_uuid())
        .execute(&testing::look(options).await)
        .await
        .unwrap();
    assert!(
        bed.core
            .policies
            .list(&bed.database)
            .await
            .unwrap()
            .is_empty()
    );
    set(&bed, idle(PolicyLevel::Database, 30)).await;
    let of_policies = AuditFilter {
        subject: Some(AuditSubject::Policy),
        ..AuditFilter::default()
    };
    let audit = &bed.core.audit;
    let newest = audit.list(&bed.database, &of_policies, 100).await;
    let told = newest.unwrap().into_iter().rev().map(|entry| {
        (
            entry.subject_name,
            entry.action,
            json!(entry.before),
            json!(entry.after),
        )
    });
    let of = |value: u32| json!({ "policy.idle_timeout": value });
    let warehouse = |action, before, after| ("warehouse".to_owned(), action, before, after);
    let both = json!({ "policy.idle_timeout": 1200, "policy.max_sessions": 2 });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            warehouse(AuditAction::Created, json!({}), of(1800)),
            warehouse(AuditAction::Changed, of(1800), of(900)),
            warehouse(AuditAction::Deleted, of(900), json!({})),
            warehouse(AuditAction::Created, json!({}), of(1200)),
            warehouse(
                AuditAction::Created,
                json!({}),
                json!({ "policy.max_sessions": 2 })
            ),
            warehouse(AuditAction::Deleted, both, json!({})),
            (
                bed.database.name().to_string(),
                AuditAction::Created,
                json!({}),
                of(1800)
            ),
        ]
    );
}
