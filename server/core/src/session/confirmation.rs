//! Confirming the identity before a sensitive action (OWASP ASVS 7.5.1, 7.5.2).

use time::{Duration, OffsetDateTime};

use super::{Bearer, Caller, SessionToken, Sessions, store};
use crate::{StoreError, database::Connection};

/// A caller with a recently confirmed identity. Sensitive actions take this type as a parameter.
#[derive(Clone, Copy)]
pub struct Confirmed<'a>(&'a Caller);

impl<'a> Confirmed<'a> {
    /// A caller who has just proven their identity.
    pub(crate) fn just_now(caller: &'a Caller) -> Self {
        Self(caller)
    }

    /// The caller.
    pub fn caller(&self) -> &'a Caller {
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

impl Sessions {
    /// Checks that the caller's log-in or last confirmation is recent enough. A confirmation in the future, which
    /// happens if the clock was set back, does not count. Otherwise it would be good for longer than the timeout.
    ///
    /// The confirmation counts for the session's own token only. A replaced token may be a copy in the hands of a thief
    /// who has confirmed nothing (OWASP ASVS 7.2.4).
    pub fn confirmed<'a>(&self, caller: &'a Caller) -> Result<Confirmed<'a>, ConfirmationRequired> {
        let good_for = caller.settings.confirmation_timeout;
        let (now, at) = (self.clock.now(), caller.session.confirmed_at);
        if caller.has_current_token() && at <= now + store::SKEW && now < at + good_for {
            Ok(Confirmed(caller))
        } else {
            Err(ConfirmationRequired)
        }
    }

    /// The time for which sensitive actions need no password; zero if the next one needs the password.
    pub fn confirmed_for(&self, caller: &Caller) -> Duration {
        if self.confirmed(caller).is_err() {
            return Duration::ZERO;
        }
        let until = caller.session.confirmed_at + caller.settings.confirmation_timeout;
        until - self.clock.now()
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
