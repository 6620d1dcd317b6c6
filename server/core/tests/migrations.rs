//! Databases that have applied some migrations, and in another order.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::time::Duration;

use std::collections::HashSet;

use latchkey_core::{
    account::PasswordOrigin,
    session::{EndCause, Resumed, Step},
    settings::Settings,
    testing::{self, PASSWORD, TestBed, TestClock, password},
    user::Role,
};
use sqlx::{
    AssertSqlSafe, PgPool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use time::macros::datetime;

/// The shape of a schema: columns, constraints, indexes, policies, privileges and functions.
const SHAPE: &str = "
    select format('column %s.%s %s %s', table_name, column_name, data_type, is_nullable) as part
    from information_schema.columns where table_schema = 'public'
    union all
    select format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select format('index %s', indexdef) from pg_indexes where schemaname = 'public'
    union all
    select format('policy %s %s %s %s', tablename, policyname, qual, with_check) from pg_policies
    union all
    select format('grant %s %s %s', table_name, column_name, privilege_type)
    from information_schema.column_privileges where grantee = 'latchkey_restricted'
    union all
    select format('function %s %s', proname, md5(pg_get_functiondef(oid)))
    from pg_proc where pronamespace = 'public'::regnamespace
    order by part";

/// Undoes migration 19: secrets are columns again.
const SECRETS_AS_COLUMNS: &str = "
    alter table sessions
        add column token_hash bytea, add column token_issued_at timestamptz, add column token_issued_to bytea,
        add column token_used_at timestamptz, add column tokens_unused integer not null default 0;
    update sessions s set token_hash = t.token_hash, token_issued_at = t.issued_at,
        token_issued_to = t.issued_to, token_used_at = t.used_at, tokens_unused = t.unused
    from session_tokens t where t.session_id = s.id;
    alter table users
        add column password_hash text, add column password_is_one_time boolean,
        add column password_changed_at timestamptz;
    update users u set password_hash = p.hash, password_is_one_time = p.is_one_time,
        password_changed_at = p.changed_at
    from passwords p where p.user_id = u.id;
    drop table session_tokens, passwords;
    delete from _sqlx_migrations where version = 19";

async fn shape(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(SHAPE).fetch_all(pool).await.unwrap()
}

/// Applies some migrations to an empty database, and sets the marker.
async fn made_with(options: &PgConnectOptions, had: impl Fn(i64) -> bool) -> PgPool {
    let pool = testing::look(options.clone()).await;
    let all = sqlx::migrate!("../../migrations");
    let some = all.iter().filter(|migration| had(migration.version));
    let migrator = Migrator {
        migrations: some.cloned().collect::<Vec<_>>().into(),
        ..Migrator::DEFAULT
    };
    migrator.run(&pool).await.unwrap();
    let name = options.get_database().unwrap();
    let mark = format!("comment on database \"{name}\" is 'Latchkey database'");
    sqlx::raw_sql(AssertSqlSafe(mark))
        .execute(&pool)
        .await
        .unwrap();
    pool
}

/// sqlx would apply both, and fail at the second in every new database.
#[test]
fn no_two_migrations_have_one_number() {
    let all = sqlx::migrate!("../../migrations");
    let mut numbers = HashSet::new();
    for migration in all.iter() {
        let number = migration.version;
        assert!(
            numbers.insert(number),
            "two migrations have number {number}"
        );
    }
}

/// A developer's database applied 0012 from a branch before 0009 and 0010 existed. The start could not make up for a
/// migration that replaces the work of a later, already applied one: 0010 and 0013 both replace the kinds of throttles.
#[sqlx::test(migrations = false)]
async fn migrations_that_were_passed_over_are_made_up_for_at_the_next_start(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let clock = TestClock::at(datetime!(2026-11-23 12:00 UTC)).into();
    let core = testing::core(options.clone(), Settings::default(), Vec::new(), clock);
    core.databases.prepare_role().await.unwrap();
    let late = made_with(&options, |version| version <= 8 || version == 12).await;

    let own = options.get_database().unwrap();
    let name = own.parse().unwrap();
    let database = core.databases.open_any(&name).await.unwrap();
    let ada = testing::new_user("ada@example.com", "Ada", Role::Person);
    core.users.create(&database, ada).await.unwrap();
    core.log_in
        .attempt(&database, testing::attempt("ada@example.com", PASSWORD))
        .await
        .unwrap();

    let fresh = format!("{}_fresh", &own[..50]).parse().unwrap();
    let bob = testing::new_user("bob@example.com", "Bob", Role::Person);
    core.users.create_database(&fresh, bob).await.unwrap();
    let beside = testing::look(options.database(fresh.as_str())).await;
    let (late, in_order) = (shape(&late).await, shape(&beside).await);
    assert!(late.len() > 100, "{late:?}");
    let only_here: Vec<_> = late.iter().filter(|it| !in_order.contains(it)).collect();
    let only_there: Vec<_> = in_order.iter().filter(|it| !late.contains(it)).collect();
    assert_eq!((only_here, only_there), (vec![], vec![]));
    beside.close().await;
    core.databases.drop_database(&fresh).await.unwrap();
}

/// The start keeps the sessions and devices of a developer's database.
#[sqlx::test(migrations = false)]
async fn what_the_database_held_is_still_there(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let look = testing::look(options).await;
    // Undo migration 14.
    sqlx::raw_sql("drop table account_events; delete from _sqlx_migrations where version = 14")
        .execute(&look)
        .await
        .unwrap();
    bed.core.databases.forget(bed.database.name()).await;
    bed.core
        .databases
        .open_any(bed.database.name())
        .await
        .unwrap();
    bed.caller(&opened).await;
    let codes: i64 = sqlx::query_scalar("select count(*) from account_events")
        .fetch_one(&look)
        .await
        .unwrap();
    assert_eq!(codes, 0);
}

/// Sessions that were opened with a one-time password before sessions named their steps wait for a new password.
#[sqlx::test(migrations = false)]
async fn a_session_goes_on_waiting_for_its_new_password(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    bed.another_user("bob@example.com").await;
    let one_time = PasswordOrigin::OneTime(password("given-out-once"));
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, one_time)
        .await
        .unwrap();
    let ada = bed.try_log_in("ada@example.com", "given-out-once").await;
    let bob = bed.try_log_in("bob@example.com", PASSWORD).await.unwrap();
    let look = testing::look(options).await;
    sqlx::raw_sql(SECRETS_AS_COLUMNS)
        .execute(&look)
        .await
        .unwrap();
    sqlx::raw_sql(
        "alter table sessions drop column pending; delete from _sqlx_migrations where version = 17",
    )
    .execute(&look)
    .await
    .unwrap();
    let name = bed.database.name();
    bed.core.databases.forget(name).await;
    bed.core.databases.open_any(name).await.unwrap();
    assert_eq!(bed.pending(&ada.unwrap()).await.step(), Step::NewPassword);
    bed.caller(&bob).await;
}

/// Migration 19 moves tokens and passwords into tables of their own. The tokens and passwords stay good, and a replaced
/// token stays as good as it was.
#[sqlx::test(migrations = false)]
async fn tokens_and_passwords_are_good_after_they_have_moved(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    let (used, unused) = (bed.log_in().await, bed.log_in().await);
    let caller = bed.caller(&used).await;
    bed.clock.advance(Duration::from_hours(4));
    let next = bed.core.sessions.rotate_token(&caller).await.unwrap();
    let next = next.unwrap();
    sqlx::raw_sql(SECRETS_AS_COLUMNS)
        .execute(&testing::look(options).await)
        .await
        .unwrap();
    let name = bed.database.name();
    bed.core.databases.forget(name).await;
    bed.core.databases.open_any(name).await.unwrap();

    bed.caller(&unused).await;
    bed.caller(&used).await;
    assert!(matches!(bed.resume(&next).await, Resumed::Live(_)));
    bed.clock.advance(Duration::from_mins(3));
    let Resumed::Ended(ended) = bed.resume(&used.token).await else {
        panic!("the grace is over");
    };
    assert_eq!(ended.cause, EndCause::TokenReused);
    bed.log_in().await;
}
