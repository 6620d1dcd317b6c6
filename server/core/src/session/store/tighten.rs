//! The sessions of everybody in a database, brought under today's rules or ended.

use time::OffsetDateTime;
use uuid::Uuid;

use super::{End, SKEW};
use crate::{
    StoreError,
    database::Database,
    session::{EndCause, SessionId},
    user::{User, UserId},
};

/// Brings live sessions under timeouts that were shortened.
pub(crate) async fn shorten(
    database: &Database,
    idle_seconds: f64,
    shared_idle_seconds: f64,
    absolute_seconds: Option<f64>,
) -> Result<(), StoreError> {
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
    .execute(database.system_pool())
    .await?;
    Ok(())
}

/// Which sessions of a database end.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// Those opened before this moment.
    OpenedBefore(OffsetDateTime),
    /// All, as long as this database is a copy that has not been made one of its own.
    Copied,
}

/// A session that ended without a word of its person.
pub(crate) struct Ended {
    pub id: SessionId,
    pub user: User,
    pub cause: EndCause,
}

/// Ends the next so many behind `after`, in order of id.
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
                    -- Asked each time: another node may have made it one of its own, with log-ins.
                    else (select database_oid from identity)
                        <> (select oid from pg_database where datname = current_database())
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

/// Whether this database is a copy that has not been made one of its own.
pub(crate) async fn is_copy(database: &Database) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
            select from identity where database_oid
                <> (select oid from pg_database where datname = current_database())
        ) as "is_copy!""#
    )
    .fetch_one(database.system_pool())
    .await?)
}

/// If this database is a copy of another one, makes it one of its own.
pub(crate) async fn claim(database: &Database) -> Result<(), StoreError> {
    sqlx::query!(
        "update identity set database_oid = own.oid
        from (select oid from pg_database where datname = current_database()) own
        where database_oid <> own.oid"
    )
    .execute(database.system_pool())
    .await?;
    Ok(())
}
