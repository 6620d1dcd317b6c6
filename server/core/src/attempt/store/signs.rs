//! Forgets a user's signs.

use uuid::Uuid;

use crate::{StoreError, database::Connection, network::Network, user::UserId};

/// The signs to keep when a user's other signs are forgotten: those of the session that asks for it.
#[derive(Default)]
pub(crate) struct Kept {
    pub device: Option<Uuid>,
    pub network: Option<Network>,
}

/// Forgets a user's signs (known devices, known networks and log-in codes), except for the device and the network in
/// `kept`.
pub(crate) async fn forget_signs(
    connection: &mut Connection,
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
