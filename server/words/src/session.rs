//! Words for sessions.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// The largest number of ended sessions in a list. More would not help a person to recognize a session.
pub const MOST_ENDED: u32 = 20;

/// The largest number of live sessions in a list: the caller's own session and the hundred others that were used last.
pub const MOST_LISTED: u32 = 101;

/// The factor by which a person proved their identity.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum AuthenticatedBy {
    /// The password.
    Password,
    /// A one-time password.
    OneTimePassword,
}

impl AuthenticatedBy {
    /// The word in SQL and for programs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A step of the log-in that comes after the session is opened. Until the person has taken the step, the session
/// reaches nothing else.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    /// The person replaces the one-time password.
    NewPassword,
}

impl Step {
    /// The word in SQL.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What the pages of a session show in addition. The words are those of the address: `?debug=1`, `?debug=assets`, `?debug=0`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
)]
pub enum DebugMode {
    /// Nothing.
    #[default]
    #[serde(rename = "0")]
    #[strum(serialize = "0")]
    Off,
    /// Technical names, the session, and the SQL statements of the page.
    #[serde(rename = "1")]
    #[strum(serialize = "1")]
    On,
    /// In addition, the files of the page. Scripts in the page keep their comments.
    #[serde(rename = "assets")]
    #[strum(serialize = "assets")]
    Assets,
}

impl DebugMode {
    /// Whether the pages show anything in addition.
    pub fn is_on(self) -> bool {
        self != Self::Off
    }

    /// The word in the session's context and in addresses.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The two ways to expire (OWASP ASVS 7.3.1, 7.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExpiryRule {
    /// No activity for the idle timeout. Activity postpones the end.
    Idle,
    /// The session has reached the absolute timeout. Activity does not postpone the end.
    Absolute,
}

/// The cause of a session's end.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantNames,
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

impl EndCause {
    /// The word in SQL and logs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl From<ExpiryRule> for EndCause {
    fn from(rule: ExpiryRule) -> Self {
        match rule {
            ExpiryRule::Idle => Self::Idle,
            ExpiryRule::Absolute => Self::TooOld,
        }
    }
}
