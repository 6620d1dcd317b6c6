//! Devices: where the person is logged in, and revoking what they do not recognise.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use super::{ApiError, Moment, session::EndCause};

/// One session as a card on the Devices page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCard {
    /// The session's public id.
    pub id: String,
    /// Whether this very browser shows the card.
    pub is_current: bool,
    /// Whether the account has not known the device for long.
    pub is_new: bool,
    /// For the icon.
    pub kind: DeviceKind,
    /// "Kitchen laptop", "Firefox on Linux" in its parts.
    pub name: DeviceName,
    /// "141.0"; missing where the agent does not tell.
    pub browser_version: Option<String>,
    /// The address that the session was last used from.
    pub address: Option<Address>,
    /// Where else the session was used from, the latest first.
    pub other_addresses: Vec<Address>,
    /// Log-in time.
    pub signed_in_at: Moment,
    /// Last activity, exact to the minute.
    pub last_active_at: Moment,
    /// Whole minutes since the last activity, when the list was made.
    pub idle_minutes: u32,
    /// When the session ends if nothing more happens.
    pub expires_at: Moment,
    /// Which rule says so: whether using it puts that off.
    pub expiry_rule: ExpiryRule,
    /// The rule's time in seconds: since the last activity, or since the log-in.
    pub timeout: u32,
    /// How the person proved who they are.
    pub authenticated_by: AuthenticatedBy,
    /// Whether the person said at log-in that others use this computer, too.
    pub is_on_shared_computer: bool,
}

/// An IP address as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// `203.0.113.7` or `2001:db8::7`.
    pub text: String,
    /// Where it is, if that is known.
    pub place: Option<Place>,
}

/// Where an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// It is a private, link-local or loopback one: "Local network".
    LocalNetwork,
    /// About here, says a file: "Germany", or "Berlin, Germany".
    Near(String),
}

/// What a device is called: by its person, and what its browser and its system are called. All of it
/// may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceName {
    /// "Kitchen laptop".
    pub given: Option<String>,
    /// "Firefox".
    pub browser: Option<String>,
    /// "Linux".
    pub platform: Option<String>,
}

/// What kind of machine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceKind {
    /// A desktop or laptop.
    Computer,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// Something else, or unknown.
    Other,
}

/// Which rule ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExpiryRule {
    /// It was not used for the idle timeout: using it puts the end off.
    Idle,
    /// It is as old as a session may get, in spite of use.
    Absolute,
}

/// How a session was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthenticatedBy {
    /// By password.
    Password,
    /// By a one-time password, replaced since.
    OneTimePassword,
}

/// A session that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedDevice {
    /// "Kitchen laptop", "Firefox on Linux" in its parts.
    pub name: DeviceName,
    /// For the icon.
    pub kind: DeviceKind,
    /// The address of the last activity.
    pub address: Option<Address>,
    /// Log-in time.
    pub signed_in_at: Moment,
    /// When it ended.
    pub ended_at: Moment,
    /// What ended it.
    pub cause: EndCause,
}

/// The person's sessions that ended lately, the latest first.
#[server(endpoint = "list_ended_devices", input = GetUrl)]
pub async fn list_ended_devices() -> Result<Vec<EndedDevice>, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let sessions = visitor.core.list_ended_sessions(visitor.caller()?).await?;
    Ok(visitor.ended_devices(sessions))
}

/// The person's live sessions, 101 at most: the current one first, then by last activity.
#[server(endpoint = "list_devices", input = GetUrl)]
pub async fn list_devices() -> Result<Vec<DeviceCard>, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let sessions = visitor.core.list_sessions(visitor.caller()?).await?;
    Ok(visitor.device_cards(sessions))
}

/// Names the device of one of the person's sessions; an empty name takes the name away.
#[server(endpoint = "name_device")]
pub async fn name_device(id: String, device_name: String) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let id = id.parse().map_err(|_malformed| ApiError::NotFound)?;
    let name = latchkey_core::session::DeviceName::from_typed(&device_name)?;
    let caller = visitor.caller()?;
    visitor.core.name_device(caller, id, name.as_ref()).await?;
    visitor.form_done::<NameDevice>(0);
    Ok(())
}

/// Ends another session of the person. What has ended already is a quiet success. `password`
/// confirms who is asking, where that was too long ago.
#[server(endpoint = "revoke_device")]
pub async fn revoke_device(id: String, password: Option<String>) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let id = id.parse().map_err(|_malformed| ApiError::NotFound)?;
    let confirmed = visitor.confirmed(password).await?;
    visitor.core.revoke_session(confirmed, id).await?;
    visitor.form_done::<RevokeDevice>(1);
    Ok(())
}

/// Ends all other sessions of the person, and says how many that were.
#[server(endpoint = "revoke_other_devices")]
pub async fn revoke_other_devices(password: Option<String>) -> Result<u32, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let confirmed = visitor.confirmed(password).await?;
    let count = visitor.core.revoke_other_sessions(confirmed).await?;
    visitor.form_done::<RevokeOtherDevices>(count);
    Ok(count)
}
