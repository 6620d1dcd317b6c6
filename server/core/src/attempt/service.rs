//! Lists recorded attempts, and deletes old rows.

use std::sync::Arc;

use super::{
    AttemptFilter, RecordedAttempt,
    store::{self, DEVICES_KNOWN_FOR, NETWORKS_KNOWN_FOR, Outdated},
};
use crate::{StoreError, clock::Clock, database::Database};

/// Rows that one statement deletes. It locks them for a few milliseconds only, so that no log-in has to wait.
const BATCH: i64 = 1_000;

/// The numbers of rows that a sweep deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Attempts older than the retention.
    pub attempts: u64,
    /// Counters whose failures are all forgotten.
    pub throttles: u64,
    /// Known devices without a log-in for as long as browsers keep a cookie.
    pub devices: u64,
    /// Known networks without a log-in for 90 days.
    pub networks: u64,
    /// Expired log-in codes.
    pub codes: u64,
}

/// The service of the recorded attempts.
pub struct Attempts {
    clock: Arc<dyn Clock>,
}

impl Attempts {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }

    /// The newest attempts to log in, for an administrator.
    pub async fn list(
        &self,
        database: &Database,
        filter: &AttemptFilter,
    ) -> Result<Vec<RecordedAttempt>, StoreError> {
        store::list(database, filter).await
    }

    /// Deletes attempts older than `retention`, and outdated counters, devices, networks and codes, in batches. Several
    /// nodes may do so at the same time: a node skips the rows that another node is deleting. Log-ins do not wait.
    pub async fn sweep(
        &self,
        database: &Database,
        retention: std::time::Duration,
    ) -> Result<Swept, StoreError> {
        let now = self.clock.now();
        let outdated = Outdated {
            attempts_before: now - retention,
            devices_before: now - DEVICES_KNOWN_FOR,
            networks_before: now - NETWORKS_KNOWN_FOR,
            now,
        };
        let mut swept = Swept::default();
        loop {
            let deleted = store::sweep(database, outdated, BATCH).await?;
            let [attempts, throttles, devices, networks, codes] = deleted;
            swept.attempts += attempts;
            swept.throttles += throttles;
            swept.devices += devices;
            swept.networks += networks;
            swept.codes += codes;
            if deleted.iter().sum::<u64>() == 0 {
                return Ok(swept);
            }
        }
    }
}
