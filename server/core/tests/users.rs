//! Users and passwords against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use latchkey_core::{
    account::{
        ChangePasswordError, CreateUserError, OtherSessions, PasswordOrigin, RenameUserError,
        SetPasswordError,
    },
    activity::ActivityKind,
    log_in::LogInError,
    session::{EndCause, Resumed, Step},
    settings::Settings,
    testing::{self, PASSWORD, TestBed, password},
    user::{InvalidPassword, Login, Password, Role},
};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

const OTHER: &str = "a quite different sentence";

fn cause(resumed: Resumed) -> EndCause {
    match resumed {
        Resumed::Ended(ended) => ended.cause,
        _ => panic!("the session has not ended"),
    }
}

#[sqlx::test(migrations = false)]
async fn a_login_is_unique_without_regard_to_case(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    for taken in ["ada@example.com", "ADA@Example.COM"] {
        let new = testing::new_user(taken, "x", Role::Person);
        let error = bed.core.users.create(&bed.database, new).await.unwrap_err();
        assert!(
            matches!(error, CreateUserError::LoginTaken),
            "{taken}: {error:?}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn of_many_users_made_at_once_with_one_login_one_is_made(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let (core, database) = (bed.core.clone(), bed.database.clone());
            tokio::spawn(async move {
                core.users
                    .create(&database, testing::new_user("bob", "Bob", Role::Person))
                    .await
                    .is_ok()
            })
        })
        .collect();
    let mut made = 0;
    for attempt in attempts {
        made += usize::from(attempt.await.unwrap());
    }
    assert_eq!(made, 1);
}

#[sqlx::test(migrations = false)]
async fn changing_the_password_ends_the_other_sessions(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let (mine, other) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&mine).await;
    let ended = bed
        .core
        .passwords
        .change(
            &caller,
            &password(PASSWORD),
            &password(OTHER),
            OtherSessions::End,
        )
        .await
        .unwrap();
    assert_eq!(ended.ended_sessions, 1);
    bed.caller(&mine).await;
    assert_eq!(
        cause(bed.resume(&other.token).await),
        EndCause::PasswordChanged
    );
    assert!(matches!(
        bed.try_log_in("ada@example.com", PASSWORD).await,
        Err(LogInError::WrongCredentials { .. })
    ));
    bed.try_log_in("ada@example.com", OTHER).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn the_others_stay_if_the_person_wants_it(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let (mine, other) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&mine).await;
    let (current, new) = (password(PASSWORD), password(OTHER));
    let ended = bed
        .core
        .passwords
        .change(&caller, &current, &new, OtherSessions::Keep)
        .await
        .unwrap();
    assert_eq!(ended.ended_sessions, 0);
    bed.caller(&other).await;
}

#[sqlx::test(migrations = false)]
async fn a_change_wants_the_current_password_and_another_new_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let mine = bed.log_in().await;
    let caller = bed.caller(&mine).await;
    let change = async |current: &str, new: &str| {
        bed.core
            .passwords
            .change(
                &caller,
                &password(current),
                &password(new),
                OtherSessions::End,
            )
            .await
            .map(drop)
            .unwrap_err()
    };
    assert!(matches!(
        change("wrong", OTHER).await,
        ChangePasswordError::WrongPassword
    ));
    let invalid = async |new: &str| match change(PASSWORD, new).await {
        ChangePasswordError::Set(SetPasswordError::Password(invalid)) => invalid,
        other => panic!("{other:?}"),
    };
    assert_eq!(invalid(PASSWORD).await, InvalidPassword::Unchanged);
    assert_eq!(
        invalid("short").await,
        InvalidPassword::TooShort { minimum: 15 }
    );
    assert_eq!(invalid(&"x".repeat(1025)).await, InvalidPassword::TooLong);
    assert_eq!(
        invalid("123456789123456789").await,
        InvalidPassword::TooCommon
    );
}

#[sqlx::test(migrations = false)]
async fn of_two_password_changes_at_once_one_wins(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let (one, two) = (bed.log_in().await, bed.log_in().await);
    let (one, two) = (bed.caller(&one).await, bed.caller(&two).await);
    let (current, new_one, new_two) = (
        password(PASSWORD),
        password(OTHER),
        password("one more long sentence"),
    );
    let (first, second) = tokio::join!(
        bed.core
            .passwords
            .change(&one, &current, &new_one, OtherSessions::Keep),
        bed.core
            .passwords
            .change(&two, &current, &new_two, OtherSessions::Keep),
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
}

#[sqlx::test(migrations = false)]
async fn a_one_time_password_has_to_be_replaced(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let one_time = Password::one_time(bed.core.random());
    let text = one_time.expose().to_owned();
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, PasswordOrigin::OneTime(one_time))
        .await
        .unwrap();
    let opened = bed.try_log_in("ada@example.com", &text).await.unwrap();
    assert_eq!(opened.step, Some(Step::NewPassword));
    let pending = bed.pending(&opened).await;
    assert_eq!(pending.step(), Step::NewPassword);
    let same = bed
        .core
        .passwords
        .replace_one_time(&pending, &password(&text))
        .await
        .map(drop)
        .unwrap_err();
    assert!(matches!(
        same,
        ChangePasswordError::Set(SetPasswordError::Password(InvalidPassword::Unchanged))
    ));
    bed.core
        .passwords
        .replace_one_time(&pending, &password(OTHER))
        .await
        .unwrap();
    bed.caller(&opened).await;
    let again = bed
        .core
        .passwords
        .replace_one_time(&pending, &password(PASSWORD))
        .await
        .map(drop)
        .unwrap_err();
    assert!(matches!(again, ChangePasswordError::NotOneTime));
}

#[sqlx::test(migrations = false)]
async fn a_copy_of_a_replaced_token_replaces_no_one_time_password(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let one_time = PasswordOrigin::OneTime(password("given-out-once"));
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, one_time)
        .await
        .unwrap();
    let mut opened = bed
        .try_log_in("ada@example.com", "given-out-once")
        .await
        .unwrap();
    bed.clock.advance(std::time::Duration::from_hours(3));
    let owner = bed.pending(&opened).await;
    let next = bed
        .core
        .sessions
        .rotate_token(&owner)
        .await
        .unwrap()
        .unwrap();
    let copy = bed.pending(&opened).await;
    let refused = bed
        .core
        .passwords
        .replace_one_time(&copy, &password(PASSWORD))
        .await
        .map(drop)
        .unwrap_err();
    assert!(matches!(
        refused,
        ChangePasswordError::ConfirmationRequired(_)
    ));
    opened.token = next;
    let owner = bed.pending(&opened).await;
    bed.core
        .passwords
        .replace_one_time(&owner, &password(OTHER))
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_change_is_recorded_where_the_person_is(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.caller(&opened).await;
    let elsewhere = latchkey_core::client::Client {
        address: "192.0.2.1".parse().ok(),
        ..testing::client()
    };
    bed.core
        .sessions
        .resume(
            &bed.database,
            &opened.token,
            &elsewhere,
            latchkey_core::session::Activity::Person,
        )
        .await
        .unwrap();
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.session.address, elsewhere.address, "written last");
    let (current, new) = (password(PASSWORD), password(OTHER));
    bed.core
        .passwords
        .change(&caller, &current, &new, OtherSessions::Keep)
        .await
        .unwrap();
    let activity = bed.core.activity.list(&caller, None, 10).await.unwrap();
    let change = activity
        .entries
        .iter()
        .find(|entry| matches!(entry.kind, ActivityKind::PasswordChanged(_)));
    assert_eq!(change.unwrap().address, testing::client().address);
}

#[sqlx::test(migrations = false)]
async fn disabling_a_user_ends_everything_and_enabling_revives_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let (one, two) = (bed.log_in().await, bed.log_in().await);
    assert_eq!(
        bed.core
            .users
            .disable(&bed.database, &bed.ada)
            .await
            .unwrap(),
        2
    );
    assert_eq!(cause(bed.resume(&one.token).await), EndCause::UserDisabled);
    bed.core
        .users
        .enable(&bed.database, &bed.ada)
        .await
        .unwrap();
    assert_eq!(cause(bed.resume(&two.token).await), EndCause::UserDisabled);
    bed.log_in().await;
}

#[sqlx::test(migrations = false)]
async fn a_log_in_re_hashes_under_new_parameters(_: PgPoolOptions, options: PgConnectOptions) {
    let mut settings = Settings::default();
    settings.passwords.memory_kib = 20_480;
    let bed = TestBed::with(options.clone(), settings, Vec::new()).await;
    let pool = testing::look(options.clone()).await;
    let hash = async || {
        sqlx::query_scalar::<_, String>("select hash from passwords")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    assert!(hash().await.contains("m=20480"));
    let core = testing::core(options, Settings::default(), Vec::new(), bed.clock.clone());
    let database = core.databases.open_any(bed.database.name()).await.unwrap();
    core.log_in
        .attempt(&database, testing::attempt("ada@example.com", PASSWORD))
        .await
        .unwrap();
    assert!(hash().await.contains("m=19456"));
    core.log_in
        .attempt(&database, testing::attempt("ada@example.com", PASSWORD))
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_password_reset_under_way_beats_a_log_in_with_the_old_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let new = PasswordOrigin::Given(password(OTHER));
    let attempts: Vec<_> = (0..6)
        .map(|_| {
            let (core, database) = (bed.core.clone(), bed.database.clone());
            tokio::spawn(async move {
                core.log_in
                    .attempt(&database, testing::attempt("ada@example.com", PASSWORD))
                    .await
                    .ok()
            })
        })
        .collect();
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, new)
        .await
        .unwrap();
    for attempt in attempts {
        if let Some(opened) = attempt.await.unwrap() {
            assert_eq!(
                cause(bed.resume(&opened.token).await),
                EndCause::Administrator
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_one_time_password_that_the_owner_has_replaced_replaces_nothing_any_more(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let one_time = PasswordOrigin::OneTime(password("given-out-once"));
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, one_time)
        .await
        .unwrap();
    let thief = bed
        .try_log_in("ada@example.com", "given-out-once")
        .await
        .unwrap();
    let owner = bed
        .try_log_in("ada@example.com", "given-out-once")
        .await
        .unwrap();
    // The thief's request is under way when the owner's change commits.
    let (thief, owner_calls) = (bed.pending(&thief).await, bed.pending(&owner).await);
    bed.core
        .passwords
        .replace_one_time(&owner_calls, &password(OTHER))
        .await
        .unwrap();
    let late = bed
        .core
        .passwords
        .replace_one_time(&thief, &password("mine from now on, says the thief"))
        .await;
    assert!(matches!(late, Err(ChangePasswordError::NotOneTime)));
    bed.caller(&owner).await;
    bed.try_log_in("ada@example.com", OTHER).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_revoked_caller_changes_no_password(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let (mine, stolen) = (bed.log_in().await, bed.log_in().await);
    let (me, thief) = (bed.caller(&mine).await, bed.caller(&stolen).await);
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), stolen.id)
        .await
        .unwrap();
    let late = bed
        .core
        .passwords
        .change(
            &thief,
            &password(PASSWORD),
            &password(OTHER),
            OtherSessions::End,
        )
        .await;
    assert!(matches!(late, Err(ChangePasswordError::LoggedOut)));
    bed.caller(&mine).await;
    bed.log_in().await;
}

/// Writes a user as an older Latchkey did, which only folded keys to lower case.
async fn user_from_before(bed: &TestBed, pool: &PgPool, login: &str, name: &str) {
    let stand_in = format!("stand-in-for-{name}");
    let new = testing::new_user(&stand_in, name, Role::Person);
    bed.core.users.create(&bed.database, new).await.unwrap();
    sqlx::query("update users set login = $1, login_key = $1 where login = $2")
        .bind(login)
        .bind(&stand_in)
        .execute(pool)
        .await
        .unwrap();
}

async fn who(bed: &TestBed, login: &str) -> Option<String> {
    let opened = bed.try_log_in(login, PASSWORD).await.ok()?;
    Some(opened.user.name)
}

#[sqlx::test(migrations = false)]
async fn a_login_that_looks_like_another_is_refused(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    bed.another_user("olga").await;
    let new = testing::new_user("оlgа", "Cyrillic", Role::Person);
    let refused = bed.core.users.create(&bed.database, new).await.unwrap_err();
    assert!(
        matches!(&refused, CreateUserError::LooksLike(other) if other == "olga"),
        "{refused:?}"
    );
    let new = testing::new_user("ＯＬＧＡ", "full width", Role::Person);
    let refused = bed.core.users.create(&bed.database, new).await.unwrap_err();
    assert!(
        matches!(refused, CreateUserError::LoginTaken),
        "{refused:?}"
    );

    let ada = bed.core.users.find(&bed.database, "ada@example.com").await;
    let ada = ada.unwrap().unwrap();
    let twin = Login::new("оlga").unwrap();
    let refused = bed.core.users.rename(&bed.database, &ada, &twin).await;
    assert!(matches!(refused, Err(RenameUserError::LooksLike(_))));
    let own = Login::new("ADA@example.com").unwrap();
    assert!(
        bed.core
            .users
            .rename(&bed.database, &ada, &own)
            .await
            .is_ok()
    );
}

#[sqlx::test(migrations = false)]
async fn of_logins_that_look_alike_and_are_given_at_once_one_is_taken(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut cheap = Settings::default();
    (cheap.passwords.memory_kib, cheap.passwords.iterations) = (8, 1);
    let bed = Arc::new(TestBed::with(options.clone(), cheap, Vec::new()).await);
    let eve = bed.another_user("eve").await;
    let elsewhere = testing::look(options.clone()).await;
    let watching = testing::look(options).await;
    // With this lock each transaction can read the logins, but no transaction can write.
    let mut hold = elsewhere.begin().await.unwrap();
    sqlx::query("lock table users in share mode")
        .execute(&mut *hold)
        .await
        .unwrap();
    let made = ["olga", "оlga"].map(|login| {
        let bed = Arc::clone(&bed);
        tokio::spawn(async move {
            let new = testing::new_user(login, login, Role::Person);
            bed.core.users.create(&bed.database, new).await.is_ok()
        })
    });
    let there = Arc::clone(&bed);
    let renamed = tokio::spawn(async move {
        let login = Login::new("оlgа").unwrap();
        let renamed = there.core.users.rename(&there.database, &eve, &login).await;
        renamed.is_ok()
    });
    testing::until_blocked(&watching, 3).await;
    hold.commit().await.unwrap();
    let mut taken = usize::from(renamed.await.unwrap());
    for made in made {
        taken += usize::from(made.await.unwrap());
    }
    assert_eq!(taken, 1);
}

#[sqlx::test(migrations = false)]
async fn a_user_from_before_is_found_by_every_way_to_write_the_login(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let pool = pool.connect_with(options.clone()).await.unwrap();
    let bed = TestBed::new(options).await;
    user_from_before(&bed, &pool, "strauß", "Strauß").await;
    assert_eq!(who(&bed, "STRAUSS").await, None);
    assert_eq!(who(&bed, "strauß").await.as_deref(), Some("Strauß"));
    assert_eq!(who(&bed, "STRAUSS").await.as_deref(), Some("Strauß"));
    assert_eq!(who(&bed, "strauß").await.as_deref(), Some("Strauß"));
}

#[sqlx::test(migrations = false)]
async fn two_users_whose_logins_are_one_today_are_each_found_as_before(
    pool: PgPoolOptions,
    options: PgConnectOptions,
) {
    let pool = pool.connect_with(options.clone()).await.unwrap();
    let bed = TestBed::new(options).await;
    user_from_before(&bed, &pool, "strauß", "one").await;
    user_from_before(&bed, &pool, "strauss", "other").await;
    for _ in 0..2 {
        assert_eq!(who(&bed, "strauß").await.as_deref(), Some("one"));
        assert_eq!(who(&bed, "Strauss").await.as_deref(), Some("other"));
    }
}
