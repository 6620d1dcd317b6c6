//! SQL on all sessions of a database: applies shorter timeouts, and ends sessions.

use sqlx::PgExecutor;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{End, SKEW};
use crate::{
    StoreError,
    access::GroupId,
    company::CompanyId,
    database::Database,
    session::{EndCause, SessionId},
    user::{User, UserId},
};

/// Applies shortened timeouts to live sessions.
pub(crate) async fn shorten(
    database: &Database,
    idle_seconds: f64,
    shared_idle_seconds: f64,
    absolute_seconds: Option<f64>,
) -> Result<(), StoreError> {
    let mut tx = database.system_work().await?;
    sqlx::query!(
        "with exceeding as (
            select s.id, allowed.idle_expires_at, allowed.absolute_expires_at
            from sessions s
            cross join lateral (
                select s.last_active_at + make_interval(
                        secs => case when s.is_on_shared_computer then $2::float8 else $1::float8 end
                    ) as idle_expires_at,
                    s.created_at + make_interval(secs => $3) as absolute_expires_at
            ) allowed
            where s.ended_at is null and (
                s.idle_expires_at > allowed.idle_expires_at
                or coalesce(s.absolute_expires_at, 'infinity') > allowed.absolute_expires_at
            )
            order by s.id for no key update of s
        )
        update sessions s set
            idle_expires_at = least(s.idle_expires_at, e.idle_expires_at),
            absolute_expires_at = least(s.absolute_expires_at, e.absolute_expires_at)
        from exceeding e where s.id = e.id",
        idle_seconds,
        shared_idle_seconds,
        absolute_seconds,
    )
    .execute(tx.connection())
    .await?;
    tx.commit().await
}

/// Times that a policy makes shorter, in seconds; `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shorter {
    pub idle: Option<f64>,
    pub shared_idle: Option<f64>,
    pub absolute: Option<f64>,
}

/// Whose sessions become shorter: those of users who may work for a company, of users who are put into one of some groups, or of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whom {
    pub company: Option<CompanyId>,
    pub groups: Option<Vec<GroupId>>,
}

impl Whom {
    fn columns(&self) -> (Option<Uuid>, Option<Vec<Uuid>>) {
        let groups = self.groups.as_ref();
        let ids = groups.map(|groups| groups.iter().copied().map(GroupId::as_uuid).collect());
        (self.company.map(CompanyId::as_uuid), ids)
    }
}

/// A macro, because the statement that counts and the statement that writes find the same live sessions.
macro_rules! exceeding {
    ($before:literal, $($after:literal);+, $($argument:expr),*) => {
        sqlx::query!(
            $before + r#"
                select s.id, s.user_id, allowed.idle_expires_at, allowed.absolute_expires_at
                from sessions s
                join users u on u.id = s.user_id
                cross join lateral (
                    select s.last_active_at + make_interval(
                            secs => case
                                when s.is_on_shared_computer then least($1::float8, $2::float8)
                                else $1::float8
                            end
                        ) as idle_expires_at,
                        s.created_at + make_interval(secs => $3::float8) as absolute_expires_at
                ) allowed
                where s.ended_at is null
                    -- A session that is over already keeps its true end.
                    and least(s.idle_expires_at, s.absolute_expires_at) > $6
                    and ($4::uuid is null or $4 = any(u.company_ids))
                    and ($5::uuid[] is null or u.group_ids && $5)
                    and (
                        s.idle_expires_at > allowed.idle_expires_at
                        or coalesce(s.absolute_expires_at, 'infinity') > allowed.absolute_expires_at
                    )
            "# $(+ $after)+,
            $($argument),*
        )
    };
}

/// The numbers of sessions that shorter times would end.
pub(crate) struct CountedShortened {
    /// Sessions that would end at once.
    pub sessions: i64,
    /// Their users.
    pub users: i64,
    /// Further sessions that would reach the end of their absolute timeout within an hour.
    pub soon: i64,
    /// The sessions of one user that would end at once or soon.
    pub own: i64,
}

/// Counts the sessions that shorter times would end. Locks nothing.
pub(crate) async fn count_shortened(
    database: &Database,
    whom: &Whom,
    shorter: Shorter,
    now: OffsetDateTime,
    own: Option<UserId>,
) -> Result<CountedShortened, StoreError> {
    let (company, groups) = whom.columns();
    let mut tx = database.system_work().await?;
    let counted = exceeding!(
        r#"select count(*) filter (where ends <= $6) as "sessions!",
            count(distinct user_id) filter (where ends <= $6) as "users!",
            count(*) filter (where ends > $6) as "soon!",
            count(*) filter (where user_id = $7) as "own!"
        from (
            select user_id, least(idle_expires_at, absolute_expires_at) as ends, absolute_expires_at from ("#,
        r#") exceeding
        ) ending
        where ends <= $6 or absolute_expires_at <= $6 + interval '1 hour'"#,
        shorter.idle,
        shorter.shared_idle,
        shorter.absolute,
        company,
        groups.as_deref(),
        now,
        own.map(UserId::as_uuid)
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(CountedShortened {
        sessions: counted.sessions,
        users: counted.users,
        soon: counted.soon,
        own: counted.own,
    })
}

/// The number of users with more live sessions than `most`.
pub(crate) async fn count_users_above(
    database: &Database,
    whom: &Whom,
    most: u32,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    let (company, groups) = whom.columns();
    let mut tx = database.system_work().await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
            select from sessions s
            join users u on u.id = s.user_id
            where s.ended_at is null and least(s.idle_expires_at, s.absolute_expires_at) > $1
                and ($2::uuid is null or $2 = any(u.company_ids))
                and ($3::uuid[] is null or u.group_ids && $3)
            group by s.user_id having count(*) > $4
        ) above"#,
        now,
        company,
        groups.as_deref(),
        i64::from(most),
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(count)
}

/// A session that has become shorter.
pub(crate) struct Shortened {
    pub id: SessionId,
    pub user: UserId,
    /// Whether the session is over. The next sweep ends it.
    pub is_over: bool,
}

/// A macro, because each `query!` has its own row type with the same fields. The statement about one user begins with the user's own
/// sessions: a plan for any parameters would otherwise read all sessions.
macro_rules! shorten_next {
    ($which:literal, $database:ident, $whom:ident, $shorter:ident, $now:ident, $after:ident, $most:ident $(, $user:expr)?) => {{
        let (company, groups) = $whom.columns();
        let mut tx = $database.system_work().await?;
        let rows = exceeding!(
            "with exceeding as (",
            "and s.id > $7"; $which; r#"order by s.id limit $8 for no key update of s
            )
            update sessions s set
                idle_expires_at = least(s.idle_expires_at, e.idle_expires_at),
                absolute_expires_at = least(s.absolute_expires_at, e.absolute_expires_at)
            from exceeding e where s.id = e.id
            returning s.id, s.user_id, least(s.idle_expires_at, s.absolute_expires_at) <= $6 as "is_over!""#,
            $shorter.idle,
            $shorter.shared_idle,
            $shorter.absolute,
            company,
            groups.as_deref(),
            $now,
            $after.map_or(Uuid::nil(), SessionId::as_uuid),
            $most
            $(, $user)?
        )
        .fetch_all(tx.connection())
        .await?;
        tx.commit().await?;
        let shortened = rows.into_iter().map(|row| Shortened {
            id: SessionId::new(row.id),
            user: UserId::new(row.user_id),
            is_over: row.is_over,
        });
        let mut shortened: Vec<_> = shortened.collect();
        shortened.sort_unstable_by_key(|session| session.id);
        shortened
    }};
}

/// Applies shorter times to at most `most` sessions with ids above `after`, in order of id.
pub(crate) async fn shorten_next(
    database: &Database,
    whom: &Whom,
    shorter: Shorter,
    now: OffsetDateTime,
    after: Option<SessionId>,
    most: i64,
) -> Result<Vec<Shortened>, StoreError> {
    Ok(shorten_next!(
        " ", database, whom, shorter, now, after, most
    ))
}

/// The same for the sessions of one user, if the user is among those.
pub(crate) async fn shorten_next_of_user(
    database: &Database,
    user: UserId,
    whom: &Whom,
    shorter: Shorter,
    now: OffsetDateTime,
    after: Option<SessionId>,
    most: i64,
) -> Result<Vec<Shortened>, StoreError> {
    Ok(shorten_next!(
        " and s.user_id = $9 ",
        database,
        whom,
        shorter,
        now,
        after,
        most,
        user.as_uuid()
    ))
}

/// The sessions of a database that end.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// The sessions opened before this moment.
    OpenedBefore(OffsetDateTime),
    /// The sessions that came from a restore or a copy.
    Copied,
}

/// A session that ended without an action of its owner.
pub(crate) struct Ended {
    pub id: SessionId,
    pub user: User,
    pub cause: EndCause,
}

/// Ends at most `most` sessions with ids above `after`, in order of id.
pub(crate) async fn end_next(
    database: &Database,
    which: Ending,
    after: Option<SessionId>,
    most: i64,
    end: End,
) -> Result<Vec<Ended>, StoreError> {
    let opened_before = match which {
        Ending::OpenedBefore(moment) => Some(moment),
        Ending::Copied => None,
    };
    let mut rows = sqlx::query!(
        "with ending as (
            select id from sessions
            where ended_at is null and least(idle_expires_at, absolute_expires_at) > $3
                and id > $2
                and case
                    when $1::timestamptz is not null then created_at < $1
                    else generation is distinct from (select current_generation())
                end
            order by id limit $4 for no key update
        )
        update sessions s set ended_at = $5, end_cause = $6
        from ending, users u
        where s.id = ending.id and u.id = s.user_id
        returning s.id, s.user_id, u.login, u.name",
        opened_before,
        after.map_or(Uuid::nil(), SessionId::as_uuid),
        end.at - SKEW,
        most,
        end.at,
        end.cause.as_str(),
    )
    .fetch_all(database.system_pool())
    .await?;
    rows.sort_unstable_by_key(|row| row.id);
    let ended = rows.into_iter().map(|row| Ended {
        id: SessionId::new(row.id),
        cause: end.cause,
        user: User {
            id: UserId::new(row.user_id),
            login: row.login,
            name: row.name,
        },
    });
    Ok(ended.collect())
}

/// Gives this database a new generation if it is a copy, and returns whether it was a copy. The sessions that came with
/// the copy have another generation from then on.
pub(crate) async fn renew_identity(database: &Database) -> Result<bool, StoreError> {
    if !is_copy(database.system_pool()).await? {
        return Ok(false);
    }
    let mut tx = database.system().await?;
    // Nodes that find the same copy wait for the first node. `pg_dump` is not blocked by this lock.
    sqlx::query!("lock table identity in exclusive mode")
        .execute(tx.connection())
        .await?;
    if !is_copy(tx.connection()).await? {
        return Ok(false);
    }
    sqlx::query!("delete from identity")
        .execute(tx.connection())
        .await?;
    sqlx::query!(
        "insert into identity (database_oid, system_identifier, generation, written_by)
        select own.oid, control.system_identifier, gen_random_uuid(), pg_current_xact_id()
        from pg_database own, pg_control_system() control
        where own.datname = current_database()"
    )
    .execute(tx.connection())
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// Marks this database as a copy, so that its sessions end when it is next opened or swept.
pub(crate) async fn forget_identity(database: &Database) -> Result<(), StoreError> {
    sqlx::query!("delete from identity")
        .execute(database.system_pool())
        .await?;
    Ok(())
}

/// Whether this database was copied or restored since its last [`renew_identity`]. Then the row of `identity` names another
/// server or database, was written by a restore, is missing, or is not the only row.
async fn is_copy(executor: impl PgExecutor<'_>) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select not coalesce(count(*) = 1 and bool_and(
            i.database_oid = own.oid
            and i.system_identifier = control.system_identifier
            and i.written_by::xid = i.xmin
        ), false) as "is_copy!"
        from identity i, pg_database own, pg_control_system() control
        where own.datname = current_database()"#
    )
    .fetch_one(executor)
    .await?)
}
