//! Names known devices, and forgets a user's signs.

use uuid::Uuid;

use crate::{StoreError, attempt::Network, database::ScopedTx, session::DeviceName, user::UserId};

/// The signs to keep when a user's other signs are forgotten: those of the session that asks for it.
#[derive(Default)]
pub(crate) struct Kept {
    pub device: Option<Uuid>,
    pub network: Option<Network>,
}

/// Forgets a user's signs (known devices, known networks and log-in codes), except for the device and the network in
/// `kept`.
pub(crate) async fn forget_signs(
    connection: &mut crate::database::Connection,
    user: UserId,
    kept: &Kept,
) -> Result<(), StoreError> {
    sqlx::query!(
        "with devices as (
            delete from known_devices where user_id = $1 and id is distinct from $2
        ), networks as (
            delete from known_networks where user_id = $1 and network is distinct from $3
        )
        delete from log_in_codes where user_id = $1",
        user.as_uuid(),
        kept.device,
        kept.network.as_ref().map(Network::as_str),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the name that the caller gives to a device, for the next log-in with the device. Does nothing if the device
/// is no longer known.
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
