//! When a database is opened: its sessions come under today's rules.

use time::OffsetDateTime;

use super::{End, SKEW};
use crate::{StoreError, database::Database};

/// Brings live sessions under timeouts that were shortened.
pub(crate) async fn shorten(
    database: &Database,
    idle_seconds: f64,
    shared_idle_seconds: f64,
    absolute_seconds: Option<f64>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "with allowed as (
            select id, last_active_at
                    + make_interval(secs => case when is_on_shared_computer then $2::float8 else $1::float8 end)
                    as idle_expires_at,
                created_at + make_interval(secs => $3) as absolute_expires_at
            from sessions where ended_at is null
        )
        update sessions s set
            idle_expires_at = least(s.idle_expires_at, a.idle_expires_at),
            absolute_expires_at = least(s.absolute_expires_at, a.absolute_expires_at)
        from allowed a
        where s.id = a.id and s.ended_at is null and (
            s.idle_expires_at > a.idle_expires_at
            or coalesce(s.absolute_expires_at, 'infinity') > a.absolute_expires_at
        )",
        idle_seconds,
        shared_idle_seconds,
        absolute_seconds,
    )
    .execute(database.system_pool())
    .await?;
    Ok(())
}

/// Ends what was opened before `moment`; says how many that were.
pub(crate) async fn end_older(
    database: &Database,
    moment: OffsetDateTime,
    end: End,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "with old as (
            select id from sessions
            where ended_at is null and created_at < $1
                and least(idle_expires_at, absolute_expires_at) > $4
            order by id for no key update
        )
        update sessions s set ended_at = $2, end_cause = $3 from old where s.id = old.id",
        moment,
        end.at,
        end.cause.as_str(),
        end.at - SKEW,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}

/// If this database is a copy of another one, makes it one of its own, without the sessions that
/// came along; says how many that were.
pub(crate) async fn end_copied(database: &Database, end: End) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "with claimed as (
            update identity set database_oid = own.oid
            from (select oid from pg_database where datname = current_database()) own
            where database_oid <> own.oid
            returning database_oid
        )
        update sessions set ended_at = $1, end_cause = $2
        where ended_at is null and least(idle_expires_at, absolute_expires_at) > $3
            and exists (select from claimed)",
        end.at,
        end.cause.as_str(),
        end.at - SKEW,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
