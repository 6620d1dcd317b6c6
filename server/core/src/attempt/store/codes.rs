//! Log-in codes: made, and too many of them forgotten.

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{StoreError, attempt::LogInCodeHash, user::UserId};

/// A user has at most so many codes that are good; the oldest is forgotten for one more.
const MOST_CODES: i64 = 3;

/// A code to keep.
pub(in crate::attempt) struct NewCode {
    pub id: Uuid,
    pub user: UserId,
    pub hash: LogInCodeHash,
    pub expires_at: OffsetDateTime,
}

/// Keeps a code.
pub(in crate::attempt) async fn insert_code(
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
