//! Users of a database, and their passwords.

mod hasher;
mod login;
mod password;
mod queue;
mod service;
pub(crate) mod store;

use std::{fmt, str::FromStr};

use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use hasher::{PasswordHash, PasswordHasher, Verdict};
pub use login::{InvalidLogin, Login, LoginKey};
pub use password::{InvalidPassword, MAXIMUM_BYTES, Password};
pub use queue::Overloaded;
pub use service::{
    ChangePasswordError, ChangedPassword, CreateUserError, NewUser, OtherSessions, PasswordOrigin,
    RenameUserError, SetPasswordError,
};

/// A user's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserId(Uuid);

impl UserId {
    pub(crate) fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The bare id, for SQL and logs.
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A user, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The e-mail address or username, as it was written.
    pub login: String,
    /// The displayed name.
    pub name: String,
}

/// A user in an administrator's list.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// The user.
    pub user: User,
    /// Whether the user administers the database.
    pub is_administrator: bool,
    /// The time of the user's creation.
    pub created_at: OffsetDateTime,
    /// The time since when the user cannot log in; `None` if the user is enabled.
    pub disabled_at: Option<OffsetDateTime>,
    /// Whether the password must be replaced at the next log-in.
    pub password_is_one_time: bool,
    /// Number of live sessions.
    pub live_sessions: u32,
}

/// The rights of a user besides the user's own affairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// No further rights.
    Person,
    /// The user administers the database.
    Administrator,
}

impl FromStr for UserId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}
