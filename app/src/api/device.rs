//! Devices: where the person is logged in, and how to revoke a device.

pub use latchkey_words::{AuthenticatedBy, Computer, DeviceKind, ExpiryRule};
use leptos::{prelude::*, server_fn::codec::GetUrl};
use serde::{Deserialize, Serialize};

pub use super::device_title::DeviceTitle;
use super::{ApiError, Moment, session::End};
use crate::{audience::Audience, function::Function, routes};

/// A session as a card on the Devices page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCard {
    /// The session's public id.
    pub id: String,
    /// Whether this browser has the session.
    pub is_current: bool,
    /// Whether the device first logged in to the account only recently.
    pub is_new: bool,
    /// The kind of device, for the icon.
    pub kind: DeviceKind,
    /// "Kitchen laptop", "Firefox on Linux" in its parts.
    pub name: DeviceTitle,
    /// "141.0"; `None` if the agent does not tell.
    pub browser_version: Option<String>,
    /// The address that the session was last used from.
    pub address: Option<Address>,
    /// Earlier addresses of the session, the latest first.
    pub other_addresses: Vec<Address>,
    /// Log-in time.
    pub signed_in_at: Moment,
    /// Last activity, exact to the minute.
    pub last_active_at: Moment,
    /// Whole minutes from the last activity to the making of the list.
    pub idle_minutes: u32,
    /// The time when the session ends without further activity.
    pub expires_at: Moment,
    /// The rule that sets this time: it says whether activity postpones the end.
    pub expiry_rule: ExpiryRule,
    /// The rule's time-out in seconds: since the last activity, or since the log-in.
    pub timeout: u32,
    /// The way of authentication.
    pub authenticated_by: AuthenticatedBy,
    /// The computer, as the person said at log-in.
    #[serde(rename = "is_on_shared_computer")]
    pub computer: Computer,
}

/// An IP address as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// `203.0.113.7` or `2001:db8::7`.
    pub text: String,
    /// The place of the address, if it is known.
    pub place: Option<Place>,
}

/// The place of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// The address is private, link-local or loopback: "Local network".
    LocalNetwork,
    /// The approximate place from a file: "Germany", or "Berlin, Germany".
    Near(String),
}

/// A session that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedDevice {
    /// "Kitchen laptop", "Firefox on Linux" in its parts.
    pub name: DeviceTitle,
    /// The kind of device, for the icon.
    pub kind: DeviceKind,
    /// The address of the last activity.
    pub address: Option<Address>,
    /// Log-in time.
    pub signed_in_at: Moment,
    /// The time of the end.
    pub ended_at: Moment,
    /// The session's end.
    #[serde(rename = "cause")]
    pub end: End,
}

/// What the Devices page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceOverview {
    /// As [`list_devices`] lists them.
    pub cards: Vec<DeviceCard>,
    /// As [`device_count`](super::session::device_count) counts them.
    pub count: u32,
    /// As [`list_ended_devices`] lists them.
    pub ended: Vec<EndedDevice>,
}

/// What the Devices page shows, from one transaction.
#[cfg(feature = "ssr")]
pub async fn device_overview() -> Result<DeviceOverview, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let sessions = visitor.core.sessions.overview(visitor.caller()?).await?;
    Ok(DeviceOverview {
        cards: visitor.device_cards(sessions.live),
        count: sessions.live_count,
        ended: visitor.ended_devices(sessions.ended),
    })
}

/// The browser never renders the page; it has an endpoint for each part.
#[cfg(not(feature = "ssr"))]
pub async fn device_overview() -> Result<DeviceOverview, ApiError> {
    Ok(DeviceOverview {
        cards: list_devices().await?,
        count: super::session::device_count().await?,
        ended: list_ended_devices().await?,
    })
}

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ListEndedDevices>(Audience::Person),
    Function::of::<ListDevices>(Audience::Person),
    Function::of::<NameDevice>(Audience::Person).with_form(routes::DEVICES, &["id", "device_name"]),
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
    let sessions = visitor.core.sessions.list(visitor.caller()?).await?;
    Ok(visitor.device_cards(sessions))
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

/// Ends another session of the person. If the session has already ended, that is a silent success. `password`
/// confirms the person's identity if the last confirmation was too long ago.
#[server(endpoint = "revoke_device")]
pub async fn revoke_device(id: String, password: Option<String>) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let id = id.parse().map_err(|_malformed| ApiError::NotFound)?;
    let confirmed = visitor.confirmed(password).await?;
    visitor.core.sessions.revoke(confirmed, id).await?;
    visitor.form_done::<RevokeDevice>(1);
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
