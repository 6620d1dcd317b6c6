//! Modules decide in the transaction, and observe after the commit.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use latchkey_core::{
    StoreError,
    log_in::{LogInAttempt, LogInError},
    module::{Decision, Denial, Event, LogInFailure, Module, SessionOpening},
    session::{EndCause, Resumed},
    settings::{AtMostOfUser, Settings},
    testing::{self, PASSWORD, TestBed},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::sync::mpsc;

/// A module that limits a user's sessions. The session that was unused for longest ends, or the log-in is refused.
struct Limit {
    sessions: usize,
    refuse: bool,
}

#[async_trait]
impl Module for Limit {
    fn name(&self) -> &'static str {
        "limit"
    }

    async fn before_session_open(
        &self,
        opening: &SessionOpening<'_>,
    ) -> Result<Decision, StoreError> {
        let live = opening.live_sessions().len();
        Ok(match (live + 1).saturating_sub(self.sessions) {
            0 => Decision::Allow,
            _ if self.refuse => Decision::Deny(Denial {
                module: self.name(),
                code: "too_many",
                message: "You are logged in often enough.".to_owned(),
            }),
            excess => Decision::EndOldest(excess),
        })
    }
}

/// A module that passes on the events that it observes.
struct Witness(Mutex<mpsc::UnboundedSender<Event>>);

#[async_trait]
impl Module for Witness {
    fn name(&self) -> &'static str {
        "witness"
    }

    async fn on_event(&self, event: &Event) {
        self.0.lock().unwrap().send(event.clone()).unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn a_log_in_beyond_the_limit_is_refused_where_the_settings_say_so(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut settings = Settings::default();
    settings.sessions.most_of_user = 2;
    settings.sessions.at_most_of_user = AtMostOfUser::RefuseLogIn;
    let modules: Vec<Arc<dyn Module>> = vec![Arc::new(Witness(Mutex::new(tell)))];
    let bed = TestBed::with(options, settings, modules).await;
    let first = bed.log_in().await;
    let second = bed.log_in().await;
    let refused = bed.try_log_in("ada@example.com", PASSWORD).await;
    let Err(LogInError::TooManySessions { most: 2 }) = refused else {
        panic!("the third log-in is not refused");
    };
    // A wrong password is told nothing of the limit.
    let wrong = bed.try_log_in("ada@example.com", "wrong").await;
    assert!(matches!(wrong, Err(LogInError::WrongCredentials { .. })));
    for kept in [&first, &second] {
        bed.caller(kept).await;
    }
    // A browser takes the place of its own session.
    let again = LogInAttempt {
        replaces: Some(second.id),
        ..testing::attempt("ada@example.com", PASSWORD)
    };
    let third = bed.core.log_in.attempt(&bed.database, again).await.unwrap();
    // There is room after a log-out.
    bed.core
        .sessions
        .log_out(&*bed.caller(&third).await)
        .await
        .unwrap();
    bed.log_in().await;
    bed.core.settle().await;
    let mut failures = Vec::new();
    while let Ok(event) = told.try_recv() {
        if let Event::LogInFailed { failure, .. } = event {
            failures.push(failure);
        }
    }
    assert_eq!(
        failures,
        [LogInFailure::TooManySessions, LogInFailure::WrongPassword]
    );
}

#[sqlx::test(migrations = false)]
async fn of_log_ins_at_once_so_many_get_in_as_there_is_room(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut settings = Settings::default();
    settings.sessions.most_of_user = 3;
    settings.sessions.at_most_of_user = AtMostOfUser::RefuseLogIn;
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let attempts = (0..8).map(|_| bed.try_log_in("ada@example.com", PASSWORD));
    let outcomes = futures::future::join_all(attempts).await;
    let opened = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let refused =
        |outcome: &&Result<_, _>| matches!(outcome, Err(LogInError::TooManySessions { most: 3 }));
    assert_eq!((opened, outcomes.iter().filter(refused).count()), (3, 5));
}

/// A module whose observer panics.
struct Clumsy;

#[async_trait]
impl Module for Clumsy {
    fn name(&self) -> &'static str {
        "clumsy"
    }

    async fn on_event(&self, _: &Event) {
        panic!("an observer may fail nothing");
    }
}

#[sqlx::test(migrations = false)]
async fn a_user_has_so_many_sessions_and_the_longest_unused_ends(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut settings = Settings::default();
    settings.sessions.most_of_user = 3;
    let modules: Vec<Arc<dyn Module>> = vec![Arc::new(Witness(Mutex::new(tell)))];
    let bed = TestBed::with(options, settings, modules).await;
    bed.another_user("eve").await;
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let mut opened = Vec::new();
    for _ in 0..3 {
        bed.clock.advance(std::time::Duration::from_mins(2));
        opened.push(bed.log_in().await);
    }
    bed.clock.advance(std::time::Duration::from_mins(2));
    bed.caller(&opened[0]).await;
    let fourth = bed.log_in().await;
    let Resumed::Ended(ended) = bed.resume(&opened[1].token).await else {
        panic!("the longest unused is alive");
    };
    assert_eq!(ended.cause, EndCause::Limit);
    for kept in [&opened[0], &opened[2], &fourth, &eve] {
        bed.caller(kept).await;
    }
    bed.core.settle().await;
    let mut ends = Vec::new();
    while let Ok(event) = told.try_recv() {
        if let Event::SessionEnded { session, cause, .. } = event {
            ends.push((session, cause));
        }
    }
    assert_eq!(ends, [(opened[1].id, EndCause::Limit)]);

    let opened = log_in_fifty_times_at_once(&bed).await;
    assert!(opened.iter().all(Result::is_ok));
    let caller = bed.caller(&bed.log_in().await).await;
    assert_eq!(bed.core.sessions.count(&caller).await.unwrap(), 3);
}

async fn log_in_fifty_times_at_once(
    bed: &TestBed,
) -> Vec<Result<latchkey_core::log_in::OpenedSession, LogInError>> {
    let attempts: Vec<_> = (0..50)
        .map(|_| {
            let (core, database) = (bed.core.clone(), bed.database.clone());
            tokio::spawn(async move {
                core.log_in
                    .attempt(&database, testing::attempt("ada@example.com", PASSWORD))
                    .await
            })
        })
        .collect();
    let mut results = Vec::new();
    for attempt in attempts {
        results.push(attempt.await.unwrap());
    }
    results
}

#[sqlx::test(migrations = false)]
async fn fifty_parallel_log_ins_at_a_limit_of_three_leave_exactly_three(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let limit = Arc::new(Limit {
        sessions: 3,
        refuse: false,
    });
    let bed = TestBed::with(options, Settings::default(), vec![limit]).await;
    let mut live = 0;
    for opened in log_in_fifty_times_at_once(&bed).await {
        match bed.resume(&opened.unwrap().token).await {
            Resumed::Live(_) => live += 1,
            Resumed::Ended(ended) => assert_eq!(ended.cause, EndCause::Limit),
            Resumed::Pending(_) | Resumed::Unknown => panic!("a session got lost"),
        }
    }
    assert_eq!(live, 3);
}

#[sqlx::test(migrations = false)]
async fn fifty_parallel_log_ins_where_the_fourth_is_refused_open_exactly_three(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let limit = Arc::new(Limit {
        sessions: 3,
        refuse: true,
    });
    let bed = TestBed::with(options, Settings::default(), vec![limit]).await;
    let (opened, refused): (Vec<_>, Vec<_>) = log_in_fifty_times_at_once(&bed)
        .await
        .into_iter()
        .partition(Result::is_ok);
    assert_eq!(opened.len(), 3);
    for refusal in refused {
        let Some(LogInError::Denied(denial)) = refusal.err() else {
            panic!("another refusal");
        };
        assert_eq!((denial.module, denial.code), ("limit", "too_many"));
    }
}

#[sqlx::test(migrations = false)]
async fn observers_see_what_is_committed_and_fail_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (sender, mut events) = mpsc::unbounded_channel();
    let modules: Vec<Arc<dyn Module>> =
        vec![Arc::new(Clumsy), Arc::new(Witness(Mutex::new(sender)))];
    let bed = TestBed::with(options, Settings::default(), modules).await;

    let opened = bed.log_in().await;
    let Some(Event::LogInSucceeded { session, user, .. }) = events.recv().await else {
        panic!("no event")
    };
    assert_eq!((session, user), (opened.id, bed.ada.clone()));
    // The row of an event that modules are told of can already be read.
    let caller = bed.caller(&opened).await;

    bed.try_log_in("ada@example.com", "wrong")
        .await
        .err()
        .unwrap();
    let Some(Event::LogInFailed { login, failure, .. }) = events.recv().await else {
        panic!("no event")
    };
    assert_eq!(
        (login.as_str(), failure),
        ("ada@example.com", LogInFailure::WrongPassword)
    );

    bed.core.sessions.log_out(&caller).await.unwrap();
    bed.core.settle().await;
    let Some(Event::SessionEnded { session, cause, .. }) = events.try_recv().ok() else {
        panic!("no event")
    };
    assert_eq!((session, cause), (opened.id, EndCause::LoggedOut));
}
