//! SQL on the server's catalog: which databases are ours.

use sqlx::{AssertSqlSafe, PgPool};

use super::DatabaseName;
use crate::StoreError;

/// The marker: a comment on the database. It stands where `\l+` shows it, costs no table of our
/// own, and is set last, so that a half-made database is never found.
const MARKER: &str = "Latchkey database";

/// The role that people's work runs as.
const CREATE_RESTRICTED_ROLE: &str = "
do $$ begin
    if not exists (select from pg_roles where rolname = 'latchkey_restricted') then
        create role latchkey_restricted nologin nosuperuser nobypassrls;
    end if;
    -- A superuser may take any role. Others need to be members, and from PostgreSQL 16 on members
    -- that may take it, which the maker of a role is not by itself.
    if not (select rolsuper from pg_roles where rolname = current_user) then
        begin
            execute format('grant latchkey_restricted to %I', current_user);
        exception when insufficient_privilege then
            if not pg_has_role(current_user, 'latchkey_restricted', 'member') then
                raise;
            end if;
        end;
    end if;
exception when duplicate_object or unique_violation then
    null; -- another node was faster
end $$";

/// Makes the restricted role if it is missing.
pub(super) async fn ensure_restricted_role(server: &PgPool) -> Result<(), StoreError> {
    sqlx::raw_sql(CREATE_RESTRICTED_ROLE)
        .execute(server)
        .await?;
    Ok(())
}

/// All databases with our marker, in order of name.
pub(super) async fn list(server: &PgPool) -> Result<Vec<DatabaseName>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database
         where not datistemplate and datallowconn
           and shobj_description(oid, 'pg_database') = $1
         order by datname",
    )
    .bind(MARKER)
    .fetch_all(server)
    .await?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// Whether there is a database of that name with our marker.
pub(super) async fn is_ours(server: &PgPool, name: &DatabaseName) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(
        "select exists (
            select from pg_database
            where datname = $1 and datallowconn and shobj_description(oid, 'pg_database') = $2
        )",
    )
    .bind(name.as_str())
    .bind(MARKER)
    .fetch_one(server)
    .await?)
}

/// Creates an empty database, without the marker. A name that is taken fails with 42P04.
pub(super) async fn create(server: &PgPool, name: &DatabaseName) -> Result<(), sqlx::Error> {
    run(
        server,
        format!("create database \"{name}\" encoding 'UTF8' template template0"),
    )
    .await
}

/// Puts the marker on a database.
pub(super) async fn mark(server: &PgPool, name: &DatabaseName) -> Result<(), sqlx::Error> {
    run(
        server,
        format!("comment on database \"{name}\" is '{MARKER}'"),
    )
    .await
}

/// Drops a database, whoever is connected to it.
pub(super) async fn drop(server: &PgPool, name: &DatabaseName) -> Result<(), sqlx::Error> {
    run(
        server,
        format!("drop database if exists \"{name}\" with (force)"),
    )
    .await
}

/// A [`DatabaseName`] cannot contain a quote, so that it is safe between two.
async fn run(server: &PgPool, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(server)
        .await
        .map(drop_result)
}

fn drop_result(_: sqlx::postgres::PgQueryResult) {}
