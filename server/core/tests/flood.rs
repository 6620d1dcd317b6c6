//! A flood of throttled attempts must bury neither the recorded attempts nor the modules.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use latchkey_core::{
    attempt::{AttemptFilter, Outcome},
    client::Client,
    log_in::LogInError,
    module::{AnyEvent, HostedModule, LogInFailed, LogInFailure, ModuleError, Observe, Told},
    settings::Settings,
    testing::{self, TestBed},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

const ADA: &str = "ada@example.com";

/// A module that counts failed and throttled attempts.
#[derive(Default)]
struct Witness {
    failed: Mutex<usize>,
    throttled: Mutex<usize>,
}

#[async_trait]
impl Observe for Witness {
    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        if let AnyEvent::LogInFailed(LogInFailed { failure, .. }) = &told.event {
            let count = match failure {
                LogInFailure::Throttled => &self.throttled,
                _ => &self.failed,
            };
            *count.lock().unwrap() += 1;
        }
        Ok(())
    }
}

async fn guess(bed: &TestBed, login: &str, address: Option<&str>) -> LogInError {
    let mut attempt = testing::attempt(login, "x");
    attempt.client = Client {
        address: address.map(|address| address.parse().unwrap()),
        ..attempt.client
    };
    let guessed = bed.core.log_in.attempt(&bed.database, attempt).await;
    guessed.err().unwrap()
}

/// Twenty attempts at the same time, all of which are refused.
async fn flood(bed: &Arc<TestBed>, login: &'static str, address: Option<&'static str>) {
    let guesses = (0..20).map(|_| {
        let bed = Arc::clone(bed);
        tokio::spawn(async move { guess(&bed, login, address).await })
    });
    for guess in guesses.collect::<Vec<_>>() {
        assert!(matches!(guess.await.unwrap(), LogInError::Throttled { .. }));
    }
}

/// The number of throttled attempts that are recorded, and the number that modules were told of.
async fn throttled(bed: &TestBed, witness: &Witness) -> (usize, usize) {
    let filter = AttemptFilter {
        login: None,
        limit: 1_000,
    };
    let recorded = bed.core.attempts.list(&bed.database, &filter).await;
    let recorded = recorded.unwrap();
    let throttled = recorded
        .iter()
        .filter(|attempt| attempt.outcome == Outcome::Throttled);
    bed.core.settle().await;
    (throttled.count(), *witness.throttled.lock().unwrap())
}

#[sqlx::test(migrations = false)]
async fn a_flood_of_throttled_attempts_is_one_a_minute(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let witness = Arc::new(Witness::default());
    let modules = vec![HostedModule::new("witness").observing(Arc::clone(&witness))];
    let bed = Arc::new(TestBed::with(options, Settings::default(), modules).await);
    for login in [ADA, "nobody"] {
        for _ in 0..5 {
            guess(&bed, login, Some("192.0.2.1")).await;
        }
    }
    flood(&bed, ADA, Some("192.0.2.1")).await;
    assert_eq!(throttled(&bed, &witness).await, (1, 1));
    bed.clock.advance(Duration::from_secs(1));
    flood(&bed, "ADA@example.com", Some("192.0.2.1")).await;
    assert_eq!(throttled(&bed, &witness).await, (1, 1), "the same login");

    for address in [Some("2001:db8::1"), Some("198.51.100.1"), None] {
        flood(&bed, ADA, address).await;
        assert_eq!(throttled(&bed, &witness).await, (1, 1), "{address:?}");
    }
    flood(&bed, "nobody", Some("192.0.2.1")).await;
    assert_eq!(throttled(&bed, &witness).await, (2, 2), "another login");
}

#[sqlx::test(migrations = false)]
async fn the_next_minute_of_a_flood_is_recorded_again(_: PgPoolOptions, options: PgConnectOptions) {
    let witness = Arc::new(Witness::default());
    let modules = vec![HostedModule::new("witness").observing(Arc::clone(&witness))];
    let bed = Arc::new(TestBed::with(options, Settings::default(), modules).await);
    // The seventh failure causes a delay of two minutes.
    for _ in 0..7 {
        bed.clock.advance(Duration::from_mins(1));
        guess(&bed, ADA, Some("192.0.2.1")).await;
    }
    assert_eq!(throttled(&bed, &witness).await, (0, 0));
    for minutes in 1..=2 {
        flood(&bed, ADA, Some("192.0.2.1")).await;
        assert_eq!(throttled(&bed, &witness).await, (minutes, minutes));
        bed.clock.advance(Duration::from_mins(1));
    }
}

/// The number of rows in each table that an attempt may write to, and the number of failures that modules were told of.
async fn written(bed: &TestBed, options: Options, witness: &Witness) -> [usize; 3] {
    bed.core.settle().await;
    let pool = testing::look(options).await;
    let count = async |table: &str| {
        let count = format!("select count(*) from {table}");
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count))
            .fetch_one(&pool)
            .await
            .unwrap();
        usize::try_from(count).unwrap()
    };
    [
        count("log_in_attempts").await,
        count("throttles").await,
        *witness.failed.lock().unwrap() + *witness.throttled.lock().unwrap(),
    ]
}

/// Guesses at two thousand logins in one minute. The passwords of `free` guesses are checked.
async fn many_logins(options: Options, free: usize, address: impl Fn(usize) -> String) {
    let witness = Arc::new(Witness::default());
    let modules = vec![HostedModule::new("witness").observing(Arc::clone(&witness))];
    let bed = TestBed::with(options.clone(), cheap(), modules).await;
    let mut guessed = 0;
    for attempt in 0..2_000 {
        match guess(&bed, &format!("user{attempt}"), Some(&address(attempt))).await {
            LogInError::WrongCredentials { .. } => guessed += 1,
            LogInError::Throttled { .. } => {}
            other => panic!("{other}"),
        }
    }
    assert_eq!(guessed, free);
    let [attempts, throttles, told] = written(&bed, options, &witness).await;
    assert_eq!((attempts, told), (free + 1, free + 1));
    // A guess writes at most one row for its login, two for the narrowest network and two for the wider networks.
    assert!(throttles <= 5 * free, "{throttles}");
}

#[sqlx::test(migrations = false)]
async fn thousands_of_logins_from_one_network_leave_a_row_a_minute(_: Pool, options: Options) {
    many_logins(options, 10, |_| "192.0.2.1".to_owned()).await;
}

#[sqlx::test(migrations = false)]
async fn thousands_of_logins_from_as_many_64_of_one_customer_leave_a_row_a_minute(
    _: Pool,
    options: Options,
) {
    // The guesses come from all /56 of the /48, so that only the /48's counter counts them all.
    many_logins(options, 320, |attempt| {
        format!("2001:db8:0:{:x}::1", attempt.wrapping_mul(257) % 0x1_0000)
    })
    .await;
}

#[sqlx::test(migrations = false)]
async fn a_botnet_on_one_login_leaves_a_row_a_minute(_: Pool, options: Options) {
    let witness = Arc::new(Witness::default());
    let modules = vec![HostedModule::new("witness").observing(Arc::clone(&witness))];
    let bed = TestBed::with(options.clone(), cheap(), modules).await;
    for bot in 0..1_000 {
        let address = format!("10.0.{}.{}", bot / 250, bot % 250);
        guess(&bed, ADA, Some(&address)).await;
    }
    let [attempts, _, told] = written(&bed, options, &witness).await;
    assert_eq!((attempts, told), (6, 6));
}

/// Settings under which a wrong guess takes no time.
fn cheap() -> Settings {
    let mut settings = Settings::default();
    (settings.passwords.memory_kib, settings.passwords.iterations) = (8, 1);
    settings
}
