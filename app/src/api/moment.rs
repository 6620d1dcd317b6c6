//! A point in time as the person reads it.

use serde::{Deserialize, Serialize};

/// A point in time, written out by the server in the person's language and the time zone of the
/// browser that asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339 in UTC, for `<time datetime>`.
    pub machine: String,
    /// "23 Nov 2026, 14:02"; "23 Nov 2026, 14:02 UTC+1" where the browser has not told its zone.
    pub text: String,
}
