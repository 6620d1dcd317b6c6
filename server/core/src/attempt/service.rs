//! What is done with recorded attempts: list, and delete what is past its time.

use super::{
    RecordedAttempt,
    store::{self, DEVICES_KNOWN_FOR, Outdated},
};
use crate::{Core, StoreError, database::Database};

/// Rows deleted at a time: a few milliseconds of locks that nobody waits for.
const BATCH: i64 = 1_000;

/// Which attempts an administrator wants to see.
#[derive(Clone, Debug)]
pub struct AttemptFilter {
    /// Those on this login, in whatever case; `None` for all.
    pub login: Option<String>,
    /// The newest so many.
    pub limit: u32,
}

/// What a sweep deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Attempts past their time.
    pub attempts: u64,
    /// Counters of failures that are forgotten.
    pub throttles: u64,
    /// Devices that have not logged in for as long as browsers keep a cookie.
    pub devices: u64,
}

impl Core {
    /// The newest attempts to log in, for an administrator.
    pub async fn list_attempts(
        &self,
        database: &Database,
        filter: &AttemptFilter,
    ) -> Result<Vec<RecordedAttempt>, StoreError> {
        store::list(database, filter).await
    }

    /// Deletes attempts older than `retention`, and counters and devices that are of no more use,
    /// in batches. Any number of nodes may do so at once; rows that one deletes the others pass over,
    /// and nobody who logs in waits.
    pub async fn sweep_attempts(
        &self,
        database: &Database,
        retention: std::time::Duration,
    ) -> Result<Swept, StoreError> {
        let now = self.clock.now();
        let outdated = Outdated {
            attempts_before: now - retention,
            devices_before: now - DEVICES_KNOWN_FOR,
            now,
        };
        let mut swept = Swept::default();
        loop {
            let [attempts, throttles, devices] = store::sweep(database, outdated, BATCH).await?;
            swept.attempts += attempts;
            swept.throttles += throttles;
            swept.devices += devices;
            if attempts + throttles + devices == 0 {
                return Ok(swept);
            }
        }
    }
}
