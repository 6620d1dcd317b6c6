//! Looks up sessions by their tokens, for many requests in one statement that changes nothing.

use std::net::IpAddr;

use super::{
    found::{Found, found, next_step},
    session,
};
use crate::{
    StoreError,
    access::GroupId,
    client::Agent,
    company::{ActiveCompanies, CompanyId},
    database::{Connection, Database, Rounds, Stored},
    session::{
        AuthenticatedBy, Context, EndCause, Expiry, Session, SessionId, Step, TokenHash,
        token::{PresentedToken, Standing},
    },
    user::{DateFormat, StoredPreferences, Theme, TimeFormat, User, UserId},
};

/// The look-ups that requests to one database make at the same time. Each asks for the session whose own token it has.
type LookUps = Rounds<TokenHash, Result<Option<Found>, StoreError>>;

/// The session whose own token this is. Requests that ask at the same time share the statement.
pub(crate) async fn read_by_own(
    database: &Database,
    token: TokenHash,
) -> Result<Option<Found>, StoreError> {
    let asked = database.clone();
    let answer = move |kept: Option<Connection>, tokens: Vec<TokenHash>| {
        let database = asked.clone();
        async move {
            match read(&database, kept, &tokens).await {
                Ok((connection, found)) => (Some(connection), found),
                Err(error) => {
                    let failed = tokens.iter().map(|_| Err(error.clone()));
                    (None, failed.collect())
                }
            }
        }
    };
    let answered = database.shared::<LookUps>().ask(token, answer).await;
    // The node stops.
    answered.unwrap_or_else(|| Err(sqlx::Error::WorkerCrashed.into()))
}

/// One answer for each token, in the same order, and the connection. A row that cannot be understood fails no other
/// request.
async fn read(
    database: &Database,
    kept: Option<Connection>,
    tokens: &[TokenHash],
) -> Result<(Connection, Vec<Result<Option<Found>, StoreError>>), StoreError> {
    let mut connection = match kept {
        Some(connection) => connection,
        None => database.system_pool().acquire().await?,
    };
    let hashes: Vec<&[u8]> = tokens.iter().map(TokenHash::as_bytes).collect();
    let rows = sqlx::query!(
        r#"
        -- Changes nothing. But a server that only reads refuses it: after a failover it may be an old primary,
        -- which does not know what has ended since.
        with writable as (update sessions set user_id = user_id where false)
        select asked.number as "number!", s.id, s.user_id,
            s.authenticated_by as "authenticated_by: Stored<AuthenticatedBy>", s.created_at,
            s.last_active_at, s.idle_expires_at, s.absolute_expires_at,
            s.last_address as "last_address: IpAddr", s.user_agent, s.time_zone,
            s.is_on_shared_computer, s.confirmed_at, s.context,
            s.pending as "pending: Vec<Stored<Step>>",
            t.issued_at, t.issued_to, t.used_at, t.unused,
            s.ended_at, s.end_cause as "end_cause: Stored<EndCause>",
            (select by.user_agent from sessions by where by.id = s.ended_by_session) as ended_by_agent,
            u.login, u.name, u.disabled_at, u.language, u.theme as "theme: Stored<Theme>",
            u.time_zone as preferred_time_zone, u.date_format as "date_format: Stored<DateFormat>",
            u.time_format as "time_format: Stored<TimeFormat>", u.company_ids, u.group_ids,
                (select version from access_version) as "access_version!"
        from unnest($1::bytea[]) with ordinality asked (token_hash, number)
        -- `offset 0` makes PostgreSQL look up each token by the index. Its general plan expects ten tokens, and
        -- would read a table of a few thousand sessions from its beginning to its end.
        join lateral (select * from session_tokens where token_hash = asked.token_hash offset 0) t on true
        join lateral (select * from sessions where id = t.session_id offset 0) s on true
        join lateral (
            select users.* from (values (s.user_id)) owner (id) join users on users.id = owner.id offset 0
        ) u on true"#,
        &hashes as &[&[u8]],
    )
    .fetch_all(&mut connection)
    .await?;
    let mut answers: Vec<_> = tokens.iter().map(|_| Ok(None)).collect();
    for row in rows {
        // PostgreSQL counts from 1.
        let place = usize::try_from(row.number - 1).ok();
        let Some(answer) = place.and_then(|place| answers.get_mut(place)) else {
            continue;
        };
        // A closure, because a row that cannot be understood is the answer to its own request only.
        let found = || Ok(found!(row, Standing::Current));
        *answer = found().map(Some);
    }
    Ok((connection, answers))
}
