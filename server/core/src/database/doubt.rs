//! When connections that rest in a pool are not trusted any more.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Connections that rested in the pool before this moment are not used again: one of their like was
/// dead, or led to a server that has changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubt(Arc<Mutex<Option<Instant>>>);

impl Doubt {
    pub(super) fn raise(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection that has rested for `idle_for` has rested since before the moment.
    pub(super) fn covers(&self, idle_for: Duration) -> bool {
        let raised = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        raised.is_some_and(|moment| idle_for >= moment.elapsed())
    }
}
