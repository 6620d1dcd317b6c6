//! The values that a session keeps.

use crate::{
    StoreError,
    database::ScopedTx,
    session::{SessionId, context::ContextChange},
};

/// Changes some of a session's values. The other values stay, because another request may have changed them.
pub(crate) async fn change_context(
    tx: &mut ScopedTx,
    id: SessionId,
    change: &ContextChange,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set context = (context - $2::text[]) || $3
        where id = $1 and ended_at is null",
        id.as_uuid(),
        &change.removed,
        change.set,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
