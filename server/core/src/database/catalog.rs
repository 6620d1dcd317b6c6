//! SQL on the catalog of the PostgreSQL server: finds, creates, marks and drops databases.

use sqlx::{AssertSqlSafe, postgres::types::Oid};

use super::{DatabaseName, connection::Pool};
use crate::StoreError;

/// The marker of a Latchkey database: a comment on the database. `\l+` shows the marker, and the marker needs no table.
/// The marker is set last, so that an incomplete database is never listed.
pub(super) const MARKER: &str = "Latchkey database";

/// Creates the restricted role. The work of people runs as this role.
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

/// Creates the restricted role if it is missing.
pub(super) async fn ensure_restricted_role(server: &Pool) -> Result<(), StoreError> {
    sqlx::raw_sql(CREATE_RESTRICTED_ROLE)
        .execute(server)
        .await?;
    Ok(())
}

/// Fails with the error of a statement that writes, if the server is read-only.
const REQUIRE_WRITABLE: &str = "
do $$ begin
    if current_setting('transaction_read_only')::boolean then
        raise read_only_sql_transaction using message = 'PostgreSQL only reads';
    end if;
end $$";

/// Fails with 25006 if the server is read-only, because it is a standby or because a setting says so.
pub(super) async fn require_writable(server: &Pool) -> Result<(), StoreError> {
    sqlx::raw_sql(REQUIRE_WRITABLE).execute(server).await?;
    Ok(())
}

/// The names of all databases with the marker, in order, in one row.
///
/// The statement reads the markers once. `shobj_description` would run a query for each database. `is true` keeps
/// PostgreSQL from making a join of this statement: PostgreSQL often has no statistics of these two tables, and the
/// join then compares each database with each marker.
const LIST: &str = "
select coalesce(array_agg(datname::text), '{}')
from pg_database
where not datistemplate and datallowconn and (oid in (
    select objoid from pg_shdescription
    where classoid = 'pg_database'::regclass and description = $1
)) is true";

/// The names of all databases with the marker that accept connections and are no templates, in no order. A name need not
/// be a [`DatabaseName`].
pub(super) async fn list(server: &Pool) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar(LIST).bind(MARKER);
    Ok(names.fetch_one(server).await?)
}

/// PostgreSQL's plan for [`list`].
#[cfg(any(test, feature = "testing"))]
pub(super) async fn plan_of_list(server: &Pool) -> Result<Vec<String>, StoreError> {
    let explain = format!("explain (costs off) {LIST}");
    Ok(sqlx::query_scalar(AssertSqlSafe(explain))
        .bind(MARKER)
        .fetch_all(server)
        .await?)
}

/// A Latchkey database on the server.
#[derive(sqlx::FromRow)]
pub(super) struct Ours {
    pub oid: Oid,
    /// The result of [`Self::permitted_connections`], as PostgreSQL sends it.
    permitted: i32,
}

impl Ours {
    /// Number of connections that PostgreSQL permits the current user, to all databases together.
    pub fn permitted_connections(&self) -> u32 {
        self.permitted.unsigned_abs()
    }
}

/// The database of that name, if it has the marker and accepts connections.
pub(super) async fn find_ours(
    server: &Pool,
    name: &DatabaseName,
) -> Result<Option<Ours>, StoreError> {
    Ok(sqlx::query_as(
        "select pg_database.oid, least(
            nullif(rolconnlimit, -1),
            current_setting('max_connections')::int
                - current_setting('superuser_reserved_connections')::int
         ) as permitted
         from pg_database join pg_roles on rolname = current_user
         where datname = $1 and datallowconn
            and shobj_description(pg_database.oid, 'pg_database') = $2",
    )
    .bind(name.as_str())
    .bind(MARKER)
    .fetch_optional(server)
    .await?)
}

/// A database on the server, with the marker or without.
pub(super) struct Found {
    /// Whether the database has the marker.
    pub is_marked: bool,
}

/// The database of that name, if it accepts connections and is no template.
pub(super) async fn find(server: &Pool, name: &DatabaseName) -> Result<Option<Found>, StoreError> {
    let marked: Option<bool> = sqlx::query_scalar(
        "select coalesce(shobj_description(oid, 'pg_database') = $2, false) from pg_database
         where datname = $1 and datallowconn and not datistemplate",
    )
    .bind(name.as_str())
    .bind(MARKER)
    .fetch_optional(server)
    .await?;
    Ok(marked.map(|is_marked| Found { is_marked }))
}

/// The names of all databases without the marker that the current user may connect to, in order. A restored Latchkey
/// database may be among them.
pub(super) async fn unmarked(server: &Pool) -> Result<Vec<DatabaseName>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(
        "select datname::text from pg_database
         where not datistemplate and datallowconn and has_database_privilege(oid, 'connect')
           and shobj_description(oid, 'pg_database') is distinct from $1
         order by datname",
    )
    .bind(MARKER)
    .fetch_all(server)
    .await?;
    Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
}

/// The programs that are connected to a database, each with its process id. Programs with the application name
/// `but_for` and the current connection are left out.
pub(super) async fn users(
    server: &Pool,
    name: &DatabaseName,
    but_for: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    Ok(sqlx::query_scalar(
        "select format('%s (process %s)', coalesce(nullif(application_name, ''), 'a program'), pid)
         from pg_stat_activity
         where datname = $1 and backend_type = 'client backend'
           and application_name is distinct from $2 and pid <> pg_backend_pid()
         order by pid",
    )
    .bind(name.as_str())
    .bind(but_for)
    .fetch_all(server)
    .await?)
}

/// The state of a connected database.
#[derive(sqlx::FromRow)]
pub(super) struct LookedAt {
    pub oid: Oid,
    /// Whether the database has everything that Latchkey needs.
    pub is_complete: bool,
}

/// Reads whether a connected database has everything that Latchkey needs before it can migrate and serve the database.
///
/// A dump does not contain the restricted role, and may lack privileges. A restore creates policies and privileges
/// last, so the restore is still under way while they are missing. The current user must also have the rights of the
/// tables' owner.
pub(super) async fn look_at(database: &Pool) -> Result<LookedAt, sqlx::Error> {
    sqlx::query_as(
        "with people as (select oid as role from pg_roles where rolname = 'latchkey_restricted'),
         policed as (
            select distinct polrelid as oid from pg_policy, people where people.role = any (polroles)
         )
         select own.oid, to_regclass('public._sqlx_migrations') is not null
            and to_regclass('public.users') in (select oid from policed)
            and to_regclass('public.sessions') in (select oid from policed)
            and coalesce((
                select bool_and(
                    has_any_column_privilege(people.role, c.oid, 'select, insert, update')
                    and pg_has_role(c.relowner, 'usage')
                )
                from policed join pg_class c using (oid), people
            ), false) as is_complete
         from pg_database own where own.datname = current_database()",
    )
    .fetch_one(database)
    .await
}

/// Whether a connected database has three of Latchkey's tables.
pub(super) async fn looks_like_ours(database: &Pool) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select to_regclass('public._sqlx_migrations') is not null
            and to_regclass('public.sessions') is not null
            and to_regclass('public.identity') is not null",
    )
    .fetch_one(database)
    .await
}

/// Creates an empty database without the marker. PostgreSQL answers 42P04 if the name is taken.
pub(super) async fn create(server: &Pool, name: &DatabaseName) -> Result<(), sqlx::Error> {
    run(
        server,
        format!("create database \"{name}\" encoding 'UTF8' template template0"),
    )
    .await
}

/// Sets the marker of a database.
pub(super) async fn mark(server: &Pool, name: &DatabaseName) -> Result<(), sqlx::Error> {
    run(
        server,
        format!("comment on database \"{name}\" is '{MARKER}'"),
    )
    .await
}

/// Drops a database, and ends all connections to the database.
pub(super) async fn drop(server: &Pool, name: &DatabaseName) -> Result<(), sqlx::Error> {
    run(
        server,
        format!("drop database if exists \"{name}\" with (force)"),
    )
    .await
}

/// Runs a statement without the limits of a request. Names in the statement need no escaping, because a
/// [`DatabaseName`] cannot contain a quotation mark.
async fn run(server: &Pool, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&server.for_work())
        .await
        .map(drop_result)
}

fn drop_result(_: sqlx::postgres::PgQueryResult) {}
