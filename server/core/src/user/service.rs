//! Creates, changes and deletes users.

use super::{
    InvalidLogin, InvalidPassword, Login, LoginKey, Overloaded, Password, PasswordHash, Role, User,
    UserId, UserRecord, Verdict,
    store::{self, NewRow},
};
use crate::{
    Core, StoreError, Throttled,
    activity::{self, PasswordChange},
    attempt,
    database::{CreateDatabaseError, Database, DatabaseName},
    module::Event,
    session::{
        self, Bearer, Caller, ConfirmationRequired, EndCause, Pending, SessionId, SessionToken,
        Step, store::End,
    },
};

/// A user to create.
pub struct NewUser {
    /// The login, unique in the database regardless of case.
    pub login: Login,
    /// The user's name for people.
    pub name: String,
    /// The first password.
    pub password: PasswordOrigin,
    /// The user's role.
    pub role: Role,
}

/// The origin of a password that an administrator sets.
pub enum PasswordOrigin {
    /// The password was given, and stays the user's own.
    Given(Password),
    /// The password was made for one log-in, and the user must replace it then.
    OneTime(Password),
}

/// The fate of the user's other sessions when the password changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherSessions {
    /// The other sessions end.
    End,
    /// The other sessions stay.
    Keep,
}

/// The result of changing one's own password.
pub struct ChangedPassword {
    /// The number of other sessions that ended.
    pub ended_sessions: u32,
    /// The session's new token; `None` if another request has just replaced it.
    pub token: Option<SessionToken>,
}

/// The reason why a user was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The text is not a valid login.
    #[error(transparent)]
    Login(#[from] InvalidLogin),
    /// Another user has the login, perhaps in another spelling.
    #[error("this login is taken")]
    LoginTaken,
    /// The login looks like another user's, and people would confuse the users.
    #[error("this login looks like '{0}', which another user has")]
    LooksLike(String),
    /// The password cannot be set.
    #[error(transparent)]
    Password(#[from] InvalidPassword),
    /// The database for the user could not be created.
    #[error(transparent)]
    Database(#[from] CreateDatabaseError),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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

/// The reason why a person's own password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is wrong.
    #[error("the current password is not right")]
    WrongPassword,
    /// Too many guesses at the current password have failed.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The caller's session has ended meanwhile.
    #[error("the session has ended")]
    SignedOut,
    /// There is no one-time password to replace.
    #[error("the password is not a one-time password")]
    NotOneTime,
    /// The caller's token was replaced. It may be a copy in the hands of a thief who has confirmed nothing.
    #[error(transparent)]
    ConfirmationRequired(#[from] ConfirmationRequired),
    /// The new password could not be set.
    #[error(transparent)]
    Set(#[from] SetPasswordError),
}

impl From<StoreError> for ChangePasswordError {
    fn from(error: StoreError) -> Self {
        Self::Set(error.into())
    }
}

impl From<Overloaded> for ChangePasswordError {
    fn from(error: Overloaded) -> Self {
        Self::Set(error.into())
    }
}

impl Core {
    /// Creates a database with its first administrator. The database becomes visible only when it is complete. If
    /// anything fails, the database is dropped.
    pub async fn create_database(
        &self,
        name: &DatabaseName,
        administrator: NewUser,
    ) -> Result<Database, CreateUserError> {
        self.judge(&administrator.password, administrator.login.as_str(), name)
            .await??;
        self.databases.create(name).await?;
        let made = match self.databases.set_up(name).await {
            Ok(database) => self
                .create_user(&database, administrator)
                .await
                .map(|_| database),
            Err(error) => Err(error.into()),
        };
        let database = match made {
            Ok(database) => database,
            Err(error) => {
                self.databases.discard(name).await?;
                return Err(error);
            }
        };
        self.databases.publish(&database).await?;
        Ok(database)
    }

    /// Creates a user.
    pub async fn create_user(
        &self,
        database: &Database,
        new: NewUser,
    ) -> Result<User, CreateUserError> {
        self.judge(&new.password, new.login.as_str(), database.name())
            .await??;
        let (password, is_one_time) = new.password.parts();
        let hash = self.passwords.hash(password, &*self.random).await?;
        let now = self.clock.now();
        let id = UserId::new(self.random.id(now));
        let row = NewRow {
            id,
            login: &new.login,
            name: &new.name,
            hash: &hash,
            is_one_time,
            role: new.role,
            now,
        };
        let mut tx = database.system().await?;
        if let Some(other) = store::find_like(&mut tx, &new.login, None).await? {
            return Err(if LoginKey::of(&other) == new.login.key() {
                CreateUserError::LoginTaken
            } else {
                CreateUserError::LooksLike(other)
            });
        }
        if !store::insert(&mut tx, &row).await? {
            return Err(CreateUserError::LoginTaken);
        }
        tx.commit().await?;
        Ok(User {
            id,
            login: new.login.as_str().to_owned(),
            name: new.name,
        })
    }

    /// All users of a database, by login.
    pub async fn list_users(&self, database: &Database) -> Result<Vec<UserRecord>, StoreError> {
        store::list(database, self.clock.now()).await
    }

    /// The user with this login, in any spelling.
    pub async fn find_user(
        &self,
        database: &Database,
        login: &str,
    ) -> Result<Option<User>, StoreError> {
        let found = store::find_by_login(database, login).await?;
        Ok(found.map(|found| found.user))
    }

    /// Sets another password, as an administrator. All sessions of the user end. Returns their number.
    pub async fn set_password(
        &self,
        database: &Database,
        user: &User,
        password: PasswordOrigin,
    ) -> Result<u32, SetPasswordError> {
        self.judge(&password, &user.login, database.name())
            .await??;
        let (text, is_one_time) = password.parts();
        let hash = self.passwords.hash(text, &*self.random).await?;
        let end = End {
            at: self.clock.now(),
            cause: EndCause::Administrator,
            by: None,
        };
        let mut tx = database.system().await?;
        store::set_password(&mut tx, user.id, &hash, is_one_time, end.at).await?;
        let change = PasswordChange::by_administrator(self.random.id(end.at), end.at, user.id);
        activity::store::insert(&mut tx, &change).await?;
        attempt::store::forgive_account(&mut tx, user).await?;
        let none = attempt::store::Kept::default();
        attempt::store::forget_signs(tx.connection(), user.id, &none).await?;
        let ended = session::store::end_of_user(&mut tx, user.id, end).await?;
        tx.commit().await?;
        self.password_changed(database, user, &ended, end.cause);
        Ok(count(&ended))
    }

    /// Disables a user. Log-ins are refused, and all sessions end at once (OWASP ASVS 7.4.2). Returns the number of
    /// sessions that ended.
    pub async fn disable_user(&self, database: &Database, user: &User) -> Result<u32, StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::UserDisabled,
            by: None,
        };
        let mut tx = database.system().await?;
        store::set_disabled(&mut tx, user.id, Some(end.at)).await?;
        let ended = session::store::end_of_user(&mut tx, user.id, end).await?;
        tx.commit().await?;
        self.sessions_ended(database, user, &ended, end.cause);
        Ok(count(&ended))
    }

    /// Lets a disabled user log in again. Ended sessions stay ended.
    pub async fn enable_user(&self, database: &Database, user: &User) -> Result<(), StoreError> {
        let mut tx = database.system().await?;
        store::set_disabled(&mut tx, user.id, None).await?;
        tx.commit().await
    }

    /// Gives a user another login. All sessions of the user end. Returns their number.
    pub async fn rename_user(
        &self,
        database: &Database,
        user: &User,
        login: &Login,
    ) -> Result<u32, RenameUserError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::LoginChanged,
            by: None,
        };
        let mut tx = database.system().await?;
        if let Some(other) = store::find_like(&mut tx, login, Some(user.id)).await? {
            return Err(if LoginKey::of(&other) == login.key() {
                RenameUserError::LoginTaken
            } else {
                RenameUserError::LooksLike(other)
            });
        }
        if !store::set_login(&mut tx, user.id, login).await? {
            return Err(RenameUserError::LoginTaken);
        }
        let ended = session::store::end_of_user(&mut tx, user.id, end).await?;
        tx.commit().await?;
        self.sessions_ended(database, user, &ended, end.cause);
        Ok(count(&ended))
    }

    /// Deletes a user with all sessions and their history. Returns the number of live sessions.
    pub async fn delete_user(&self, database: &Database, user: &User) -> Result<u32, StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::UserDeleted,
            by: None,
        };
        let mut tx = database.system().await?;
        store::lock(&mut tx, user.id).await?;
        let locked = session::store::lock_of_user(tx.connection(), user.id, end.at).await?;
        store::delete(&mut tx, user.id).await?;
        tx.commit().await?;
        let live = locked.into_iter().filter(|session| session.is_live);
        let ended: Vec<_> = live.map(|session| session.id).collect();
        self.sessions_ended(database, user, &ended, end.cause);
        Ok(count(&ended))
    }

    /// Changes the caller's password. The session gets a new token (OWASP ASVS 7.2.4).
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: &Password,
        new: &Password,
        others: OtherSessions,
    ) -> Result<ChangedPassword, ChangePasswordError> {
        self.admit_confirmation(caller).await??;
        let verified = store::password_hash(&caller.database, caller.user.id)
            .await?
            .ok_or(ChangePasswordError::SignedOut)?;
        if self.passwords.verify(current, Some(&verified)).await? == Verdict::Mismatch {
            self.confirmation_failed(caller).await?;
            return Err(ChangePasswordError::WrongPassword);
        }
        self.confirmation_succeeded(caller).await?;
        if current.is(new) {
            return Err(SetPasswordError::from(InvalidPassword::Unchanged).into());
        }
        self.replace_password(caller, &verified, new, others).await
    }

    /// Replaces the one-time password, which was verified at log-in, and takes the step that the session waits
    /// for. Other sessions that were opened with the one-time password end.
    pub async fn replace_one_time_password(
        &self,
        caller: &Pending,
        new: &Password,
    ) -> Result<ChangedPassword, ChangePasswordError> {
        if caller.step() != Step::NewPassword {
            return Err(ChangePasswordError::NotOneTime);
        }
        if !caller.has_current_token() {
            return Err(ConfirmationRequired.into());
        }
        // Another session of the user may have replaced the password since the request was resumed.
        let Some(replaced) = store::one_time_hash(&caller.database, caller.user.id).await? else {
            return Err(ChangePasswordError::NotOneTime);
        };
        if self.passwords.verify(new, Some(&replaced)).await? != Verdict::Mismatch {
            return Err(SetPasswordError::from(InvalidPassword::Unchanged).into());
        }
        self.replace_password(caller, &replaced, new, OtherSessions::End)
            .await
    }

    /// The smallest number of characters of a new password.
    pub fn password_minimum(&self) -> u32 {
        u32::try_from(self.settings.passwords.minimum_length).unwrap_or(u32::MAX)
    }

    /// Replaces the password in one transaction, if it is still the password that was verified. Of two parallel changes
    /// one succeeds, and the other is told that its current password is wrong.
    async fn replace_password(
        &self,
        caller: &Bearer,
        verified: &PasswordHash,
        new: &Password,
        others: OtherSessions,
    ) -> Result<ChangedPassword, ChangePasswordError> {
        self.passwords
            .judge(new, &caller.user.login, caller.database.name())
            .await?
            .map_err(SetPasswordError::from)?;
        let hash = self.passwords.hash(new, &*self.random).await?;
        let end = End {
            at: self.clock.now(),
            cause: EndCause::PasswordChanged,
            by: Some(caller.session.id),
        };
        let mut tx = caller.database.system().await?;
        if !store::lock_unchanged(&mut tx, caller.user.id, verified).await? {
            return Err(ChangePasswordError::WrongPassword);
        }
        let sessions =
            session::store::lock_of_user(tx.connection(), caller.user.id, end.at).await?;
        if !caller.is_among(&sessions) {
            return Err(ChangePasswordError::SignedOut);
        }
        store::set_password(&mut tx, caller.user.id, &hash, false, end.at).await?;
        let change = PasswordChange::by_person(self.random.id(end.at), end.at, caller);
        activity::store::insert(&mut tx, &change).await?;
        let ended = match others {
            OtherSessions::End => {
                let kept = Some(caller.session.id);
                session::store::end_locked(tx.connection(), &sessions, kept, end).await?
            }
            OtherSessions::Keep => Vec::new(),
        };
        self.forget_other_signs(tx.connection(), caller).await?;
        // If the session waits for a new password, this completes the step. For other sessions it changes nothing.
        session::store::complete_step(tx.connection(), caller.session.id, Step::NewPassword)
            .await?;
        let token = self.confirmed_anew(tx.connection(), caller, end.at).await?;
        tx.commit().await?;
        self.password_changed(&caller.database, &caller.user, &ended, end.cause);
        Ok(ChangedPassword {
            ended_sessions: count(&ended),
            token,
        })
    }

    async fn judge(
        &self,
        password: &PasswordOrigin,
        login: &str,
        database: &DatabaseName,
    ) -> Result<Result<(), InvalidPassword>, Overloaded> {
        match password {
            PasswordOrigin::Given(password) => {
                self.passwords.judge(password, login, database).await
            }
            PasswordOrigin::OneTime(_) => Ok(Ok(())),
        }
    }

    fn password_changed(
        &self,
        database: &Database,
        user: &User,
        ended: &[SessionId],
        cause: EndCause,
    ) {
        self.modules
            .observe([Event::password_changed(database, user)]);
        self.sessions_ended(database, user, ended, cause);
    }
}

impl PasswordOrigin {
    fn parts(&self) -> (&Password, bool) {
        match self {
            Self::Given(password) => (password, false),
            Self::OneTime(password) => (password, true),
        }
    }
}

fn count(ended: &[SessionId]) -> u32 {
    u32::try_from(ended.len()).unwrap_or(u32::MAX)
}
