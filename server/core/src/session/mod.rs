//! Sessions. A session is opened once and ends once, with a cause.

mod acknowledge;
mod apply_settings;
mod bearer;
mod confirmation;
mod context;
mod debug_mode;
mod device_name;
mod lifetime;
mod limit;
mod lists;
mod new_token;
mod revoke;
pub(crate) mod rotation;
mod service;
mod settings;
pub(crate) mod store;
mod token;

use std::{net::IpAddr, sync::Arc};

use time::OffsetDateTime;

pub use crate::device::EndedBy;
pub use acknowledge::AcknowledgeError;
pub(crate) use apply_settings::{ApplySettings, end_copied, tell};
pub use bearer::{Bearer, Caller, Pending};
pub use confirmation::{Confirmation, ConfirmationRequired, Confirmed};
pub use context::{Context, MOST_CONTEXT_BYTES, SaveContextError};
pub use debug_mode::SetDebugModeError;
pub use device_name::NameDeviceError;
pub use latchkey_words::{
    AuthenticatedBy, Computer, DebugMode, EndCause, ExpiryRule, SessionId, Step,
};
pub use lifetime::Expiry;
pub use lists::SessionOverview;
pub(crate) use lists::list_and_count;
pub(crate) use revoke::forget_other_signs;
pub use revoke::{EndSessionError, RevokeError};
pub use service::Sessions;
pub(crate) use service::UserAccess;
pub use settings::{AtMostOfUser, CookieLifetime, SessionSettings};
pub use token::{SessionToken, TokenHash};

use crate::{client::Agent, device::DeviceName, user::Preferences};

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
    /// The computer, as the person said at log-in.
    pub computer: Computer,
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
    /// new, and neither is a device that the person has acknowledged.
    pub is_device_new: bool,
    /// The first log-in with the device, if the account knows the device.
    pub device_known_since: Option<OffsetDateTime>,
    /// Whether the caller may say of the new device that the person logged in there. A caller whose own device is new may
    /// not: two devices of a thief would say it of each other.
    pub can_be_acknowledged: bool,
}

/// The time for which a device counts as new to an account. A person who returns from a week's holiday still sees which
/// device came meanwhile.
pub const DEVICE_IS_NEW_FOR: time::Duration = time::Duration::days(7);

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
    /// The timeout of the ended session, as [`Session::timeout`] has it.
    pub timeout: time::Duration,
    /// The ended session's IANA time zone.
    pub time_zone: Option<String>,
    /// What the session's user prefers.
    pub preferences: Preferences,
    /// The largest number of live sessions that the user may have.
    pub most_of_user: usize,
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

impl Resumed {
    /// The bearer of a live session, whether or not the log-in is finished.
    pub fn bearer(&self) -> Option<&Bearer> {
        match self {
            Self::Live(caller) => Some(caller),
            Self::Pending(pending) => Some(pending),
            Self::Ended(_) | Self::Unknown => None,
        }
    }
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
