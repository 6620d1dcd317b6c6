//! Bringing a database's schema up to date.

use std::sync::LazyLock;

use sqlx::{PgPool, migrate::Migrator};

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

/// Runs what is missing.
pub(super) async fn run(pool: &PgPool) -> Result<(), sqlx::migrate::MigrateError> {
    MIGRATIONS.run(pool).await
}
