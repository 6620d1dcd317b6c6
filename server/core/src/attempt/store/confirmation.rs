//! SQL on the counters of guesses at the password in a live session.

use time::OffsetDateTime;

use super::throttles::rules;
use latchkey_words::SessionId;

use crate::{StoreError, attempt::LogInSettings, database::Database};

/// Counts a guess at the password in a live session before the password is checked. Returns `false`, without counting,
/// if guesses are blocked.
pub(crate) async fn charge_confirmation(
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
            $2 + throttle_delay($3 -> 'confirmation', null, $2)
        )
        on conflict (kind, subject) do update set
            forgotten_at = greatest(t.forgotten_at, $2)
                + make_interval(secs => ($3 -> t.kind ->> 'every')::float8),
            blocked_until = $2 + throttle_delay($3 -> t.kind, t.forgotten_at, $2)
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

/// The moment until which guesses in a session are blocked. This needs a second statement: the statement that refused
/// to count may have waited for another guess, and would read the counter as it was before that guess.
pub(crate) async fn confirmation_blocked_until(
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

/// Forgets the guesses at the password in a session after a right one.
pub(crate) async fn forgive_confirmation(
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
