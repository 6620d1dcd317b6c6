//! Live: an open page hears of what happens to the person's sessions, on whichever device.
//!
//! The server sends events without content ([`routes::SESSION_EVENTS`](crate::routes::SESSION_EVENTS));
//! one tab of a browser holds the stream and passes on to the others what it hears.

#[cfg(feature = "hydrate")]
mod device_list;
#[cfg(feature = "hydrate")]
mod tab;

use serde::{Deserialize, Serialize};

/// The event: the person's sessions are not what they were.
pub const DEVICES_CHANGED: &str = "devices";

/// The event: the page's own session is over.
pub const ENDED: &str = "ended";

/// The request header by which the Devices page says that it asks for itself anew: that is no
/// activity of the person, and keeps no session alive. It means nothing elsewhere.
pub const BACKGROUND: &str = "x-latchkey-background";

/// Says so, as `fetch` wants it.
#[cfg(any(test, feature = "hydrate"))]
const IN_BACKGROUND: &str = r#"{"headers":{"x-latchkey-background":"1"}}"#;

/// The value of the attribute `data-live` of a page in which somebody is logged in: what the tabs
/// of a browser call what they share.
pub fn shared_name(database: &str) -> String {
    ["latchkey-live-", database].concat()
}

/// A device that can be revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// The session's public id.
    pub id: String,
    /// What the card calls it.
    pub name: String,
}

/// What the list of devices shows after it was brought up to date.
pub struct Listed {
    /// The devices that can be revoked, in order.
    pub others: Vec<Other>,
    /// Whether a device appeared or left.
    pub is_changed: bool,
}

#[cfg(feature = "hydrate")]
pub use {device_list::follow_devices, tab::start};

/// Only a page in a browser stays open.
#[cfg(not(feature = "hydrate"))]
pub fn follow_devices(_is_busy: impl Fn() -> bool + 'static, _then: impl Fn(Listed) + 'static) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_the_one_that_the_server_knows() {
        assert!(IN_BACKGROUND.contains(BACKGROUND));
    }
}
