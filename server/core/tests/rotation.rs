//! Tokens are replaced. A replaced token is good for a while, and later it shows a theft.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    Core,
    account::OtherSessions,
    client::Client,
    session::{Activity, Caller, EndCause, Resumed, SessionToken},
    settings::{SessionSettings, Settings},
    testing::{self, PASSWORD, TestBed, password},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use time::OffsetDateTime;

const INTERVAL: Duration = Duration::from_hours(3);
const GRACE: Duration = Duration::from_mins(2);
const SECOND: Duration = Duration::from_secs(1);

async fn rotate(core: &Core, caller: &Caller) -> Option<SessionToken> {
    core.sessions.rotate_token(caller).await.unwrap()
}

async fn live(bed: &TestBed, token: &SessionToken) -> Caller {
    match bed.resume(token).await {
        Resumed::Live(caller) => Arc::unwrap_or_clone(caller),
        Resumed::Ended(ended) => panic!("ended: {ended:?}"),
        Resumed::Pending(_) | Resumed::Unknown => panic!("unknown"),
    }
}

/// The same browser in another network.
fn elsewhere(address: &str) -> Client {
    Client {
        address: address.parse().ok(),
        ..testing::client()
    }
}

/// Sends a request from `client`. Returns the caller if the session is live.
async fn request(bed: &TestBed, token: &SessionToken, client: &Client) -> Option<Caller> {
    let resumed = bed
        .core
        .sessions
        .resume(&bed.database, token, client, Activity::Person);
    match resumed.await.unwrap() {
        Resumed::Live(caller) => Some(Arc::unwrap_or_clone(caller)),
        Resumed::Ended(_) => None,
        Resumed::Pending(_) | Resumed::Unknown => panic!("unknown"),
    }
}

/// A thief with a copy of the cookie sends a request every second, before the owner, and drops new tokens. The owner
/// sends a request every five seconds. Returns the time until the owner has a new token, or no token any more.
async fn ride_along(
    bed: &TestBed,
    token: &SessionToken,
    thief: &[Client],
) -> (Duration, Option<SessionToken>) {
    let mut elapsed = Duration::ZERO;
    loop {
        let number = usize::try_from(elapsed.as_secs()).unwrap() % thief.len();
        if let Some(caller) = request(bed, token, &thief[number]).await {
            rotate(&bed.core, &caller).await;
        }
        if elapsed.as_secs().is_multiple_of(5) {
            let Some(caller) = request(bed, token, &testing::client()).await else {
                return (elapsed, None);
            };
            if let Some(new) = rotate(&bed.core, &caller).await {
                return (elapsed, Some(new));
            }
        }
        bed.clock.advance(SECOND);
        elapsed += SECOND;
    }
}

async fn end_cause(bed: &TestBed, token: &SessionToken) -> Option<EndCause> {
    match bed.resume(token).await {
        Resumed::Ended(ended) => Some(ended.cause),
        Resumed::Live(_) | Resumed::Pending(_) | Resumed::Unknown => None,
    }
}

#[sqlx::test(migrations = false)]
async fn a_token_is_replaced_when_it_is_old_enough(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(Duration::from_secs(3 * 3600 - 1));
    assert!(
        rotate(&bed.core, &live(&bed, &opened.token).await)
            .await
            .is_none()
    );
    bed.clock.advance(SECOND);
    let caller = live(&bed, &opened.token).await;
    let new = rotate(&bed.core, &caller).await.unwrap();
    assert_eq!(live(&bed, &new).await.session.id, opened.id);
    assert!(rotate(&bed.core, &live(&bed, &new).await).await.is_none());
}

#[sqlx::test(migrations = false)]
async fn the_old_token_is_good_for_the_grace_and_then_ends_the_session(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    let new = rotate(&bed.core, &live(&bed, &opened.token).await)
        .await
        .unwrap();
    live(&bed, &new).await;
    bed.clock.advance(Duration::from_secs(119));
    let late = live(&bed, &opened.token).await;
    assert!(rotate(&bed.core, &late).await.is_none());
    live(&bed, &new).await;
    bed.clock.advance(SECOND);
    assert_eq!(
        end_cause(&bed, &opened.token).await,
        Some(EndCause::TokenReused)
    );
    assert_eq!(end_cause(&bed, &new).await, Some(EndCause::TokenReused));
}

#[sqlx::test(migrations = false)]
async fn an_answer_lost_on_the_way_logs_no_person_out(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    // The browser never gets this token.
    let lost = rotate(&bed.core, &live(&bed, &opened.token).await)
        .await
        .unwrap();
    bed.clock.advance(GRACE * 5);
    let caller = live(&bed, &opened.token).await;
    let new = rotate(&bed.core, &caller).await.unwrap();
    live(&bed, &new).await;
    live(&bed, &opened.token).await;
    live(&bed, &lost).await;
    bed.clock.advance(GRACE);
    assert_eq!(end_cause(&bed, &lost).await, Some(EndCause::TokenReused));
}

#[sqlx::test(migrations = false)]
async fn a_thief_who_drops_answers_keeps_no_owner_elsewhere_from_a_token(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    live(&bed, &opened.token).await;
    bed.clock.advance(INTERVAL);
    let thief = [elsewhere("198.51.100.9")];
    let (elapsed, new) = ride_along(&bed, &opened.token, &thief).await;
    assert!(elapsed <= SECOND * 15, "{elapsed:?}");
    let new = new.unwrap();
    live(&bed, &new).await;
    // Requests of the thief do not make the old token last longer.
    for _ in 0..119 {
        bed.clock.advance(SECOND);
        let copy = request(&bed, &opened.token, &thief[0]).await.unwrap();
        assert!(rotate(&bed.core, &copy).await.is_none());
    }
    bed.clock.advance(SECOND);
    assert_eq!(
        end_cause(&bed, &opened.token).await,
        Some(EndCause::TokenReused)
    );
}

#[sqlx::test(migrations = false)]
async fn a_thief_who_looks_like_the_owner_shows_within_twenty_graces(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let own = testing::client();
    let networks = ["198.51.100.9", "198.51.100.10", "198.51.100.11"].map(elsewhere);
    let bed = TestBed::new(options).await;
    // The thief is in the owner's network with the same agent, or in another network each time.
    for (thief, most) in [(&[own][..], GRACE * 12), (&networks, GRACE * 4)] {
        let opened = bed.log_in().await;
        live(&bed, &opened.token).await;
        bed.clock.advance(INTERVAL);
        let (elapsed, new) = ride_along(&bed, &opened.token, thief).await;
        assert!(elapsed <= most, "{elapsed:?}");
        assert!(new.is_none());
        let cause = end_cause(&bed, &opened.token).await;
        assert_eq!(cause, Some(EndCause::TokenReused));
    }
}

#[sqlx::test(migrations = false)]
async fn what_the_owner_has_proved_is_nothing_that_a_copy_has_proved(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(Duration::from_mins(10));
    let owner = live(&bed, &opened.token).await;
    let confirmation = bed
        .core
        .passwords
        .confirm(&owner, &password(PASSWORD))
        .await;
    let second = confirmation.unwrap().token.unwrap();
    let copy = live(&bed, &opened.token).await;
    assert!(
        bed.core.sessions.confirmed(&copy).is_err(),
        "its successor is unused"
    );
    let owner = live(&bed, &second).await;
    assert!(bed.core.sessions.confirmed(&owner).is_ok());
    let copy = live(&bed, &opened.token).await;
    assert!(bed.core.sessions.confirmed(&copy).is_err(), "in its grace");

    let (old, new) = (password(PASSWORD), password("quite another long sentence"));
    let change = bed
        .core
        .passwords
        .change(&owner, &old, &new, OtherSessions::Keep);
    let third = change.await.unwrap().token.unwrap();
    let copy = live(&bed, &second).await;
    assert!(
        bed.core.sessions.confirmed(&copy).is_err(),
        "after a new password"
    );

    // The owner's browser is idle, and the thief's copy asks for a new token.
    bed.clock.advance(Duration::from_secs(10));
    let copy = request(&bed, &second, &elsewhere("198.51.100.9")).await;
    let taken = rotate(&bed.core, &copy.unwrap()).await.unwrap();
    let copy = live(&bed, &taken).await;
    assert!(
        bed.core.sessions.confirmed(&copy).is_err(),
        "with a token of its own"
    );
    let owner = live(&bed, &third).await;
    assert!(bed.core.sessions.confirmed(&owner).is_err());
}

#[sqlx::test(migrations = false)]
async fn a_hundred_requests_at_once_see_one_rotation(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let other = testing::core(options, Settings::default(), Vec::new(), bed.clock.clone());
    let elsewhere = other.databases.open_any(bed.database.name()).await.unwrap();
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    let token = opened.token.to_bytes();
    let requests = (0..100).map(|number| {
        let (core, database) = if number % 2 == 0 {
            (bed.core.clone(), bed.database.clone())
        } else {
            (other.clone(), elsewhere.clone())
        };
        tokio::spawn(async move {
            let (token, client) = (SessionToken::from_bytes(token), testing::client());
            let resumed = core
                .sessions
                .resume(&database, &token, &client, Activity::Person);
            let Resumed::Live(caller) = resumed.await.unwrap() else {
                panic!("a request was logged out");
            };
            rotate(&core, &caller).await
        })
    });
    let mut rotations = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        rotations.extend(request.await.unwrap());
    }
    assert_eq!(rotations.len(), 1);
    live(&bed, rotations.first().unwrap()).await;
}

#[sqlx::test(migrations = false)]
async fn no_interval_means_no_rotation(_: PgPoolOptions, options: PgConnectOptions) {
    let sessions = SessionSettings {
        rotation_interval: None,
        idle_timeout: Duration::from_hours(1000),
        absolute_timeout: None,
        ..Settings::default().sessions
    };
    let settings = Settings {
        sessions,
        ..Settings::default()
    };
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let opened = bed.log_in().await;
    bed.clock.advance(Duration::from_hours(999));
    assert!(
        rotate(&bed.core, &live(&bed, &opened.token).await)
            .await
            .is_none()
    );
}

#[sqlx::test(migrations = false)]
async fn confirmation_and_a_new_password_bring_a_new_token(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let caller = live(&bed, &opened.token).await;
    let confirmation = bed
        .core
        .passwords
        .confirm(&caller, &password(PASSWORD))
        .await;
    let second = confirmation.unwrap().token.unwrap();
    let caller = live(&bed, &second).await;
    let (old, new) = (password(PASSWORD), password("quite another long sentence"));
    let change = bed
        .core
        .passwords
        .change(&caller, &old, &new, OtherSessions::Keep);
    let third = change.await.unwrap().token.unwrap();
    live(&bed, &third).await;
    bed.clock.advance(GRACE);
    assert_eq!(end_cause(&bed, &second).await, Some(EndCause::TokenReused));
}

#[sqlx::test(migrations = false)]
async fn a_stolen_token_that_is_used_first_ends_with_the_owners_return(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    let stolen = rotate(&bed.core, &live(&bed, &opened.token).await)
        .await
        .unwrap();
    live(&bed, &stolen).await;
    bed.clock.advance(GRACE);
    assert_eq!(
        end_cause(&bed, &opened.token).await,
        Some(EndCause::TokenReused)
    );
    assert_eq!(end_cause(&bed, &stolen).await, Some(EndCause::TokenReused));
}

#[sqlx::test(migrations = false)]
async fn a_request_that_waits_for_a_rotation_does_not_use_the_new_token(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    live(&bed, &opened.token).await;
    bed.clock.advance(INTERVAL);
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options).await,
    );
    let mut rotation = here.begin().await.unwrap();
    for statement in [
        "select from sessions where id = $1 for no key update",
        "update session_tokens set token_hash = sha256('new'), issued_at = now(), used_at = null
        where session_id = $1",
    ] {
        sqlx::query(statement)
            .bind(opened.id.as_uuid())
            .execute(&mut *rotation)
            .await
            .unwrap();
    }
    let (core, database, token) = (bed.core.clone(), bed.database.clone(), opened.token);
    let request = tokio::spawn(async move {
        let client = testing::client();
        let resumed = core
            .sessions
            .resume(&database, &token, &client, Activity::Person);
        resumed.await.unwrap();
    });
    testing::until_blocked(&elsewhere, 1).await;
    rotation.commit().await.unwrap();
    request.await.unwrap();
    let used: Option<OffsetDateTime> = sqlx::query_scalar("select used_at from session_tokens")
        .fetch_one(&elsewhere)
        .await
        .unwrap();
    assert_eq!(used, None);
}

#[sqlx::test(migrations = false)]
async fn only_a_token_that_is_not_the_sessions_own_costs_a_second_statement(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    let new = rotate(&bed.core, &live(&bed, &opened.token).await)
        .await
        .unwrap();
    let cost = async |token: &SessionToken| {
        testing::Statements::count(async {
            bed.resume(token).await;
        })
        .await
    };
    let unknown = SessionToken::from_bytes([7; 16]);
    assert_eq!(cost(&new).await, 2, "its first return is written");
    assert_eq!(cost(&new).await, 1, "the session's own");
    assert_eq!(cost(&opened.token).await, 2, "a replaced one");
    assert_eq!(cost(&unknown).await, 2, "a token of no session");
}

#[sqlx::test(migrations = false)]
async fn a_rotation_between_both_look_ups_logs_no_person_out(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    bed.clock.advance(INTERVAL);
    let second = rotate(&bed.core, &live(&bed, &opened.token).await)
        .await
        .unwrap();
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options).await,
    );
    // The lock holds every request between its first look-up, which finds nothing, and its second.
    let mut rotation = here.begin().await.unwrap();
    sqlx::query("lock table superseded_tokens")
        .execute(&mut *rotation)
        .await
        .unwrap();
    // A request with the session's own token needs no second look-up.
    live(&bed, &second).await;
    let (core, database) = (bed.core.clone(), bed.database.clone());
    let late = SessionToken::from_bytes(opened.token.to_bytes());
    let request = tokio::spawn(async move {
        let client = testing::client();
        let resumed = core
            .sessions
            .resume(&database, &late, &client, Activity::Person);
        matches!(resumed.await.unwrap(), Resumed::Live(_))
    });
    testing::until_blocked(&elsewhere, 1).await;
    let now = bed.core.clock.now();
    for statement in [
        "insert into superseded_tokens select token_hash, session_id, $1 from session_tokens",
        "update session_tokens set token_hash = sha256('third'), issued_at = $1, used_at = null",
    ] {
        sqlx::query(statement)
            .bind(now)
            .execute(&mut *rotation)
            .await
            .unwrap();
    }
    rotation.commit().await.unwrap();
    assert!(request.await.unwrap(), "replaced a moment ago");
    live(&bed, &second).await;
}
