//! Policies: what a database, a company or a group makes stricter than the configuration file does.

use latchkey_words::{CompanyId, PolicySetting};

use super::GroupId;

/// The users whom a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyLevel {
    /// All users of the database.
    Database,
    /// The users who may work for the company.
    Company(CompanyId),
    /// The users who are in the group, also because another group implies it.
    Group(GroupId),
}

/// A policy. Of several policies for a user about the same setting, the one with the strictest value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The users whom the policy is for.
    pub level: PolicyLevel,
    /// What the policy is about.
    pub setting: PolicySetting,
    /// The value: seconds, a number of sessions or characters, or 1 for a switch. At least 1.
    pub value: u32,
}
