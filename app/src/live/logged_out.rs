//! The same functions for the server and for strangers' pages, where there is no session to watch.

use super::{NavigationWords, Shown};
use crate::wire::{device::DeviceOverview, session::CurrentSession};

/// Does nothing: only a page in a browser stays open.
pub fn follow_devices(
    _is_busy: impl Fn() -> bool + 'static,
    _then: impl Fn(Option<DeviceOverview>) + 'static,
) -> impl Fn() + Send + Sync + 'static {
    || {}
}

/// Does nothing: there is no session to count down.
pub fn watch(_session: CurrentSession, _shown: Shown) {}

/// Does nothing: there is no end to postpone.
pub fn stay() {}

/// Does nothing: no form of a stranger's page needs a session.
pub fn check() {}

/// Does nothing: a stranger's links load documents.
pub fn set_words(_words: NavigationWords) {}

/// Nothing: only the browser knows.
pub fn has_unsent() -> bool {
    false
}
