//! Attempts that came to nothing: counted and recorded.

use std::net::IpAddr;

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::throttles::rules;
use crate::{
    StoreError,
    attempt::{Outcome, guess::Guess},
    database::Database,
    settings::LogInSettings,
    user::UserId,
};

/// What was counted.
pub(in crate::attempt) struct Counted {
    pub outcome: Outcome,
    pub recorded: Recorded,
}

/// Whether an attempt was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::attempt) enum Recorded {
    Yes,
    /// It was throttled, and the first of its minute on its login from its network stands for it.
    AnotherStands,
}

/// What to write about an attempt that failed.
pub(in crate::attempt) struct Failed {
    pub id: Uuid,
    pub at: OffsetDateTime,
    pub outcome: Outcome,
}

/// Counts a failure and records the attempt, in one statement.
///
/// Of many that arrive at once, each is counted after the other; whichever comes after the one that
/// brought a delay has been throttled, and is told so whatever its password was.
pub(in crate::attempt) async fn count_failure(
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

/// Records an attempt that failed without a guess: throttled, or denied by a module.
pub(in crate::attempt) async fn record(
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

/// The minute that a moment is in. Of the throttled attempts on one login from one network the first
/// in a minute is recorded: a flood of them would otherwise fill the table, and push what the person
/// should read under Activity out of sight.
fn minute_of(at: OffsetDateTime) -> OffsetDateTime {
    at - Duration::nanoseconds(at.nanosecond().into()) - Duration::seconds(at.second().into())
}
