//! Tidying up: what has expired is marked with its true end, what is old enough is forgotten.
//!
//! Nothing depends on it: an expired session is refused by its own moments. Any number of nodes
//! sweep at once, in batches that take only rows that nobody else holds.

use super::{store, tighten};
use crate::{
    Core, StoreError,
    database::{Database, DatabaseName, OpenDatabaseError},
};

/// Rows a statement: some milliseconds.
const BATCH: i64 = 1000;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Expired sessions marked as ended.
    pub marked: usize,
    /// Ended sessions forgotten.
    pub forgotten: u64,
}

impl Core {
    /// Sweeps every database once. One that cannot be swept never stops the others.
    pub async fn sweep_all(&self) -> Result<(), StoreError> {
        for name in self.databases.list().await? {
            match self.sweep_aside(&name).await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(Swept { marked, forgotten }) => {
                    tracing::info!(database = %name, marked, forgotten, "swept");
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
        Ok(swept?)
    }

    /// Sweeps a database once.
    pub async fn sweep(&self, database: &Database) -> Result<Swept, StoreError> {
        let now = self.clock.now();
        let mut swept = Swept::default();
        loop {
            let expired = store::mark_expired(database, now, BATCH).await?;
            let is_last = expired.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            swept.marked += expired.len();
            tighten::tell(database, expired, &self.modules);
            if is_last {
                break;
            }
        }
        let retention = self.settings.sessions.history_retention;
        loop {
            let forgotten = store::forget(database, now - retention, BATCH).await?;
            swept.forgotten += forgotten;
            if forgotten < u64::try_from(BATCH).unwrap_or(u64::MAX) {
                break;
            }
        }
        self.sweep_attempts(database, retention).await?;
        Ok(swept)
    }
}
