//! Activity: the events of the person's account.

use serde::{Deserialize, Serialize};

use super::{
    Moment,
    device::{Address, AuthenticatedBy, DeviceTitle},
    session::End,
};

/// The events that a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivityFilter {
    /// All events.
    #[default]
    All,
    /// Log-ins.
    LogIns,
    /// Attempts that failed.
    Failed,
    /// Ends of sessions.
    Ended,
    /// Changes of the password, and log-in codes.
    Changes,
}

impl ActivityFilter {
    /// Every filter, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::LogIns,
        Self::Failed,
        Self::Ended,
        Self::Changes,
    ];

    /// The word in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::LogIns => "log-ins",
            Self::Failed => "failed",
            Self::Ended => "ended",
            Self::Changes => "changes",
        }
    }

    /// The filter with this word. An unknown word filters nothing.
    pub fn from_word(word: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|filter| filter.as_str() == word)
            .unwrap_or_default()
    }
}

/// A page of events, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityList {
    /// The events.
    pub entries: Vec<ActivityEntry>,
    /// The cursor of the next page with older events, for `from`; `None` on the last page.
    pub older: Option<String>,
}

/// An event of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// The time of the event.
    pub at: Moment,
    /// The day of the event, as a heading: "Today", "Tuesday, 24 November".
    pub day: String,
    /// The time of day: "14:02".
    pub time: String,
    /// The kind of event.
    pub kind: ActivityKind,
    /// The device; `None` if an administrator acted on the server.
    pub device: Option<DeviceTitle>,
    /// The address of the device.
    pub address: Option<Address>,
    /// Whether a log-in failed, and the same browser logged in from the same address within an hour.
    pub is_explained: bool,
}

/// The kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityKind {
    /// A log-in succeeded.
    LoggedIn {
        /// The way of authentication.
        by: AuthenticatedBy,
    },
    /// A log-in failed with a wrong password.
    WrongPassword,
    /// A log-in failed because the account was disabled.
    Disabled,
    /// A module refused a log-in.
    Denied,
    /// A log-in was refused because too many had failed before.
    Throttled,
    /// A session ended.
    SessionEnded(End),
    /// The person changed the password.
    PasswordChanged,
    /// An administrator set the password.
    PasswordSet,
    /// The person created a log-in code.
    LogInCodeMade,
    /// An administrator created a log-in code.
    LogInCodeMadeByAdministrator,
    /// A log-in code was used to log in.
    LogInCodeUsed,
    /// A wrong current password was entered in a live session.
    WrongCurrentPassword,
    /// A request named a company that the person may not work for.
    CompanyRefused,
}

impl ActivityKind {
    /// Whether an attempt failed.
    pub fn is_failure(&self) -> bool {
        match self {
            Self::WrongPassword
            | Self::Disabled
            | Self::Denied
            | Self::Throttled
            | Self::WrongCurrentPassword
            | Self::CompanyRefused => true,
            Self::LoggedIn { .. }
            | Self::SessionEnded(_)
            | Self::PasswordChanged
            | Self::PasswordSet
            | Self::LogInCodeMade
            | Self::LogInCodeMadeByAdministrator
            | Self::LogInCodeUsed => false,
        }
    }
}
