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
        ), copied as (
            select id from sessions
            where ended_at is null and least(idle_expires_at, absolute_expires_at) > $3
                and exists (select from claimed)
            order by id for no key update
        )
        update sessions s set ended_at = $1, end_cause = $2 from copied where s.id = copied.id",
        end.at,
        end.cause.as_str(),
        end.at - SKEW,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
