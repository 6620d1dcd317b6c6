//! What the PostgreSQL server lets our user do, asked before anything is done.

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

use super::catalog::MARKER;
use crate::StoreError;

/// What a server needs beside a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privileges {
    /// Whether the user may make databases.
    pub may_create_databases: bool,
    /// Whether the user may make the restricted role, or take it where it is there.
    pub may_take_restricted_role: bool,
    /// Whether the server takes changes: a standby does not, nor does a server that is told to only read.
    pub may_write: bool,
    /// Databases of Latchkey that are told to only read, in order of name.
    pub read_only: Vec<String>,
}

/// From PostgreSQL 16 on, only a member, or one who has the admin option, may grant a role.
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
    /// Connects once and asks.
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
