//! Tells watchers that a user's sessions have changed, or that the watcher's own session has ended, on any node.
//!
//! PostgreSQL's notifications make this fast ([`hub`]: one connection for each database, only while there are
//! watchers). But only reading decides: a watcher reads after each notification, and also at fixed intervals. So a lost
//! notification delays the news and does nothing else.

mod hub;
mod listener;
mod permit;
mod settings;
mod watcher;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use self::{hub::Hub, permit::Permits, watcher::Sight};
pub use self::{
    permit::TooManyWatchers,
    settings::LiveSettings,
    watcher::{Change, Watcher},
};
use crate::{
    clock::Clock,
    database::{DatabaseName, Databases},
    session::Bearer,
};

/// The watchers on this node, and their hubs.
pub struct Live {
    settings: LiveSettings,
    databases: Arc<Databases>,
    clock: Arc<dyn Clock>,
    permits: Arc<Permits>,
    hubs: Mutex<HashMap<DatabaseName, Arc<Hub>>>,
    stop: CancellationToken,
}

impl Live {
    pub(crate) fn new(
        settings: LiveSettings,
        databases: Arc<Databases>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            databases,
            clock,
            permits: Arc::new(Permits::new(settings)),
            hubs: Mutex::default(),
            stop: CancellationToken::new(),
        }
    }

    /// Ends every watcher and every listening connection for good, because the node is about to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Number of watchers on this node.
    pub fn watching(&self) -> usize {
        self.permits.taken()
    }

    /// Watches the caller's session and the user's other sessions. Watching is no activity, and keeps no
    /// session alive.
    pub fn watch(&self, caller: &Bearer) -> Result<Watcher, TooManyWatchers> {
        let database = caller.database.name();
        let permit = self.permits.take(caller)?;
        let hub = self.hub(database);
        Ok(Watcher::new(
            Sight {
                databases: Arc::clone(&self.databases),
                clock: Arc::clone(&self.clock),
                settings: self.settings,
            },
            caller,
            permit,
            hub.hear(caller.user.id, listener::start),
            self.stop.clone(),
        ))
    }

    fn hub(&self, database: &DatabaseName) -> Arc<Hub> {
        let mut hubs = self.hubs.lock().unwrap_or_else(PoisonError::into_inner);
        let hub = hubs.entry(database.clone()).or_insert_with(|| {
            let options = self.databases.options_of(database);
            Arc::new(Hub::new(database.clone(), options, self.stop.clone()))
        });
        Arc::clone(hub)
    }
}

impl Drop for Live {
    /// Stops the listeners, which are separate tasks and would otherwise outlive the core.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
