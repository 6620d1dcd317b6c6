//! Looks up sessions by their tokens, for many requests in one statement that changes nothing.

use std::net::IpAddr;

use super::{
    resume::{Found, next_step},
    session,
};
use crate::{
    StoreError,
    client::Agent,
    database::{Database, Rounds},
    session::{
        AuthenticatedBy, Context, EndCause, Expiry, Session, SessionId, TokenHash,
        token::{PresentedToken, Standing},
    },
    user::{User, UserId},
};

/// The look-ups that requests to one database make at the same time. Each asks for the session whose own token it has.
pub(crate) type LookUps = Rounds<TokenHash, Result<Option<Found>, StoreError>>;

/// The session whose own token this is. Requests that ask at the same time share the statement.
pub(crate) async fn read_by_own(
    database: &Database,
    token: TokenHash,
) -> Result<Option<Found>, StoreError> {
    let asked = database.clone();
    let answer = move |tokens: Vec<TokenHash>| {
        let database = asked.clone();
        async move {
            match read(&database, &tokens).await {
                Ok(found) => found.into_iter().map(Ok).collect(),
                Err(error) => tokens.iter().map(|_| Err(error.clone())).collect(),
            }
        }
    };
    let answered = database.look_ups().ask(token, answer).await;
    // The node stops.
    answered.unwrap_or_else(|| Err(sqlx::Error::WorkerCrashed.into()))
}

/// One answer for each token, in the same order.
async fn read(database: &Database, tokens: &[TokenHash]) -> Result<Vec<Option<Found>>, StoreError> {
    let hashes: Vec<&[u8]> = tokens.iter().map(TokenHash::as_bytes).collect();
    let rows = sqlx::query!(
        r#"
        -- Changes nothing. But a server that only reads refuses it: after a failover it may be an old primary,
        -- which does not know what has ended since.
        with writable as (update sessions set user_id = user_id where false)
        select asked.number as "number!", s.id, s.user_id, s.authenticated_by, s.created_at,
            s.last_active_at, s.idle_expires_at, s.absolute_expires_at,
            s.last_address as "last_address: IpAddr", s.user_agent, s.time_zone,
            s.is_on_shared_computer, s.confirmed_at, s.context, s.pending,
            s.token_issued_at, s.token_issued_to, s.token_used_at, s.tokens_unused,
            s.ended_at, s.end_cause,
            (select by.user_agent from sessions by where by.id = s.ended_by_session) as ended_by_agent,
            u.login, u.name, u.disabled_at
        from unnest($1::bytea[]) with ordinality asked (token_hash, number)
        join sessions s on s.token_hash = asked.token_hash
        join users u on u.id = s.user_id"#,
        &hashes as &[&[u8]],
    )
    .fetch_all(database.system_pool())
    .await?;
    let mut found: Vec<Option<Found>> = tokens.iter().map(|_| None).collect();
    for row in rows {
        // PostgreSQL counts from 1.
        let place = usize::try_from(row.number - 1).ok();
        if let Some(place) = place.and_then(|place| found.get_mut(place)) {
            *place = Some(Found {
                token: PresentedToken {
                    standing: Standing::Current,
                    issued_at: row.token_issued_at,
                    issued_to: row.token_issued_to.and_then(|hash| hash.try_into().ok()),
                    unused: row.tokens_unused,
                },
                is_token_used: row.token_used_at.is_some(),
                session: session!(row),
                user: User {
                    id: UserId::new(row.user_id),
                    login: row.login,
                    name: row.name,
                },
                context: Context::from_stored(row.context),
                step: next_step(&row.pending)?,
                end: row
                    .ended_at
                    .zip(row.end_cause.as_deref().map(EndCause::from_stored))
                    .or(row.disabled_at.map(|at| (at, EndCause::UserDisabled))),
                ended_by: row.ended_by_agent.map(Agent::from),
            });
        }
    }
    Ok(found)
}
