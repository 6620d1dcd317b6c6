//! Guesses at the current password when a logged-in person is asked for it again. Throttling them keeps a thief from
//! finding the password with a stolen session.

use super::{store, throttle};
use crate::{
    Core, StoreError, Throttled,
    activity::{self, AccountEvent, AccountEventKind},
    module::Event,
    session::Caller,
};

impl Core {
    /// Counts a guess before the password is checked, so that parallel guesses gain nothing over guesses in a row.
    /// Each session has its own counter: neither a stranger at the log-in page nor the thief of another session can
    /// fill the counter of the owner's session.
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

    /// Records a wrong guess in the person's activity, and tells the modules. [`Self::admit_confirmation`] limits how
    /// often that happens.
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

    /// Forgets the wrong guesses after a right one.
    pub(crate) async fn confirmation_succeeded(&self, caller: &Caller) -> Result<(), StoreError> {
        store::forgive_confirmation(&caller.database, caller.session.id).await
    }
}
