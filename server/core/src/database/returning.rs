//! Connections on their way back to a pool.
//!
//! A connection is pinged, or its transaction rolled back, before it is back in its pool. The next statement of the same
//! request is often faster than that. It waits a moment: to connect anew costs a hundred times as much, and one more of the
//! connections that PostgreSQL permits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

/// The longest wait for a connection on its way back: about as long as it takes to connect.
const LIMIT: Duration = Duration::from_millis(10);

/// How many connections are on their way back.
#[derive(Debug, Default)]
pub(super) struct Returning {
    count: AtomicUsize,
    arrived: Notify,
}

/// A connection on its way back. Dropped when the connection is in its pool, or closed.
pub(super) struct OnItsWay(Arc<Returning>);

impl Returning {
    pub fn begin(self: Arc<Self>) -> OnItsWay {
        self.count.fetch_add(1, Ordering::SeqCst);
        OnItsWay(self)
    }

    /// Waits until the next connection is back, if one is on its way.
    pub async fn next(&self) {
        let arrived = self.arrived.notified();
        // Hears of each arrival from here on.
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
