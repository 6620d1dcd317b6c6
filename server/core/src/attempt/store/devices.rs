//! Known devices and networks: named and forgotten.

use uuid::Uuid;

use crate::{StoreError, attempt::Network, database::ScopedTx, session::DeviceName, user::UserId};

/// The signs that stay when those of a user are forgotten: of the session that has it done.
#[derive(Default)]
pub(crate) struct Kept {
    pub device: Option<Uuid>,
    pub network: Option<Network>,
}

/// Forgets the devices, networks and log-in codes by which a user is recognized at log-in, but for
/// what is kept.
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

/// Keeps the name that the caller gives to a device, for the next log-in with it. Without effect where
/// the device is not known any more.
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
