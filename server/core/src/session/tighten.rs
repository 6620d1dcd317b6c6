//! What concerns every session of a database: it is opened under today's rules, or an administrator
//! ends them all.
//!
//! There may be a hundred thousand. They end in batches, each a transaction of its own, and modules
//! are told of each batch when it is committed. Whoever is interrupted begins again.

use time::OffsetDateTime;

use super::{
    EndCause,
    store::{self, End, Ended, Ending},
};
use crate::{
    Core, StoreError,
    database::Database,
    module::{Event, Modules},
    settings::SessionSettings,
};

/// Rows a statement: some milliseconds, and that many events at a time.
const BATCH: i64 = 1000;

impl Core {
    /// Ends every session of a database, for an administrator; says how many that were.
    pub async fn end_all_sessions(&self, database: &Database) -> Result<u64, StoreError> {
        let now = self.clock.now();
        // Other nodes' clocks may be ahead.
        let all = Ending::OpenedBefore(now + time::Duration::days(1));
        end(database, all, now, EndCause::Administrator, &self.modules).await
    }
}

/// Brings the sessions of a database that is being opened under today's rules: a copy has none,
/// a restart may leave none, and timeouts may have become shorter. Says how many sessions a copy had.
pub(crate) async fn tighten(
    database: &Database,
    settings: SessionSettings,
    modules: &Modules,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
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
        seconds(settings.idle_timeout_on(true)),
        settings.absolute_timeout.map(seconds),
    )
    .await?;
    Ok(copied)
}

/// Ends the sessions that a restore or a copy brought along; says how many that were.
///
/// The database becomes one of its own before they end. A session that is restored later, or left over when this is
/// interrupted, is known by its generation the next time.
pub(super) async fn end_copied(
    database: &Database,
    modules: &Modules,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let is_copy = store::claim(database).await?;
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

/// Tells the modules of sessions that ended without their persons, after the commit.
pub(super) fn tell(database: &Database, ended: Vec<Ended>, modules: &Modules) {
    modules.observe(ended.into_iter().map(|session| {
        let Ended { id, user, cause } = session;
        Event::session_ended(database, &user, id, cause)
    }));
}
