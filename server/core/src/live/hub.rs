//! Passes notifications from one listening connection on to all watchers of a database on this node, by user.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sqlx::postgres::PgConnectOptions;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{database::DatabaseName, user::UserId};

/// The watchers of one database.
pub(super) struct Hub {
    pub(super) database: DatabaseName,
    pub(super) options: PgConnectOptions,
    pub(super) stop: CancellationToken,
    audience: Mutex<Audience>,
    is_listening: watch::Sender<bool>,
}

#[derive(Default)]
struct Audience {
    /// A channel for each user. A channel holds one message, so a slow watcher hears of many changes once.
    people: HashMap<UserId, watch::Sender<()>>,
    has_listener: bool,
}

/// A watcher's receiver. Dropping the receiver removes the watcher from the audience.
pub(super) struct Hearing {
    hub: Arc<Hub>,
    user: UserId,
    changes: watch::Receiver<()>,
    is_listening: watch::Receiver<bool>,
}

impl Hub {
    pub(super) fn new(
        database: DatabaseName,
        options: PgConnectOptions,
        stop: CancellationToken,
    ) -> Self {
        Self {
            database,
            options,
            stop,
            audience: Mutex::default(),
            is_listening: watch::Sender::new(false),
        }
    }

    /// Joins the audience. The first watcher starts the listener by `listen`.
    pub(super) fn hear(self: Arc<Self>, user: UserId, listen: impl FnOnce(Arc<Self>)) -> Hearing {
        let mut audience = self.audience();
        let changes = audience.people.entry(user).or_default().subscribe();
        let is_first = !std::mem::replace(&mut audience.has_listener, true);
        drop(audience);
        if is_first {
            listen(Arc::clone(&self));
        }
        Hearing {
            user,
            changes,
            is_listening: self.is_listening.subscribe(),
            hub: self,
        }
    }

    /// Tells the watchers of a user that the user's sessions have changed.
    pub(super) fn tell(&self, user: UserId) {
        if let Some(changes) = self.audience().people.get(&user) {
            changes.send_replace(());
        }
    }

    /// Sets whether notifications arrive. When they arrive again, all watchers look, because some
    /// notifications were missed.
    pub(super) fn set_listening(&self, is_listening: bool) {
        self.is_listening.send_if_modified(|known| {
            let is_new = *known != is_listening;
            *known = is_listening;
            is_new
        });
    }

    /// Whether the listener may end, because there is no watcher. The next watcher starts another listener.
    pub(super) fn stop_without_watchers(&self) -> bool {
        let mut audience = self.audience();
        let stop_without_watchers = audience.people.is_empty();
        audience.has_listener = !stop_without_watchers;
        stop_without_watchers
    }

    fn audience(&self) -> MutexGuard<'_, Audience> {
        self.audience.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hearing {
    /// Waits for a notification, or for a change in whether notifications arrive.
    pub(super) async fn news(&mut self) {
        // The hub, and with it both channels, lives as long as this receiver.
        tokio::select! {
            _ = self.changes.changed() => {}
            _ = self.is_listening.changed() => {}
        }
    }

    /// Whether notifications arrive at the moment.
    pub(super) fn is_listening(&self) -> bool {
        *self.is_listening.borrow()
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        let mut audience = self.hub.audience();
        let is_last = |changes: &watch::Sender<()>| changes.receiver_count() <= 1;
        if audience.people.get(&self.user).is_some_and(is_last) {
            audience.people.remove(&self.user);
        }
    }
}
