//! Devices: what people see of sessions. A device has an everyday name by its agent, and perhaps a name that its user
//! has given. An account knows a device that its owner has logged in with before.

mod known;
mod name;
mod recognition;
pub(crate) mod store;

pub use known::{DeviceToken, DeviceTokenHash, DeviceTokens, IssuedDeviceToken, RememberDevice};
pub(crate) use known::{KnownDevice, LoggedInDevice};
pub use name::{DeviceName, DeviceNameTooLong, MOST_CHARACTERS};
pub use recognition::{Device, DeviceKind, Devices};

use crate::client::Agent;

/// The device of a session that ended another session, as its owner recognizes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedBy {
    /// The browser or program.
    pub agent: Agent,
    /// The name that the person gave the device.
    pub device_name: Option<DeviceName>,
}
