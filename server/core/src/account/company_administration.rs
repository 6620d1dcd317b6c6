//! What a person with rights does to companies: see [`Actor`].

use super::{
    ArchiveCompanyError, Companies, NameCompanyError,
    actor::{Act, ActError, Actor},
    companies::rename_in,
    shorten::{PATIENCE, follow},
};
use crate::{
    DisplayedName, StoreError,
    access::Verb,
    company::{self, CompanyId, CompanyProfile, CompanyRecord},
    session::{Caller, Confirmed},
};

/// A company that a person sees.
#[derive(Clone, Debug)]
pub struct SeenCompany {
    /// The company.
    pub record: CompanyRecord,
    /// Whether the person may change the company.
    pub may_write: bool,
}

/// The reason why a person did not act on a company.
#[derive(Debug, thiserror::Error)]
pub enum AdministerCompanyError {
    /// The company does not exist, or the person may not see the company. The answer does not say which.
    #[error("there is no such company")]
    NotFound,
    /// The person may not do this to the company, or may not create companies.
    #[error("the person may not do this to the company")]
    NoAccess,
    /// The person's session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// The company was not named.
    #[error(transparent)]
    Name(#[from] NameCompanyError),
    /// The company was not archived.
    #[error(transparent)]
    Archive(#[from] ArchiveCompanyError),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ActError> for AdministerCompanyError {
    fn from(error: ActError) -> Self {
        match error {
            ActError::LoggedOut => Self::LoggedOut,
            ActError::NotFound => Self::NotFound,
            ActError::NoAccess => Self::NoAccess,
            ActError::Store(error) => Self::Store(error),
        }
    }
}

impl Companies {
    /// The companies that the caller may see, archived ones too, the oldest first.
    pub async fn list_seen(&self, caller: &Caller) -> Result<Vec<SeenCompany>, StoreError> {
        let mut tx = caller.transaction().await?;
        let seen = company::store::list_seen(&mut tx).await?;
        drop(tx);
        let actor = Actor::of(caller);
        let all = company::store::list(&caller.database).await?;
        let shown = all.into_iter().filter_map(|record| {
            let id = record.company.id;
            let is_own = *seen.get(&id)?;
            Some(SeenCompany {
                may_write: actor.may_on_company(Verb::Write, id, is_own),
                record,
            })
        });
        Ok(shown.collect())
    }

    /// Creates a company, as a person. No user works for it yet, so a rule that narrows creation to own companies lets none
    /// through.
    pub async fn create_as(
        &self,
        confirmed: Confirmed<'_>,
        name: &DisplayedName,
    ) -> Result<CompanyId, AdministerCompanyError> {
        let act = Act::begin(confirmed.caller(), self.clock.now()).await?;
        if !act.actor.may_create_company() {
            return Err(AdministerCompanyError::NoAccess);
        }
        Ok(self.create_in(act.tx, name, None).await?)
    }

    /// Gives a company another name, as a person.
    pub async fn rename_as(
        &self,
        confirmed: Confirmed<'_>,
        id: CompanyId,
        name: &DisplayedName,
    ) -> Result<(), AdministerCompanyError> {
        let act = self.act_on(confirmed, id).await?;
        Ok(rename_in(act.tx, id, name).await?)
    }

    /// Gives a company another profile, as a person.
    pub async fn set_profile_as(
        &self,
        confirmed: Confirmed<'_>,
        id: CompanyId,
        profile: &CompanyProfile,
    ) -> Result<(), AdministerCompanyError> {
        let mut act = self.act_on(confirmed, id).await?;
        company::store::set_profile(&mut act.tx, id, profile).await?;
        Ok(act.tx.commit().await?)
    }

    /// Archives a company, as a person: see [`Companies::archive`].
    pub async fn archive_as(
        &self,
        confirmed: Confirmed<'_>,
        id: CompanyId,
    ) -> Result<(), AdministerCompanyError> {
        let act = self.act_on(confirmed, id).await?;
        Ok(self.archive_in(act.tx, id).await?)
    }

    /// Puts an archived company to use again, as a person.
    pub async fn restore_as(
        &self,
        confirmed: Confirmed<'_>,
        id: CompanyId,
    ) -> Result<(), AdministerCompanyError> {
        let caller = confirmed.caller();
        let mut act = self.act_on(confirmed, id).await?;
        company::store::set_archived(&mut act.tx, id, None).await?;
        act.tx.commit().await?;
        follow(&caller.database, &self.clock, None, PATIENCE).await;
        Ok(())
    }

    /// A transaction in which a person may change a company, and with it any number of users.
    async fn act_on(&self, confirmed: Confirmed<'_>, id: CompanyId) -> Result<Act, ActError> {
        let mut act = Act::begin_on_all(confirmed.caller(), self.clock.now()).await?;
        act.on_company(Verb::Write, id).await?;
        Ok(act)
    }
}
