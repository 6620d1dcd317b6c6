//! Companies: administrators make them and say who works for which; people choose for which they work.

use std::{sync::Arc, time::Duration};

use super::{groups::change_all_at, shorten::follow};
use crate::{
    DisplayedName, StoreError,
    activity::{self, AccountEvent, AccountEventKind},
    clock::Clock,
    company::{
        self, Colour, Company, CompanyId, CompanyProfile, CompanyRecord, Logo, LogoId,
        store::NewCompany,
    },
    database::{Database, SystemTx},
    module::{CompaniesChanged, CompanyRefused, Modules},
    random::Random,
    session::{self, Caller},
    user::{self, User},
};

/// The largest number of companies of a user: each request reads their ids, and each page shows them.
pub const MOST_COMPANIES_OF_USER: usize = 100;

/// The service of the companies of databases.
pub struct Companies {
    pub(super) clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    modules: Modules,
}

/// The reason why a company was not created or renamed.
#[derive(Debug, thiserror::Error)]
pub enum NameCompanyError {
    /// Another company has the name, perhaps in another spelling.
    #[error("another company has this name")]
    Taken,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a company was not archived.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveCompanyError {
    /// No other company is in use.
    #[error("no other company is in use")]
    Last,
    /// Some users would have no company in use.
    #[error("{}", only_one(*.0))]
    OnlyOneOfUsers(u32),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn only_one(users: u32) -> String {
    match users {
        1 => "1 user works for no other company".to_owned(),
        users => format!("{users} users work for no other company"),
    }
}

/// The reason why a user did not get other companies.
#[derive(Debug, thiserror::Error)]
pub enum SetCompaniesError {
    /// None of the companies is in use, or none is named.
    #[error("name at least one company that is in use")]
    NoneInUse,
    /// More than [`MOST_COMPANIES_OF_USER`] companies are named.
    #[error("a user can work for {MOST_COMPANIES_OF_USER} companies at most")]
    TooMany,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a person's choice was refused.
#[derive(Debug, thiserror::Error)]
pub enum ChooseCompaniesError {
    /// The choice names no company.
    #[error("no company is chosen")]
    NoCompany,
    /// The choice names a company that the person may not work for, or that does not exist. The answer does not say which.
    #[error("the person may not work for this company")]
    NotAllowed,
    /// The caller's session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Companies {
    pub(crate) fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>, modules: Modules) -> Self {
        Self {
            clock,
            random,
            modules,
        }
    }

    /// Creates a company. No user works for it yet.
    pub async fn create(
        &self,
        database: &Database,
        name: &DisplayedName,
        colour: Option<&Colour>,
    ) -> Result<CompanyId, NameCompanyError> {
        self.create_in(database.system().await?, name, colour).await
    }

    pub(super) async fn create_in(
        &self,
        mut tx: SystemTx,
        name: &DisplayedName,
        colour: Option<&Colour>,
    ) -> Result<CompanyId, NameCompanyError> {
        let now = self.clock.now();
        let id = CompanyId::new(self.random.id(now));
        let new = NewCompany {
            id,
            name,
            colour,
            now,
        };
        if !company::store::insert(&mut tx, &new).await? {
            return Err(NameCompanyError::Taken);
        }
        tx.commit().await?;
        Ok(id)
    }

    /// All companies of a database, the oldest first.
    pub async fn list(&self, database: &Database) -> Result<Vec<CompanyRecord>, StoreError> {
        company::store::list(database).await
    }

    /// The company with this name, in any spelling.
    pub async fn find(
        &self,
        database: &Database,
        name: &DisplayedName,
    ) -> Result<Option<Company>, StoreError> {
        company::store::find(database, name).await
    }

    /// Gives a company another name.
    pub async fn rename(
        &self,
        database: &Database,
        id: CompanyId,
        name: &DisplayedName,
    ) -> Result<(), NameCompanyError> {
        rename_in(database.system().await?, id, name).await
    }

    /// Changes the profile of a company, from the next request of each user on. `change` gets the present profile.
    pub async fn change_profile(
        &self,
        database: &Database,
        id: CompanyId,
        change: impl FnOnce(CompanyProfile) -> CompanyProfile,
    ) -> Result<(), StoreError> {
        let (mut tx, _) = change_all_at(database).await?;
        let present = company::store::profile(&mut tx, id).await?;
        company::store::set_profile(&mut tx, id, &change(present)).await?;
        tx.commit().await
    }

    /// Gives a company another logo; `None` takes the logo away.
    pub async fn set_logo(
        &self,
        database: &Database,
        id: CompanyId,
        logo: Option<&Logo>,
    ) -> Result<(), StoreError> {
        let (mut tx, _) = change_all_at(database).await?;
        let new = logo.map(|logo| (LogoId::new(self.random.id(self.clock.now())), logo));
        company::store::set_logo(&mut tx, id, new).await?;
        tx.commit().await
    }

    /// The logo of a company that the caller sees.
    pub async fn logo(
        &self,
        caller: &Caller,
        id: CompanyId,
    ) -> Result<Option<(LogoId, Logo)>, StoreError> {
        let mut tx = caller.transaction().await?;
        company::store::logo(&mut tx, id).await
    }

    /// Archives a company: from the next request on, no session works for it. A company stays in use if it is the last
    /// one, or the only one of a user.
    pub async fn archive(
        &self,
        database: &Database,
        id: CompanyId,
    ) -> Result<(), ArchiveCompanyError> {
        let mut tx = database.system_work().await?;
        company::store::lock(&mut tx).await?;
        self.archive_in(tx, id).await
    }

    /// The same in a transaction that has locked all companies.
    pub(super) async fn archive_in(
        &self,
        mut tx: SystemTx,
        id: CompanyId,
    ) -> Result<(), ArchiveCompanyError> {
        company::store::set_archived(&mut tx, id, Some(self.clock.now())).await?;
        if company::store::count_in_use(&mut tx).await? == 0 {
            return Err(ArchiveCompanyError::Last);
        }
        match user::store::count_without_company(&mut tx).await? {
            0 => Ok(tx.commit().await?),
            users => Err(ArchiveCompanyError::OnlyOneOfUsers(users)),
        }
    }

    /// Puts an archived company to use again, for the users who worked for it.
    pub async fn restore(&self, database: &Database, id: CompanyId) -> Result<(), StoreError> {
        let mut tx = database.system_work().await?;
        company::store::lock(&mut tx).await?;
        company::store::set_archived(&mut tx, id, None).await?;
        tx.commit().await?;
        follow(database, &self.clock, None, Duration::MAX).await;
        Ok(())
    }

    /// The companies that a user may work for, the default one first.
    pub async fn list_of_user(
        &self,
        database: &Database,
        user: &User,
    ) -> Result<Vec<Company>, StoreError> {
        company::store::list_of_user(database, user.id).await
    }

    /// Sets the companies that a user may work for. The first one is the default. Sessions that work for another company
    /// lose it at their next request.
    pub async fn set_of_user(
        &self,
        database: &Database,
        user: &User,
        companies: &[CompanyId],
    ) -> Result<(), SetCompaniesError> {
        let mut tx = database.system().await?;
        company::store::lock(&mut tx).await?;
        user::store::lock(&mut tx, user.id).await?;
        set_companies(&mut tx, user, companies).await?;
        tx.commit().await?;
        self.modules.observe(
            database,
            [CompaniesChanged {
                user: user.clone(),
                companies: companies.to_vec(),
            }],
        );
        follow(database, &self.clock, Some(user.id), Duration::MAX).await;
        Ok(())
    }

    /// The companies that the caller may work for, the default one first.
    pub async fn list_own(&self, caller: &Caller) -> Result<Vec<Company>, StoreError> {
        let mut tx = caller.transaction().await?;
        company::store::list_own(&mut tx).await
    }

    /// Makes the caller's session work for these companies from the next request on; the first one is the main one. A
    /// choice with a company that the caller may not work for changes nothing and is recorded.
    pub async fn choose(
        &self,
        caller: &Caller,
        chosen: &[CompanyId],
    ) -> Result<(), ChooseCompaniesError> {
        let mut named = Vec::new();
        for company in chosen {
            if !named.contains(company) {
                named.push(*company);
            }
        }
        if named.is_empty() {
            return Err(ChooseCompaniesError::NoCompany);
        }
        let allowed = caller.companies.allowed();
        if !named.iter().all(|company| allowed.contains(company)) {
            self.refused(caller).await?;
            return Err(ChooseCompaniesError::NotAllowed);
        }
        let mut tx = caller.transaction().await?;
        if !session::store::set_companies(&mut tx, caller.session.id, &named).await? {
            return Err(ChooseCompaniesError::LoggedOut);
        }
        Ok(tx.commit().await?)
    }

    /// Takes the companies that the caller's session has lost out of the session, so that the loss is told once.
    pub async fn forget_lost(&self, caller: &Caller) -> Result<(), StoreError> {
        let (id, companies) = (caller.session.id, &caller.companies);
        let mut tx = caller.transaction().await?;
        session::store::take_companies(&mut tx, id, companies.lost(), companies.active()).await?;
        tx.commit().await
    }

    /// Records a request for a company that the caller may not work for. A flood of them leaves one event a minute.
    async fn refused(&self, caller: &Caller) -> Result<(), StoreError> {
        let at = self.clock.now();
        let event = AccountEvent {
            id: self.random.id(at),
            at,
            user: caller.user.id,
            kind: AccountEventKind::CompanyRefused,
            client: Some(&caller.client),
            session: None,
        };
        let mut tx = caller.database.system().await?;
        // One after the other: the second of two refusals finds the event of the first.
        user::store::lock(&mut tx, caller.user.id).await?;
        let is_news = activity::store::insert_event_once_a_minute(tx.connection(), &event).await?;
        tx.commit().await?;
        if !is_news {
            return Ok(());
        }
        self.modules.observe(
            &caller.database,
            [CompanyRefused {
                user: caller.user.clone(),
                session: caller.session.id,
                client: caller.client.clone(),
            }],
        );
        Ok(())
    }
}

pub(super) async fn rename_in(
    mut tx: SystemTx,
    id: CompanyId,
    name: &DisplayedName,
) -> Result<(), NameCompanyError> {
    if !company::store::rename(&mut tx, id, name).await? {
        return Err(NameCompanyError::Taken);
    }
    Ok(tx.commit().await?)
}

/// Sets the companies of a user, of which at least one must be in use. The transaction has locked all companies.
pub(super) async fn set_companies(
    tx: &mut SystemTx,
    user: &User,
    companies: &[CompanyId],
) -> Result<(), SetCompaniesError> {
    if companies.len() > MOST_COMPANIES_OF_USER {
        return Err(SetCompaniesError::TooMany);
    }
    company::store::set_of_user(tx, user.id, companies).await?;
    if user::store::has_company(tx, user.id).await? {
        Ok(())
    } else {
        Err(SetCompaniesError::NoneInUse)
    }
}
