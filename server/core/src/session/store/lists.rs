//! Live sessions: listed and counted, for their person and for administrators.

use std::{collections::HashMap, net::IpAddr};

use time::OffsetDateTime;
use uuid::Uuid;

use super::session;
use crate::{
    StoreError,
    database::{Database, ScopedTx, Stored, SystemTx},
    device::DeviceName,
    session::{
        AuthenticatedBy, Computer, DEVICE_IS_NEW_FOR, Expiry, ListedSession, Session, SessionId,
        SessionSettings,
    },
    user::{User, UserId},
};

/// A person's live sessions, `most` of them: `current` first, then by last activity. With `only_new`, `current` and the
/// sessions on new devices.
pub(crate) async fn list_live(
    tx: &mut ScopedTx,
    user: UserId,
    current: SessionId,
    now: OffsetDateTime,
    only_new: bool,
    most: i64,
) -> Result<Vec<ListedSession>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, authenticated_by as "authenticated_by: Stored<AuthenticatedBy>", created_at,
            last_active_at, idle_expires_at,
            absolute_expires_at, last_address as "last_address: IpAddr", user_agent, device_name,
            time_zone, is_on_shared_computer, confirmed_at,
            array(
                select address from session_addresses
                where session_id = id and address is distinct from last_address
                order by last_seen_at desc, address
            ) as "other_addresses!: Vec<IpAddr>",
            coalesce(device_new_since > $4, false) as "is_device_new!",
            (select known.created_at from known_devices known where known.id = device_id) as device_known_since
        from sessions
        where user_id = $1 and ended_at is null and idle_expires_at > $3
            and (absolute_expires_at is null or absolute_expires_at > $3)
            and (not $5 or id = $2 or device_new_since > $4)
        order by id = $2 desc, last_active_at desc, id limit $6"#,
        user.as_uuid(),
        current.as_uuid(),
        now,
        now - DEVICE_IS_NEW_FOR,
        only_new,
        most,
    )
    .fetch_all(tx.connection())
    .await?;
    let is_own_new = rows
        .iter()
        .any(|row| row.id == current.as_uuid() && row.is_device_new);
    let listed = rows.into_iter().map(|row| {
        Ok(ListedSession {
            device_name: row.device_name.map(DeviceName::from_stored),
            other_addresses: row.other_addresses,
            is_device_new: row.is_device_new,
            device_known_since: row.device_known_since,
            can_be_acknowledged: row.is_device_new && !is_own_new,
            session: session!(row),
        })
    });
    listed.collect()
}

/// How many live sessions a person has.
pub(crate) async fn count_live(
    tx: &mut ScopedTx,
    user: UserId,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from sessions
        where user_id = $1 and ended_at is null and idle_expires_at > $2
            and (absolute_expires_at is null or absolute_expires_at > $2)"#,
        user.as_uuid(),
        now,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// The number of a user's sessions that are live under the settings for the user, also where the rows do not follow a policy yet.
pub(crate) async fn count_under(
    tx: &mut SystemTx,
    user: UserId,
    settings: &SessionSettings,
    now: OffsetDateTime,
) -> Result<usize, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from sessions
        where user_id = $1 and ended_at is null and idle_expires_at > $2
            and (absolute_expires_at is null or absolute_expires_at > $2)
            and last_active_at > case when is_on_shared_computer then $3::timestamptz else $4::timestamptz end
            and ($5::timestamptz is null or created_at > $5)"#,
        user.as_uuid(),
        now,
        now - settings.idle_timeout_on(Computer::Shared),
        now - settings.idle_timeout_on(Computer::Own),
        settings.absolute_timeout.map(|timeout| now - timeout),
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The number of live sessions of all users, or `most` if there are more.
pub(crate) async fn count_live_of_all(
    database: &Database,
    now: OffsetDateTime,
    most: u32,
) -> Result<u32, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
            select from sessions
            where ended_at is null and least(idle_expires_at, absolute_expires_at) > $1
            limit $2
        ) counted"#,
        now,
        i64::from(most),
    )
    .fetch_one(database.system_pool())
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Live sessions of all users, or of one user by id, for an administrator.
pub(crate) async fn list_all(
    database: &Database,
    user: Option<UserId>,
    now: OffsetDateTime,
) -> Result<Vec<(User, Session)>, StoreError> {
    let rows = sqlx::query!(
        r#"select s.id, s.user_id, u.login, u.name,
            s.authenticated_by as "authenticated_by: Stored<AuthenticatedBy>", s.created_at,
            s.last_active_at, s.idle_expires_at, s.absolute_expires_at,
            s.last_address as "last_address: IpAddr", s.user_agent, s.time_zone,
            s.is_on_shared_computer, s.confirmed_at
        from sessions s
        join users u on u.id = s.user_id
        where s.ended_at is null and s.idle_expires_at > $2
            and (s.absolute_expires_at is null or s.absolute_expires_at > $2)
            -- By an index, also in a plan that knows no parameter.
            and s.user_id between coalesce($1, '00000000-0000-0000-0000-000000000000'::uuid)
                and coalesce($1, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
        order by u.login_key, s.last_active_at desc, s.id"#,
        user.map(UserId::as_uuid) as Option<Uuid>,
        now,
    )
    .fetch_all(database.system_pool())
    .await?;
    let listed = rows.into_iter().map(|row| {
        let user = User {
            id: UserId::new(row.user_id),
            login: row.login,
            name: row.name,
        };
        Ok((user, session!(row)))
    });
    listed.collect()
}

/// How many live sessions each user has; users without one are missing.
pub(crate) async fn count_by_user(
    database: &Database,
    now: OffsetDateTime,
) -> Result<HashMap<UserId, u32>, StoreError> {
    let rows = sqlx::query!(
        r#"select user_id, count(*) as "count!" from sessions
        where ended_at is null and idle_expires_at > $1
            and (absolute_expires_at is null or absolute_expires_at > $1)
        group by user_id"#,
        now,
    )
    .fetch_all(database.system_pool())
    .await?;
    let counted = |count| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(rows
        .into_iter()
        .map(|row| (UserId::new(row.user_id), counted(row.count)))
        .collect())
}
