//! Bringing a database's schema up to date.

use sqlx::{PgPool, migrate::Migrator};

/// All migrations, forward only. sqlx runs them under a lock in the database, so that any number
/// of nodes may start at once.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Runs what is missing.
pub(super) async fn run(pool: &PgPool) -> Result<(), sqlx::migrate::MigrateError> {
    MIGRATIONS.run(pool).await
}
