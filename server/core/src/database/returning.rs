//! Connections on their way back to their pool.
//!
//! Before a connection is back in its pool, its transaction is rolled back if necessary, and sqlx pings the connection.
//! The next statement of the same request often comes sooner. Such a statement waits for a moment, because a new
//! connection takes a hundred times as long as this wait and uses one more of the connections that PostgreSQL permits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

/// Time limit of the wait for a connection on its way back: a few times as long as connecting takes.
const LIMIT: Duration = Duration::from_millis(50);

/// The number of connections on their way back to one pool, and a signal for each that arrives.
#[derive(Debug, Default)]
pub(super) struct Returning {
    count: AtomicUsize,
    arrived: Notify,
}

/// A connection on its way back. The value is dropped when the connection is in its pool, or closed.
pub(super) struct OnItsWay(Arc<Returning>);

impl Returning {
    /// Counts one more connection until the returned value is dropped.
    pub fn begin(self: Arc<Self>) -> OnItsWay {
        self.count.fetch_add(1, Ordering::SeqCst);
        OnItsWay(self)
    }

    /// Waits for the next connection that arrives, if one is on its way.
    pub async fn next(&self) {
        let arrived = self.arrived.notified();
        // Created before the count is read, so that no arrival is missed in between.
        if self.count.load(Ordering::SeqCst) > 0 {
            let _ = timeout(LIMIT, arrived).await;
        }
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::SeqCst);
        self.0.arrived.notify_waiters();
    }
}
