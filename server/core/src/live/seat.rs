//! How many may watch: a browser that opens stream after stream must not take the node's memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{database::DatabaseName, session::SessionId, settings::LiveSettings};

/// Why somebody may not watch just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSeat {
    /// The session has as many watchers as a session may have.
    #[error("the session is watched too often")]
    Session,
    /// The node has as many watchers as it may have.
    #[error("the node has too many watchers")]
    Node,
}

/// The seats on this node.
pub(super) struct Seats {
    settings: LiveSettings,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    of_session: HashMap<(DatabaseName, SessionId), usize>,
}

/// A seat, given back when it is dropped.
pub(super) struct Seat {
    seats: Arc<Seats>,
    key: (DatabaseName, SessionId),
}

impl Seats {
    pub(super) fn new(settings: LiveSettings) -> Self {
        Self {
            settings,
            taken: Mutex::default(),
        }
    }

    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    pub(super) fn take(
        self: &Arc<Self>,
        database: &DatabaseName,
        session: SessionId,
    ) -> Result<Seat, NoSeat> {
        let key = (database.clone(), session);
        let mut taken = self.lock();
        if taken.all >= self.settings.max_watchers {
            return Err(NoSeat::Node);
        }
        let of_session = taken.of_session.get(&key).copied().unwrap_or(0);
        if of_session >= self.settings.max_watchers_per_session {
            return Err(NoSeat::Session);
        }
        taken.all += 1;
        taken.of_session.insert(key.clone(), of_session + 1);
        drop(taken);
        let seats = Arc::clone(self);
        Ok(Seat { seats, key })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all = taken.all.saturating_sub(1);
        match taken.of_session.get_mut(&self.key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.of_session.remove(&self.key);
            }
        }
    }
}
