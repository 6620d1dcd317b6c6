//! Attempts to log in: recorded, a flood of them once a minute, and whoever guesses has to wait.

mod code;
mod confirmation;
mod device;
mod guess;
mod names;
mod network;
mod recognized;
mod service;
pub(crate) mod store;
mod throttle;

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

pub use code::{LOG_IN_CODE_IS_GOOD_FOR, LogInCode, LogInCodeHash, TypedCode};
pub use confirmation::Throttled;
use device::KnownDevice;
pub(crate) use device::LoggedInDevice;
pub use device::{DeviceToken, DeviceTokenHash, DeviceTokens, IssuedDeviceToken, RememberDevice};
pub(crate) use guess::{Guess, Place, Tried};
pub(crate) use names::AllNames;
pub(crate) use network::Network;
use recognized::Recognized;
pub use service::{AttemptFilter, Swept};
pub(crate) use throttle::retry_after_seconds;
pub use throttle::{MOST_CONSECUTIVE_FAILURES, Schedule};

use crate::{
    client::Agent,
    module::LogInFailure,
    session::{AuthenticatedBy, SessionId},
    user::UserId,
};

/// An attempt as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedAttempt {
    /// Its own id.
    pub id: Uuid,
    /// When it was decided.
    pub at: OffsetDateTime,
    /// What was typed as login, cut to 254 characters.
    pub login: String,
    /// Whose login that is, if it is somebody's.
    pub user: Option<UserId>,
    /// What came of it.
    pub outcome: Outcome,
    /// What was proven, or was to be.
    pub factor: AuthenticatedBy,
    /// From where.
    pub address: Option<IpAddr>,
    /// With what.
    pub agent: Agent,
    /// The session that it opened.
    pub session: Option<SessionId>,
}

/// What came of an attempt to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A session.
    Succeeded,
    /// Nobody has this login.
    UnknownLogin,
    /// The password is another.
    WrongPassword,
    /// The user is disabled.
    Disabled,
    /// A module refused.
    Denied,
    /// Too many had failed before: login and password were not looked at.
    Throttled,
}

impl Outcome {
    /// The word in SQL and for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::UnknownLogin => "unknown_login",
            Self::WrongPassword => "wrong_password",
            Self::Disabled => "disabled",
            Self::Denied => "denied",
            Self::Throttled => "throttled",
        }
    }

    pub(crate) fn from_stored(word: &str) -> Self {
        match word {
            "succeeded" => Self::Succeeded,
            "unknown_login" => Self::UnknownLogin,
            "disabled" => Self::Disabled,
            "denied" => Self::Denied,
            "throttled" => Self::Throttled,
            _ => Self::WrongPassword,
        }
    }
}

impl From<&LogInFailure> for Outcome {
    fn from(failure: &LogInFailure) -> Self {
        match failure {
            LogInFailure::UnknownLogin => Self::UnknownLogin,
            LogInFailure::WrongPassword => Self::WrongPassword,
            LogInFailure::Disabled => Self::Disabled,
            LogInFailure::Denied(_) => Self::Denied,
            LogInFailure::Throttled => Self::Throttled,
        }
    }
}
