//! What is done with recorded attempts: list, and delete what is past its time.

use super::{
    Network, RecordedAttempt,
    store::{self, DEVICES_KNOWN_FOR, Kept, NETWORKS_KNOWN_FOR, Outdated},
};
use crate::{
    Core, StoreError,
    database::Database,
    session::{self, Bearer},
};

/// The number of rows deleted at a time: they are locked for a few milliseconds, and no log-in waits.
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
    /// Networks from which a user has not logged in for as long as they are known.
    pub networks: u64,
    /// Log-in codes that are good no longer.
    pub codes: u64,
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

    /// Forgets the signs by which the caller is recognized at log-in, but for the device and the network
    /// that the caller's session is on.
    pub(crate) async fn forget_other_signs(
        &self,
        connection: &mut crate::database::Connection,
        caller: &Bearer,
    ) -> Result<(), StoreError> {
        let kept = Kept {
            device: session::store::device_of(connection, caller.session.id).await?,
            network: caller.session.address.map(Network::of),
        };
        store::forget_signs(connection, caller.user.id, &kept).await
    }

    /// Deletes attempts older than `retention`, and counters and devices that are of no more use,
    /// in batches. Any number of nodes may do so at once: rows that one node deletes the others pass over.
    /// Log-ins do not wait.
    pub async fn sweep_attempts(
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
