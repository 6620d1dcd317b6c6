//! SQL on the table of known devices that needs no other table. What counts attempts also looks known devices up, and
//! makes devices known, in one statement with the counters (`attempt/store/`).

use uuid::Uuid;

use super::DeviceName;
use crate::{StoreError, database::ScopedTx};

/// Stores the name that the caller gives to a device, for the next log-in with the device. Does nothing if the device
/// is no longer known.
pub(crate) async fn name(
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

/// Stores that the person has logged in on a device: the next log-in with the device is no news. Does nothing if the
/// device is no longer known.
pub(crate) async fn acknowledge(tx: &mut ScopedTx, id: Uuid) -> Result<(), StoreError> {
    sqlx::query!(
        "update known_devices set new_since = null where id = $1",
        id,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
