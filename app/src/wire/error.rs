//! The only error type on the wire.

use latchkey_words::OwnWord;
use leptos::server_fn::{
    Bytes,
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    company::CompanyProblem,
    group::{GroupProblem, RuleProblem},
    policy::PolicyProblem,
    profile::{NameProblem, PreferenceField},
    user::{LoginProblem, UserProblem},
};
use crate::browser::Answer;

/// The wait that failed log-ins cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wait {
    /// The form has to wait so many seconds.
    Now(u32),
    /// One more failure causes a wait of so many seconds.
    AfterNextFailure(u32),
}

/// The reason why the server refused a request, as far as the person may know it.
///
/// The error travels as JSON to a hydrated page, and in a cookie after a form posted without JavaScript. It
/// holds no secret. The server's log has the cause under the `reference`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApiError {
    /// There is no session, or it has ended. 401.
    LoggedOut,
    /// The one-time password must be replaced before any other action. 403.
    NewPasswordRequired,
    /// The request did not come from Latchkey's own pages. 403.
    CrossSite,
    /// The page was rendered for another user or for another database than the browser is logged in with. 409.
    AnotherOwner,
    /// Login and password do not match. Unknown, wrong and disabled have the same answer. 401.
    WrongCredentials {
        /// `None` if neither this failure nor one more causes a wait.
        wait: Option<Wait>,
    },
    /// The same, where the person has chosen the database, too. Never on the wire: the log-in page says it.
    WrongCredentialsOrDatabase,
    /// Too many passwords were wrong: for this login, from this address, or at a confirmation. 429.
    TooManyAttempts {
        /// Seconds after which to try again.
        retry_after_seconds: u32,
        /// Whether the person has typed a log-in code, which was not accepted.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_code_refused: bool,
    },
    /// A module refused the log-in, with its reason. 403.
    LogInDenied {
        /// The module's message to the person.
        message: String,
    },
    /// A module that decides about log-ins has failed. 503.
    LogInUndecided,
    /// The person is logged in on as many devices as the settings permit. 403.
    TooManyDevices {
        /// The largest number of devices.
        maximum: u32,
    },
    /// This host has no such database. Unknown, foreign and broken have the same answer. 404.
    UnknownDatabase,
    /// The password must be confirmed first. 403.
    ConfirmationRequired,
    /// The current password, asked again, is wrong. 422.
    WrongPassword,
    /// The new password cannot be accepted. 422.
    NewPassword(PasswordProblem),
    /// The name of a device has too many characters. 422.
    DeviceNameTooLong {
        /// The maximum, in characters.
        maximum: u32,
    },
    /// The displayed name cannot be accepted. 422.
    Name(NameProblem),
    /// The login of a new user cannot be accepted. 422.
    Login(LoginProblem),
    /// The user is not changed or deleted. 422.
    User(UserProblem),
    /// The group is not made, changed or deleted. 422.
    Group(GroupProblem),
    /// The record rule is not added or deleted. 422.
    Rule(RuleProblem),
    /// The policy is not set. 422.
    Policy(PolicyProblem),
    /// The value of a preference is unknown. 422.
    UnknownPreference(PreferenceField),
    /// The companies are not chosen, made or changed. 403 or 422.
    Company(CompanyProblem),
    /// The person lacks the right. 403.
    NoAccess,
    /// The object does not exist, or belongs to another user. 404.
    NotFound,
    /// The request could not be read. 400.
    Malformed,
    /// Too many log-ins at once. 503.
    Busy {
        /// Seconds after which to try again.
        retry_after_seconds: u32,
    },
    /// PostgreSQL cannot be reached at the moment. 503.
    Unavailable,
    /// The server failed. 500.
    Internal {
        /// The reference of the cause in the log.
        reference: String,
    },
    /// The browser did not reach the server. Never on the wire.
    Unreachable,
    /// The browser kept no cookie. Never on the wire.
    NoCookie,
    /// An intermediary between browser and server answered. Never on the wire.
    ForeignAnswer,
}

/// The reason why a new password is refused (OWASP ASVS 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PasswordProblem {
    /// Fewer characters than the configured minimum.
    TooShort {
        /// The minimum, in characters.
        minimum: u32,
    },
    /// More bytes than the maximum.
    TooLong {
        /// The maximum, in bytes.
        maximum: u32,
    },
    /// Among the first that an attacker would try.
    TooCommon,
    /// Contains words of the account, and the rest is easy to guess.
    ContainsOwn(OwnWord),
    /// The same as the current password.
    Unchanged,
    /// The two fields differ.
    NotRepeated,
}

/// The error for unreadable input: the request on the server, the answer in the browser.
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

    fn de(sent: Bytes) -> Self {
        let text = str::from_utf8(&sent).ok();
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or(UNREADABLE)
    }
}

impl ApiError {
    /// What a server function answered, or its error; `None` stands for no answer.
    pub fn read<T: DeserializeOwned>(answer: Option<Answer>) -> Result<T, Self> {
        let Answer { is_ok, text } = answer.ok_or(Self::Unreachable)?;
        if is_ok {
            serde_json::from_str(&text).or(Err(Self::ForeignAnswer))
        } else {
            Err(serde_json::from_str(&text).unwrap_or(Self::ForeignAnswer))
        }
    }
}

#[cfg(not(feature = "ssr"))]
impl ApiError {
    fn unexpected(_: &ServerFnErrorErr) -> Self {
        Self::Unreachable
    }
}
