//! Home: the account at a glance.

pub use latchkey_words::{DatabaseNumbers, MOST_COUNTED};
use serde::{Deserialize, Serialize};

use super::{Moment, activity::ActivityList, device::DeviceCard};

/// What Home shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeOverview {
    /// What the person should look at.
    pub attention: Attention,
    /// This device, and the other devices that were used last.
    pub devices: Vec<DeviceCard>,
    /// The number of devices that are logged in.
    pub device_count: u32,
    /// The latest events of the account.
    pub latest: ActivityList,
    /// The numbers on the tiles.
    pub numbers: DatabaseNumbers,
    /// The time of the last change of the password.
    pub password_changed_at: Option<Moment>,
}

/// What the person should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// The other devices that are new to the account, the latest log-in first.
    pub new_devices: Vec<DeviceCard>,
    /// Failed log-ins of the last days.
    pub failures: Option<Failures>,
    /// Wrong current passwords of the last days, entered in a logged-in browser.
    pub guesses: Option<Failures>,
    /// The end of this session, if it comes soon and no activity postpones it.
    pub ends_at: Option<Moment>,
}

/// Failed attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// The number of failed attempts.
    pub count: u32,
    /// The time of the last one.
    pub last_at: Moment,
}

impl Attention {
    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.new_devices.is_empty()
            && self.failures.is_none()
            && self.guesses.is_none()
            && self.ends_at.is_none()
    }
}
