//! Live updates: an open page hears of changes to the person's sessions on any device.
//!
//! The server sends events without content ([`routes::SESSION_EVENTS`](crate::routes::SESSION_EVENTS)). One
//! tab of a browser holds the stream and passes the events on to the other tabs.

#[cfg(feature = "logged-in")]
mod device_list;
#[cfg(feature = "logged-in")]
pub(crate) mod navigation;
#[cfg(feature = "logged-in")]
mod other_tabs;
#[cfg(feature = "logged-in")]
mod script;
#[cfg(feature = "logged-in")]
mod session;
#[cfg(feature = "logged-in")]
mod stored_tabs;
#[cfg(feature = "logged-in")]
mod tab;

use leptos::prelude::*;

pub use crate::browser::PAGE_OWNER;
use crate::wire::ApiError;

/// The event: the person's sessions have changed.
pub const DEVICES_CHANGED: &str = "devices";

/// The event: the page's own session ends earlier than the page may know.
pub const SHORTENED: &str = "shortened";

/// The event: the page's own session has ended.
pub const ENDED: &str = "ended";

/// The id of the heading of the list of devices. The heading gets the focus when the focused card disappears.
pub(crate) const DEVICES_HEADING: &str = "devices-heading";

/// The request header of requests that a page sends by itself, for Home, for its list of devices or for the time that
/// its session has left. Such a request is no activity of the person, and keeps no session alive. Elsewhere
/// the header has no effect.
pub const BACKGROUND: &str = "x-latchkey-background";

/// The options of `fetch` with the header of background requests.
#[cfg(any(test, feature = "logged-in"))]
const IN_BACKGROUND: &str = r#"{"headers":{"x-latchkey-background":"1"}}"#;

/// The name of what the tabs of a browser share.
#[cfg(feature = "logged-in")]
fn shared_name(database: &str) -> String {
    ["latchkey-live-", database].concat()
}

/// The state of the page's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The session lives, as far as the page knows.
    Calm,
    /// The session ends soon.
    Warning,
    /// The session ends soon, and the person has seen the warning.
    Warned,
    /// The session has ended, and the page is covered.
    Locked,
}

/// The state that the page shows.
#[derive(Clone, Copy)]
pub(crate) struct Shown {
    pub(crate) phase: RwSignal<Phase>,
    /// Why the session has ended, while the page is covered; `None` if the server has not said.
    pub(crate) reason: RwSignal<Option<String>>,
    /// Seconds until the end, while the page warns.
    pub(crate) seconds: RwSignal<u64>,
    pub(crate) can_be_extended: RwSignal<bool>,
    /// The error if the server has not answered lately.
    pub(crate) trouble: RwSignal<Option<ApiError>>,
}

/// What the navigation says. The texts stand in the page.
#[derive(Clone, Copy, Debug, Default)]
pub struct NavigationWords {
    /// The question before typed text is lost.
    pub unsent: &'static str,
    /// The heading of the page that the browser could not load.
    pub unreachable_title: &'static str,
    /// What the person can do.
    pub unreachable_text: &'static str,
    /// The link that loads the page again.
    pub unreachable_again: &'static str,
}

#[cfg(not(feature = "logged-in"))]
mod logged_out;
#[cfg(not(feature = "logged-in"))]
use logged_out as session;

#[cfg(feature = "logged-in")]
pub use device_list::follow_devices;
#[cfg(not(feature = "logged-in"))]
pub use logged_out::follow_devices;
#[cfg(not(feature = "logged-in"))]
pub(crate) use logged_out::{has_unsent, set_words};
#[cfg(feature = "logged-in")]
pub(crate) use navigation::{has_unsent, set_words};
pub use session::check;
pub(crate) use session::{stay, watch};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_the_one_that_the_server_knows() {
        assert!(IN_BACKGROUND.contains(BACKGROUND));
        assert!(include_str!("../time_zone.js").contains(BACKGROUND));
        assert!(include_str!("../renew.js").contains(BACKGROUND));
        assert!(include_str!("../renew.js").contains(PAGE_OWNER));
        assert!(include_str!("../time_zone.js").contains(PAGE_OWNER));
    }

    #[test]
    fn the_script_that_renews_parts_of_a_page_hears_of_changed_devices() {
        let event = ["\"", DEVICES_CHANGED, "\""].concat();
        assert!(include_str!("../renew.js").contains(&event));
    }
}
