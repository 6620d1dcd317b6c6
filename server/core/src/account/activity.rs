//! Lists the events of an account.

use std::{cmp::Reverse, sync::Arc};

use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    StoreError,
    activity::{ActivityCursor, ActivityEntry, ActivityKind, store},
    attempt::{self, store::OwnAttempt},
    clock::Clock,
    database::ScopedTx,
    device::DeviceName,
    session::{self, Caller, PastSession, SessionId},
    user::{self, User},
};

/// Number of entries on a page.
pub const PAGE: usize = 50;

/// Largest number of entries in an export. It is more than a person reads, and bounds the memory.
pub const MOST_EXPORTED: usize = 10_000;

/// A page of events, the newest first.
#[derive(Clone, Debug)]
pub struct ActivityPage {
    /// The events.
    pub entries: Vec<ActivityEntry>,
    /// The cursor of the next page with older events; `None` on the last page.
    pub older: Option<ActivityCursor>,
}

/// The events that a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActivityFilter {
    /// All events.
    #[default]
    All,
    /// Log-ins.
    LogIns,
    /// Attempts that failed: log-ins, and wrong current passwords.
    Failed,
    /// Ends of sessions.
    Ended,
    /// Changes of the password, and log-in codes.
    Changes,
}

/// The service of the Activity page.
pub struct AccountActivity {
    pub(super) clock: Arc<dyn Clock>,
}

impl AccountActivity {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }

    /// The events of the caller's account, at most `most` entries after `from`.
    pub async fn list(
        &self,
        caller: &Caller,
        from: Option<ActivityCursor>,
        most: usize,
    ) -> Result<ActivityPage, StoreError> {
        self.list_only(caller, ActivityFilter::All, from, most)
            .await
    }

    /// The same, of some kinds only.
    pub async fn list_only(
        &self,
        caller: &Caller,
        filter: ActivityFilter,
        from: Option<ActivityCursor>,
        most: usize,
    ) -> Result<ActivityPage, StoreError> {
        let now = self.clock.now();
        let before = from.map(|cursor| (cursor.at, cursor.id));
        let mut tx = caller.transaction().await?;
        newest(&mut tx, &caller.user, now, filter, before, most).await
    }

    /// Notes that the person has looked at the failed log-ins up to a moment. An overview no longer counts them. On a device
    /// that is new to the account this does nothing, because a guesser who got in would hide the guesses.
    pub async fn failures_seen(
        &self,
        caller: &Caller,
        until: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = caller.transaction().await?;
        if session::store::is_device_new(&mut tx, caller.session.id, now).await? {
            return Ok(());
        }
        user::store::set_failures_seen(&mut tx, caller.user.id, until).await?;
        tx.commit().await
    }
}

/// The events of an account older than `before`, the newest first: at most `most`.
pub(super) async fn newest(
    tx: &mut ScopedTx,
    user: &User,
    now: OffsetDateTime,
    filter: ActivityFilter,
    before: Option<(OffsetDateTime, Uuid)>,
    most: usize,
) -> Result<ActivityPage, StoreError> {
    use ActivityFilter::{All, Changes, Ended, Failed, LogIns};
    // One more entry of each kind shows whether another page follows.
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let mut entries = Vec::new();
    if matches!(filter, All | LogIns | Failed) {
        let succeeded = (filter != All).then_some(filter == LogIns);
        let attempts = attempt::store::list_own(tx, user, succeeded, before, limit).await?;
        let opened: Vec<_> = attempts.iter().filter_map(session_of).collect();
        let mut names = session::store::names_of(tx, &opened).await?;
        entries.extend(attempts.into_iter().map(|own| {
            let name = session_of(&own).and_then(|opened| names.remove(&opened));
            of_attempt(own, name)
        }));
    }
    if matches!(filter, All | Ended) {
        let ends = session::store::list_ended(tx, user.id, now, before, limit).await?;
        entries.extend(ends.into_iter().map(of_end));
    }
    if matches!(filter, All | Changes) {
        entries.extend(store::list_own(tx, user.id, before, limit).await?);
    }
    if matches!(filter, All | Failed | Changes) {
        let failed = (filter != All).then_some(filter == Failed);
        entries.extend(store::list_own_events(tx, user.id, failed, before, limit).await?);
    }
    entries.sort_unstable_by_key(|entry| Reverse((entry.at, entry.id)));
    let has_older = entries.len() > most;
    entries.truncate(most);
    let last = entries.last().map(ActivityEntry::cursor);
    Ok(ActivityPage {
        older: last.filter(|_| has_older),
        entries,
    })
}

fn session_of(own: &OwnAttempt) -> Option<Uuid> {
    own.attempt.session.map(SessionId::as_uuid)
}

fn of_attempt(own: OwnAttempt, device_name: Option<DeviceName>) -> ActivityEntry {
    let OwnAttempt {
        attempt,
        is_explained,
    } = own;
    ActivityEntry {
        id: attempt.id,
        at: attempt.at,
        kind: ActivityKind::LogIn {
            outcome: attempt.outcome,
            factor: attempt.factor,
        },
        address: attempt.address,
        agent: Some(attempt.agent),
        device_name,
        ended_by: None,
        is_explained,
    }
}

fn of_end(end: PastSession) -> ActivityEntry {
    ActivityEntry {
        id: end.id.as_uuid(),
        at: end.ended_at,
        kind: ActivityKind::SessionEnded(end.cause),
        address: end.address,
        agent: Some(end.agent),
        device_name: end.device_name,
        ended_by: end.by,
        is_explained: false,
    }
}
