//! Sessions. A session is opened once and ends once, with a cause.

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

/// A session's public id. The id is no secret and gives no access.
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
    /// The factor by which the person proved their identity.
    pub authenticated_by: AuthenticatedBy,
    /// Log-in time.
    pub created_at: OffsetDateTime,
    /// Last activity, exact to the touch interval (a minute at most).
    pub last_active_at: OffsetDateTime,
    /// The moment at which the session ends without further activity, and the rule that ends it.
    pub expiry: Expiry,
    /// The moment at which the session ends regardless of activity; `None`: never.
    pub absolute_expires_at: Option<OffsetDateTime>,
    /// Whether the person said at log-in that other people use this computer, too. Such a session ends sooner, and its
    /// cookie lasts until the browser is closed.
    pub is_on_shared_computer: bool,
    /// The moment at which the person last confirmed their identity.
    pub confirmed_at: OffsetDateTime,
    /// The address of the last activity.
    pub address: Option<IpAddr>,
    /// The browser or program that logged in.
    pub agent: Agent,
    /// The IANA name of the browser's time zone, as the browser last reported it.
    pub time_zone: Option<String>,
}

/// A live session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedSession {
    /// The session.
    pub session: Session,
    /// The name that the person gave the device.
    pub device_name: Option<DeviceName>,
    /// Up to ten other addresses that the session was used from, the latest first.
    pub other_addresses: Vec<IpAddr>,
    /// Whether the account has known the device for less than [`DEVICE_IS_NEW_FOR`]. The account's first device is not
    /// new.
    pub is_device_new: bool,
}

/// The time for which a device counts as new to an account. A person who returns from a week's holiday still sees which
/// device came meanwhile.
pub const DEVICE_IS_NEW_FOR: time::Duration = time::Duration::days(7);

/// The session that ended another one, as its owner recognizes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedBy {
    /// The browser or program.
    pub agent: Agent,
    /// The name that the person gave the device.
    pub device_name: Option<DeviceName>,
}

/// An ended session, with only the facts that its own browser may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedSession {
    /// The cause of the end.
    pub cause: EndCause,
    /// The moment of the end.
    pub at: OffsetDateTime,
    /// The agent of the session that ended this one, if a session did. The device's name is left out, because the
    /// browser may be in the hands of the thief against whom the owner revoked the session.
    pub by: Option<Agent>,
    /// The ended session's IANA time zone.
    pub time_zone: Option<String>,
}

/// An ended session, as its owner sees it.
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
    /// The name that the person gave the device.
    pub device_name: Option<DeviceName>,
    /// The moment of the end.
    pub ended_at: OffsetDateTime,
    /// The cause of the end.
    pub cause: EndCause,
    /// The session that ended this one, if a session did.
    pub by: Option<EndedBy>,
}

/// The result of looking up a token.
#[derive(Clone)]
pub enum Resumed {
    /// A live session.
    Live(Arc<Caller>),
    /// A live session that waits for a step of its log-in.
    Pending(Arc<Pending>),
    /// An ended session.
    Ended(EndedSession),
    /// No session of this database is known to have had the token.
    Unknown,
}

/// The origin of a request: a person's action, or an open page by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// A person's action. It extends the session's idle timeout.
    Person,
    /// A page that keeps itself up to date. It does not extend the idle timeout, because an open tab must not keep its
    /// session alive.
    Background,
}

/// The factor by which a person proved their identity.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum AuthenticatedBy {
    /// The password.
    Password,
    /// A one-time password.
    OneTimePassword,
}

/// The cause of a session's end.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum EndCause {
    /// The person logged out.
    LoggedOut,
    /// The person logged in again with the same browser.
    Replaced,
    /// The person revoked the session under Devices.
    Revoked,
    /// The person changed the password.
    PasswordChanged,
    /// The login was changed.
    LoginChanged,
    /// An administrator ended the session, or set another password.
    Administrator,
    /// The user was disabled.
    UserDisabled,
    /// The user was deleted together with the session. PostgreSQL never stores this cause.
    UserDeleted,
    /// The user had as many sessions as a user may have, or as a module allows.
    Limit,
    /// The session had no activity for the idle timeout.
    Idle,
    /// The session reached the absolute timeout.
    TooOld,
    /// A request brought a token that had been replaced long ago. Two clients have the token.
    TokenReused,
    /// The server was restarted, and its configuration says that a restart ends sessions.
    Restart,
    /// The database is a restored or copied one. Its sessions belong to the original.
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
        self.into()
    }
}

impl EndCause {
    /// The word in SQL and logs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
