//! Attempts to log in. Attempts are recorded, in a flood once a minute, and failures delay further attempts.

mod code;
mod guess;
mod names;
mod recognized;
mod service;
mod settings;
pub(crate) mod store;
mod throttle;

use std::net::IpAddr;

use latchkey_words::{AuthenticatedBy, SessionId, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

pub use code::{LOG_IN_CODE_IS_GOOD_FOR, LogInCode, LogInCodeHash, TypedCode};
pub(crate) use guess::{Guess, Target, Tried};
pub use latchkey_words::Outcome;
pub(crate) use names::AllNames;
use recognized::Recognized;
pub use service::{Attempts, Swept};
pub use settings::LogInSettings;
pub(crate) use throttle::retry_after_seconds;
pub use throttle::{MOST_CONSECUTIVE_FAILURES, Schedule};

use crate::{client::Agent, module::LogInFailure};

/// A recorded attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedAttempt {
    /// The attempt's id.
    pub id: Uuid,
    /// The moment of the decision.
    pub at: OffsetDateTime,
    /// The login as typed, cut to 254 characters.
    pub login: String,
    /// The user with this login, if there was one.
    pub user: Option<UserId>,
    /// The outcome.
    pub outcome: Outcome,
    /// The factor that the person proved or tried to prove.
    pub factor: AuthenticatedBy,
    /// The client's address, if it is known.
    pub address: Option<IpAddr>,
    /// The browser or program.
    pub agent: Agent,
    /// The session that the attempt opened.
    pub session: Option<SessionId>,
}

/// Failed attempts to log in to an account, or to confirm its password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// The number of attempts.
    pub count: u32,
    /// The moment of the last attempt.
    pub last_at: OffsetDateTime,
}

/// A selection of attempts, for an administrator.
#[derive(Clone, Debug)]
pub struct AttemptFilter {
    /// The login, in any case; `None` for all attempts.
    pub login: Option<String>,
    /// The largest number of attempts to return; the newest are returned.
    pub limit: u32,
}

impl From<&LogInFailure> for Outcome {
    fn from(failure: &LogInFailure) -> Self {
        match failure {
            LogInFailure::UnknownLogin => Self::UnknownLogin,
            LogInFailure::WrongPassword => Self::WrongPassword,
            LogInFailure::Disabled => Self::Disabled,
            LogInFailure::Denied(_)
            | LogInFailure::ModuleFailed { .. }
            | LogInFailure::TooManySessions => Self::Denied,
            LogInFailure::Throttled => Self::Throttled,
        }
    }
}
