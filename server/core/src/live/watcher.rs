//! A watcher, which reports changes of sessions correctly and in time.

use std::{sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{LiveSettings, hub::Hearing, permit::Permit};
use crate::{
    StoreError,
    clock::Clock,
    database::{DatabaseName, Databases, OpenDatabaseError},
    session::{
        Bearer, SessionId,
        store::{self, LiveState},
    },
};

/// The shortest pause before a look because of a notification: at most twenty such looks a second.
const REST: Duration = Duration::from_millis(50);

/// A change that a watcher reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The user's sessions have changed: a session appeared, was used, was named or ended. Continuous use is reported
    /// within the interval of looks, everything else at once.
    Sessions,
    /// The watcher's own session ends earlier than the watcher has seen before, as by a new policy.
    Shortened,
    /// The watcher's own session has ended. No change follows.
    Ended,
}

/// The parts of the core that a watcher needs for a look.
pub(super) struct Sight {
    pub databases: Arc<Databases>,
    pub clock: Arc<dyn Clock>,
    pub settings: LiveSettings,
}

/// Watches one session and the user's other sessions.
pub struct Watcher {
    sight: Sight,
    /// The database's name. Each look opens the database by name, because a watcher must not keep connections
    /// open that the node has closed in favour of databases in use.
    database: DatabaseName,
    session: SessionId,
    hearing: Hearing,
    stop: CancellationToken,
    /// The time of the next look without a notification.
    next_look: Instant,
    /// The time before which the watcher does not look because of a notification.
    rested: Instant,
    /// The version that the last look saw; at first `None`, so that the first look reports a change.
    seen: Option<i64>,
    /// The end of the watcher's own session that the last look saw, or that the page was told.
    expires_at: OffsetDateTime,
    is_over: bool,
    _permit: Permit,
}

impl Watcher {
    pub(super) fn new(
        sight: Sight,
        caller: &Bearer,
        permit: Permit,
        hearing: Hearing,
        stop: CancellationToken,
    ) -> Self {
        Self {
            sight,
            database: caller.database.name().clone(),
            session: caller.session.id,
            hearing,
            stop,
            next_look: Instant::now(),
            rested: Instant::now(),
            seen: None,
            expires_at: caller.session.expiry.at,
            is_over: false,
            _permit: permit,
        }
    }

    /// The next change, as soon as it is known. The first change comes at once, because the page may have been read
    /// before the watch began. `None` when the session has ended, the database is gone or broken, or the node stops.
    pub async fn next(&mut self) -> Option<Change> {
        while !self.is_over {
            let rested = self.rested;
            let news = async {
                self.hearing.news().await;
                sleep_until(rested).await;
            };
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = news => {}
                () = sleep_until(self.next_look) => {}
            }
            self.rested = Instant::now() + REST;
            let now = self.sight.clock.now();
            // In a box, because the look's future takes 16 kB, and a watcher waits nearly all of its time.
            match Box::pin(self.look(now)).await {
                Ok(Some(state)) => {
                    self.plan(Some(state.expires_at - now));
                    let before = std::mem::replace(&mut self.expires_at, state.expires_at);
                    if state.expires_at < before {
                        // The change of the sessions follows.
                        self.next_look = Instant::now();
                        return Some(Change::Shortened);
                    }
                    if self.seen != Some(state.sessions) {
                        self.seen = Some(state.sessions);
                        return Some(Change::Sessions);
                    }
                }
                Ok(None) => {
                    self.is_over = true;
                    return Some(Change::Ended);
                }
                // The page then sends a request, and the answer to this request says what is wrong.
                Err(
                    OpenDatabaseError::Unknown
                    | OpenDatabaseError::Broken(_)
                    | OpenDatabaseError::Store(StoreError::DatabaseGone(_)),
                ) => self.is_over = true,
                Err(error @ OpenDatabaseError::Store(_)) => {
                    tracing::debug!(
                        error = &error as &dyn std::error::Error,
                        "a watcher could not look"
                    );
                    self.plan(None);
                }
            }
        }
        None
    }

    async fn look(&self, now: OffsetDateTime) -> Result<Option<LiveState>, OpenDatabaseError> {
        let database = self.sight.databases.open_any(&self.database).await?;
        Ok(store::read_live_state(&database, self.session, now).await?)
    }

    /// Plans the next look: after the interval, but not later than the session's expiry.
    fn plan(&mut self, expires_in: Option<time::Duration>) {
        let interval = match expires_in {
            Some(_) if self.hearing.is_listening() => self.sight.settings.look_interval,
            _ => self.sight.settings.look_interval_unheard,
        };
        let expires_in = expires_in.and_then(|left| Duration::try_from(left).ok());
        let pause = expires_in.map_or(interval, |left| interval.min(left));
        self.next_look = Instant::now() + pause;
    }
}
