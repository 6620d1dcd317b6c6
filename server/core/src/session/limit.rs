//! The limit of a user's live sessions.

use time::OffsetDateTime;

use super::{
    AtMostOfUser, EndCause, SessionSettings, Sessions,
    store::{self, End},
};
use crate::{
    StoreError,
    database::SystemTx,
    module::{AnyEvent, SessionEnded},
    user::User,
};

impl Sessions {
    /// Whether the user may have one more session. Where the settings say so, this makes room by ending the sessions that the user
    /// has not used for longest. The caller must hold the lock of the user's row, so that no parallel log-in exceeds the limit.
    /// `Ok` has the events that modules get after the commit. `Err(most)`: the user has so many live sessions, and the log-in is
    /// to be refused.
    pub(crate) async fn make_room(
        &self,
        tx: &mut SystemTx,
        user: &User,
        settings: &SessionSettings,
        now: OffsetDateTime,
    ) -> Result<Result<Vec<AnyEvent>, usize>, StoreError> {
        let most = settings.most_of_user;
        match settings.at_most_of_user {
            AtMostOfUser::EndLongestUnused => {
                let ended = self.end_longest_unused(tx, user, most, now);
                ended.await.map(Ok)
            }
            AtMostOfUser::RefuseLogIn => {
                let live = store::count_under(tx, user.id, settings, now).await?;
                Ok(if live < most {
                    Ok(Vec::new())
                } else {
                    Err(most)
                })
            }
        }
    }

    async fn end_longest_unused(
        &self,
        tx: &mut SystemTx,
        user: &User,
        most: usize,
        now: OffsetDateTime,
    ) -> Result<Vec<AnyEvent>, StoreError> {
        let end = End {
            at: now,
            cause: EndCause::Limit,
            by: None,
        };
        let others = most.saturating_sub(1);
        let kept = i64::try_from(others).unwrap_or(i64::MAX);
        let ended = store::end_longest_unused(tx, user.id, kept, end).await?;
        let told = ended.into_iter();
        Ok(told
            .map(|id| SessionEnded::new(user, id, end.cause).into())
            .collect())
    }
}
