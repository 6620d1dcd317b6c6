//! What a person with rights does to other users.
//!
//! The person acts only on a user whom the person sees, whom the record rules of the verb let through, and who may do nothing that
//! the person may not: a help desk could otherwise take over an administrator's account by a one-time password. No act leaves a
//! database without an administrator who can log in.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    ChangeGroupsError, RenameUserError, SetCompaniesError, SetPasswordError, Users,
    companies::set_companies, groups,
};
use crate::{
    DisplayedName, StoreError,
    access::{self, Facts, Group, GroupId, GroupTitle, Resource, Verb},
    company::{self, Company, CompanyId},
    database::SystemTx,
    module::Event,
    session::{Caller, Confirmed},
    user::{self, Login, LoginKey, Overloaded, Password, User, UserId, VisibleUser},
};

/// A user whom a person sees.
#[derive(Clone, Debug)]
pub struct ShownUser {
    /// The user.
    pub seen: VisibleUser,
    /// Whether the person may change the user.
    pub may_write: bool,
    /// Whether the person may delete the user.
    pub may_delete: bool,
    /// The groups that the person may put the user into: those that give no more than the person has.
    pub groups: Vec<Group>,
    /// The names of the groups that the user is put into.
    pub titles: HashMap<GroupId, GroupTitle>,
    /// The companies in use that the person may see. The person may let the user work for each of them.
    pub companies: Vec<Company>,
}

/// The reason why a person did not act on a user.
#[derive(Debug, thiserror::Error)]
pub enum AdministerError {
    /// The user does not exist, or the person may not see the user. The answer does not say which.
    #[error("there is no such user")]
    NotFound,
    /// The person may not do this to the user, or may not give these groups.
    #[error("the person may not do this to the user")]
    NoAccess,
    /// No administrator who can log in would be left.
    #[error("no administrator who can log in would be left")]
    LastAdministrator,
    /// The login that the person has typed to confirm is not the user's.
    #[error("this is not the login of the user")]
    OtherLogin,
    /// The groups were not changed.
    #[error(transparent)]
    Groups(#[from] ChangeGroupsError),
    /// The companies were not changed.
    #[error(transparent)]
    Companies(#[from] SetCompaniesError),
    /// The login was not changed.
    #[error(transparent)]
    Rename(#[from] RenameUserError),
    /// The password was not set.
    #[error(transparent)]
    Password(#[from] SetPasswordError),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Overloaded> for AdministerError {
    fn from(error: Overloaded) -> Self {
        Self::Password(error.into())
    }
}

impl Users {
    /// The user with this id, as the caller sees the user.
    pub async fn show(&self, caller: &Caller, id: UserId) -> Result<ShownUser, AdministerError> {
        let mut tx = caller.transaction().await?;
        let seen = user::store::find_visible(&mut tx, id).await?;
        let seen = seen.ok_or(AdministerError::NotFound)?;
        let companies = company::store::list_visible(&mut tx).await?;
        drop(tx);
        let (version, mut groups, _) = access::store::read(&caller.database).await?;
        let titles = groups
            .iter()
            .filter(|group| seen.groups.contains(&group.id));
        let titles = titles.map(|group| (group.id, group.into())).collect();
        let covers = covers(caller, &seen.groups, version).await?;
        let mut given = Vec::new();
        for group in groups.drain(..) {
            if self::covers(caller, &[group.id], version).await? {
                given.push(group);
            }
        }
        Ok(ShownUser {
            may_write: covers && may(caller, Verb::Write, &seen),
            may_delete: covers && may(caller, Verb::Delete, &seen),
            groups: given,
            titles,
            companies,
            seen,
        })
    }

    /// Disables a user, as a person. Returns the number of sessions that ended.
    pub async fn disable_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let (mut tx, user) = to_act(caller, Verb::Write, id).await?;
        keep_an_administrator_besides(&mut tx, id).await?;
        Ok(self.disable_in(tx, &caller.database, &user).await?)
    }

    /// Lets a disabled user log in again, as a person.
    pub async fn enable_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<(), AdministerError> {
        let (mut tx, user) = to_act(confirmed.caller(), Verb::Write, id).await?;
        user::store::set_disabled(&mut tx, user.id, None).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a user a one-time password, as a person. All sessions of the user end. Returns the password, and the number of sessions
    /// that ended.
    pub async fn reset_password_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<(Password, u32), AdministerError> {
        let caller = confirmed.caller();
        let password = Password::one_time(&*self.random);
        // The hash takes its time before other changes have to wait.
        let hash = self.hasher.hash(&password, &*self.random).await?;
        let (tx, user) = to_act(caller, Verb::Write, id).await?;
        let is_one_time = true;
        let ended = self
            .set_password_in(tx, &caller.database, &user, &hash, is_one_time)
            .await?;
        Ok((password, ended))
    }

    /// Ends all sessions of a user, as a person. Returns their number.
    pub async fn log_out_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let (tx, user) = to_act(caller, Verb::Write, id).await?;
        Ok(self
            .sessions
            .end_of_user_in(tx, &caller.database, &user)
            .await?)
    }

    /// Deletes a user with all sessions and their history, as a person. `typed` is the user's login, in any case, which the person
    /// has typed to confirm. Returns the number of live sessions.
    pub async fn delete_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        typed: &str,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let (mut tx, user) = to_act(caller, Verb::Delete, id).await?;
        if LoginKey::of(typed.trim()) != LoginKey::of(&user.login) {
            return Err(AdministerError::OtherLogin);
        }
        keep_an_administrator_besides(&mut tx, id).await?;
        Ok(self.delete_in(tx, &caller.database, &user).await?)
    }

    /// Sets the groups that a user is put into, as a person who has all rights that the groups give.
    pub async fn set_groups_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        groups: &[GroupId],
    ) -> Result<(), AdministerError> {
        let caller = confirmed.caller();
        let (mut tx, version) = groups::change_at(&caller.database).await?;
        let user = acted_on(&mut tx, version, caller, Verb::Write, id).await?;
        if !covers(caller, groups, version).await? {
            return Err(AdministerError::NoAccess);
        }
        groups::put_into(&mut tx, &user, groups).await?;
        if !user::store::has_administrator(&mut tx, None).await? {
            return Err(AdministerError::LastAdministrator);
        }
        Ok(tx.commit().await?)
    }
}

impl Users {
    /// Sets the companies that a user may work for, as a person who sees them. Companies that the person does not see stay. The
    /// default company stays, if the user may still work for it.
    pub async fn set_companies_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        companies: &[CompanyId],
    ) -> Result<(), AdministerError> {
        let caller = confirmed.caller();
        let mut tx = caller.transaction().await?;
        let visible = company::store::list_visible(&mut tx).await?;
        drop(tx);
        let visible: Vec<_> = visible.into_iter().map(|company| company.id).collect();
        if !companies.iter().all(|company| visible.contains(company)) {
            return Err(AdministerError::NoAccess);
        }
        let (mut tx, user) = to_act(caller, Verb::Write, id).await?;
        let mut set = company::store::of_user(&mut tx, id).await?;
        set.retain(|company| companies.contains(company) || !visible.contains(company));
        for company in companies {
            if !set.contains(company) {
                set.push(*company);
            }
        }
        set_companies(&mut tx, &user, &set).await?;
        tx.commit().await?;
        self.modules.observe([Event::CompaniesChanged {
            database: caller.database.name().clone(),
            user,
            companies: set,
        }]);
        Ok(())
    }

    /// Gives a user another name and login, as a person. Another login ends all sessions of the user. Returns their number.
    pub async fn rename_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        name: &DisplayedName,
        login: &Login,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let (mut tx, user) = to_act(caller, Verb::Write, id).await?;
        user::store::set_name(&mut tx, id, name).await?;
        if login.as_str() == user.login {
            tx.commit().await?;
            return Ok(0);
        }
        Ok(self.rename_in(tx, &caller.database, &user, login).await?)
    }
}

/// A transaction in which the caller may act on a user. Groups, rights and companies stand still until its end.
async fn to_act(
    caller: &Caller,
    verb: Verb,
    id: UserId,
) -> Result<(SystemTx, User), AdministerError> {
    let (mut tx, version) = groups::change_at(&caller.database).await?;
    let user = acted_on(&mut tx, version, caller, verb, id).await?;
    Ok((tx, user))
}

/// The user, if the caller may do this to the user. The transaction has locked `version`.
async fn acted_on(
    tx: &mut SystemTx,
    version: Uuid,
    caller: &Caller,
    verb: Verb,
    id: UserId,
) -> Result<User, AdministerError> {
    let found = user::store::find_locked(tx, id).await?;
    let found = found.filter(|found| may(caller, Verb::Read, found));
    let found = found.ok_or(AdministerError::NotFound)?;
    if !may(caller, verb, &found) || !covers(caller, &found.groups, version).await? {
        return Err(AdministerError::NoAccess);
    }
    Ok(found.user)
}

/// Whether the record rules let the caller do this to a user.
fn may(caller: &Caller, verb: Verb, user: &VisibleUser) -> bool {
    let works_for = |companies: &[CompanyId]| {
        user.companies
            .iter()
            .any(|company| companies.contains(company))
    };
    let facts = Facts {
        is_own: user.user.id == caller.user.id,
        is_of_active_company: works_for(caller.companies.active()),
        is_of_allowed_company: works_for(caller.companies.allowed()),
    };
    caller.rights.rows(verb, Resource::USERS).has(facts)
}

/// Whether the caller may do all that a user in these groups may do, by the groups and rights of a version.
async fn covers(caller: &Caller, groups: &[GroupId], version: Uuid) -> Result<bool, StoreError> {
    let theirs = access::rights_of(&caller.database, groups, version).await?;
    Ok(caller.rights.cover(&theirs))
}

/// Refuses if no administrator besides this user could log in.
async fn keep_an_administrator_besides(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<(), AdministerError> {
    if user::store::has_administrator(tx, Some(user)).await? {
        Ok(())
    } else {
        Err(AdministerError::LastAdministrator)
    }
}
