//! Log-in codes and wrong current passwords. A person reads about them under Activity, and modules are told.
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
    account::{ActivityFilter, ConfirmError, OtherSessions, PAGE, PasswordOrigin},
    activity::{ActivityEntry, ActivityKind, ChangedBy},
    attempt::TypedCode,
    device::DeviceName,
    log_in::LogInAttempt,
    module::{
        AnyEvent, HostedModule, LogInCodeMade, LogInCodeUsed, ModuleError, Observe, Told,
        WrongCurrentPassword,
    },
    session::{Caller, SessionId},
    settings::Settings,
    testing::{self, PASSWORD, TestBed, password},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

/// An event as a word, its session, and whether its address is known.
type Seen = (&'static str, Option<SessionId>, bool);

/// A module that remembers all events except log-ins.
#[derive(Default)]
struct Witness(Mutex<Vec<Seen>>);

#[async_trait]
impl Observe for Witness {
    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        let told = match &told.event {
            AnyEvent::LogInCodeMade(LogInCodeMade { by, client, .. }) => {
                ("made", *by, client.address.is_some())
            }
            AnyEvent::LogInCodeUsed(LogInCodeUsed {
                session, client, ..
            }) => ("used", Some(*session), client.address.is_some()),
            AnyEvent::WrongCurrentPassword(WrongCurrentPassword {
                session, client, ..
            }) => ("wrong", Some(*session), client.address.is_some()),
            _ => return Ok(()),
        };
        self.0.lock().unwrap().push(told);
        Ok(())
    }
}

impl Witness {
    fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

async fn watched(options: Options) -> (TestBed, Arc<Witness>) {
    let witness = Arc::new(Witness::default());
    let modules = vec![HostedModule::new("witness").observing(Arc::clone(&witness))];
    let bed = TestBed::with(options, Settings::default(), modules).await;
    (bed, witness)
}

/// The caller's activity, the oldest first, without log-ins.
async fn read(bed: &TestBed, caller: &Caller) -> Vec<ActivityEntry> {
    let page = bed.core.activity.list(caller, None, PAGE).await.unwrap();
    let mut entries = page.entries;
    entries.retain(|entry| !matches!(entry.kind, ActivityKind::LogIn { .. }));
    entries.reverse();
    entries
}

#[sqlx::test(migrations = false)]
async fn log_in_codes_that_are_made_and_used_are_read_and_told(_: Pool, options: Options) {
    let (bed, witness) = watched(options).await;
    let own = bed.log_in().await;
    let caller = bed.caller(&own).await;
    let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
    let code = bed.core.log_in_codes.make(confirmed).await.unwrap();
    bed.clock.advance(Duration::from_secs(1));
    bed.core
        .log_in_codes
        .make_for(&bed.database, &bed.ada)
        .await
        .unwrap();
    bed.clock.advance(Duration::from_secs(1));
    let attempt = LogInAttempt {
        code: TypedCode::of(Some(&code.to_shown())),
        ..testing::attempt("ada@example.com", PASSWORD)
    };
    let used = bed
        .core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap();

    let entries = read(&bed, &caller).await;
    let kinds: Vec<_> = entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        [
            ActivityKind::LogInCodeMade(ChangedBy::Person),
            ActivityKind::LogInCodeMade(ChangedBy::Administrator),
            ActivityKind::LogInCodeUsed,
        ]
    );
    let where_from: Vec<_> = entries
        .iter()
        .map(|entry| (entry.address, entry.agent.is_some()))
        .collect();
    let there = testing::client().address;
    assert_eq!(where_from, [(there, true), (None, false), (there, true)]);

    bed.core.settle().await;
    let mut told = witness.take();
    told.sort_unstable_by_key(|(word, _, has_address)| (*word, *has_address));
    assert_eq!(
        told,
        [
            ("made", None, false),
            ("made", Some(own.id), true),
            ("used", Some(used.id), true),
        ]
    );
}

#[sqlx::test(migrations = false)]
async fn a_log_in_without_a_code_uses_none(_: Pool, options: Options) {
    let (bed, witness) = watched(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    bed.log_in().await;
    assert_eq!(read(&bed, &caller).await, []);
    bed.core.settle().await;
    assert_eq!(witness.take(), []);
}

#[sqlx::test(migrations = false)]
async fn a_wrong_current_password_is_read_and_told_and_a_flood_of_them_is_not(
    _: Pool,
    options: Options,
) {
    let (bed, witness) = watched(options).await;
    let own = bed.log_in().await;
    let caller = bed.caller(&own).await;
    let (wrong, new) = (password("x"), password("seven purple lanterns drift"));
    bed.core
        .passwords
        .change(&caller, &wrong, &new, OtherSessions::Keep)
        .await
        .err()
        .unwrap();
    let mut is_throttled = false;
    let mut wrong_ones = 1;
    for _ in 0..20 {
        match bed.core.passwords.confirm(&caller, &wrong).await.err() {
            Some(ConfirmError::WrongPassword) => wrong_ones += 1,
            Some(ConfirmError::Throttled(_)) => is_throttled = true,
            other => panic!("{other:?}"),
        }
    }
    assert!(is_throttled && wrong_ones < 10, "{wrong_ones}");
    let entries = read(&bed, &caller).await;
    assert_eq!(entries.len(), wrong_ones);
    for entry in entries {
        assert_eq!(entry.kind, ActivityKind::WrongCurrentPassword);
        assert_eq!(entry.address, testing::client().address);
    }
    bed.core.settle().await;
    assert_eq!(
        witness.take(),
        vec![("wrong", Some(own.id), true); wrong_ones]
    );
}

#[sqlx::test(migrations = false)]
async fn account_events_are_forgotten_with_the_rest_of_history(_: Pool, options: Options) {
    let (bed, _) = watched(options).await;
    bed.core
        .log_in_codes
        .make_for(&bed.database, &bed.ada)
        .await
        .unwrap();
    bed.clock.advance(Duration::from_hours(90 * 24));
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(swept.account_events, 0);
    bed.clock.advance(Duration::from_secs(1));
    let swept = bed.core.sweeper.sweep(&bed.database).await.unwrap();
    assert_eq!(swept.account_events, 1);
}

#[sqlx::test(migrations = false)]
async fn events_have_the_name_of_the_device_and_the_device_that_ended_a_session(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let [phone, laptop] = [bed.log_in().await, bed.log_in().await];
    let [phone, laptop] = [bed.caller(&phone).await, bed.caller(&laptop).await];
    for (caller, name) in [(&phone, "Phone"), (&laptop, "Laptop")] {
        let name = DeviceName::from_typed(name).unwrap();
        let sessions = &bed.core.sessions;
        sessions
            .name_device(caller, caller.session.id, name.as_ref())
            .await
            .unwrap();
    }
    let confirmed = bed.core.sessions.confirmed(&laptop).unwrap();
    bed.core
        .sessions
        .revoke(confirmed, phone.session.id)
        .await
        .unwrap();
    bed.try_log_in("ada@example.com", "x").await.err().unwrap();

    let page = bed.core.activity.list(&laptop, None, PAGE).await.unwrap();
    let mut told: Vec<_> = page
        .entries
        .iter()
        .map(|entry| {
            let by = entry.ended_by.as_ref();
            let by = by.and_then(|by| by.device_name.as_ref());
            let name = entry.device_name.as_ref();
            (name.map(DeviceName::as_str), by.map(DeviceName::as_str))
        })
        .collect();
    // All happened at one moment.
    told.sort_unstable();
    let [phone, laptop] = [Some("Phone"), Some("Laptop")];
    assert_eq!(
        told,
        [(None, None), (laptop, None), (phone, None), (phone, laptop)]
    );
}

#[sqlx::test(migrations = false)]
async fn each_event_is_under_one_filter_and_all_are_under_all(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let set = PasswordOrigin::Given(password(PASSWORD));
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, set)
        .await
        .unwrap();
    let caller = bed.caller(&bed.log_in().await).await;
    let out = bed.caller(&bed.log_in().await).await;
    bed.core.sessions.log_out(&out).await.unwrap();
    let refused = bed.try_log_in("ada@example.com", "a guess").await;
    assert!(refused.is_err());
    let refused = bed
        .core
        .passwords
        .confirm(&caller, &password("another guess"))
        .await;
    assert!(refused.is_err());
    let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
    bed.core.log_in_codes.make(confirmed).await.unwrap();

    let mut counts = Vec::new();
    let mut ids = Vec::new();
    for filter in [
        ActivityFilter::LogIns,
        ActivityFilter::Failed,
        ActivityFilter::Ended,
        ActivityFilter::Changes,
    ] {
        let page = bed.core.activity.list_only(&caller, filter, None, PAGE);
        let page = page.await.unwrap();
        counts.push(page.entries.len());
        ids.extend(page.entries.iter().map(|entry| entry.id));
    }
    assert_eq!(counts, [2, 2, 1, 2]);
    let all = bed.core.activity.list(&caller, None, PAGE).await.unwrap();
    let mut all: Vec<_> = all.entries.iter().map(|entry| entry.id).collect();
    all.sort_unstable();
    ids.sort_unstable();
    assert_eq!(ids, all);
}
