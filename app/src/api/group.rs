//! The groups of the database, for people with a right to groups.

use latchkey_words::{GroupId, Resource, Verb};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{
        ApiError,
        group::{GroupDetails, ListedGroup},
    },
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ListGroups>(Audience::Right(Verb::Read, Resource::GROUPS)),
    Function::of::<ShowGroup>(Audience::Right(Verb::Read, Resource::GROUPS)),
    Function::of::<AddGroup>(Audience::Right(Verb::Create, Resource::GROUPS))
        .with_form(routes::ADD_GROUP, &["title", "name", "about"]),
    Function::of::<SetGroupRights>(Audience::Right(Verb::Write, Resource::GROUPS))
        .with_form_about_one(
            routes::GROUPS,
            routes::GROUP,
            &["id", "rights[]", "shown[]"],
        ),
    Function::of::<SetImpliedGroups>(Audience::Right(Verb::Write, Resource::GROUPS))
        .with_form_about_one(
            routes::GROUPS,
            routes::GROUP,
            &["id", "groups[]", "shown[]"],
        ),
    Function::of::<DescribeGroup>(Audience::Right(Verb::Write, Resource::GROUPS))
        .with_form_about_one(routes::GROUPS, routes::GROUP, &["id", "title", "about"]),
    Function::of::<DeleteGroup>(Audience::Right(Verb::Delete, Resource::GROUPS))
        .with_form_about_one(routes::GROUPS, routes::GROUP, &["id", "name"]),
];

/// All groups, the built-in ones first.
#[server(endpoint = "list_groups", input = GetUrl)]
pub async fn list_groups() -> Result<Vec<ListedGroup>, ApiError> {
    crate::request::Visitor::current()?.groups().await
}

/// The group with an id, whatever its text, and what the caller may do.
#[server(endpoint = "show_group", input = GetUrl)]
pub async fn show_group(id: String) -> Result<GroupDetails, ApiError> {
    crate::request::Visitor::current()?.group(&id).await
}

/// Adds a group that implies nothing and may do nothing.
#[server(endpoint = "add_group")]
pub async fn add_group(
    title: String,
    name: String,
    about: String,
    #[server(default)] confirming_password: String,
) -> Result<GroupId, ApiError> {
    crate::request::Visitor::current()?
        .add_group(&title, &name, &about, confirming_password)
        .await
}

/// Gives a group `rights` instead of those that were `shown`. Other rights of the group stay. Each right is a resource and a verb with a colon between them, such as `users:read`.
#[server(endpoint = "set_group_rights")]
pub async fn set_group_rights(
    id: GroupId,
    #[server(default)] shown: Vec<String>,
    #[server(default)] rights: Vec<String>,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .set_group_rights::<SetGroupRights>(id, &shown, &rights, confirming_password)
        .await
}

/// Makes a group imply `groups` instead of those that were `shown`. Other groups that the group implies stay.
#[server(endpoint = "set_implied_groups")]
pub async fn set_implied_groups(
    id: GroupId,
    #[server(default)] shown: Vec<GroupId>,
    #[server(default)] groups: Vec<GroupId>,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .set_implied_groups::<SetImpliedGroups>(id, &shown, &groups, confirming_password)
        .await
}

/// Gives a group another name for people, and another text of what the group is for.
#[server(endpoint = "describe_group")]
pub async fn describe_group(
    id: GroupId,
    title: String,
    about: String,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .describe_group::<DescribeGroup>(id, &title, &about, confirming_password)
        .await
}

/// Deletes a group. `name` is the group's technical name, typed to confirm.
#[server(endpoint = "delete_group")]
pub async fn delete_group(
    id: GroupId,
    name: String,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .delete_group::<DeleteGroup>(id, &name, confirming_password)
        .await
}
