//! The moment before which idle connections of a pool are no longer trusted.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The moment of the last doubt about a pool's connections. A connection that has been idle since that moment is not
/// used again, because another connection of the pool was dead, or led to a server that has changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubt(Arc<Mutex<Option<Instant>>>);

impl Doubt {
    /// Sets the moment to the present time.
    pub(super) fn raise(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection that has been idle for `idle_for` became idle before the moment.
    pub(super) fn covers(&self, idle_for: Duration) -> bool {
        let raised = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        raised.is_some_and(|moment| idle_for >= moment.elapsed())
    }
}
