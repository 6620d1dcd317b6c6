//! Which databases this node has brought up to date since its start.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sqlx::postgres::types::Oid;

use super::DatabaseName;

/// Databases that were opened once and have lost their connections to others since: the next use needs a
/// connection and nothing else. By OID, so that a database that takes another's name is looked at anew.
#[derive(Default)]
pub(super) struct Prepared(Mutex<HashMap<DatabaseName, Oid>>);

impl Prepared {
    pub fn contains(&self, name: &DatabaseName, oid: Oid) -> bool {
        self.entries().get(name) == Some(&oid)
    }

    /// Whether a database of this name was opened once.
    pub fn knows(&self, name: &DatabaseName) -> bool {
        self.entries().contains_key(name)
    }

    pub fn insert(&self, name: &DatabaseName, oid: Oid) {
        self.entries().insert(name.clone(), oid);
    }

    pub fn remove(&self, name: &DatabaseName) {
        self.entries().remove(name);
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<DatabaseName, Oid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
