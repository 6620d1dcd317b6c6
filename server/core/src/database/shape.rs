//! Reads from PostgreSQL's catalog which parts a schema has, and what the restricted role may do in the schema.

use std::collections::BTreeSet;

use sqlx::PgConnection;

/// One line for each part of the current schema. `not null` constraints are left out, because only newer versions of
/// PostgreSQL name them. Invalid indexes and disabled triggers are left out as well, so that they count as missing.
const PARTS: &str = "
with tables as (
    select c.oid, c.relname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    where c.relkind in ('r', 'p')
)
select 'table ' || relname from tables
union all
select format('column %s of %s', attname, relname)
from pg_attribute join tables on attrelid = tables.oid where attnum > 0 and not attisdropped
union all
select format('index %s', i.indexrelid::regclass)
from pg_index i join tables on i.indrelid = tables.oid where i.indisvalid
union all
select format('constraint %s of %s', conname, relname)
from pg_constraint join tables on conrelid = tables.oid where contype <> 'n'
union all
select format('trigger %s of %s', tgname, relname)
from pg_trigger join tables on tgrelid = tables.oid where not tgisinternal and tgenabled <> 'D'
union all
select format('function %s', p.oid::regprocedure)
from pg_proc p join pg_namespace n on n.oid = p.pronamespace and n.nspname = current_schema()";

/// Statements that give the restricted role the access that it has in the current schema.
const ACCESS: &str = "
with tables as (
    select c.* from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
    where c.relkind in ('r', 'p')
), people as (select 'latchkey_restricted'::regrole::oid as role)
select format('alter table %I enable row level security', relname) from tables where relrowsecurity
union all
select format('grant %s on %I to latchkey_restricted', acl.privilege_type, relname)
from tables, people, aclexplode(relacl) acl where acl.grantee = people.role
union all
select format('grant %s (%I) on %I to latchkey_restricted', acl.privilege_type, attname, relname)
from tables, people, pg_attribute, aclexplode(attacl) acl
where attrelid = tables.oid and not attisdropped and acl.grantee = people.role
union all
select format(
    'create policy %I on %I as %s for %s to latchkey_restricted%s%s', polname, relname,
    case when polpermissive then 'permissive' else 'restrictive' end,
    case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
        when 'd' then 'delete' else 'all' end,
    ' using (' || pg_get_expr(polqual, polrelid) || ')',
    ' with check (' || pg_get_expr(polwithcheck, polrelid) || ')'
)
from tables, people, pg_policy where polrelid = tables.oid and people.role = any (polroles)";

/// Statements that take the policies and privileges of the restricted role away.
const NO_ACCESS: &str = "
select format('drop policy %I on %s', polname, polrelid::regclass) from pg_policy
join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = current_schema() and 'latchkey_restricted'::regrole = any (polroles)
union all
select format('revoke all on all tables in schema %I from latchkey_restricted', current_schema())";

/// Statements that make the current user the owner of the database, and of the tables and functions in the current
/// schema that belong to no extension.
const OWNERSHIP: &str = "
with me as (select oid from pg_roles where rolname = current_user),
here as (select oid from pg_namespace where nspname = current_schema()),
of_extensions as (select objid from pg_depend where deptype = 'e')
select format('alter database %I owner to %I', datname, current_user)
from pg_database, me where datname = current_database() and datdba <> me.oid
union all
select format('alter table %I.%I owner to %I', current_schema(), relname, current_user)
from pg_class c, me, here where relnamespace = here.oid and relkind in ('r', 'p') and relowner <> me.oid
    and c.oid not in (select objid from of_extensions)
union all
select format('alter function %I.%I(%s) owner to %I', current_schema(), proname,
    pg_get_function_identity_arguments(p.oid), current_user)
from pg_proc p, me, here where pronamespace = here.oid and prokind = 'f' and proowner <> me.oid
    and p.oid not in (select objid from of_extensions)";

/// The parts of a schema, and the access of the restricted role.
pub(super) struct Shape {
    /// One line for each table, column, index, constraint, trigger and function.
    pub parts: BTreeSet<String>,
    /// One statement for each policy, each privilege and each table with row-level security.
    pub access: BTreeSet<String>,
}

impl Shape {
    /// The shape of the schema that comes first in the search path.
    pub(super) async fn read(connection: &mut PgConnection) -> sqlx::Result<Self> {
        Ok(Self {
            parts: lines(connection, PARTS).await?.into_iter().collect(),
            access: lines(connection, ACCESS).await?.into_iter().collect(),
        })
    }
}

/// Statements that take away the policies of the restricted role, and its privileges on tables, in the current schema.
pub(super) async fn no_access(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    lines(connection, NO_ACCESS).await
}

/// Statements that make the current user the owner of the database, and of the tables and functions in the current
/// schema.
pub(super) async fn ownership(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    lines(connection, OWNERSHIP).await
}

/// The first column of each row.
async fn lines(connection: &mut PgConnection, query: &'static str) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(query).fetch_all(connection).await
}
