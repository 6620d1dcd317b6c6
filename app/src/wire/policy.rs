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
    /// People would lose sessions, and the person has not agreed.
    NeedsAgreement(PolicyForecast),
}

/// What a policy would do to the people who are logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyForecast {
    /// Number of sessions that would end at once.
    pub sessions: u32,
    /// Number of their users.
    pub users: u32,
    /// Number of further sessions that would end within an hour, also if they are in use.
    pub soon: u32,
    /// Number of the caller's sessions among them.
    pub own: u32,
    /// Number of users who are logged in on more devices than the policy permits.
    pub users_above: u32,
}

impl PolicyForecast {
    /// Whether the policy would do nothing to anyone at first.
    pub fn is_harmless(&self) -> bool {
        self.agreed_number() == 0
    }

    /// What a person agrees to: the fields of the form, and the numbers.
    pub fn agreement(&self, policy: [&str; 4]) -> String {
        [&policy.join(";"), ";", &self.agreed_number().to_string()].concat()
    }

    /// Whether the words of [`Self::agreement`] are about this policy, and about no fewer people.
    pub fn is_agreed(&self, policy: [&str; 4], agreed: &str) -> bool {
        let agreed = agreed.rsplit_once(';');
        let agreed = agreed.filter(|(fields, _)| *fields == policy.join(";"));
        let number: Option<u32> = agreed.and_then(|(_, number)| number.parse().ok());
        number.is_some_and(|number| self.agreed_number() <= number)
    }

    fn agreed_number(&self) -> u32 {
        let Self {
            sessions,
            soon,
            users_above,
            ..
        } = self;
        sessions.saturating_add(*soon).saturating_add(*users_above)
    }
}
