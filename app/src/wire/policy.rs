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
    /// The policies, the strictest first.
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
    /// The value is larger than the maximum.
    TooLarge {
        /// The setting.
        setting: PolicySetting,
        /// The maximum, as a number.
        most: u32,
    },
    /// The value is not stricter than that of the configuration file.
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether the next log-in of these users is refused. Otherwise the devices unused for longest are logged out.
    pub refuses_log_in: bool,
}

impl PolicyForecast {
    /// Whether the policy would take nothing from anyone at first.
    pub fn is_harmless(&self) -> bool {
        self.numbers() == [0; 5]
    }

    /// What a person agrees to: the fields of the form, and the numbers.
    pub fn agreement(&self, policy: [&str; 4]) -> String {
        let numbers = self.numbers().map(|number| number.to_string());
        [&policy.join(";"), ";", &numbers.join(",")].concat()
    }

    /// Whether the words of [`Self::agreement`] are about this policy, and none of the numbers in them has become larger.
    pub fn is_agreed(&self, policy: [&str; 4], agreed: &str) -> bool {
        let Some((fields, numbers)) = agreed.rsplit_once(';') else {
            return false;
        };
        let numbers: Result<Vec<u32>, _> = numbers.split(',').map(str::parse).collect();
        let now = self.numbers();
        fields == policy.join(";")
            && numbers.is_ok_and(|agreed| {
                agreed.len() == now.len()
                    && now.iter().zip(agreed).all(|(now, agreed)| *now <= agreed)
            })
    }

    /// What ends at once, of how many users, what ends at once or soon, how much of that is the caller's, and the users above a limit.
    fn numbers(&self) -> [u32; 5] {
        let Self {
            sessions,
            users,
            soon,
            own,
            users_above,
            refuses_log_in: _,
        } = *self;
        let at_most_soon = sessions.saturating_add(soon);
        [sessions, users, at_most_soon, own, users_above]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_agrees_to_one_policy_and_to_no_larger_number() {
        let forecast = PolicyForecast {
            sessions: 2,
            users: 1,
            soon: 3,
            own: 1,
            users_above: 0,
            refuses_log_in: false,
        };
        let policy = ["idle_timeout", "", "30", "minutes"];
        let agreed = forecast.agreement(policy);
        assert_eq!(agreed, "idle_timeout;;30;minutes;2,1,5,1,0");
        assert!(forecast.is_agreed(policy, &agreed));
        // Sessions that would have ended soon have ended by themselves.
        let fewer = PolicyForecast {
            soon: 1,
            ..forecast
        };
        assert!(fewer.is_agreed(policy, &agreed));
        let worse = [
            PolicyForecast {
                sessions: 3,
                soon: 0,
                ..forecast
            },
            PolicyForecast {
                soon: 4,
                ..forecast
            },
            PolicyForecast {
                users: 2,
                ..forecast
            },
            PolicyForecast { own: 2, ..forecast },
            PolicyForecast {
                users_above: 1,
                ..forecast
            },
        ];
        for worse in worse {
            assert!(!worse.is_agreed(policy, &agreed), "{worse:?}");
        }
        for other in [
            "",
            "true",
            "idle_timeout;;30;minutes;9",
            "idle_timeout;;3;minutes;9,9,9,9,9",
        ] {
            assert!(!forecast.is_agreed(policy, other), "{other}");
        }
        let other = ["idle_timeout", "", "30", "hours"];
        assert!(!forecast.is_agreed(other, &agreed));
        assert!(PolicyForecast::default().is_harmless());
    }
}
