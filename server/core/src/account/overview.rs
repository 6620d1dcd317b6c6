//! What a person sees of the own account on one page.

use time::Duration;

use super::activity::{AccountActivity, ActivityFilter, newest};
use crate::{
    StoreError,
    activity::ActivityEntry,
    attempt::{self, FailedLogIns},
    session::{self, Caller, ListedSession},
    user,
};

/// The number of events in an overview. A page shows fewer, and counts equal ones.
const LATEST: i64 = 50;

/// The time for which an overview counts a failed log-in.
pub const FAILURES_COUNT_FOR: Duration = Duration::days(3);

/// An account at a glance.
#[derive(Clone, Debug)]
pub struct AccountOverview {
    /// Live sessions, the caller's own first, as the list of sessions has them.
    pub live: Vec<ListedSession>,
    /// The number of live sessions, including those that are not listed.
    pub live_count: u32,
    /// The latest events, at most fifty.
    pub latest: Vec<ActivityEntry>,
    /// Failed log-ins of the last days that the person has not explained by a log-in soon afterwards.
    pub failures: Option<FailedLogIns>,
    /// The time of the last change of the password; `None` if the account has just been deleted.
    pub password_changed_at: Option<time::OffsetDateTime>,
}

impl AccountActivity {
    /// The caller's account at a glance.
    pub async fn overview(&self, caller: &Caller) -> Result<AccountOverview, StoreError> {
        let now = self.clock.now();
        let user = &caller.user;
        let mut tx = caller.transaction().await?;
        let (live, live_count) = session::list_and_count(&mut tx, caller, now).await?;
        let mut latest = newest(&mut tx, user, now, ActivityFilter::All, None, LATEST).await?;
        latest.truncate(usize::try_from(LATEST).unwrap_or(usize::MAX));
        let since = now - FAILURES_COUNT_FOR;
        let failures = attempt::store::count_unexplained_failures(&mut tx, user, since).await?;
        // The role of people reads no passwords. The transaction gives its connection back first, so that a request never
        // waits for a second connection while it holds one.
        drop(tx);
        let password_changed_at =
            user::store::password_changed_at(&caller.database, user.id).await?;
        Ok(AccountOverview {
            live,
            live_count,
            latest,
            failures,
            password_changed_at,
        })
    }
}
