//! The databases that this node has brought up to date since its start.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sqlx::postgres::types::Oid;

use super::DatabaseName;

/// The databases that this node has brought up to date, each with its OID. If such a database is no longer open, its
/// next use needs new connections and no other work. Another database of the same name has another OID, so Latchkey
/// examines that database as well.
#[derive(Default)]
pub(super) struct Prepared(Mutex<HashMap<DatabaseName, Oid>>);

impl Prepared {
    /// Whether this node has brought the database of this name and OID up to date.
    pub fn contains(&self, name: &DatabaseName, oid: Oid) -> bool {
        self.entries().get(name) == Some(&oid)
    }

    /// Whether this node has brought a database of this name up to date, whatever its OID.
    pub fn knows(&self, name: &DatabaseName) -> bool {
        self.entries().contains_key(name)
    }

    /// Records that a database is up to date.
    pub fn insert(&self, name: &DatabaseName, oid: Oid) {
        self.entries().insert(name.clone(), oid);
    }

    /// Forgets a database, so that its next use examines the database again.
    pub fn remove(&self, name: &DatabaseName) {
        self.entries().remove(name);
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<DatabaseName, Oid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
