//! Changes a person's own name and preferences.

use super::Users;
use crate::{
    StoreError,
    database::SystemTx,
    session::{self, Caller},
    user::{self, Preferences, UserName},
};

/// The reason why a person's own profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeProfileError {
    /// The caller's session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Users {
    /// Gives the caller another displayed name.
    pub async fn set_own_name(
        &self,
        caller: &Caller,
        name: &UserName,
    ) -> Result<(), ChangeProfileError> {
        let mut tx = self.change_own(caller).await?;
        user::store::set_name(&mut tx, caller.user.id, name).await?;
        Ok(tx.commit().await?)
    }

    /// Sets all preferences of the caller. They are in force from the next request on, in every browser.
    pub async fn set_own_preferences(
        &self,
        caller: &Caller,
        preferences: &Preferences,
    ) -> Result<(), ChangeProfileError> {
        let mut tx = self.change_own(caller).await?;
        user::store::set_preferences(&mut tx, caller.user.id, preferences).await?;
        Ok(tx.commit().await?)
    }

    /// A transaction that has locked the caller's user, whose session is still live.
    async fn change_own(&self, caller: &Caller) -> Result<SystemTx, ChangeProfileError> {
        let mut tx = caller.database.system().await?;
        let user = caller.user.id;
        user::store::lock(&mut tx, user).await?;
        let now = self.clock.now();
        let sessions = session::store::lock_of_user(tx.connection(), user, now).await?;
        if !caller.is_among(&sessions) {
            return Err(ChangeProfileError::LoggedOut);
        }
        Ok(tx)
    }
}
