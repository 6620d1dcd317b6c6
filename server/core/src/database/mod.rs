//! Databases: each is a real PostgreSQL database that holds everything of its tenant.

mod adopt;
mod catalog;
mod connection;
mod doubt;
mod filter;
mod listing;
mod migrate;
mod name;
mod on_open;
mod pools;
mod prepared;
mod privileges;
mod registry;
mod returning;
mod rounds;
mod settings;
mod shape;
mod shared;
mod stored;
mod transaction;

use std::sync::Arc;

use time::{OffsetDateTime, PrimitiveDateTime};
use uuid::Uuid;

pub use adopt::AdoptError;
pub(crate) use connection::{Connection, Pool, within};
pub use filter::{DatabaseFilter, DatabaseFilterError};
pub use name::{DatabaseName, InvalidDatabaseName};
pub(crate) use on_open::OnOpen;
pub use privileges::Privileges;
pub use registry::{BrokenDatabase, CreateDatabaseError, Databases, OpenDatabaseError};
pub(crate) use rounds::Rounds;
pub use settings::{DatabaseSettings, Listed};
pub(crate) use stored::Stored;
pub(crate) use transaction::{ScopedTx, SystemTx};

use latchkey_words::UserId;
use shared::Shared;

use crate::StoreError;

/// Where a list begins that has the newest first: behind it in the order of time and id comes everything. Statements
/// compare with it instead of asking whether there is a place to begin at, which no index answers.
pub(crate) const NEWEST: (OffsetDateTime, Uuid) =
    (PrimitiveDateTime::MAX.assume_utc(), Uuid::max());

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    name: DatabaseName,
    pool: Pool,
    shared: Shared,
}

impl Database {
    pub(crate) fn new(name: DatabaseName, pool: Pool) -> Self {
        Self {
            inner: Arc::new(Inner {
                name,
                pool,
                shared: Shared::default(),
            }),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &DatabaseName {
        &self.inner.name
    }

    /// What the requests of this database share, as a room above keeps it.
    pub(crate) fn shared<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.inner.shared.get()
    }

    /// For the single statements of the system: authenticate, look up.
    pub(crate) fn system_pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// A transaction of the system, which sees everything.
    pub(crate) async fn system(&self) -> Result<SystemTx, StoreError> {
        SystemTx::begin(&self.inner.pool).await
    }

    /// The same for statements over a whole table, which may take longer than those of a request.
    pub(crate) async fn system_work(&self) -> Result<SystemTx, StoreError> {
        SystemTx::begin_work(&self.inner.pool).await
    }

    /// A transaction of a person, which sees what that person may see.
    pub(crate) async fn scoped(&self, user: UserId) -> Result<ScopedTx, StoreError> {
        ScopedTx::begin(&self.inner.pool, user).await
    }
}
