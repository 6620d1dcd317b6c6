//! Guesses at the current password, asked again of somebody who is logged in: whoever holds a stolen
//! session must not find the password with it.

use super::{store, throttle};
use crate::{
    Core, StoreError,
    activity::{self, AccountEvent, AccountEventKind},
    module::Event,
    session::Caller,
};

/// Too many have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts failed; try again in {retry_after_seconds} s")]
pub struct Throttled {
    /// When to try again.
    pub retry_after_seconds: u32,
}

impl Core {
    /// Counts a guess before the password is looked at, so that many at once are worth no more than
    /// as many in a row. The counter is the session's own: neither strangers at the log-in page nor
    /// whoever holds a stolen session can fill that of the owner's other sessions.
    pub(crate) async fn admit_confirmation(
        &self,
        caller: &Caller,
    ) -> Result<Result<(), Throttled>, StoreError> {
        let now = self.clock.now();
        let (database, session) = (&caller.database, caller.session.id);
        if store::charge_confirmation(database, session, now, &self.settings.log_in).await? {
            return Ok(Ok(()));
        }
        let until = store::confirmation_blocked_until(database, session).await?;
        let left = until.map_or(time::Duration::ZERO, |until| until - now);
        Ok(Err(Throttled {
            retry_after_seconds: throttle::retry_after_seconds(left),
        }))
    }

    /// The guess was wrong: written down for the person and told to the modules. How often is bounded by
    /// [`Self::admit_confirmation`].
    pub(crate) async fn confirmation_failed(&self, caller: &Caller) -> Result<(), StoreError> {
        let at = self.clock.now();
        let wrong = AccountEvent {
            id: self.random.id(at),
            at,
            user: caller.user.id,
            kind: AccountEventKind::WrongCurrentPassword,
            client: Some(&caller.client),
        };
        let mut tx = caller.database.system().await?;
        activity::store::insert_event(tx.connection(), &wrong).await?;
        tx.commit().await?;
        self.modules.observe([Event::WrongCurrentPassword {
            database: caller.database.name().clone(),
            user: caller.user.clone(),
            session: caller.session.id,
            client: caller.client.clone(),
        }]);
        Ok(())
    }

    /// The guess was right: those before it are forgotten.
    pub(crate) async fn confirmation_succeeded(&self, caller: &Caller) -> Result<(), StoreError> {
        store::forgive_confirmation(&caller.database, caller.session.id).await
    }
}
