//! SQL on the table of audit entries. No other file names the table.

use std::net::IpAddr;

use latchkey_words::{AuditAction, AuditSubject, SessionId, UserId};
use serde_json::{Map, Value, json};
use sqlx::types::Json;
use time::OffsetDateTime;

use super::{AuditActor, AuditEntry};
use crate::{
    StoreError,
    client::Agent,
    database::{Database, ScopedTx, Stored, SystemTx},
    user::User,
};

/// Tells a transaction who acts. The entries of the transaction from here on name this person.
pub(crate) async fn tell(tx: &mut SystemTx, actor: &AuditActor) -> Result<(), StoreError> {
    let told = json!({
        "user_id": actor.user,
        "login": actor.login,
        "session_id": actor.session,
        "address": actor.address,
        "user_agent": actor.agent.as_str(),
    });
    sqlx::query!(
        "select set_config('latchkey.actor', $1, true)",
        told.to_string()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(())
}

/// Writes an entry about a user for what leaves no trace in the table of users. `after` is a JSON object.
pub(crate) async fn write_of_user(
    tx: &mut SystemTx,
    user: &User,
    action: AuditAction,
    after: Value,
) -> Result<(), StoreError> {
    sqlx::query!(
        "select write_audit_entry($1, $2, $3, $4, '{}', $5)",
        AuditSubject::User.as_str(),
        user.id.as_uuid(),
        user.login,
        action.as_str(),
        after,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(())
}

/// The number of entries since a moment, or `most` if there are more.
pub(crate) async fn count_since(
    database: &Database,
    since: OffsetDateTime,
    most: u32,
) -> Result<u32, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select at from audit_entries order by id desc limit $2) newest
        where at >= $1"#,
        since,
        i64::from(most),
    )
    .fetch_one(database.system_pool())
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The entries to look for.
pub(crate) struct Wanted<'a> {
    /// The kinds of subjects.
    pub subjects: &'a [AuditSubject],
    /// A part of the subject's name or of the actor's login, in any case; empty for all.
    pub search: String,
    /// The technical names of groups whose entries are wanted, too.
    pub groups: Vec<String>,
}

/// The wanted entries that the transaction may see and that are older than the entry `before`, the newest first.
pub(crate) async fn list_visible(
    tx: &mut ScopedTx,
    wanted: &Wanted<'_>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    list(tx.connection(), wanted, before, limit).await
}

/// The same for an administrator on the server, who sees all entries.
pub(crate) async fn list_all(
    database: &Database,
    wanted: &Wanted<'_>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    list(database.system_pool(), wanted, None, limit).await
}

async fn list<'e>(
    executor: impl sqlx::PgExecutor<'e>,
    wanted: &Wanted<'_>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let subjects: Vec<_> = wanted
        .subjects
        .iter()
        .map(|subject| subject.as_str().to_owned())
        .collect();
    let rows = sqlx::query!(
        r#"select id, at, actor_id, actor_login, session_id, address as "address: IpAddr", user_agent,
            subject as "subject: Stored<AuditSubject>", subject_id, subject_name,
            action as "action: Stored<AuditAction>",
            before as "before: Json<Map<String, Value>>", after as "after: Json<Map<String, Value>>"
        from audit_entries
        where subject = any($1) and id < $2 and (
            strpos(lower(subject_name), lower($4)) > 0 or strpos(lower(actor_login), lower($4)) > 0
            or (subject = 'group' and subject_name = any($5))
        )
        order by id desc limit $3"#,
        &subjects,
        before.unwrap_or(i64::MAX),
        limit,
        wanted.search,
        &wanted.groups,
    )
    .fetch_all(executor)
    .await?;
    let entries = rows.into_iter().map(|row| {
        let actor = row.actor_id.zip(row.actor_login).zip(row.session_id);
        let (address, agent) = (row.address, row.user_agent.unwrap_or_default());
        Ok(AuditEntry {
            id: row.id,
            at: row.at,
            actor: actor.map(|((user, login), session)| AuditActor {
                user: UserId::new(user),
                login,
                session: SessionId::new(session),
                address,
                agent: Agent::from(agent),
            }),
            subject: row.subject.known()?,
            subject_id: row.subject_id,
            subject_name: row.subject_name,
            action: row.action.known()?,
            before: row.before.0,
            after: row.after.0,
        })
    });
    entries.collect()
}
