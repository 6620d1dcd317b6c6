//! Reading what has happened.

use std::cmp::Reverse;

use super::{ActivityCursor, ActivityEntry, ActivityKind, store};
use crate::{
    Core, StoreError,
    attempt::{self, RecordedAttempt},
    session::{self, Caller, PastSession},
};

/// Entries on a page.
pub const PAGE: usize = 50;

/// Entries in an export: more than anybody reads, and a bound on the memory that it takes.
pub const MOST_EXPORTED: usize = 10_000;

/// A piece of what has happened, the newest first.
#[derive(Clone, Debug)]
pub struct ActivityPage {
    /// What has happened.
    pub entries: Vec<ActivityEntry>,
    /// Where it goes on with what is older, if it does.
    pub older: Option<ActivityCursor>,
}

impl Core {
    /// What has happened to the caller's account, at most `most` entries behind `from`.
    pub async fn list_activity(
        &self,
        caller: &Caller,
        from: Option<ActivityCursor>,
        most: usize,
    ) -> Result<ActivityPage, StoreError> {
        let now = self.clock.now();
        let before = from.map(|cursor| (cursor.at, cursor.id));
        // One more of each kind says whether there is more behind the page.
        let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
        let user = &caller.user;
        let mut tx = caller.database.scoped(caller).await?;
        let attempts = attempt::store::list_own(&mut tx, user, before, limit).await?;
        let ends = session::store::list_ended(&mut tx, user.id, now, before, limit).await?;
        let mut entries = store::list_own(&mut tx, user.id, before, limit).await?;
        entries.extend(store::list_own_events(&mut tx, user.id, before, limit).await?);
        entries.extend(attempts.into_iter().map(of_attempt));
        entries.extend(ends.into_iter().map(of_end));
        entries.sort_unstable_by_key(|entry| Reverse((entry.at, entry.id)));

        let has_older = entries.len() > most;
        entries.truncate(most);
        let last = entries.last().map(ActivityEntry::cursor);
        Ok(ActivityPage {
            older: last.filter(|_| has_older),
            entries,
        })
    }
}

fn of_attempt(attempt: RecordedAttempt) -> ActivityEntry {
    ActivityEntry {
        id: attempt.id,
        at: attempt.at,
        kind: ActivityKind::LogIn {
            outcome: attempt.outcome,
            factor: attempt.factor,
        },
        address: attempt.address,
        agent: Some(attempt.agent),
    }
}

fn of_end(end: PastSession) -> ActivityEntry {
    ActivityEntry {
        id: end.id.as_uuid(),
        at: end.ended_at,
        kind: ActivityKind::SessionEnded(end.cause),
        address: end.address,
        agent: Some(end.agent),
    }
}
