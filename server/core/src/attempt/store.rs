//! SQL on the tables of attempts, throttles and known devices. Nothing else names them.

use std::net::IpAddr;

use serde_json::json;
use sqlx::types::JsonValue;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    AttemptFilter, DeviceTokenHash, Network, Outcome, RecordedAttempt,
    guess::{Guess, Tried, account},
};
use crate::{
    StoreError,
    client::Agent,
    database::{Database, ScopedTx, SystemTx},
    session::{AuthenticatedBy, SessionId},
    settings::LogInSettings,
    user::{PasswordHash, User, UserId, store::FoundUser},
};

/// A user has at most this many known devices; the longest unused is forgotten for one more.
const MOST_DEVICES: i64 = 10;

/// What an attempt is up against.
pub(super) struct Standing {
    /// Whose login it is.
    pub user: Option<FoundUser>,
    /// The known device, if this user has logged in with it before.
    pub device: Option<Uuid>,
    /// Until when attempts like this are refused.
    pub blocked_until: Option<OffsetDateTime>,
}

impl Tried {
    fn network(&self) -> Option<&str> {
        self.network.as_ref().map(Network::as_str)
    }

    /// What a failure counts against: the known device alone, or else account and address.
    fn subjects(&self, device: Option<Uuid>) -> (Vec<String>, Vec<String>) {
        if let Some(device) = device {
            return (vec!["device".to_owned()], vec![device.to_string()]);
        }
        let of_network = |kind| self.network().map(|network| (kind, network));
        let account = ("account", self.account.as_str());
        [Some(account), of_network("address"), of_network("spray")]
            .into_iter()
            .flatten()
            .map(|(kind, subject)| (kind.to_owned(), subject.to_owned()))
            .unzip()
    }
}

/// The user, whether the device is known, and whether attempts are blocked: one statement, the same
/// for a login that nobody has.
pub(super) async fn look_up(
    database: &Database,
    tried: &Tried,
    token: Option<DeviceTokenHash>,
    now: OffsetDateTime,
) -> Result<Standing, StoreError> {
    let row = sqlx::query!(
        r#"
        with tried as (
            select u.id, u.login, u.name, u.password_hash, u.password_is_one_time, u.disabled_at,
                d.id as device
            from (values (1)) once
            left join users u on u.login_key = $1
            left join known_devices d on d.user_id = u.id and d.token_hash = $3
        )
        select
            id as "id?", login as "login?", name as "name?", password_hash as "password_hash?",
            password_is_one_time as "password_is_one_time?", disabled_at is not null as "is_disabled!",
            device as "device?",
            (
                select max(t.blocked_until) from throttles t
                where t.blocked_until > $4 and (
                    (device is null and t.kind = 'account' and t.subject = $5)
                    or (device is null and t.kind in ('address', 'spray') and t.subject = $2)
                    or (t.kind = 'device' and t.subject = device::text)
                )
            ) as blocked_until
        from tried
        "#,
        tried.key.as_str(),
        tried.network(),
        token.as_ref().map(DeviceTokenHash::as_bytes),
        now,
        tried.account,
    )
    .fetch_one(database.system_pool())
    .await?;
    let user = match (row.id, row.login, row.name, row.password_hash) {
        (Some(id), Some(login), Some(name), Some(hash)) => Some(FoundUser {
            user: User {
                id: UserId::new(id),
                login,
                name,
            },
            password_hash: PasswordHash::from_stored(hash),
            password_is_one_time: row.password_is_one_time.unwrap_or(false),
            is_disabled: row.is_disabled,
        }),
        _ => None,
    };
    Ok(Standing {
        user,
        device: row.device,
        blocked_until: row.blocked_until,
    })
}

/// What was counted.
pub(super) struct Counted {
    pub outcome: Outcome,
    pub recorded: Recorded,
}

/// Whether an attempt was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recorded {
    Yes,
    /// It was throttled, and the first of its minute on its login from its network stands for it.
    AnotherStands,
}

/// Counts a failure and records the attempt, in one statement.
///
/// Of many that arrive at once, each is counted after the other; whichever comes after the one that
/// brought a delay has been throttled, and is told so whatever its password was.
pub(super) async fn count_failure(
    database: &Database,
    guess: &Guess,
    failed: &Failed,
    settings: &LogInSettings,
) -> Result<Counted, StoreError> {
    let (kinds, subjects) = guess.tried.subjects(guess.device);
    let spray_since = failed.at - settings.spray.window;
    let word = sqlx::query_scalar!(
        r#"
        with wanted as (
            select kind, subject from unnest($1::text[], $2::text[]) as wanted (kind, subject)
            where kind <> 'spray' or not exists (
                select from log_in_attempts a
                where a.network = subject and a.login_key = $9 and a.at > $5
                    and a.outcome in ('unknown_login', 'wrong_password', 'disabled')
            )
        ), counted as (
            insert into throttles as t (kind, subject, forgotten_at, blocked_until, network)
            select kind, subject,
                $4::timestamptz + make_interval(secs => ($6::jsonb -> kind ->> 'every')::float8),
                $4::timestamptz + make_interval(secs => ($6::jsonb -> kind -> 'delays' ->> 0)::float8),
                $3
            from wanted
            -- Always in this order, or two that fail at once wait for each other.
            order by kind, subject
            on conflict (kind, subject) do update set
                forgotten_at = greatest(t.forgotten_at, $4::timestamptz)
                    + make_interval(secs => ($6::jsonb -> t.kind ->> 'every')::float8),
                blocked_until = $4::timestamptz + make_interval(secs => (
                    $6::jsonb -> t.kind -> 'delays' ->> least(
                        ceil(
                            extract(epoch from greatest(t.forgotten_at - $4::timestamptz, '0'))
                            / ($6::jsonb -> t.kind ->> 'every')::numeric
                        )::integer,
                        jsonb_array_length($6::jsonb -> t.kind -> 'delays') - 1
                    )
                )::float8),
                network = case
                    when t.forgotten_at <= $4::timestamptz or t.network = excluded.network then excluded.network
                end
            where t.blocked_until <= $4::timestamptz
            returning 1
        ), judged as (
            select (select count(*) from counted) < (select count(*) from wanted) as is_throttled
        )
        insert into log_in_attempts (
            id, at, login, login_key, user_id, outcome, factor, address, network, user_agent, throttled_in
        )
        select $7, $4::timestamptz, $8, $9, $10,
            case when is_throttled then 'throttled' else $11 end,
            $12, $13, $3, $14,
            case when is_throttled then $15::timestamptz end
        from judged
        -- No row: another throttled attempt stands for this one.
        on conflict (login_key, throttled_in, coalesce(network, '')) where throttled_in is not null
            do nothing
        returning outcome
        "#,
        &kinds,
        &subjects,
        guess.tried.network(),
        failed.at,
        spray_since,
        rules(settings),
        failed.id,
        guess.tried.login.as_str(),
        guess.tried.account.as_str(),
        guess.user.map(UserId::as_uuid),
        failed.outcome.as_str(),
        guess.factor.as_str(),
        guess.tried.client.address as Option<IpAddr>,
        guess.tried.client.agent.as_str(),
        minute_of(failed.at),
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(Counted {
        outcome: word
            .as_deref()
            .map_or(Outcome::Throttled, Outcome::from_stored),
        recorded: if word.is_some() {
            Recorded::Yes
        } else {
            Recorded::AnotherStands
        },
    })
}

/// The minute that a moment is in. Of the throttled attempts on one login from one network the first
/// in a minute is recorded: a flood of them would otherwise fill the table, and push what the person
/// should read under Activity out of sight.
fn minute_of(at: OffsetDateTime) -> OffsetDateTime {
    at - Duration::nanoseconds(at.nanosecond().into()) - Duration::seconds(at.second().into())
}

/// The schedules as the statement looks them up.
fn rules(settings: &LogInSettings) -> JsonValue {
    let rule = |schedule: &super::Schedule| json!({ "every": schedule.forgets_one_in(), "delays": schedule.seconds() });
    json!({
        "account": rule(&settings.account),
        "address": rule(&settings.address),
        "device": rule(&settings.account),
        "spray": rule(&settings.spray),
        "confirmation": rule(&settings.account),
    })
}

/// Records an attempt that failed without a guess: throttled, or denied by a module.
pub(super) async fn record(
    database: &Database,
    guess: &Guess,
    failed: &Failed,
) -> Result<Recorded, StoreError> {
    let is_throttled = failed.outcome == Outcome::Throttled;
    let done = sqlx::query!(
        "insert into log_in_attempts (
            id, at, login, login_key, user_id, outcome, factor, address, network, user_agent, throttled_in
        ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (login_key, throttled_in, coalesce(network, '')) where throttled_in is not null
            do nothing",
        failed.id,
        failed.at,
        guess.tried.login.as_str(),
        guess.tried.account.as_str(),
        guess.user.map(UserId::as_uuid),
        failed.outcome.as_str(),
        guess.factor.as_str(),
        guess.tried.client.address as Option<IpAddr>,
        guess.tried.network(),
        guess.tried.client.agent.as_str(),
        is_throttled.then(|| minute_of(failed.at)),
    )
    .execute(database.system_pool())
    .await?;
    Ok(if done.rows_affected() == 1 {
        Recorded::Yes
    } else {
        Recorded::AnotherStands
    })
}

/// What to write about an attempt that failed.
pub(super) struct Failed {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub outcome: Outcome,
}

/// What to write about an attempt that succeeded.
pub(super) struct Succeeded {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub session: SessionId,
    /// The id and token hash that the device is to be known by, if it is not known yet.
    pub new_device: Option<(Uuid, DeviceTokenHash)>,
}

/// Records the attempt, forgets the failures before it, and knows the device from now on: one
/// statement of the log-in's transaction.
///
/// Returns `false` if failures that came in meanwhile have brought a delay: then the log-in must not
/// be committed, or a hundred guesses at once would all be looked at.
///
/// Failures on the account are forgotten only if all of them came from the same network (NIST SP
/// 800-63B-4, 3.2.2): its owner's success says nothing about a stranger's next guess.
pub(super) async fn count_success(
    tx: &mut SystemTx,
    guess: &Guess,
    succeeded: &Succeeded,
) -> Result<bool, StoreError> {
    let (kind, subject) = match guess.device {
        Some(device) => ("device", device.to_string()),
        None => ("account", guess.tried.account.clone()),
    };
    let (new_device, token) = succeeded.new_device.unzip();
    let is_counted = sqlx::query_scalar!(
        r#"
        with own as (
            select blocked_until from throttles where kind = $1 and subject = $2 for update
        ), blocked as (
            select from (
                select blocked_until from own
                union all
                select blocked_until from throttles
                where $1 = 'account' and kind in ('address', 'spray') and subject = $3
            ) each where blocked_until > $4
        ), forgotten as (
            delete from throttles
            where kind = $1 and subject = $2 and blocked_until <= $4
                and (kind = 'device' or network is not distinct from $3)
        ), seen as (
            update known_devices set last_log_in_at = $4 where id = $5
        ), crowded as (
            delete from known_devices where $6::uuid is not null and id in (
                select id from known_devices where user_id = $8
                order by last_log_in_at desc, id desc offset $16::bigint - 1
            )
        ), remembered as (
            insert into known_devices (id, user_id, token_hash, created_at, last_log_in_at)
            select $6, $8, $7, $4, $4 where $6::uuid is not null
        ), recorded as (
            insert into log_in_attempts (
                id, at, login, login_key, user_id, outcome, factor, address, network, user_agent,
                session_id
            ) values ($9, $4, $10, $11, $8, 'succeeded', $12, $13, $3, $14, $15)
        )
        select not exists (select from blocked) as "is_counted!"
        "#,
        kind,
        subject,
        guess.tried.network(),
        succeeded.at,
        guess.device,
        new_device,
        token.as_ref().map(DeviceTokenHash::as_bytes),
        guess.user.map(UserId::as_uuid),
        succeeded.id,
        guess.tried.login.as_str(),
        guess.tried.account.as_str(),
        guess.factor.as_str(),
        guess.tried.client.address as Option<IpAddr>,
        guess.tried.client.agent.as_str(),
        succeeded.session.as_uuid(),
        MOST_DEVICES,
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(is_counted)
}

/// Each `query!` has a row type of its own with the same fields.
macro_rules! attempt {
    ($row:ident, $login:expr) => {
        RecordedAttempt {
            id: $row.id,
            at: $row.at,
            login: $login,
            user: $row.user_id.map(UserId::new),
            outcome: Outcome::from_stored(&$row.outcome),
            factor: AuthenticatedBy::from_stored(&$row.factor),
            address: $row.address,
            agent: Agent::from($row.user_agent),
            session: $row.session_id.map(SessionId::new),
        }
    };
}

/// Attempts on the caller's account, the newest first, older than `before`.
pub(crate) async fn list_own(
    tx: &mut ScopedTx,
    user: &User,
    before: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<RecordedAttempt>, StoreError> {
    let (before_at, before_id) = before.unzip();
    let rows = sqlx::query!(
        r#"select id, at, user_id, outcome, factor, address as "address: IpAddr", user_agent, session_id
        from log_in_attempts
        where user_id = $1 and ($2::timestamptz is null or (at, id) < ($2, $3::uuid))
        order by at desc, id desc limit $4"#,
        user.id.as_uuid(),
        before_at,
        before_id,
        limit,
    )
    .fetch_all(tx.connection())
    .await?;
    let attempts = rows
        .into_iter()
        .map(|row| attempt!(row, user.login.clone()));
    Ok(attempts.collect())
}

/// Attempts of anybody, the newest first, for an administrator.
pub(super) async fn list(
    database: &Database,
    filter: &AttemptFilter,
) -> Result<Vec<RecordedAttempt>, StoreError> {
    let key = filter.login.as_deref().map(account);
    let rows = sqlx::query!(
        r#"select id, at, login, user_id, outcome, factor, address as "address: IpAddr", user_agent,
            session_id
        from log_in_attempts
        where $1::text is null or login_key = $1
        order by at desc, id desc limit $2"#,
        key,
        i64::from(filter.limit),
    )
    .fetch_all(database.system_pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| attempt!(row, row.login))
        .collect())
}

/// What is no longer needed is older than these moments.
#[derive(Clone, Copy)]
pub(super) struct Outdated {
    pub attempts_before: OffsetDateTime,
    pub devices_before: OffsetDateTime,
    pub now: OffsetDateTime,
}

/// Deletes a batch of each, at most `limit` rows; what another node is deleting is left to it.
pub(super) async fn sweep(
    database: &Database,
    outdated: Outdated,
    limit: i64,
) -> Result<[u64; 3], StoreError> {
    let attempts = sqlx::query!(
        "delete from log_in_attempts where id = any(array(
            select id from log_in_attempts where at < $1 order by at limit $2 for update skip locked
        ))",
        outdated.attempts_before,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    let throttles = sqlx::query!(
        "delete from throttles where (kind, subject) in (
            select kind, subject from throttles
            where forgotten_at < $1 and blocked_until < $1
            order by forgotten_at limit $2 for update skip locked
        )",
        outdated.now,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    let devices = sqlx::query!(
        "delete from known_devices where id = any(array(
            select id from known_devices where last_log_in_at < $1
            order by last_log_in_at limit $2 for update skip locked
        ))",
        outdated.devices_before,
        limit,
    )
    .execute(database.system_pool())
    .await?;
    Ok([attempts, throttles, devices].map(|done| done.rows_affected()))
}

/// Counts a guess at the password in a live session, before it is looked at, and says whether it did:
/// while guesses are blocked none is counted.
pub(super) async fn charge_confirmation(
    database: &Database,
    session: SessionId,
    now: OffsetDateTime,
    settings: &LogInSettings,
) -> Result<bool, StoreError> {
    let charged = sqlx::query!(
        r#"
        insert into throttles as t (kind, subject, forgotten_at, blocked_until)
        values (
            'confirmation', $1,
            $2::timestamptz + make_interval(secs => ($3::jsonb -> 'confirmation' ->> 'every')::float8),
            $2 + make_interval(secs => ($3 -> 'confirmation' -> 'delays' ->> 0)::float8)
        )
        on conflict (kind, subject) do update set
            forgotten_at = greatest(t.forgotten_at, $2)
                + make_interval(secs => ($3 -> t.kind ->> 'every')::float8),
            blocked_until = $2 + make_interval(secs => (
                $3 -> t.kind -> 'delays' ->> least(
                    ceil(
                        extract(epoch from greatest(t.forgotten_at - $2, '0'))
                        / ($3 -> t.kind ->> 'every')::numeric
                    )::integer,
                    jsonb_array_length($3 -> t.kind -> 'delays') - 1
                )
            )::float8)
        where t.blocked_until <= $2
        "#,
        session.to_string(),
        now,
        rules(settings),
    )
    .execute(database.system_pool())
    .await?;
    Ok(charged.rows_affected() == 1)
}

/// Until when guesses in a session are blocked. A statement of its own: that which did not count may
/// have waited for another guess, and would read the counter as it was before.
pub(super) async fn confirmation_blocked_until(
    database: &Database,
    session: SessionId,
) -> Result<Option<OffsetDateTime>, StoreError> {
    let until = sqlx::query_scalar!(
        "select blocked_until from throttles where kind = 'confirmation' and subject = $1",
        session.to_string(),
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(until)
}

/// Forgets guesses at the password in a session: the last one was right.
pub(super) async fn forgive_confirmation(
    database: &Database,
    session: SessionId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from throttles where kind = 'confirmation' and subject = $1",
        session.to_string(),
    )
    .execute(database.system_pool())
    .await?;
    Ok(())
}

/// Forgets the failures on an account: with another password, old guesses tell nothing.
pub(crate) async fn forgive_account(tx: &mut SystemTx, user: &User) -> Result<(), StoreError> {
    sqlx::query!(
        "delete from throttles where kind = 'account' and subject = $1",
        account(&user.login),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// How long a device stays known without a log-in: as long as browsers keep its cookie.
pub(super) const DEVICES_KNOWN_FOR: Duration = Duration::days(400);
