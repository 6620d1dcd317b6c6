//! Databases. Each tenant has a PostgreSQL database that holds all of the tenant's data.

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
pub use listing::DatabaseNames;
pub use name::{DatabaseName, InvalidDatabaseName};
pub(crate) use on_open::OnOpen;
pub use privileges::Privileges;
pub use registry::{BrokenDatabase, CreateDatabaseError, Databases, OpenDatabaseError};
pub(crate) use rounds::Rounds;
pub use settings::{DatabaseSettings, Listed};
pub(crate) use stored::Stored;
pub(crate) use transaction::{ScopedTx, Sight, SystemTx};

use shared::Shared;

use crate::StoreError;

/// The cursor at which a list with the newest first begins: no row has a later time and id. Statements compare with
/// this cursor instead of testing whether there is a cursor, because no index answers such a test.
pub(crate) const NEWEST: (OffsetDateTime, Uuid) =
    (PrimitiveDateTime::MAX.assume_utc(), Uuid::max());

/// An open database. Cloning is cheap.
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

    /// The name of the database.
    pub fn name(&self) -> &DatabaseName {
        &self.inner.name
    }

    /// The value of type `T` that the requests of this database share. A room above defines the type.
    pub(crate) fn shared<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.inner.shared.get()
    }

    /// The connections for single statements of the system, such as those that authenticate and look up.
    pub(crate) fn system_pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// A transaction of the system, which sees all rows.
    pub(crate) async fn system(&self) -> Result<SystemTx, StoreError> {
        SystemTx::begin(&self.inner.pool).await
    }

    /// A transaction of the system for statements over a whole table. The statements may take longer than those of a
    /// request.
    pub(crate) async fn system_work(&self) -> Result<SystemTx, StoreError> {
        SystemTx::begin_work(&self.inner.pool).await
    }

    /// A transaction of a user, which sees only what the user may see.
    pub(crate) async fn scoped(&self, sight: &Sight<'_>) -> Result<ScopedTx, StoreError> {
        ScopedTx::begin(&self.inner.pool, sight).await
    }
}
