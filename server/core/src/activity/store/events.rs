//! SQL on the table of account events: log-in codes, wrong current passwords and refused companies.

use std::net::IpAddr;

use latchkey_words::SessionId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    activity::{ActivityEntry, ActivityKind, ChangedBy},
    client::{Agent, Client},
    database::{Connection, Database, NEWEST, ScopedTx, Stored},
    user::UserId,
};

/// An event of an account, to insert.
pub(crate) struct AccountEvent<'a> {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub user: UserId,
    pub kind: AccountEventKind,
    /// The person's address and browser; `None` if an administrator acts.
    pub client: Option<&'a Client>,
    /// The session in which a wrong current password was entered.
    pub session: Option<SessionId>,
}

/// The kinds of account events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum AccountEventKind {
    LogInCodeMade,
    LogInCodeUsed,
    WrongCurrentPassword,
    CompanyRefused,
}

impl AccountEventKind {
    fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Writes an event down.
pub(crate) async fn insert_event(
    connection: &mut Connection,
    event: &AccountEvent<'_>,
) -> Result<(), StoreError> {
    let by = event
        .client
        .map_or(ChangedBy::Administrator, |_| ChangedBy::Person);
    sqlx::query!(
        "insert into account_events (id, user_id, at, kind, done_by, address, user_agent, session_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
        event.id,
        event.user.as_uuid(),
        event.at,
        event.kind.as_str(),
        by.as_str(),
        event.client.and_then(|client| client.address) as Option<IpAddr>,
        event.client.map(|client| client.agent.as_str()),
        event.session.map(SessionId::as_uuid),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes an event down, unless there is one of the same kind and user within the last minute. `true` if it is written.
pub(crate) async fn insert_event_once_a_minute(
    connection: &mut Connection,
    event: &AccountEvent<'_>,
) -> Result<bool, StoreError> {
    let is_known = sqlx::query_scalar!(
        r#"select exists (
            select from account_events where user_id = $1 and kind = $2 and at > $3
        ) as "is_known!""#,
        event.user.as_uuid(),
        event.kind.as_str(),
        event.at - time::Duration::MINUTE,
    )
    .fetch_one(&mut *connection)
    .await?;
    if !is_known {
        insert_event(connection, event).await?;
    }
    Ok(!is_known)
}

/// The caller's account events, the newest first, older than `before`: all, or those that failed, or those that did not.
pub(crate) async fn list_own_events(
    tx: &mut ScopedTx,
    user: UserId,
    failed: Option<bool>,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<ActivityEntry>, StoreError> {
    let (before_at, before_id) = before.unwrap_or(NEWEST);
    let rows = sqlx::query!(
        r#"select id, at, kind as "kind: Stored<AccountEventKind>",
            done_by as "done_by: Stored<ChangedBy>", address as "address: IpAddr", user_agent
        from account_events
        where user_id = $1 and (at, id) < ($2, $3)
            and ($5::boolean is null or (kind in ('wrong_current_password', 'company_refused')) = $5)
        order by at desc, id desc limit $4"#,
        user.as_uuid(),
        before_at,
        before_id,
        limit,
        failed,
    )
    .fetch_all(tx.connection())
    .await?;
    let entries = rows.into_iter().map(|row| {
        let done_by = row.done_by.known()?;
        Ok(ActivityEntry {
            id: row.id,
            at: row.at,
            kind: match row.kind.known()? {
                AccountEventKind::LogInCodeMade => ActivityKind::LogInCodeMade(done_by),
                AccountEventKind::LogInCodeUsed => ActivityKind::LogInCodeUsed,
                AccountEventKind::WrongCurrentPassword => ActivityKind::WrongCurrentPassword,
                AccountEventKind::CompanyRefused => ActivityKind::CompanyRefused,
            },
            address: row.address,
            agent: row.user_agent.map(Agent::from),
            device_name: None,
            ended_by: None,
            is_explained: false,
        })
    });
    entries.collect()
}

/// The times of wrong current passwords since `since` that the right one has not explained, the newest first, at most a
/// thousand. A throttle lets few through.
pub(crate) async fn unexplained_guesses(
    tx: &mut ScopedTx,
    user: UserId,
    since: OffsetDateTime,
) -> Result<Vec<OffsetDateTime>, StoreError> {
    let times = sqlx::query_scalar!(
        "select at from account_events
        where user_id = $1 and at > $2 and kind = 'wrong_current_password' and explained_at is null
        order by at desc limit 1000",
        user.as_uuid(),
        since,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(times)
}

/// Notes that the right password explains the wrong ones of the same session since `since`.
pub(crate) async fn explain_guesses(
    database: &Database,
    user: UserId,
    session: SessionId,
    since: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update account_events set explained_at = $4
        where user_id = $1 and at > $3 and kind = 'wrong_current_password' and session_id = $2
            and explained_at is null",
        user.as_uuid(),
        session.as_uuid(),
        since,
        now,
    )
    .execute(database.system_pool())
    .await?;
    Ok(())
}

/// Deletes events before `moment`, and returns their number. Rows that another node is deleting are skipped.
pub(crate) async fn forget_events(
    database: &Database,
    moment: OffsetDateTime,
    most: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "delete from account_events where id = any(array(
            select id from account_events where at < $1
            order by at limit $2 for update skip locked
        ))",
        moment,
        most,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
