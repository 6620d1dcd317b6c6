//! Connections are for databases in use. Work beside requests takes none of their places.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    time::{Duration, Instant},
};

use latchkey_core::{
    Core,
    database::{Database, DatabaseName},
    live::{Change, Watcher},
    log_in::OpenedSession,
    session::{Activity, Bearer, Resumed},
    settings::Settings,
    testing::{self, PASSWORD, Proxy, Statements, TestBed, attempt, new_user},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// The time that a busy machine may need.
const PATIENCE: Duration = Duration::from_secs(20);

/// Settings with one place for an open database, and one connection to it.
fn narrow() -> Settings {
    let mut settings = Settings::default();
    settings.databases.max_pools = 1;
    settings.databases.max_connections = 1;
    settings.live.look_interval = Duration::from_hours(1);
    settings.live.look_interval_unheard = Duration::from_hours(1);
    settings
}

/// Another database on the same server, with Ada in it.
async fn another_database(bed: &TestBed) -> (DatabaseName, Database) {
    let own = bed.database.name().as_str();
    let name: DatabaseName = format!("{}_pools", &own[..50]).parse().unwrap();
    let ada = new_user("ada@example.com", "Ada", Role::Person);
    let database = bed.core.users.create_database(&name, ada).await.unwrap();
    (name, database)
}

/// The connections of an application to a database, except those that listen.
async fn connections(look: &sqlx::PgPool, application: &str, database: &DatabaseName) -> Vec<i32> {
    sqlx::query_scalar(
        "select pid from pg_stat_activity
        where datname = $1 and application_name = $2 and query not ilike 'listen%' and query not like 'notify%' order by pid",
    )
    .bind(database.as_str())
    .bind(application)
    .fetch_all(look)
    .await
    .unwrap()
}

/// Waits until no connection is left.
async fn until_closed(look: &sqlx::PgPool, application: &str, database: &DatabaseName) {
    let closing = async { while !connections(look, application, database).await.is_empty() {} };
    tokio::time::timeout(PATIENCE, closing).await.unwrap();
}

/// A node with this application name, which finds its databases through the database `postgres`.
fn node(name: &str, bed: &TestBed, options: &PgConnectOptions) -> Core {
    let options = options.clone().application_name(name).database("postgres");
    testing::core(options, narrow(), Vec::new(), bed.clock.clone())
}

/// Undoes one of the migrations that a database has applied.
async fn make_outdated(options: &PgConnectOptions, database: &DatabaseName) {
    let look = testing::look(options.clone().database(database.as_str())).await;
    let take_back =
        "delete from _sqlx_migrations where version = 5; drop index password_changes_by_time,
        superseded_tokens_by_time, known_devices_by_time, log_in_attempts_throttled_once;
        alter table log_in_attempts drop column throttled_in";
    sqlx::raw_sql(take_back).execute(&look).await.unwrap();
    look.close().await;
}

/// Whether the database has applied that migration again.
async fn is_migrated(options: &PgConnectOptions, database: &DatabaseName) -> bool {
    let look = testing::look(options.clone().database(database.as_str())).await;
    let had = "select exists (select from _sqlx_migrations where version = 5 and success)";
    let is_migrated = sqlx::query_scalar(had).fetch_one(&look).await.unwrap();
    look.close().await;
    is_migrated
}

async fn next(watcher: &mut Watcher) -> Option<Change> {
    tokio::time::timeout(PATIENCE, watcher.next())
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn the_sweep_takes_no_persons_place(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options.clone()).await;
    let (unused, database) = another_database(&bed).await;
    bed.core
        .log_in
        .attempt(&database, attempt("ada@example.com", PASSWORD))
        .await
        .unwrap();
    drop(database);
    let node = node("sweeper", &bed, &options);
    let in_use = bed.database.name();
    let use_it = async || {
        let database = node.databases.open_any(in_use).await.unwrap();
        node.users.list(&database).await.unwrap();
        connections(&look, "sweeper", in_use).await
    };
    let before = use_it().await;
    assert_eq!(before.len(), 1);

    bed.clock.advance(Duration::from_hours(13));
    assert_eq!(node.sweeper.sweep_by_name(&unused).await.unwrap().marked, 1);
    until_closed(&look, "sweeper", &unused).await;
    assert_eq!(use_it().await, before, "it is still open");
    node.sweeper.sweep_by_name(in_use).await.unwrap();
    assert_eq!(use_it().await, before, "it is swept over its own");
    bed.core.databases.drop_database(&unused).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_watcher_holds_no_connection_open(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options.clone()).await;
    let (other, database) = another_database(&bed).await;
    drop(database);
    let node = node("watcher", &bed, &options);
    let watched = bed.database.name();
    let mut caller = Bearer::clone(&*bed.caller(&bed.log_in().await).await);
    caller.database = node.databases.open_any(watched).await.unwrap();
    let mut watcher = node.live.watch(&caller).unwrap();
    drop(caller);
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
    assert!(!connections(&look, "watcher", watched).await.is_empty());

    // The other database takes the only place.
    node.databases.open_any(&other).await.unwrap();
    until_closed(&look, "watcher", watched).await;
    bed.log_in().await;
    assert_eq!(next(&mut watcher).await, Some(Change::Sessions));
    bed.core.databases.drop_database(&other).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_start_brings_databases_up_to_date_and_holds_no_connection(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options.clone()).await;
    let (other, database) = another_database(&bed).await;
    drop(database);
    let node = node("starter", &bed, &options);
    let names = vec![bed.database.name().clone(), other.clone()];
    for name in &names {
        make_outdated(&options, name).await;
    }
    node.databases.bring_up_to_date(names.clone()).await;
    for name in &names {
        until_closed(&look, "starter", name).await;
        assert!(is_migrated(&options, name).await);
        assert!(!node.databases.is_open(name).await);
    }
    bed.core.databases.drop_database(&other).await.unwrap();
}

/// Two databases take turns in the only place.
#[sqlx::test(migrations = false)]
async fn a_database_that_comes_back_is_looked_for_and_not_prepared_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let (other, database) = another_database(&bed).await;
    drop(database);
    let node = node("turns", &bed, &options);
    let names = [bed.database.name(), &other];
    let use_both = || {
        Statements::count(async {
            for name in names {
                let database = node.databases.open_any(name).await.unwrap();
                assert_eq!(node.users.list(&database).await.unwrap().len(), 1);
            }
        })
    };
    let listing = Statements::count(async {
        node.users.list(&bed.database).await.unwrap();
    });
    let listing = listing.await;
    assert!(use_both().await > 2 * (1 + listing), "it is prepared first");
    for _ in 0..2 {
        assert_eq!(use_both().await, 2 * (1 + listing));
    }
    bed.core.databases.drop_database(&other).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_database_that_takes_anothers_name_is_prepared_anew(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let (other, database) = another_database(&bed).await;
    drop(database);
    let node = node("renaming", &bed, &options);
    node.databases.open_any(&other).await.unwrap();
    // The test's database takes the only place.
    node.databases.open_any(bed.database.name()).await.unwrap();
    bed.core.databases.drop_database(&other).await.unwrap();
    another_database(&bed).await;
    make_outdated(&options, &other).await;

    node.databases.open_any(&other).await.unwrap();
    assert!(is_migrated(&options, &other).await);
    bed.core.databases.drop_database(&other).await.unwrap();
}

/// A connection is not back in its pool at once.
#[sqlx::test(migrations = false)]
async fn statements_one_after_the_other_share_a_connection(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options.clone()).await;
    let opened = bed.log_in().await;
    let options = options.application_name("sequel").database("postgres");
    let node = testing::core(options, Settings::default(), Vec::new(), bed.clock.clone());
    let database = node.databases.open_any(bed.database.name()).await.unwrap();
    let resumed = node
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
        panic!("the session has ended");
    };
    for _ in 0..20 {
        node.users.list(&database).await.unwrap();
        // In transactions.
        node.sessions.list(&caller).await.unwrap();
        node.sessions.list_ended(&caller).await.unwrap();
    }
    let connected = connections(&look, "sequel", bed.database.name()).await;
    assert_eq!(connected.len(), 1);
}

/// There is always a look-up that waits for the next statement.
#[sqlx::test(migrations = false)]
async fn look_ups_without_a_pause_share_the_only_connection(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let node = node("pauseless", &bed, &options);
    let database = node.databases.open_any(bed.database.name()).await.unwrap();
    let is_over = AtomicBool::new(false);
    let client = testing::client();
    let look_up = async || {
        while !is_over.load(SeqCst) {
            let resumed = node
                .sessions
                .resume(&database, &opened.token, &client, Activity::Person);
            assert!(matches!(resumed.await, Ok(Resumed::Live(_))));
        }
    };
    let others = async {
        for _ in 0..10 {
            let users = tokio::time::timeout(PATIENCE, node.users.list(&database)).await;
            assert_eq!(users.unwrap().unwrap().len(), 1);
        }
        is_over.store(true, SeqCst);
    };
    tokio::join!(
        futures::future::join_all((0..20).map(|_| look_up())),
        others
    );
}

#[sqlx::test(migrations = false)]
async fn open_databases_leave_connections_to_others(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options.clone()).await;
    let role = format!("{}_limited", &bed.database.name().as_str()[..50]).to_lowercase();
    let limited = format!("create role \"{role}\" superuser login connection limit 8");
    let run = async |statement: String| {
        let statement = sqlx::AssertSqlSafe(statement);
        sqlx::raw_sql(statement).execute(&look).await.unwrap();
    };
    run(limited).await;
    let options = options.clone().username(&role).application_name("limited");
    let mut settings = narrow();
    settings.databases.max_pools = 64;
    settings.databases.max_connections = 2;
    let node = testing::core(
        options.database("postgres"),
        settings,
        Vec::new(),
        bed.clock.clone(),
    );
    let mut others = Vec::new();
    for number in 0..5 {
        let own = bed.database.name().as_str();
        let name: DatabaseName = format!("{}_{number}", &own[..50]).parse().unwrap();
        let root = new_user("root", "Root", Role::Administrator);
        bed.core.users.create_database(&name, root).await.unwrap();
        others.push(name);
    }
    for name in &others {
        let database = node.databases.open_any(name).await.unwrap();
        let (one, two) = tokio::join!(node.users.list(&database), node.users.list(&database));
        assert_eq!((one.unwrap().len(), two.unwrap().len()), (1, 1));
    }
    let count = "select count(*) from pg_stat_activity where usename = $1";
    let few = async {
        while sqlx::query_scalar::<_, i64>(count)
            .bind(&role)
            .fetch_one(&look)
            .await
            .unwrap()
            > 8
        {}
    };
    tokio::time::timeout(PATIENCE, few).await.unwrap();
    assert!(node.databases.is_open(others.last().unwrap()).await);
    node.databases.close().await;
    for name in &others {
        bed.core.databases.drop_database(name).await.unwrap();
    }
    run(format!("drop role \"{role}\"")).await;
}

/// The longest time that a node may be unavailable after its connections died silently.
const AWAY: Duration = Duration::from_secs(10);

/// A request that resumes a session and lists the person's sessions. Returns whether the node answered.
async fn request(node: &Core, bed: &TestBed, opened: &OpenedSession) -> bool {
    let work = async {
        let database = node.databases.open_any(bed.database.name()).await.ok()?;
        let resumed = node
            .sessions
            .resume(
                &database,
                &opened.token,
                &testing::client(),
                Activity::Person,
            )
            .await
            .ok()?;
        let Resumed::Live(caller) = resumed else {
            panic!("the session is live");
        };
        node.sessions.list(&caller).await.ok()
    };
    // A request that takes too long is dropped, as by the server's time limit.
    let answer = tokio::time::timeout(PATIENCE, work).await;
    answer.is_ok_and(|answer| answer.is_some())
}

/// The time from a fault until each of twenty clients that send requests without a pause has an answer.
async fn away(node: &Core, bed: &TestBed, opened: &OpenedSession, fault: impl Fn()) -> Duration {
    let answered: [AtomicUsize; 20] = Default::default();
    let is_over = AtomicBool::new(false);
    let ask = async |answered: &AtomicUsize| {
        while !is_over.load(SeqCst) {
            if request(node, bed, opened).await {
                answered.fetch_add(1, SeqCst);
            } else {
                answered.store(0, SeqCst);
            }
        }
    };
    let all = async |count: usize| {
        while !answered
            .iter()
            .all(|answered| answered.load(SeqCst) >= count)
        {
            tokio::task::yield_now().await;
        }
    };
    let asking = futures::future::join_all(answered.iter().map(ask));
    let looking = async {
        all(3).await;
        fault();
        let start = Instant::now();
        for answered in &answered {
            answered.store(0, SeqCst);
        }
        let well = tokio::time::timeout(3 * PATIENCE, all(3)).await;
        let away = start.elapsed();
        is_over.store(true, SeqCst);
        well.unwrap();
        away
    };
    tokio::join!(asking, looking).1
}

/// The connections die without FIN and RST, as when a firewall forgets connections or a host is lost. New connections
/// work.
#[sqlx::test(migrations = false)]
async fn a_node_whose_connections_die_without_a_word_is_well_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let proxy = Proxy::start(&options);
    let settings = Settings::default();
    let node = testing::core(
        proxy.options(&options),
        settings,
        Vec::new(),
        bed.clock.clone(),
    );
    for round in 0..2 {
        let away = away(&node, &bed, &opened, || proxy.freeze()).await;
        println!("round {round}: away for {away:?}");
        assert!(away < AWAY, "round {round}: {away:?}");
    }
    // The requests come one after the other, while the other connections are idle.
    proxy.freeze();
    let start = Instant::now();
    while !request(&node, &bed, &opened).await {}
    let away = start.elapsed();
    println!("one at a time: away for {away:?}");
    assert!(away < AWAY, "{away:?}");
}

#[sqlx::test(migrations = false)]
async fn a_node_whose_connections_are_cut_is_well_again(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let proxy = Proxy::start(&options);
    let settings = Settings::default();
    let node = testing::core(
        proxy.options(&options),
        settings,
        Vec::new(),
        bed.clock.clone(),
    );
    let away = away(&node, &bed, &opened, || proxy.cut()).await;
    println!("away for {away:?}");
    assert!(away < AWAY, "{away:?}");
}
