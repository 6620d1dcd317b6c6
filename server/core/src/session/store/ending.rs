//! Ends a person's sessions. They are locked in order of id, and each ends once.

use time::OffsetDateTime;
use uuid::Uuid;

use super::SKEW;
use crate::{
    StoreError,
    database::{Connection, ScopedTx, SystemTx},
    session::{EndCause, SessionId},
    user::UserId,
};

/// The end of one or more sessions.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub at: OffsetDateTime,
    pub cause: EndCause,
    /// The session that ended them, if a session did.
    pub by: Option<SessionId>,
}

/// A session that no other transaction can end or touch until this transaction is over.
pub(crate) struct Locked {
    pub id: SessionId,
    pub is_live: bool,
}

/// Locks a user's sessions that have not ended, in order of id. Every transaction in which a session ends another one,
/// or in which several sessions end, begins here. So two transactions that end each other's sessions wait instead of
/// deadlocking.
///
/// Expired sessions are marked with their true end here, as the sweep does. Otherwise a session that was skipped would
/// be live again when a clock that was ahead is set back.
pub(crate) async fn lock_of_user(
    connection: &mut Connection,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<Locked>, StoreError> {
    lock(connection, user, None, now).await
}

/// Locks like [`lock_of_user`], for a log-in that replaces a session. The replaced session may belong to another user.
/// It is locked in order of id together with the user's own sessions. If it were locked after them, two log-ins that
/// replace each other's sessions could deadlock.
pub(crate) async fn lock_for_log_in(
    tx: &mut SystemTx,
    user: UserId,
    replaced: SessionId,
    now: OffsetDateTime,
) -> Result<Vec<Locked>, StoreError> {
    lock(tx.connection(), user, Some(replaced), now).await
}

async fn lock(
    connection: &mut Connection,
    user: UserId,
    another: Option<SessionId>,
    now: OffsetDateTime,
) -> Result<Vec<Locked>, StoreError> {
    let rows = sqlx::query!(
        r#"with locked as (
            select id, idle_expires_at, absolute_expires_at,
                least(idle_expires_at, absolute_expires_at) as expires_at
            from sessions where (user_id = $1 or id = $4) and ended_at is null
            order by id for no key update
        ), marked as (
            update sessions s set ended_at = locked.expires_at, end_cause = case
                when locked.absolute_expires_at <= locked.idle_expires_at then 'too_old' else 'idle'
            end
            from locked where s.id = locked.id and locked.expires_at <= $3
        )
        select id, expires_at > $2 as "is_live!" from locked where expires_at > $3"#,
        user.as_uuid(),
        now,
        now - SKEW,
        another.map(SessionId::as_uuid),
    )
    .fetch_all(connection)
    .await?;
    let locked = rows.into_iter().map(|row| Locked {
        id: SessionId::new(row.id),
        is_live: row.is_live,
    });
    Ok(locked.collect())
}

/// Ends locked sessions except `kept`. Returns the sessions among them that were live.
pub(crate) async fn end_locked(
    connection: &mut Connection,
    locked: &[Locked],
    kept: Option<SessionId>,
    end: End,
) -> Result<Vec<SessionId>, StoreError> {
    let ending = locked.iter().filter(|session| Some(session.id) != kept);
    let ids: Vec<Uuid> = ending.clone().map(|session| session.id.as_uuid()).collect();
    sqlx::query!(
        "update sessions set ended_at = $2, end_cause = $3, ended_by_session = $4
        where id = any($1) and ended_at is null",
        &ids,
        end.at,
        end.cause.as_str(),
        end.by.map(SessionId::as_uuid),
    )
    .execute(connection)
    .await?;
    let live = ending.filter(|session| session.is_live);
    Ok(live.map(|session| session.id).collect())
}

/// Ends one of the caller's sessions; `false` if it has ended already or is not the caller's.
pub(crate) async fn end_own(
    tx: &mut ScopedTx,
    id: SessionId,
    end: End,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update sessions set ended_at = $2, end_cause = $3, ended_by_session = $4
        where id = $1 and ended_at is null",
        id.as_uuid(),
        end.at,
        end.cause.as_str(),
        end.by.map(SessionId::as_uuid),
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the caller has, or had, a session of this id.
pub(crate) async fn exists_own(tx: &mut ScopedTx, id: SessionId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sessions where id = $1) as "exists!""#,
        id.as_uuid(),
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Ends one session of any user, and returns the user; `None` if the session has already ended or does not exist.
pub(crate) async fn end_one(
    tx: &mut SystemTx,
    id: SessionId,
    end: End,
) -> Result<Option<UserId>, StoreError> {
    let user = sqlx::query_scalar!(
        "update sessions set ended_at = $2, end_cause = $3, ended_by_session = $4
        where id = $1 and ended_at is null
        returning user_id",
        id.as_uuid(),
        end.at,
        end.cause.as_str(),
        end.by.map(SessionId::as_uuid),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(user.map(UserId::new))
}

/// Ends all sessions of a user. Returns the sessions that were live.
pub(crate) async fn end_of_user(
    tx: &mut SystemTx,
    user: UserId,
    end: End,
) -> Result<Vec<SessionId>, StoreError> {
    let locked = lock_of_user(tx.connection(), user, end.at).await?;
    end_locked(tx.connection(), &locked, None, end).await
}

/// Ends a user's live sessions. The `kept` sessions that were used last stay. Returns the ended sessions.
pub(crate) async fn end_longest_unused(
    tx: &mut SystemTx,
    user: UserId,
    kept: i64,
    end: End,
) -> Result<Vec<SessionId>, StoreError> {
    let has_more = sqlx::query_scalar!(
        r#"select exists (
            select from sessions
            where user_id = $1 and ended_at is null and idle_expires_at > $2
                and (absolute_expires_at is null or absolute_expires_at > $2)
            offset $3
        ) as "has_more!""#,
        user.as_uuid(),
        end.at,
        kept,
    )
    .fetch_one(tx.connection())
    .await?;
    if !has_more {
        return Ok(Vec::new());
    }
    let longest_unused_first = lock_live(tx, user, end.at).await?;
    let kept = usize::try_from(kept).unwrap_or(usize::MAX);
    let count = longest_unused_first.len().saturating_sub(kept);
    let ids: Vec<Uuid> = longest_unused_first
        .into_iter()
        .take(count)
        .map(SessionId::as_uuid)
        .collect();
    sqlx::query!(
        "update sessions set ended_at = $2, end_cause = $3 where id = any($1) and ended_at is null",
        &ids,
        end.at,
        end.cause.as_str(),
    )
    .execute(tx.connection())
    .await?;
    Ok(ids.into_iter().map(SessionId::new).collect())
}

/// Locks a user's live sessions. Returns their ids, the session that was unused for longest first.
pub(crate) async fn lock_live(
    tx: &mut SystemTx,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<SessionId>, StoreError> {
    lock_of_user(tx.connection(), user, now).await?;
    let ids = sqlx::query_scalar!(
        "select id from sessions
        where user_id = $1 and ended_at is null and idle_expires_at > $2
            and (absolute_expires_at is null or absolute_expires_at > $2)
        order by last_active_at, id",
        user.as_uuid(),
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(SessionId::new).collect())
}
