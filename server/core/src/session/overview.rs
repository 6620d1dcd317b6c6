//! A person's sessions, live and ended, from one transaction.

use super::{
    Caller, ListedSession, PastSession,
    service::{MOST_ENDED, MOST_LISTED},
    store,
};
use crate::{Core, StoreError};

/// The content of the Devices page.
#[derive(Clone, Debug)]
pub struct SessionOverview {
    /// Live sessions, as [`Core::list_sessions`] lists them.
    pub live: Vec<ListedSession>,
    /// The number of live sessions, including those that are not listed.
    pub live_count: u32,
    /// Ended sessions, as [`Core::list_ended_sessions`] lists them.
    pub ended: Vec<PastSession>,
}

impl Core {
    /// The caller's live sessions and recently ended sessions.
    pub async fn session_overview(&self, caller: &Caller) -> Result<SessionOverview, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.database.scoped(caller).await?;
        let (user, current) = (caller.user.id, caller.session.id);
        let live = store::list_live(&mut tx, user, current, now, MOST_LISTED).await?;
        let listed = i64::try_from(live.len()).unwrap_or(i64::MAX);
        let count = if listed < MOST_LISTED {
            listed
        } else {
            store::count_live(&mut tx, user, now).await?
        };
        Ok(SessionOverview {
            live,
            live_count: u32::try_from(count).unwrap_or(u32::MAX),
            ended: store::list_ended(&mut tx, user, now, None, MOST_ENDED).await?,
        })
    }
}
