//! The policies of the database, for people with a right to settings.

use latchkey_words::{PolicySetting, Resource, Verb};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, policy::PolicyList},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ListPolicies>(Audience::Right(Verb::Read, Resource::SETTINGS)),
    Function::of::<SetPolicy>(Audience::Right(Verb::Write, Resource::SETTINGS))
        .with_form(routes::POLICIES, &["setting", "whom", "number", "unit"]),
    Function::of::<ClearPolicy>(Audience::Right(Verb::Write, Resource::SETTINGS))
        .with_form(routes::POLICIES, &["setting", "whom"]),
];

/// Each setting with its policies.
#[server(endpoint = "list_policies", input = GetUrl)]
pub async fn list_policies() -> Result<PolicyList, ApiError> {
    crate::request::Visitor::current()?.policies().await
}

/// Sets a policy. `whom` is `company:` or `group:` with an id, or empty for all users. `unit` is `minutes`, `hours` or `days`; a
/// number has none. A policy by which people would lose sessions is refused at first; the same fields with `agreed` from
/// the page set it.
#[server(endpoint = "set_policy")]
pub async fn set_policy(
    setting: PolicySetting,
    whom: String,
    number: String,
    unit: String,
    #[server(default)] agreed: String,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    let policy = crate::request::TypedPolicy {
        setting,
        whom,
        number,
        unit,
        agreed,
    };
    crate::request::Visitor::current()?
        .set_policy::<SetPolicy>(&policy, confirming_password)
        .await
}

/// Deletes a policy that still has this value. `whom` is written as for [`set_policy`].
#[server(endpoint = "clear_policy")]
pub async fn clear_policy(
    setting: PolicySetting,
    whom: String,
    value: u32,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .clear_policy::<ClearPolicy>((setting, value), &whom, confirming_password)
        .await
}
