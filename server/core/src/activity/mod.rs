//! The events of a user's account, for that user: attempts to log in, ends of sessions, changes of the
//! password, log-in codes, wrong current passwords, refused companies. The tables here hold the last four.

pub(crate) mod store;

use std::{fmt, net::IpAddr, str::FromStr};

use latchkey_words::{AuthenticatedBy, EndCause, Outcome};
use time::OffsetDateTime;
use uuid::Uuid;

pub use latchkey_words::ChangedBy;
pub(crate) use store::{AccountEvent, AccountEventKind, PasswordChange};

use crate::{
    client::Agent,
    device::{DeviceName, EndedBy},
};

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityEntry {
    /// The id of the attempt, the session or the change.
    pub id: Uuid,
    /// The time of the event.
    pub at: OffsetDateTime,
    /// The kind of event.
    pub kind: ActivityKind,
    /// The address of the client, or the address of the session's last use.
    pub address: Option<IpAddr>,
    /// The browser or program; `None` if an administrator acted.
    pub agent: Option<Agent>,
    /// The name that the person gave the device of the session.
    pub device_name: Option<DeviceName>,
    /// The device that ended the session, if a device did.
    pub ended_by: Option<EndedBy>,
    /// Whether a log-in failed, and the same browser logged in from the same address within an hour.
    pub is_explained: bool,
}

/// The kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityKind {
    /// An attempt to log in to the account.
    LogIn {
        /// The outcome of the attempt.
        outcome: Outcome,
        /// The way of authentication.
        factor: AuthenticatedBy,
    },
    /// A session ended.
    SessionEnded(EndCause),
    /// The password was changed.
    PasswordChanged(ChangedBy),
    /// A log-in code was created.
    LogInCodeMade(ChangedBy),
    /// A log-in code was used to log in.
    LogInCodeUsed,
    /// A wrong current password was entered in a live session.
    WrongCurrentPassword,
    /// A request named a company that the person may not work for.
    CompanyRefused,
}

/// The start of a page of activity: the page begins after this entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityCursor {
    pub(crate) at: OffsetDateTime,
    pub(crate) id: Uuid,
}

impl ActivityEntry {
    pub(crate) fn cursor(&self) -> ActivityCursor {
        ActivityCursor {
            at: self.at,
            id: self.id,
        }
    }
}

impl fmt::Display for ActivityCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let microseconds = self.at.unix_timestamp_nanos() / 1_000;
        write!(formatter, "{microseconds}.{}", self.id.simple())
    }
}

/// The refusal of a text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place in a list of activity")]
pub struct InvalidCursor;

impl FromStr for ActivityCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (microseconds, id) = text.split_once('.').ok_or(InvalidCursor)?;
        let microseconds: i64 = microseconds
            .parse()
            .map_err(|_not_a_number| InvalidCursor)?;
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1_000)
            .map_err(|_out_of_range| InvalidCursor)?;
        let id = id.parse().map_err(|_no_id| InvalidCursor)?;
        Ok(Self { at, id })
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_cursor_survives_an_address_and_nothing_else_is_one() {
        let cursor = ActivityCursor {
            at: datetime!(2026-11-23 12:00:00.123456 UTC),
            id: Uuid::from_u128(7),
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for bad in ["", ".", "1", "x.y", "1.x", "99999999999999999999.1"] {
            assert_eq!(bad.parse::<ActivityCursor>(), Err(InvalidCursor), "{bad}");
        }
        let far = format!("{}.{}", i64::MAX, Uuid::nil());
        assert_eq!(far.parse::<ActivityCursor>(), Err(InvalidCursor));
    }
}
