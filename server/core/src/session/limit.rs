//! How many live sessions a user has at most.

use time::OffsetDateTime;

use super::{
    EndCause,
    store::{self, End},
};
use crate::{
    Core, StoreError,
    database::{Database, SystemTx},
    module::Event,
    user::User,
};

impl Core {
    /// Ends the user's longest unused sessions where there is no room for a new one. The user's row has
    /// to be locked: then no other log-in takes the room. Gives what modules are told after the commit.
    pub(crate) async fn make_room(
        &self,
        database: &Database,
        tx: &mut SystemTx,
        user: &User,
        now: OffsetDateTime,
    ) -> Result<Vec<Event>, StoreError> {
        let end = End {
            at: now,
            cause: EndCause::Limit,
            by: None,
        };
        let others = self.settings.sessions.most_of_user.saturating_sub(1);
        let kept = i64::try_from(others).unwrap_or(i64::MAX);
        let ended = store::end_longest_unused(tx, user.id, kept, end).await?;
        let told = ended.into_iter();
        Ok(told
            .map(|id| Event::session_ended(database, user, id, end.cause))
            .collect())
    }
}
