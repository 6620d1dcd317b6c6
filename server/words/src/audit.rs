//! Words for what the audit log records.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

/// What an entry of the audit log is about.
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
    VariantArray,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditSubject {
    /// A user.
    User,
    /// A company.
    Company,
    /// A group of users.
    Group,
    /// A record rule.
    Rule,
    /// A policy.
    Policy,
}

impl AuditSubject {
    /// All subjects, in the order of lists.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The word in commands, in addresses and in the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What was done to the subject of an entry of the audit log.
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditAction {
    /// The subject was created.
    Created,
    /// The subject was changed.
    Changed,
    /// The subject was deleted.
    Deleted,
    /// An administrator has set the user's password.
    PasswordSet,
    /// An administrator has made a log-in code for the user.
    LogInCodeMade,
    /// An administrator has ended sessions of the user.
    LoggedOut,
}

impl AuditAction {
    /// The word in commands and in the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
