//! Live: an open page hears of what happens to the person's sessions, on whichever device.
//!
//! The server sends events without content ([`routes::SESSION_EVENTS`](crate::routes::SESSION_EVENTS));
//! one tab of a browser holds the stream and passes on to the others what it hears.

#[cfg(feature = "signed-in")]
mod device_list;
#[cfg(feature = "signed-in")]
mod other_tabs;
#[cfg(feature = "signed-in")]
mod script;
#[cfg(feature = "signed-in")]
mod session;
mod session_watch;
#[cfg(feature = "signed-in")]
mod stored_tabs;
#[cfg(feature = "signed-in")]
mod tab;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::api::ApiError;

/// The event: the person's sessions are not what they were.
pub const DEVICES_CHANGED: &str = "devices";

/// The event: the page's own session is over.
pub const ENDED: &str = "ended";

/// The request header by which a page says that it asks by itself, for its list of devices or for the
/// time that its session has left: that is no activity of the person, and keeps no session alive. It
/// means nothing elsewhere.
pub const BACKGROUND: &str = "x-latchkey-background";

/// Says so, as `fetch` wants it.
#[cfg(any(test, feature = "signed-in"))]
const IN_BACKGROUND: &str = r#"{"headers":{"x-latchkey-background":"1"}}"#;

/// What the tabs of a browser call what they share.
#[cfg(feature = "signed-in")]
fn shared_name(database: &str) -> String {
    ["latchkey-live-", database].concat()
}

/// How it stands with the page's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It lives, as far as anybody knows.
    Calm,
    /// It ends soon.
    Warning,
    /// It ends soon, and the person knows.
    Warned,
    /// It has ended, and the page is covered.
    Locked,
}

/// What the page shows of it.
#[derive(Clone, Copy)]
struct Shown {
    phase: RwSignal<Phase>,
    /// Until it ends, while the page warns.
    seconds: RwSignal<u64>,
    can_be_extended: RwSignal<bool>,
    /// Why the server has not answered lately.
    trouble: RwSignal<Option<ApiError>>,
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
    /// How many more there are, which the list does not show.
    pub unlisted: u32,
    /// Whether a device appeared or left.
    pub is_changed: bool,
}

#[cfg(not(feature = "signed-in"))]
mod nowhere;
#[cfg(not(feature = "signed-in"))]
use nowhere as session;

#[cfg(feature = "signed-in")]
pub use device_list::follow_devices;
#[cfg(not(feature = "signed-in"))]
pub use nowhere::follow_devices;
pub use session::check;
pub use session_watch::SessionWatch;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_the_one_that_the_server_knows() {
        assert!(IN_BACKGROUND.contains(BACKGROUND));
        assert!(include_str!("../time_zone.js").contains(BACKGROUND));
    }
}
