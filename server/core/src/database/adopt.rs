//! Adopts a database that PostgreSQL's tools restored, and creates what a dump leaves out.
//!
//! A dump has no roles. A restore by another role, or without some parts of the dump, also lacks owners, privileges,
//! policies and the marker. Latchkey reads the right state from a reference: it runs the migrations that were applied
//! to the database in a separate schema, in a transaction that is rolled back.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, migrate::MigrateError};

use super::{
    Database, DatabaseName, Databases, catalog,
    connection::Pool,
    migrate,
    migrate::Applied,
    shape::{self, Shape},
};
use crate::StoreError;

/// PostgreSQL's code for a missing privilege: <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Creates the schema of the reference, and puts the schema first in the search path of a transaction that is rolled
/// back.
const REFERENCE: &str =
    "create schema latchkey_reference; set local search_path = latchkey_reference";

/// Largest number of missing parts that an error names.
const NAMED: usize = 5;

/// The reason why a database was not adopted. Only [`Self::Migrate`] and [`Self::Store`] may leave changes in the
/// database.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// No database of that name exists, or the database accepts no connections or is a template.
    #[error(
        "there is no database of that name on this PostgreSQL server, or it takes no connections"
    )]
    Unknown,
    /// The names and processes of the programs that are connected to the database. A restore may be under way.
    #[error("the database is in use by {}: wait for the end of a restore, and close other connections", .0.join(", "))]
    InUse(Vec<String>),
    /// The first migration of the database is not Latchkey's first migration, or no migration was applied.
    #[error(
        "the database is not a Latchkey database: no table _sqlx_migrations in it begins with Latchkey's first migration"
    )]
    NotOurs,
    /// A newer Latchkey has migrated the database.
    #[error(
        "a newer Latchkey has run migration {there} in the database, but this Latchkey knows migrations up to {known}: update Latchkey first"
    )]
    Newer {
        /// The number of the newest migration that was applied to the database.
        there: i64,
        /// The number of this Latchkey's newest migration.
        known: i64,
    },
    /// The number of an applied migration that was interrupted, or is not the same as this Latchkey's migration of that
    /// number.
    #[error(
        "migration {0} of the database is not the same as in this Latchkey, or was interrupted"
    )]
    OtherMigration(i64),
    /// The parts of the schema that were not restored.
    #[error("the database was restored in part and lacks {}. Drop the database with PostgreSQL's dropdb, and restore the whole dump into an empty database", named(.0))]
    InPart(Vec<String>),
    /// The statements that a superuser must run, because the configured user may not become the owner.
    #[error("the PostgreSQL user of `database.url` may not become the owner of the database. Run in that database as a superuser: `{};`; then adopt the database again", .0.join("; "))]
    MayNotOwn(Vec<String>),
    /// The schema cannot be brought up to date.
    #[error("the database cannot be migrated")]
    Migrate(#[from] MigrateError),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AdoptError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Databases {
    /// Adopts a database that PostgreSQL's tools restored. Returns the number of sessions that ended because the dump
    /// brought them along. The restricted role must exist ([`Self::prepare_role`]). Adopting a complete database again
    /// changes nothing.
    pub async fn adopt(&self, name: &DatabaseName) -> Result<u64, AdoptError> {
        let found = catalog::find(&self.server, name).await?;
        let found = found.ok_or(AdoptError::Unknown)?;
        let users = catalog::users(&self.server, name, self.options.get_application_name()).await?;
        if !users.is_empty() {
            return Err(AdoptError::InUse(users));
        }
        let pool = self.pool(name, 1);
        let adopted = self.adopt_over(&pool, name, found.is_marked).await;
        pool.close().await;
        // Connections that this node has open were made before the owner changed.
        self.forget(name).await;
        adopted
    }

    async fn adopt_over(
        &self,
        pool: &Pool,
        name: &DatabaseName,
        is_marked: bool,
    ) -> Result<u64, AdoptError> {
        let apart = pool.for_migrations();
        let completed = complete(&apart).await;
        apart.close().await;
        completed?;
        migrate::run(pool).await?;
        let database = Database::new(name.clone(), pool.clone());
        if !is_marked {
            // Only this command knows that the database is a copy: a dump of an early release looks like the original.
            self.on_open.restored(&database).await?;
        }
        let ended = self.on_open.opened(&database).await?;
        self.publish(&database).await?;
        Ok(ended)
    }
}

/// Makes the current user the owner, and gives the restricted role the access of the reference. All statements are in
/// one transaction.
async fn complete(pool: &PgPool) -> Result<(), AdoptError> {
    let mut tx = pool.begin().await?;
    run(&mut tx, "set local search_path = public").await?;
    let ownership = shape::ownership(&mut tx).await?;
    let applied = match migrate::applied(&mut tx).await {
        Err(error) if may_not(&error) => return Err(AdoptError::MayNotOwn(ownership)),
        applied => applied?,
    };
    check(&applied)?;
    for statement in &ownership {
        match run(&mut tx, statement).await {
            Err(error) if may_not(&error) => return Err(AdoptError::MayNotOwn(ownership)),
            done => done?,
        }
    }
    let wanted = reference(&mut tx, &applied).await?;
    let found = Shape::read(&mut tx).await?;
    let missing: Vec<String> = wanted.parts.difference(&found.parts).cloned().collect();
    if !missing.is_empty() {
        return Err(AdoptError::InPart(missing));
    }
    run(
        &mut tx,
        "grant usage on schema public to latchkey_restricted",
    )
    .await?;
    if found.access != wanted.access {
        let taken = shape::no_access(&mut tx).await?;
        for statement in taken.iter().chain(&wanted.access) {
            run(&mut tx, statement).await?;
        }
    }
    Ok(tx.commit().await?)
}

/// The shape of a schema after the migrations that were applied to the database.
async fn reference(tx: &mut PgConnection, applied: &[Applied]) -> Result<Shape, AdoptError> {
    let mut reference = tx.begin().await?;
    run(&mut reference, REFERENCE).await?;
    for migration in migrate::of(applied) {
        sqlx::raw_sql(migration.sql.clone())
            .execute(&mut *reference)
            .await?;
    }
    let shape = Shape::read(&mut reference).await?;
    reference.rollback().await?;
    Ok(shape)
}

/// Checks that the migrations that were applied to the database are all known to this Latchkey.
fn check(applied: &[Applied]) -> Result<(), AdoptError> {
    let is_ours = applied.first().is_some_and(migrate::is_known);
    let (Some(last), true) = (applied.last(), is_ours) else {
        return Err(AdoptError::NotOurs);
    };
    let (there, known) = (last.version, migrate::newest());
    if there > known {
        return Err(AdoptError::Newer { there, known });
    }
    match applied.iter().find(|one| !migrate::is_known(one)) {
        Some(other) => Err(AdoptError::OtherMigration(other.version)),
        None => Ok(()),
    }
}

/// Runs statements of this module. The names in them need no escaping, because PostgreSQL has quoted them.
async fn run(connection: &mut PgConnection, statements: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether PostgreSQL refused a statement for lack of a privilege.
fn may_not(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some(INSUFFICIENT_PRIVILEGE)
}

/// The first missing parts, and the number of all others.
fn named(missing: &[String]) -> String {
    let first: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
    match missing.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
