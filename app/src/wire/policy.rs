//! Policies, as people with the right to read settings see them.

use latchkey_words::{CompanyId, GroupId, PolicySetting};
use serde::{Deserialize, Serialize};

use super::user::GroupTitle;

/// The policies of the database, and what the form for a new one offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyList {
    /// Each setting with its policies, in the order of lists.
    pub settings: Vec<SettingPolicies>,
    /// The companies in use, whose users a policy can be for.
    pub companies: Vec<(CompanyId, String)>,
    /// The groups whose users a policy can be for.
    pub groups: Vec<(GroupId, GroupTitle)>,
}

/// A setting with its policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingPolicies {
    /// The setting.
    pub setting: PolicySetting,
    /// The value of the configuration file, in seconds or as a number; `None`: no limit.
    pub configured: Option<u32>,
    /// The policies, the smallest value first.
    pub policies: Vec<ListedPolicy>,
}

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedPolicy {
    /// The users whom the policy is for.
    pub whom: PolicyUsers,
    /// The value, in seconds or as a number.
    pub value: u32,
}

/// The users whom a policy is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyUsers {
    /// All users of the database.
    All,
    /// The users who may work for a company, with its name.
    OfCompany(CompanyId, String),
    /// The users of a group.
    OfGroup(GroupId, GroupTitle),
}

/// The reason why a policy is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyProblem {
    /// The value is no whole number, or zero.
    NoNumber,
    /// The setting is a time, and the unit is none.
    NeedsTime,
    /// The setting is a number of devices, and the unit is a time.
    NeedsDevices,
    /// The value is smaller than the minimum.
    TooSmall {
        /// The setting.
        setting: PolicySetting,
        /// The minimum, in seconds or as a number.
        least: u32,
    },
    /// The value is not smaller than that of the configuration file.
    NotStricter {
        /// The setting.
        setting: PolicySetting,
        /// The value of the configuration file, in seconds or as a number.
        configured: u32,
    },
    /// The policy would end sessions, and the person has not agreed.
    WouldEnd {
        /// Number of sessions.
        sessions: u32,
        /// Number of their users.
        users: u32,
    },
}

impl PolicyProblem {
    /// What a person agrees to: the fields of the form, and the number of sessions that would end.
    pub fn agreement(policy: [&str; 4], sessions: &str) -> String {
        [&policy.join(";"), ";", sessions].concat()
    }
}
