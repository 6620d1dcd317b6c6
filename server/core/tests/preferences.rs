//! A person's own name and preferences against a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use latchkey_core::{
    account::{ChangeProfileError, PasswordOrigin},
    client::TimeZoneName,
    session::Resumed,
    testing::{self, PASSWORD, TestBed, password},
    user::{DateFormat, Preferences, Theme, TimeFormat},
};
use sqlx::{
    AssertSqlSafe,
    postgres::{PgConnectOptions, PgPoolOptions},
};

fn all_chosen() -> Preferences {
    Preferences {
        language: Some("pt-BR".parse().unwrap()),
        theme: Theme::Dark,
        time_zone: TimeZoneName::from_browser("Asia/Tokyo"),
        date_format: DateFormat::Iso,
        time_format: TimeFormat::Hours12,
    }
}

#[sqlx::test(migrations = false)]
async fn preferences_are_automatic_at_first_and_follow_the_user_to_every_session(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let (here, elsewhere) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&here).await;
    assert_eq!(caller.preferences, Preferences::default());
    for preferences in [all_chosen(), Preferences::default(), all_chosen()] {
        let users = &bed.core.users;
        let shown = bed.caller(&here).await.preferences.clone();
        users
            .set_own_preferences(&caller, &shown, &preferences, None)
            .await
            .unwrap();
        assert_eq!(bed.caller(&here).await.preferences, preferences);
        assert_eq!(bed.caller(&elsewhere).await.preferences, preferences);
    }
    bed.core.sessions.log_out(&caller).await.unwrap();
    // The log-in page says when the session ended, as its person writes moments.
    let Resumed::Ended(ended) = bed.resume(&here.token).await else {
        panic!("the session has ended");
    };
    assert_eq!(ended.preferences, all_chosen());
}

#[sqlx::test(migrations = false)]
async fn what_another_tab_has_saved_stays_unless_it_is_changed(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let here = bed.log_in().await;
    let caller = bed.caller(&here).await;
    let users = &bed.core.users;
    let shown = Preferences::default();
    users
        .set_own_preferences(&caller, &shown, &all_chosen(), None)
        .await
        .unwrap();
    // The other tab still shows the first preferences, and changes one after the other.
    let changes: [fn(&mut Preferences); 3] = [
        |preferences| preferences.theme = Theme::Light,
        |preferences| preferences.time_zone = TimeZoneName::from_browser("Europe/Berlin"),
        |_| (),
    ];
    let mut expected = all_chosen();
    for change in changes {
        let mut typed = shown.clone();
        change(&mut typed);
        change(&mut expected);
        users
            .set_own_preferences(&caller, &shown, &typed, None)
            .await
            .unwrap();
        assert_eq!(bed.caller(&here).await.preferences, expected);
    }
    // "Automatic" is a choice, too.
    let saved = users.set_own_preferences(&caller, &expected, &shown, None);
    saved.await.unwrap();
    assert_eq!(bed.caller(&here).await.preferences, shown);
}

#[sqlx::test(migrations = false)]
async fn preferences_and_name_are_of_one_user(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    bed.another_user("bob").await;
    let caller = bed.caller(&bed.log_in().await).await;
    let users = &bed.core.users;
    users
        .set_own_preferences(&caller, &caller.preferences, &all_chosen(), None)
        .await
        .unwrap();
    let name = "Augusta Ada King".parse().unwrap();
    users.set_own_name(&caller, &name).await.unwrap();
    assert_eq!(
        bed.caller(&bed.log_in().await).await.user.name,
        name.as_str()
    );
    let bob = bed.try_log_in("bob", PASSWORD).await.unwrap();
    let bob = bed.caller(&bob).await;
    assert_eq!(bob.user.name, "bob");
    assert_eq!(bob.preferences, Preferences::default());
}

#[sqlx::test(migrations = false)]
async fn a_session_that_has_ended_meanwhile_changes_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    bed.core.sessions.log_out(&caller).await.unwrap();
    let users = &bed.core.users;
    let saved = users
        .set_own_preferences(&caller, &caller.preferences, &all_chosen(), None)
        .await;
    assert!(matches!(saved, Err(ChangeProfileError::LoggedOut)));
    let named = users.set_own_name(&caller, &"Eve".parse().unwrap()).await;
    assert!(matches!(named, Err(ChangeProfileError::LoggedOut)));
    let later = bed.caller(&bed.log_in().await).await;
    assert_eq!(later.preferences, Preferences::default());
    assert_eq!(later.user.name, "Ada");
}

#[sqlx::test(migrations = false)]
async fn a_person_who_must_set_a_password_has_preferences_too(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    let users = &bed.core.users;
    users
        .set_own_preferences(&caller, &caller.preferences, &all_chosen(), None)
        .await
        .unwrap();
    let one_time = PasswordOrigin::OneTime(password("given-out-once"));
    users
        .set_password(&bed.database, &bed.ada, one_time)
        .await
        .unwrap();
    let opened = bed.try_log_in("ada@example.com", "given-out-once").await;
    let pending = bed.pending(&opened.unwrap()).await;
    assert_eq!(pending.preferences, all_chosen());
}

#[sqlx::test(migrations = false)]
async fn postgresql_keeps_no_word_and_no_form_that_the_types_do_not_know(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let _bed = TestBed::new(options.clone()).await;
    let tables = testing::look(options).await;
    for (column, refused) in [
        ("language", "deutsch"),
        ("language", "de;q=1"),
        ("theme", "blue"),
        ("time_zone", "Europe/Berlin <b>"),
        ("date_format", "american"),
        ("time_format", "12"),
    ] {
        let write = format!("update users set {column} = $1");
        let written = sqlx::query(AssertSqlSafe(write))
            .bind(refused)
            .execute(&tables)
            .await;
        let error = written.unwrap_err().into_database_error().unwrap();
        assert!(error.is_check_violation(), "{column}: {error}");
    }
}
