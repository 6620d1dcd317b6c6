//! The ends of a person's sessions, for the person.

use std::net::IpAddr;

use sqlx::types::time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    database::{NEWEST, ScopedTx, Stored},
    device::DeviceName,
    session::{EndCause, EndedBy, PastSession, SessionId},
    user::UserId,
};

/// Ends up to `now` and older than `before`, the newest first. The end of a session that expired is not
/// written before the sweep: until then it is computed from the session's limits.
pub(crate) async fn list_ended(
    tx: &mut ScopedTx,
    user: UserId,
    now: OffsetDateTime,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<PastSession>, StoreError> {
    let (before_at, before_id) = before.unwrap_or(NEWEST);
    let rows = sqlx::query!(
        r#"
        with ends as (
            -- By an index: however many there are, no more than these are looked at.
            (
                select id, created_at, last_address, user_agent, device_name, ended_by_session,
                    ended_at as at, end_cause as cause
                from sessions
                where user_id = $1 and ended_at <= $2
                    and (ended_at, id) < ($3, $4)
                order by ended_at desc, id desc limit $5
            )
            union all
            -- The limit and the sweep keep these few.
            select id, created_at, last_address, user_agent, device_name, ended_by_session,
                least(idle_expires_at, absolute_expires_at),
                case when absolute_expires_at <= idle_expires_at then 'too_old' else 'idle' end
            from sessions where user_id = $1 and ended_at is null
        )
        select ends.id as "id!", ends.created_at as "created_at!", ends.at as "at!",
            ends.cause as "cause!: Stored<EndCause>", ends.last_address as "last_address: IpAddr",
            ends.user_agent as "user_agent!", ends.device_name,
            by.user_agent as "by_agent?", by.device_name as by_name
        from ends left join sessions by on by.id = ends.ended_by_session
        where ends.at <= $2 and (ends.at, ends.id) < ($3, $4)
        order by ends.at desc, ends.id desc limit $5
        "#,
        user.as_uuid(),
        now,
        before_at,
        before_id,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    let past = rows.into_iter().map(|row| {
        Ok(PastSession {
            id: SessionId::new(row.id),
            created_at: row.created_at,
            address: row.last_address,
            agent: row.user_agent.into(),
            device_name: row.device_name.map(DeviceName::from_stored),
            ended_at: row.at,
            cause: row.cause.known()?,
            by: row.by_agent.map(|agent| EndedBy {
                agent: agent.into(),
                device_name: row.by_name.map(DeviceName::from_stored),
            }),
        })
    });
    past.collect()
}
