//! SQL on all sessions of a database: applies shorter timeouts, and ends sessions.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{End, SKEW};
use crate::{
    StoreError,
    database::Database,
    session::{EndCause, SessionId},
    user::{User, UserId},
};

/// Applies shortened timeouts to live sessions.
pub(crate) async fn shorten(
    database: &Database,
    idle_seconds: f64,
    shared_idle_seconds: f64,
    absolute_seconds: Option<f64>,
) -> Result<(), StoreError> {
    let mut tx = database.system_work().await?;
    sqlx::query!(
        "with exceeding as (
            select s.id, allowed.idle_expires_at, allowed.absolute_expires_at
            from sessions s
            cross join lateral (
                select s.last_active_at + make_interval(
                        secs => case when s.is_on_shared_computer then $2::float8 else $1::float8 end
                    ) as idle_expires_at,
                    s.created_at + make_interval(secs => $3) as absolute_expires_at
            ) allowed
            where s.ended_at is null and (
                s.idle_expires_at > allowed.idle_expires_at
                or coalesce(s.absolute_expires_at, 'infinity') > allowed.absolute_expires_at
            )
            order by s.id for no key update of s
        )
        update sessions s set
            idle_expires_at = least(s.idle_expires_at, e.idle_expires_at),
            absolute_expires_at = least(s.absolute_expires_at, e.absolute_expires_at)
        from exceeding e where s.id = e.id",
        idle_seconds,
        shared_idle_seconds,
        absolute_seconds,
    )
    .execute(tx.connection())
    .await?;
    tx.commit().await
}

/// The sessions of a database that end.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// The sessions opened before this moment.
    OpenedBefore(OffsetDateTime),
    /// The sessions that came from a restore or a copy.
    Copied,
}

/// A session that ended without an action of its owner.
pub(crate) struct Ended {
    pub id: SessionId,
    pub user: User,
    pub cause: EndCause,
}

/// Ends at most `most` sessions with ids above `after`, in order of id.
pub(crate) async fn end_next(
    database: &Database,
    which: Ending,
    after: Option<SessionId>,
    most: i64,
    end: End,
) -> Result<Vec<Ended>, StoreError> {
    let opened_before = match which {
        Ending::OpenedBefore(moment) => Some(moment),
        Ending::Copied => None,
    };
    let mut rows = sqlx::query!(
        "with ending as (
            select id from sessions
            where ended_at is null and least(idle_expires_at, absolute_expires_at) > $3
                and id > $2
                and case
                    when $1::timestamptz is not null then created_at < $1
                    else generation is distinct from (select current_generation())
                end
            order by id limit $4 for no key update
        )
        update sessions s set ended_at = $5, end_cause = $6
        from ending, users u
        where s.id = ending.id and u.id = s.user_id
        returning s.id, s.user_id, u.login, u.name",
        opened_before,
        after.map_or(Uuid::nil(), SessionId::as_uuid),
        end.at - SKEW,
        most,
        end.at,
        end.cause.as_str(),
    )
    .fetch_all(database.system_pool())
    .await?;
    rows.sort_unstable_by_key(|row| row.id);
    let ended = rows.into_iter().map(|row| Ended {
        id: SessionId::new(row.id),
        cause: end.cause,
        user: User {
            id: UserId::new(row.user_id),
            login: row.login,
            name: row.name,
        },
    });
    Ok(ended.collect())
}

/// Gives this database a new generation if it is a copy, and returns whether it was a copy. The sessions that came with
/// the copy have another generation from then on.
pub(crate) async fn renew_identity(database: &Database) -> Result<bool, StoreError> {
    if !is_copy(database.system_pool()).await? {
        return Ok(false);
    }
    let mut tx = database.system().await?;
    // Nodes that find the same copy wait for the first node. `pg_dump` is not blocked by this lock.
    sqlx::query!("lock table identity in exclusive mode")
        .execute(tx.connection())
        .await?;
    if !is_copy(tx.connection()).await? {
        return Ok(false);
    }
    sqlx::query!("delete from identity")
        .execute(tx.connection())
        .await?;
    sqlx::query!(
        "insert into identity (database_oid, system_identifier, generation, written_by)
        select own.oid, control.system_identifier, gen_random_uuid(), pg_current_xact_id()
        from pg_database own, pg_control_system() control
        where own.datname = current_database()"
    )
    .execute(tx.connection())
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Marks this database as a copy, so that its sessions end when it is next opened or swept.
pub(crate) async fn forget_identity(database: &Database) -> Result<(), StoreError> {
    sqlx::query!("delete from identity")
        .execute(database.system_pool())
        .await?;
    Ok(())
}

/// Whether this database was copied or restored since its last [`renew_identity`]. Then the row of `identity` names another
/// server or database, was written by a restore, is missing, or is not the only row.
async fn is_copy(executor: impl PgExecutor<'_>) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select not coalesce(count(*) = 1 and bool_and(
            i.database_oid = own.oid
            and i.system_identifier = control.system_identifier
            and i.written_by::xid = i.xmin
        ), false) as "is_copy!"
        from identity i, pg_database own, pg_control_system() control
        where own.datname = current_database()"#
    )
    .fetch_one(executor)
    .await?)
}
