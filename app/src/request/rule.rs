//! The record rules of the database, for pages.

use latchkey_core::{
    DisplayedName,
    access::{GroupId, Resource, Scope, Verb},
    account::NewRule,
};
use server_fn::ServerFn;

use super::{Visitor, group::titles};
use crate::wire::{
    ApiError,
    group::{ListedRule, RuleList, RuleProblem},
    user::GroupTitle,
};

/// A record rule as a person has typed it.
pub(crate) struct TypedRule {
    pub name: String,
    pub resource: String,
    /// The id of a group, or empty.
    pub group: String,
    pub verbs: Vec<Verb>,
    pub scope: Scope,
}

impl Visitor {
    /// All record rules, and the groups for a new one.
    pub(crate) async fn rules(&self) -> Result<RuleList, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::GROUPS)?;
        let groups = self.core.groups.list(&caller.database).await?;
        let titles = titles(&groups);
        let title = |id: &GroupId| titles.get(id).cloned().map(GroupTitle::from);
        let rules = self.core.groups.list_rules(&caller.database).await?;
        let rules = rules.into_iter().map(|rule| ListedRule {
            name: rule.name,
            resource: rule.resource,
            group: rule.group.as_ref().and_then(title),
            verbs: rule.verbs.iter().collect(),
            scope: rule.scope,
        });
        let groups = groups.iter();
        let groups = groups.filter_map(|group| Some((group.id, title(&group.id)?)));
        Ok(RuleList {
            rules: rules.collect(),
            groups: groups.collect(),
        })
    }

    /// Adds a record rule.
    pub(crate) async fn add_rule<S: ServerFn>(
        &self,
        typed: &TypedRule,
        password: String,
    ) -> Result<(), ApiError> {
        self.caller_with(Verb::Write, Resource::GROUPS)?;
        let name: DisplayedName = typed.name.parse()?;
        let resource = Resource::from_name(&typed.resource).ok_or(ApiError::Malformed)?;
        let group = match &*typed.group {
            "" => None,
            id => Some(id.parse().map_err(|_no_id| ApiError::Malformed)?),
        };
        if typed.verbs.is_empty() {
            return Err(ApiError::Rule(RuleProblem::NoVerb));
        }
        let new = NewRule {
            name,
            resource,
            group,
            verbs: typed.verbs.iter().copied().collect(),
            scope: typed.scope,
        };
        let confirmed = self.confirmed(Some(password)).await?;
        self.core.groups.add_rule_as(confirmed, new).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Deletes the record rule of a name.
    pub(crate) async fn delete_rule<S: ServerFn>(
        &self,
        name: &str,
        password: String,
    ) -> Result<(), ApiError> {
        self.caller_with(Verb::Write, Resource::GROUPS)?;
        let confirmed = self.confirmed(Some(password)).await?;
        self.core.groups.delete_rule_as(confirmed, name).await?;
        self.form_done::<S>(0);
        Ok(())
    }
}
