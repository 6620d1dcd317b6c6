//! Counts and records attempts that failed.

use std::net::IpAddr;

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::throttles::rules;
use crate::{
    StoreError,
    attempt::{
        LogInSettings, Outcome,
        guess::{Guess, Target},
    },
    database::Database,
    user::UserId,
};

/// The result of [`count_failure`].
pub(crate) struct Counted {
    pub outcome: Outcome,
    /// The end of the delay that this failure has caused.
    pub blocked_until: Option<OffsetDateTime>,
    /// Whole seconds of the delay that the next failure on the same login causes.
    pub next_delay_seconds: Option<u32>,
    pub recorded: Recorded,
}

/// Whether an attempt was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    Yes,
    /// The attempt was throttled, and the first throttled attempt of this minute on the login or from the network
    /// stands for it. Or the attempt was at a name of no database.
    No,
}

impl Recorded {
    fn of(is_recorded: bool) -> Self {
        if is_recorded { Self::Yes } else { Self::No }
    }
}

/// The facts to record about an attempt that failed.
pub(crate) struct Failed {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub outcome: Outcome,
}

impl Failed {
    fn outcome_if(&self, is_throttled: bool) -> Outcome {
        if is_throttled {
            Outcome::Throttled
        } else {
            self.outcome
        }
    }
}

fn seconds(delay: i64) -> u32 {
    u32::try_from(delay).unwrap_or(u32::MAX)
}

/// Counts a failure and records the attempt, in one statement. An attempt at a name of no database is not recorded. A
/// row of `throttles` remembers instead that the network has tried the login there.
///
/// PostgreSQL counts parallel failures one after the other. The attempts after the failure that causes a delay are
/// throttled. Their answer does not depend on their password.
pub(crate) async fn count_failure(
    database: &Database,
    guess: &Guess,
    failed: &Failed,
    settings: &LogInSettings,
) -> Result<Counted, StoreError> {
    let (kinds, subjects) = guess.counters();
    let is_in_database = guess.tried.target == Target::Database;
    let spray_since = failed.at - settings.spray.window;
    let counted = sqlx::query!(
        r#"
        with wanted as (
            select kind, subject, position
            from unnest($1::text[], $2::text[]) with ordinality as wanted (kind, subject, position)
            where kind <> 'spray' or not (
                exists (
                    select from log_in_attempts a
                    where a.network = subject and a.login_key = $9 and a.at > $5
                        and a.outcome in ('unknown_login', 'wrong_password', 'disabled')
                )
                or exists (
                    select from throttles t
                    where t.kind = 'tried' and t.subject = $17 and t.forgotten_at > $4
                )
            )
        ), counted as (
            insert into throttles as t (kind, subject, forgotten_at, blocked_until, network)
            select kind, subject,
                $4::timestamptz + make_interval(secs => ($6::jsonb -> kind ->> 'every')::float8),
                $4 + throttle_delay($6 -> kind, null, $4),
                $3
            from wanted
            -- Always in this order, or two that fail at once wait for each other.
            order by kind, subject
            on conflict (kind, subject) do update set
                forgotten_at = greatest(t.forgotten_at, $4)
                    + make_interval(secs => ($6 -> t.kind ->> 'every')::float8),
                blocked_until = $4 + throttle_delay($6 -> t.kind, t.forgotten_at, $4),
                network = case
                    when t.forgotten_at <= $4 or t.network = excluded.network then excluded.network
                end
            where t.blocked_until <= $4
            returning kind, subject, forgotten_at, blocked_until
        ), judged as (
            select count(*) > 0 as is_throttled,
                (array_agg(subject order by position desc) filter (
                    where kind in ('spray', 'address', 'address_56', 'address_48')
                ))[1] as network
            from wanted where (kind, subject) not in (select kind, subject from counted)
        ), delays as (
            -- The same login does not count a second time against the spray of its network.
            select max(ceil(extract(epoch from throttle_delay($6 -> kind, forgotten_at, $4))))
                    filter (where kind <> 'spray') as next,
                max(blocked_until) filter (where blocked_until > $4) as blocked_until
            from counted
        ), tried as (
            insert into throttles as t (kind, subject, forgotten_at, blocked_until)
            select 'tried', $17, $4::timestamptz + ($4::timestamptz - $5::timestamptz), $4
            from judged where $17::text is not null and not is_throttled
            on conflict (kind, subject) do update set
                forgotten_at = greatest(t.forgotten_at, excluded.forgotten_at)
        ), recorded as (
            insert into log_in_attempts (
                id, at, login, login_key, user_id, outcome, factor, address, network, user_agent,
                throttled_minute, throttled_network
            )
            select $7, $4, $8, $9, $10,
                case when is_throttled then 'throttled' else $11 end,
                $12, $13, $3, $14,
                case when is_throttled then $15::timestamptz end, network
            from judged where $16::bool
            -- No row: another throttled attempt stands for this one.
            on conflict do nothing
            returning id
        )
        select is_throttled as "is_throttled!", exists (select from recorded) as "is_recorded!",
            nullif(next, 0)::bigint as next_delay, blocked_until from judged, delays
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
        is_in_database,
        guess.tried.at_name_of_none(),
    )
    .fetch_one(database.system_pool())
    .await?;
    Ok(Counted {
        outcome: failed.outcome_if(counted.is_throttled),
        blocked_until: counted.blocked_until,
        next_delay_seconds: counted.next_delay.map(seconds),
        recorded: Recorded::of(counted.is_recorded),
    })
}

/// Records an attempt that was throttled, or denied by a module. A wrong log-in code counts against the network that it
/// came from. After too many wrong codes, codes from this network are ignored for a while.
pub(crate) async fn record(
    database: &Database,
    guess: &Guess,
    failed: &Failed,
    settings: &LogInSettings,
) -> Result<Recorded, StoreError> {
    let is_throttled = failed.outcome == Outcome::Throttled;
    let done = sqlx::query!(
        r#"
        with guessed as (
            insert into throttles as t (kind, subject, forgotten_at, blocked_until)
            select 'code_guess', $13,
                $2::timestamptz + make_interval(secs => ($14::jsonb -> 'code_guess' ->> 'every')::float8),
                $2 + throttle_delay($14 -> 'code_guess', null, $2)
            where $13::text is not null
            on conflict (kind, subject) do update set
                forgotten_at = greatest(t.forgotten_at, $2)
                    + make_interval(secs => ($14 -> t.kind ->> 'every')::float8),
                blocked_until = $2 + throttle_delay($14 -> t.kind, t.forgotten_at, $2)
            where t.blocked_until <= $2
        )
        insert into log_in_attempts (
            id, at, login, login_key, user_id, outcome, factor, address, network, user_agent,
            throttled_minute, throttled_network
        )
        select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 where $15::bool
        on conflict do nothing
        "#,
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
        guess.blocked_network.as_deref().filter(|_| is_throttled),
        guess.wrong_code_from(),
        rules(settings),
        guess.tried.target == Target::Database,
    )
    .execute(database.system_pool())
    .await?;
    Ok(Recorded::of(done.rows_affected() == 1))
}

/// The minute of a moment. A throttled attempt is recorded only if it is the first of its minute on its login and, if
/// the network itself is blocked, the first of its minute from its network. So neither many logins from one network nor
/// many networks on one login can fill the table, or push what the person should read under Activity out of sight.
fn minute_of(at: OffsetDateTime) -> OffsetDateTime {
    at - Duration::nanoseconds(at.nanosecond().into()) - Duration::seconds(at.second().into())
}
