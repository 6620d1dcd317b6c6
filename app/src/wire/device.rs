//! Devices: where the person is logged in, and how to revoke a device.

pub use latchkey_words::{AuthenticatedBy, Computer, DeviceKind, ExpiryRule};
use serde::{Deserialize, Serialize};

pub use super::device_title::DeviceTitle;
use super::{Moment, session::End};

/// A session as a card on the Devices page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCard {
    /// The session's public id.
    pub id: String,
    /// Whether this browser has the session.
    pub is_current: bool,
    /// Whether the device first logged in to the account only recently, and the person has not acknowledged it.
    pub is_new: bool,
    /// Whether the person can say of the new device "It was me" in this session.
    pub can_be_acknowledged: bool,
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
    pub logged_in_at: Moment,
    /// The first log-in with the device, if that was an earlier one.
    pub first_seen_at: Option<Moment>,
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
    /// The policy that sets this time-out, in words; `None`: the configuration file sets the time-out, or the page does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
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
    pub logged_in_at: Moment,
    /// The time of the end.
    pub ended_at: Moment,
    /// The session's end.
    #[serde(rename = "cause")]
    pub end: End,
}

/// What the Devices page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceOverview {
    /// The seconds for which revoking needs no password; 0 if it needs the password now.
    pub confirmed_for: u32,
    /// As [`list_devices`] lists them.
    pub cards: Vec<DeviceCard>,
    /// The number of devices that are logged in, including those without a card.
    pub count: u32,
    /// As [`list_ended_devices`] lists them.
    pub ended: Vec<EndedDevice>,
}
