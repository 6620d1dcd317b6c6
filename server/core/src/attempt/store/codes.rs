//! Stores log-in codes, and drops a user's oldest code beyond the limit.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreError, attempt::LogInCodeHash, user::UserId};

/// The largest number of good codes of a user. A further code replaces the oldest.
const MOST_CODES: i64 = 3;

/// A code to store.
pub(crate) struct NewCode {
    pub id: Uuid,
    pub user: UserId,
    pub hash: LogInCodeHash,
    pub expires_at: OffsetDateTime,
}

/// Stores a code.
pub(crate) async fn insert_code(
    connection: &mut crate::database::Connection,
    code: &NewCode,
) -> Result<(), StoreError> {
    sqlx::query!(
        "with crowded as (
            delete from log_in_codes where id in (
                select id from log_in_codes where user_id = $2
                order by expires_at desc, id desc offset $5::bigint - 1
            )
        )
        insert into log_in_codes (id, user_id, code_hash, expires_at) values ($1, $2, $3, $4)",
        code.id,
        code.user.as_uuid(),
        code.hash.as_bytes(),
        code.expires_at,
        MOST_CODES,
    )
    .execute(connection)
    .await?;
    Ok(())
}
