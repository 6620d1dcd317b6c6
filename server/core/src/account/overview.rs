//! What a person sees of the own account on one page.

use time::Duration;

use super::activity::{AccountActivity, ActivityFilter, ActivityPage, newest};
use crate::{
    StoreError, activity,
    attempt::{self, Failures},
    session::{self, Caller, ListedSession},
    user,
};

/// The number of events in an overview. A page shows fewer, and counts equal ones.
const LATEST: usize = 50;

/// The time for which an overview counts a failed log-in, or a wrong current password.
pub const FAILURES_COUNT_FOR: Duration = Duration::days(3);

/// An account at a glance.
#[derive(Clone, Debug)]
pub struct AccountOverview {
    /// Live sessions, the caller's own first, as the list of sessions has them.
    pub live: Vec<ListedSession>,
    /// The number of live sessions, including those that are not listed.
    pub live_count: u32,
    /// The latest events, at most fifty.
    pub latest: ActivityPage,
    /// Failed log-ins of the last days that the person has not explained by a log-in soon afterwards.
    pub failures: Option<Failures>,
    /// Wrong current passwords of the last days that no right one has explained soon afterwards, in the same session.
    pub guesses: Option<Failures>,
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
        let latest = newest(&mut tx, user, now, ActivityFilter::All, None, LATEST).await?;
        let since = now - FAILURES_COUNT_FOR;
        let failures = attempt::store::count_unexplained_failures(&mut tx, user, since).await?;
        let mut guesses = activity::store::unexplained_guesses(&mut tx, user.id, since).await?;
        // The role of people reads no passwords. The transaction gives its connection back first, so that a request never
        // waits for a second connection while it holds one.
        drop(tx);
        let remembered = user::store::remembered(&caller.database, user.id).await?;
        guesses.retain(|at| Some(*at) > remembered.failures_seen_at);
        Ok(AccountOverview {
            guesses: counted(&guesses),
            live,
            live_count,
            latest,
            failures,
            password_changed_at: remembered.password_changed_at,
        })
    }
}

/// The number of guesses and the time of the last one; `guesses` has the newest first.
fn counted(guesses: &[time::OffsetDateTime]) -> Option<Failures> {
    Some(Failures {
        last_at: *guesses.first()?,
        count: u32::try_from(guesses.len()).unwrap_or(u32::MAX),
    })
}
