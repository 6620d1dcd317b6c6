//! From a token to its session: what every request begins with.

use std::net::IpAddr;

use time::OffsetDateTime;

use super::session;
use crate::{
    StoreError,
    client::{Agent, Client},
    database::Database,
    session::{
        AuthenticatedBy, EndCause, Expiry, Session, SessionId, TokenHash,
        rotation::{PresentedToken, Standing},
    },
    user::{User, UserId},
};

/// What a token stands for, as read.
pub(crate) struct Found {
    pub session: Session,
    pub user: User,
    pub password_is_one_time: bool,
    pub end: Option<(OffsetDateTime, EndCause)>,
    pub ended_by: Option<Agent>,
    pub token: PresentedToken,
}

/// Moments that a look-up needs.
pub(crate) struct Touch {
    pub now: OffsetDateTime,
    /// Whether the person does something, and not only their open page.
    pub is_activity: bool,
    pub personal: TouchOf,
    pub shared: TouchOf,
    /// Tokens superseded after this are still good.
    pub grace_since: OffsetDateTime,
}

/// The same for one kind of computer.
pub(crate) struct TouchOf {
    /// Last activity before this is written again.
    pub due_before: OffsetDateTime,
    pub idle_expires_at: OffsetDateTime,
}

/// Token -> session -> user, and the last activity written if it is due: one statement, so that a
/// request costs one round trip and a session ended meanwhile is not touched.
pub(crate) async fn find(
    database: &Database,
    token: TokenHash,
    client: &Client,
    touch: &Touch,
) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query!(
        r#"
        with presented as (
            select id as session_id, null::timestamptz as superseded_at
            from sessions where token_hash = $1
            union all
            select session_id, superseded_at from superseded_tokens where token_hash = $1
        ), found as (
            select s.*, u.login, u.name, u.password_is_one_time, u.disabled_at, p.superseded_at,
                p.superseded_at is null or p.superseded_at > $8
                    or (s.token_used_at is null and p.superseded_at = s.token_issued_at)
                    as token_is_good,
                by.user_agent as ended_by_agent
            from presented p
            join sessions s on s.id = p.session_id
            join users u on u.id = s.user_id
            left join sessions by on by.id = s.ended_by_session
        ), touched as (
            update sessions s
            set last_active_at = case when $9 then $2 else s.last_active_at end,
                idle_expires_at = case
                    when not $9 then s.idle_expires_at
                    when s.is_on_shared_computer then $7::timestamptz
                    else $4::timestamptz
                end,
                last_address = case when $9 then coalesce($5, s.last_address) else s.last_address end,
                -- The row is asked, not what was found: another request may have rotated meanwhile.
                token_used_at = case
                    when s.token_hash = $1 then coalesce(s.token_used_at, $2)
                    else s.token_used_at
                end
            from found
            where s.id = found.id and s.ended_at is null and found.disabled_at is null
                and found.token_is_good
                and (
                    $9 and s.last_active_at
                        < case when s.is_on_shared_computer then $6::timestamptz else $3::timestamptz end
                    or (s.token_hash = $1 and s.token_used_at is null)
                )
                and s.idle_expires_at > $2
                and (s.absolute_expires_at is null or s.absolute_expires_at > $2)
        )
        select
            id as "id!", user_id as "user_id!", authenticated_by as "authenticated_by!",
            created_at as "created_at!", last_active_at as "last_active_at!",
            idle_expires_at as "idle_expires_at!", absolute_expires_at,
            last_address as "last_address: IpAddr", user_agent as "user_agent!", time_zone,
            is_on_shared_computer as "is_on_shared_computer!", confirmed_at as "confirmed_at!",
            token_issued_at as "token_issued_at!", token_used_at, superseded_at,
            token_is_good as "token_is_good!",
            ended_at, end_cause, ended_by_agent as "ended_by_agent?", login as "login!", name as "name!",
            password_is_one_time as "password_is_one_time!", disabled_at
        from found
        "#,
        token.as_bytes(),
        touch.now,
        touch.personal.due_before,
        touch.personal.idle_expires_at,
        client.address as Option<IpAddr>,
        touch.shared.due_before,
        touch.shared.idle_expires_at,
        touch.grace_since,
        touch.is_activity,
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(row.map(|row| Found {
        token: PresentedToken {
            hash: token,
            issued_at: row.token_issued_at,
            standing: match row.superseded_at {
                None => Standing::Current,
                Some(_) if !row.token_is_good => Standing::Stale,
                Some(at) if row.token_used_at.is_none() && at == row.token_issued_at => {
                    Standing::SuccessorUnused
                }
                Some(_) => Standing::InGrace,
            },
        },
        session: session!(row),
        user: User {
            id: UserId::new(row.user_id),
            login: row.login,
            name: row.name,
        },
        password_is_one_time: row.password_is_one_time,
        end: row
            .ended_at
            .zip(row.end_cause.as_deref().map(EndCause::from_stored))
            .or(row.disabled_at.map(|at| (at, EndCause::UserDisabled))),
        ended_by: row.ended_by_agent.map(Agent::from),
    }))
}
