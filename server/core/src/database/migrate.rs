//! Brings the schema of a database up to date.

use std::{sync::LazyLock, time::Duration};

use sqlx::{
    PgConnection,
    migrate::{MigrateError, Migration, Migrator},
};
use tokio::time::timeout;

use super::connection::{PING_LIMIT, Pool, silence};

/// All migrations, forward only. sqlx holds a lock in the database while it runs them, so any number of nodes may start
/// at once.
///
/// Migrations of a newer Latchkey are ignored, because an old node may work on a newer schema: while nodes are updated
/// one after the other, and after a node has gone back to the previous release. Migrations add before they remove, so
/// the old node still finds what it needs.
static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrations = sqlx::migrate!("../../migrations");
    migrations.set_ignore_missing(true);
    migrations
});

/// Time limit for all migrations of one database together.
const LIMIT: Duration = Duration::from_hours(1);

/// A migration that was applied to a database, or interrupted.
#[derive(sqlx::FromRow)]
pub(super) struct Applied {
    /// The number of the migration.
    pub version: i64,
    checksum: Vec<u8>,
    success: bool,
}

/// Applies the missing migrations over a separate connection.
pub(super) async fn run(pool: &Pool) -> Result<(), MigrateError> {
    if is_up_to_date(pool).await? {
        return Ok(());
    }
    let apart = pool.for_migrations();
    let ran = timeout(LIMIT, MIGRATIONS.run(&apart)).await;
    let _ = timeout(PING_LIMIT, apart.close()).await;
    ran.unwrap_or_else(|_| Err(silence().into()))
}

/// Whether no migration is missing. The query has the time limits of a request, because a request may be what opens the
/// database.
async fn is_up_to_date(pool: &Pool) -> sqlx::Result<bool> {
    let applied = sqlx::query_as("select version, checksum, success from _sqlx_migrations")
        .fetch_all(pool)
        .await;
    let applied: Vec<Applied> = match applied {
        Ok(applied) => applied,
        // An empty database has no such table. For every other cause, sqlx reports the better error when it runs the
        // migrations.
        Err(sqlx::Error::Database(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let known = applied.iter().filter(|applied| is_known(applied)).count();
    Ok(known == MIGRATIONS.iter().count() && applied.iter().all(|applied| applied.success))
}

/// The migrations that were applied to a database, in order of number; none if the database has no table of migrations.
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

/// Whether an applied migration is complete, and the same as this Latchkey's migration of that number.
pub(super) fn is_known(applied: &Applied) -> bool {
    let known = MIGRATIONS.iter().find(|one| one.version == applied.version);
    applied.success && known.is_some_and(|one| *one.checksum == *applied.checksum)
}

/// The number of this Latchkey's newest migration.
pub(super) fn newest() -> i64 {
    MIGRATIONS.iter().map(|one| one.version).max().unwrap_or(0)
}

/// This Latchkey's migrations with the numbers of the applied ones, in order.
pub(super) fn of(applied: &[Applied]) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS
        .iter()
        .filter(|one| applied.iter().any(|had| had.version == one.version))
}
