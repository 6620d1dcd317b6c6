//! Sessions are opened, used and ended in a real PostgreSQL, also in parallel.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use latchkey_core::{
    client::{Client, TimeZoneName},
    log_in::{LogInError, OpenedSession},
    session::{Activity, EndCause, ExpiryRule, Resumed, RevokeError, SessionToken},
    settings::Settings,
    testing::{self, PASSWORD, Statements, TestBed},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

fn ended(resumed: Resumed) -> (EndCause, time::OffsetDateTime) {
    match resumed {
        Resumed::Ended(ended) => (ended.cause, ended.at),
        Resumed::Live(_) => panic!("the session is alive"),
        Resumed::Pending(_) | Resumed::Unknown => panic!("there is no such session"),
    }
}

#[sqlx::test(migrations = false)]
async fn a_log_in_opens_a_session_that_resumes_as_its_user(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.try_log_in(" ADA@example.com ", PASSWORD).await.unwrap();
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.user, bed.ada);
    assert_eq!(caller.session.id, opened.id);
    assert_eq!(caller.session.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(caller.session.address, testing::client().address);
    assert_eq!(opened.step, None);
}

#[sqlx::test(migrations = false)]
async fn unknown_wrong_and_disabled_are_one_answer(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let eve = bed.another_user("eve").await;
    bed.core.users.disable(&bed.database, &eve).await.unwrap();
    for (login, password) in [
        ("nobody", PASSWORD),
        ("ada@example.com", "correct horse battery stapl"),
        ("eve", PASSWORD),
        ("", ""),
        ("ada@example.com\0", PASSWORD),
        ("ada@example.com", &"x".repeat(100_000)),
    ] {
        let error = bed.try_log_in(login, password).await.err().unwrap();
        assert!(
            matches!(error, LogInError::WrongCredentials { .. }),
            "{login:?}: {error:?}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn an_unknown_token_stands_for_nothing(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    for position in 0..16 {
        let mut bytes = opened.token.to_bytes();
        bytes[position] ^= 1;
        let resumed = bed.resume(&SessionToken::from_bytes(bytes)).await;
        assert!(matches!(resumed, Resumed::Unknown), "byte {position}");
    }
}

#[sqlx::test(migrations = false)]
async fn postgresql_holds_no_token(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let look = testing::look(options).await;
    let dump: Vec<String> = sqlx::query_scalar("select s::text from sessions s")
        .fetch_all(&look)
        .await
        .unwrap();
    let hex = format!("{:032x}", u128::from_be_bytes(opened.token.to_bytes()));
    assert_eq!(dump.len(), 1);
    assert!(!dump[0].contains(&hex));
    // The stored hash does not work as a token.
    let stolen: Vec<u8> = sqlx::query_scalar("select token_hash from session_tokens")
        .fetch_one(&look)
        .await
        .unwrap();
    let replayed = SessionToken::from_bytes(stolen[..16].try_into().unwrap());
    assert!(matches!(bed.resume(&replayed).await, Resumed::Unknown));
}

#[sqlx::test(migrations = false)]
async fn a_session_is_alive_one_second_before_its_idle_expiry_and_dead_at_it(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let idle = Settings::default().sessions.idle_timeout;
    let just_before = idle.checked_sub(Duration::from_secs(1)).unwrap();
    bed.clock.advance(just_before);
    let caller = bed.caller(&opened).await;
    // That request was activity, so the idle timeout starts again.
    bed.clock.advance(just_before);
    assert_eq!(
        bed.caller(&opened).await.session.last_active_at,
        caller.session.expiry.at - Duration::from_secs(1)
    );
    bed.clock.advance(idle);
    let (cause, at) = ended(bed.resume(&opened.token).await);
    assert_eq!(cause, EndCause::Idle);
    assert_eq!(at, latchkey_core::clock::Clock::now(&*bed.clock));
}

#[sqlx::test(migrations = false)]
async fn a_session_grows_too_old_in_spite_of_activity(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    for _ in 0..20 {
        bed.clock.advance(Duration::from_hours(8));
        bed.caller(&opened).await;
    }
    bed.clock
        .advance(Duration::from_hours(8) - Duration::from_secs(1));
    assert_eq!(
        bed.caller(&opened).await.session.expiry.rule,
        ExpiryRule::Absolute
    );
    bed.clock.advance(Duration::from_secs(1));
    assert_eq!(ended(bed.resume(&opened.token).await).0, EndCause::TooOld);
}

#[sqlx::test(migrations = false)]
async fn shortened_timeouts_hold_for_live_sessions_too(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let mut settings = Settings::default();
    settings.sessions.idle_timeout = Duration::from_mins(10);
    let core = latchkey_core::Core::new(latchkey_core::Parts {
        server: options,
        settings,
        clock: bed.clock.clone(),
        random: std::sync::Arc::new(latchkey_core::random::SystemRandom),
        modules: Vec::new(),
        places: latchkey_core::place::Places::default(),
    })
    .unwrap();
    let database = core.databases.open_any(bed.database.name()).await.unwrap();
    bed.clock.advance(Duration::from_mins(10));
    let resumed = core
        .sessions
        .resume(
            &database,
            &opened.token,
            &testing::client(),
            Activity::Person,
        )
        .await
        .unwrap();
    assert_eq!(ended(resumed).0, EndCause::Idle);
}

#[sqlx::test(migrations = false)]
async fn last_activity_is_written_once_a_minute(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let start = bed.caller(&opened).await.session.last_active_at;
    bed.clock.advance(Duration::from_secs(59));
    bed.caller(&opened).await;
    assert_eq!(bed.caller(&opened).await.session.last_active_at, start);
    bed.clock.advance(Duration::from_secs(2));
    bed.caller(&opened).await;
    assert_eq!(
        bed.caller(&opened).await.session.last_active_at,
        start + Duration::from_secs(61)
    );
}

#[sqlx::test(migrations = false)]
async fn a_thousand_requests_write_once_and_once_more_for_each_minute(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let pool = testing::look(options).await;
    // PostgreSQL makes a new version of a row with each write, numbered by the transaction.
    let version = async || -> String {
        sqlx::query_scalar("select ctid::text || xmin from sessions")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let (mut seen, mut writes) = (version().await, 0);
    for _ in 0..1000 {
        bed.clock.advance(Duration::from_millis(300));
        bed.caller(&opened).await;
        let now = version().await;
        writes += u32::from(now != seen);
        seen = now;
    }
    // Five writes in five minutes, and one for the first use of the token.
    assert!((5..=6).contains(&writes), "{writes}");
}

#[sqlx::test(migrations = false)]
async fn a_revoked_session_is_out_and_knows_why(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (laptop, phone) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&laptop).await;
    assert_eq!(bed.core.sessions.list(&caller).await.unwrap().len(), 2);
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&caller).unwrap(), phone.id)
        .await
        .unwrap();
    let Resumed::Ended(ended) = bed.resume(&phone.token).await else {
        panic!("it lives")
    };
    assert_eq!(ended.cause, EndCause::Revoked);
    assert_eq!(ended.by.unwrap().as_str(), testing::FIREFOX);
    assert_eq!(bed.core.sessions.list(&caller).await.unwrap().len(), 1);
    // Revoking the session again succeeds and changes nothing.
    bed.clock.advance(Duration::from_secs(5));
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&caller).unwrap(), phone.id)
        .await
        .unwrap();
    let Resumed::Ended(again) = bed.resume(&phone.token).await else {
        panic!("it lives")
    };
    assert_eq!(again.at, ended.at);
}

#[sqlx::test(migrations = false)]
async fn several_sessions_are_revoked_at_once_or_none(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let (mine, kept) = (bed.log_in().await, bed.log_in().await);
    let (first, second) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&mine).await;
    let sessions = &bed.core.sessions;
    let confirmed = || sessions.confirmed(&caller).unwrap();
    let foreign = sessions
        .revoke_several(confirmed(), &[first.id, eve.id, second.id])
        .await;
    assert!(matches!(foreign, Err(RevokeError::NotFound)), "{foreign:?}");
    assert_eq!(sessions.list(&caller).await.unwrap().len(), 4);

    let ids = [second.id, first.id, first.id];
    let revoked = sessions.revoke_several(confirmed(), &ids).await.unwrap();
    assert_eq!(revoked, 2);
    for ended in [&first, &second] {
        let Resumed::Ended(ended) = bed.resume(&ended.token).await else {
            panic!("it lives")
        };
        assert_eq!(ended.cause, EndCause::Revoked);
    }
    for live in [&mine, &kept, &eve] {
        assert!(matches!(bed.resume(&live.token).await, Resumed::Live(_)));
    }
    // What has ended meanwhile is no error, and is not counted.
    let ids = [first.id, kept.id];
    assert_eq!(sessions.revoke_several(confirmed(), &ids).await.unwrap(), 1);
}

#[sqlx::test(migrations = false)]
async fn not_yours_is_not_found_like_not_there(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    let ada = bed.log_in().await;
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let eve = bed.caller(&eve).await;
    let foreign = bed
        .core
        .sessions
        .revoke(bed.core.sessions.confirmed(&eve).unwrap(), ada.id)
        .await
        .unwrap_err();
    let missing = "01980000-0000-7000-8000-000000000000".parse().unwrap();
    let missing = bed
        .core
        .sessions
        .revoke(bed.core.sessions.confirmed(&eve).unwrap(), missing)
        .await
        .unwrap_err();
    assert!(matches!(foreign, RevokeError::NotFound));
    assert_eq!(format!("{foreign:?}"), format!("{missing:?}"));
    assert_eq!(
        bed.core
            .sessions
            .revoke_others(bed.core.sessions.confirmed(&eve).unwrap())
            .await
            .unwrap(),
        0
    );
    bed.caller(&ada).await;
    assert_eq!(bed.core.sessions.list(&eve).await.unwrap().len(), 1);
}

#[sqlx::test(migrations = false)]
async fn revoking_the_others_keeps_this_one(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (one, two, three) = (bed.log_in().await, bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&two).await;
    assert_eq!(
        bed.core
            .sessions
            .revoke_others(bed.core.sessions.confirmed(&caller).unwrap())
            .await
            .unwrap(),
        2
    );
    bed.caller(&two).await;
    for out in [one, three] {
        assert_eq!(ended(bed.resume(&out.token).await).0, EndCause::Revoked);
    }
}

#[sqlx::test(migrations = false)]
async fn a_log_in_never_adopts_a_session_and_ends_the_one_it_replaces(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let first = bed.log_in().await;
    let mut attempt = testing::attempt("ada@example.com", PASSWORD);
    attempt.replaces = Some(first.id);
    let second = bed
        .core
        .log_in
        .attempt(&bed.database, attempt)
        .await
        .unwrap();
    assert_ne!(first.token.to_bytes(), second.token.to_bytes());
    assert_ne!(first.id, second.id);
    assert_eq!(ended(bed.resume(&first.token).await).0, EndCause::Replaced);
    bed.caller(&second).await;
}

#[sqlx::test(migrations = false)]
async fn a_log_out_ends_the_session_for_good(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    bed.core.sessions.log_out(&caller).await.unwrap();
    bed.core.sessions.log_out(&caller).await.unwrap();
    assert_eq!(
        ended(bed.resume(&opened.token).await).0,
        EndCause::LoggedOut
    );
}

#[sqlx::test(migrations = false)]
async fn a_revoked_session_stays_dead_while_a_request_is_in_flight(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let (mine, other) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&mine).await;
    // A request on another node has a touch to write, and waits for a lock.
    bed.clock.advance(Duration::from_mins(5));
    let node = testing::look(options).await;
    let mut lock = node.begin().await.unwrap();
    sqlx::query("select id from sessions where id = $1 for update")
        .bind(other.id.as_uuid())
        .execute(&mut *lock)
        .await
        .unwrap();
    let (core, database, token) = (
        bed.core.clone(),
        bed.database.clone(),
        SessionToken::from_bytes(other.token.to_bytes()),
    );
    let request = tokio::spawn(async move {
        core.sessions
            .resume(&database, &token, &testing::client(), Activity::Person)
            .await
            .map(|_| ())
    });
    wait_for_blocked(&mut lock).await;
    // The revoke is done under that lock, and commits before the request continues.
    sqlx::query("update sessions set ended_at = $2, end_cause = 'revoked', ended_by_session = $3 where id = $1")
        .bind(other.id.as_uuid())
        .bind(latchkey_core::clock::Clock::now(&*bed.clock))
        .bind(caller.session.id.as_uuid())
        .execute(&mut *lock)
        .await
        .unwrap();
    lock.commit().await.unwrap();
    request.await.unwrap().unwrap();
    assert_eq!(ended(bed.resume(&other.token).await).0, EndCause::Revoked);
}

/// Waits until another connection to this database waits for a lock.
async fn wait_for_blocked(connection: &mut sqlx::PgConnection) {
    loop {
        let blocked: bool = sqlx::query_scalar(
            "select exists (select from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock')",
        )
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        if blocked {
            return;
        }
        // The statistics are a snapshot inside a transaction.
        sqlx::query("select pg_stat_clear_snapshot()")
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn parallel_requests_and_a_revoke_never_bring_a_session_back(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (mine, other) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&mine).await;
    bed.clock.advance(Duration::from_mins(5));
    let requests: Vec<_> = (0..40)
        .map(|_| {
            let (core, database, token) = (
                bed.core.clone(),
                bed.database.clone(),
                SessionToken::from_bytes(other.token.to_bytes()),
            );
            tokio::spawn(async move {
                core.sessions
                    .resume(&database, &token, &testing::client(), Activity::Person)
                    .await
                    .unwrap();
            })
        })
        .collect();
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&caller).unwrap(), other.id)
        .await
        .unwrap();
    assert_eq!(ended(bed.resume(&other.token).await).0, EndCause::Revoked);
    for request in requests {
        request.await.unwrap();
    }
    assert_eq!(ended(bed.resume(&other.token).await).0, EndCause::Revoked);
}

#[sqlx::test(migrations = false)]
async fn a_request_is_authenticated_by_one_statement(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    bed.caller(&opened).await;
    let cost = async || {
        Statements::count(async {
            bed.caller(&opened).await;
        })
        .await
    };
    assert_eq!(cost().await, 1);
    bed.clock.advance(Duration::from_mins(5));
    assert_eq!(cost().await, 2, "activity is written once a minute");
    assert_eq!(cost().await, 1);
}

#[sqlx::test(migrations = false)]
async fn requests_at_the_same_moment_share_a_statement(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let ada = bed.log_in().await;
    let other = bed.log_in().await;
    bed.caller(&ada).await;
    let own = bed.caller(&other).await;
    bed.core.sessions.log_out(&own).await.unwrap();
    let count = Statements::count(async {
        let asked = (0..50).map(|_| async {
            let (ada, other) = tokio::join!(bed.resume(&ada.token), bed.resume(&other.token));
            assert!(matches!(ada, Resumed::Live(_)));
            assert!(matches!(other, Resumed::Ended(_)));
        });
        futures::future::join_all(asked).await;
    });
    assert_eq!(count.await, 1, "one for a hundred requests");
}

#[sqlx::test(migrations = false)]
async fn another_address_is_seen_at_once_and_is_no_activity(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let owner = bed.caller(&opened).await;
    let expiry = owner.session.expiry;
    let use_from = async |address: &str, activity| {
        bed.clock.advance(Duration::from_secs(1));
        let client = Client {
            address: address.parse().ok(),
            ..testing::client()
        };
        let resumed = bed
            .core
            .sessions
            .resume(&bed.database, &opened.token, &client, activity);
        resumed.await.unwrap();
        let listed = bed.core.sessions.list(&owner).await.unwrap().remove(0);
        let addresses = listed.session.address.into_iter();
        let addresses: Vec<_> = addresses
            .chain(listed.other_addresses)
            .map(|address| address.to_string())
            .collect();
        (addresses, listed.session)
    };
    let (addresses, session) = use_from("192.0.2.1", Activity::Background).await;
    assert_eq!(addresses, ["192.0.2.1", "203.0.113.7"]);
    assert_eq!(session.expiry, expiry, "a page that asks by itself");
    assert_eq!(session.last_active_at, owner.session.last_active_at);
    let (addresses, session) = use_from("192.0.2.2", Activity::Person).await;
    assert_eq!(addresses, ["192.0.2.2", "192.0.2.1", "203.0.113.7"]);
    assert_eq!(session.last_active_at, bed.core.clock.now());
}

#[sqlx::test(migrations = false)]
async fn a_sessions_zone_is_the_one_that_its_browser_told_last(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let before = bed.caller(&opened).await.session.clone();
    let use_in = async |zone: Option<&str>, activity| {
        bed.clock.advance(Duration::from_secs(1));
        let client = Client {
            time_zone: zone.and_then(TimeZoneName::from_browser),
            ..testing::client()
        };
        let resumed = bed
            .core
            .sessions
            .resume(&bed.database, &opened.token, &client, activity);
        match resumed.await.unwrap() {
            Resumed::Live(caller) => caller.session.clone(),
            _ => panic!("the session is over"),
        }
    };
    for (told, kept) in [
        (Some("Asia/Tokyo"), "Asia/Tokyo"),
        (None, "Asia/Tokyo"),
        (Some("America/New_York"), "America/New_York"),
    ] {
        let session = use_in(told, Activity::Background).await;
        assert_eq!(session.time_zone.as_deref(), Some(kept));
        assert_eq!(session.last_active_at, before.last_active_at);
        assert_eq!(session.expiry, before.expiry);
    }
}

#[sqlx::test(migrations = false)]
async fn addresses_that_take_turns_are_written_once_a_minute_each(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options).await;
    for activity in [Activity::Person, Activity::Background] {
        let opened = bed.log_in().await;
        bed.caller(&opened).await;
        let (mut versions, mut minutes) = (std::collections::BTreeSet::new(), 0);
        for second in 0..180 {
            let address = ["203.0.113.7", "2001:db8::7"][second % 2].parse().ok();
            let client = Client {
                address,
                ..testing::client()
            };
            let count = Statements::count(async {
                let resumed =
                    bed.core
                        .sessions
                        .resume(&bed.database, &opened.token, &client, activity);
                assert!(matches!(resumed.await.unwrap(), Resumed::Live(_)));
            });
            assert!(matches!(count.await, 1 | 2));
            let version = "select xmin::text from sessions where id = $1";
            let version: String = sqlx::query_scalar(version)
                .bind(opened.id.as_uuid())
                .fetch_one(&look)
                .await
                .unwrap();
            versions.insert(version);
            bed.clock.advance(Duration::from_secs(1));
            minutes = second.div_ceil(60);
        }
        let writes = versions.len() - 1;
        assert!((minutes..=2 * minutes).contains(&writes), "{writes}");
    }
}

#[sqlx::test(migrations = false)]
async fn of_many_sessions_a_hundred_others_are_listed_and_all_can_be_ended(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options.clone()).await;
    let caller = bed.caller(&bed.log_in().await).await;
    sqlx::query(
        "insert into sessions (id, user_id, authenticated_by, created_at, last_active_at,
            idle_expires_at, user_agent, confirmed_at)
        select gen_random_uuid(), user_id, authenticated_by, created_at,
            last_active_at - n * interval '1 second', idle_expires_at, n::text, confirmed_at
        from sessions, generate_series(1, 150) n",
    )
    .execute(&testing::look(options).await)
    .await
    .unwrap();
    let listed = bed.core.sessions.list(&caller).await.unwrap();
    assert_eq!(listed[0].session.id, caller.session.id);
    let others = listed[1..].iter().map(|listed| &listed.session.agent);
    let others: Vec<_> = others.map(|agent| agent.as_str().to_owned()).collect();
    let expected: Vec<_> = (1..=100).map(|number| number.to_string()).collect();
    assert_eq!(others, expected);
    assert_eq!(bed.core.sessions.count(&caller).await.unwrap(), 151);
    let overview = bed.core.sessions.overview(&caller).await.unwrap();
    assert_eq!((overview.live, overview.live_count), (listed, 151));
    let confirmed = bed.core.sessions.confirmed(&caller).unwrap();
    let revoked = bed.core.sessions.revoke_others(confirmed).await.unwrap();
    assert_eq!(revoked, 150);
    let ended = bed.core.sessions.list_ended(&caller).await.unwrap();
    assert_eq!(ended.len(), 20);
    let overview = bed.core.sessions.overview(&caller).await.unwrap();
    assert_eq!((overview.live.len(), overview.live_count), (1, 1));
    assert_eq!(overview.ended, ended);
}

/// One statement begins the transaction of both lists.
#[sqlx::test(migrations = false)]
async fn an_overview_of_sessions_takes_three_round_trips(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    let statements = Statements::count(async {
        bed.core.sessions.overview(&caller).await.unwrap();
    });
    assert_eq!(statements.await, 3);
}

#[sqlx::test(migrations = false)]
async fn a_session_remembers_the_ten_addresses_that_were_seen_last(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    bed.another_user("eve").await;
    let eve = bed.try_log_in("eve", PASSWORD).await.unwrap();
    let opened = bed.log_in().await;
    let use_from = async |address: &str| {
        bed.clock.advance(Duration::from_mins(2));
        let client = Client {
            address: address.parse().ok(),
            ..testing::client()
        };
        let resumed =
            bed.core
                .sessions
                .resume(&bed.database, &opened.token, &client, Activity::Person);
        resumed.await.unwrap();
    };
    let others = async |opened: &OpenedSession| {
        let caller = bed.caller(opened).await;
        let mut listed = bed.core.sessions.list(&caller).await.unwrap();
        let addresses = listed.remove(0).other_addresses;
        addresses
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    // Both the log-in and the request for the list come from 203.0.113.7.
    assert!(others(&opened).await.is_empty());
    use_from("192.0.2.1").await;
    use_from("203.0.113.7").await;
    assert_eq!(others(&opened).await, ["192.0.2.1"]);
    for last in 2..=13 {
        use_from(&format!("192.0.2.{last}")).await;
    }
    use_from("203.0.113.7").await;
    let listed = others(&opened).await;
    assert_eq!(listed.len(), 10);
    assert_eq!(listed.first().map(String::as_str), Some("192.0.2.13"));
    assert!(others(&eve).await.is_empty());
    // This query fails at the first row that it can see.
    let look = "select 1 / (0 * family(address)) from session_addresses";
    let [ada, eve] = [bed.caller(&opened).await, bed.caller(&eve).await];
    testing::run_as(&ada, look).await.unwrap_err();
    testing::run_as(&eve, look).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn the_restricted_role_without_a_caller_sees_no_row(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    bed.log_in().await;
    let pool = testing::look(options).await;
    assert_eq!(testing::rows_without_caller(&pool, "sessions").await, 0);
    assert_eq!(testing::rows_without_caller(&pool, "users").await, 0);
}

#[sqlx::test(migrations = false)]
async fn the_restricted_role_cannot_read_secrets_or_write_history(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    for forbidden in [
        "select token_hash from session_tokens",
        "select hash from passwords",
        "delete from sessions",
        "update sessions set user_agent = 'x'",
        "update users set is_administrator = true",
        "insert into users (id) values (gen_random_uuid())",
        "create table mine (x int)",
    ] {
        let error = format!(
            "{:?}",
            testing::run_as(&caller, forbidden).await.unwrap_err()
        );
        assert!(error.contains("permission denied"), "{forbidden}: {error}");
    }
    // The policy refuses to revive a session.
    bed.core.sessions.log_out(&caller).await.unwrap();
    testing::run_as(
        &caller,
        "update sessions set ended_at = null, end_cause = null",
    )
    .await
    .unwrap();
    assert_eq!(
        ended(bed.resume(&opened.token).await).0,
        EndCause::LoggedOut
    );
}

#[sqlx::test(migrations = false)]
async fn a_revoked_caller_revokes_nothing(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (mine, stolen) = (bed.log_in().await, bed.log_in().await);
    let (me, thief) = (bed.caller(&mine).await, bed.caller(&stolen).await);
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), stolen.id)
        .await
        .unwrap();
    let late = bed
        .core
        .sessions
        .revoke_others(bed.core.sessions.confirmed(&thief).unwrap())
        .await;
    assert!(matches!(late, Err(RevokeError::LoggedOut)));
    let late = bed
        .core
        .sessions
        .revoke(bed.core.sessions.confirmed(&thief).unwrap(), mine.id)
        .await;
    assert!(matches!(late, Err(RevokeError::LoggedOut)));
    bed.caller(&mine).await;
}

#[sqlx::test(migrations = false)]
async fn of_two_devices_that_revoke_each_other_one_wins(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    for _ in 0..20 {
        let (one, two) = (bed.log_in().await, bed.log_in().await);
        let (first, second) = (bed.caller(&one).await, bed.caller(&two).await);
        let (first, second) = tokio::join!(
            bed.core
                .sessions
                .revoke_others(bed.core.sessions.confirmed(&first).unwrap()),
            bed.core
                .sessions
                .revoke_others(bed.core.sessions.confirmed(&second).unwrap()),
        );
        let outcomes = [first, second];
        assert_eq!(
            outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
            1,
            "{outcomes:?}"
        );
        let lost = outcomes.iter().find(|outcome| outcome.is_err()).unwrap();
        assert!(matches!(lost, Err(RevokeError::LoggedOut)), "{lost:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_request_cancelled_while_it_begins_leaves_a_clean_connection(_: Pool, options: Options) {
    let mut settings = Settings::default();
    settings.databases.max_connections = 1;
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    for polls in 1..12 {
        let mut request = Box::pin(bed.core.sessions.list(&caller));
        for _ in 0..polls {
            if futures::poll!(&mut request).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(request);
        bed.caller(&opened).await;
    }
}

#[sqlx::test(migrations = false)]
async fn a_disabled_user_has_no_live_session_whatever_the_clocks_say(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    // This node's clock is a little ahead of the clock of the request's node.
    let idle = Settings::default().sessions.idle_timeout;
    bed.clock.advance(idle + Duration::from_secs(10));
    bed.core
        .users
        .disable(&bed.database, &bed.ada)
        .await
        .unwrap();
    assert_eq!(
        ended(bed.resume(&opened.token).await).0,
        EndCause::UserDisabled
    );
}
