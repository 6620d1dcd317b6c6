//! Tidying up: what has expired is marked with its true end, what is old enough is forgotten.
//!
//! An expired session is refused by its own moments, whether or not it is swept. Only what a restore under a
//! running server revives lives until the sweep. Any number of nodes sweep at once, in batches that skip the rows
//! that another one holds.

use time::OffsetDateTime;

use super::{store, tighten};
use crate::{
    Core, StoreError, activity,
    database::{Database, DatabaseName, OpenDatabaseError},
};

/// Rows a statement: some milliseconds.
const BATCH: i64 = 1000;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions ended because a restore brought them along.
    pub copied: u64,
    /// Expired sessions marked as ended.
    pub marked: usize,
    /// Ended sessions forgotten.
    pub forgotten: u64,
    /// Replaced tokens forgotten.
    pub tokens: u64,
    /// Changes of passwords forgotten.
    pub password_changes: u64,
    /// Account events forgotten.
    pub account_events: u64,
}

impl Core {
    /// Sweeps every database once. One that cannot be swept never stops the others.
    pub async fn sweep_all(&self) -> Result<(), StoreError> {
        for name in self.databases.list().await? {
            match self.sweep_aside(&name).await {
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
                // Logged where it was tried first.
                Err(OpenDatabaseError::Unknown | OpenDatabaseError::Broken(_)) => {}
            }
        }
        Ok(())
    }

    /// Sweeps a database once, without taking the place of one that is in use.
    pub async fn sweep_aside(&self, name: &DatabaseName) -> Result<Swept, OpenDatabaseError> {
        let aside = self.databases.open_aside(name).await?;
        let swept = self.sweep(&aside.database).await;
        aside.close().await;
        if let Err(StoreError::Failed(_)) = swept {
            // A restore may have brought an older schema: the next use opens it anew, and migrates.
            self.databases.forget(name).await;
        }
        Ok(swept?)
    }

    /// Sweeps a database once.
    pub async fn sweep(&self, database: &Database) -> Result<Swept, StoreError> {
        let now = self.clock.now();
        let mut swept = Swept {
            // PostgreSQL's tools may have restored the database while it was open.
            copied: tighten::end_copied(database, &self.modules, now).await?,
            ..Swept::default()
        };
        loop {
            let expired = store::mark_expired(database, now, BATCH).await?;
            // A batch that is not full may only mean that another node has the rest in hand.
            if expired.is_empty() {
                break;
            }
            swept.marked += expired.len();
            tighten::tell(database, expired, &self.modules);
        }
        self.forget_history(database, now, &mut swept).await?;
        Ok(swept)
    }

    /// Deletes what is older than history is kept, batch after batch.
    async fn forget_history(
        &self,
        database: &Database,
        now: OffsetDateTime,
        swept: &mut Swept,
    ) -> Result<(), StoreError> {
        let settings = &self.settings.sessions;
        let before = now - settings.history_retention;
        // A token that comes back after its grace shows a theft. That is worth knowing as long as
        // the person can still read what happened.
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
        self.sweep_attempts(database, settings.history_retention)
            .await?;
        Ok(())
    }
}
