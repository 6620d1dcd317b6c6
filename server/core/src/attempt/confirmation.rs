//! Guesses at the current password, asked again of somebody who is logged in: whoever holds a stolen
//! session must not find the password with it.

use super::{store, throttle};
use crate::{Core, StoreError, session::Caller};

/// Too many have failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts failed; try again in {retry_after_seconds} s")]
pub struct Throttled {
    /// When to try again.
    pub retry_after_seconds: u32,
}

impl Core {
    /// Counts a guess before the password is looked at, so that many at once are worth no more than
    /// as many in a row. The counter is the person's own: strangers at the log-in page cannot fill it.
    pub(crate) async fn admit_confirmation(
        &self,
        caller: &Caller,
    ) -> Result<Result<(), Throttled>, StoreError> {
        let now = self.clock.now();
        let (database, settings) = (&caller.database, &self.settings.log_in);
        let until = store::charge_confirmation(database, caller.user.id, now, settings).await?;
        let throttled = |until| Throttled {
            retry_after_seconds: throttle::retry_after_seconds(until - now),
        };
        Ok(until.map(throttled).map_or(Ok(()), Err))
    }

    /// The guess was right: those before it are forgotten.
    pub(crate) async fn confirmation_succeeded(&self, caller: &Caller) -> Result<(), StoreError> {
        store::forgive_confirmation(&caller.database, caller.user.id).await
    }
}
