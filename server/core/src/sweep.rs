//! The sweep marks expired sessions with their true end, and deletes old history.
//!
//! An expired session is refused with or without the sweep. Only sessions that a restore under a running server has
//! revived live until the sweep. Several nodes may sweep at the same time, in batches that skip the rows that another
//! node has locked.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::{
    StoreError, activity,
    attempt::Attempts,
    clock::Clock,
    database::{Database, DatabaseName, Databases, OpenDatabaseError},
    module::Modules,
    session::{self, SessionSettings, store},
};

/// Rows per statement. A statement then takes a few milliseconds.
const BATCH: i64 = 1000;

/// The numbers of rows that a sweep has changed or deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions ended because they came from a restore or a copy.
    pub copied: u64,
    /// Expired sessions marked as ended.
    pub marked: usize,
    /// Ended sessions deleted.
    pub forgotten: u64,
    /// Replaced tokens deleted.
    pub tokens: u64,
    /// Changes of passwords deleted.
    pub password_changes: u64,
    /// Account events deleted.
    pub account_events: u64,
}

/// The service that sweeps databases.
pub struct Sweeper {
    settings: SessionSettings,
    databases: Arc<Databases>,
    attempts: Arc<Attempts>,
    clock: Arc<dyn Clock>,
    modules: Modules,
}

impl Sweeper {
    pub(crate) fn new(
        settings: SessionSettings,
        databases: Arc<Databases>,
        attempts: Arc<Attempts>,
        clock: Arc<dyn Clock>,
        modules: Modules,
    ) -> Self {
        Self {
            settings,
            databases,
            attempts,
            clock,
            modules,
        }
    }

    /// Sweeps every database once. If the sweep of a database fails, the other databases are swept all the same.
    pub async fn sweep_all(&self) -> Result<(), StoreError> {
        for name in self.databases.list().await? {
            match self.sweep_by_name(&name).await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(swept) => {
                    let Swept {
                        copied,
                        marked,
                        forgotten,
                        tokens,
                        password_changes,
                        account_events,
                    } = swept;
                    tracing::info!(
                        database = %name, copied, marked, forgotten, tokens, password_changes, account_events,
                        "swept"
                    );
                }
                Err(OpenDatabaseError::Store(error)) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(database = %name, %error, cause, "cannot sweep");
                }
                // Opening the database has logged this error already.
                Err(OpenDatabaseError::Unknown | OpenDatabaseError::Broken(_)) => {}
            }
        }
        Ok(())
    }

    /// Sweeps a database once, without closing the connections of a database that is in use.
    pub async fn sweep_by_name(&self, name: &DatabaseName) -> Result<Swept, OpenDatabaseError> {
        let work = self.databases.open_for_work(name).await?;
        let swept = self.sweep(&work.database).await;
        work.close().await;
        if let Err(StoreError::Failed(_)) = swept {
            // A restore may have brought an older schema. The next use opens the database again, and migrates it.
            self.databases.forget(name).await;
        }
        Ok(swept?)
    }

    /// Sweeps a database once.
    pub async fn sweep(&self, database: &Database) -> Result<Swept, StoreError> {
        let now = self.clock.now();
        let mut swept = Swept {
            // PostgreSQL's tools may have restored the database while it was open.
            copied: session::end_copied(database, &self.modules, now).await?,
            ..Swept::default()
        };
        loop {
            let expired = store::mark_expired(database, now, BATCH).await?;
            // Only an empty batch is the end: other nodes may have locked rows of a batch that is not full.
            if expired.is_empty() {
                break;
            }
            swept.marked += expired.len();
            session::tell(database, expired, &self.modules);
        }
        self.forget_history(database, now, &mut swept).await?;
        Ok(swept)
    }

    /// Deletes history that is older than the retention, in batches.
    async fn forget_history(
        &self,
        database: &Database,
        now: OffsetDateTime,
        swept: &mut Swept,
    ) -> Result<(), StoreError> {
        let settings = &self.settings;
        let before = now - settings.history_retention;
        // A token that comes back after its grace shows a theft. Tokens are kept as long as the history in which the
        // person can read about it.
        let replaced_before = before.min(now - settings.rotation_grace);
        loop {
            let forgotten = store::forget(database, before, BATCH).await?;
            let tokens = store::forget_superseded(database, replaced_before, BATCH).await?;
            let password_changes = activity::store::forget(database, before, BATCH).await?;
            let account_events = activity::store::forget_events(database, before, BATCH).await?;
            swept.forgotten += forgotten;
            swept.tokens += tokens;
            swept.password_changes += password_changes;
            swept.account_events += account_events;
            if forgotten + tokens + password_changes + account_events == 0 {
                break;
            }
        }
        self.attempts
            .sweep(database, settings.history_retention)
            .await?;
        Ok(())
    }
}
