//! SQL on the table of sessions. Nothing else names it.

mod ends;
mod pulse;

use std::{collections::HashMap, net::IpAddr};

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use ends::list_ended;
pub(crate) use pulse::pulse;

use super::{
    AuthenticatedBy, EndCause, Expiry, Session, SessionId, TokenHash,
    rotation::{PresentedToken, Standing},
};
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
    pub token: PresentedToken,
}

/// Moments that a look-up needs.
pub(super) struct Touch {
    pub now: OffsetDateTime,
    /// Whether the person does something, and not only their open page.
    pub is_activity: bool,
    pub personal: TouchOf,
    pub shared: TouchOf,
    /// Tokens superseded after this are still good.
    pub grace_since: OffsetDateTime,
}

/// The same for one kind of computer.
pub(super) struct TouchOf {
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
    pub is_on_shared_computer: bool,
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
            absolute_expires_at: $row.absolute_expires_at,
            is_on_shared_computer: $row.is_on_shared_computer,
            confirmed_at: $row.confirmed_at,
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

/// Writes a new session.
pub(super) async fn insert(tx: &mut SystemTx, new: &NewSession<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into sessions (
            id, token_hash, user_id, authenticated_by, created_at, last_active_at,
            idle_expires_at, absolute_expires_at, first_address, last_address, user_agent, time_zone,
            is_on_shared_computer, confirmed_at, token_issued_at
        ) values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $8, $9, $10, $11, $5, $5)",
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
        new.is_on_shared_computer,
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
            absolute_expires_at, last_address as "last_address: IpAddr", user_agent, time_zone,
            is_on_shared_computer, confirmed_at
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
            s.last_address as "last_address: IpAddr", s.user_agent, s.time_zone,
            s.is_on_shared_computer, s.confirmed_at
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
    shared_idle_seconds: f64,
    absolute_seconds: Option<f64>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "with allowed as (
            select id, last_active_at
                    + make_interval(secs => case when is_on_shared_computer then $2::float8 else $1::float8 end)
                    as idle_expires_at,
                created_at + make_interval(secs => $3) as absolute_expires_at
            from sessions where ended_at is null
        )
        update sessions s set
            idle_expires_at = least(s.idle_expires_at, a.idle_expires_at),
            absolute_expires_at = least(s.absolute_expires_at, a.absolute_expires_at)
        from allowed a
        where s.id = a.id and s.ended_at is null and (
            s.idle_expires_at > a.idle_expires_at
            or coalesce(s.absolute_expires_at, 'infinity') > a.absolute_expires_at
        )",
        idle_seconds,
        shared_idle_seconds,
        absolute_seconds,
    )
    .execute(database.system_pool())
    .await?;
    Ok(())
}

/// Ends what was opened before `moment`; says how many that were.
pub(super) async fn end_older(
    database: &Database,
    moment: OffsetDateTime,
    end: End,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "with old as (
            select id from sessions
            where ended_at is null and created_at < $1
                and least(idle_expires_at, absolute_expires_at) > $4
            order by id for no key update
        )
        update sessions s set ended_at = $2, end_cause = $3 from old where s.id = old.id",
        moment,
        end.at,
        end.cause.as_str(),
        end.at - SKEW,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}

/// If this database is a copy of another one, makes it one of its own, without the sessions that
/// came along; says how many that were.
pub(super) async fn end_copied(database: &Database, end: End) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "with claimed as (
            update identity set database_oid = own.oid
            from (select oid from pg_database where datname = current_database()) own
            where database_oid <> own.oid
            returning database_oid
        )
        update sessions set ended_at = $1, end_cause = $2
        where ended_at is null and least(idle_expires_at, absolute_expires_at) > $3
            and exists (select from claimed)",
        end.at,
        end.cause.as_str(),
        end.at - SKEW,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}

/// Replaces a session's token, unless somebody else has since it was seen; the one presented and
/// the one replaced are good for the grace period. The answer says whether it was replaced.
pub(crate) async fn rotate(
    connection: &mut PgConnection,
    id: SessionId,
    presented: &PresentedToken,
    next: TokenHash,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "with seen as (
            select id, token_hash from sessions
            where id = $1 and token_issued_at = $2 and ended_at is null
            for no key update
        ), rotated as (
            update sessions s set token_hash = $4, token_issued_at = $5, token_used_at = null
            from seen where s.id = seen.id
            returning seen.token_hash
        )
        insert into superseded_tokens (token_hash, session_id, superseded_at)
        select token_hash, $1, $5::timestamptz from rotated
        union
        select $3, $1, $5 from rotated
        on conflict (token_hash) do update set superseded_at = excluded.superseded_at",
        id.as_uuid(),
        presented.issued_at,
        presented.hash.as_bytes(),
        next.as_bytes(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Writes that the person has just proved who they are.
pub(super) async fn set_confirmed(
    connection: &mut PgConnection,
    id: SessionId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set confirmed_at = $2 where id = $1 and ended_at is null",
        id.as_uuid(),
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A session that was marked as ended by the sweep.
pub(super) struct Expired {
    pub id: SessionId,
    pub user: User,
    pub cause: EndCause,
}

/// Marks expired sessions with the moment and the rule that ended them.
pub(super) async fn mark_expired(
    database: &Database,
    now: OffsetDateTime,
    most: i64,
) -> Result<Vec<Expired>, StoreError> {
    let rows = sqlx::query!(
        r#"with expired as (
            select id from sessions
            where ended_at is null and least(idle_expires_at, absolute_expires_at) <= $1
            order by least(idle_expires_at, absolute_expires_at)
            limit $2 for no key update skip locked
        )
        update sessions s set
            ended_at = least(s.idle_expires_at, s.absolute_expires_at),
            end_cause = case when s.absolute_expires_at <= s.idle_expires_at then 'too_old' else 'idle' end
        from expired, users u
        where s.id = expired.id and u.id = s.user_id
        returning s.id, s.user_id, s.end_cause as "end_cause!", u.login, u.name"#,
        now - SKEW,
        most,
    )
    .fetch_all(database.system_pool())
    .await?;
    let expired = rows.into_iter().map(|row| Expired {
        id: SessionId::new(row.id),
        cause: EndCause::from_stored(&row.end_cause),
        user: User {
            id: UserId::new(row.user_id),
            login: row.login,
            name: row.name,
        },
    });
    Ok(expired.collect())
}

/// Deletes sessions that ended before `moment`; says how many.
pub(super) async fn forget(
    database: &Database,
    moment: OffsetDateTime,
    most: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "delete from sessions where id in (
            select id from sessions where ended_at < $1
            order by ended_at limit $2 for update skip locked
        )",
        moment,
        most,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
