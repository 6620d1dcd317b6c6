//! The names of a device.

use serde::{Deserialize, Serialize};

/// The names of a device: the name that its user has given, and the names of its browser and its system. Each
/// may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceTitle {
    /// "Kitchen laptop".
    pub given: Option<String>,
    /// "Firefox".
    pub browser: Option<String>,
    /// "Linux".
    pub platform: Option<String>,
}
