//! The number of log-ins that may fail.

use std::time::Duration;

use super::throttle::{MOST_CONSECUTIVE_FAILURES, Schedule};

/// The number of log-ins that may fail, and the delays after more (OWASP ASVS 6.3.1).
#[derive(Clone, Copy, Debug)]
pub struct LogInSettings {
    /// Failures on one account from any address; also failures on a device that its owner has logged in with
    /// before.
    pub account: Schedule,
    /// Failures from one address, on any accounts.
    pub address: Schedule,
    /// Different accounts that fail from one address.
    pub spray: Schedule,
}

impl Default for LogInSettings {
    fn default() -> Self {
        let account = Schedule {
            free: 5,
            window: Duration::from_hours(24),
            first_delay: Duration::from_secs(30),
            longest_delay: Duration::from_hours(1),
            most: Some(MOST_CONSECUTIVE_FAILURES),
        };
        let address = Schedule {
            free: 20,
            window: Duration::from_hours(1),
            most: None,
            ..account
        };
        Self {
            account,
            address,
            spray: Schedule {
                free: 10,
                ..address
            },
        }
    }
}
