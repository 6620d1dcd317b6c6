//! Users of a database, their passwords, and what they prefer.

mod hasher;
mod login;
mod password;
mod preferences;
mod queue;
mod settings;
pub(crate) mod store;

use time::OffsetDateTime;

pub use crate::language::{InvalidLanguageCode, LanguageCode};
pub(crate) use hasher::{PasswordHash, PasswordHasher, Verdict};
pub use latchkey_words::{DateFormat, OwnWord, Theme, TimeFormat, UserId};
pub use login::{InvalidLogin, Login, LoginKey};
pub(crate) use password::PasswordOwner;
pub use password::{InvalidPassword, MAXIMUM_BYTES, Password};
pub use preferences::Preferences;
pub(crate) use preferences::StoredPreferences;
pub use queue::Overloaded;
pub use settings::PasswordSettings;

use crate::{access::GroupId, company::CompanyId, database::DatabaseName};

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

impl User {
    /// The user as the owner of a password in this database.
    pub(crate) fn password_owner(&self, database: &DatabaseName) -> PasswordOwner {
        PasswordOwner {
            login: self.login.clone(),
            name: self.name.clone(),
            database: database.clone(),
        }
    }
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

/// A user, as a person with a right to read users sees the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibleUser {
    /// The user.
    pub user: User,
    /// The time of the user's creation.
    pub created_at: OffsetDateTime,
    /// The time since when the user cannot log in; `None` if the user is enabled.
    pub disabled_at: Option<OffsetDateTime>,
    /// The companies in use that the user may work for, the default one first.
    pub companies: Vec<CompanyId>,
    /// The groups that the user is put into.
    pub groups: Vec<GroupId>,
}

/// The rights of a user besides the user's own affairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// No further rights.
    Person,
    /// The user administers the database.
    Administrator,
}
