//! Modules decide in the transaction, and observe after the commit.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use latchkey_core::{
    log_in::{LogInAttempt, LogInError},
    module::{
        AnyEvent, Candidate, DecideLogIn, Decision, HostedModule, LogInFailed, LogInFailure,
        LogInSucceeded, ModuleError, Observe, Opening, SessionEnded, Told,
    },
    session::{Computer, EndCause, Resumed},
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
impl DecideLogIn for Limit {
    type Evidence = ();

    async fn gather(&self, _: &Candidate) -> Result<(), ModuleError> {
        Ok(())
    }

    async fn decide(&self, opening: &Opening, (): ()) -> Result<Decision, ModuleError> {
        let live = opening.live_sessions.len();
        Ok(match (live + 1).saturating_sub(self.sessions) {
            0 => Decision::Allow,
            _ if self.refuse => Decision::Deny {
                code: "too_many",
                message: "You are logged in often enough.".to_owned(),
            },
            excess => Decision::EndLongestUnused(excess),
        })
    }
}

/// A module that passes on the events that it observes.
struct Witness(mpsc::UnboundedSender<AnyEvent>);

#[async_trait]
impl Observe for Witness {
    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        Ok(self.0.send(told.event.clone())?)
    }
}

fn witness() -> (HostedModule, mpsc::UnboundedReceiver<AnyEvent>) {
    let (tell, told) = mpsc::unbounded_channel();
    (HostedModule::new("witness").observing(Witness(tell)), told)
}

#[sqlx::test(migrations = false)]
async fn a_log_in_beyond_the_limit_is_refused_where_the_settings_say_so(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (witness, mut told) = witness();
    let mut settings = Settings::default();
    settings.sessions.most_of_user = 2;
    settings.sessions.at_most_of_user = AtMostOfUser::RefuseLogIn;
    let bed = TestBed::with(options, settings, vec![witness]).await;
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
        if let AnyEvent::LogInFailed(LogInFailed { failure, .. }) = event {
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

#[sqlx::test(migrations = false)]
async fn a_user_has_so_many_sessions_and_the_longest_unused_ends(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (witness, mut told) = witness();
    let mut settings = Settings::default();
    settings.sessions.most_of_user = 3;
    let bed = TestBed::with(options, settings, vec![witness]).await;
    bed.another_user("eve").await;
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let mut opened = Vec::new();
    for _ in 0..3 {
        bed.clock.advance(Duration::from_mins(2));
        opened.push(bed.log_in().await);
    }
    bed.clock.advance(Duration::from_mins(2));
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
        if let AnyEvent::SessionEnded(SessionEnded { session, cause, .. }) = event {
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
    let limit = HostedModule::new("limit").deciding(Limit {
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
    let limit = HostedModule::new("limit").deciding(Limit {
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

/// A module that keeps what it is asked.
#[derive(Clone, Default)]
struct Curious(Arc<Mutex<Vec<Opening>>>);

#[async_trait]
impl DecideLogIn for Curious {
    type Evidence = ();

    async fn gather(&self, _: &Candidate) -> Result<(), ModuleError> {
        Ok(())
    }

    async fn decide(&self, opening: &Opening, (): ()) -> Result<Decision, ModuleError> {
        self.0.lock().unwrap().push(opening.clone());
        Ok(Decision::Allow)
    }
}

#[sqlx::test(migrations = false)]
async fn a_decider_knows_the_device_the_groups_and_the_companies(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let curious = Curious::default();
    let modules = vec![HostedModule::new("curious").deciding(curious.clone())];
    let bed = TestBed::with(options, Settings::default(), modules).await;
    let first = bed.log_in().await;
    let again = LogInAttempt {
        devices: vec![first.device.as_ref().unwrap().token.hash()],
        ..testing::attempt("ada@example.com", PASSWORD)
    };
    bed.core.log_in.attempt(&bed.database, again).await.unwrap();
    let shared = LogInAttempt {
        computer: Computer::Shared,
        ..testing::attempt("ada@example.com", PASSWORD)
    };
    bed.core
        .log_in
        .attempt(&bed.database, shared)
        .await
        .unwrap();
    let asked = curious.0.lock().unwrap();
    let facts: Vec<_> = asked
        .iter()
        .map(|opening| {
            let candidate = &opening.candidate;
            (
                candidate.is_known_device,
                candidate.is_shared_computer,
                opening.live_sessions.len(),
            )
        })
        .collect();
    assert_eq!(
        facts,
        [(false, false, 0), (true, false, 1), (false, true, 2)]
    );
    let opening = &asked[0];
    assert_eq!(opening.candidate.user, bed.ada);
    assert_eq!(opening.groups, ["user"]);
    assert_eq!(opening.companies.len(), 1);
}

/// A module that takes its time, and counts the log-ins that it decides about at the same time.
#[derive(Clone, Default)]
struct Crowd(Arc<Mutex<(usize, usize)>>);

#[async_trait]
impl DecideLogIn for Crowd {
    type Evidence = ();

    async fn gather(&self, _: &Candidate) -> Result<(), ModuleError> {
        Ok(())
    }

    async fn decide(&self, _: &Opening, (): ()) -> Result<Decision, ModuleError> {
        let count = |change: fn(&mut (usize, usize))| change(&mut self.0.lock().unwrap());
        count(|(now, most)| {
            *now += 1;
            *most = (*most).max(*now);
        });
        tokio::time::sleep(Duration::from_millis(150)).await;
        count(|(now, _)| *now -= 1);
        Ok(Decision::Allow)
    }
}

#[sqlx::test(migrations = false)]
async fn modules_decide_about_three_log_ins_of_a_database_at_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let crowd = Crowd::default();
    let modules = vec![HostedModule::new("crowd").deciding(crowd.clone())];
    let bed = TestBed::with(options, Settings::default(), modules).await;
    let logins: Vec<_> = (0..10).map(|number| format!("user{number}")).collect();
    for login in &logins {
        bed.another_user(login).await;
    }
    let attempts = logins.iter().map(|login| bed.try_log_in(login, PASSWORD));
    let opened = futures::future::join_all(attempts).await;
    assert!(opened.iter().all(Result::is_ok));
    let (now, most) = *crowd.0.lock().unwrap();
    assert_eq!(now, 0);
    assert!((1..=3).contains(&most), "{most}");
}

#[sqlx::test(migrations = false)]
async fn what_a_module_ends_comes_back_if_a_later_module_refuses(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let limit =
        |name, sessions, refuse| HostedModule::new(name).deciding(Limit { sessions, refuse });
    let modules = vec![limit("ends", 1, false), limit("counts", 0, true)];
    let plain = TestBed::new(options.clone()).await;
    let opened = plain.log_in().await;
    let core = testing::core(
        options,
        Settings::default(),
        modules,
        Arc::clone(&plain.clock),
    );
    let database = core
        .databases
        .open_any(plain.database.name())
        .await
        .unwrap();
    let attempt = testing::attempt("ada@example.com", PASSWORD);
    let refused = core.log_in.attempt(&database, attempt).await.err().unwrap();
    // The second module sees no session, because the first ends it.
    let LogInError::Denied(denial) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(denial.module, "counts");
    plain.caller(&opened).await;
}

/// How a module misbehaves.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Error,
    Panic,
    Slow,
    Block,
}

impl Fault {
    const ALL: [Self; 4] = [Self::Error, Self::Panic, Self::Slow, Self::Block];

    async fn happen(self) -> Result<(), ModuleError> {
        match self {
            Self::Error => return Err("the directory is away".into()),
            Self::Panic => panic!("a module may panic"),
            Self::Slow => tokio::time::sleep(Duration::from_mins(10)).await,
            // The thread ends with the process of the test.
            Self::Block => std::thread::sleep(Duration::from_mins(10)),
        }
        Ok(())
    }
}

/// A module that misbehaves in one half of its decision, or where it observes.
struct Faulty {
    fault: Fault,
    gathers: bool,
}

#[async_trait]
impl DecideLogIn for Faulty {
    type Evidence = String;

    async fn gather(&self, candidate: &Candidate) -> Result<String, ModuleError> {
        if self.gathers {
            self.fault.happen().await?;
        }
        Ok(candidate.user.login.clone())
    }

    async fn decide(&self, _: &Opening, evidence: String) -> Result<Decision, ModuleError> {
        assert_eq!(evidence, "ada@example.com");
        self.fault.happen().await?;
        Ok(Decision::Allow)
    }
}

#[async_trait]
impl Observe for Faulty {
    async fn observe(&self, _: &Told) -> Result<(), ModuleError> {
        self.fault.happen().await
    }
}

#[sqlx::test(migrations = false)]
async fn a_module_that_cannot_decide_refuses_the_log_in_and_is_recorded(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let mut refused_attempts = 0;
    for (fault, gathers) in Fault::ALL
        .into_iter()
        .flat_map(|fault| [(fault, true), (fault, false)])
    {
        let (witness, mut told) = witness();
        let faulty = HostedModule::new("faulty").deciding(Faulty { fault, gathers });
        let core = testing::core(
            options.clone(),
            Settings::default(),
            vec![faulty, witness],
            Arc::clone(&bed.clock),
        );
        let database = core.databases.open_any(bed.database.name()).await.unwrap();
        let attempt = testing::attempt("ada@example.com", PASSWORD);
        let refused = core.log_in.attempt(&database, attempt).await.err().unwrap();
        assert!(
            matches!(refused, LogInError::Undecided),
            "{fault:?} {refused:?}"
        );
        // A wrong password gets the answer that it gets without the module.
        let attempt = testing::attempt("ada@example.com", "wrong");
        let wrong = core.log_in.attempt(&database, attempt).await.err().unwrap();
        assert!(
            matches!(wrong, LogInError::WrongCredentials { .. }),
            "{fault:?} {wrong:?}"
        );
        let look = testing::look(options.clone()).await;
        let written: (i64, i64) = sqlx::query_as(
            "select (select count(*) from sessions), (select count(*) from log_in_attempts where outcome = 'denied')",
        )
        .fetch_one(&look)
        .await
        .unwrap();
        refused_attempts += 1;
        assert_eq!(written, (0, refused_attempts), "{fault:?}");
        core.settle().await;
        let mut failures = Vec::new();
        while let Ok(AnyEvent::LogInFailed(LogInFailed { failure, .. })) = told.try_recv() {
            failures.push(failure);
        }
        let failed = LogInFailure::ModuleFailed { module: "faulty" };
        assert_eq!(failures, [failed, LogInFailure::WrongPassword], "{fault:?}");
        core.databases.close().await;
        // Guesses of before count no longer.
        bed.clock.advance(Duration::from_hours(24));
    }
}

#[sqlx::test(migrations = false)]
async fn a_faulty_observer_stops_no_request_and_no_other_module(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let faulty = Fault::ALL.map(|fault| {
        let gathers = false;
        HostedModule::new("faulty").observing(Faulty { fault, gathers })
    });
    let (witness, mut told) = witness();
    let modules = faulty.into_iter().chain([witness]).collect();
    let bed = TestBed::with(options, Settings::default(), modules).await;
    let mut opened = Vec::new();
    for _ in 0..5 {
        opened.push(bed.log_in().await.id);
    }
    for session in opened {
        let told = told.recv().await.unwrap();
        assert!(
            matches!(told, AnyEvent::LogInSucceeded(LogInSucceeded { session: told, .. }) if told == session),
            "{told:?}"
        );
    }
}

/// A module that blocks its thread at the first event, and counts events.
struct BlockedAtFirst(
    Mutex<Option<std::sync::mpsc::Receiver<()>>>,
    Arc<Mutex<usize>>,
);

#[async_trait]
impl Observe for BlockedAtFirst {
    async fn observe(&self, _: &Told) -> Result<(), ModuleError> {
        *self.1.lock().unwrap() += 1;
        let first = self.0.lock().unwrap().take();
        if let Some(first) = first {
            // The test drops the sender.
            let _ = first.recv();
        }
        Ok(())
    }
}

#[sqlx::test(migrations = false)]
async fn a_sweep_does_not_wait_for_a_module_that_hangs_and_tells_it_everything(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let count = Arc::new(Mutex::new(0));
    let blocked = BlockedAtFirst(Mutex::new(Some(wait)), Arc::clone(&count));
    let modules = vec![HostedModule::new("blocked").observing(blocked)];
    let bed = TestBed::with(options.clone(), Settings::default(), modules).await;
    let first = bed.log_in().await;
    let look = testing::look(options).await;
    sqlx::query(
        "insert into sessions (id, user_id, authenticated_by, created_at, last_active_at, idle_expires_at, user_agent, confirmed_at)
        select gen_random_uuid(), user_id, authenticated_by, created_at, last_active_at, idle_expires_at, user_agent, confirmed_at
        from sessions, generate_series(1, 5000) n where sessions.id = $1",
    )
    .bind(first.id.as_uuid())
    .execute(&look)
    .await
    .unwrap();
    bed.clock.advance(Duration::from_hours(13));
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(swept.marked, 5_001);
    assert_eq!(*count.lock().unwrap(), 1, "the module hangs at the log-in");
    drop(go);
    bed.core.settle().await;
    assert_eq!(*count.lock().unwrap(), 5_002);
}

#[sqlx::test(migrations = false)]
async fn observers_see_what_is_committed(_: PgPoolOptions, options: PgConnectOptions) {
    let (witness, mut events) = witness();
    let bed = TestBed::with(options, Settings::default(), vec![witness]).await;

    let opened = bed.log_in().await;
    let Some(AnyEvent::LogInSucceeded(LogInSucceeded { session, user, .. })) = events.recv().await
    else {
        panic!("no event")
    };
    assert_eq!((session, user), (opened.id, bed.ada.clone()));
    // The row of an event that modules are told of can already be read.
    let caller = bed.caller(&opened).await;

    bed.try_log_in("ada@example.com", "wrong")
        .await
        .err()
        .unwrap();
    let Some(AnyEvent::LogInFailed(LogInFailed { login, failure, .. })) = events.recv().await
    else {
        panic!("no event")
    };
    assert_eq!(
        (login.as_str(), failure),
        ("ada@example.com", LogInFailure::WrongPassword)
    );

    bed.core.sessions.log_out(&caller).await.unwrap();
    bed.core.settle().await;
    let Some(AnyEvent::SessionEnded(SessionEnded { session, cause, .. })) = events.try_recv().ok()
    else {
        panic!("no event")
    };
    assert_eq!((session, cause), (opened.id, EndCause::LoggedOut));
}
