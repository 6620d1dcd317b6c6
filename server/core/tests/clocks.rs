//! Clocks that jump, and nodes whose clocks differ. No session is revived, no person is locked out for long, and
//! nothing panics.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    Core,
    account::OtherSessions,
    clock::Clock as _,
    live::Change,
    log_in::{LogInError, OpenedSession},
    session::{Activity, Caller, Computer, EndCause, Resumed, SessionToken},
    settings::{LiveSettings, Settings},
    testing::{self, PASSWORD, TestBed, TestClock, password},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

/// The default idle timeout.
const IDLE: Duration = Duration::from_hours(12);
const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

/// A second, and the time that a busy machine may need.
const PATIENCE: Duration = Duration::from_secs(20);

fn cause(resumed: Resumed) -> Option<EndCause> {
    match resumed {
        Resumed::Ended(ended) => Some(ended.cause),
        Resumed::Live(_) => None,
        Resumed::Pending(_) | Resumed::Unknown => panic!("there is no such session"),
    }
}

async fn cause_of(bed: &TestBed, opened: &OpenedSession) -> Option<EndCause> {
    cause(bed.resume(&opened.token).await)
}

/// Another node on the same database, with its own clock.
struct Node {
    core: Core,
    clock: Arc<TestClock>,
    bed: TestBed,
}

impl Node {
    /// A node whose clock is ahead of the bed's.
    fn ahead_of(bed: TestBed, options: Options, by: Duration) -> Self {
        let clock = Arc::new(TestClock::at(bed.clock.now() + by));
        let core = testing::core(options, Settings::default(), Vec::new(), Arc::clone(&clock));
        Self { core, clock, bed }
    }

    fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
        self.bed.clock.advance(duration);
    }

    async fn resume(&self, token: &SessionToken) -> Resumed {
        let name = self.bed.database.name();
        let database = self.core.databases.open_any(name).await.unwrap();
        let client = testing::client();
        let resumed = self
            .core
            .sessions
            .resume(&database, token, &client, Activity::Person);
        resumed.await.unwrap()
    }

    async fn caller(&self, token: &SessionToken) -> Caller {
        match self.resume(token).await {
            Resumed::Live(caller) => Arc::unwrap_or_clone(caller),
            Resumed::Ended(ended) => panic!("the session has ended: {ended:?}"),
            Resumed::Pending(_) | Resumed::Unknown => panic!("there is no such session"),
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_session_that_was_refused_as_expired_stays_dead_when_the_clock_is_set_back(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let idle = bed.log_in().await;
    bed.clock.advance(IDLE);
    assert_eq!(cause_of(&bed, &idle).await, Some(EndCause::Idle));
    bed.clock.set_back(HOUR);
    assert_eq!(cause_of(&bed, &idle).await, Some(EndCause::Idle));

    let old = bed.log_in().await;
    let eight_hours = HOUR * 8;
    for _ in 0..20 {
        bed.clock.advance(eight_hours);
        bed.caller(&old).await;
    }
    bed.clock.advance(eight_hours);
    assert_eq!(cause_of(&bed, &old).await, Some(EndCause::TooOld));
    bed.clock.set_back(HOUR);
    assert_eq!(cause_of(&bed, &old).await, Some(EndCause::TooOld));
}

#[sqlx::test(migrations = false)]
async fn what_has_ended_stays_so_whatever_the_clock_says(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (me, revoked, logged_out) = (bed.log_in().await, bed.log_in().await, bed.log_in().await);
    let me = bed.caller(&me).await;
    let confirmed = bed.core.sessions.confirmed(&me).unwrap();
    bed.core
        .sessions
        .revoke(confirmed, revoked.id)
        .await
        .unwrap();
    let leaving = bed.caller(&logged_out).await;
    bed.core.sessions.log_out(&leaving).await.unwrap();
    for jump in [TestClock::set_back, TestClock::advance, TestClock::advance] {
        jump(&bed.clock, HOUR);
        assert_eq!(cause_of(&bed, &revoked).await, Some(EndCause::Revoked));
        assert_eq!(cause_of(&bed, &logged_out).await, Some(EndCause::LoggedOut));
        bed.core.sweeper.sweep(&bed.database).await.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn last_activity_and_expiry_never_go_back_with_the_clock(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let at_log_in = bed.clock.now();
    bed.clock.set_back(HOUR);
    // The first use of a token is written regardless of the touch interval.
    bed.caller(&opened).await;
    let session = bed.caller(&opened).await.session.clone();
    assert_eq!(session.last_active_at, at_log_in);
    assert_eq!(session.expiry, opened.expiry);
    bed.clock.advance(HOUR + MINUTE * 2);
    bed.caller(&opened).await;
    let session = bed.caller(&opened).await.session.clone();
    assert_eq!(session.last_active_at, bed.clock.now());
}

#[sqlx::test(migrations = false)]
async fn a_clock_that_jumps_puts_no_absolute_end_off(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let end = opened.absolute_expires_at.unwrap();
    for jump in [TestClock::advance, TestClock::set_back]
        .iter()
        .cycle()
        .take(10)
    {
        jump(&bed.clock, HOUR);
        let session = bed.caller(&opened).await.session.clone();
        assert_eq!(session.absolute_expires_at, Some(end));
        assert!(session.expiry.at <= end);
    }
    while bed.clock.now() < end - HOUR * 8 {
        bed.clock.advance(HOUR * 8);
        bed.caller(&opened).await;
    }
    bed.clock.advance(HOUR * 8);
    assert_eq!(cause_of(&bed, &opened).await, Some(EndCause::TooOld));
}

#[sqlx::test(migrations = false)]
async fn a_confirmation_is_good_for_no_longer_because_the_clock_was_set_back(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    bed.clock.set_back(MINUTE);
    assert!(
        bed.core.sessions.confirmed(&caller).is_ok(),
        "clocks differ a little"
    );
    bed.clock.set_back(HOUR);
    assert!(
        bed.core.sessions.confirmed(&caller).is_err(),
        "no person confirms tomorrow"
    );

    let typed = password(PASSWORD);
    let again = bed.core.passwords.confirm(&caller, &typed).await;
    let token = again.unwrap().token.unwrap();
    let caller = match bed.resume(&token).await {
        Resumed::Live(caller) => Arc::unwrap_or_clone(caller),
        other => panic!("{:?}", cause(other)),
    };
    assert!(bed.core.sessions.confirmed(&caller).is_ok());
    bed.clock
        .advance(Settings::default().sessions.confirmation_timeout);
    assert!(bed.core.sessions.confirmed(&caller).is_err());
}

#[sqlx::test(migrations = false)]
async fn a_clock_that_jumps_replaces_a_token_at_another_time_and_logs_no_person_out(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.caller(&opened).await;
    bed.clock.set_back(HOUR);
    let caller = bed.caller(&opened).await;
    assert!(
        bed.core
            .sessions
            .rotate_token(&caller)
            .await
            .unwrap()
            .is_none()
    );
    bed.clock.advance(HOUR * 4);
    let caller = bed.caller(&opened).await;
    let new = bed
        .core
        .sessions
        .rotate_token(&caller)
        .await
        .unwrap()
        .unwrap();
    // The clock is corrected while requests with both tokens are under way.
    bed.clock.set_back(HOUR);
    for token in [&opened.token, &new, &opened.token] {
        let resumed = bed.resume(token).await;
        let Resumed::Live(caller) = resumed else {
            panic!("{:?}", cause(resumed));
        };
        assert!(
            bed.core
                .sessions
                .rotate_token(&caller)
                .await
                .unwrap()
                .is_none()
        );
    }
    bed.clock
        .advance(HOUR + Settings::default().sessions.rotation_grace);
    let reused = cause(bed.resume(&opened.token).await);
    assert_eq!(reused, Some(EndCause::TokenReused));
}

#[sqlx::test(migrations = false)]
async fn a_clock_set_back_makes_no_person_wait_longer_than_it_was_wrong(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for _ in 0..5 {
        bed.try_log_in("ada@example.com", "wrong").await.err();
    }
    let first_delay = Settings::default().log_in.account.first_delay;
    bed.clock.set_back(HOUR);
    let refused = bed.try_log_in("ada@example.com", PASSWORD).await;
    let Err(LogInError::Throttled {
        retry_after_seconds,
    }) = refused
    else {
        panic!("not throttled");
    };
    let longest = (HOUR + first_delay).as_secs();
    assert_eq!(u64::from(retry_after_seconds), longest);
    bed.clock.advance(HOUR + first_delay);
    bed.log_in().await;
}

#[sqlx::test(migrations = false)]
async fn a_sweep_by_a_clock_ahead_ends_nothing_that_was_used_since(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (unused, used) = (bed.log_in().await, bed.log_in().await);
    bed.clock.advance(HOUR * 11 + MINUTE * 50);
    bed.caller(&used).await;
    bed.clock.advance(HOUR);
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!((swept.marked, swept.forgotten), (1, 0));
    bed.clock.set_back(HOUR);
    assert_eq!(cause_of(&bed, &unused).await, Some(EndCause::Idle));
    bed.caller(&used).await;
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!((swept.marked, swept.forgotten), (0, 0));
}

#[sqlx::test(migrations = false)]
async fn a_watcher_follows_the_clock(_: Pool, options: Options) {
    let at_once = Duration::from_millis(20);
    let settings = Settings {
        live: LiveSettings {
            look_interval: at_once,
            look_interval_unheard: at_once,
            ..LiveSettings::default()
        },
        ..Settings::default()
    };
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    let mut watcher = bed.core.live.watch(&caller).unwrap();
    let mut next = async || {
        let change = watcher.next();
        tokio::time::timeout(PATIENCE, change).await.unwrap()
    };
    assert_eq!(next().await, Some(Change::Sessions));
    bed.clock.set_back(HOUR);
    bed.log_in().await;
    assert_eq!(next().await, Some(Change::Sessions));
    bed.clock.advance(HOUR + IDLE);
    // The watcher may hear of the other session's end first.
    while next().await != Some(Change::Ended) {}
    assert_eq!(next().await, None);
}

#[sqlx::test(migrations = false)]
async fn ending_sessions_also_ends_those_that_a_clock_ahead_takes_for_expired(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let shared = async || {
        let mut attempt = testing::attempt("ada@example.com", PASSWORD);
        attempt.computer = Computer::Shared;
        bed.core
            .log_in
            .attempt(&bed.database, attempt)
            .await
            .unwrap()
    };
    let is_dead = async |opened: &OpenedSession| cause_of(&bed, opened).await.is_some();

    let forgotten = shared().await;
    bed.clock.advance(HOUR);
    let me = bed.caller(&bed.log_in().await).await;
    let (old, new) = (password(PASSWORD), password("quite another long sentence"));
    let change = bed
        .core
        .passwords
        .change(&me, &old, &new, OtherSessions::End);
    change.await.unwrap();
    bed.clock.set_back(HOUR);
    assert!(is_dead(&forgotten).await, "another password");

    let new = "quite another long sentence";
    let mut attempt = testing::attempt("ada@example.com", new);
    attempt.computer = Computer::Shared;
    let forgotten = bed
        .core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap();
    bed.clock.advance(HOUR);
    bed.core
        .users
        .disable(&bed.database, &bed.ada)
        .await
        .unwrap();
    bed.core
        .users
        .enable(&bed.database, &bed.ada)
        .await
        .unwrap();
    bed.clock.set_back(HOUR);
    assert!(is_dead(&forgotten).await, "disabled and enabled");
}

#[sqlx::test(migrations = false)]
async fn a_session_moves_between_nodes_whose_clocks_differ(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let node = Node::ahead_of(bed, options, MINUTE * 3);
    let bed = &node.bed;
    let (mine, other) = (bed.log_in().await, bed.log_in().await);
    let mut last_active_at = mine.expiry.at - IDLE;
    for _ in 0..10 {
        node.advance(Duration::from_secs(45));
        for session in [
            node.caller(&mine.token).await.session.clone(),
            bed.caller(&mine).await.session.clone(),
        ] {
            assert!(session.last_active_at >= last_active_at);
            last_active_at = session.last_active_at;
        }
    }
    assert!(last_active_at > bed.clock.now(), "by the clock ahead");

    // The node whose clock is behind revokes, and the other node knows of it. Then the other way round.
    let me = bed.caller(&mine).await;
    let typed = password(PASSWORD);
    let confirmation = bed.core.passwords.confirm(&me, &typed).await;
    let token = confirmation.unwrap().token.unwrap();
    let me = node.caller(&token).await;
    let confirmed = bed.core.sessions.confirmed(&me).unwrap();
    bed.core.sessions.revoke(confirmed, other.id).await.unwrap();
    assert_eq!(
        cause(node.resume(&other.token).await),
        Some(EndCause::Revoked)
    );
    let third = bed.log_in().await;
    let confirmed = node.core.sessions.confirmed(&me).unwrap();
    node.core
        .sessions
        .revoke(confirmed, third.id)
        .await
        .unwrap();
    assert_eq!(cause_of(bed, &third).await, Some(EndCause::Revoked));
}

#[sqlx::test(migrations = false)]
async fn what_the_node_ahead_has_refused_the_node_behind_does_not_let_in(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options.clone()).await;
    let node = Node::ahead_of(bed, options, MINUTE * 3);
    let opened = node.bed.log_in().await;
    node.advance(HOUR * 11 + MINUTE * 57);
    let refused = cause(node.resume(&opened.token).await);
    assert_eq!(refused, Some(EndCause::Idle));
    assert_eq!(cause_of(&node.bed, &opened).await, Some(EndCause::Idle));
}

#[sqlx::test(migrations = false)]
async fn clocks_that_differ_by_less_than_the_grace_make_no_thief_of_the_owner(
    _: Pool,
    options: Options,
) {
    let settings = Settings::default().sessions;
    let bed = TestBed::new(options.clone()).await;
    let difference = Duration::from_secs(119);
    assert!(difference < settings.rotation_grace);
    let node = Node::ahead_of(bed, options, difference);
    let opened = node.bed.log_in().await;
    node.advance(settings.rotation_interval.unwrap());
    let caller = node.bed.caller(&opened).await;
    let new = node
        .bed
        .core
        .sessions
        .rotate_token(&caller)
        .await
        .unwrap()
        .unwrap();
    // Both tokens reach both nodes, as requests under way bring them.
    for token in [&new, &opened.token] {
        node.caller(token).await;
        assert_eq!(cause(node.bed.resume(token).await), None);
    }
    // The node whose clock is ahead rotates the token.
    node.advance(settings.rotation_interval.unwrap());
    let caller = node.caller(&new).await;
    let newest = node
        .core
        .sessions
        .rotate_token(&caller)
        .await
        .unwrap()
        .unwrap();
    for token in [&newest, &new] {
        node.caller(token).await;
        assert_eq!(cause(node.bed.resume(token).await), None);
    }
}
