//! Bringing a database's schema up to date.

use std::{sync::LazyLock, time::Duration};

use sqlx::{
    PgConnection,
    migrate::{MigrateError, Migration, Migrator},
};
use tokio::time::timeout;

use super::connection::{PING_LIMIT, Pool, silence};

/// All migrations, forward only. sqlx runs them under a lock in the database, so that any number
/// of nodes may start at once.
///
/// Those of a newer Latchkey are passed over: while nodes are updated one after the other, and after
/// one has gone back to the release before, an old one works on the new schema. Migrations add first.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("../../migrations");
    migrations.set_ignore_missing(true);
    migrations
});

/// How long all of them may take.
const LIMIT: Duration = Duration::from_hours(1);

/// A migration that a database has had.
#[derive(sqlx::FromRow)]
pub(super) struct Applied {
    pub version: i64,
    checksum: Vec<u8>,
    success: bool,
}

/// Runs what is missing, over a connection of its own.
pub(super) async fn run(pool: &Pool) -> Result<(), MigrateError> {
    if is_up_to_date(pool).await? {
        return Ok(());
    }
    let apart = pool.for_migrations();
    let ran = timeout(LIMIT, MIGRATIONS.run(&apart)).await;
    let _ = timeout(PING_LIMIT, apart.close()).await;
    ran.unwrap_or_else(|_| Err(silence().into()))
}

/// Whether nothing is missing. This is asked as a request asks, with its limits: a database is opened
/// by a request.
async fn is_up_to_date(pool: &Pool) -> sqlx::Result<bool> {
    let applied = sqlx::query_as("select version, checksum, success from _sqlx_migrations")
        .fetch_all(pool)
        .await;
    let applied: Vec<Applied> = match applied {
        Ok(applied) => applied,
        // An empty database has no such table. Whatever else it is, sqlx says it better.
        Err(sqlx::Error::Database(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let known = applied.iter().filter(|applied| is_known(applied)).count();
    Ok(known == MIGRATIONS.iter().count() && applied.iter().all(|applied| applied.success))
}

/// The migrations that a database has had, in order; none if it holds something else.
pub(super) async fn applied(connection: &mut PgConnection) -> sqlx::Result<Vec<Applied>> {
    let is_there: bool =
        sqlx::query_scalar("select to_regclass('public._sqlx_migrations') is not null")
            .fetch_one(&mut *connection)
            .await?;
    if !is_there {
        return Ok(Vec::new());
    }
    sqlx::query_as(
        "select version, checksum, success from public._sqlx_migrations order by version",
    )
    .fetch_all(connection)
    .await
}

/// Whether it is one of this Latchkey's, and was completed.
pub(super) fn is_known(applied: &Applied) -> bool {
    let known = MIGRATIONS.iter().find(|one| one.version == applied.version);
    applied.success && known.is_some_and(|one| *one.checksum == *applied.checksum)
}

/// The number of this Latchkey's newest migration.
pub(super) fn newest() -> i64 {
    MIGRATIONS.iter().map(|one| one.version).max().unwrap_or(0)
}

/// The migrations that a database has had, as this Latchkey knows them.
pub(super) fn of(applied: &[Applied]) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS
        .iter()
        .filter(|one| applied.iter().any(|had| had.version == one.version))
}
