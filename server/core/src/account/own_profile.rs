//! Changes a person's own name and preferences.

use super::{Users, audit};
use crate::{
    DisplayedName, StoreError,
    company::{self, CompanyId},
    database::SystemTx,
    session::{self, Caller},
    user::{self, Preferences},
};

/// The reason why a person's own profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeProfileError {
    /// The caller's session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// The caller may not work for the company, or the company is archived.
    #[error("the person may not work for this company")]
    UnknownCompany,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Users {
    /// Gives the caller another displayed name.
    pub async fn set_own_name(
        &self,
        caller: &Caller,
        name: &DisplayedName,
    ) -> Result<(), ChangeProfileError> {
        let mut tx = caller.database.system().await?;
        self.lock_own(&mut tx, caller).await?;
        user::store::set_name(&mut tx, caller.user.id, name).await?;
        Ok(tx.commit().await?)
    }

    /// Sets the caller's preferences that differ from those that the caller was `shown`; the others stay, also if another tab
    /// has changed them meanwhile. The preferences are in force from the next request on, in every browser. New sessions work
    /// for `default_company`; without it the default company stays.
    pub async fn set_own_preferences(
        &self,
        caller: &Caller,
        shown: &Preferences,
        preferences: &Preferences,
        default_company: Option<CompanyId>,
    ) -> Result<(), ChangeProfileError> {
        let mut tx = caller.database.system().await?;
        if default_company.is_some() {
            company::store::lock(&mut tx).await?;
        }
        self.lock_own(&mut tx, caller).await?;
        if let Some(company) = default_company
            && !company::store::set_default(&mut tx, caller.user.id, company).await?
        {
            return Err(ChangeProfileError::UnknownCompany);
        }
        user::store::set_preferences(&mut tx, caller.user.id, shown, preferences).await?;
        Ok(tx.commit().await?)
    }

    /// Locks the caller's user, whose session must still be live.
    async fn lock_own(&self, tx: &mut SystemTx, caller: &Caller) -> Result<(), ChangeProfileError> {
        let user = caller.user.id;
        audit::tell(tx, caller).await?;
        user::store::lock(tx, user).await?;
        let now = self.clock.now();
        let sessions = session::store::lock_of_user(tx.connection(), user, now).await?;
        if caller.is_among(&sessions) {
            Ok(())
        } else {
            Err(ChangeProfileError::LoggedOut)
        }
    }
}
