//! The same on the server and on the pages of strangers, where there is no open page to look after.

use super::{Listed, Shown};
use crate::api::session::CurrentSession;

/// Only a page in a browser stays open.
pub fn follow_devices(
    _is_busy: impl Fn() -> bool + 'static,
    _then: impl Fn(Option<Listed>) + 'static,
) -> impl Fn() + Clone + 'static {
    || {}
}

/// Nothing to count down to.
pub fn watch(_session: CurrentSession, _shown: Shown) {}

/// Nothing to put off.
pub fn stay() {}

/// No form of a stranger's page needs a session.
pub fn check() {}
