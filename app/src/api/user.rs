//! The users of the database, for people with a right to users.

use latchkey_words::{CompanyId, GroupId, Resource, UserId, Verb};
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{
        ApiError,
        user::{UserAct, UserActed, UserDetails, UserList},
    },
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] =
    &[
        Function::of::<ListUsers>(Audience::Right(Verb::Read, Resource::USERS)),
        Function::of::<ShowUser>(Audience::Right(Verb::Read, Resource::USERS)),
        Function::of::<AddUser>(Audience::Right(Verb::Create, Resource::USERS))
            .with_form(routes::ADD_USER, &["login", "name"]),
        Function::of::<SetUserGroups>(Audience::Right(Verb::Write, Resource::USERS))
            .with_form_about_one(routes::USERS, routes::USER, &["id", "groups[]", "shown[]"]),
        Function::of::<SetUserCompanies>(Audience::Right(Verb::Write, Resource::USERS))
            .with_form_about_one(
                routes::USERS,
                routes::USER,
                &["id", "companies[]", "shown[]"],
            ),
        Function::of::<RenameUser>(Audience::Right(Verb::Write, Resource::USERS))
            .with_form_about_one(routes::USERS, routes::USER, &["id", "name", "login"]),
        Function::of::<ActOnUser>(Audience::Right(Verb::Write, Resource::USERS))
            .with_form_about_one(routes::USERS, routes::USER, &["id", "act"]),
        Function::of::<DeleteUser>(Audience::Right(Verb::Delete, Resource::USERS))
            .with_form_about_one(routes::USERS, routes::USER, &["id", "login"]),
    ];

/// The users that the caller may see, by login. `search` is a part of the login or the name. With `group` only the users in the group
/// with this id. `after` is the cursor of a page.
#[server(endpoint = "list_users", input = GetUrl)]
pub async fn list_users(
    search: Option<String>,
    group: Option<String>,
    after: Option<String>,
) -> Result<UserList, ApiError> {
    let search = search.unwrap_or_default();
    crate::request::Visitor::current()?
        .users(&search, group.as_deref(), after.as_deref())
        .await
}

/// The user with an id, whatever its text, and what the caller may do.
#[server(endpoint = "show_user", input = GetUrl)]
pub async fn show_user(id: String) -> Result<UserDetails, ApiError> {
    crate::request::Visitor::current()?.user(&id).await
}

/// Adds a user, and returns the one-time password. The caller's password may be empty while the identity is confirmed.
#[server(endpoint = "add_user")]
pub async fn add_user(
    login: String,
    name: String,
    #[server(default)] confirming_password: String,
) -> Result<String, ApiError> {
    crate::request::Visitor::current()?
        .add_user::<AddUser>(&login, &name, confirming_password)
        .await
}

/// Puts a user into `groups` instead of those that were `shown`. Other groups of the user stay.
#[server(endpoint = "set_user_groups")]
pub async fn set_user_groups(
    id: UserId,
    #[server(default)] shown: Vec<GroupId>,
    #[server(default)] groups: Vec<GroupId>,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .set_user_groups::<SetUserGroups>(id, &shown, &groups, confirming_password)
        .await
}

/// Lets a user work for `companies` instead of those that were `shown`. Other companies of the user stay.
#[server(endpoint = "set_user_companies")]
pub async fn set_user_companies(
    id: UserId,
    #[server(default)] shown: Vec<CompanyId>,
    #[server(default)] companies: Vec<CompanyId>,
    #[server(default)] confirming_password: String,
) -> Result<(), ApiError> {
    crate::request::Visitor::current()?
        .set_user_companies::<SetUserCompanies>(id, &shown, &companies, confirming_password)
        .await
}

/// Gives a user another name and login. Returns the number of sessions that ended, which another login ends.
#[server(endpoint = "rename_user")]
pub async fn rename_user(
    id: UserId,
    name: String,
    login: String,
    #[server(default)] confirming_password: String,
) -> Result<u32, ApiError> {
    crate::request::Visitor::current()?
        .rename_user::<RenameUser>(id, &name, &login, confirming_password)
        .await
}

/// Logs a user out, gives a one-time password, disables or enables.
#[server(endpoint = "act_on_user")]
pub async fn act_on_user(
    id: UserId,
    act: UserAct,
    #[server(default)] confirming_password: String,
) -> Result<UserActed, ApiError> {
    crate::request::Visitor::current()?
        .act_on_user::<ActOnUser>(id, act, confirming_password)
        .await
}

/// Deletes a user with all sessions and the activity. `login` is the user's login, typed to confirm. Returns the number of sessions
/// that ended.
#[server(endpoint = "delete_user")]
pub async fn delete_user(
    id: UserId,
    login: String,
    #[server(default)] confirming_password: String,
) -> Result<u32, ApiError> {
    crate::request::Visitor::current()?
        .delete_user::<DeleteUser>(id, &login, confirming_password)
        .await
}
