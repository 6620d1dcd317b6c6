//! SQL on the table of password changes, and in its folder on the table of account events. No other file
//! names these tables.

mod events;

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use events::{
    AccountEvent, AccountEventKind, explain_guesses, forget_events, insert_event,
    insert_event_once_a_minute, list_own_events, unexplained_guesses,
};

use super::{ActivityEntry, ActivityKind, ChangedBy};
use crate::{
    StoreError,
    client::{Agent, Client},
    database::{Database, NEWEST, ScopedTx, Stored, SystemTx},
    user::UserId,
};

/// A change of an account's password.
pub(crate) struct PasswordChange<'a> {
    id: Uuid,
    at: OffsetDateTime,
    user: UserId,
    by: ChangedBy,
    address: Option<IpAddr>,
    agent: Option<&'a Agent>,
}

impl<'a> PasswordChange<'a> {
    pub(crate) fn by_person(
        id: Uuid,
        at: OffsetDateTime,
        user: UserId,
        client: &'a Client,
    ) -> Self {
        Self {
            id,
            at,
            user,
            by: ChangedBy::Person,
            address: client.address,
            agent: Some(&client.agent),
        }
    }

    pub(crate) fn by_administrator(id: Uuid, at: OffsetDateTime, user: UserId) -> Self {
        Self {
            id,
            at,
            user,
            by: ChangedBy::Administrator,
            address: None,
            agent: None,
        }
    }
}

/// Inserts a change, in the transaction that makes the change.
pub(crate) async fn insert(
    tx: &mut SystemTx,
    change: &PasswordChange<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into password_changes (id, user_id, at, changed_by, address, user_agent)
        values ($1, $2, $3, $4, $5, $6)",
        change.id,
        change.user.as_uuid(),
        change.at,
        change.by.as_str(),
        change.address as Option<IpAddr>,
        change.agent.map(Agent::as_str),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The caller's password changes, the newest first, older than `before`.
pub(crate) async fn list_own(
    tx: &mut ScopedTx,
    user: UserId,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<ActivityEntry>, StoreError> {
    let (before_at, before_id) = before.unwrap_or(NEWEST);
    let rows = sqlx::query!(
        r#"select id, at, changed_by as "changed_by: Stored<ChangedBy>",
            address as "address: IpAddr", user_agent
        from password_changes
        where user_id = $1 and (at, id) < ($2, $3)
        order by at desc, id desc limit $4"#,
        user.as_uuid(),
        before_at,
        before_id,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    let entries = rows.into_iter().map(|row| {
        Ok(ActivityEntry {
            id: row.id,
            at: row.at,
            kind: ActivityKind::PasswordChanged(row.changed_by.known()?),
            address: row.address,
            agent: row.user_agent.map(Agent::from),
            device_name: None,
            ended_by: None,
            is_explained: false,
        })
    });
    entries.collect()
}

/// Deletes changes before `moment`, and returns their number. Rows that another node is deleting are skipped.
pub(crate) async fn forget(
    database: &Database,
    moment: OffsetDateTime,
    most: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "delete from password_changes where id = any(array(
            select id from password_changes where at < $1
            order by at limit $2 for update skip locked
        ))",
        moment,
        most,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
