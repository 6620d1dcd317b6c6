//! The record rules of the database, for people with a right to groups.

use latchkey_words::{Resource, Scope, Verb};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, group::RuleList},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ListRules>(Audience::Right(Verb::Read, Resource::GROUPS)),
    Function::of::<AddRule>(Audience::Right(Verb::Write, Resource::GROUPS)).with_form(
        routes::RULES,
        &["name", "resource", "group", "verbs[]", "scope"],
    ),
    Function::of::<DeleteRule>(Audience::Right(Verb::Write, Resource::GROUPS))
        .with_form(routes::RULES, &["name"]),
];

/// All record rules, by name.
#[server(endpoint = "list_rules", input = GetUrl)]
pub async fn list_rules() -> Result<RuleList, ApiError> {
    crate::request::Visitor::current()?.rules().await
}

/// Adds a record rule. `group` is the id of the group whose users the rule is for, or empty for all users.
#[server(endpoint = "add_rule")]
pub async fn add_rule(
    name: String,
    resource: String,
    group: String,
    #[server(default)] verbs: Vec<Verb>,
    scope: Scope,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    let rule = crate::request::TypedRule {
        name,
        resource,
        group,
        verbs,
        scope,
    };
    crate::request::Visitor::current()?
        .add_rule::<AddRule>(&rule, confirming_password)
        .await
}

/// Deletes the record rule of a name.
#[server(endpoint = "delete_rule")]
pub async fn delete_rule(
    name: String,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .delete_rule::<DeleteRule>(&name, confirming_password)
        .await
}
