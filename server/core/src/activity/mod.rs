//! What has happened to a person's account, for that person: attempts to log in, ends of sessions,
//! other passwords, log-in codes, wrong current passwords.

mod service;
pub(crate) mod store;

use std::{fmt, net::IpAddr, str::FromStr};

use time::OffsetDateTime;
use uuid::Uuid;

pub use service::{ActivityPage, MOST_EXPORTED, PAGE};
pub(crate) use store::{AccountEvent, AccountEventKind, PasswordChange};

use crate::{
    attempt::Outcome,
    client::Agent,
    session::{AuthenticatedBy, EndCause},
};

/// One thing that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityEntry {
    /// Of the attempt, the session or the change.
    pub id: Uuid,
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub kind: ActivityKind,
    /// The address that it came from, or that the session was last used from.
    pub address: Option<IpAddr>,
    /// The browser or program; none where an administrator did it.
    pub agent: Option<Agent>,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityKind {
    /// Somebody tried to log in to the account.
    LogIn {
        /// What came of it.
        outcome: Outcome,
        /// What was proven, or was to be.
        factor: AuthenticatedBy,
    },
    /// A session ended.
    SessionEnded(EndCause),
    /// The account got another password.
    PasswordChanged(ChangedBy),
    /// A log-in code was made.
    LogInCodeMade(ChangedBy),
    /// A log-in code was used to log in.
    LogInCodeUsed,
    /// A wrong current password was given in a live session.
    WrongCurrentPassword,
}

/// Who did something to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangedBy {
    /// The person.
    Person,
    /// An administrator.
    Administrator,
}

/// Where a page of activity starts: behind this entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityCursor {
    at: OffsetDateTime,
    id: Uuid,
}

impl ActivityEntry {
    fn cursor(&self) -> ActivityCursor {
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

/// The text is no place in a list.
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
