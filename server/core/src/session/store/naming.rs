//! What people say of the devices of their sessions: a name, and that they logged in there.

use std::collections::HashMap;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    database::ScopedTx,
    device::DeviceName,
    session::{DEVICE_IS_NEW_FOR, SessionId},
};

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

/// Whether the device of a session is new to the account.
pub(crate) async fn is_device_new(
    tx: &mut ScopedTx,
    id: SessionId,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let is_new = sqlx::query_scalar!(
        r#"select coalesce(device_new_since > $2, false) as "is_new!" from sessions where id = $1"#,
        id.as_uuid(),
        now - DEVICE_IS_NEW_FOR,
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(is_new.unwrap_or(true))
}

/// Notes in all sessions of the device that have not ended that the device is no longer new.
pub(crate) async fn acknowledge_device(
    tx: &mut ScopedTx,
    id: SessionId,
    device: Option<Uuid>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sessions set device_new_since = null
        where (id = $1 or device_id = $2) and ended_at is null and device_new_since is not null",
        id.as_uuid(),
        device,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
