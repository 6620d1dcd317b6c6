//! Sessions: a state machine with one way to end and a reason.

mod bearer;
mod confirmation;
mod context;
mod device_name;
mod lifetime;
mod limit;
mod overview;
pub(crate) mod rotation;
mod service;
pub(crate) mod store;
mod sweep;
mod tighten;
mod token;

use std::{fmt, net::IpAddr, str::FromStr, sync::Arc};

use time::OffsetDateTime;
use uuid::Uuid;

pub use bearer::{Bearer, Caller, Pending, Step};
pub use confirmation::{ConfirmError, Confirmation, ConfirmationRequired, Confirmed};
pub use context::{Context, MOST_CONTEXT_BYTES, SaveContextError};
pub use device_name::{
    DeviceName, DeviceNameTooLong, MOST_CHARACTERS as MOST_DEVICE_NAME_CHARACTERS, NameDeviceError,
};
pub use lifetime::{Expiry, ExpiryRule};
pub use overview::SessionOverview;
pub use service::{EndSessionError, RevokeError};
pub(crate) use store::disown;
pub use sweep::Swept;
pub(crate) use tighten::tighten;
pub use token::{SessionToken, TokenHash};

use crate::client::Agent;

/// A session's public id. It is no secret and signs nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(Uuid);

impl SessionId {
    pub(crate) fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The bare id, for SQL and logs.
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for SessionId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

/// A live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The public id.
    pub id: SessionId,
    /// How the person proved who they are.
    pub authenticated_by: AuthenticatedBy,
    /// Log-in time.
    pub created_at: OffsetDateTime,
    /// Last activity, exact to the touch interval (a minute at most).
    pub last_active_at: OffsetDateTime,
    /// When it ends by itself if nothing more happens.
    pub expiry: Expiry,
    /// When it ends in spite of use, if ever.
    pub absolute_expires_at: Option<OffsetDateTime>,
    /// Whether the person said so at log-in: it ends sooner, and its cookie with the browser.
    pub is_on_shared_computer: bool,
    /// When the person last proved who they are.
    pub confirmed_at: OffsetDateTime,
    /// The address that it was last used from.
    pub address: Option<IpAddr>,
    /// The browser or program that logged in.
    pub agent: Agent,
    /// The IANA name of the browser's time zone, as the browser told last, if ever.
    pub time_zone: Option<String>,
}

/// A live session, as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// What the person calls the device.
    pub device_name: Option<DeviceName>,
    /// Where else it was used from, the latest first; ten at most.
    pub other_addresses: Vec<IpAddr>,
    /// Whether the account has known the device for less than [`DEVICE_IS_NEW_FOR`], and somebody had
    /// logged in to it before.
    pub is_device_new: bool,
}

/// How long a device is new to an account: a holiday of a week, and whoever came meanwhile stands out.
pub const DEVICE_IS_NEW_FOR: time::Duration = time::Duration::days(7);

/// The session that ended another, as its person recognises it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedBy {
    /// The browser or program.
    pub agent: Agent,
    /// What the person calls the device.
    pub device_name: Option<DeviceName>,
}

/// A session that has ended, as its own browser may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSession {
    /// What ended it.
    pub cause: EndCause,
    /// When.
    pub at: OffsetDateTime,
    /// The agent of the session that ended it, if it was one. Not what its person calls it: whoever
    /// has the browser may be the reason why it was revoked.
    pub by: Option<Agent>,
    /// The ended session's IANA time zone.
    pub time_zone: Option<String>,
}

/// A session that has ended, as its person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastSession {
    /// The public id.
    pub id: SessionId,
    /// Log-in time.
    pub created_at: OffsetDateTime,
    /// The address of the last activity.
    pub address: Option<IpAddr>,
    /// The browser or program that logged in.
    pub agent: Agent,
    /// What the person called the device.
    pub device_name: Option<DeviceName>,
    /// When it ended.
    pub ended_at: OffsetDateTime,
    /// What ended it.
    pub cause: EndCause,
    /// The session that ended it, if it was one.
    pub by: Option<EndedBy>,
}

/// What a token stands for at this moment.
#[derive(Clone)]
pub enum Resumed {
    /// A live session.
    Live(Arc<Caller>),
    /// A live session that waits for a step of its log-in.
    Pending(Arc<Pending>),
    /// A session that is over.
    Ended(EndedSession),
    /// Nothing: no session of this database ever had it.
    Unknown,
}

/// Whether a request is something that a person does, or something that a page does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// A person's doing: puts the end for lack of activity off.
    Person,
    /// A page keeps itself up to date: an open tab must not keep its session alive.
    Background,
}

/// How a person proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticatedBy {
    /// By password.
    Password,
    /// By a one-time password.
    OneTimePassword,
}

/// What ended a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndCause {
    /// The person logged out.
    LoggedOut,
    /// The person logged in again with the same browser.
    Replaced,
    /// The person revoked it under Devices.
    Revoked,
    /// The person changed the password.
    PasswordChanged,
    /// The login was changed.
    LoginChanged,
    /// An administrator ended it, or set another password.
    Administrator,
    /// The user was disabled.
    UserDisabled,
    /// The user was deleted, and the session with them: never in SQL.
    UserDeleted,
    /// The user had as many sessions as a user may have, or as a module allows.
    Limit,
    /// No activity for the idle timeout.
    Idle,
    /// As old as a session may get.
    TooOld,
    /// A token came back that had been replaced long ago: somebody has a copy of it.
    TokenReused,
    /// The server was restarted, and is configured to end sessions then.
    Restart,
    /// The database is a copy of another: the sessions in it belong to the original.
    DatabaseCopied,
}

impl From<ExpiryRule> for EndCause {
    fn from(rule: ExpiryRule) -> Self {
        match rule {
            ExpiryRule::Idle => Self::Idle,
            ExpiryRule::Absolute => Self::TooOld,
        }
    }
}

impl AuthenticatedBy {
    /// The word in SQL and for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OneTimePassword => "one_time_password",
        }
    }

    pub(crate) fn from_stored(word: &str) -> Self {
        if word == "one_time_password" {
            Self::OneTimePassword
        } else {
            Self::Password
        }
    }
}

impl EndCause {
    /// The word in SQL and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
            Self::PasswordChanged => "password_changed",
            Self::Administrator => "administrator",
            Self::UserDisabled => "user_disabled",
            Self::UserDeleted => "user_deleted",
            Self::Limit => "limit",
            Self::Idle => "idle",
            Self::TooOld => "too_old",
            Self::LoginChanged => "login_changed",
            Self::TokenReused => "token_reused",
            Self::Restart => "restart",
            Self::DatabaseCopied => "database_copied",
        }
    }

    pub(crate) fn from_stored(word: &str) -> Self {
        match word {
            "logged_out" => Self::LoggedOut,
            "replaced" => Self::Replaced,
            "revoked" => Self::Revoked,
            "password_changed" => Self::PasswordChanged,
            "user_disabled" => Self::UserDisabled,
            "limit" => Self::Limit,
            "login_changed" => Self::LoginChanged,
            "idle" => Self::Idle,
            "too_old" => Self::TooOld,
            "token_reused" => Self::TokenReused,
            "restart" => Self::Restart,
            "database_copied" => Self::DatabaseCopied,
            _ => Self::Administrator,
        }
    }
}
