//! Changes to all sessions of a database: the present settings apply when the database is opened, and an administrator
//! can end all sessions.
//!
//! A database may have a hundred thousand sessions. They end in batches. Each batch is one transaction, and modules are
//! told of a batch after its commit. If the work is interrupted, the next run ends the sessions that are left.

use std::sync::Arc;

use async_trait::async_trait;
use time::OffsetDateTime;

use super::{
    Computer, EndCause, SessionSettings, Sessions,
    store::{self, End, Ended, Ending},
};
use crate::{
    StoreError,
    clock::Clock,
    database::{Database, OnOpen},
    module::{Modules, SessionEnded},
};

/// Rows per statement, and events per batch. A statement then takes a few milliseconds.
const BATCH: i64 = 1000;

impl Sessions {
    /// Ends every session of a database, for an administrator, and returns their number.
    pub async fn end_all(&self, database: &Database) -> Result<u64, StoreError> {
        let now = self.clock.now();
        // The clocks of other nodes may be ahead.
        let all = Ending::OpenedBefore(now + time::Duration::days(1));
        end(database, all, now, EndCause::Administrator, &self.modules).await
    }
}

/// Applies the present settings to the sessions of a database that is being opened. The sessions of a copy end, a
/// restart may end sessions, and timeouts may have become shorter.
pub(crate) struct ApplySettings {
    pub settings: SessionSettings,
    pub modules: Modules,
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl OnOpen for ApplySettings {
    async fn opened(&self, database: &Database) -> Result<u64, StoreError> {
        let Self {
            settings, modules, ..
        } = self;
        let now = self.clock.now();
        let copied = end_copied(database, modules, now).await?;
        if let Some(start) = settings.not_before {
            let older = Ending::OpenedBefore(start);
            let older = end(database, older, now, EndCause::Restart, modules).await?;
            if older > 0 {
                tracing::info!(database = %database.name(), older, "a restart ended sessions");
            }
        }
        let seconds = |timeout: std::time::Duration| timeout.as_secs_f64();
        store::shorten(
            database,
            seconds(settings.idle_timeout),
            seconds(settings.idle_timeout_on(Computer::Shared)),
            settings.absolute_timeout.map(seconds),
        )
        .await?;
        Ok(copied)
    }

    async fn restored(&self, database: &Database) -> Result<(), StoreError> {
        store::forget_identity(database).await
    }
}

/// Ends the sessions that came from a restore or a copy, and returns their number.
///
/// The database gets a new generation before the sessions end. A session that is restored later, or left over when this
/// is interrupted, has an old generation and ends the next time.
pub(crate) async fn end_copied(
    database: &Database,
    modules: &Modules,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let is_copy = store::renew_identity(database).await?;
    let cause = EndCause::DatabaseCopied;
    let copied = end(database, Ending::Copied, now, cause, modules).await?;
    if is_copy || copied > 0 {
        tracing::warn!(
            database = %database.name(), copied,
            "the database was restored or copied: the sessions in it have ended"
        );
    }
    Ok(copied)
}

async fn end(
    database: &Database,
    which: Ending,
    at: OffsetDateTime,
    cause: EndCause,
    modules: &Modules,
) -> Result<u64, StoreError> {
    let end = End {
        at,
        cause,
        by: None,
    };
    let (mut count, mut last) = (0, None);
    loop {
        let batch = store::end_next(database, which, last, BATCH, end).await?;
        count += u64::try_from(batch.len()).unwrap_or(u64::MAX);
        last = batch.last().map(|session| session.id);
        let is_last = batch.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        tell(database, batch, modules);
        if is_last {
            return Ok(count);
        }
    }
}

/// Tells the modules of sessions that ended without an action of their owners. Call this after the commit.
pub(crate) fn tell(database: &Database, ended: Vec<Ended>, modules: &Modules) {
    let events = ended.into_iter().map(|session| {
        let Ended { id, user, cause } = session;
        SessionEnded::new(&user, id, cause)
    });
    modules.observe_many(database, events);
}
