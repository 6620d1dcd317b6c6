//! What observers are told of.

use latchkey_words::{CompanyId, EndCause, SessionId};

use super::Denial;
use crate::{
    client::Client,
    database::{Database, DatabaseName},
    device::DeviceName,
    user::User,
};

/// An event that observers are told of.
#[derive(Clone, Debug)]
pub enum Event {
    /// A user logged in.
    LogInSucceeded {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The new session.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// A log-in failed. Of throttled attempts on a login or from a network, modules are told of one each minute.
    LogInFailed {
        /// The database.
        database: DatabaseName,
        /// The login as typed, cut to 254 characters.
        login: String,
        /// The reason. Never show it to the person.
        failure: LogInFailure,
        /// The client.
        client: Client,
    },
    /// A session ended. Modules are told of an expired session when it is swept. If all sessions of a database end,
    /// modules are told batch by batch.
    SessionEnded {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session.
        session: SessionId,
        /// The cause.
        cause: EndCause,
    },
    /// A user named one of their devices, or removed its name.
    DeviceNamed {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session on the device.
        session: SessionId,
        /// The session in which the user named the device.
        by: SessionId,
        /// The new name; `None` if the name was removed.
        name: Option<DeviceName>,
    },
    /// A user said of a new device that the user logged in there.
    DeviceAcknowledged {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session on the device.
        session: SessionId,
        /// The session in which the user acknowledged the device.
        by: SessionId,
    },
    /// A log-in code was made for a user.
    LogInCodeMade {
        /// The database.
        database: DatabaseName,
        /// The user that the code is for.
        user: User,
        /// The session in which the user, or an administrator, made the code; `None` if a command made it.
        by: Option<SessionId>,
        /// The client of this session; empty if a command made the code.
        client: Client,
    },
    /// A user logged in with a log-in code. Modules also get a `LogInSucceeded`.
    LogInCodeUsed {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The new session.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// A logged-in person gave a wrong current password. Modules are not told of throttled guesses.
    WrongCurrentPassword {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session of the guess.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// A request named a company that its user may not work for. Modules are told of one in a minute.
    CompanyRefused {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The session of the request.
        session: SessionId,
        /// The client.
        client: Client,
    },
    /// An administrator changed the companies that a user may work for.
    CompaniesChanged {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
        /// The companies, the default one first.
        companies: Vec<CompanyId>,
    },
    /// A user's password was changed.
    PasswordChanged {
        /// The database.
        database: DatabaseName,
        /// The user.
        user: User,
    },
}

/// The reason why a log-in failed.
#[derive(Clone, Debug, PartialEq, Eq)]
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

impl Event {
    pub(crate) fn log_in_failed(
        database: &Database,
        login: &str,
        client: Client,
        failure: LogInFailure,
    ) -> Self {
        let login = login.chars().take(254).collect();
        Self::LogInFailed {
            database: database.name().clone(),
            login,
            failure,
            client,
        }
    }

    pub(crate) fn session_ended(
        database: &Database,
        user: &User,
        session: SessionId,
        cause: EndCause,
    ) -> Self {
        Self::SessionEnded {
            database: database.name().clone(),
            user: user.clone(),
            session,
            cause,
        }
    }

    pub(crate) fn password_changed(database: &Database, user: &User) -> Self {
        Self::PasswordChanged {
            database: database.name().clone(),
            user: user.clone(),
        }
    }
}
