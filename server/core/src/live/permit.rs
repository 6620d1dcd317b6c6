//! The bounds on watchers, so that a browser that opens stream after stream cannot use up the node's memory.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::LiveSettings;
use crate::{
    database::DatabaseName,
    session::{Bearer, SessionId},
    user::UserId,
};

/// The reason why a caller may not watch now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyWatchers {
    /// The session has the largest permitted number of watchers.
    #[error("the session is watched too often")]
    Session,
    /// The user has the largest permitted number of watchers, in all sessions.
    #[error("the user has too many watchers")]
    User,
    /// The node has the largest permitted number of watchers.
    #[error("the node has too many watchers")]
    Node,
}

/// The permits to watch on this node.
pub(super) struct Permits {
    settings: LiveSettings,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    of_session: HashMap<(DatabaseName, SessionId), usize>,
    of_user: HashMap<(DatabaseName, UserId), usize>,
}

/// A permit to watch. Dropping it gives the permit back.
pub(super) struct Permit {
    permits: Arc<Permits>,
    session: (DatabaseName, SessionId),
    user: (DatabaseName, UserId),
}

impl Permits {
    pub(super) fn new(settings: LiveSettings) -> Self {
        Self {
            settings,
            taken: Mutex::default(),
        }
    }

    /// Number of permits that are taken.
    pub(super) fn taken(&self) -> usize {
        self.lock().all
    }

    /// Takes a permit, if the node, the session and the user have fewer than their largest numbers of watchers.
    pub(super) fn take(self: &Arc<Self>, caller: &Bearer) -> Result<Permit, TooManyWatchers> {
        let database = caller.database.name();
        let session = (database.clone(), caller.session.id);
        let user = (database.clone(), caller.user.id);
        let mut taken = self.lock();
        if taken.all >= self.settings.max_watchers {
            return Err(TooManyWatchers::Node);
        }
        if count(&taken.of_session, &session) >= self.settings.max_watchers_per_session {
            return Err(TooManyWatchers::Session);
        }
        if count(&taken.of_user, &user) >= self.settings.max_watchers_per_user {
            return Err(TooManyWatchers::User);
        }
        taken.all += 1;
        *taken.of_session.entry(session.clone()).or_default() += 1;
        *taken.of_user.entry(user.clone()).or_default() += 1;
        drop(taken);
        Ok(Permit {
            permits: Arc::clone(self),
            session,
            user,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut taken = self.permits.lock();
        taken.all = taken.all.saturating_sub(1);
        give_back(&mut taken.of_session, &self.session);
        give_back(&mut taken.of_user, &self.user);
    }
}

fn count<K: Eq + Hash>(taken: &HashMap<K, usize>, key: &K) -> usize {
    taken.get(key).copied().unwrap_or(0)
}

fn give_back<K: Eq + Hash>(taken: &mut HashMap<K, usize>, key: &K) {
    match taken.get_mut(key) {
        Some(count) if *count > 1 => *count -= 1,
        _ => {
            taken.remove(key);
        }
    }
}
