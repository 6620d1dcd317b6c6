//! Replaces tokens, records confirmations, and deletes old replaced tokens.

use time::OffsetDateTime;

use crate::{
    StoreError,
    database::{Connection, Database},
    session::{SessionId, TokenHash, token::ClientHash},
};

/// A token that becomes its session's own.
pub(crate) struct NextToken {
    pub hash: TokenHash,
    /// The client that the token is sent to.
    pub issued_to: ClientHash,
    pub now: OffsetDateTime,
}

/// Replaces the token that a session got at `seen`; `false` if another request has replaced it. The replaced token is
/// good for the grace. If no request has brought the replaced token, its predecessors are good for as long again.
pub(crate) async fn rotate(
    connection: &mut Connection,
    id: SessionId,
    seen: OffsetDateTime,
    next: &NextToken,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "with live as (
            select id from sessions where id = $1 and ended_at is null for no key update
        ), seen as (
            -- Behind the lock of the session, in which all transactions take both locks.
            select t.session_id, t.token_hash, t.issued_at, t.used_at is null as is_unused
            from live
            join session_tokens t on t.session_id = live.id
            where t.issued_at = $2
            for no key update of t
        ), rotated as (
            update session_tokens t set token_hash = $3, issued_at = $4, issued_to = $5, used_at = null,
                unused = case when seen.is_unused then t.unused + 1 else 1 end
            from seen where t.session_id = seen.session_id
            returning seen.token_hash
        ), predecessors as (
            update superseded_tokens t set superseded_at = $4
            from seen
            where t.session_id = seen.session_id and seen.is_unused and t.superseded_at = seen.issued_at
        )
        insert into superseded_tokens (token_hash, session_id, superseded_at)
        select token_hash, $1, $4 from rotated",
        id.as_uuid(),
        seen,
        next.hash.as_bytes(),
        next.now,
        &next.issued_to,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Records that the person has just confirmed their identity.
pub(crate) async fn set_confirmed(
    connection: &mut Connection,
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

/// Removes the confirmation of the identity.
pub(crate) async fn set_unconfirmed(
    connection: &mut Connection,
    id: SessionId,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set confirmed_at = 'epoch' where id = $1",
        id.as_uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes tokens that were replaced before `moment`, and returns their number. Tokens whose successors are unused stay
/// as long as their session, because its browser may have no other token.
pub(crate) async fn forget_superseded(
    database: &Database,
    moment: OffsetDateTime,
    most: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "delete from superseded_tokens where token_hash = any(array(
            select p.token_hash from superseded_tokens p
            join session_tokens t on t.session_id = p.session_id
            where p.superseded_at < $1 and not (t.used_at is null and p.superseded_at = t.issued_at)
            order by p.superseded_at limit $2 for update of p skip locked
        ))",
        moment,
        most,
    )
    .execute(database.system_pool())
    .await?;
    Ok(done.rows_affected())
}
