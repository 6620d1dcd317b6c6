//! Users of a database, and how they prove who they are.

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

/// A user as far as everybody who may see the user may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// An e-mail address or a user name, as the person writes it.
    pub login: String,
    /// What people call them.
    pub name: String,
}

/// A user in an administrator's list.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// Who.
    pub user: User,
    /// Whether the user administers the database.
    pub is_administrator: bool,
    /// Since when there is such a user.
    pub created_at: OffsetDateTime,
    /// Since when the user cannot log in, if so.
    pub disabled_at: Option<OffsetDateTime>,
    /// Whether the password has to be replaced at the next log-in.
    pub password_is_one_time: bool,
    /// How many live sessions the user has.
    pub live_sessions: u32,
}

/// What a user may do besides a person's own affairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing more.
    Person,
    /// Administers the database.
    Administrator,
}

impl FromStr for UserId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}
