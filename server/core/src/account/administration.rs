//! What a person with rights does to other users: see [`Actor`]. No act leaves a database without an administrator who can log in.

use std::collections::HashMap;

use super::{
    ChangeGroupsError, ChangeRulesError, RenameUserError, SetCompaniesError, SetPasswordError,
    SetPolicyError, Users,
    actor::{Act, ActError, Actor},
    companies::set_companies,
    groups,
    shorten::{PATIENCE, follow},
};
use crate::{
    DisplayedName, StoreError,
    access::{self, Group, GroupId, GroupTitle, Verb},
    company::{self, Company, CompanyId},
    database::SystemTx,
    module::CompaniesChanged,
    session::{Caller, Confirmed},
    user::{self, Login, LoginKey, Overloaded, Password, UserId, VisibleUser},
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

/// The reason why a person did not act on a user, a group or a rule.
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
    /// The person's session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// The login that the person has typed to confirm is not the user's.
    #[error("this is not the login of the user")]
    OtherLogin,
    /// The technical name that the person has typed to confirm is not the group's.
    #[error("this is not the name of the group")]
    OtherName,
    /// The groups were not changed.
    #[error(transparent)]
    Groups(#[from] ChangeGroupsError),
    /// The rules were not changed.
    #[error(transparent)]
    Rules(#[from] ChangeRulesError),
    /// The policy was not set.
    #[error(transparent)]
    Policy(#[from] SetPolicyError),
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

impl From<ActError> for AdministerError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::LoggedOut => Self::LoggedOut,
            ActError::NotFound => Self::NotFound,
            ActError::NoAccess => Self::NoAccess,
            ActError::Store(error) => Self::Store(error),
        }
    }
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
        let access::store::Read {
            version,
            mut groups,
            ..
        } = access::store::read(&caller.database).await?;
        let titles = groups
            .iter()
            .filter(|group| seen.groups.contains(&group.id));
        let titles = titles.map(|group| (group.id, group.into())).collect();
        let actor = Actor::of(caller);
        let rights = access::rights_of(&caller.database, &seen.groups, version).await?;
        let may = |verb| actor.may(verb, &seen) && actor.covers(verb, &rights, &seen.companies);
        let (may_write, may_delete) = (may(Verb::Write), may(Verb::Delete));
        let mut given = Vec::new();
        for group in groups.drain(..) {
            let rights = access::rights_of(&caller.database, &[group.id], version).await?;
            if actor.covers(Verb::Write, &rights, &seen.companies) {
                given.push(group);
            }
        }
        Ok(ShownUser {
            may_write,
            may_delete,
            groups: given,
            titles,
            companies,
            seen,
        })
    }

    /// Disables another user, as a person. Returns the number of sessions that ended.
    pub async fn disable_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on_another(Verb::Write, id).await?;
        keep_an_administrator_besides(&mut act.tx, id).await?;
        Ok(self
            .disable_in(act.tx, &caller.database, &found.user)
            .await?)
    }

    /// Lets a disabled user log in again, as a person.
    pub async fn enable_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<(), AdministerError> {
        let mut act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        act.on_another(Verb::Write, id).await?;
        user::store::set_disabled(&mut act.tx, id, None).await?;
        Ok(act.tx.commit().await?)
    }

    /// Gives another user a one-time password, as a person. All sessions of the user end. Returns the password, and the number of
    /// sessions that ended.
    pub async fn reset_password_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<(Password, u32), AdministerError> {
        let caller = confirmed.caller();
        let password = Password::one_time(&*self.random);
        // The hash takes its time before other changes have to wait.
        let hash = self.hasher.hash(&password, &*self.random).await?;
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on_another(Verb::Write, id).await?;
        let is_one_time = true;
        let ended = self
            .set_password_in(act.tx, &caller.database, &found.user, &hash, is_one_time)
            .await?;
        Ok((password, ended))
    }

    /// Ends all sessions of another user, as a person. Returns their number.
    pub async fn log_out_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on_another(Verb::Write, id).await?;
        Ok(self
            .sessions
            .end_of_user_in(act.tx, &caller.database, &found.user)
            .await?)
    }

    /// Deletes another user with all sessions and their history, as a person. `typed` is the user's login, in any case, which the
    /// person has typed to confirm. Returns the number of live sessions.
    pub async fn delete_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        typed: &str,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on_another(Verb::Delete, id).await?;
        if LoginKey::of(typed.trim()) != LoginKey::of(&found.user.login) {
            return Err(AdministerError::OtherLogin);
        }
        keep_an_administrator_besides(&mut act.tx, id).await?;
        Ok(self
            .delete_in(act.tx, &caller.database, &found.user)
            .await?)
    }

    /// Puts a user into these groups instead of those that were `shown`, as a person who has all rights that the groups give. A
    /// group that is among neither stays as it is: the page does not show every group, and may be older than another change.
    pub async fn set_groups_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        shown: &[GroupId],
        groups: &[GroupId],
    ) -> Result<(), AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on(Verb::Write, id).await?;
        let known = access::store::read_in(&mut act.tx).await?;
        let known: Vec<_> = known.groups.into_iter().map(|group| group.id).collect();
        if !groups.iter().all(|group| known.contains(group)) {
            return Err(ChangeGroupsError::Gone.into());
        }
        let mut groups = changed(&found.groups, shown, groups);
        groups.sort_unstable();
        if !act.covers(Verb::Write, &groups, &found.companies).await? {
            return Err(AdministerError::NoAccess);
        }
        let had = user::store::has_administrator(&mut act.tx, None).await?;
        groups::put_into(&mut act.tx, &found.user, &groups).await?;
        if had && !user::store::has_administrator(&mut act.tx, None).await? {
            return Err(AdministerError::LastAdministrator);
        }
        act.tx.commit().await?;
        follow(&caller.database, &self.clock, Some(id), PATIENCE).await;
        Ok(())
    }

    /// Lets a user work for these companies instead of those that were `shown`, as a person who sees them. A company that is
    /// among neither stays as it is. The default company stays, if the user may still work for it.
    pub async fn set_companies_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        shown: &[CompanyId],
        companies: &[CompanyId],
    ) -> Result<(), AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on(Verb::Write, id).await?;
        let (old, archived) = company::store::of_user(&mut act.tx, id).await?;
        let mut set = changed(&old, shown, companies);
        let is_changed = |company: &&CompanyId| old.contains(company) != set.contains(company);
        let mut of_both = old.iter().chain(&set).filter(is_changed);
        let in_use = company::store::list_in_use(&mut act.tx).await?;
        let may_change = |company: &CompanyId| in_use.contains(company) && act.actor.sees(*company);
        if !of_both.all(may_change) {
            return Err(AdministerError::NoAccess);
        }
        let all: Vec<_> = set.iter().chain(&archived).copied().collect();
        if !act.covers(Verb::Write, &found.groups, &all).await? {
            return Err(AdministerError::NoAccess);
        }
        set.extend(archived);
        set_companies(&mut act.tx, &found.user, &set).await?;
        act.tx.commit().await?;
        self.modules.observe(
            &caller.database,
            [CompaniesChanged {
                user: found.user,
                companies: set,
            }],
        );
        follow(&caller.database, &self.clock, Some(id), PATIENCE).await;
        Ok(())
    }

    /// Gives another user another name and login, as a person. Another login ends all sessions of the user. Returns their number.
    pub async fn rename_as(
        &self,
        confirmed: Confirmed<'_>,
        id: UserId,
        name: &DisplayedName,
        login: &Login,
    ) -> Result<u32, AdministerError> {
        let caller = confirmed.caller();
        let mut act = Act::begin(caller, self.clock.now()).await?;
        let found = act.on_another(Verb::Write, id).await?;
        user::store::set_name(&mut act.tx, id, name).await?;
        if login.as_str() == found.user.login {
            act.tx.commit().await?;
            return Ok(0);
        }
        Ok(self
            .rename_in(act.tx, &caller.database, &found.user, login)
            .await?)
    }
}

/// What a person has changed: all of `old` but what the person was `shown` and has not chosen, and then what is chosen and was not
/// shown.
pub(super) fn changed<T: Copy + PartialEq>(old: &[T], shown: &[T], chosen: &[T]) -> Vec<T> {
    let is_kept = |one: &&T| !shown.contains(one) || chosen.contains(one);
    let mut all: Vec<T> = old.iter().filter(is_kept).copied().collect();
    for one in chosen {
        if !shown.contains(one) && !all.contains(one) {
            all.push(*one);
        }
    }
    all
}

/// Refuses if no administrator besides this user could log in, although one can now.
async fn keep_an_administrator_besides(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<(), AdministerError> {
    let had = user::store::has_administrator(tx, None).await?;
    if had && !user::store::has_administrator(tx, Some(user)).await? {
        return Err(AdministerError::LastAdministrator);
    }
    Ok(())
}
