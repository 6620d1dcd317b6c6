//! One watcher: sees to it that what is said is true, and that it is said in time.

use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{hub::Hearing, seat::Seat};
use crate::{
    Core, StoreError,
    database::{DatabaseName, OpenDatabaseError},
    session::{
        Caller, SessionId,
        store::{self, Pulse},
    },
    settings::LiveSettings,
};

/// However much happens, a watcher looks no more often than this: twenty times a second.
const REST: Duration = Duration::from_millis(50);

/// What a watcher is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The person's sessions are not what they were: one appeared, was used or ended.
    Sessions,
    /// The watcher's own session is over. Nothing comes after it.
    Ended,
}

/// Watches one session and the person's others.
pub struct Watcher {
    core: Core,
    /// Asked for by name at each look: a watcher must not hold connections open that the node has
    /// given up for databases in use.
    database: DatabaseName,
    session: SessionId,
    hearing: Hearing,
    stop: CancellationToken,
    settings: LiveSettings,
    /// The next look, whether or not there is news.
    next_look: Instant,
    /// No look before this.
    rested: Instant,
    /// What the last look saw; at first nothing, so that the first look tells that it begins.
    seen: Option<i64>,
    is_over: bool,
    _seat: Seat,
}

impl Watcher {
    pub(super) fn new(
        core: Core,
        caller: &Caller,
        seat: Seat,
        hearing: Hearing,
        stop: CancellationToken,
        settings: LiveSettings,
    ) -> Self {
        Self {
            core,
            database: caller.database.name().clone(),
            session: caller.session.id,
            hearing,
            stop,
            settings,
            next_look: Instant::now(),
            rested: Instant::now(),
            seen: None,
            is_over: false,
            _seat: seat,
        }
    }

    /// The next change, as soon as it is known. The first comes at once: what was read before this
    /// began may be old. `None` when the session is over, the database is gone or the node stops.
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
            let now = self.core.clock.now();
            match self.look(now).await {
                Ok(Some(pulse)) => {
                    self.plan(Some(pulse.expires_at - now));
                    if self.seen != Some(pulse.sessions) {
                        self.seen = Some(pulse.sessions);
                        return Some(Change::Sessions);
                    }
                }
                Ok(None) => {
                    self.is_over = true;
                    return Some(Change::Ended);
                }
                // The page asks again, and the answer to that request says what is wrong.
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

    async fn look(&self, now: OffsetDateTime) -> Result<Option<Pulse>, OpenDatabaseError> {
        let database = self.core.databases.open_any(&self.database).await?;
        Ok(store::pulse(&database, self.session, now).await?)
    }

    /// Looks again at the interval, and not later than the session expires.
    fn plan(&mut self, expires_in: Option<time::Duration>) {
        let interval = match expires_in {
            Some(_) if self.hearing.is_listening() => self.settings.look_interval,
            _ => self.settings.look_interval_unheard,
        };
        let expires_in = expires_in.and_then(|left| Duration::try_from(left).ok());
        let pause = expires_in.map_or(interval, |left| interval.min(left));
        self.next_look = Instant::now() + pause;
    }
}
