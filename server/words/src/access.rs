//! Words for what a group may do, and with what.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The technical name of the group that administers a database.
pub const ADMINISTRATOR: &str = "administrator";
/// The technical name of the group of those who work with a database.
pub const USER: &str = "user";
/// The technical name of the group of guests from outside.
pub const PORTAL: &str = "portal";

/// What is done with the rows of a resource.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Verb {
    /// Reads a row.
    Read,
    /// Changes a row.
    Write,
    /// Makes a new row.
    Create,
    /// Deletes a row.
    Delete,
}

impl Verb {
    /// All verbs, in the order of lists.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word in commands and on the wire.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The rows that a record rule is for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// The rows of the user.
    Own,
    /// The rows of the companies that the session works for.
    ActiveCompanies,
    /// The rows of the companies that the user may work for.
    AllowedCompanies,
    /// All rows.
    All,
}

impl Scope {
    /// All scopes, the narrowest first.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The word in commands and in the database.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A set of verbs. On the wire a list: `["read","write"]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Verb>", into = "Vec<Verb>")]
pub struct Verbs(u8);

impl Verbs {
    /// The set with one more verb.
    #[must_use]
    pub const fn with(self, verb: Verb) -> Self {
        Self(self.0 | (1 << verb as u8))
    }

    /// The verbs of both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the set has a verb.
    pub const fn has(self, verb: Verb) -> bool {
        self.0 & (1 << verb as u8) != 0
    }

    /// The verbs of the set.
    pub fn iter(self) -> impl Iterator<Item = Verb> {
        Verb::ALL
            .iter()
            .copied()
            .filter(move |verb| self.has(*verb))
    }
}

impl From<Vec<Verb>> for Verbs {
    fn from(verbs: Vec<Verb>) -> Self {
        verbs.into_iter().collect()
    }
}

impl From<Verbs> for Vec<Verb> {
    fn from(verbs: Verbs) -> Self {
        verbs.iter().collect()
    }
}

impl FromIterator<Verb> for Verbs {
    fn from_iter<I: IntoIterator<Item = Verb>>(verbs: I) -> Self {
        verbs.into_iter().fold(Self::default(), Self::with)
    }
}

/// A kind of rows that groups have rights on, by its name in the table of rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resource(&'static str);

impl Resource {
    /// The users of the database.
    pub const USERS: Self = Self("users");
    /// The companies of the database.
    pub const COMPANIES: Self = Self("companies");
    /// Groups and their rights.
    pub const GROUPS: Self = Self("groups");
    /// The settings of the database.
    pub const SETTINGS: Self = Self("settings");
    /// The sessions of other users.
    pub const SESSIONS: Self = Self("sessions");
    /// The attempts to log in.
    pub const LOG_IN_ATTEMPTS: Self = Self("log_in_attempts");
    /// The audit log.
    pub const AUDIT: Self = Self("audit");
    /// Debug mode, which shows how the server makes the pages of the person.
    pub const DEBUG_MODE: Self = Self("debug_mode");

    /// The resources of the product itself.
    pub const ALL: [Self; 8] = [
        Self::USERS,
        Self::COMPANIES,
        Self::GROUPS,
        Self::SETTINGS,
        Self::SESSIONS,
        Self::LOG_IN_ATTEMPTS,
        Self::AUDIT,
        Self::DEBUG_MODE,
    ];

    /// The name in the table of rights.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// What users may do with the rows. Attempts and the audit log are only read, and debug mode only shows.
    pub fn verbs(self) -> &'static [Verb] {
        match self {
            Self::LOG_IN_ATTEMPTS | Self::AUDIT | Self::DEBUG_MODE => &[Verb::Read],
            _ => Verb::ALL,
        }
    }

    /// The resource of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|resource| resource.0 == name)
    }
}
