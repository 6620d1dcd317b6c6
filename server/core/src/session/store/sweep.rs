//! Marks expired sessions, and deletes sessions that ended long ago.

use time::OffsetDateTime;

use super::{Ended, SKEW};
use crate::{
    StoreError,
    database::{Database, Stored},
    session::{EndCause, SessionId},
    user::{User, UserId},
};

/// Marks expired sessions with the moment and the rule that ended them.
pub(crate) async fn mark_expired(
    database: &Database,
    now: OffsetDateTime,
    most: i64,
) -> Result<Vec<Ended>, StoreError> {
    let rows = sqlx::query!(
        r#"with expired as (
            select id from sessions
            where ended_at is null and least(idle_expires_at, absolute_expires_at) <= $1
            order by least(idle_expires_at, absolute_expires_at)
            limit $2 for no key update skip locked
        )
        update sessions s set
            ended_at = least(s.idle_expires_at, s.absolute_expires_at),
            end_cause = case when s.absolute_expires_at <= s.idle_expires_at then 'too_old' else 'idle' end
        from expired, users u
        where s.id = expired.id and u.id = s.user_id
        returning s.id, s.user_id, s.end_cause as "end_cause!: Stored<EndCause>", u.login, u.name"#,
        now - SKEW,
        most,
    )
    .fetch_all(database.system_pool())
    .await?;
    let expired = rows.into_iter().map(|row| {
        Ok(Ended {
            id: SessionId::new(row.id),
            cause: row.end_cause.known()?,
            user: User {
                id: UserId::new(row.user_id),
                login: row.login,
                name: row.name,
            },
        })
    });
    expired.collect()
}

/// Deletes sessions that ended before `moment`, and returns their number.
pub(crate) async fn forget(
    database: &Database,
    moment: OffsetDateTime,
    most: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "delete from sessions where id = any(array(
            select id from sessions where ended_at < $1
            order by ended_at limit $2 for update skip locked
        ))",
        moment,
        most,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
