//! Steps of a log-in that the person has taken.

use crate::{
    StoreError,
    database::Connection,
    session::{SessionId, Step},
};

/// Takes a step off those that a session waits for.
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
