//! A point in time as the person reads it.

use serde::{Deserialize, Serialize};

/// A point in time, written out by the server in the session's time zone and language, so that
/// the first paint is the same on both sides and the browser needs no time zone database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339 in UTC, for `<time datetime>`.
    pub machine: String,
    /// "23 Nov 2026, 14:02"; with " UTC" behind it where the person's zone is not known.
    pub text: String,
}
