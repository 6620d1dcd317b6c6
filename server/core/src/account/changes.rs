//! Changes and deletes users, for an administrator.

use latchkey_words::AuditAction;
use serde_json::json;

use super::{PasswordOrigin, Users, count, groups};
use crate::{
    StoreError,
    activity::{self, PasswordChange},
    attempt, audit,
    database::{Database, SystemTx},
    module::PasswordChanged,
    session::{self, EndCause, store::End},
    user::{self, InvalidPassword, Login, LoginKey, Overloaded, PasswordHash, User},
};

/// The reason why a user did not get another login.
#[derive(Debug, thiserror::Error)]
pub enum RenameUserError {
    /// Another user has the login, perhaps in another spelling.
    #[error("this login is taken")]
    LoginTaken,
    /// The login looks like another user's, and people would confuse the users.
    #[error("this login looks like '{0}', which another user has")]
    LooksLike(String),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a password was not set.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The password cannot be set.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Users {
    /// Sets another password, as an administrator. All sessions of the user end. Returns their number.
    pub async fn set_password(
        &self,
        database: &Database,
        user: &User,
        password: PasswordOrigin,
    ) -> Result<u32, SetPasswordError> {
        let mut tx = database.system().await?;
        let access = self.sessions.access_of(&mut tx, database, user.id).await?;
        drop(tx);
        let owner = user.password_owner(database.name());
        self.judge(&password, access.settings.min_password_length, owner)
            .await??;
        let (text, is_one_time) = password.parts();
        let hash = self.hasher.hash(text, &*self.random).await?;
        let tx = database.system().await?;
        Ok(self
            .set_password_in(tx, database, user, &hash, is_one_time)
            .await?)
    }

    pub(super) async fn set_password_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        user: &User,
        hash: &PasswordHash,
        is_one_time: bool,
    ) -> Result<u32, StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::Administrator,
            by: None,
        };
        user::store::set_password(&mut tx, user.id, hash, is_one_time, end.at).await?;
        let change = PasswordChange::by_administrator(self.random.id(end.at), end.at, user.id);
        activity::store::insert(&mut tx, &change).await?;
        let after = json!({ "one_time": is_one_time });
        audit::store::write_of_user(&mut tx, user, AuditAction::PasswordSet, after).await?;
        attempt::store::forgive_account(&mut tx, user).await?;
        let none = attempt::store::Kept::default();
        attempt::store::forget_signs(tx.connection(), user.id, &none).await?;
        let ended = session::store::end_of_user(&mut tx, user.id, end).await?;
        tx.commit().await?;
        self.modules
            .observe(database, [PasswordChanged { user: user.clone() }]);
        self.sessions.ended(database, user, &ended, end.cause);
        Ok(count(&ended))
    }

    /// Disables a user. Log-ins are refused, and all sessions end at once (OWASP ASVS 7.4.2). Returns the number of
    /// sessions that ended.
    pub async fn disable(&self, database: &Database, user: &User) -> Result<u32, StoreError> {
        self.disable_in(database.system().await?, database, user)
            .await
    }

    pub(super) async fn disable_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        user: &User,
    ) -> Result<u32, StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::UserDisabled,
            by: None,
        };
        user::store::set_disabled(&mut tx, user.id, Some(end.at)).await?;
        let ended = session::store::end_of_user(&mut tx, user.id, end).await?;
        tx.commit().await?;
        self.sessions.ended(database, user, &ended, end.cause);
        Ok(count(&ended))
    }

    /// Lets a disabled user log in again. Ended sessions stay ended.
    pub async fn enable(&self, database: &Database, user: &User) -> Result<(), StoreError> {
        let mut tx = database.system().await?;
        user::store::set_disabled(&mut tx, user.id, None).await?;
        tx.commit().await
    }

    /// Gives a user another login. All sessions of the user end. Returns their number.
    pub async fn rename(
        &self,
        database: &Database,
        user: &User,
        login: &Login,
    ) -> Result<u32, RenameUserError> {
        // The same order of locks as where a person renames.
        let (tx, _) = groups::change_at(database).await?;
        self.rename_in(tx, database, user, login).await
    }

    pub(super) async fn rename_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        user: &User,
        login: &Login,
    ) -> Result<u32, RenameUserError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::LoginChanged,
            by: None,
        };
        if let Some(other) = user::store::find_like(&mut tx, login, Some(user.id)).await? {
            return Err(if LoginKey::of(&other) == login.key() {
                RenameUserError::LoginTaken
            } else {
                RenameUserError::LooksLike(other)
            });
        }
        if !user::store::set_login(&mut tx, user.id, login).await? {
            return Err(RenameUserError::LoginTaken);
        }
        let ended = session::store::end_of_user(&mut tx, user.id, end).await?;
        tx.commit().await?;
        self.sessions.ended(database, user, &ended, end.cause);
        Ok(count(&ended))
    }

    /// Deletes a user with all sessions and their history. Returns the number of live sessions.
    pub async fn delete(&self, database: &Database, user: &User) -> Result<u32, StoreError> {
        self.delete_in(database.system().await?, database, user)
            .await
    }

    pub(super) async fn delete_in(
        &self,
        mut tx: SystemTx,
        database: &Database,
        user: &User,
    ) -> Result<u32, StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::UserDeleted,
            by: None,
        };
        user::store::lock(&mut tx, user.id).await?;
        let locked = session::store::lock_of_user(tx.connection(), user.id, end.at).await?;
        user::store::delete(&mut tx, user.id).await?;
        tx.commit().await?;
        let live = locked.into_iter().filter(|session| session.is_live);
        let ended: Vec<_> = live.map(|session| session.id).collect();
        self.sessions.ended(database, user, &ended, end.cause);
        Ok(count(&ended))
    }
}
