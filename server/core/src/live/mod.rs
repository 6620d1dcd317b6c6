//! Live: tells whoever watches that the person's sessions changed, or that their own is over,
//! whichever node did it.
//!
//! PostgreSQL notifies ([`hub`], one connection a database, only while somebody watches) and that
//! makes it fast. What is true is read: after each notification, and at fixed intervals whether or
//! not there was one, so that a notification that is lost costs time and nothing else.

mod hub;
mod listener;
mod seat;
mod watcher;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio_util::sync::CancellationToken;

use self::{hub::Hub, seat::Seats};
pub use self::{
    seat::NoSeat,
    watcher::{Change, Watcher},
};
use crate::{Core, database::DatabaseName, session::Caller, settings::LiveSettings};

/// Who watches on this node, and what they hear.
pub struct Live {
    settings: LiveSettings,
    seats: Arc<Seats>,
    hubs: Mutex<HashMap<DatabaseName, Arc<Hub>>>,
    stop: CancellationToken,
}

impl Live {
    pub(crate) fn new(settings: LiveSettings) -> Self {
        Self {
            settings,
            seats: Arc::new(Seats::new(settings)),
            hubs: Mutex::default(),
            stop: CancellationToken::new(),
        }
    }

    /// Ends every watch and every listening connection, for good: the node is about to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// How many watch on this node.
    pub fn watching(&self) -> usize {
        self.seats.taken()
    }

    fn hub(&self, core: &Core, database: &DatabaseName) -> Arc<Hub> {
        let mut hubs = self.hubs.lock().unwrap_or_else(PoisonError::into_inner);
        let hub = hubs.entry(database.clone()).or_insert_with(|| {
            let options = core.databases.options_of(database);
            Arc::new(Hub::new(database.clone(), options, self.stop.clone()))
        });
        Arc::clone(hub)
    }
}

impl Drop for Live {
    /// Listeners are tasks of their own: without this they would outlive the core.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Core {
    /// Watches the caller's session and the person's others. Watching is no activity: it keeps no
    /// session alive.
    pub fn watch_sessions(&self, caller: &Caller) -> Result<Watcher, NoSeat> {
        let database = caller.database.name();
        let seat = self.live.seats.take(caller)?;
        let hearing = self.live.hub(self, database).hear(caller.user.id);
        let stop = self.live.stop.clone();
        Ok(Watcher::new(
            self.clone(),
            caller,
            seat,
            hearing,
            stop,
            self.live.settings,
        ))
    }
}
