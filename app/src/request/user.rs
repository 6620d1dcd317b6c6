//! The users of the database, for pages.

use latchkey_core::{
    DisplayedName,
    access::{self, Resource, Verb},
    user::Login,
};
use server_fn::ServerFn;

use super::Visitor;
use crate::{
    posted::Outcome,
    wire::{
        ApiError,
        user::{GroupTitle, ListedUser, UserList},
    },
};

impl Visitor {
    /// A page of the users that the caller may see.
    pub(crate) async fn users(
        &self,
        search: &str,
        after: Option<&str>,
    ) -> Result<UserList, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::USERS)?;
        let page = self.core.users.page(caller, search.trim(), after).await?;
        let users = page.users.into_iter().map(|seen| {
            let groups = seen.groups.iter();
            let companies = seen.companies.iter();
            ListedUser {
                is_own: seen.user.id == caller.user.id,
                name: seen.user.name,
                login: seen.user.login,
                is_disabled: seen.disabled_at.is_some(),
                groups: groups
                    .filter_map(|group| page.groups.get(group).cloned())
                    .map(GroupTitle::from)
                    .collect(),
                companies: companies
                    .filter_map(|company| page.companies.get(company).cloned())
                    .collect(),
                created_at: self.moment(seen.created_at),
            }
        });
        Ok(UserList {
            users: users.collect(),
            next: page.next,
        })
    }
}

impl Visitor {
    /// Adds a user. A user without a name is called by the login. The page of a form posted without JavaScript shows the one-time
    /// password.
    pub(crate) async fn add_user<S: ServerFn>(
        &self,
        login: &str,
        name: &str,
        password: String,
    ) -> Result<String, ApiError> {
        self.caller_with(Verb::Create, Resource::USERS)?;
        let login = Login::new(login)?;
        let name = match name.trim() {
            "" => login.as_str().to_owned(),
            name => name.parse::<DisplayedName>()?.as_str().to_owned(),
        };
        let confirmed = self.confirmed(Some(password)).await?;
        let one_time = self.core.users.add(confirmed, login, name).await?;
        let code = one_time.expose().to_owned();
        self.tell_form::<S>(Outcome::MadeCode { code: code.clone() });
        Ok(code)
    }
}

impl From<access::GroupTitle> for GroupTitle {
    fn from(group: access::GroupTitle) -> Self {
        Self {
            name: group.name,
            title: group.title,
        }
    }
}
