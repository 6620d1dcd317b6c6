//! What people call the devices of their sessions.

use uuid::Uuid;

use crate::{
    StoreError,
    database::ScopedTx,
    session::{DeviceName, SessionId},
};

/// Names the device of one of the caller's sessions in all that have not ended; says which known
/// device it is, if it is one.
pub(crate) async fn name_device(
    tx: &mut ScopedTx,
    id: SessionId,
    name: Option<&DeviceName>,
) -> Result<Option<Uuid>, StoreError> {
    let devices = sqlx::query_scalar!(
        "update sessions set device_name = $2
        where ended_at is null
            and (id = $1 or device_id = (select device_id from sessions where id = $1))
        returning device_id",
        id.as_uuid(),
        name.map(DeviceName::as_str),
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(devices.into_iter().flatten().next())
}
