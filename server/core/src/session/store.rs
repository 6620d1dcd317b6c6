//! SQL on the table of sessions. Nothing else names it.

mod pulse;

use std::{collections::HashMap, net::IpAddr};

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use pulse::pulse;

use super::{AuthenticatedBy, EndCause, Expiry, Session, SessionId, TokenHash};
use crate::{
    StoreError,
    client::{Agent, Client},
    database::{Database, ScopedTx, SystemTx},
    user::{User, UserId},
};

/// What a token stands for, as read.
pub(super) struct Found {
    pub session: Session,
    pub user: User,
    pub password_is_one_time: bool,
    pub end: Option<(OffsetDateTime, EndCause)>,
    pub ended_by: Option<Agent>,
}

/// Moments that a look-up needs.
pub(super) struct Touch {
    pub now: OffsetDateTime,
    /// Last activity before this is written again.
    pub due_before: OffsetDateTime,
    pub idle_expires_at: OffsetDateTime,
}

/// A session to write.
pub(super) struct NewSession<'a> {
    pub id: SessionId,
    pub token_hash: TokenHash,
    pub user: UserId,
    pub authenticated_by: AuthenticatedBy,
    pub now: OffsetDateTime,
    pub idle_expires_at: OffsetDateTime,
    pub absolute_expires_at: Option<OffsetDateTime>,
    pub client: &'a Client,
    pub time_zone: Option<&'a str>,
}

/// Each `query!` has a row type of its own with the same fields.
macro_rules! session {
    ($row:ident) => {
        Session {
            id: SessionId::new($row.id),
            authenticated_by: AuthenticatedBy::from_stored(&$row.authenticated_by),
            created_at: $row.created_at,
            last_active_at: $row.last_active_at,
            expiry: Expiry::earlier($row.idle_expires_at, $row.absolute_expires_at),
            address: $row.last_address,
            agent: $row.user_agent.into(),
            time_zone: $row.time_zone,
        }
    };
}

/// How sessions end.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub at: OffsetDateTime,
    pub cause: EndCause,
    /// The session that ended them, if it was one.
    pub by: Option<SessionId>,
}

/// Token -> session -> user, and the last activity written if it is due: one statement, so that a
/// request costs one round trip and a session ended meanwhile is not touched.
pub(super) async fn find(
    database: &Database,
    token: TokenHash,
    client: &Client,
    touch: &Touch,
) -> Result<Option<Found>, StoreError> {
    let row = sqlx::query!(
        r#"
        with found as (
            select s.*, u.login, u.name, u.password_is_one_time, u.disabled_at,
                by.user_agent as ended_by_agent
            from sessions s
            join users u on u.id = s.user_id
            left join sessions by on by.id = s.ended_by_session
            where s.token_hash = $1
        ), touched as (
            update sessions s
            set last_active_at = $2, idle_expires_at = $4, last_address = coalesce($5, s.last_address)
            from found
            where s.id = found.id and s.ended_at is null and found.disabled_at is null
                and s.last_active_at < $3
                and s.idle_expires_at > $2
                and (s.absolute_expires_at is null or s.absolute_expires_at > $2)
        )
        select
            id as "id!", user_id as "user_id!", authenticated_by as "authenticated_by!",
            created_at as "created_at!", last_active_at as "last_active_at!",
            idle_expires_at as "idle_expires_at!", absolute_expires_at,
            last_address as "last_address: IpAddr", user_agent as "user_agent!", time_zone,
            ended_at, end_cause, ended_by_agent as "ended_by_agent?", login as "login!", name as "name!",
            password_is_one_time as "password_is_one_time!", disabled_at
        from found
        "#,
        token.as_bytes(),
        touch.now,
        touch.due_before,
        touch.idle_expires_at,
        client.address as Option<IpAddr>,
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(row.map(|row| Found {
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

/// Writes a new session.
pub(super) async fn insert(tx: &mut SystemTx, new: &NewSession<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into sessions (
            id, token_hash, user_id, authenticated_by, created_at, last_active_at,
            idle_expires_at, absolute_expires_at, first_address, last_address, user_agent, time_zone
        ) values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $8, $9, $10)",
        new.id.as_uuid(),
        new.token_hash.as_bytes(),
        new.user.as_uuid(),
        new.authenticated_by.as_str(),
        new.now,
        new.idle_expires_at,
        new.absolute_expires_at,
        new.client.address as Option<IpAddr>,
        new.client.agent.as_str(),
        new.time_zone,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A person's live sessions: `current` first, then by last activity.
pub(super) async fn list_live(
    tx: &mut ScopedTx,
    user: UserId,
    current: SessionId,
    now: OffsetDateTime,
) -> Result<Vec<Session>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, authenticated_by, created_at, last_active_at, idle_expires_at,
            absolute_expires_at, last_address as "last_address: IpAddr", user_agent, time_zone
        from sessions
        where user_id = $1 and ended_at is null and idle_expires_at > $3
            and (absolute_expires_at is null or absolute_expires_at > $3)
        order by id = $2 desc, last_active_at desc, id"#,
        user.as_uuid(),
        current.as_uuid(),
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| session!(row)).collect())
}

/// How many live sessions a person has.
pub(super) async fn count_live(
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

/// Ends one of the caller's sessions; `false` if it has ended already or is not the caller's.
pub(super) async fn end_own(
    tx: &mut ScopedTx,
    id: SessionId,
    end: End,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update sessions set ended_at = $2, end_cause = $3, ended_by_session = $4
        where id = $1 and ended_at is null",
        id.as_uuid(),
        end.at,
        end.cause.as_str(),
        end.by.map(SessionId::as_uuid),
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the caller has, or had, a session of this id.
pub(super) async fn exists_own(tx: &mut ScopedTx, id: SessionId) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sessions where id = $1) as "exists!""#,
        id.as_uuid(),
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Clocks of nodes differ, and a request may wait for a connection with the time in its hand. What
/// expired within this time is ended like the living, so that it cannot come back by a late touch.
const SKEW: time::Duration = time::Duration::minutes(5);

/// A session that nobody else can end or touch until the transaction is over.
pub(crate) struct Locked {
    pub id: SessionId,
    pub is_live: bool,
}

/// Locks what has not ended of a user's sessions, in order of id: whoever ends several of them, or
/// one by another, begins here, and two that end each other wait instead of deadlocking.
pub(crate) async fn lock_of_user(
    connection: &mut PgConnection,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<Locked>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, idle_expires_at > $2
                and (absolute_expires_at is null or absolute_expires_at > $2) as "is_live!"
        from sessions
        where user_id = $1 and ended_at is null and idle_expires_at > $3
            and (absolute_expires_at is null or absolute_expires_at > $3)
        order by id for no key update"#,
        user.as_uuid(),
        now,
        now - SKEW,
    )
    .fetch_all(connection)
    .await?;
    let locked = rows.into_iter().map(|row| Locked {
        id: SessionId::new(row.id),
        is_live: row.is_live,
    });
    Ok(locked.collect())
}

/// Ends locked sessions but `kept`; says which of them were live.
pub(crate) async fn end_locked(
    connection: &mut PgConnection,
    locked: &[Locked],
    kept: Option<SessionId>,
    end: End,
) -> Result<Vec<SessionId>, StoreError> {
    let ending = locked.iter().filter(|session| Some(session.id) != kept);
    let ids: Vec<Uuid> = ending.clone().map(|session| session.id.as_uuid()).collect();
    sqlx::query!(
        "update sessions set ended_at = $2, end_cause = $3, ended_by_session = $4
        where id = any($1) and ended_at is null",
        &ids,
        end.at,
        end.cause.as_str(),
        end.by.map(SessionId::as_uuid),
    )
    .execute(connection)
    .await?;
    let live = ending.filter(|session| session.is_live);
    Ok(live.map(|session| session.id).collect())
}

/// Ends one session, whosever it is; `None` if it has ended already or never was.
pub(super) async fn end_one(
    tx: &mut SystemTx,
    id: SessionId,
    end: End,
) -> Result<Option<UserId>, StoreError> {
    let user = sqlx::query_scalar!(
        "update sessions set ended_at = $2, end_cause = $3, ended_by_session = $4
        where id = $1 and ended_at is null
        returning user_id",
        id.as_uuid(),
        end.at,
        end.cause.as_str(),
        end.by.map(SessionId::as_uuid),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(user.map(UserId::new))
}

/// Ends all sessions of a user; says which were live.
pub(crate) async fn end_of_user(
    tx: &mut SystemTx,
    user: UserId,
    end: End,
) -> Result<Vec<SessionId>, StoreError> {
    let locked = lock_of_user(tx.connection(), user, end.at).await?;
    end_locked(tx.connection(), &locked, None, end).await
}

/// Locks a user's live sessions; gives their ids, the longest unused first.
pub(crate) async fn lock_live(
    tx: &mut SystemTx,
    user: UserId,
    now: OffsetDateTime,
) -> Result<Vec<SessionId>, StoreError> {
    lock_of_user(tx.connection(), user, now).await?;
    let ids = sqlx::query_scalar!(
        "select id from sessions
        where user_id = $1 and ended_at is null and idle_expires_at > $2
            and (absolute_expires_at is null or absolute_expires_at > $2)
        order by last_active_at, id",
        user.as_uuid(),
        now,
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(SessionId::new).collect())
}

/// Live sessions of everybody, or of one user by id, for an administrator.
pub(super) async fn list_all(
    database: &Database,
    user: Option<UserId>,
    now: OffsetDateTime,
) -> Result<Vec<(User, Session)>, StoreError> {
    let rows = sqlx::query!(
        r#"select s.id, s.user_id, u.login, u.name, s.authenticated_by, s.created_at,
            s.last_active_at, s.idle_expires_at, s.absolute_expires_at,
            s.last_address as "last_address: IpAddr", s.user_agent, s.time_zone
        from sessions s
        join users u on u.id = s.user_id
        where s.ended_at is null and s.idle_expires_at > $2
            and (s.absolute_expires_at is null or s.absolute_expires_at > $2)
            and ($1::uuid is null or s.user_id = $1)
        order by u.login_key, s.last_active_at desc, s.id"#,
        user.map(UserId::as_uuid) as Option<Uuid>,
        now,
    )
    .fetch_all(database.system_pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let user = User {
                id: UserId::new(row.user_id),
                login: row.login,
                name: row.name,
            };
            (user, session!(row))
        })
        .collect())
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

/// Brings live sessions under timeouts that were shortened.
pub(super) async fn shorten(
    database: &Database,
    idle_seconds: f64,
    absolute_seconds: Option<f64>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set
            idle_expires_at = least(idle_expires_at, last_active_at + make_interval(secs => $1)),
            absolute_expires_at = least(absolute_expires_at, created_at + make_interval(secs => $2))
        where ended_at is null and (
            idle_expires_at > last_active_at + make_interval(secs => $1)
            or coalesce(absolute_expires_at, 'infinity') > created_at + make_interval(secs => $2)
        )",
        idle_seconds,
        absolute_seconds,
    )
    .execute(database.system_pool())
    .await?;
    Ok(())
}
