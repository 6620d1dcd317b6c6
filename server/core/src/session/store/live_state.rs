//! Reads whether a session is live, and a fingerprint of its owner's sessions and failed log-ins. The statement writes nothing, because
//! watching is no activity.

use time::OffsetDateTime;

use crate::{
    StoreError,
    database::Database,
    session::{Expiry, SessionId},
};

/// The state of a live session, for its watchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LiveState {
    /// The moment at which the session ends without further activity.
    pub expires_at: OffsetDateTime,
    /// A fingerprint of the owner's live sessions, of the failed log-ins that Home counts, of the companies of the user and
    /// of this session, and of this session's debug mode. It differs whenever a column differs that is shown and can change.
    pub sessions: i64,
}

/// Reads the state of a session; `None` if the session has ended or does not exist.
pub(crate) async fn read_live_state(
    database: &Database,
    session: SessionId,
    now: OffsetDateTime,
) -> Result<Option<LiveState>, StoreError> {
    let row = sqlx::query!(
        r#"select s.idle_expires_at, s.absolute_expires_at, (
            -- Half a microsecond each: a user may have many sessions, and every open page looks.
            select bit_xor(hash_record_extended((
                live.id, live.last_active_at, live.idle_expires_at, live.absolute_expires_at,
                live.last_address, live.device_name, live.device_new_since
            ), 0))
            from sessions live
            where live.user_id = s.user_id and live.ended_at is null and live.idle_expires_at > $2
                and (live.absolute_expires_at is null or live.absolute_expires_at > $2)
        ) # hash_record_extended((
            u.failures_seen_at, latest_attempt_on(s.user_id), u.company_ids, s.context -> 'companies',
            s.context -> 'debug'
        ), 0) as "sessions!"
        from sessions s
        join users u on u.id = s.user_id
        where s.id = $1 and s.ended_at is null and u.disabled_at is null and s.idle_expires_at > $2
            and (s.absolute_expires_at is null or s.absolute_expires_at > $2)"#,
        session.as_uuid(),
        now,
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(row.map(|row| LiveState {
        expires_at: Expiry::earlier(row.idle_expires_at, row.absolute_expires_at).at,
        sessions: row.sessions,
    }))
}
