//! A moment in the form that the person reads.

use serde::{Deserialize, Serialize};

/// A moment. The server writes its text in the person's language and in the time zone of the requesting browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339 in UTC, for `<time datetime>`.
    pub machine: String,
    /// "23 Nov 2026, 14:02"; "23 Nov 2026, 14:02 UTC+1" if the browser has not told its zone.
    pub text: String,
    /// The moment within a sentence: "today at 14:02", "on 23 November at 14:02".
    pub phrase: String,
}
