//! A flood of attempts that are throttled anyway must not bury what is recorded, nor modules.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use latchkey_core::{
    attempt::{AttemptFilter, Outcome},
    client::Client,
    module::{Event, LogInFailure, Module},
    session::LogInError,
    settings::Settings,
    testing::{self, TestBed},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const ADA: &str = "ada@example.com";

/// Counts the throttled attempts that it is told of.
#[derive(Default)]
struct Witness(Mutex<usize>);

#[async_trait]
impl Module for Witness {
    fn name(&self) -> &'static str {
        "witness"
    }

    async fn on_event(&self, event: &Event) {
        if let Event::LogInFailed {
            failure: LogInFailure::Throttled,
            ..
        } = event
        {
            *self.0.lock().unwrap() += 1;
        }
    }
}

async fn guess(bed: &TestBed, login: &str, address: Option<&str>) -> LogInError {
    let mut attempt = testing::attempt(login, "x");
    attempt.client = Client {
        address: address.map(|address| address.parse().unwrap()),
        ..attempt.client
    };
    let guessed = bed.core.log_in(&bed.database, attempt).await;
    guessed.err().unwrap()
}

/// So many at once; all of them are turned away.
async fn flood(bed: &Arc<TestBed>, login: &'static str, address: Option<&'static str>) {
    let guesses = (0..20).map(|_| {
        let bed = Arc::clone(bed);
        tokio::spawn(async move { guess(&bed, login, address).await })
    });
    for guess in guesses.collect::<Vec<_>>() {
        assert!(matches!(guess.await.unwrap(), LogInError::Throttled { .. }));
    }
}

/// How many throttled attempts are recorded, and how many modules were told of.
async fn throttled(bed: &TestBed, witness: &Witness) -> (usize, usize) {
    let filter = AttemptFilter {
        login: None,
        limit: 1_000,
    };
    let recorded = bed.core.list_attempts(&bed.database, &filter).await;
    let recorded = recorded.unwrap();
    let throttled = recorded
        .iter()
        .filter(|attempt| attempt.outcome == Outcome::Throttled);
    bed.core.settle().await;
    (throttled.count(), *witness.0.lock().unwrap())
}

#[sqlx::test(migrations = false)]
async fn a_flood_of_throttled_attempts_is_one_a_minute(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let witness = Arc::new(Witness::default());
    let modules: Vec<Arc<dyn Module>> = vec![witness.clone()];
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

    flood(&bed, ADA, Some("2001:db8::1")).await;
    flood(&bed, ADA, Some("2001:db8::2")).await;
    assert_eq!(throttled(&bed, &witness).await, (2, 2), "another network");
    flood(&bed, ADA, None).await;
    assert_eq!(
        throttled(&bed, &witness).await,
        (3, 3),
        "none that is known"
    );
    flood(&bed, "nobody", Some("192.0.2.1")).await;
    assert_eq!(throttled(&bed, &witness).await, (4, 4), "another login");
}

#[sqlx::test(migrations = false)]
async fn the_next_minute_of_a_flood_is_recorded_again(_: PgPoolOptions, options: PgConnectOptions) {
    let witness = Arc::new(Witness::default());
    let modules: Vec<Arc<dyn Module>> = vec![witness.clone()];
    let bed = Arc::new(TestBed::with(options, Settings::default(), modules).await);
    // The seventh failure brings a delay of two minutes.
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
