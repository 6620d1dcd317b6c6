//! What modules are told of.

use std::fmt::Debug;

use latchkey_words::{CompanyId, EndCause, SessionId};
use time::OffsetDateTime;
use uuid::Uuid;

use super::Denial;
use crate::{client::Client, database::DatabaseName, device::DeviceName, user::User};

/// A kind of events.
pub trait Event: Clone + Debug + Send + Sync + 'static {
    /// The word for the kind, as in the audit log.
    const NAME: &'static str;

    /// The event, if it is of this kind.
    fn of(any: &AnyEvent) -> Option<&Self>;
}

/// An event, with what all events have.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Told<E = AnyEvent> {
    /// The id of the event (UUID v7). All modules see the same id.
    pub id: Uuid,
    /// The moment at which the core told the modules.
    pub at: OffsetDateTime,
    /// The database.
    pub database: DatabaseName,
    /// The event.
    pub event: E,
}

impl Told {
    /// An event, also for tests of modules.
    pub fn new(id: Uuid, at: OffsetDateTime, database: DatabaseName, event: AnyEvent) -> Self {
        Self {
            id,
            at,
            database,
            event,
        }
    }

    /// The event with its kind, if it is of this kind.
    pub fn of<E: Event>(&self) -> Option<Told<E>> {
        Some(Told {
            id: self.id,
            at: self.at,
            database: self.database.clone(),
            event: E::of(&self.event)?.clone(),
        })
    }
}

/// Makes a type of each kind part of [`AnyEvent`].
macro_rules! kinds {
    ($($kind:ident $name:literal)*) => {
        /// An event of any kind. More kinds may come.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum AnyEvent {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`].")]
                $kind($kind),
            )*
        }

        impl AnyEvent {
            /// The word for the kind, as in the audit log.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $kind::NAME,)*
                }
            }
        }

        $(
            impl From<$kind> for AnyEvent {
                fn from(event: $kind) -> Self {
                    Self::$kind(event)
                }
            }

            impl Event for $kind {
                const NAME: &'static str = $name;

                fn of(any: &AnyEvent) -> Option<&Self> {
                    match any {
                        AnyEvent::$kind(event) => Some(event),
                        _ => None,
                    }
                }
            }
        )*
    };
}

kinds! {
    LogInSucceeded "log_in_succeeded"
    LogInFailed "log_in_failed"
    SessionEnded "session_ended"
    DeviceNamed "device_named"
    DeviceAcknowledged "device_acknowledged"
    LogInCodeMade "log_in_code_made"
    LogInCodeUsed "log_in_code_used"
    WrongCurrentPassword "wrong_current_password"
    CompanyRefused "company_refused"
    CompaniesChanged "companies_changed"
    PasswordChanged "password_changed"
}

/// A user logged in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogInSucceeded {
    /// The user.
    pub user: User,
    /// The new session.
    pub session: SessionId,
    /// The client.
    pub client: Client,
}

/// A log-in failed. Modules are told of one throttled attempt a minute for each login and network.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogInFailed {
    /// The login as typed, cut to 254 characters.
    pub login: String,
    /// The reason. Never show it to the person.
    pub failure: LogInFailure,
    /// The client.
    pub client: Client,
}

/// A session ended. Modules are told of an expired session when it is swept. If all sessions of a database end,
/// modules are told batch by batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionEnded {
    /// The user.
    pub user: User,
    /// The session.
    pub session: SessionId,
    /// The cause.
    pub cause: EndCause,
}

/// A user named one of their devices, or removed its name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceNamed {
    /// The user.
    pub user: User,
    /// The session on the device.
    pub session: SessionId,
    /// The session in which the user named the device.
    pub by: SessionId,
    /// The new name; `None` if the name was removed.
    pub name: Option<DeviceName>,
}

/// A user said of a new device that the user logged in there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeviceAcknowledged {
    /// The user.
    pub user: User,
    /// The session on the device.
    pub session: SessionId,
    /// The session in which the user acknowledged the device.
    pub by: SessionId,
}

/// A log-in code was made for a user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogInCodeMade {
    /// The user that the code is for.
    pub user: User,
    /// The session in which the user, or an administrator, made the code; `None` if a command made it.
    pub by: Option<SessionId>,
    /// The client of this session; empty if a command made the code.
    pub client: Client,
}

/// A user logged in with a log-in code. Modules also get a [`LogInSucceeded`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LogInCodeUsed {
    /// The user.
    pub user: User,
    /// The new session.
    pub session: SessionId,
    /// The client.
    pub client: Client,
}

/// A logged-in person gave a wrong current password. Modules are not told of throttled guesses.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WrongCurrentPassword {
    /// The user.
    pub user: User,
    /// The session of the guess.
    pub session: SessionId,
    /// The client.
    pub client: Client,
}

/// A request named a company that its user may not work for. Modules are told of one in a minute.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompanyRefused {
    /// The user.
    pub user: User,
    /// The session of the request.
    pub session: SessionId,
    /// The client.
    pub client: Client,
}

/// An administrator changed the companies that a user may work for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CompaniesChanged {
    /// The user.
    pub user: User,
    /// The companies, the default one first.
    pub companies: Vec<CompanyId>,
}

/// A user's password was changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PasswordChanged {
    /// The user.
    pub user: User,
}

/// The reason why a log-in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogInFailure {
    /// No user has this login.
    UnknownLogin,
    /// The password is wrong.
    WrongPassword,
    /// The user is disabled.
    Disabled,
    /// Too many attempts had failed before. The password was not checked, or the result of the check was discarded.
    Throttled,
    /// A module refused.
    Denied(Denial),
    /// A module that decides failed, was too slow or panicked.
    ModuleFailed {
        /// The name of the module.
        module: &'static str,
    },
    /// The user has the largest number of live sessions, and the settings refuse more.
    TooManySessions,
}

impl LogInFailure {
    /// The failure as a word, as in the audit log.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::UnknownLogin => "unknown_login",
            Self::WrongPassword => "wrong_password",
            Self::Disabled => "disabled",
            Self::Throttled => "throttled",
            Self::Denied(_) | Self::ModuleFailed { .. } => "denied",
            Self::TooManySessions => "too_many_sessions",
        }
    }

    /// The module that has refused the log-in, and its code; the code of a module that could not decide is `module_failed`.
    pub fn refused_by(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Denied(denial) => Some((denial.module, denial.code)),
            Self::ModuleFailed { module } => Some((module, "module_failed")),
            _ => None,
        }
    }
}

impl LogInFailed {
    /// A failed log-in. The login is cut.
    pub fn new(login: &str, failure: LogInFailure, client: Client) -> Self {
        let login = login.chars().take(254).collect();
        Self {
            login,
            failure,
            client,
        }
    }
}

impl SessionEnded {
    /// The end of a session.
    pub fn new(user: &User, session: SessionId, cause: EndCause) -> Self {
        Self {
            user: user.clone(),
            session,
            cause,
        }
    }
}
