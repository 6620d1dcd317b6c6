//! Lists recorded attempts, for the account's owner and for administrators.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

use latchkey_words::{AuthenticatedBy, SessionId};

use crate::{
    StoreError,
    attempt::{AttemptFilter, Failures, Outcome, RecordedAttempt, guess::account},
    client::Agent,
    database::{Database, NEWEST, ScopedTx, Stored},
    user::{User, UserId},
};

/// A macro, because each `query!` has its own row type with the same fields.
macro_rules! attempt {
    ($row:ident, $login:expr) => {
        RecordedAttempt {
            id: $row.id,
            at: $row.at,
            login: $login,
            user: $row.user_id.map(UserId::new),
            outcome: $row.outcome.known()?,
            factor: $row.factor.known()?,
            address: $row.address,
            agent: Agent::from($row.user_agent),
            session: $row.session_id.map(SessionId::new),
        }
    };
}

/// An attempt on the caller's account.
pub(crate) struct OwnAttempt {
    pub attempt: RecordedAttempt,
    /// Whether the attempt failed and its browser has logged in from the same address within an hour: the person mistyped
    /// the password. `count_unexplained_failures` has the same rule.
    pub is_explained: bool,
}

/// Attempts on the caller's account, the newest first, older than `before`: all, or those that succeeded, or those that did
/// not.
pub(crate) async fn list_own(
    tx: &mut ScopedTx,
    user: &User,
    succeeded: Option<bool>,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<OwnAttempt>, StoreError> {
    let (before_at, before_id) = before.unwrap_or(NEWEST);
    let rows = sqlx::query!(
        r#"select id, at, user_id, outcome as "outcome: Stored<Outcome>",
            factor as "factor: Stored<AuthenticatedBy>", address as "address: IpAddr", user_agent,
            session_id,
            outcome <> 'succeeded' and exists (
                select from log_in_attempts own
                where own.user_id = $1 and own.outcome = 'succeeded'
                    and own.user_agent = listed.user_agent
                    and own.address is not distinct from listed.address
                    and own.at >= listed.at and own.at < listed.at + interval '1 hour'
            ) as "is_explained!"
        from log_in_attempts listed
        where user_id = $1 and (at, id) < ($2, $3)
            and ($5::boolean is null or (outcome = 'succeeded') = $5)
        order by at desc, id desc limit $4"#,
        user.id.as_uuid(),
        before_at,
        before_id,
        limit,
        succeeded,
    )
    .fetch_all(tx.connection())
    .await?;
    let attempts = rows.into_iter().map(|row| {
        Ok(OwnAttempt {
            is_explained: row.is_explained,
            attempt: attempt!(row, user.login.clone()),
        })
    });
    attempts.collect()
}

/// Failed attempts on the caller's account since `since` that the person has not looked at. An attempt does not count if
/// its browser has logged in from the same address within an hour: the person mistyped the password.
pub(crate) async fn count_unexplained_failures(
    tx: &mut ScopedTx,
    user: &User,
    since: OffsetDateTime,
) -> Result<Option<Failures>, StoreError> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", max(failed.at) as last_at
        from log_in_attempts failed
        join users u on u.id = failed.user_id
        where failed.user_id = $1 and failed.at > $2 and failed.outcome <> 'succeeded'
            and failed.at > coalesce(u.failures_seen_at, '-infinity')
            and not exists (
                select from log_in_attempts own
                where own.user_id = $1 and own.at > $2 and own.outcome = 'succeeded'
                    and own.user_agent = failed.user_agent
                    and own.address is not distinct from failed.address
                    and own.at >= failed.at and own.at < failed.at + interval '1 hour'
            )"#,
        user.id.as_uuid(),
        since,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(row.last_at.map(|last_at| Failures {
        count: u32::try_from(row.count).unwrap_or(u32::MAX),
        last_at,
    }))
}

/// Attempts on all accounts, the newest first, for an administrator.
pub(in crate::attempt) async fn list(
    database: &Database,
    filter: &AttemptFilter,
) -> Result<Vec<RecordedAttempt>, StoreError> {
    let key = filter.login.as_deref().map(account);
    let rows = sqlx::query!(
        r#"select id, at, login, user_id, outcome as "outcome: Stored<Outcome>",
            factor as "factor: Stored<AuthenticatedBy>", address as "address: IpAddr", user_agent,
            session_id
        from log_in_attempts
        where $1::text is null or login_key = $1
        order by at desc, id desc limit $2"#,
        key,
        i64::from(filter.limit),
    )
    .fetch_all(database.system_pool())
    .await?;
    let attempts = rows.into_iter().map(|row| Ok(attempt!(row, row.login)));
    attempts.collect()
}
