//! The users of the database, for people with a right to users.

use latchkey_words::{Resource, Verb};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, user::UserList},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ListUsers>(Audience::Right(Verb::Read, Resource::USERS)),
    Function::of::<AddUser>(Audience::Right(Verb::Create, Resource::USERS))
        .with_form(routes::ADD_USER, &["login", "name"]),
];

/// The users that the caller may see, by login. `search` is a part of the login or the name; `after` is the cursor of a page.
#[server(endpoint = "list_users", input = GetUrl)]
pub async fn list_users(
    search: Option<String>,
    after: Option<String>,
) -> Result<UserList, ApiError> {
    crate::request::Visitor::current()?
        .users(search.as_deref().unwrap_or_default(), after.as_deref())
        .await
}

/// Adds a user, and returns the one-time password. The caller's password may be empty while the identity is confirmed.
#[server(endpoint = "add_user")]
pub async fn add_user(
    login: String,
    name: String,
    confirming_password: String,
) -> Result<String, ApiError> {
    crate::request::Visitor::current()?
        .add_user::<AddUser>(&login, &name, confirming_password)
        .await
}
