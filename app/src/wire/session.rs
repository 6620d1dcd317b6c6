//! The visitor's own session: logging in, the session itself, logging out.

use latchkey_words::Computer;
use serde::{Deserialize, Serialize};

use super::Moment;
pub use super::end::{End, EndCause};

/// The session of the visitor, and its user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrentSession {
    /// The user's login.
    pub login: String,
    /// The user's displayed name.
    pub name: String,
    /// The name of the session's database.
    pub database: String,
    /// The time of the log-in in this browser.
    pub logged_in_at: Moment,
    /// The time that the session has left.
    pub left: TimeLeft,
    /// The computer, as the person said at log-in.
    #[serde(rename = "is_on_shared_computer")]
    pub computer: Computer,
    /// Whether a one-time password must be replaced before any other action.
    pub new_password_required: bool,
    /// Whether there is another database to switch to.
    pub can_switch_database: bool,
}

/// The time that a session has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeLeft {
    /// Milliseconds until the session ends without activity; at most 49 days.
    pub milliseconds: u32,
    /// Milliseconds before the end at which a page warns.
    pub warning: u32,
    /// Whether activity postpones the end.
    pub can_be_extended: bool,
}

/// The destination after a log-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// A path of this origin.
    pub location: String,
}

/// The reason why the log-in page, or the dialog over an open page, appears to a person who was logged in before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndNotice {
    /// The cause of the session's end.
    pub cause: EndCause,
    /// The time of the end.
    pub at: Moment,
    /// Why and when the session ended, and by which device. The server writes the sentence, because the browser has few
    /// texts.
    pub words: String,
}
