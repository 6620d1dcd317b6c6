//! SQL on the tables of users and passwords. No other file names them, except for joins from sessions and attempts.

use std::collections::HashMap;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    LanguageCode, Login, LoginKey, PasswordHash, Preferences, Role, User, UserId, UserRecord,
    VisibleUser,
};
use crate::{
    DisplayedName, StoreError,
    access::GroupId,
    client::TimeZoneName,
    company::CompanyId,
    database::{Database, ScopedTx, SystemTx},
    likeness,
};

/// The facts about a user that a log-in needs.
pub(crate) struct FoundUser {
    pub user: User,
    pub password_hash: PasswordHash,
    pub password_is_one_time: bool,
    pub is_disabled: bool,
}

/// A user to insert.
pub(crate) struct NewRow<'a> {
    pub id: UserId,
    pub login: &'a Login,
    pub name: &'a str,
    pub hash: &'a PasswordHash,
    pub is_one_time: bool,
    pub role: Role,
    pub now: OffsetDateTime,
}

/// A row of the table of users, as other people see it.
struct VisibleRow {
    id: Uuid,
    login: String,
    login_key: String,
    name: String,
    created_at: OffsetDateTime,
    disabled_at: Option<OffsetDateTime>,
    company_ids: Vec<Uuid>,
    group_ids: Vec<Uuid>,
}

impl From<VisibleRow> for VisibleUser {
    fn from(row: VisibleRow) -> Self {
        Self {
            user: User {
                id: UserId::new(row.id),
                login: row.login,
                name: row.name,
            },
            created_at: row.created_at,
            disabled_at: row.disabled_at,
            companies: row.company_ids.into_iter().map(CompanyId::new).collect(),
            groups: row.group_ids.into_iter().map(GroupId::new).collect(),
        }
    }
}

/// Finds a user by the typed login. The former key takes precedence, so that two users whose logins have the
/// same key today are each found as before.
pub(crate) async fn find_by_login(
    database: &Database,
    login: &str,
) -> Result<Option<FoundUser>, StoreError> {
    let (key, former) = (LoginKey::of(login), LoginKey::former(login));
    let row = sqlx::query!(
        r#"select u.id, u.login, u.name, p.hash, p.is_one_time, u.disabled_at is not null as "is_disabled!"
        from users u
        join passwords p on p.user_id = u.id
        where u.login_key in ($1, $2) order by u.login_key = $2 desc limit 1"#,
        key.as_str(),
        former.as_str(),
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(row.map(|row| FoundUser {
        user: User {
            id: UserId::new(row.id),
            login: row.login,
            name: row.name,
        },
        password_hash: PasswordHash::from_stored(row.hash),
        password_is_one_time: row.is_one_time,
        is_disabled: row.is_disabled,
    }))
}

/// The hash that the user's password is verified against.
pub(crate) async fn password_hash(
    database: &Database,
    id: UserId,
) -> Result<Option<PasswordHash>, StoreError> {
    let hash = sqlx::query_scalar!(
        "select hash from passwords where user_id = $1",
        id.as_uuid()
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(hash.map(PasswordHash::from_stored))
}

/// The hash of the user's password, if it still is a one-time password.
pub(crate) async fn one_time_hash(
    database: &Database,
    id: UserId,
) -> Result<Option<PasswordHash>, StoreError> {
    let hash = sqlx::query_scalar!(
        "select hash from passwords where user_id = $1 and is_one_time",
        id.as_uuid(),
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(hash.map(PasswordHash::from_stored))
}

/// What an account remembers about its security.
#[derive(Clone, Copy, Default)]
pub(crate) struct Remembered {
    /// The time of the last change of the password.
    pub password_changed_at: Option<OffsetDateTime>,
    /// The time up to which the user has looked at failed attempts.
    pub failures_seen_at: Option<OffsetDateTime>,
}

/// What an account remembers; nothing if the account has just been deleted.
pub(crate) async fn remembered(database: &Database, id: UserId) -> Result<Remembered, StoreError> {
    let row = sqlx::query!(
        "select p.changed_at, u.failures_seen_at
        from users u join passwords p on p.user_id = u.id
        where u.id = $1",
        id.as_uuid()
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(row.map_or_else(Remembered::default, |row| Remembered {
        password_changed_at: Some(row.changed_at),
        failures_seen_at: row.failures_seen_at,
    }))
}

/// A user who is known to exist.
pub(crate) async fn get(tx: &mut SystemTx, id: UserId) -> Result<User, StoreError> {
    let row = sqlx::query!("select login, name from users where id = $1", id.as_uuid())
        .fetch_one(tx.connection())
        .await?;
    Ok(User {
        id,
        login: row.login,
        name: row.name,
    })
}

/// Locks the rows of the user and of the password. Returns `false` if the user was disabled or got another password since `verified`
/// was read. A row that only refers to the user, such as a recorded attempt, need not wait for this lock.
pub(crate) async fn lock_unchanged(
    tx: &mut SystemTx,
    id: UserId,
    verified: &PasswordHash,
) -> Result<bool, StoreError> {
    let row = sqlx::query_scalar!(
        "select u.id from users u
        join passwords p on p.user_id = u.id
        where u.id = $1 and p.hash = $2 and u.disabled_at is null
        for no key update of u, p",
        id.as_uuid(),
        verified.as_str(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.is_some())
}

/// Replaces the hash by one of the same password with today's parameters.
pub(crate) async fn set_hash(
    tx: &mut SystemTx,
    id: UserId,
    hash: &PasswordHash,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update passwords set hash = $2 where user_id = $1",
        id.as_uuid(),
        hash.as_str()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets another password.
pub(crate) async fn set_password(
    tx: &mut SystemTx,
    id: UserId,
    hash: &PasswordHash,
    is_one_time: bool,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update passwords set hash = $2, is_one_time = $3, changed_at = $4 where user_id = $1",
        id.as_uuid(),
        hash.as_str(),
        is_one_time,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A user's login that has the same key as `login`, or looks like it. Until the transaction ends, no other
/// transaction looks for its own login. So of two similar logins that are set at once, the second transaction
/// sees the first.
pub(crate) async fn find_like(
    tx: &mut SystemTx,
    login: &Login,
    except: Option<UserId>,
) -> Result<Option<String>, StoreError> {
    // The lock is a separate statement, so that the next statement sees everything that was committed during
    // the wait.
    sqlx::query!("select pg_advisory_xact_lock('users'::regclass::oid::integer, 0)")
        .execute(tx.connection())
        .await?;
    let looks = likeness::looks(login.as_str());
    let others = sqlx::query_scalar!(
        "select login from users where id is distinct from $1 order by login_key",
        except.map(UserId::as_uuid),
    )
    .fetch_all(tx.connection())
    .await?;
    let mut others = others.into_iter();
    Ok(others.find(|other| likeness::looks(other) == looks))
}

/// Gives a user with a former key today's key, unless another user has that key.
pub(crate) async fn renew_key(tx: &mut SystemTx, user: &User) -> Result<(), StoreError> {
    let (key, former) = (LoginKey::of(&user.login), LoginKey::former(&user.login));
    if key == former {
        return Ok(());
    }
    sqlx::query!(
        "update users set login_key = $2
        where id = $1 and login_key = $3 and not exists (select from users where login_key = $2)",
        user.id.as_uuid(),
        key.as_str(),
        former.as_str(),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets another login; `false` if another user has it.
pub(crate) async fn set_login(
    tx: &mut SystemTx,
    id: UserId,
    login: &Login,
) -> Result<bool, StoreError> {
    let key = login.key();
    let done = sqlx::query!(
        "update users set login = $2, login_key = $3
        where id = $1 and not exists (select from users where login_key = $3 and id <> $1)",
        id.as_uuid(),
        login.as_str(),
        key.as_str(),
    )
    .execute(tx.connection())
    .await;
    match done {
        Ok(done) => Ok(done.rows_affected() == 1),
        // Another transaction took the login between the look and the write.
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Sets another displayed name.
pub(crate) async fn set_name(
    tx: &mut SystemTx,
    id: UserId,
    name: &DisplayedName,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update users set name = $2 where id = $1",
        id.as_uuid(),
        name.as_str()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Sets the preferences that differ from the `shown` ones.
pub(crate) async fn set_preferences(
    tx: &mut SystemTx,
    id: UserId,
    shown: &Preferences,
    preferences: &Preferences,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update users set
            language = case when $2::text is distinct from $7 then $2 else language end,
            theme = case when $3::text is distinct from $8 then $3 else theme end,
            time_zone = case when $4::text is distinct from $9 then $4 else time_zone end,
            date_format = case when $5::text is distinct from $10 then $5 else date_format end,
            time_format = case when $6::text is distinct from $11 then $6 else time_format end
        where id = $1",
        id.as_uuid(),
        preferences.language.as_ref().map(LanguageCode::as_str),
        preferences.theme.as_str(),
        preferences.time_zone.as_ref().map(TimeZoneName::as_str),
        preferences.date_format.as_str(),
        preferences.time_format.as_str(),
        shown.language.as_ref().map(LanguageCode::as_str),
        shown.theme.as_str(),
        shown.time_zone.as_ref().map(TimeZoneName::as_str),
        shown.date_format.as_str(),
        shown.time_format.as_str(),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Notes that the user has looked at the failed log-ins up to a moment.
pub(crate) async fn set_failures_seen(
    tx: &mut ScopedTx,
    id: UserId,
    until: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update users set failures_seen_at = $2
        where id = $1 and (failures_seen_at is null or failures_seen_at < $2)",
        id.as_uuid(),
        until,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Locks a user's row before the rows of the sessions. All transactions use this order.
pub(crate) async fn lock(tx: &mut SystemTx, id: UserId) -> Result<(), StoreError> {
    sqlx::query!(
        "select id from users where id = $1 for update",
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(())
}

/// Whether the user works for a company in use.
pub(crate) async fn has_company(tx: &mut SystemTx, id: UserId) -> Result<bool, StoreError> {
    let has = sqlx::query_scalar!(
        r#"select company_ids <> '{}' as "has!" from users where id = $1"#,
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(has.unwrap_or(false))
}

/// Number of users who work for no company in use.
pub(crate) async fn count_without_company(tx: &mut SystemTx) -> Result<u32, StoreError> {
    let count =
        sqlx::query_scalar!(r#"select count(*) as "count!" from users where company_ids = '{}'"#)
            .fetch_one(tx.connection())
            .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Deletes a user with all dependent rows.
pub(crate) async fn delete(tx: &mut SystemTx, id: UserId) -> Result<(), StoreError> {
    sqlx::query!("delete from users where id = $1", id.as_uuid())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Disables a user from `disabled_at` on; `None` enables the user.
pub(crate) async fn set_disabled(
    tx: &mut SystemTx,
    id: UserId,
    disabled_at: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update users set disabled_at = $2 where id = $1",
        id.as_uuid(),
        disabled_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Inserts a new user; `false` if the login is taken.
pub(crate) async fn insert(tx: &mut SystemTx, new: &NewRow<'_>) -> Result<bool, StoreError> {
    let key = new.login.key();
    let done = sqlx::query!(
        "with created as (
            insert into users (id, login, login_key, name, is_administrator, created_at)
            values ($1, $2, $3, $4, $8, $7)
            on conflict on constraint users_login_key_unique do nothing
            returning id
        )
        insert into passwords (user_id, hash, is_one_time, changed_at)
        select id, $5, $6, $7 from created",
        new.id.as_uuid(),
        new.login.as_str(),
        key.as_str(),
        new.name,
        new.hash.as_str(),
        new.is_one_time,
        new.now,
        new.role == Role::Administrator,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The users that the transaction may see, by login, behind the login with this key. `search` is a part of the login or the name in
/// any case; an empty text finds all. With `groups` only users who were put into one of these.
pub(crate) async fn list_visible(
    tx: &mut ScopedTx,
    search: &str,
    groups: Option<&[GroupId]>,
    after: &str,
    limit: i64,
) -> Result<Vec<(String, VisibleUser)>, StoreError> {
    let groups: Option<Vec<_>> = groups.map(|groups| {
        let groups = groups.iter().copied();
        groups.map(GroupId::as_uuid).collect()
    });
    let rows = sqlx::query_as!(
        VisibleRow,
        "select id, login, login_key, name, created_at, disabled_at, company_ids, group_ids
        from users
        where login_key > $2
            and (strpos(lower(login), lower($1)) > 0 or strpos(lower(name), lower($1)) > 0)
            and ($4::uuid[] is null or group_ids && $4)
        order by login_key limit $3",
        search,
        after,
        limit,
        groups.as_deref(),
    )
    .fetch_all(tx.connection())
    .await?;
    let users = rows
        .into_iter()
        .map(|row| (row.login_key.clone(), row.into()));
    Ok(users.collect())
}

/// The user with this id, if the transaction may see the user.
pub(crate) async fn find_visible(
    tx: &mut ScopedTx,
    id: UserId,
) -> Result<Option<VisibleUser>, StoreError> {
    let row = sqlx::query_as!(
        VisibleRow,
        "select id, login, login_key, name, created_at, disabled_at, company_ids, group_ids
        from users where id = $1",
        id.as_uuid(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(VisibleUser::from))
}

/// The user with this id. Other transactions wait to change the user.
pub(crate) async fn find_locked(
    tx: &mut SystemTx,
    id: UserId,
) -> Result<Option<VisibleUser>, StoreError> {
    let row = sqlx::query_as!(
        VisibleRow,
        "select id, login, login_key, name, created_at, disabled_at, company_ids, group_ids
        from users where id = $1 for no key update",
        id.as_uuid(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(VisibleUser::from))
}

/// The number of users, or `most` if there are more.
pub(crate) async fn count_at_most(database: &Database, most: u32) -> Result<u32, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (select from users limit $1) counted"#,
        i64::from(most)
    )
    .fetch_one(database.system_pool())
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Whether a user is an administrator who can log in. `besides` does not count.
pub(crate) async fn has_administrator(
    tx: &mut SystemTx,
    besides: Option<UserId>,
) -> Result<bool, StoreError> {
    let has = sqlx::query_scalar!(
        r#"select exists (
            select from users where is_administrator and disabled_at is null and id is distinct from $1
        ) as "has!""#,
        besides.map(UserId::as_uuid),
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(has)
}

/// All users with the numbers of their live sessions, by login.
pub(crate) async fn list(
    database: &Database,
    live_sessions: &HashMap<UserId, u32>,
) -> Result<Vec<UserRecord>, StoreError> {
    let rows = sqlx::query!(
        "select u.id, u.login, u.name, u.is_administrator, u.created_at, u.disabled_at, p.is_one_time
        from users u
        join passwords p on p.user_id = u.id
        order by u.login_key"
    )
    .fetch_all(database.system_pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = UserId::new(row.id);
            UserRecord {
                user: User {
                    id,
                    login: row.login,
                    name: row.name,
                },
                is_administrator: row.is_administrator,
                created_at: row.created_at,
                disabled_at: row.disabled_at,
                password_is_one_time: row.is_one_time,
                live_sessions: live_sessions.get(&id).copied().unwrap_or(0),
            }
        })
        .collect())
}

/// The groups that a user is put into, the companies in use that the user may work for, and the version of groups and rights.
pub(crate) async fn access(
    tx: &mut SystemTx,
    id: UserId,
) -> Result<(Vec<GroupId>, Vec<CompanyId>, Uuid), StoreError> {
    let row = sqlx::query!(
        r#"select group_ids, company_ids, (select version from access_version) as "version!"
        from users where id = $1"#,
        id.as_uuid(),
    )
    .fetch_one(tx.connection())
    .await?;
    let groups = row.group_ids.into_iter().map(GroupId::new);
    let companies = row.company_ids.into_iter().map(CompanyId::new);
    Ok((groups.collect(), companies.collect(), row.version))
}
