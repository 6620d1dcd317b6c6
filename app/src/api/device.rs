//! Devices: where the person is logged in, and how to revoke a device.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{
        ApiError,
        device::{DeviceCard, DeviceOverview, EndedDevice},
    },
};

/// What the Devices page shows, from one transaction; `None` for a stranger, because an open page asks by itself and may
/// outlive its session.
#[server(name = ReadDeviceOverview, endpoint = "device_overview", input = GetUrl)]
pub async fn device_overview() -> Result<Option<DeviceOverview>, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let caller = match visitor.caller() {
        Ok(caller) => caller,
        Err(ApiError::LoggedOut) => return Ok(None),
        Err(error) => return Err(error),
    };
    let sessions = visitor.core.sessions.overview(caller).await?;
    Ok(Some(DeviceOverview {
        confirmed_for: visitor.confirmed_for(caller),
        cards: visitor
            .explained_device_cards(caller, sessions.live)
            .await?,
        count: sessions.live_count,
        ended: visitor.ended_devices(sessions.ended),
    }))
}

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ReadDeviceOverview>(Audience::Anyone),
    Function::of::<ListEndedDevices>(Audience::Person),
    Function::of::<ListDevices>(Audience::Person),
    Function::of::<NameDevice>(Audience::Person).with_form(routes::DEVICES, &["id", "device_name"]),
    Function::of::<AcknowledgeDevice>(Audience::Person).with_form(routes::DEVICES, &["id"]),
    Function::of::<RevokeDevice>(Audience::Person).with_form(routes::DEVICES, &["id"]),
    Function::of::<RevokeOtherDevices>(Audience::Person).with_form(routes::DEVICES, &[]),
];

/// The person's recently ended sessions, the latest first.
#[server(endpoint = "list_ended_devices", input = GetUrl)]
pub async fn list_ended_devices() -> Result<Vec<EndedDevice>, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let sessions = visitor.core.sessions.list_ended(visitor.caller()?).await?;
    Ok(visitor.ended_devices(sessions))
}

/// The person's live sessions, at most 101: the current one first, then by last activity.
#[server(endpoint = "list_devices", input = GetUrl)]
pub async fn list_devices() -> Result<Vec<DeviceCard>, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let caller = visitor.caller()?;
    let sessions = visitor.core.sessions.list(caller).await?;
    visitor.explained_device_cards(caller, sessions).await
}

/// Names the device of one of the person's sessions; an empty name removes the name.
#[server(endpoint = "name_device")]
pub async fn name_device(id: String, device_name: String) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let id = id.parse().map_err(|_malformed| ApiError::NotFound)?;
    let name = latchkey_core::device::DeviceName::from_typed(&device_name)?;
    let caller = visitor.caller()?;
    visitor
        .core
        .sessions
        .name_device(caller, id, name.as_ref())
        .await?;
    visitor.form_done::<NameDevice>(0);
    Ok(())
}

/// The person says of the new device of a live session "It was me": the device is no longer new.
#[server(endpoint = "acknowledge_device")]
pub async fn acknowledge_device(id: String) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let id = id.parse().map_err(|_malformed| ApiError::NotFound)?;
    let caller = visitor.caller()?;
    visitor.core.sessions.acknowledge_device(caller, id).await?;
    visitor.form_done::<AcknowledgeDevice>(0);
    Ok(())
}

/// Ends another session of the person, or several at once: `id` then has their ids with commas between them. If a session
/// has already ended, that is a silent success. `password`
/// confirms the person's identity if the last confirmation was too long ago.
#[server(endpoint = "revoke_device")]
pub async fn revoke_device(id: String, password: Option<String>) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let ids: Result<Vec<_>, _> = id.split(',').map(str::parse).collect();
    let ids = ids.map_err(|_malformed| ApiError::NotFound)?;
    let confirmed = visitor.confirmed(password).await?;
    let sessions = &visitor.core.sessions;
    let count = sessions.revoke_several(confirmed, &ids).await?;
    visitor.form_done::<RevokeDevice>(count);
    Ok(())
}

/// Ends all other sessions of the person, and returns their number.
#[server(endpoint = "revoke_other_devices")]
pub async fn revoke_other_devices(password: Option<String>) -> Result<u32, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let confirmed = visitor.confirmed(password).await?;
    let count = visitor.core.sessions.revoke_others(confirmed).await?;
    visitor.form_done::<RevokeOtherDevices>(count);
    Ok(count)
}
