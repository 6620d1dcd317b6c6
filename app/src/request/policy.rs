//! The policies of the database, for pages.

use std::collections::HashMap;

use latchkey_core::{
    access::{Policy, PolicyLevel, PolicySetting, Resource, Verb},
    company::CompanyId,
};
use server_fn::ServerFn;

use super::{
    Visitor,
    group::{Titles, titles},
};
use crate::wire::{
    ApiError,
    policy::{ListedPolicy, PolicyList, PolicyProblem, PolicyUsers, SettingPolicies},
    user::GroupTitle,
};

/// A policy as a person has typed it.
pub(crate) struct TypedPolicy {
    pub setting: PolicySetting,
    /// `company:` or `group:` with an id, or empty.
    pub whom: String,
    pub number: String,
    pub unit: String,
    pub is_agreed: bool,
}

impl TypedPolicy {
    fn value(&self) -> Result<u32, PolicyProblem> {
        let number: Option<u32> = self.number.trim().parse().ok();
        let number = number.filter(|number| *number > 0);
        let number = number.ok_or(PolicyProblem::NoNumber)?;
        let factor = match (self.setting.is_time(), &*self.unit) {
            (true, "minutes") => 60,
            (true, "hours") => 3_600,
            (true, "days") => 86_400,
            (false, "devices") => 1,
            _ => return Err(PolicyProblem::UnfitUnit),
        };
        Ok(number.saturating_mul(factor))
    }
}

impl Visitor {
    /// Each setting with its policies, and what a new policy can be for.
    pub(crate) async fn policies(&self) -> Result<PolicyList, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::SETTINGS)?;
        let groups = self.core.groups.list(&caller.database).await?;
        let titles = titles(&groups);
        let companies = self.core.companies.list(&caller.database).await?;
        let names: HashMap<_, _> = companies
            .iter()
            .map(|record| (record.company.id, record.company.name.clone()))
            .collect();
        let in_use = companies
            .into_iter()
            .filter(|record| record.archived_at.is_none());
        let in_use = in_use.map(|record| (record.company.id, record.company.name));
        let mut policies = self.core.policies.list(&caller.database).await?;
        policies.sort_by_key(|policy| policy.value);
        let settings = PolicySetting::ALL.iter().map(|setting| {
            let about = policies.iter().filter(|policy| policy.setting == *setting);
            let listed = about.filter_map(|policy| listed(policy, &names, &titles));
            SettingPolicies {
                setting: *setting,
                configured: self.core.policies.configured(*setting),
                policies: listed.collect(),
            }
        });
        let groups = groups.iter();
        let groups =
            groups.filter_map(|group| Some((group.id, titles.get(&group.id)?.clone().into())));
        Ok(PolicyList {
            settings: settings.collect(),
            companies: in_use.collect(),
            groups: groups.collect(),
        })
    }

    /// Sets a policy. If it would end sessions, the person has to agree first.
    pub(crate) async fn set_policy<S: ServerFn>(
        &self,
        typed: &TypedPolicy,
        password: String,
    ) -> Result<(), ApiError> {
        let caller = self.caller_with(Verb::Write, Resource::SETTINGS)?;
        let policy = Policy {
            level: level(&typed.whom)?,
            setting: typed.setting,
            value: typed.value().map_err(ApiError::Policy)?,
        };
        let confirmed = self.confirmed(Some(password)).await?;
        let policies = &self.core.policies;
        let impact = policies.try_out(&caller.database, policy).await?;
        if impact.sessions > 0 && !typed.is_agreed {
            return Err(ApiError::Policy(PolicyProblem::WouldEnd {
                sessions: impact.sessions,
                users: impact.users,
            }));
        }
        let impact = policies.set_as(confirmed, policy).await?;
        self.form_done::<S>(impact.sessions);
        Ok(())
    }

    /// Deletes a policy.
    pub(crate) async fn clear_policy<S: ServerFn>(
        &self,
        setting: PolicySetting,
        whom: &str,
        password: String,
    ) -> Result<(), ApiError> {
        self.caller_with(Verb::Write, Resource::SETTINGS)?;
        let level = level(whom)?;
        let confirmed = self.confirmed(Some(password)).await?;
        self.core
            .policies
            .clear_as(confirmed, level, setting)
            .await?;
        self.form_done::<S>(0);
        Ok(())
    }
}

/// The users whom a form means.
fn level(whom: &str) -> Result<PolicyLevel, ApiError> {
    let level = match whom.split_once(':') {
        None if whom.is_empty() => Some(PolicyLevel::Database),
        Some(("company", id)) => id.parse().ok().map(PolicyLevel::Company),
        Some(("group", id)) => id.parse().ok().map(PolicyLevel::Group),
        _ => None,
    };
    level.ok_or(ApiError::Malformed)
}

/// A policy with the name of what it is for; `None` if that was deleted while the page was made.
fn listed(
    policy: &Policy,
    companies: &HashMap<CompanyId, String>,
    groups: &Titles,
) -> Option<ListedPolicy> {
    let whom = match policy.level {
        PolicyLevel::Database => PolicyUsers::All,
        PolicyLevel::Company(id) => PolicyUsers::OfCompany(id, companies.get(&id)?.clone()),
        PolicyLevel::Group(id) => {
            PolicyUsers::OfGroup(id, GroupTitle::from(groups.get(&id)?.clone()))
        }
    };
    Some(ListedPolicy {
        whom,
        value: policy.value,
    })
}
