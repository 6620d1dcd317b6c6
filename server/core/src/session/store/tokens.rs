//! A session gets another token, and with it the mark of a confirmed identity; replaced tokens are
//! forgotten in the end.

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    StoreError,
    database::Database,
    session::{SessionId, TokenHash, rotation::PresentedToken},
};

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
pub(crate) async fn set_confirmed(
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

/// Forgets tokens that were replaced before `moment`; says how many. One whose successor has never
/// come back stays as long as its session: its browser has no other.
pub(crate) async fn forget_superseded(
    database: &Database,
    moment: OffsetDateTime,
    most: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "delete from superseded_tokens where token_hash = any(array(
            select p.token_hash from superseded_tokens p
            join sessions s on s.id = p.session_id
            where p.superseded_at < $1
                and not (s.token_used_at is null and p.superseded_at = s.token_issued_at)
            order by p.superseded_at limit $2 for update of p skip locked
        ))",
        moment,
        most,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
