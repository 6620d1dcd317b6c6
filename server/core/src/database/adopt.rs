//! Taking in a database that PostgreSQL's tools restored: what a dump leaves out is made anew.
//!
//! A dump has no roles, and restored by another role or without some of its parts it also lacks owners, privileges,
//! policies and the marker. What they are is read from a reference: the migrations that the database has had run in a
//! schema of their own, in a transaction that is rolled back.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, migrate::MigrateError};

use super::{
    Database, DatabaseName, Databases, catalog,
    connection::Pool,
    migrate,
    migrate::Applied,
    shape::{self, Shape},
};
use crate::StoreError;

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// Takes the first place in the search path of a transaction that is rolled back.
const REFERENCE: &str =
    "create schema latchkey_reference; set local search_path = latchkey_reference";

/// How many missing parts an error names.
const NAMED: usize = 5;

/// Why a database was not adopted. Nothing was changed in it, unless its migration failed.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// There is none of that name.
    #[error(
        "there is no database of that name on this PostgreSQL server, or it takes no connections"
    )]
    Unknown,
    /// A restore is under way, or a program has it open.
    #[error("it is in use by {}: wait for the end of a restore, and close other connections", .0.join(", "))]
    InUse(Vec<String>),
    /// It holds something else.
    #[error(
        "it is not a Latchkey database: it has no table _sqlx_migrations that begins with Latchkey's first migration"
    )]
    NotOurs,
    /// A newer Latchkey made its schema.
    #[error(
        "a newer Latchkey made its schema, by migration {there}; this one knows migrations up to {known}: update Latchkey first"
    )]
    Newer {
        /// The newest migration that the database has had.
        there: i64,
        /// The newest migration of this Latchkey.
        known: i64,
    },
    /// A migration of the same number was another one.
    #[error("migration {0} in it is not the one of this Latchkey, or was interrupted")]
    OtherMigration(i64),
    /// A part of its schema did not come along.
    #[error("it was restored in part: it lacks {}. Drop it with PostgreSQL's dropdb, and restore the whole dump into an empty database", named(.0))]
    InPart(Vec<String>),
    /// The configured user may not do it, but a superuser may.
    #[error("the PostgreSQL user of `database.url` may not take it over. Run in that database as a superuser: `{};`; then adopt it again", .0.join("; "))]
    MayNotOwn(Vec<String>),
    /// Its schema cannot be brought up to date.
    #[error("it cannot be migrated")]
    Migrate(#[from] MigrateError),
    /// PostgreSQL's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for AdoptError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Databases {
    /// Takes in a database that PostgreSQL's tools restored, and says how many sessions ended: those that a dump brought
    /// along. Adopting a database again that is complete changes nothing. People's role is there already.
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
        // What is open here has not seen the new owner.
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
            // Nothing tells a dump of an early release from the original but this command.
            self.on_open.restored(&database).await?;
        }
        let ended = self.on_open.opened(&database).await?;
        self.publish(&database).await?;
        Ok(ended)
    }
}

/// Makes the current user the owner, and gives people's role what the reference says. One transaction.
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

/// What the migrations make that the database has had.
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

/// Whether the migrations that a database has had are the first ones of this Latchkey.
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

/// The statements are ours, with names that PostgreSQL has quoted.
async fn run(connection: &mut PgConnection, statements: &str) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
        .execute(connection)
        .await?;
    Ok(())
}

fn may_not(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some(INSUFFICIENT_PRIVILEGE)
}

fn named(missing: &[String]) -> String {
    let first: Vec<&str> = missing.iter().take(NAMED).map(String::as_str).collect();
    match missing.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
