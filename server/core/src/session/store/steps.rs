//! Completes the steps of a log-in.

use crate::{
    StoreError,
    database::Connection,
    session::{SessionId, Step},
};

/// Removes a step from the steps that a session waits for.
pub(crate) async fn complete_step(
    connection: &mut Connection,
    id: SessionId,
    step: Step,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set pending = array_remove(pending, $2) where id = $1 and ended_at is null",
        id.as_uuid(),
        step.as_str(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
