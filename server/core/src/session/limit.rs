//! The limit of a user's live sessions.

use time::OffsetDateTime;

use super::{
    EndCause, Sessions,
    store::{self, End},
};
use crate::{
    StoreError,
    database::{Database, SystemTx},
    module::Event,
    user::User,
};

impl Sessions {
    /// Ends the sessions that the user has not used for longest, if a new session would exceed the limit. The caller
    /// must hold the lock of the user's row, so that no parallel log-in exceeds the limit. Returns the events that
    /// modules get after the commit.
    pub(crate) async fn make_room(
        &self,
        database: &Database,
        tx: &mut SystemTx,
        user: &User,
        most_of_user: usize,
        now: OffsetDateTime,
    ) -> Result<Vec<Event>, StoreError> {
        let end = End {
            at: now,
            cause: EndCause::Limit,
            by: None,
        };
        let others = most_of_user.saturating_sub(1);
        let kept = i64::try_from(others).unwrap_or(i64::MAX);
        let ended = store::end_longest_unused(tx, user.id, kept, end).await?;
        let told = ended.into_iter();
        Ok(told
            .map(|id| Event::session_ended(database, user, id, end.cause))
            .collect())
    }
}
