//! Attempts to log in are recorded, throttled and forgotten, and do not delay other people.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    account::{ChangePasswordError, ConfirmError, OtherSessions, PAGE, PasswordOrigin},
    activity::{ActivityKind, ChangedBy},
    attempt::{AttemptFilter, Outcome, RecordedAttempt},
    client::Client,
    clock::Clock as _,
    device::{DeviceToken, RememberDevice},
    log_in::{LogInAttempt, LogInError, OpenedSession, Wait},
    session::{AuthenticatedBy, EndCause},
    settings::{AtMostOfUser, Settings},
    testing::{self, PASSWORD, TestBed},
    user::Password,
};
use sqlx::postgres::{PgConnectOptions as Options, PgPoolOptions as Pool};

const ADA: &str = "ada@example.com";

/// An attempt from another address.
fn from(address: &str, login: &str, password: &str) -> LogInAttempt {
    let mut attempt = testing::attempt(login, password);
    attempt.client = Client {
        address: address.parse().ok(),
        ..attempt.client
    };
    attempt
}

/// An attempt from another address with a device cookie.
fn with_device(address: &str, password: &str, device: &DeviceToken) -> LogInAttempt {
    LogInAttempt {
        devices: vec![device.hash()],
        ..from(address, ADA, password)
    }
}

/// The result of an attempt as a word, or the seconds to wait if the attempt was throttled.
fn word(result: &Result<OpenedSession, LogInError>) -> Result<&'static str, u32> {
    match result {
        Ok(_) => Ok("in"),
        Err(LogInError::WrongCredentials { .. }) => Ok("wrong"),
        Err(LogInError::Throttled {
            retry_after_seconds,
        }) => Err(*retry_after_seconds),
        Err(error) => panic!("{error}"),
    }
}

async fn guess(bed: &TestBed, attempt: LogInAttempt) -> Result<&'static str, u32> {
    word(&bed.core.log_in.attempt(&bed.database, attempt).await)
}

async fn attempts(bed: &TestBed) -> Vec<RecordedAttempt> {
    let filter = AttemptFilter {
        login: None,
        limit: 1_000,
    };
    bed.core
        .attempts
        .list(&bed.database, &filter)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn every_attempt_is_recorded_with_everything_but_the_password(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let eve = bed.another_user("eve").await;
    bed.core.users.disable(&bed.database, &eve).await.unwrap();
    let opened = bed.log_in().await;
    for (login, password) in [
        ("Nobody\n\u{0}", "hunter2 hunter2"),
        ("ADA@example.com", "hunter2 hunter2"),
        ("eve", PASSWORD),
    ] {
        bed.try_log_in(login, password).await.err().unwrap();
    }
    let recorded = attempts(&bed).await;
    let mut outcomes: Vec<_> = recorded
        .iter()
        .map(|attempt| (attempt.login.as_str(), attempt.outcome, attempt.user))
        .collect();
    outcomes.sort_unstable_by_key(|(_, outcome, _)| outcome.as_str());
    assert_eq!(
        outcomes,
        [
            ("eve", Outcome::Disabled, Some(eve.id)),
            (ADA, Outcome::Succeeded, Some(bed.ada.id)),
            ("Nobody\u{fffd}\u{fffd}", Outcome::UnknownLogin, None),
            ("ADA@example.com", Outcome::WrongPassword, Some(bed.ada.id)),
        ]
    );
    for attempt in &recorded {
        assert_eq!(attempt.address, testing::client().address);
        assert_eq!(attempt.agent.as_str(), testing::FIREFOX);
        assert_eq!(attempt.factor, AuthenticatedBy::Password);
        let is_in = attempt.outcome == Outcome::Succeeded;
        assert_eq!(attempt.session, is_in.then_some(opened.id));
        assert!(!format!("{attempt:?}").contains("hunter2"));
    }
}

#[sqlx::test(migrations = false)]
async fn the_longest_login_is_counted_like_any_other(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    // Each of these characters becomes several when it is normalised.
    let symbols = "\u{1d160}\u{1d161}\u{1d162}\u{1d163}\u{1d164}".repeat(60);
    for _ in 0..5 {
        assert_eq!(
            guess(&bed, from("192.0.2.1", &symbols, "x")).await,
            Ok("wrong")
        );
    }
    assert_eq!(guess(&bed, from("192.0.2.1", &symbols, "x")).await, Err(30));
}

#[sqlx::test(migrations = false)]
async fn five_failures_are_free_and_then_the_delay_grows(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for _ in 0..5 {
        assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Ok("wrong"));
    }
    // Strangers are refused at any address and with any password, which is not checked.
    for (address, password) in [
        ("192.0.2.1", "x"),
        ("192.0.2.1", PASSWORD),
        ("192.0.2.9", PASSWORD),
    ] {
        assert_eq!(guess(&bed, from(address, ADA, password)).await, Err(30));
    }
    for delay in [30, 60, 120, 240, 480, 960, 1_920] {
        bed.clock.advance(Duration::from_secs(delay - 1));
        assert_eq!(guess(&bed, from("192.0.2.1", ADA, PASSWORD)).await, Err(1));
        bed.clock.advance(Duration::from_secs(1));
        assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Ok("wrong"));
    }
    assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Err(3_600));
    bed.clock.advance(Duration::from_hours(1));
    assert_eq!(
        guess(&bed, from("192.0.2.1", ADA, PASSWORD)).await,
        Ok("in")
    );
}

/// The wait of which a failure tells.
async fn told(bed: &TestBed, attempt: LogInAttempt) -> Option<Wait> {
    match bed.core.log_in.attempt(&bed.database, attempt).await.err() {
        Some(LogInError::WrongCredentials { wait }) => wait,
        other => panic!("{other:?}"),
    }
}

#[sqlx::test(migrations = false)]
async fn the_failures_before_and_at_a_delay_say_how_long_it_is(_: Pool, options: Options) {
    let mut settings = Settings::default();
    settings.log_in.account.first_delay = Duration::from_secs(90);
    let bed = TestBed::with(options, settings, Vec::new()).await;
    for (address, login) in [("192.0.2.1", ADA), ("198.51.100.1", "eve")] {
        let mut said = Vec::new();
        for _ in 0..5 {
            said.push(told(&bed, from(address, login, "x")).await);
        }
        let before = Some(Wait::AfterNextFailure(90));
        let at = Some(Wait::Now(90));
        assert_eq!(said, [None, None, None, before, at], "{login}");
        assert_eq!(guess(&bed, from(address, login, "x")).await, Err(90));
    }
    bed.clock.advance(Duration::from_secs(90));
    // The sixth brings the next delay at once.
    let sixth = told(&bed, from("192.0.2.1", ADA, "x")).await;
    assert_eq!(sixth, Some(Wait::Now(180)));
}

#[sqlx::test(migrations = false)]
async fn a_network_that_has_nearly_failed_enough_is_warned_at_every_login(
    _: Pool,
    options: Options,
) {
    let mut settings = Settings::default();
    settings.log_in.address.free = 4;
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let mut said = Vec::new();
    for login in [ADA, "eve", ADA, "eve"] {
        said.push(told(&bed, from("192.0.2.1", login, "x")).await);
    }
    let (before, at) = (Wait::AfterNextFailure(30), Wait::Now(30));
    assert_eq!(said, [None, None, Some(before), Some(at)]);
}

#[sqlx::test(migrations = false)]
async fn a_failure_that_is_forgotten_brings_no_warning(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for _ in 0..3 {
        assert_eq!(told(&bed, from("192.0.2.1", ADA, "x")).await, None);
    }
    bed.clock.advance(Duration::from_mins(288));
    assert_eq!(told(&bed, from("192.0.2.1", ADA, "x")).await, None);
    let before = Some(Wait::AfterNextFailure(30));
    assert_eq!(told(&bed, from("192.0.2.1", ADA, "x")).await, before);
}

#[sqlx::test(migrations = false)]
async fn failures_are_forgotten_one_by_one(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for _ in 0..4 {
        assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Ok("wrong"));
    }
    // Five failures are forgotten in a day, so one failure is forgotten in a fifth of a day.
    bed.clock.advance(Duration::from_mins(288));
    assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Ok("wrong"));
    assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Ok("wrong"));
    assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Err(30));
}

#[sqlx::test(migrations = false)]
async fn a_known_and_an_unknown_login_are_held_back_alike(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        known.push(guess(&bed, from("192.0.2.1", ADA, "x")).await);
        unknown.push(guess(&bed, from("198.51.100.1", "nobody", "x")).await);
        bed.clock.advance(Duration::from_secs(11));
    }
    assert_eq!(known, unknown);
    assert!(known.iter().any(Result::is_err));
}

#[sqlx::test(migrations = false)]
async fn a_known_and_an_unknown_login_cost_the_same_statements(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let count = async |login: &'static str, times| {
        testing::Statements::count(async {
            for _ in 0..times {
                guess(&bed, from("192.0.2.1", login, "x")).await.ok();
            }
        })
        .await
    };
    assert_eq!((count(ADA, 1).await, count("nobody", 1).await), (2, 2));
    count(ADA, 4).await;
    count("nobody", 4).await;
    assert_eq!(
        (count(ADA, 1).await, count("nobody", 1).await),
        (2, 2),
        "throttled"
    );
}

#[sqlx::test(migrations = false)]
async fn a_hundred_guesses_at_once_on_two_nodes_are_worth_five(_: Pool, options: Options) {
    let mut settings = Settings::default();
    settings.passwords.max_waiting = 200;
    let bed = TestBed::with(options.clone(), settings.clone(), Vec::new()).await;
    let other = testing::core(options, settings, Vec::new(), Arc::clone(&bed.clock));
    let there = other.databases.open_any(bed.database.name()).await.unwrap();
    let guesses: Vec<_> = (0..100)
        .map(|number| {
            let (core, database) = if number % 2 == 0 {
                (bed.core.clone(), bed.database.clone())
            } else {
                (other.clone(), there.clone())
            };
            // Each guess has its own address, so that only the account's counter counts them all.
            let address = format!("192.0.2.{number}");
            tokio::spawn(async move {
                word(
                    &core
                        .log_in
                        .attempt(&database, from(&address, ADA, "x"))
                        .await,
                )
            })
        })
        .collect();
    let (mut wrong, mut throttled) = (0, 0);
    for guess in guesses {
        match guess.await.unwrap() {
            Ok(answer) => {
                assert_eq!(answer, "wrong");
                wrong += 1;
            }
            Err(_) => throttled += 1,
        }
    }
    assert_eq!((wrong, throttled), (5, 95));
    // One recorded attempt stands for all throttled ones.
    let recorded = attempts(&bed).await;
    let of = |outcome| {
        recorded
            .iter()
            .filter(|attempt| attempt.outcome == outcome)
            .count()
    };
    assert_eq!((of(Outcome::WrongPassword), of(Outcome::Throttled)), (5, 1));
}

#[sqlx::test(migrations = false)]
async fn the_right_password_among_guesses_at_once_gets_in_only_before_the_delay(
    _: Pool,
    options: Options,
) {
    let mut settings = Settings::default();
    settings.passwords.max_waiting = 200;
    let bed = Arc::new(TestBed::with(options, settings, Vec::new()).await);
    let guesses: Vec<_> = (0..40)
        .map(|number| {
            let bed = Arc::clone(&bed);
            let password = if number % 8 == 7 { PASSWORD } else { "x" };
            let mut attempt = from(&format!("192.0.2.{number}"), ADA, password);
            attempt.remember_device = RememberDevice::No;
            tokio::spawn(async move { guess(&bed, attempt).await })
        })
        .collect();
    for guess in guesses {
        guess.await.unwrap().ok();
    }
    // Log-ins succeeded only before the fifth failure. Later attempts with the right password were throttled too, and
    // left nothing behind.
    let mut recorded = attempts(&bed).await;
    recorded.retain(|attempt| attempt.outcome != Outcome::Throttled);
    let wrong = recorded
        .iter()
        .filter(|attempt| attempt.outcome == Outcome::WrongPassword);
    assert_eq!(wrong.count(), 5);
    let sessions = bed
        .core
        .sessions
        .list_all(&bed.database, None)
        .await
        .unwrap();
    let inside = recorded
        .iter()
        .filter_map(|attempt| attempt.session)
        .count();
    assert_eq!(inside, sessions.len());
    assert_eq!(
        guess(&bed, from("192.0.2.99", ADA, PASSWORD)).await,
        Err(30)
    );
}

/// The refusal of a full account would say that the password is right.
#[sqlx::test(migrations = false)]
async fn the_right_password_of_a_full_account_among_guesses_at_once_is_told_nothing(
    _: Pool,
    options: Options,
) {
    let mut settings = Settings::default();
    settings.passwords.max_waiting = 200;
    settings.passwords.max_concurrent = 1;
    settings.sessions.most_of_user = 1;
    settings.sessions.at_most_of_user = AtMostOfUser::RefuseLogIn;
    let bed = Arc::new(TestBed::with(options, settings, Vec::new()).await);
    bed.log_in().await;
    let guesses: Vec<_> = (0..40)
        .map(|number| {
            let bed = Arc::clone(&bed);
            let password = if number == 39 { PASSWORD } else { "x" };
            let mut attempt = from(&format!("192.0.2.{number}"), ADA, password);
            attempt.remember_device = RememberDevice::No;
            tokio::spawn(async move { guess(&bed, attempt).await })
        })
        .collect();
    for guess in guesses {
        guess.await.unwrap().ok();
    }
    let recorded = attempts(&bed).await;
    let of = |outcome| {
        recorded
            .iter()
            .filter(|attempt| attempt.outcome == outcome)
            .count()
    };
    assert_eq!((of(Outcome::WrongPassword), of(Outcome::Denied)), (5, 0));
}

#[sqlx::test(migrations = false)]
async fn fifty_right_log_ins_at_once_all_get_in(_: Pool, options: Options) {
    let bed = Arc::new(TestBed::new(options).await);
    let log_ins: Vec<_> = (0..50)
        .map(|_| {
            let bed = Arc::clone(&bed);
            tokio::spawn(async move { guess(&bed, testing::attempt(ADA, PASSWORD)).await })
        })
        .collect();
    for log_in in log_ins {
        assert_eq!(log_in.await.unwrap(), Ok("in"));
    }
}

#[sqlx::test(migrations = false)]
async fn counters_survive_a_restart(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    for _ in 0..5 {
        bed.try_log_in(ADA, "x").await.err().unwrap();
    }
    bed.core.databases.close().await;
    let core = testing::core(
        options,
        Settings::default(),
        Vec::new(),
        Arc::clone(&bed.clock),
    );
    let database = core.databases.open_any(bed.database.name()).await.unwrap();
    let result = core
        .log_in
        .attempt(&database, testing::attempt(ADA, PASSWORD))
        .await;
    assert_eq!(word(&result), Err(30));
}

#[sqlx::test(migrations = false)]
async fn the_owner_gets_in_on_a_known_device_while_a_stranger_hammers(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let device = bed.log_in().await.device.unwrap().token;
    for _ in 0..20 {
        guess(&bed, from("192.0.2.1", ADA, "x")).await.ok();
    }
    let elsewhere = "198.51.100.9";
    assert_eq!(guess(&bed, from(elsewhere, ADA, PASSWORD)).await, Err(30));
    bed.core
        .log_in
        .attempt(&bed.database, with_device(elsewhere, PASSWORD, &device))
        .await
        .unwrap();
    assert_eq!(
        guess(&bed, from("198.51.100.10", ADA, PASSWORD)).await,
        Err(30),
        "the stranger's delay stays"
    );
}

#[sqlx::test(migrations = false)]
async fn a_known_device_has_a_counter_of_its_own_and_for_its_owner_only(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    let device = bed.log_in().await.device.unwrap().token;
    for _ in 0..5 {
        assert_eq!(
            guess(&bed, with_device("192.0.2.1", "x", &device)).await,
            Ok("wrong")
        );
    }
    for _ in 0..5 {
        assert_eq!(
            guess(&bed, with_device("192.0.2.1", "x", &device)).await,
            Ok("wrong"),
            "a blocked device counts as a stranger"
        );
    }
    assert_eq!(
        guess(&bed, with_device("192.0.2.1", PASSWORD, &device)).await,
        Err(30)
    );

    // Eve's account knows neither Ada's device nor an invented one.
    let guesses = (0..6).map(|_| LogInAttempt {
        devices: vec![device.hash()],
        ..from("192.0.2.2", "eve", "x")
    });
    let mut answers = Vec::new();
    for attempt in guesses {
        answers.push(guess(&bed, attempt).await);
    }
    assert_eq!(answers.last(), Some(&Err(30)));
    let invented = DeviceToken::from_cookie(&"0".repeat(32)).unwrap();
    for _ in 0..5 {
        guess(&bed, with_device("192.0.2.3", "x", &invented))
            .await
            .ok();
    }
    assert_eq!(
        guess(&bed, with_device("192.0.2.3", PASSWORD, &invented)).await,
        Err(30)
    );
}

#[sqlx::test(migrations = false)]
async fn a_shared_computer_does_not_get_to_be_known(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let mut attempt = testing::attempt(ADA, PASSWORD);
    attempt.remember_device = RememberDevice::No;
    let opened = bed
        .core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap();
    assert!(opened.device.is_none());
}

#[sqlx::test(migrations = false)]
async fn a_user_has_ten_known_devices_at_most(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let first = bed.log_in().await.device.unwrap().token;
    for _ in 0..10 {
        bed.clock.advance(Duration::from_secs(1));
        bed.log_in().await;
    }
    let pool = testing::look(options).await;
    let devices: i64 = sqlx::query_scalar("select count(*) from known_devices")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(devices, 10);
    let again = bed
        .core
        .log_in
        .attempt(&bed.database, with_device("192.0.2.1", PASSWORD, &first))
        .await;
    assert!(
        again.unwrap().device.unwrap().replaces.is_none(),
        "the longest unused was forgotten"
    );
}

#[sqlx::test(migrations = false)]
async fn success_forgives_the_failures_of_the_same_network_only(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    // A person mistypes four times, and again later.
    for _ in 0..2 {
        for _ in 0..4 {
            assert_eq!(
                guess(&bed, from("2001:db8::1", ADA, "x")).await,
                Ok("wrong")
            );
        }
        assert_eq!(
            guess(&bed, from("2001:db8::2", ADA, PASSWORD)).await,
            Ok("in")
        );
    }
    // A stranger who waits for the owner's log-in gains nothing.
    for _ in 0..4 {
        assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Ok("wrong"));
    }
    assert_eq!(
        guess(&bed, from("2001:db8::1", ADA, PASSWORD)).await,
        Ok("in")
    );
    assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Ok("wrong"));
    assert_eq!(guess(&bed, from("192.0.2.1", ADA, "x")).await, Err(30));
}

#[sqlx::test(migrations = false)]
async fn spraying_many_accounts_from_one_network_is_caught(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for number in 0..10 {
        let address = format!("2001:db8:1:2::{number}");
        let attempt = from(&address, &format!("user{number}"), "Summer2026!");
        assert_eq!(guess(&bed, attempt).await, Ok("wrong"));
    }
    let next = from("2001:db8:1:2::ffff", ADA, PASSWORD);
    assert_eq!(guess(&bed, next).await, Err(30));
    let elsewhere = from("2001:db8:1:3::1", ADA, PASSWORD);
    assert_eq!(guess(&bed, elsewhere).await, Ok("in"));
}

#[sqlx::test(migrations = false)]
async fn an_ipv6_customer_of_a_whole_48_gains_sixteen_times_and_no_more(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    // The guesses come from the 256 networks of one /56, and then from all other /56 of the /48.
    let site = |number| format!("2001:db8:0:{number:x}::1");
    let block = |number| format!("2001:db8:0:{:x}::1", 0x100 * (number + 1));
    for (number, (address, free)) in (0..80)
        .map(|number| (site(number), 80))
        .chain((0..240).map(|number| (block(number % 250), 320)))
        .enumerate()
    {
        assert!(number < free);
        let attempt = from(&address, &format!("user{number}"), "Summer2026!");
        assert_eq!(guess(&bed, attempt).await, Ok("wrong"), "{number}");
        let elsewhere = match number {
            79 => site(0xff),
            319 => "2001:db8:0:ff00::1".to_owned(),
            _ => continue,
        };
        assert_eq!(
            guess(&bed, from(&elsewhere, "somebody", "x")).await,
            Err(30)
        );
    }
    let other = from("2001:db8:1::1", ADA, PASSWORD);
    assert_eq!(guess(&bed, other).await, Ok("in"));
    // An IPv4 address that is mapped into IPv6 counts by itself.
    let mapped = from("::ffff:192.0.2.1", "somebody", "x");
    assert_eq!(guess(&bed, mapped).await, Ok("wrong"));
}

#[sqlx::test(migrations = false)]
async fn one_network_may_fail_twenty_times_on_few_accounts(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for number in 0..20 {
        let login = format!("user{}", number % 5);
        assert_eq!(
            guess(&bed, from("192.0.2.1", &login, "x")).await,
            Ok("wrong"),
            "{number}"
        );
    }
    assert_eq!(
        guess(&bed, from("192.0.2.1", "somebody", "x")).await,
        Err(30)
    );
}

#[sqlx::test(migrations = false)]
async fn an_administrators_new_password_forgives_the_account(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for _ in 0..5 {
        guess(&bed, from("192.0.2.1", ADA, "x")).await.ok();
    }
    let new = "seven purple lanterns drift";
    let origin = PasswordOrigin::Given(Password::new(new.to_owned()));
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, origin)
        .await
        .unwrap();
    assert_eq!(guess(&bed, from("192.0.2.9", ADA, new)).await, Ok("in"));
}

#[sqlx::test(migrations = false)]
async fn a_stolen_session_finds_no_password(_: Pool, options: Options) {
    let bed = Arc::new(TestBed::new(options).await);
    let caller = bed.caller(&bed.log_in().await).await;
    let change = async |bed: &TestBed, current: &str| {
        let [current, new] =
            [current, "seven purple lanterns drift"].map(|text| Password::new(text.to_owned()));
        bed.core
            .passwords
            .change(&caller, &current, &new, OtherSessions::Keep)
            .await
    };
    let guesses = futures::future::join_all((0..20).map(|_| change(&bed, "x"))).await;
    let of = |wanted: fn(&ChangePasswordError) -> bool| {
        let errors = guesses.iter().filter_map(|guess| guess.as_ref().err());
        errors.filter(|error| wanted(error)).count()
    };
    assert_eq!(
        of(|error| matches!(error, ChangePasswordError::WrongPassword)),
        5
    );
    assert_eq!(
        of(|error| matches!(error, ChangePasswordError::Throttled(_))),
        15
    );
    match change(&bed, PASSWORD).await {
        Err(ChangePasswordError::Throttled(throttled)) => {
            assert_eq!(throttled.retry_after_seconds, 30);
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the password was changed"),
    }
    assert_eq!(
        guess(&bed, from("192.0.2.1", ADA, PASSWORD)).await,
        Ok("in"),
        "log-ins go on"
    );
    bed.clock.advance(Duration::from_secs(30));
    change(&bed, PASSWORD).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_guess_that_waited_for_the_one_that_brought_a_delay_is_throttled(
    _: Pool,
    options: Options,
) {
    let bed = Arc::new(TestBed::new(options.clone()).await);
    let caller = bed.caller(&bed.log_in().await).await;
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options).await,
    );
    let mut other_guess = here.begin().await.unwrap();
    sqlx::query(
        "insert into throttles (kind, subject, forgotten_at, blocked_until)
        values ('confirmation', $1, $2, $2)",
    )
    .bind(caller.session.id.to_string())
    .bind(bed.clock.now() + Duration::from_secs(30))
    .execute(&mut *other_guess)
    .await
    .unwrap();
    let guess = tokio::spawn({
        let bed = bed.clone();
        async move {
            let right = Password::new(PASSWORD.to_owned());
            let confirmed = bed.core.passwords.confirm(&caller, &right).await;
            matches!(confirmed, Err(ConfirmError::Throttled(throttled)) if throttled.retry_after_seconds == 30)
        }
    });
    testing::until_blocked(&elsewhere, 1).await;
    other_guess.commit().await.unwrap();
    assert!(guess.await.unwrap());
}

#[sqlx::test(migrations = false)]
async fn guesses_in_a_stolen_session_do_not_hold_back_the_owner(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let [stolen, own] = [bed.log_in().await, bed.log_in().await];
    let (stolen, own) = (bed.caller(&stolen).await, bed.caller(&own).await);
    let wrong = Password::new("x".to_owned());
    for _ in 0..6 {
        bed.core
            .passwords
            .confirm(&stolen, &wrong)
            .await
            .err()
            .unwrap();
    }
    let right = Password::new(PASSWORD.to_owned());
    let held_back = bed.core.passwords.confirm(&stolen, &right).await;
    assert!(matches!(held_back, Err(ConfirmError::Throttled(_))));
    bed.core.passwords.confirm(&own, &right).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn people_read_what_happened_to_their_own_account_newest_first(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    bed.try_log_in("eve", PASSWORD).await.unwrap();
    let first = bed.log_in().await;
    bed.clock.advance(Duration::from_mins(1));
    bed.try_log_in(ADA, "x").await.err().unwrap();
    bed.clock.advance(Duration::from_mins(1));
    let second = bed.log_in().await;
    bed.clock.advance(Duration::from_mins(1));
    let caller = bed.caller(&second).await;
    let passwords =
        [PASSWORD, "seven purple lanterns drift"].map(|text| Password::new(text.to_owned()));
    let [current, new] = &passwords;
    bed.core
        .passwords
        .change(&caller, current, new, OtherSessions::End)
        .await
        .unwrap();

    let page = bed.core.activity.list(&caller, None, PAGE).await.unwrap();
    assert!(page.older.is_none());
    let mut kinds: Vec<_> = page.entries.iter().map(|entry| entry.kind).collect();
    let log_in = |outcome| ActivityKind::LogIn {
        outcome,
        factor: AuthenticatedBy::Password,
    };
    // The change of the password and the end of the session have the same time.
    kinds[..2].sort_unstable_by_key(|kind| matches!(kind, ActivityKind::SessionEnded(_)));
    assert_eq!(
        kinds,
        [
            ActivityKind::PasswordChanged(ChangedBy::Person),
            ActivityKind::SessionEnded(EndCause::PasswordChanged),
            log_in(Outcome::Succeeded),
            log_in(Outcome::WrongPassword),
            log_in(Outcome::Succeeded),
        ]
    );
    assert_eq!(
        page.entries.last().unwrap().address,
        testing::client().address
    );
    drop(first);
}

#[sqlx::test(migrations = false)]
async fn a_session_that_expired_is_listed_with_its_moment(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.log_in().await;
    bed.clock.advance(Duration::from_hours(13));
    let caller = bed.caller(&bed.log_in().await).await;
    let page = bed.core.activity.list(&caller, None, PAGE).await.unwrap();
    let end = page
        .entries
        .iter()
        .find(|entry| matches!(entry.kind, ActivityKind::SessionEnded(_)));
    let end = end.unwrap();
    assert_eq!(end.kind, ActivityKind::SessionEnded(EndCause::Idle));
    assert_eq!((end.at - page.entries.last().unwrap().at).whole_hours(), 12);
}

#[sqlx::test(migrations = false)]
async fn pages_of_activity_show_everything_once(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    // All log-ins happen at one moment, because the clock stands still.
    for _ in 0..4 {
        bed.log_in().await;
    }
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    bed.core
        .sessions
        .revoke_others(bed.core.sessions.confirmed(&caller).unwrap())
        .await
        .unwrap();
    let whole = bed.core.activity.list(&caller, None, 100).await.unwrap();
    assert_eq!(whole.entries.len(), 9);
    let (mut pieces, mut from) = (Vec::new(), None);
    loop {
        let page = bed.core.activity.list(&caller, from, 2).await.unwrap();
        pieces.extend(page.entries);
        from = page.older;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(pieces, whole.entries);
}

#[sqlx::test(migrations = false)]
async fn the_restricted_role_sees_own_attempts_and_no_throttle(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    bed.another_user("eve").await;
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    bed.try_log_in(ADA, "x").await.err().unwrap();
    let eve = bed.caller(&eve).await;
    let pool = testing::look(options).await;
    for table in ["log_in_attempts", "password_changes", "account_events"] {
        assert_eq!(
            testing::rows_without_caller(&pool, table).await,
            0,
            "{table}"
        );
    }
    for statement in [
        "select id from throttles",
        "select token_hash from known_devices",
        "select login from log_in_attempts",
        "delete from log_in_attempts",
        "update log_in_attempts set outcome = 'denied'",
        "insert into password_changes (id) values (null)",
        "insert into account_events (id) values (null)",
        "delete from account_events",
    ] {
        testing::run_as(&eve, statement).await.err().unwrap();
    }
    let page = bed.core.activity.list(&eve, None, PAGE).await.unwrap();
    assert_eq!(page.entries.len(), 1, "Ada's attempt is not Eve's affair");
}

#[sqlx::test(migrations = false)]
async fn what_is_past_its_time_is_swept_by_many_nodes_at_once(_: Pool, options: Options) {
    let bed = Arc::new(TestBed::new(options.clone()).await);
    let pool = testing::look(options).await;
    sqlx::query(
        "insert into log_in_attempts (id, at, login, login_key, outcome, factor, user_agent)
        select gen_random_uuid(), '2026-01-01', 'x', 'x', 'unknown_login', 'password', ''
        from generate_series(1, 5500)",
    )
    .execute(&pool)
    .await
    .unwrap();
    guess(&bed, from("192.0.2.1", ADA, "x")).await.ok();
    bed.clock.advance(Duration::from_hours(20 * 24));
    bed.try_log_in(ADA, "x").await.err().unwrap();
    let month = Duration::from_hours(30 * 24);
    let sweeps: Vec<_> = (0..4)
        .map(|_| {
            let bed = Arc::clone(&bed);
            tokio::spawn(
                async move { bed.core.attempts.sweep(&bed.database, month).await.unwrap() },
            )
        })
        .collect();
    let (mut swept, mut throttles) = (0, 0);
    for sweep in sweeps {
        let done = sweep.await.unwrap();
        swept += done.attempts;
        throttles += done.throttles;
    }
    // The address and the spray counters of 192.0.2.1 are swept. The account's counter was used again.
    assert_eq!((swept, throttles), (5_500, 2));
    assert_eq!(attempts(&bed).await.len(), 2);
}
