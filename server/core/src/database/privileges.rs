//! Reads what the PostgreSQL server permits to Latchkey's user, before Latchkey changes anything.

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::catalog::MARKER;
use crate::StoreError;

/// What the PostgreSQL server permits to Latchkey's user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privileges {
    /// Whether the user may create databases.
    pub may_create_databases: bool,
    /// Whether the user may create the restricted role, or may act as this role if the role exists.
    pub may_take_restricted_role: bool,
    /// Whether the server accepts changes. A standby does not, and neither does a server with a setting that makes it
    /// read-only.
    pub may_write: bool,
    /// The Latchkey databases with a setting that makes them read-only, in order of name.
    pub read_only: Vec<String>,
}

/// Before PostgreSQL 16, a user that may create roles can grant the restricted role to itself. From PostgreSQL 16 on,
/// the user must be a member of the role. The admin option on the role counts as membership.
const QUERY: &str = "
    select mine.rolsuper or mine.rolcreatedb,
           mine.rolsuper or case when restricted.oid is null then mine.rolcreaterole
               else pg_has_role(current_user, restricted.oid, 'member')
                   or mine.rolcreaterole and current_setting('server_version_num')::int < 160000 end,
           not current_setting('transaction_read_only')::boolean,
           array(
               select distinct datname::text
               from pg_database database
               join pg_db_role_setting on setdatabase = database.oid and setrole in (0, mine.oid),
                   unnest(setconfig) setting
               where shobj_description(database.oid, 'pg_database') = $1
                   and setting ~* '^default_transaction_read_only=(on|t|y|1)'
               order by 1
           )
    from pg_roles mine
    left join pg_roles restricted on restricted.rolname = 'latchkey_restricted'
    where mine.rolname = current_user";

impl Privileges {
    /// Connects, reads the privileges, and closes the connection.
    pub async fn of(options: &PgConnectOptions) -> Result<Self, StoreError> {
        let mut connection = PgConnection::connect_with(options).await?;
        let asked = sqlx::query_as(QUERY)
            .bind(MARKER)
            .fetch_one(&mut connection)
            .await;
        let (may_create_databases, may_take_restricted_role, may_write, read_only) = asked?;
        connection.close().await?;
        Ok(Self {
            may_create_databases,
            may_take_restricted_role,
            may_write,
            read_only,
        })
    }
}
