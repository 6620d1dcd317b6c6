//! The names that people give the devices of their sessions.

use std::collections::HashMap;

use uuid::Uuid;

use crate::{StoreError, database::ScopedTx, device::DeviceName, session::SessionId};

/// The id of a session's known device; `None` if the account does not know the device.
pub(crate) async fn device_of(
    connection: &mut crate::database::Connection,
    id: SessionId,
) -> Result<Option<Uuid>, StoreError> {
    let device = sqlx::query_scalar!("select device_id from sessions where id = $1", id.as_uuid())
        .fetch_optional(connection)
        .await?;
    Ok(device.flatten())
}

/// The names of the devices of sessions, live or ended. A session whose device has no name is missing.
pub(crate) async fn names_of(
    tx: &mut ScopedTx,
    sessions: &[Uuid],
) -> Result<HashMap<Uuid, DeviceName>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, device_name as "device_name!" from sessions
        where id = any($1) and device_name is not null"#,
        sessions,
    )
    .fetch_all(tx.connection())
    .await?;
    let names = rows.into_iter();
    Ok(names
        .map(|row| (row.id, DeviceName::from_stored(row.device_name)))
        .collect())
}

/// Writes the device's name into all sessions of the device that have not ended.
pub(crate) async fn name_device(
    tx: &mut ScopedTx,
    id: SessionId,
    device: Option<Uuid>,
    name: Option<&DeviceName>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set device_name = $3
        where (id = $1 or device_id = $2) and ended_at is null",
        id.as_uuid(),
        device,
        name.map(DeviceName::as_str),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
