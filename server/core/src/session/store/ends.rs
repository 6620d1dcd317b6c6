//! The ends of a person's sessions, for the person.

use std::net::IpAddr;

use sqlx::types::time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    client::Agent,
    database::ScopedTx,
    session::{EndCause, SessionId},
    user::UserId,
};

/// A session that is over.
pub(crate) struct EndedEntry {
    pub id: SessionId,
    pub at: OffsetDateTime,
    pub cause: EndCause,
    pub address: Option<IpAddr>,
    pub agent: Agent,
}

/// Ends up to `now` and older than `before`, the newest first. One that came with the clock was
/// never written: it is what the session's own limits say.
pub(crate) async fn list_ended(
    tx: &mut ScopedTx,
    user: UserId,
    now: OffsetDateTime,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<EndedEntry>, StoreError> {
    let (before_at, before_id) = before.unzip();
    let rows = sqlx::query!(
        r#"
        with ends as (
            select id, last_address, user_agent,
                coalesce(ended_at, least(idle_expires_at, absolute_expires_at)) as at,
                coalesce(end_cause, case
                    when absolute_expires_at <= idle_expires_at then 'too_old' else 'idle'
                end) as cause
            from sessions where user_id = $1
        )
        select id, at as "at!", cause as "cause!", last_address as "last_address: IpAddr", user_agent
        from ends
        where at <= $2 and ($3::timestamptz is null or (at, id) < ($3, $4::uuid))
        order by at desc, id desc limit $5
        "#,
        user.as_uuid(),
        now,
        before_at,
        before_id,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    let entries = rows.into_iter().map(|row| EndedEntry {
        id: SessionId::new(row.id),
        at: row.at,
        cause: match row.cause.as_str() {
            "idle" => EndCause::Idle,
            "too_old" => EndCause::TooOld,
            word => EndCause::from_stored(word),
        },
        address: row.last_address,
        agent: row.user_agent.into(),
    });
    Ok(entries.collect())
}
