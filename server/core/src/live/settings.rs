//! The limits of watching for changes of sessions.

use std::time::Duration;

/// The limits of watching for changes of sessions.
#[derive(Clone, Copy, Debug)]
pub struct LiveSettings {
    /// The pause between two looks of a watcher without notifications.
    pub look_interval: Duration,
    /// The same pause while notifications do not arrive, and after a look that failed.
    pub look_interval_unheard: Duration,
    /// Largest number of watchers on a node.
    pub max_watchers: usize,
    /// Largest number of watchers of one session. Tabs share a watcher if browsers permit that.
    pub max_watchers_per_session: usize,
    /// Largest number of watchers of one user, in all sessions.
    pub max_watchers_per_user: usize,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            look_interval: Duration::from_secs(15),
            look_interval_unheard: Duration::from_secs(2),
            max_watchers: 4096,
            max_watchers_per_session: 6,
            max_watchers_per_user: 60,
        }
    }
}
