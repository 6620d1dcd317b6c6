//! Confirms the identity of a logged-in person by password. Guesses are throttled, which keeps a thief from finding the
//! password with a stolen session.

use time::Duration;

use super::Passwords;
use crate::{
    StoreError, Throttled,
    activity::{self, AccountEvent, AccountEventKind},
    attempt::{retry_after_seconds, store as attempts},
    module::WrongCurrentPassword,
    session::{self, Caller, Confirmation, Confirmed},
    user::{self, Overloaded, Password, Verdict},
};

/// A person who mistyped the current password enters the right one within this time.
const MISTYPED_FOR: Duration = Duration::hours(1);

/// The reason why an identity was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The password is wrong.
    #[error("the password is not right")]
    WrongPassword,
    /// The caller's session has ended meanwhile.
    #[error("the session has ended")]
    LoggedOut,
    /// Too many guesses have failed.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Passwords {
    /// Confirms the caller's identity by password. The session gets a new token (OWASP ASVS 7.2.4).
    pub async fn confirm<'a>(
        &self,
        caller: &'a Caller,
        password: &Password,
    ) -> Result<Confirmation<'a>, ConfirmError> {
        self.admit(caller).await??;
        let hash = user::store::password_hash(&caller.database, caller.user.id)
            .await?
            .ok_or(ConfirmError::LoggedOut)?;
        if self.hasher.verify(password, Some(&hash)).await? == Verdict::Mismatch {
            self.failed(caller).await?;
            return Err(ConfirmError::WrongPassword);
        }
        self.succeeded(caller).await?;
        let now = self.clock.now();
        let mut tx = caller.database.system().await?;
        // The password changed since it was verified, or the user was disabled.
        if !user::store::lock_unchanged(&mut tx, caller.user.id, &hash).await? {
            return Err(ConfirmError::WrongPassword);
        }
        let locked = session::store::lock_of_user(tx.connection(), caller.user.id, now).await?;
        if !caller.is_among(&locked) {
            return Err(ConfirmError::LoggedOut);
        }
        let token = self
            .sessions
            .confirmed_anew(tx.connection(), caller, now)
            .await?;
        tx.commit().await?;
        Ok(Confirmation {
            confirmed: Confirmed::just_now(caller),
            token,
        })
    }

    /// Counts a guess before the password is checked, so that parallel guesses gain nothing over guesses in a row.
    /// Each session has its own counter: neither a stranger at the log-in page nor the thief of another session can
    /// fill the counter of the owner's session.
    pub(super) async fn admit(&self, caller: &Caller) -> Result<Result<(), Throttled>, StoreError> {
        let now = self.clock.now();
        let (database, session) = (&caller.database, caller.session.id);
        if attempts::charge_confirmation(database, session, now, &self.settings).await? {
            return Ok(Ok(()));
        }
        let until = attempts::confirmation_blocked_until(database, session).await?;
        let left = until.map_or(Duration::ZERO, |until| until - now);
        Ok(Err(Throttled {
            retry_after_seconds: retry_after_seconds(left),
        }))
    }

    /// Records a wrong guess in the person's activity, and tells the modules. [`Self::admit`] limits how
    /// often that happens.
    pub(super) async fn failed(&self, caller: &Caller) -> Result<(), StoreError> {
        let at = self.clock.now();
        let wrong = AccountEvent {
            id: self.random.id(at),
            at,
            user: caller.user.id,
            kind: AccountEventKind::WrongCurrentPassword,
            client: Some(&caller.client),
            session: Some(caller.session.id),
        };
        let mut tx = caller.database.system().await?;
        activity::store::insert_event(tx.connection(), &wrong).await?;
        tx.commit().await?;
        self.modules.observe(
            &caller.database,
            [WrongCurrentPassword {
                user: caller.user.clone(),
                session: caller.session.id,
                client: caller.client.clone(),
            }],
        );
        Ok(())
    }

    /// Forgets the wrong guesses after a right one. It explains those of the last hour: the person has mistyped.
    pub(super) async fn succeeded(&self, caller: &Caller) -> Result<(), StoreError> {
        let (database, session) = (&caller.database, caller.session.id);
        attempts::forgive_confirmation(database, session).await?;
        let now = self.clock.now();
        let since = now - MISTYPED_FOR;
        activity::store::explain_guesses(database, caller.user.id, session, since, now).await
    }
}
