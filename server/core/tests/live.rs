//! Live updates: which changes a watcher hears of, on which node, how fast, and at which cost.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::{Duration, Instant};

use latchkey_core::{
    Core,
    access::{Policy, PolicyLevel, PolicySetting},
    client::Client,
    clock::Clock as _,
    live::{Change, TooManyWatchers, Watcher},
    session::{Activity, Bearer, Caller, EndCause, Resumed},
    settings::{LiveSettings, Settings},
    testing::{self, Proxy, TestBed},
};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

/// A pause between looks that is longer than any test, so that a watcher hears only by notification.
const NEVER: Duration = Duration::from_hours(1);
const AT_ONCE: Duration = Duration::from_millis(20);

/// After a break a device becomes "Active now" at once.
const A_BREAK: Duration = Duration::from_mins(5);

/// A second, and the time that a busy machine may need.
const PATIENCE: Duration = Duration::from_secs(20);

fn looking(look_interval: Duration, look_interval_unheard: Duration) -> Settings {
    Settings {
        live: LiveSettings {
            look_interval,
            look_interval_unheard,
            ..LiveSettings::default()
        },
        ..Settings::default()
    }
}

async fn next(watcher: &mut Watcher) -> Option<Change> {
    tokio::time::timeout(PATIENCE, watcher.next())
        .await
        .unwrap()
}

/// A watcher that has read the present state, and hears of the next changes.
async fn watch(core: &Core, caller: &Bearer, options: &Options) -> Watcher {
    let mut watcher = core.live.watch(caller).unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
    listeners(options, |count| count > 0).await;
    watcher
}

/// Waits until the number of listening connections is right, and returns their process ids.
async fn listeners(options: &Options, is_right: impl Fn(usize) -> bool) -> Vec<i32> {
    let pool = testing::look(options.clone()).await;
    loop {
        let listening: Vec<i32> = sqlx::query_scalar(
            "select pid from pg_stat_activity where datname = current_database()
             and query = 'LISTEN \"latchkey_sessions\"' and state = 'idle'",
        )
        .fetch_all(&pool)
        .await
        .unwrap();
        if is_right(listening.len()) {
            return listening;
        }
    }
}

/// Another node on the same database, and the caller there.
async fn another_node(
    bed: &TestBed,
    options: &Options,
    settings: Settings,
    me: &Caller,
) -> (Core, Bearer) {
    let clock = std::sync::Arc::clone(&bed.clock);
    let node = testing::core(options.clone(), settings, Vec::new(), clock);
    let database = node.databases.open_any(bed.database.name()).await.unwrap();
    let mut there = Bearer::clone(me);
    there.database = database;
    (node, there)
}

#[sqlx::test(migrations = false)]
async fn an_open_page_hears_that_its_session_ends_earlier(_: Pool, options: Options) {
    let settings = looking(NEVER, NEVER);
    let bed = TestBed::with(options.clone(), settings, Vec::new()).await;
    let opened = bed.log_in().await;
    let me = bed.caller(&opened).await;
    let mut watcher = watch(&bed.core, &me, &options).await;
    let policies = &bed.core.policies;
    for (setting, value) in [
        (PolicySetting::IdleTimeout, 600),
        (PolicySetting::AbsoluteTimeout, 300),
    ] {
        let policy = Policy {
            level: PolicyLevel::Database,
            setting,
            value,
        };
        policies.set(&bed.database, policy).await.unwrap();
        assert_eq!(
            next(&mut watcher).await,
            Some(Change::Shortened),
            "{setting:?}"
        );
        assert_eq!(
            next(&mut watcher).await,
            Some(Change::Sessions),
            "{setting:?}"
        );
    }
    // A longer time needs no warning.
    let absolute = PolicySetting::AbsoluteTimeout;
    policies
        .clear(&bed.database, PolicyLevel::Database, absolute)
        .await
        .unwrap();
    bed.log_in().await;
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
}

#[sqlx::test(migrations = false)]
async fn what_one_node_does_is_told_on_another(_: Pool, options: Options) {
    let settings = looking(NEVER, NEVER);
    let bed = TestBed::with(options.clone(), settings.clone(), Vec::new()).await;
    let (laptop, phone) = (bed.log_in().await, bed.log_in().await);
    let me = bed.caller(&laptop).await;
    let (node, there) = another_node(&bed, &options, settings, &bed.caller(&phone).await).await;
    let mut watcher = watch(&node, &there, &options).await;

    let tablet = bed.log_in().await;
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions), "a log-in");
    bed.core
        .sessions
        .acknowledge_device(&me, tablet.id)
        .await
        .unwrap();
    assert_eq!(
        next(&mut watcher).await,
        Some(Change::Sessions),
        "the person says \"It was me\""
    );
    bed.clock.advance(A_BREAK);
    bed.caller(&tablet).await;
    assert_eq!(
        next(&mut watcher).await,
        Some(Change::Sessions),
        "use after a break"
    );
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), tablet.id)
        .await
        .unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions), "a revoke");
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), phone.id)
        .await
        .unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Ended));
    assert_eq!(next(&mut watcher).await, None);
}

#[sqlx::test(migrations = false)]
async fn a_failed_log_in_is_told_by_the_next_look(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(AT_ONCE, NEVER), Vec::new()).await;
    let me = bed.caller(&bed.log_in().await).await;
    let mut watcher = watch(&bed.core, &me, &options).await;
    for failure in ["the first", "the second"] {
        bed.clock.advance(Duration::from_secs(1));
        bed.try_log_in("ada@example.com", "wrong")
            .await
            .err()
            .unwrap();
        assert_eq!(
            next(&mut watcher).await,
            Some(Change::Sessions),
            "{failure}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn a_look_at_the_failed_log_ins_is_told_at_once(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(NEVER, NEVER), Vec::new()).await;
    let me = bed.caller(&bed.log_in().await).await;
    bed.try_log_in("ada@example.com", "wrong")
        .await
        .err()
        .unwrap();
    let mut watcher = watch(&bed.core, &me, &options).await;
    let now = bed.clock.now();
    bed.core.activity.failures_seen(&me, now).await.unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
}

#[sqlx::test(migrations = false)]
async fn no_person_hears_of_another_person(_: Pool, options: Options) {
    let settings = looking(NEVER, NEVER);
    let bed = TestBed::with(options.clone(), settings, Vec::new()).await;
    bed.another_user("eve").await;
    let eve = bed.try_log_in("eve", testing::PASSWORD).await.unwrap();
    let eve = bed.caller(&eve).await;
    let mine = bed.log_in().await;
    let me = bed.caller(&mine).await;
    let mut watcher = watch(&bed.core, &eve, &options).await;
    let mut mine = watch(&bed.core, &me, &options).await;
    bed.log_in().await;
    // Notifications arrive in order of commit, so a notification about her would have arrived before.
    assert_eq!(next(&mut mine).await, Some(Change::Sessions));
    bed.core.sessions.log_out(&eve).await.unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Ended));
}

#[sqlx::test(migrations = false)]
async fn without_a_notification_the_next_look_tells(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(AT_ONCE, AT_ONCE), Vec::new()).await;
    let (laptop, phone) = (bed.log_in().await, bed.log_in().await);
    let me = bed.caller(&laptop).await;
    let mut watcher = watch(&bed.core, &*bed.caller(&phone).await, &options).await;
    let pool = testing::look(options).await;
    sqlx::query("alter table sessions disable trigger user")
        .execute(&pool)
        .await
        .unwrap();
    let tablet = bed.log_in().await;
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), tablet.id)
        .await
        .unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), phone.id)
        .await
        .unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Ended));
}

/// Each session in use writes its activity once a minute, and commits that notify wait for each other.
#[sqlx::test(migrations = false)]
async fn use_without_a_break_is_told_by_the_next_look_and_by_no_notification(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::with(options.clone(), looking(AT_ONCE, AT_ONCE), Vec::new()).await;
    let eve = bed.another_user("eve").await;
    let (laptop, phone) = (bed.log_in().await, bed.log_in().await);
    let mut watcher = watch(&bed.core, &*bed.caller(&phone).await, &options).await;
    let mut listener = PgListener::connect_with(&testing::look(options).await)
        .await
        .unwrap();
    listener.listen("latchkey_sessions").await.unwrap();
    let active = bed.caller(&laptop).await.session.last_active_at;
    bed.clock.advance(A_BREAK * 9 / 10);
    assert!(bed.caller(&laptop).await.session.last_active_at > active);
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));

    // Notifications arrive in order of commit, so a notification for Ada would have arrived before.
    bed.try_log_in("eve", testing::PASSWORD).await.unwrap();
    loop {
        let heard = tokio::time::timeout(PATIENCE, listener.recv())
            .await
            .unwrap()
            .unwrap();
        // The payload is empty if a node's listener tests its connection.
        if !heard.payload().is_empty() {
            assert_eq!(heard.payload(), eve.id.to_string());
            break;
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_listener_that_is_cut_off_comes_back_and_misses_nothing(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(NEVER, AT_ONCE), Vec::new()).await;
    let (laptop, phone) = (bed.log_in().await, bed.log_in().await);
    let me = bed.caller(&laptop).await;
    let mut watcher = watch(&bed.core, &*bed.caller(&phone).await, &options).await;
    let pool = testing::look(options.clone()).await;
    for _ in 0..3 {
        let listening = listeners(&options, |count| count == 1).await;
        sqlx::query("select pg_terminate_backend($1)")
            .bind(listening[0])
            .execute(&pool)
            .await
            .unwrap();
        bed.log_in().await;
        assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
    }
    listeners(&options, |count| count == 1).await;
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), phone.id)
        .await
        .unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Ended));
}

/// The listener's connection and the other connections of its node die silently. New connections work.
#[sqlx::test(migrations = false)]
async fn a_listener_that_goes_deaf_is_not_believed(_: Pool, options: Options) {
    let settings = looking(NEVER, AT_ONCE);
    let bed = TestBed::with(options.clone(), settings.clone(), Vec::new()).await;
    let (laptop, phone) = (bed.log_in().await, bed.log_in().await);
    let me = bed.caller(&laptop).await;
    let proxy = Proxy::start(&options);
    let there = bed.caller(&phone).await;
    let (node, there) = another_node(&bed, &proxy.options(&options), settings, &there).await;
    let mut watcher = watch(&node, &there, &options).await;
    for round in 0..2 {
        proxy.freeze();
        let frozen = Instant::now();
        bed.log_in().await;
        let told = next(&mut watcher).await;
        assert_eq!(told, Some(Change::Sessions), "round {round}");
        let took = frozen.elapsed();
        assert!(took < Duration::from_secs(10), "round {round}: {took:?}");
    }
    bed.core
        .sessions
        .revoke(bed.core.sessions.confirmed(&me).unwrap(), phone.id)
        .await
        .unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Ended));
}

#[sqlx::test(migrations = false)]
async fn watching_is_no_activity(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(AT_ONCE, AT_ONCE), Vec::new()).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    let mut watcher = watch(&bed.core, &caller, &options).await;
    let idle = Settings::default().sessions.idle_timeout;
    for _ in 0..2 {
        bed.clock.advance(idle / 4);
        let resumed = bed
            .core
            .sessions
            .resume(
                &bed.database,
                &opened.token,
                &testing::client(),
                Activity::Background,
            )
            .await
            .unwrap();
        assert!(matches!(resumed, Resumed::Live(_)));
    }
    let listed = bed.core.sessions.list(&caller).await.unwrap();
    assert_eq!(
        listed[0].session.last_active_at,
        caller.session.last_active_at
    );
    assert_eq!(listed[0].session.expiry, caller.session.expiry);
    // The session then ends at its time, and the watcher hears of the end.
    bed.clock.advance(idle / 2);
    assert_eq!(next(&mut watcher).await, Some(Change::Ended));
    let resumed = bed.resume(&opened.token).await;
    assert!(matches!(resumed, Resumed::Ended(ended) if ended.cause == EndCause::Idle));
}

#[sqlx::test(migrations = false)]
async fn a_disabled_user_is_told_even_without_the_word_of_a_session(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(AT_ONCE, AT_ONCE), Vec::new()).await;
    let opened = bed.log_in().await;
    let mut watcher = watch(&bed.core, &*bed.caller(&opened).await, &options).await;
    let pool = testing::look(options).await;
    sqlx::query("update users set disabled_at = now()")
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Ended));
}

#[sqlx::test(migrations = false)]
async fn a_database_has_one_listener_and_none_once_the_node_stops(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(NEVER, NEVER), Vec::new()).await;
    let (one, two) = (bed.log_in().await, bed.log_in().await);
    let mut one = watch(&bed.core, &*bed.caller(&one).await, &options).await;
    let mut two = watch(&bed.core, &*bed.caller(&two).await, &options).await;
    assert_eq!(listeners(&options, |_| true).await.len(), 1);
    bed.core.live.stop();
    assert_eq!(next(&mut one).await, None);
    assert_eq!(next(&mut two).await, None);
    listeners(&options, |count| count == 0).await;
}

#[sqlx::test(migrations = false)]
async fn a_dropped_database_ends_its_watchers(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(NEVER, AT_ONCE), Vec::new()).await;
    let own = bed.database.name().as_str();
    let name = format!("{}_live", &own[..50]).parse().unwrap();
    let new = testing::new_user("ada@example.com", "Ada", latchkey_core::user::Role::Person);
    bed.core.users.create_database(&name, new).await.unwrap();
    let database = bed.core.databases.open_any(&name).await.unwrap();
    let attempt = testing::attempt("ada@example.com", testing::PASSWORD);
    let opened = bed.core.log_in.attempt(&database, attempt).await.unwrap();
    let resumed = bed
        .core
        .sessions
        .resume(
            &database,
            &opened.token,
            &testing::client(),
            Activity::Person,
        )
        .await
        .unwrap();
    let Resumed::Live(caller) = resumed else {
        panic!("the session is live");
    };
    let mut watcher = watch(&bed.core, &caller, &options.database(name.as_str())).await;
    bed.core.databases.drop_database(&name).await.unwrap();
    assert_eq!(next(&mut watcher).await, None);
}

#[sqlx::test(migrations = false)]
async fn there_are_so_many_seats_and_each_is_given_back(_: Pool, options: Options) {
    let mut settings = Settings::default();
    settings.live.max_watchers = 3;
    settings.live.max_watchers_per_session = 2;
    let bed = TestBed::with(options, settings, Vec::new()).await;
    let (one, two) = (bed.log_in().await, bed.log_in().await);
    let (one, two) = (bed.caller(&one).await, bed.caller(&two).await);
    let watch = |caller| bed.core.live.watch(caller);
    let (first, second) = (watch(&one).unwrap(), watch(&one).unwrap());
    assert_eq!(watch(&one).err(), Some(TooManyWatchers::Session));
    let third = watch(&two).unwrap();
    assert_eq!(watch(&two).err(), Some(TooManyWatchers::Node));
    drop(first);
    let fourth = watch(&two).unwrap();
    drop((second, third, fourth));
    assert_eq!(bed.core.live.watching(), 0);
}

#[sqlx::test(migrations = false)]
async fn a_user_has_so_many_seats_in_all_sessions(_: Pool, options: Options) {
    let mut settings = Settings::default();
    settings.live.max_watchers_per_user = 2;
    let bed = TestBed::with(options, settings, Vec::new()).await;
    bed.another_user("eve").await;
    let eve = bed.try_log_in("eve", testing::PASSWORD).await.unwrap();
    let eve = bed.caller(&eve).await;
    let mut callers = Vec::new();
    for _ in 0..3 {
        callers.push(bed.caller(&bed.log_in().await).await);
    }
    let [one, two, three] = callers.try_into().ok().unwrap();
    let watch = |caller| bed.core.live.watch(caller);
    let (first, second) = (watch(&one).unwrap(), watch(&two).unwrap());
    assert_eq!(watch(&three).err(), Some(TooManyWatchers::User));
    let other = watch(&eve).unwrap();
    drop(first);
    let third = watch(&three).unwrap();
    drop((second, third, other));
    assert_eq!(bed.core.live.watching(), 0);
}

#[sqlx::test(migrations = false)]
async fn another_address_is_told_although_it_is_no_activity(_: Pool, options: Options) {
    let bed = TestBed::with(options.clone(), looking(NEVER, NEVER), Vec::new()).await;
    let opened = bed.log_in().await;
    let mut watcher = watch(&bed.core, &*bed.caller(&opened).await, &options).await;
    let client = Client {
        address: "192.0.2.1".parse().ok(),
        ..testing::client()
    };
    let looked =
        bed.core
            .sessions
            .resume(&bed.database, &opened.token, &client, Activity::Background);
    looked.await.unwrap();
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
}

/// A developer who adds a column decides whether pages that show a session must hear of its changes. If they must,
/// `session/store/live_state.rs` and the trigger that notifies need the column.
#[sqlx::test(migrations = false)]
async fn every_column_of_a_session_is_watched_or_not_on_purpose(_: Pool, options: Options) {
    let _bed = TestBed::new(options.clone()).await;
    let watched = "id last_active_at idle_expires_at absolute_expires_at last_address device_name
        device_new_since";
    let not_live_then = "ended_at end_cause ended_by_session";
    let unseen = "confirmed_at last_address_at device_id generation time_zone context pending";
    let never_changed = "user_id authenticated_by created_at first_address user_agent
        is_on_shared_computer";
    let mut known: Vec<&str> = [watched, not_live_then, unseen, never_changed]
        .iter()
        .flat_map(|names| names.split_whitespace())
        .collect();
    known.sort_unstable();
    let there: Vec<String> = sqlx::query_scalar(
        "select attname::text from pg_attribute
        where attrelid = 'sessions'::regclass and attnum > 0 and not attisdropped
        order by attname collate \"C\"",
    )
    .fetch_all(&testing::look(options).await)
    .await
    .unwrap();
    assert_eq!(there, known);
}
