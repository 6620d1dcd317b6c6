//! Lists sessions.

use latchkey_words::{MOST_ENDED, MOST_LISTED};
use time::OffsetDateTime;

use super::{Caller, ListedSession, PastSession, Session, Sessions, store};
use crate::{
    StoreError,
    database::{Database, ScopedTx},
    user::{User, UserId},
};

/// The content of the Devices page.
#[derive(Clone, Debug)]
pub struct SessionOverview {
    /// Live sessions, as [`Sessions::list`] lists them.
    pub live: Vec<ListedSession>,
    /// The number of live sessions, including those that are not listed.
    pub live_count: u32,
    /// Ended sessions, as [`Sessions::list_ended`] lists them.
    pub ended: Vec<PastSession>,
}

/// The caller's live sessions, as [`Sessions::list`] lists them, and their number, including those that are not listed.
pub(crate) async fn list_and_count(
    tx: &mut ScopedTx,
    caller: &Caller,
    now: OffsetDateTime,
) -> Result<(Vec<ListedSession>, u32), StoreError> {
    let (user, current) = (caller.user.id, caller.session.id);
    let live = store::list_live(tx, user, current, now, false, i64::from(MOST_LISTED)).await?;
    let is_all = i64::try_from(live.len()).unwrap_or(i64::MAX) < i64::from(MOST_LISTED);
    let live = permitted(caller, live, now);
    let count = if is_all {
        i64::try_from(live.len()).unwrap_or(i64::MAX)
    } else {
        store::count_live(tx, user, now).await?
    };
    Ok((live, u32::try_from(count).unwrap_or(u32::MAX)))
}

/// The sessions that the caller's policies leave alive, with their expiries.
fn permitted(
    caller: &Caller,
    listed: Vec<ListedSession>,
    now: OffsetDateTime,
) -> Vec<ListedSession> {
    let permitted = listed.into_iter().map(|listed| ListedSession {
        session: listed.session.under(&caller.settings),
        ..listed
    });
    permitted
        .filter(|listed| !listed.session.expiry.has_come(now))
        .collect()
}

impl Sessions {
    /// The caller's live sessions and recently ended sessions.
    pub async fn overview(&self, caller: &Caller) -> Result<SessionOverview, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.transaction().await?;
        let (live, live_count) = list_and_count(&mut tx, caller, now).await?;
        Ok(SessionOverview {
            live,
            live_count,
            ended: store::list_ended(&mut tx, caller.user.id, now, None, i64::from(MOST_ENDED))
                .await?,
        })
    }

    /// The caller's live sessions, 101 at most: the current one first, then by last activity.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<ListedSession>, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.transaction().await?;
        let (user, current) = (caller.user.id, caller.session.id);
        let live =
            store::list_live(&mut tx, user, current, now, false, i64::from(MOST_LISTED)).await?;
        Ok(permitted(caller, live, now))
    }

    /// The caller's live sessions on new devices that the caller may acknowledge, the latest log-in first.
    pub async fn list_new(&self, caller: &Caller) -> Result<Vec<ListedSession>, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.transaction().await?;
        let (user, current) = (caller.user.id, caller.session.id);
        let listed =
            store::list_live(&mut tx, user, current, now, true, i64::from(MOST_LISTED)).await?;
        let mut new: Vec<_> = permitted(caller, listed, now)
            .into_iter()
            .filter(|listed| listed.can_be_acknowledged)
            .collect();
        new.sort_by_key(|listed| std::cmp::Reverse(listed.session.created_at));
        Ok(new)
    }

    /// The caller's sessions that ended lately, the latest first.
    pub async fn list_ended(&self, caller: &Caller) -> Result<Vec<PastSession>, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.transaction().await?;
        store::list_ended(&mut tx, caller.user.id, now, None, i64::from(MOST_ENDED)).await
    }

    /// The number of the caller's live sessions.
    pub async fn count(&self, caller: &Caller) -> Result<u32, StoreError> {
        let now = self.clock.now();
        let mut tx = caller.transaction().await?;
        let count = store::count_live(&mut tx, caller.user.id, now).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The live sessions of a database, or of one user there, for an administrator.
    pub async fn list_all(
        &self,
        database: &Database,
        user: Option<UserId>,
    ) -> Result<Vec<(User, Session)>, StoreError> {
        store::list_all(database, user, self.clock.now()).await
    }
}
