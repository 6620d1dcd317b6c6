//! The one error on the wire.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// Why the server did not do what it was asked to, as the person in front of it may know it.
///
/// It travels as JSON to a hydrated page, and in a cookie after a form posted without JavaScript.
/// Nothing in it is secret. What really happened is in the server's log, under the `reference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApiError {
    /// There is no session, or it has ended. 401.
    SignedOut,
    /// The one-time password has to be replaced before anything else. 403.
    NewPasswordRequired,
    /// The request did not come from our own pages. 403.
    CrossSite,
    /// Login and password do not match: unknown, wrong and disabled are one answer. 401.
    WrongCredentials,
    /// Too many passwords were wrong: of this login, from this address, or asked again. 429.
    TooManyAttempts {
        /// After how many seconds to try again.
        retry_after_seconds: u32,
    },
    /// A module refused the log-in, and says why. 403.
    LogInDenied {
        /// What the module wants the person to read.
        message: String,
    },
    /// No such database for this host: unknown, foreign and broken are one answer. 404.
    UnknownDatabase,
    /// The password has to be confirmed before this is done. 403.
    ConfirmationRequired,
    /// The current password, asked again, is not right. 422.
    WrongPassword,
    /// The new password cannot be accepted. 422.
    NewPassword(PasswordProblem),
    /// The name of a device has too many characters. 422.
    DeviceNameTooLong {
        /// The maximum, in characters.
        maximum: u32,
    },
    /// Not there, or not yours. 404.
    NotFound,
    /// The request could not be read. 400.
    Malformed,
    /// Too many log-ins at once. 503.
    Busy {
        /// After how many seconds to try again.
        retry_after_seconds: u32,
    },
    /// The database server cannot be reached just now. 503.
    Unavailable,
    /// Our fault. 500.
    Internal {
        /// The log has the cause under this reference.
        reference: String,
    },
    /// The browser did not reach the server. Never on the wire.
    Unreachable,
    /// The browser has kept no cookie. Never on the wire.
    NoCookie,
    /// Something between browser and server answered instead. Never on the wire.
    ForeignAnswer,
}

/// Why a new password is refused (OWASP ASVS 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasswordProblem {
    /// Fewer characters than the configured minimum.
    TooShort {
        /// The minimum, in characters.
        minimum: u32,
    },
    /// More bytes than are hashed.
    TooLong {
        /// The maximum, in bytes.
        maximum: u32,
    },
    /// Among the first that an attacker tries, or made of the login or the database's name.
    TooCommon,
    /// The same as the one it replaces.
    Unchanged,
    /// The two fields differ.
    NotRepeated,
}

/// What cannot be read: for the server the request, for the browser the answer.
#[cfg(feature = "ssr")]
const UNREADABLE: ApiError = ApiError::Malformed;
#[cfg(not(feature = "ssr"))]
const UNREADABLE: ApiError = ApiError::ForeignAnswer;

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Malformed,
            ServerFnErrorErr::Deserialization(_) => UNREADABLE,
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => Self::Unreachable,
            other => Self::unexpected(&other),
        }
    }
}

#[cfg(not(feature = "ssr"))]
impl ApiError {
    fn unexpected(_: &ServerFnErrorErr) -> Self {
        Self::Unreachable
    }
}
