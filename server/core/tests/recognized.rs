//! A device, a network or a log-in code sets the owner of an account apart from strangers. The owner can log in while a
//! botnet guesses.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    account::{OtherSessions, PasswordOrigin},
    attempt::{LogInCode, TypedCode},
    client::Client,
    clock::Clock as _,
    device::{DeviceTokenHash, DeviceTokens, RememberDevice},
    log_in::{LogInAttempt, LogInError, OpenedSession},
    session::Computer,
    settings::Settings,
    testing::{self, PASSWORD, TestBed},
};
use sqlx::postgres::{PgConnectOptions as Options, PgPoolOptions as Pool};

const ADA: &str = "ada@example.com";
const HOME: &str = "203.0.113.7";
const AWAY: &str = "198.51.100.9";
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Settings under which a wrong guess takes no time.
fn cheap() -> Settings {
    let mut settings = Settings::default();
    (settings.passwords.memory_kib, settings.passwords.iterations) = (8, 1);
    settings
}

async fn bed(options: Options) -> TestBed {
    TestBed::with(options, cheap(), Vec::new()).await
}

fn from(address: &str, password: &str) -> LogInAttempt {
    let attempt = testing::attempt(ADA, password);
    LogInAttempt {
        client: Client {
            address: address.parse().ok(),
            ..attempt.client
        },
        ..attempt
    }
}

/// An attempt on a shared computer, of which the account knows neither device nor network afterwards.
fn passing(attempt: LogInAttempt) -> LogInAttempt {
    LogInAttempt {
        computer: Computer::Shared,
        remember_device: RememberDevice::No,
        ..attempt
    }
}

fn on_device(device: DeviceTokenHash, attempt: LogInAttempt) -> LogInAttempt {
    LogInAttempt {
        devices: vec![device],
        ..attempt
    }
}

fn with_code(code: &LogInCode, attempt: LogInAttempt) -> LogInAttempt {
    LogInAttempt {
        code: TypedCode::of(Some(&code.to_shown())),
        ..attempt
    }
}

async fn log_in(bed: &TestBed, attempt: LogInAttempt) -> OpenedSession {
    bed.core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap()
}

/// The result of an attempt as a word, or the seconds to wait if the attempt was throttled.
async fn guess(bed: &TestBed, attempt: LogInAttempt) -> Result<&'static str, u32> {
    match bed.core.log_in.attempt(&bed.database, attempt).await {
        Ok(_) => Ok("in"),
        Err(LogInError::WrongCredentials { .. }) => Ok("wrong"),
        Err(LogInError::Throttled {
            retry_after_seconds,
        }) => Err(retry_after_seconds),
        Err(error) => panic!("{error}"),
    }
}

async fn code(bed: &TestBed, session: &OpenedSession) -> LogInCode {
    let caller = bed.caller(session).await;
    let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
    bed.core.log_in_codes.make(confirmed).await.unwrap()
}

/// Guesses from many other networks until strangers are delayed.
async fn block_strangers(bed: &TestBed) {
    for bot in 0..250 {
        if guess(bed, from(&format!("10.0.0.{bot}"), "x"))
            .await
            .is_err()
        {
            return;
        }
    }
    panic!("strangers are not held up");
}

#[sqlx::test(migrations = false)]
async fn a_botnet_gains_nothing_and_the_owner_gets_in_at_once(_: Pool, options: Options) {
    let bed = bed(options).await;
    let own = log_in(&bed, from(HOME, PASSWORD)).await;
    let mut device = own.device.as_ref().unwrap().token.hash();
    let start = bed.clock.now();
    let (mut bots, mut guesses, mut log_ins) = (0_u32.., 0_u32, 0);
    let mut elapsed = Duration::ZERO;
    while elapsed < 7 * DAY {
        // Twenty of 10,000 bots guess, more than there are free guesses. Each bot has its own address.
        let mut wait = 0;
        for bot in bots.by_ref().take(20).map(|bot| bot % 10_000) {
            let address = format!("10.{}.{}.1", bot / 256, bot % 256);
            match guess(&bed, from(&address, &format!("guess {bot}"))).await {
                Ok("wrong") => guesses += 1,
                Ok(other) => panic!("{other}"),
                Err(seconds) => wait = seconds,
            }
        }
        // The owner logs in at the worst moment: a guess has just caused the next delay.
        let known = log_in(&bed, on_device(device, from(AWAY, PASSWORD))).await;
        device = known.device.as_ref().unwrap().token.hash();
        let session = log_in(&bed, passing(from(HOME, PASSWORD))).await;
        let code = code(&bed, &session).await;
        let elsewhere = format!("198.51.100.{}", log_ins % 250);
        log_in(&bed, with_code(&code, passing(from(&elsewhere, PASSWORD)))).await;
        log_ins += 1;
        let wait = Duration::from_secs(wait.into());
        bed.clock.advance(wait);
        elapsed += wait;
    }
    assert_eq!(guesses, by_the_schedule(bed.clock.now() - start));
    assert_eq!((guesses, log_ins), (132, 128));
}

/// The number of guesses that an account's schedule permits to a client that never waits longer than needed.
fn by_the_schedule(elapsed: time::Duration) -> u32 {
    let schedule = Settings::default().log_in.account;
    let one = schedule.window / schedule.free;
    let (mut now, mut guesses, mut forgotten_at) = (Duration::ZERO, 0, Duration::ZERO);
    loop {
        let left = forgotten_at.saturating_sub(now);
        let before = left.as_secs().div_ceil(one.as_secs());
        guesses += 1;
        forgotten_at = forgotten_at.max(now) + one;
        now += schedule.delay_after(u32::try_from(before).unwrap() + 1);
        if now >= elapsed {
            return guesses;
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_copied_device_cookie_locks_its_owner_out_of_nothing(_: Pool, options: Options) {
    let bed = bed(options).await;
    let own = log_in(&bed, from(HOME, PASSWORD)).await;
    let copied = own.device.as_ref().unwrap().token.hash();
    for _ in 0..5 {
        assert_eq!(
            guess(&bed, on_device(copied, from("192.0.2.1", "x"))).await,
            Ok("wrong")
        );
    }
    let owner = log_in(&bed, on_device(copied, from(AWAY, PASSWORD))).await;
    let renewed = owner.device.as_ref().unwrap();
    assert!(
        renewed.replaces == Some(copied),
        "the same device, with a new token"
    );

    // A minute later the copy is no sign any more, and the owner's new cookie has a counter of its own.
    bed.clock.advance(MINUTE);
    block_strangers(&bed).await;
    let copy = on_device(copied, from("192.0.2.1", PASSWORD));
    assert!(guess(&bed, copy).await.is_err());
    let own = on_device(renewed.token.hash(), from("192.0.2.2", PASSWORD));
    assert_eq!(guess(&bed, own).await, Ok("in"));
}

#[sqlx::test(migrations = false)]
async fn log_ins_at_once_on_one_device_leave_it_known(_: Pool, options: Options) {
    let bed = Arc::new(bed(options).await);
    let first = log_in(&bed, from(HOME, PASSWORD)).await;
    let cookie = DeviceTokens::default().to_cookie_with(first.device.as_ref().unwrap());
    let held = DeviceTokens::from_cookie(&cookie);
    let log_ins = (0..5).map(|_| {
        let attempt = on_device(held.hashes()[0], from(HOME, PASSWORD));
        let bed = Arc::clone(&bed);
        tokio::spawn(async move { log_in(&bed, attempt).await })
    });
    let mut issued = Vec::new();
    for log_in in log_ins.collect::<Vec<_>>() {
        issued.extend(log_in.await.unwrap().device);
    }
    // Only one token was issued, so the browser holds it regardless of the order of the answers.
    assert_eq!(issued.len(), 1);
    bed.clock.advance(MINUTE);
    let cookie = held.to_cookie_with(&issued[0]);
    let device = DeviceTokens::from_cookie(&cookie).hashes()[0];
    let later = log_in(&bed, on_device(device, from(AWAY, PASSWORD))).await;
    assert!(later.device.unwrap().replaces == Some(device));
}

/// An action that makes an account forget its other signs.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Revoke,
    Change,
    Set,
}

/// Whether each sign is good afterwards: the other device, its network, a code, the caller's network and the caller's
/// device.
async fn good_after(way: Way, options: Options) -> [bool; 5] {
    let new = "seven purple lanterns drift";
    let bed = bed(options).await;
    let other = log_in(&bed, from(AWAY, PASSWORD)).await;
    let other = other.device.unwrap().token.hash();
    let own = log_in(&bed, from(HOME, PASSWORD)).await;
    let caller = bed.caller(&own).await;
    let code = code(&bed, &own).await;
    let own = own.device.unwrap().token.hash();
    match way {
        Way::Revoke => {
            let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
            bed.core.sessions.revoke_others(confirmed).await.unwrap();
        }
        Way::Change => {
            let [from, to] = [PASSWORD, new].map(testing::password);
            let others = OtherSessions::End;
            let changed = bed.core.passwords.change(&caller, &from, &to, others);
            changed.await.unwrap();
        }
        Way::Set => {
            let origin = PasswordOrigin::Given(testing::password(new));
            let set = bed.core.users.set_password(&bed.database, &bed.ada, origin);
            set.await.unwrap();
        }
    }
    let password = if way == Way::Revoke { PASSWORD } else { new };
    block_strangers(&bed).await;
    let mut good = [false; 5];
    for (attempt, is_good) in [
        on_device(other, from("192.0.2.1", password)),
        from(AWAY, password),
        with_code(&code, from("192.0.2.2", password)),
        from(HOME, password),
        on_device(own, from("192.0.2.3", password)),
    ]
    .into_iter()
    .zip(&mut good)
    {
        *is_good = guess(&bed, passing(attempt)).await.is_ok();
    }
    good
}

#[sqlx::test(migrations = false)]
async fn revoking_all_other_devices_forgets_them_and_their_networks(_: Pool, options: Options) {
    let good = good_after(Way::Revoke, options).await;
    assert_eq!(good, [false, false, false, true, true]);
}

#[sqlx::test(migrations = false)]
async fn changing_the_password_forgets_other_devices_and_networks(_: Pool, options: Options) {
    let good = good_after(Way::Change, options).await;
    assert_eq!(good, [false, false, false, true, true]);
}

#[sqlx::test(migrations = false)]
async fn a_password_set_by_an_administrator_forgets_all_devices(_: Pool, options: Options) {
    let good = good_after(Way::Set, options).await;
    assert_eq!(good, [false; 5]);
}

#[sqlx::test(migrations = false)]
async fn a_known_network_has_a_counter_of_its_own_for_its_user_only(_: Pool, options: Options) {
    let bed = bed(options).await;
    bed.another_user("eve").await;
    log_in(&bed, from("2001:db8:1:2::1", PASSWORD)).await;
    // Other people in this network have tried many accounts. That delays strangers, but not the owner.
    for user in 0..10 {
        let attempt = LogInAttempt {
            login: format!("user{user}"),
            ..from("2001:db8:1:2::2", "x")
        };
        assert_eq!(guess(&bed, attempt).await, Ok("wrong"));
    }
    let eve = || LogInAttempt {
        login: "eve".to_owned(),
        ..from("2001:db8:1:2::2", PASSWORD)
    };
    assert_eq!(guess(&bed, eve()).await, Err(30));
    assert_eq!(
        guess(&bed, from("2001:db8:1:2::3", PASSWORD)).await,
        Ok("in")
    );
    // The network has the limits of an account. Beyond them a guesser there is a stranger like others.
    for _ in 0..5 {
        assert_eq!(guess(&bed, from("2001:db8:1:2::2", "x")).await, Ok("wrong"));
    }
    assert_eq!(guess(&bed, from("2001:db8:1:2::2", "x")).await, Err(30));
    assert_eq!(
        guess(&bed, from("2001:db8:1:3::2", "x")).await,
        Ok("wrong"),
        "elsewhere"
    );
}

#[sqlx::test(migrations = false)]
async fn a_network_is_known_for_ninety_days_and_of_a_shared_computer_never(
    _: Pool,
    options: Options,
) {
    let bed = bed(options).await;
    log_in(&bed, from(HOME, PASSWORD)).await;
    log_in(&bed, passing(from(AWAY, PASSWORD))).await;
    block_strangers(&bed).await;
    assert!(guess(&bed, from(AWAY, PASSWORD)).await.is_err());
    assert_eq!(guess(&bed, from(HOME, PASSWORD)).await, Ok("in"));
    bed.clock.advance(90 * DAY);
    block_strangers(&bed).await;
    assert!(guess(&bed, from(HOME, PASSWORD)).await.is_err());
    let swept = bed.core.attempts.sweep(&bed.database, DAY).await.unwrap();
    assert_eq!(swept.networks, 0, "not before it is older");
    bed.clock.advance(MINUTE);
    let swept = bed.core.attempts.sweep(&bed.database, DAY).await.unwrap();
    assert_eq!(swept.networks, 1);
}

#[sqlx::test(migrations = false)]
async fn a_user_has_ten_known_networks_at_most(_: Pool, options: Options) {
    let bed = bed(options).await;
    for network in 0..11 {
        bed.clock.advance(MINUTE);
        log_in(&bed, from(&format!("192.0.2.{network}"), PASSWORD)).await;
    }
    block_strangers(&bed).await;
    assert!(guess(&bed, from("192.0.2.0", PASSWORD)).await.is_err());
    for network in 1..11 {
        let attempt = passing(from(&format!("192.0.2.{network}"), PASSWORD));
        assert_eq!(guess(&bed, attempt).await, Ok("in"), "{network}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_code_passes_once_and_with_the_password_only(_: Pool, options: Options) {
    let bed = bed(options).await;
    bed.another_user("eve").await;
    let own = log_in(&bed, from(HOME, PASSWORD)).await;
    let code = code(&bed, &own).await;
    block_strangers(&bed).await;
    assert!(guess(&bed, from(AWAY, PASSWORD)).await.is_err());
    let wrong = || with_code(&code, from(AWAY, "x"));
    assert_eq!(
        guess(&bed, wrong()).await,
        Ok("wrong"),
        "a code is no password"
    );
    let of_another = LogInAttempt {
        login: "eve".to_owned(),
        ..wrong()
    };
    assert_eq!(guess(&bed, of_another).await, Ok("wrong"), "like no code");
    for _ in 0..4 {
        assert_eq!(guess(&bed, wrong()).await, Ok("wrong"));
    }
    assert!(
        guess(&bed, with_code(&code, from(AWAY, PASSWORD)))
            .await
            .is_err(),
        "five guesses"
    );
    bed.clock.advance(Duration::from_secs(30));
    block_strangers(&bed).await;
    let right = || passing(with_code(&code, from(AWAY, PASSWORD)));
    assert_eq!(guess(&bed, right()).await, Ok("in"));
    assert!(guess(&bed, right()).await.is_err(), "it was good once");
}

#[sqlx::test(migrations = false)]
async fn of_two_log_ins_at_once_with_one_code_one_gets_in(_: Pool, options: Options) {
    let bed = Arc::new(bed(options).await);
    let own = log_in(&bed, from(HOME, PASSWORD)).await;
    let code = code(&bed, &own).await;
    block_strangers(&bed).await;
    let log_ins = [AWAY, "192.0.2.1", "192.0.2.2"].map(|address| {
        let attempt = passing(with_code(&code, from(address, PASSWORD)));
        let bed = Arc::clone(&bed);
        tokio::spawn(async move { guess(&bed, attempt).await })
    });
    let mut inside = 0;
    for log_in in log_ins {
        inside += usize::from(log_in.await.unwrap().is_ok());
    }
    assert_eq!(inside, 1);
}

#[sqlx::test(migrations = false)]
async fn a_user_has_three_codes_for_ten_minutes(_: Pool, options: Options) {
    let bed = bed(options).await;
    let own = log_in(&bed, from(HOME, PASSWORD)).await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        bed.clock.advance(Duration::from_secs(1));
        codes.push(code(&bed, &own).await);
    }
    bed.clock.advance(Duration::from_secs(1));
    codes.push(
        bed.core
            .log_in_codes
            .make_for(&bed.database, &bed.ada)
            .await
            .unwrap(),
    );
    block_strangers(&bed).await;
    let mut answers = Vec::new();
    for code in &codes[..3] {
        answers.push(
            guess(&bed, passing(with_code(code, from(AWAY, PASSWORD))))
                .await
                .is_ok(),
        );
    }
    assert_eq!(answers, [false, true, true]);
    bed.clock.advance(10 * MINUTE);
    block_strangers(&bed).await;
    let late = passing(with_code(&codes[3], from(AWAY, PASSWORD)));
    assert!(guess(&bed, late).await.is_err());
    bed.clock.advance(MINUTE);
    let swept = bed.core.attempts.sweep(&bed.database, DAY).await.unwrap();
    assert_eq!(swept.codes, 1);
}

#[sqlx::test(migrations = false)]
async fn guesses_at_codes_are_bounded_by_network_and_tell_nothing(_: Pool, options: Options) {
    let bed = bed(options).await;
    let own = log_in(&bed, from(HOME, PASSWORD)).await;
    let right = code(&bed, &own).await;
    for bot in 0..7 {
        bed.clock.advance(MINUTE);
        guess(&bed, from(&format!("10.0.0.{bot}"), "x")).await.ok();
    }
    // During the delay of two minutes, no code, a wrong code and nonsense get the same answer.
    let wait = guess(&bed, from("192.0.2.1", PASSWORD)).await;
    for number in 0..20 {
        let attempt = LogInAttempt {
            code: TypedCode::of(Some(&format!("0000-00{number:02}"))),
            ..from("192.0.2.1", PASSWORD)
        };
        assert_eq!(guess(&bed, attempt).await, wait);
        let nonsense = LogInAttempt {
            code: TypedCode::of(Some("nonsense!")),
            ..from("192.0.2.2", PASSWORD)
        };
        assert_eq!(guess(&bed, nonsense).await, wait);
    }
    for blocked in ["192.0.2.1", "192.0.2.2"] {
        let attempt = with_code(&right, from(blocked, PASSWORD));
        assert_eq!(
            guess(&bed, attempt).await,
            wait,
            "no code is good from there"
        );
    }
    let elsewhere = passing(with_code(&right, from(AWAY, PASSWORD)));
    assert_eq!(guess(&bed, elsewhere).await, Ok("in"));
}
