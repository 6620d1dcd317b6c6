//! Databases are created, found, opened and dropped in a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use latchkey_core::{
    account::CreateUserError,
    database::{DatabaseName, OpenDatabaseError},
    session::Resumed,
    settings::Settings,
    testing::{self, PASSWORD, TestBed},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// A name that no other test on this server uses: the test database's name, shortened and marked.
fn sibling(bed: &TestBed, mark: &str) -> DatabaseName {
    let own = bed.database.name().as_str();
    format!("{}_{mark}", &own[..50]).parse().unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_database_is_made_found_and_dropped(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    let name = sibling(&bed, "made");
    let administrator = || testing::new_user("root@example.com", "Root", Role::Administrator);
    let database = bed
        .core
        .users
        .create_database(&name, administrator())
        .await
        .unwrap();
    assert!(bed.core.databases.list().await.unwrap().contains(&name));
    let opened = bed
        .core
        .log_in
        .attempt(&database, testing::attempt("root@example.com", PASSWORD))
        .await
        .unwrap();

    let again = bed
        .core
        .users
        .create_database(&name, administrator())
        .await
        .err()
        .unwrap();
    assert!(matches!(
        again,
        CreateUserError::Database(latchkey_core::database::CreateDatabaseError::Exists)
    ));

    // A database's sessions and users cannot be reached from another database.
    assert!(matches!(bed.resume(&opened.token).await, Resumed::Unknown));
    assert!(bed.try_log_in("root@example.com", PASSWORD).await.is_err());

    bed.core.databases.drop_database(&name).await.unwrap();
    assert!(!bed.core.databases.list().await.unwrap().contains(&name));
    let gone = bed.core.databases.open_any(&name).await.err().unwrap();
    assert!(matches!(gone, OpenDatabaseError::Unknown));
    assert!(matches!(
        bed.core.databases.drop_database(&name).await,
        Err(OpenDatabaseError::Unknown)
    ));
}

#[sqlx::test(migrations = false)]
async fn a_database_that_is_not_ours_is_unknown(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options).await;
    for foreign in ["postgres", "template1", "nowhere-at-all"] {
        let name: DatabaseName = foreign.parse().unwrap();
        assert!(
            matches!(
                bed.core.databases.open_any(&name).await,
                Err(OpenDatabaseError::Unknown)
            ),
            "{foreign}"
        );
        assert!(
            matches!(
                bed.core.databases.drop_database(&name).await,
                Err(OpenDatabaseError::Unknown)
            ),
            "{foreign}"
        );
        assert!(!bed.core.databases.list().await.unwrap().contains(&name));
    }
}

#[sqlx::test(migrations = false)]
async fn a_failed_creation_leaves_nothing_behind(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let name = sibling(&bed, "half");
    let mut weak = testing::new_user("root", "Root", Role::Administrator);
    weak.password = latchkey_core::account::PasswordOrigin::Given(
        latchkey_core::user::Password::new("short".to_owned()),
    );
    assert!(matches!(
        bed.core.users.create_database(&name, weak).await,
        Err(CreateUserError::Password(_))
    ));
    let there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(name.as_str())
            .fetch_one(&testing::look(options).await)
            .await
            .unwrap();
    assert!(!there);
}

#[sqlx::test(migrations = false)]
async fn a_broken_database_stops_no_other(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let name = sibling(&bed, "broken");
    let administrator = testing::new_user("root", "Root", Role::Administrator);
    bed.core
        .users
        .create_database(&name, administrator)
        .await
        .unwrap();
    sqlx::query("update _sqlx_migrations set checksum = 'x'")
        .execute(&testing::look(options.clone().database(name.as_str())).await)
        .await
        .unwrap();
    let core = testing::core(options, Settings::default(), Vec::new(), bed.clock.clone());
    let own = bed.database.name().clone();
    core.databases
        .bring_up_to_date(vec![name.clone(), own])
        .await;
    assert!(matches!(
        core.databases.open_any(&name).await,
        Err(OpenDatabaseError::Broken(_))
    ));
    core.databases.open_any(bed.database.name()).await.unwrap();
    core.databases.drop_database(&name).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_host_sees_what_the_filter_lets_through(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let own = bed.database.name();
    let mut settings = Settings::default();
    settings.databases.filter = Some("%d".parse().unwrap());
    let core = testing::core(options, settings, Vec::new(), bed.clock.clone());
    let host = format!("{own}.example.com").to_lowercase();
    // The database's name has capitals and a host name has none, so they differ.
    assert!(matches!(
        core.databases.open(own, &host).await,
        Err(OpenDatabaseError::Unknown)
    ));
    assert!(
        core.databases
            .visible("example.com")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(core.databases.open_any(own).await.is_ok());
}

#[sqlx::test(migrations = false)]
async fn open_databases_are_bounded_and_the_rest_still_works(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let mut settings = Settings::default();
    settings.databases.max_pools = 1;
    let core = testing::core(options, settings, Vec::new(), bed.clock.clone());
    let other = sibling(&bed, "other");
    core.users
        .create_database(
            &other,
            testing::new_user("root", "Root", Role::Administrator),
        )
        .await
        .unwrap();
    for _ in 0..3 {
        for name in [bed.database.name(), &other] {
            let database = core.databases.open_any(name).await.unwrap();
            core.users.list(&database).await.unwrap();
        }
    }
    core.databases.drop_database(&other).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_database_that_could_not_be_created_is_not_dropped(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let name = sibling(&bed, "kept");
    let administrator = || testing::new_user("root", "Root", Role::Administrator);
    bed.core
        .users
        .create_database(&name, administrator())
        .await
        .unwrap();
    // The role owns the database but may not create one, so creating it again fails before the name is checked.
    let pool = testing::look(options.clone()).await;
    let role = format!("{}_r", &bed.database.name().as_str()[..50]).to_lowercase();
    for statement in [
        format!("create role \"{role}\" login nocreatedb"),
        format!("alter database \"{name}\" owner to \"{role}\""),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
            .execute(&pool)
            .await
            .unwrap();
    }
    let weak = testing::core(
        options.username(&role),
        Settings::default(),
        Vec::new(),
        bed.clock.clone(),
    );
    assert!(
        weak.users
            .create_database(&name, administrator())
            .await
            .is_err()
    );
    assert!(bed.core.databases.list().await.unwrap().contains(&name));
    bed.core.databases.drop_database(&name).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("drop role \"{role}\"")))
        .execute(&pool)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn the_schema_of_a_newer_release_is_worked_on(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
        values (999999, 'of a newer release', true, '', 0)",
    )
    .execute(&testing::look(options.clone()).await)
    .await
    .unwrap();
    let node = testing::core(options, Settings::default(), Vec::new(), bed.clock.clone());
    let database = node.databases.open_any(bed.database.name()).await.unwrap();
    let attempt = testing::attempt("ada@example.com", PASSWORD);
    node.log_in.attempt(&database, attempt).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_database_that_looks_like_another_is_not_made(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options).await;
    let name = sibling(&bed, "like1");
    let administrator = || testing::new_user("root@example.com", "Root", Role::Administrator);
    bed.core
        .users
        .create_database(&name, administrator())
        .await
        .unwrap();
    for twin in [
        name.as_str().replace("like1", "LIKE1"),
        name.as_str().replace("like1", "likel"),
    ] {
        let refused = bed
            .core
            .users
            .create_database(&twin.parse().unwrap(), administrator())
            .await;
        assert!(
            matches!(
                &refused,
                Err(CreateUserError::Database(
                    latchkey_core::database::CreateDatabaseError::LooksLike(other)
                )) if *other == name
            ),
            "{twin}"
        );
    }
    bed.core.databases.drop_database(&name).await.unwrap();
}
