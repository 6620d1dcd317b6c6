//! Confirming the identity before a sensitive action (OWASP ASVS 7.5.1, 7.5.2).

use time::OffsetDateTime;

use super::{Bearer, Caller, SessionToken, store};
use crate::{
    Core, StoreError, Throttled,
    database::Connection,
    user::{self, Overloaded, Password, Verdict},
};

/// A caller with a recently confirmed identity. Sensitive actions take this type as a parameter.
#[derive(Clone, Copy)]
pub struct Confirmed<'a>(&'a Caller);

impl Confirmed<'_> {
    /// The caller.
    pub fn caller(&self) -> &Caller {
        self.0
    }
}

/// The password was last asked too long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password has to be confirmed first")]
pub struct ConfirmationRequired;

/// A confirmed identity.
pub struct Confirmation<'a> {
    /// The caller, now confirmed.
    pub confirmed: Confirmed<'a>,
    /// The session's new token; `None` if another request has just replaced it.
    pub token: Option<SessionToken>,
}

/// The reason why an identity was not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The password is wrong.
    #[error("the password is not right")]
    WrongPassword,
    /// The caller's session has ended meanwhile.
    #[error("the session has ended")]
    SignedOut,
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

impl Core {
    /// Checks that the caller's log-in or last confirmation is recent enough. A confirmation in the future, which
    /// happens if the clock was set back, does not count. Otherwise it would be good for longer than the timeout.
    ///
    /// The confirmation counts for the session's own token only. A replaced token may be a copy in the hands of a thief
    /// who has confirmed nothing (OWASP ASVS 7.2.4).
    pub fn confirmed<'a>(&self, caller: &'a Caller) -> Result<Confirmed<'a>, ConfirmationRequired> {
        let good_for = self.settings.sessions.confirmation_timeout;
        let (now, at) = (self.clock.now(), caller.session.confirmed_at);
        if caller.has_current_token() && at <= now + store::SKEW && now < at + good_for {
            Ok(Confirmed(caller))
        } else {
            Err(ConfirmationRequired)
        }
    }

    /// Confirms the caller's identity by password. The session gets a new token (OWASP ASVS 7.2.4).
    pub async fn confirm_identity<'a>(
        &self,
        caller: &'a Caller,
        password: &Password,
    ) -> Result<Confirmation<'a>, ConfirmError> {
        self.admit_confirmation(caller).await??;
        let hash = user::store::password_hash(&caller.database, caller.user.id)
            .await?
            .ok_or(ConfirmError::SignedOut)?;
        if self.passwords.verify(password, Some(&hash)).await? == Verdict::Mismatch {
            self.confirmation_failed(caller).await?;
            return Err(ConfirmError::WrongPassword);
        }
        self.confirmation_succeeded(caller).await?;
        let now = self.clock.now();
        let mut tx = caller.database.system().await?;
        // The password changed since it was verified, or the user was disabled.
        if !user::store::lock_unchanged(&mut tx, caller.user.id, &hash).await? {
            return Err(ConfirmError::WrongPassword);
        }
        let locked = store::lock_of_user(tx.connection(), caller.user.id, now).await?;
        if !caller.is_among(&locked) {
            return Err(ConfirmError::SignedOut);
        }
        let token = self.confirmed_anew(tx.connection(), caller, now).await?;
        tx.commit().await?;
        Ok(Confirmation {
            confirmed: Confirmed(caller),
            token,
        })
    }

    /// Records the confirmation, and replaces the token in the same transaction.
    pub(crate) async fn confirmed_anew(
        &self,
        connection: &mut Connection,
        caller: &Bearer,
        now: OffsetDateTime,
    ) -> Result<Option<SessionToken>, StoreError> {
        store::set_confirmed(connection, caller.session.id, now).await?;
        self.new_token(connection, caller, now).await
    }
}
