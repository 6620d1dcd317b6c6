//! Known devices, as their person calls them.

use uuid::Uuid;

use crate::{StoreError, database::ScopedTx, session::DeviceName};

/// Keeps what the caller calls one of their devices, for the next log-in with it. One that is not
/// known any more has nothing to keep it.
pub(crate) async fn name_device(
    tx: &mut ScopedTx,
    id: Uuid,
    name: Option<&DeviceName>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update known_devices set name = $2 where id = $1",
        id,
        name.map(DeviceName::as_str),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
