//! Changes a person's own password.

use std::sync::Arc;

use super::{SetPasswordError, count};
use crate::{
    StoreError, Throttled,
    activity::{self, PasswordChange},
    attempt::LogInSettings,
    clock::Clock,
    module::{Modules, PasswordChanged},
    random::Random,
    session::{
        self, Bearer, Caller, ConfirmationRequired, EndCause, Pending, SessionToken, Sessions,
        Step, store::End,
    },
    user::{self, InvalidPassword, Overloaded, Password, PasswordHash, PasswordHasher, Verdict},
};

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
    LoggedOut,
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

/// The service of people's own passwords.
pub struct Passwords {
    pub(super) hasher: Arc<PasswordHasher>,
    pub(super) settings: LogInSettings,
    pub(super) sessions: Arc<Sessions>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) modules: Modules,
}

impl Passwords {
    pub(crate) fn new(
        hasher: Arc<PasswordHasher>,
        settings: LogInSettings,
        sessions: Arc<Sessions>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        modules: Modules,
    ) -> Self {
        Self {
            hasher,
            settings,
            sessions,
            clock,
            random,
            modules,
        }
    }

    /// Changes the caller's password. The session gets a new token (OWASP ASVS 7.2.4).
    pub async fn change(
        &self,
        caller: &Caller,
        current: &Password,
        new: &Password,
        others: OtherSessions,
    ) -> Result<ChangedPassword, ChangePasswordError> {
        self.admit(caller).await??;
        let verified = user::store::password_hash(&caller.database, caller.user.id)
            .await?
            .ok_or(ChangePasswordError::LoggedOut)?;
        if self.hasher.verify(current, Some(&verified)).await? == Verdict::Mismatch {
            self.failed(caller).await?;
            return Err(ChangePasswordError::WrongPassword);
        }
        self.succeeded(caller).await?;
        if current.is(new) {
            return Err(SetPasswordError::from(InvalidPassword::Unchanged).into());
        }
        self.replace(caller, &verified, new, others).await
    }

    /// Replaces the one-time password, which was verified at log-in, and takes the step that the session waits
    /// for. Other sessions that were opened with the one-time password end.
    pub async fn replace_one_time(
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
        let Some(replaced) = user::store::one_time_hash(&caller.database, caller.user.id).await?
        else {
            return Err(ChangePasswordError::NotOneTime);
        };
        if self.hasher.verify(new, Some(&replaced)).await? != Verdict::Mismatch {
            return Err(SetPasswordError::from(InvalidPassword::Unchanged).into());
        }
        self.replace(caller, &replaced, new, OtherSessions::End)
            .await
    }

    /// Replaces the password in one transaction, if it is still the password that was verified. Of two parallel changes
    /// one succeeds, and the other is told that its current password is wrong.
    async fn replace(
        &self,
        caller: &Bearer,
        verified: &PasswordHash,
        new: &Password,
        others: OtherSessions,
    ) -> Result<ChangedPassword, ChangePasswordError> {
        self.hasher
            .judge(
                new,
                caller.settings.min_password_length,
                caller.user.password_owner(caller.database.name()),
            )
            .await?
            .map_err(SetPasswordError::from)?;
        let hash = self.hasher.hash(new, &*self.random).await?;
        let end = End {
            at: self.clock.now(),
            cause: EndCause::PasswordChanged,
            by: Some(caller.session.id),
        };
        let mut tx = caller.database.system().await?;
        if !user::store::lock_unchanged(&mut tx, caller.user.id, verified).await? {
            return Err(ChangePasswordError::WrongPassword);
        }
        let sessions =
            session::store::lock_of_user(tx.connection(), caller.user.id, end.at).await?;
        if !caller.is_among(&sessions) {
            return Err(ChangePasswordError::LoggedOut);
        }
        user::store::set_password(&mut tx, caller.user.id, &hash, false, end.at).await?;
        let change = PasswordChange::by_person(
            self.random.id(end.at),
            end.at,
            caller.user.id,
            &caller.client,
        );
        activity::store::insert(&mut tx, &change).await?;
        let ended = match others {
            OtherSessions::End => {
                let kept = Some(caller.session.id);
                session::store::end_locked(tx.connection(), &sessions, kept, end).await?
            }
            OtherSessions::Keep => Vec::new(),
        };
        session::forget_other_signs(tx.connection(), caller).await?;
        // If the session waits for a new password, this completes the step. For other sessions it changes nothing.
        session::store::complete_step(tx.connection(), caller.session.id, Step::NewPassword)
            .await?;
        let token = self
            .sessions
            .confirmed_anew(tx.connection(), caller, end.at)
            .await?;
        tx.commit().await?;
        self.modules.observe(
            &caller.database,
            [PasswordChanged {
                user: caller.user.clone(),
            }],
        );
        self.sessions
            .ended(&caller.database, &caller.user, &ended, end.cause);
        Ok(ChangedPassword {
            ended_sessions: count(&ended),
            token,
        })
    }
}
