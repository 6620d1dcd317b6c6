//! Guesses at names of no database, where names are hidden. They are throttled as in a database, and do not affect the
//! database that counts them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    attempt::{AttemptFilter, TypedCode},
    client::Client,
    database::DatabaseName,
    log_in::UnknownDatabase,
    log_in::{LogInAttempt, LogInError, Wait},
    settings::{Listed, Settings},
    testing::{self, PASSWORD, Statements, TestBed},
};
use sqlx::postgres::{PgConnectOptions as Options, PgPoolOptions as Pool};

const ADA: &str = "ada@example.com";

/// A bed where names are hidden, and where a wrong guess takes no time.
async fn hidden(options: &Options) -> TestBed {
    let mut settings = Settings::default();
    settings.databases.listed = Listed::No;
    (settings.passwords.memory_kib, settings.passwords.iterations) = (8, 1);
    TestBed::with(options.clone(), settings, Vec::new()).await
}

fn from(address: &str, login: &str) -> LogInAttempt {
    let mut attempt = testing::attempt(login, "x");
    attempt.client = Client {
        address: address.parse().ok(),
        ..attempt.client
    };
    attempt
}

/// The wait of which a wrong guess tells, or the seconds to wait if the guess was throttled.
fn read(error: LogInError) -> Result<Option<Wait>, u32> {
    match error {
        LogInError::WrongCredentials { wait } => Ok(wait),
        LogInError::Throttled {
            retry_after_seconds,
        } => Err(retry_after_seconds),
        other => panic!("{other}"),
    }
}

async fn guess_there(bed: &TestBed, attempt: LogInAttempt) -> Result<Option<Wait>, u32> {
    read(
        bed.core
            .log_in
            .attempt(&bed.database, attempt)
            .await
            .err()
            .unwrap(),
    )
}

async fn guess_at(bed: &TestBed, name: &str, attempt: LogInAttempt) -> Result<Option<Wait>, u32> {
    let name: DatabaseName = name.parse().unwrap();
    let nowhere = UnknownDatabase {
        name: Some(&name),
        visible: &[bed.database.name().clone()],
    };
    read(
        bed.core
            .log_in
            .attempt_at_unknown_database(nowhere, &attempt)
            .await,
    )
}

async fn recorded(bed: &TestBed) -> usize {
    let filter = AttemptFilter {
        login: None,
        limit: 1_000,
    };
    let recorded = bed.core.attempts.list(&bed.database, &filter).await;
    recorded.unwrap().len()
}

async fn throttles(options: &Options) -> i64 {
    sqlx::query_scalar("select count(*) from throttles")
        .fetch_one(&testing::look(options.clone()).await)
        .await
        .unwrap()
}

/// Pseudo-random numbers that are the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

/// Logins, networks and pauses come in random order, so that all counters delay guesses: by account, by network, by
/// logins tried from a network, by /56 and /48, and by all names together.
#[sqlx::test(migrations = false)]
async fn every_guess_at_a_name_of_none_is_answered_like_one_in_a_database(
    _: Pool,
    options: Options,
) {
    let bed = hidden(&options).await;
    let mut dice = Dice(14);
    let mut answers = [0, 0];
    let mut waits = 0;
    for step in 0..1_500 {
        let pause = match dice.roll(12) {
            0..9 => 0,
            9 | 10 => dice.roll(90),
            _ => dice.roll(4_000),
        };
        bed.clock.advance(Duration::from_secs(pause));
        let login = match dice.roll(4) {
            0 => ADA.to_owned(),
            1 => " ADA@Example.com".to_owned(),
            _ => format!("user{}\u{7}", dice.roll(40)),
        };
        let host = dice.roll(4);
        // The guesses in the database and at the name come from networks that differ in a digit only, so that they do
        // not share the counter for all names.
        let address = |digit: u32| match host {
            0 => format!("192.0.{digit}.1"),
            1 => format!("192.0.{digit}.2"),
            _ => format!("2001:db8:{digit}:{host:x}00::{host}"),
        };
        let code = (dice.roll(5) == 0).then_some("0000-0000");
        let attempt = |digit| LogInAttempt {
            code: TypedCode::of(code),
            ..from(&address(digit), &login)
        };
        let there = guess_there(&bed, attempt(1)).await;
        let nowhere = guess_at(&bed, "nowhere", attempt(2)).await;
        assert_eq!(there, nowhere, "{step}: {login:?} from {}", address(0));
        answers[usize::from(there.is_err())] += 1;
        waits += usize::from(there.is_ok_and(|wait| wait.is_some()));
    }
    assert!(waits > 20, "{waits}");
    assert!(answers.iter().all(|count| *count > 100), "{answers:?}");
}

#[sqlx::test(migrations = false)]
async fn many_guesses_at_once_are_worth_as_many_as_in_a_database(_: Pool, options: Options) {
    let bed = Arc::new(hidden(&options).await);
    let guesses = (0..50).map(|host| {
        let bed = Arc::clone(&bed);
        // Each guess has its own address, so that only the account's counter counts them all.
        let attempt = from(&format!("192.0.2.{host}"), ADA);
        tokio::spawn(async move { guess_at(&bed, "nowhere", attempt).await })
    });
    let mut wrong = 0;
    for guess in guesses.collect::<Vec<_>>() {
        wrong += usize::from(guess.await.unwrap().is_ok());
    }
    assert_eq!(wrong, 5);
}

#[sqlx::test(migrations = false)]
async fn a_guess_costs_the_same_statements_at_a_name_of_none(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    for guess in 0..7 {
        bed.clock.advance(Duration::from_secs(1));
        let there = Statements::count(async {
            guess_there(&bed, from("192.0.2.1", ADA)).await.ok();
        });
        let nowhere = Statements::count(async {
            guess_at(&bed, "nowhere", from("192.0.2.2", ADA)).await.ok();
        });
        assert_eq!((there.await, nowhere.await), (2, 2), "{guess}");
    }
}

/// A network gets 80 guesses at all names together. Then it is delayed at names of databases, too.
#[sqlx::test(migrations = false)]
async fn guesses_at_invented_names_are_bounded_by_network(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    let before = throttles(&options).await;
    let mut wrong = 0;
    for invented in 0..500 {
        let attempt = from("192.0.2.1", "user");
        if guess_at(&bed, &format!("name{invented}"), attempt)
            .await
            .is_ok()
        {
            wrong += 1;
        }
    }
    assert_eq!(wrong, 80);
    // Each checked guess writes four rows: for the account, the network, the number of logins tried from the network,
    // and this login as one of them.
    assert_eq!(throttles(&options).await - before, 4 * 80);
    assert_eq!(guess_there(&bed, from("192.0.2.1", ADA)).await, Err(30));
    assert_eq!(guess_there(&bed, from("192.0.2.2", ADA)).await, Ok(None));
}

#[sqlx::test(migrations = false)]
async fn guesses_at_databases_count_for_invented_names_alike(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    let mut wrong = 0;
    for login in 0..200 {
        let attempt = from("192.0.2.1", &format!("user{login}"));
        wrong += usize::from(guess_there(&bed, attempt).await.is_ok());
    }
    assert_eq!(wrong, 10, "the database's own bound");
    for invented in 0..70 {
        let attempt = from("192.0.2.1", "user");
        let answer = guess_at(&bed, &format!("name{invented}"), attempt).await;
        let wait = (invented == 69).then_some(Wait::Now(30));
        assert_eq!(answer, Ok(wait), "{invented}");
    }
    let refused = guess_at(&bed, "name", from("192.0.2.1", "user")).await;
    assert_eq!(refused, Err(30));
}

#[sqlx::test(migrations = false)]
async fn the_owner_gets_in_from_a_known_network_that_guesses_at_invented_names(
    _: Pool,
    options: Options,
) {
    let bed = hidden(&options).await;
    let log_in = async || {
        let mut attempt = from("192.0.2.1", ADA);
        attempt.password = testing::password(PASSWORD);
        bed.core
            .log_in
            .attempt(&bed.database, attempt)
            .await
            .map(|_| ())
    };
    log_in().await.unwrap();
    for invented in 0..100 {
        let attempt = from("192.0.2.1", "user");
        guess_at(&bed, &format!("name{invented}"), attempt)
            .await
            .ok();
    }
    log_in().await.unwrap();
    assert_eq!(guess_there(&bed, from("192.0.2.1", "eve")).await, Err(30));
}

#[sqlx::test(migrations = false)]
async fn guesses_at_names_of_none_hold_no_user_up_and_show_nowhere(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    for name in ["nowhere", "elsewhere", bed.database.name().as_str()] {
        // The last name is that of a database that this host may not see.
        for _ in 0..12 {
            guess_at(&bed, name, from("203.0.113.7", ADA)).await.ok();
            guess_at(&bed, name, from("192.0.2.1", ADA)).await.ok();
        }
    }
    assert_eq!(recorded(&bed).await, 0);
    bed.try_log_in(ADA, "x").await.err().unwrap();
    let caller = bed.caller(&bed.log_in().await).await;
    assert_eq!(recorded(&bed).await, 2);
    let page = bed.core.activity.list(&caller, None, 50).await.unwrap();
    assert_eq!(page.entries.len(), 2);
}

/// Counters are not shared between a database and a name of no database, nor between two names.
#[sqlx::test(migrations = false)]
async fn no_login_counts_for_another_name(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    for forged in ["nowhere\nada", "nowhere\r\nada", "elsewhere\nnowhere\nada"] {
        for host in 1..=10 {
            let address = format!("192.0.2.{host}");
            guess_there(&bed, from(&address, forged)).await.ok();
            guess_at(&bed, "elsewhere", from(&address, forged))
                .await
                .ok();
        }
    }
    for host in 11..=15 {
        let attempt = || from(&format!("192.0.2.{host}"), "ada");
        let expected = match host {
            14 => Ok(Some(Wait::AfterNextFailure(30))),
            15.. => Ok(Some(Wait::Now(30))),
            _ => Ok(None),
        };
        assert_eq!(guess_at(&bed, "nowhere", attempt()).await, expected);
        assert_eq!(guess_there(&bed, attempt()).await, expected);
    }
}

#[sqlx::test(migrations = false)]
async fn what_is_counted_for_names_of_none_is_swept(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    for invented in 0..10 {
        for _ in 0..3 {
            let attempt = from("2001:db8::1", ADA);
            guess_at(&bed, &format!("name{invented}"), attempt)
                .await
                .ok();
        }
    }
    let counted = throttles(&options).await;
    assert_eq!(counted, 10 * 6);
    let sweep = async || {
        let kept = Duration::from_hours(90 * 24);
        bed.core.attempts.sweep(&bed.database, kept).await.unwrap()
    };
    assert_eq!(sweep().await.throttles, 0);
    bed.clock.advance(Duration::from_hours(24));
    assert_eq!(sweep().await.throttles, 60);
    assert_eq!(throttles(&options).await, 0);
}

#[sqlx::test(migrations = false)]
async fn without_any_database_guesses_are_bounded_all_the_same(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    let name: DatabaseName = "nowhere".parse().unwrap();
    let mut wrong = 0;
    for login in 0..100 {
        let nowhere = UnknownDatabase {
            name: Some(&name),
            visible: &[],
        };
        let attempt = from("192.0.2.1", &format!("user{login}"));
        let error = bed
            .core
            .log_in
            .attempt_at_unknown_database(nowhere, &attempt)
            .await;
        wrong += usize::from(read(error).is_ok());
    }
    assert_eq!(wrong, 80);
}

#[sqlx::test(migrations = false)]
async fn the_next_database_counts_if_the_first_one_cannot_be_used(_: Pool, options: Options) {
    let bed = hidden(&options).await;
    let name: DatabaseName = "nowhere".parse().unwrap();
    let visible = ["gone".parse().unwrap(), bed.database.name().clone()];
    let mut answers = Vec::new();
    for _ in 0..6 {
        let nowhere = UnknownDatabase {
            name: Some(&name),
            visible: &visible,
        };
        let error = bed
            .core
            .log_in
            .attempt_at_unknown_database(nowhere, &from("192.0.2.1", ADA))
            .await;
        answers.push(read(error).is_ok());
    }
    assert_eq!(answers, [true, true, true, true, true, false]);
}
