//! The policies of the database, for pages.

use std::collections::{HashMap, HashSet};

use latchkey_core::{
    access::{Policy, PolicyLevel, PolicySetting, Resource, Verb},
    company::CompanyId,
    session::Caller,
};
use server_fn::ServerFn;

use super::{
    Visitor,
    group::{Titles, titles},
};
use crate::wire::{
    ApiError,
    policy::{
        ListedPolicy, PolicyForecast, PolicyList, PolicyProblem, PolicyUsers, SettingPolicies,
    },
    user::GroupTitle,
};

/// A policy as a person has typed it.
pub(crate) struct TypedPolicy {
    pub setting: PolicySetting,
    /// `company:` or `group:` with an id, or empty.
    pub whom: String,
    pub number: String,
    pub unit: String,
    /// What the person has agreed to, as [`PolicyForecast::agreement`] writes it.
    pub agreed: String,
}

impl TypedPolicy {
    fn value(&self) -> Result<u32, PolicyProblem> {
        if self.setting.is_switch() {
            return Ok(1);
        }
        let number: Option<u32> = self.number.trim().parse().ok();
        let number = number.filter(|number| *number > 0);
        let number = number.ok_or(PolicyProblem::NoNumber)?;
        let factor = match (self.setting.is_time(), &*self.unit) {
            (true, "minutes") => 60,
            (true, "hours") => 3_600,
            (true, "days") => 86_400,
            // A number has no unit, and the form sends one.
            (false, _) => 1,
            (true, _) => return Err(PolicyProblem::NeedsTime),
        };
        Ok(number.saturating_mul(factor))
    }

    /// Whether the person has agreed to what just this policy does.
    fn is_agreed(&self, forecast: &PolicyForecast) -> bool {
        let policy = [self.setting.as_str(), &self.whom, &self.number, &self.unit];
        forecast.is_agreed(policy, &self.agreed)
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
        // The record rules of companies do not hold here: only people who set policies need all names.
        let may_write = !self.lacks(Verb::Write, Resource::SETTINGS);
        let in_use = companies
            .into_iter()
            .filter(|record| may_write && record.archived_at.is_none());
        let in_use = in_use.map(|record| (record.company.id, record.company.name));
        let mut policies = self.core.policies.list(&caller.database).await?;
        policies.sort_by_key(|policy| policy.setting.laxity(policy.value));
        let settings = PolicySetting::ALL.iter().map(|setting| {
            let about = policies.iter().filter(|policy| policy.setting == *setting);
            let listed = about.filter_map(|policy| listed(policy, &names, &titles));
            SettingPolicies {
                setting: *setting,
                configured: self.core.policies.configured(*setting),
                policies: listed.collect(),
            }
        });
        let groups = groups.iter().filter(|_| may_write);
        let groups =
            groups.filter_map(|group| Some((group.id, titles.get(&group.id)?.clone().into())));
        Ok(PolicyList {
            settings: settings.collect(),
            companies: in_use.collect(),
            groups: groups.collect(),
        })
    }

    /// The names of what the caller's policies are for.
    pub(super) async fn policy_users(
        &self,
        caller: &Caller,
        levels: impl Iterator<Item = PolicyLevel>,
    ) -> Result<HashMap<PolicyLevel, PolicyUsers>, ApiError> {
        let levels: HashSet<_> = levels.collect();
        let of_company = levels
            .iter()
            .any(|level| matches!(level, PolicyLevel::Company(_)));
        let companies = if of_company {
            self.core.companies.list_own(caller).await?
        } else {
            Vec::new()
        };
        let companies = companies.into_iter();
        let companies = companies
            .map(|company| (company.id, company.name))
            .collect();
        let groups = self.core.groups.own_titles(caller).await;
        let named = levels.into_iter();
        let named = named.filter_map(|level| Some((level, users(level, &companies, &groups)?)));
        Ok(named.collect())
    }

    /// Sets a policy. If people would lose sessions, the person has to agree first.
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
        let own = Some(caller.user.id);
        let seen = policies.try_out(&caller.database, policy, own).await?;
        let forecast = PolicyForecast {
            sessions: seen.at_once.sessions,
            users: seen.at_once.users,
            soon: seen.soon,
            own: seen.own,
            users_above: seen.users_above,
            refuses_log_in: policies.refuse_log_in(),
        };
        if !forecast.is_harmless() && !typed.is_agreed(&forecast) {
            let problem = PolicyProblem::NeedsAgreement(forecast);
            return Err(ApiError::Policy(problem));
        }
        let impact = policies.set_as(confirmed, policy).await?;
        self.form_done::<S>(impact.sessions);
        Ok(())
    }

    /// Deletes a policy, as the page showed it.
    pub(crate) async fn clear_policy<S: ServerFn>(
        &self,
        shown: (PolicySetting, u32),
        whom: &str,
        password: String,
    ) -> Result<(), ApiError> {
        self.caller_with(Verb::Write, Resource::SETTINGS)?;
        let (setting, value) = shown;
        let policy = Policy {
            level: level(whom)?,
            setting,
            value,
        };
        let confirmed = self.confirmed(Some(password)).await?;
        self.core.policies.clear_as(confirmed, policy).await?;
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
    Some(ListedPolicy {
        whom: users(policy.level, companies, groups)?,
        value: policy.value,
    })
}

/// The users of a level, with the name; `None` without a name.
fn users(
    level: PolicyLevel,
    companies: &HashMap<CompanyId, String>,
    groups: &Titles,
) -> Option<PolicyUsers> {
    Some(match level {
        PolicyLevel::Database => PolicyUsers::All,
        PolicyLevel::Company(id) => PolicyUsers::OfCompany(id, companies.get(&id)?.clone()),
        PolicyLevel::Group(id) => {
            PolicyUsers::OfGroup(id, GroupTitle::from(groups.get(&id)?.clone()))
        }
    })
}
