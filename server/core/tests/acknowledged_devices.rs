//! The person says of a new device "It was me".
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    device::{IssuedDeviceToken, RememberDevice},
    log_in::{LogInAttempt, OpenedSession},
    session::{AcknowledgeError, Caller, Computer, SessionId},
    testing::{self, PASSWORD, TestBed, attempt},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

const ADA: &str = "ada@example.com";

async fn log_in(bed: &TestBed, attempt: LogInAttempt) -> OpenedSession {
    bed.clock.advance(Duration::from_mins(1));
    bed.core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap()
}

/// Ada's log-in from a known device.
fn with(device: &IssuedDeviceToken) -> LogInAttempt {
    LogInAttempt {
        devices: vec![device.token.hash()],
        ..attempt(ADA, PASSWORD)
    }
}

async fn acknowledge(
    bed: &TestBed,
    caller: &Caller,
    id: SessionId,
) -> Result<(), AcknowledgeError> {
    bed.core.sessions.acknowledge_device(caller, id).await
}

/// The sessions that the caller is asked about.
async fn asked(bed: &TestBed, caller: &Caller) -> Vec<SessionId> {
    let listed = bed.core.sessions.list_new(caller).await.unwrap();
    listed.iter().map(|listed| listed.session.id).collect()
}

#[sqlx::test(migrations = false)]
async fn an_acknowledged_device_is_new_in_none_of_its_sessions_and_at_no_later_log_in(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let desk = bed.caller(&bed.log_in().await).await;
    let phone = log_in(&bed, attempt(ADA, PASSWORD)).await;
    let again = log_in(&bed, with(phone.device.as_ref().unwrap())).await;
    let tablet = log_in(&bed, attempt(ADA, PASSWORD)).await;
    assert_eq!(asked(&bed, &desk).await, [tablet.id, again.id, phone.id]);
    acknowledge(&bed, &desk, phone.id).await.unwrap();
    assert_eq!(asked(&bed, &desk).await, [tablet.id], "only the phone");
    let later = log_in(&bed, with(again.device.as_ref().unwrap())).await;
    acknowledge(&bed, &desk, later.id).await.unwrap();
    assert_eq!(asked(&bed, &desk).await, [tablet.id]);
    acknowledge(&bed, &bed.caller(&later).await, tablet.id)
        .await
        .unwrap();
    assert_eq!(
        asked(&bed, &desk).await,
        [],
        "a device may do it that was acknowledged"
    );
}

#[sqlx::test(migrations = false)]
async fn a_shared_computer_is_acknowledged_for_its_session(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let desk = bed.caller(&bed.log_in().await).await;
    let shared = || LogInAttempt {
        computer: Computer::Shared,
        remember_device: RememberDevice::No,
        ..attempt(ADA, PASSWORD)
    };
    let library = log_in(&bed, shared()).await;
    acknowledge(&bed, &desk, library.id).await.unwrap();
    assert_eq!(asked(&bed, &desk).await, []);
    let again = log_in(&bed, shared()).await;
    assert_eq!(asked(&bed, &desk).await, [again.id]);
}

/// Otherwise two devices of a thief would make each other disappear from the owner's pages.
#[sqlx::test(migrations = false)]
async fn a_new_device_acknowledges_none(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let desk = bed.caller(&bed.log_in().await).await;
    let one = log_in(&bed, attempt(ADA, PASSWORD)).await;
    let other = log_in(&bed, attempt(ADA, PASSWORD)).await;
    for (caller, id) in [(&one, other.id), (&other, one.id), (&one, one.id)] {
        let caller = bed.caller(caller).await;
        assert_eq!(asked(&bed, &caller).await, [], "no page offers it");
        let answer = acknowledge(&bed, &caller, id).await;
        assert!(
            matches!(answer, Err(AcknowledgeError::OnNewDevice)),
            "{answer:?}"
        );
    }
    assert_eq!(asked(&bed, &desk).await, [other.id, one.id]);
    bed.clock.advance(Duration::from_hours(7 * 24));
    let later = log_in(&bed, with(one.device.as_ref().unwrap())).await;
    let newest = log_in(&bed, attempt(ADA, PASSWORD)).await;
    acknowledge(&bed, &bed.caller(&later).await, newest.id)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn only_live_sessions_of_ones_own_can_be_acknowledged(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    let (ada, out) = (bed.log_in().await, bed.log_in().await);
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let (ada_caller, out_caller) = (bed.caller(&ada).await, bed.caller(&out).await);
    bed.core.sessions.log_out(&out_caller).await.unwrap();
    let missing = "01980000-0000-7000-8000-000000000000".parse().unwrap();
    for id in [out.id, eve.id, missing] {
        let answer = acknowledge(&bed, &ada_caller, id).await;
        assert!(
            matches!(answer, Err(AcknowledgeError::NotFound)),
            "{answer:?}"
        );
    }
    let answer = acknowledge(&bed, &out_caller, ada.id).await;
    assert!(
        matches!(answer, Err(AcknowledgeError::LoggedOut)),
        "{answer:?}"
    );
}

#[sqlx::test(migrations = false)]
async fn it_reaches_the_session_that_the_device_is_opening(_: Pool, options: Options) {
    let bed = Arc::new(TestBed::new(options.clone()).await);
    let desk = bed.caller(&bed.log_in().await).await;
    let phone = log_in(&bed, attempt(ADA, PASSWORD)).await;
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options).await,
    );
    // A log-in waits after it has read its device and before it writes its session.
    for statement in [
        "create function wait() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(1); return new; end $$",
        "create trigger wait before insert on sessions for each row execute function wait()",
    ] {
        sqlx::query(statement).execute(&here).await.unwrap();
    }
    let mut lock = here.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(1)")
        .execute(&mut *lock)
        .await
        .unwrap();
    let attempt = with(phone.device.as_ref().unwrap());
    let opening = {
        let bed = Arc::clone(&bed);
        tokio::spawn(async move { log_in(&bed, attempt).await })
    };
    testing::until_blocked(&elsewhere, 1).await;
    let acknowledging = {
        let (bed, desk, id) = (Arc::clone(&bed), desk.clone(), phone.id);
        tokio::spawn(async move { acknowledge(&bed, &desk, id).await })
    };
    testing::until_blocked(&elsewhere, 2).await;
    lock.commit().await.unwrap();
    opening.await.unwrap();
    acknowledging.await.unwrap().unwrap();
    assert_eq!(asked(&bed, &desk).await, []);
}
