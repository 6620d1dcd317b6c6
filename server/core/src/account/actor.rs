//! A person who acts on other users and on companies.
//!
//! The person acts on a company that the person sees, and that the record rules of the verb let through.
//!
//! The person acts only on a user whom the person sees, whom the record rules of the verb let through, and whose account gives the
//! person nothing new: a help desk could otherwise take over an administrator's account by a one-time password. The account gives
//! something new if its user has a right that the person lacks, or may work for a company that the person may not, unless no rule
//! narrows what the person may do. An administrator may give every right to every user, so that no account gives an administrator
//! anything new.

use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use super::{audit, groups};
use crate::{
    StoreError,
    access::{self, Facts, GroupId, Resource, Rights, Rows, Verb},
    company::{self, ActiveCompanies, CompanyId},
    database::{Database, SystemTx},
    session::{self, Caller},
    user::{self, UserId, VisibleUser},
};

/// What decides on whom, and on which companies, a person may act.
pub(super) struct Actor {
    id: UserId,
    rights: Arc<Rights>,
    companies: ActiveCompanies,
    /// The archived companies that the person works for again once they are back in use.
    archived: Vec<CompanyId>,
}

/// A transaction in which a person acts on a user, a company, a group or a rule. Groups, rights, companies, and who works for
/// which company stand still until its end.
pub(super) struct Act {
    pub tx: SystemTx,
    pub actor: Actor,
    database: Database,
    version: Uuid,
}

/// The reason why a person does not act on a user or a company.
#[derive(Debug)]
pub(super) enum ActError {
    /// The person's session has ended meanwhile.
    LoggedOut,
    /// The user or the company does not exist, or the person may not see that user or company.
    NotFound,
    /// The person may not do this to the user or the company.
    NoAccess,
    /// PostgreSQL failed.
    Store(StoreError),
}

impl From<StoreError> for ActError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Actor {
    /// The person as of the beginning of the request, for what the person only sees.
    pub fn of(caller: &Caller) -> Self {
        Self {
            id: caller.user.id,
            rights: Arc::clone(&caller.rights),
            companies: caller.companies.clone(),
            archived: Vec::new(),
        }
    }

    /// Whether the person sees a company in use.
    pub fn sees(&self, company: CompanyId) -> bool {
        let is_own = self.companies.allowed().contains(&company);
        is_own || self.may_on_company(Verb::Read, company, is_own)
    }

    /// The company under which the person makes something new.
    pub fn main_company(&self) -> Option<CompanyId> {
        self.companies.main()
    }

    /// Whether the record rules let the person do this to a user.
    pub fn may(&self, verb: Verb, user: &VisibleUser) -> bool {
        self.may_with(verb, user.user.id == self.id, &user.companies)
    }

    /// The same for a user of these companies.
    pub fn may_with(&self, verb: Verb, is_own: bool, companies: &[CompanyId]) -> bool {
        let works_for =
            |those: &[CompanyId]| companies.iter().any(|company| those.contains(company));
        let facts = Facts {
            is_own,
            is_of_active_company: works_for(self.companies.active()),
            is_of_allowed_company: works_for(self.companies.allowed()),
        };
        self.rights.rows(verb, Resource::USERS).has(facts)
    }

    /// Whether the record rules let the person do this to a company. A company is a person's own if the person may work for it,
    /// perhaps once it is in use again: a person brings back what the person has archived.
    pub fn may_on_company(&self, verb: Verb, id: CompanyId, is_own: bool) -> bool {
        let facts = Facts {
            is_own,
            is_of_active_company: self.companies.active().contains(&id),
            is_of_allowed_company: is_own,
        };
        self.rights.rows(verb, Resource::COMPANIES).has(facts)
    }

    /// Whether the record rules let the person create a company, for which no user works yet.
    pub fn may_create_company(&self) -> bool {
        let of_no_user = Facts {
            is_own: false,
            is_of_active_company: false,
            is_of_allowed_company: false,
        };
        let rows = self.rights.rows(Verb::Create, Resource::COMPANIES);
        rows.has(of_no_user)
    }

    /// Whether the account of a user with these rights, who may work for these companies, gives the person nothing new.
    pub fn covers(&self, verb: Verb, theirs: &Rights, companies: &[CompanyId]) -> bool {
        if self.rights.administer() {
            return true;
        }
        let is_free = self.rights.rows(verb, Resource::USERS) == Rows::ALL
            && self.rights.cover_all_rows(theirs);
        let works_for_all = || {
            let allowed = self.companies.allowed();
            let works_for = |company| allowed.contains(company) || self.archived.contains(company);
            companies.iter().all(works_for)
        };
        self.rights.cover(theirs) && (is_free || works_for_all())
    }
}

impl Act {
    /// Begins, if the person is still logged in. The request may be old, because its body was on the way for long: rights and
    /// companies count as they are now.
    pub async fn begin(caller: &Caller, now: OffsetDateTime) -> Result<Self, ActError> {
        let begun = groups::change_at(&caller.database).await?;
        Self::of(caller, now, begun).await
    }

    /// The same for a change that concerns any number of users.
    pub async fn begin_on_all(caller: &Caller, now: OffsetDateTime) -> Result<Self, ActError> {
        let begun = groups::change_all_at(&caller.database).await?;
        Self::of(caller, now, begun).await
    }

    async fn of(
        caller: &Caller,
        now: OffsetDateTime,
        (mut tx, version): (SystemTx, Uuid),
    ) -> Result<Self, ActError> {
        let database = caller.database.clone();
        audit::tell(&mut tx, caller).await?;
        let own = user::store::find_locked(&mut tx, caller.user.id).await?;
        let own = own.filter(|own| own.disabled_at.is_none());
        let own = own.ok_or(ActError::LoggedOut)?;
        let sessions = session::store::lock_of_user(tx.connection(), own.user.id, now).await?;
        if !caller.is_among(&sessions) {
            return Err(ActError::LoggedOut);
        }
        let rights = access::rights_in(&mut tx, &database, &own.groups, version).await?;
        let (_, archived) = company::store::of_user(&mut tx, own.user.id).await?;
        let actor = Actor {
            archived,
            id: own.user.id,
            rights,
            companies: ActiveCompanies::of(own.companies, caller.companies.active()),
        };
        Ok(Self {
            tx,
            actor,
            database,
            version,
        })
    }

    /// Refuses if the person lacks a right.
    pub fn need(&self, verb: Verb, resource: Resource) -> Result<(), ActError> {
        if self.actor.rights.may(verb, resource) {
            Ok(())
        } else {
            Err(ActError::NoAccess)
        }
    }

    /// The user, if the person may do this to the user.
    pub async fn on(&mut self, verb: Verb, id: UserId) -> Result<VisibleUser, ActError> {
        let found = user::store::find_locked(&mut self.tx, id).await?;
        let found = found.filter(|found| self.actor.may(Verb::Read, found));
        let found = found.ok_or(ActError::NotFound)?;
        let (mut companies, archived) = company::store::of_user(&mut self.tx, id).await?;
        companies.extend(archived);
        let covers = self.covers(verb, &found.groups, &companies).await?;
        if covers && self.actor.may(verb, &found) {
            Ok(found)
        } else {
            Err(ActError::NoAccess)
        }
    }

    /// The same for what the person does to their own account under My Profile.
    pub async fn on_another(&mut self, verb: Verb, id: UserId) -> Result<VisibleUser, ActError> {
        let found = self.on(verb, id).await?;
        if id == self.actor.id {
            return Err(ActError::NoAccess);
        }
        Ok(found)
    }

    /// Checks that the person may do this to a company. A person sees the own companies without any right.
    pub async fn on_company(&mut self, verb: Verb, id: CompanyId) -> Result<(), ActError> {
        let found = company::store::is_of_user(&mut self.tx, id, self.actor.id).await?;
        let is_seen = |is_own: &bool| *is_own || self.actor.may_on_company(Verb::Read, id, *is_own);
        let is_own = found.filter(is_seen).ok_or(ActError::NotFound)?;
        if self.actor.may_on_company(verb, id, is_own) {
            Ok(())
        } else {
            Err(ActError::NoAccess)
        }
    }

    /// Whether the account of a user in these groups and companies gives the person nothing new.
    pub async fn covers(
        &mut self,
        verb: Verb,
        groups: &[GroupId],
        companies: &[CompanyId],
    ) -> Result<bool, StoreError> {
        let theirs = access::rights_in(&mut self.tx, &self.database, groups, self.version).await?;
        Ok(self.actor.covers(verb, &theirs, companies))
    }
}
