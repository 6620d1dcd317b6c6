//! The users of the database, for pages.

use std::collections::HashMap;

use latchkey_core::{
    DisplayedName,
    access::{self, GroupId, Resource, Verb},
    account::UserFilter,
    company::CompanyId,
    session::{Caller, Confirmed},
    user::{Login, UserId, VisibleUser},
};
use server_fn::ServerFn;

use super::Visitor;
use crate::{
    posted::Outcome,
    routes,
    wire::{
        ApiError,
        user::{
            CompanyOfUser, GroupChoice, GroupTitle, ListedUser, UserAct, UserActed, UserDetails,
            UserList,
        },
    },
};

impl Visitor {
    /// A page of the users that the caller may see. An id of no group is `NotFound`.
    pub(crate) async fn users(
        &self,
        search: &str,
        group: Option<&str>,
        after: Option<&str>,
    ) -> Result<UserList, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::USERS)?;
        let group: Option<GroupId> = group
            .map(str::parse)
            .transpose()
            .map_err(|_no_id| ApiError::NotFound)?;
        let title = match group {
            Some(group) => {
                let known = self.core.groups.list(&caller.database).await?;
                let known = known.iter().find(|known| known.id == group);
                Some(access::GroupTitle::from(known.ok_or(ApiError::NotFound)?).into())
            }
            None => None,
        };
        let search = search.trim();
        let filter = UserFilter { search, group };
        let page = self.core.users.page(caller, filter, after).await?;
        let users = page.users.into_iter();
        let users = users.map(|seen| self.listed(caller, seen, &page.groups, &page.companies));
        Ok(UserList {
            users: users.collect(),
            next: page.next,
            group: title,
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
        let added = login.as_str().to_owned();
        let one_time = self.core.users.add(confirmed, login, name).await?;
        let code = one_time.expose().to_owned();
        self.tell_form::<S>(Outcome::MadeCode {
            code: code.clone(),
            login: Some(added),
        });
        Ok(code)
    }
}

impl Visitor {
    /// A user, as the caller sees the user.
    pub(crate) async fn user(&self, id: &str) -> Result<UserDetails, ApiError> {
        let caller = self.caller_with(Verb::Read, Resource::USERS)?;
        let id: UserId = id.parse().map_err(|_no_id| ApiError::NotFound)?;
        let shown = self.core.users.show(caller, id).await?;
        let titles: HashMap<_, _> = shown
            .groups
            .iter()
            .map(|group| (group.id, access::GroupTitle::from(group)))
            .collect();
        let groups = shown.groups.iter().map(|group| GroupChoice {
            id: group.id,
            title: access::GroupTitle::from(group).into(),
            about: group.about.clone(),
            implies: {
                let implied = group.implies.iter();
                let implied = implied.filter_map(|id| titles.get(id).cloned());
                implied.map(GroupTitle::from).collect()
            },
            is_given: shown.seen.groups.contains(&group.id),
        });
        let has_choice = shown.companies.len() > 1;
        let companies = shown.companies.iter().filter(|_| has_choice);
        let companies = companies.map(|company| CompanyOfUser {
            id: company.id,
            name: company.name.clone(),
            is_given: shown.seen.companies.contains(&company.id),
        });
        Ok(UserDetails {
            groups: groups.collect(),
            companies: companies.collect(),
            may_write: shown.may_write,
            may_delete: shown.may_delete,
            user: self.listed(caller, shown.seen, &shown.titles, &HashMap::new()),
        })
    }

    fn listed(
        &self,
        caller: &Caller,
        seen: VisibleUser,
        groups: &HashMap<GroupId, access::GroupTitle>,
        companies: &HashMap<CompanyId, String>,
    ) -> ListedUser {
        let own_groups = seen.groups.iter();
        let own_companies = seen.companies.iter();
        ListedUser {
            id: seen.user.id,
            is_own: seen.user.id == caller.user.id,
            name: seen.user.name,
            login: seen.user.login,
            is_disabled: seen.disabled_at.is_some(),
            groups: own_groups
                .filter_map(|group| groups.get(group).cloned())
                .map(GroupTitle::from)
                .collect(),
            companies: own_companies
                .filter_map(|company| companies.get(company).cloned())
                .collect(),
            created_at: self.moment(seen.created_at),
        }
    }

    /// Puts a user into `groups` instead of those that were `shown`.
    pub(crate) async fn set_user_groups<S: ServerFn>(
        &self,
        id: UserId,
        shown: &[GroupId],
        groups: &[GroupId],
        password: String,
    ) -> Result<(), ApiError> {
        let confirmed = self.confirmed_on_user(Verb::Write, password).await?;
        let users = &self.core.users;
        users.set_groups_as(confirmed, id, shown, groups).await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Lets a user work for `companies` instead of those that were `shown`.
    pub(crate) async fn set_user_companies<S: ServerFn>(
        &self,
        id: UserId,
        shown: &[CompanyId],
        companies: &[CompanyId],
        password: String,
    ) -> Result<(), ApiError> {
        let confirmed = self.confirmed_on_user(Verb::Write, password).await?;
        let users = &self.core.users;
        users
            .set_companies_as(confirmed, id, shown, companies)
            .await?;
        self.form_done::<S>(0);
        Ok(())
    }

    /// Gives a user another name and login.
    pub(crate) async fn rename_user<S: ServerFn>(
        &self,
        id: UserId,
        name: &str,
        login: &str,
        password: String,
    ) -> Result<u32, ApiError> {
        self.caller_with(Verb::Write, Resource::USERS)?;
        let (name, login) = (name.parse::<DisplayedName>()?, Login::new(login)?);
        let confirmed = self.confirmed(Some(password)).await?;
        let users = &self.core.users;
        let ended = users.rename_as(confirmed, id, &name, &login).await?;
        self.form_done::<S>(ended);
        Ok(ended)
    }

    /// Does something about a user's log-in. The page of a form posted without JavaScript shows a one-time password.
    pub(crate) async fn act_on_user<S: ServerFn>(
        &self,
        id: UserId,
        act: UserAct,
        password: String,
    ) -> Result<UserActed, ApiError> {
        let confirmed = self.confirmed_on_user(Verb::Write, password).await?;
        let users = &self.core.users;
        let (mut one_time_password, mut log_in_code) = (None, None);
        let ended_sessions = match act {
            UserAct::LogOut => users.log_out_as(confirmed, id).await?,
            UserAct::GiveOneTimePassword => {
                let (password, ended) = users.reset_password_as(confirmed, id).await?;
                one_time_password = Some(password.expose().to_owned());
                ended
            }
            UserAct::MakeLogInCode => {
                let code = self.core.log_in_codes.make_as(confirmed, id).await?;
                log_in_code = Some(code.to_shown());
                0
            }
            UserAct::Disable => users.disable_as(confirmed, id).await?,
            UserAct::Enable => {
                users.enable_as(confirmed, id).await?;
                0
            }
        };
        match (one_time_password.clone(), log_in_code.clone()) {
            (Some(code), _) => self.tell_form::<S>(Outcome::MadeCode { code, login: None }),
            (None, Some(code)) => self.tell_form::<S>(Outcome::MadeCodeForUser { code }),
            (None, None) => self.form_done::<S>(ended_sessions),
        }
        Ok(UserActed {
            ended_sessions,
            one_time_password,
            log_in_code,
        })
    }

    /// Deletes a user. A form posted without JavaScript leads to the list of users.
    pub(crate) async fn delete_user<S: ServerFn>(
        &self,
        id: UserId,
        login: &str,
        password: String,
    ) -> Result<u32, ApiError> {
        let confirmed = self.confirmed_on_user(Verb::Delete, password).await?;
        let ended = self.core.users.delete_as(confirmed, id, login).await?;
        self.form_done::<S>(ended);
        self.redirect_form(routes::USERS);
        Ok(ended)
    }

    /// The caller with a right to users, whose identity was confirmed recently or is confirmed now.
    async fn confirmed_on_user(
        &self,
        verb: Verb,
        password: String,
    ) -> Result<Confirmed<'_>, ApiError> {
        self.caller_with(verb, Resource::USERS)?;
        self.confirmed(Some(password)).await
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
