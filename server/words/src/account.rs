//! Words for the events of an account.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// The outcome of an attempt to log in.
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
pub enum Outcome {
    /// The attempt opened a session.
    Succeeded,
    /// No user has this login.
    UnknownLogin,
    /// The password is wrong.
    WrongPassword,
    /// The user is disabled.
    Disabled,
    /// A module refused.
    Denied,
    /// Too many attempts had failed before. The password was not checked, or the result of the check was discarded.
    Throttled,
}

impl Outcome {
    /// The word in SQL and for programs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The origin of words that a guesser tries first, because they belong to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OwnWord {
    /// The person's login.
    Login,
    /// The person's name.
    Name,
    /// The name of the database.
    Database,
    /// The name of the product.
    Product,
}

/// The acting party.
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
pub enum ChangedBy {
    /// The person.
    Person,
    /// An administrator, on the server.
    Administrator,
}

impl ChangedBy {
    /// The word in SQL and for programs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
