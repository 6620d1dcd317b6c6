//! The open databases, bounded in number, and how their connections are kept.

use std::{collections::HashMap, sync::Arc};

use sqlx::{Connection as _, Executor as _, postgres::PgPoolOptions};
use tokio::sync::{Mutex, OnceCell};

use super::{Database, DatabaseName};

/// How long a request waits for a connection before it is answered 503.
const ACQUIRE_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(3);

/// How long a connection may rest and is still taken to be there: a little longer than under load.
const TRUSTED_FOR: std::time::Duration = std::time::Duration::from_millis(100);

/// As a statement, since poolers between us and PostgreSQL take no options at the start.
const LOCK_TIMEOUT: &str = "set lock_timeout = '10s'";

/// The databases that are open, or being opened by whoever came first.
pub(super) struct Pools {
    most: usize,
    entries: Mutex<Entries>,
}

/// `uses` counts up with every use, so that the least recently used is known.
#[derive(Default)]
struct Entries {
    uses: u64,
    open: HashMap<DatabaseName, Entry>,
}

struct Entry {
    database: Arc<OnceCell<Database>>,
    last_use: u64,
}

impl Pools {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            entries: Mutex::default(),
        }
    }

    /// A database's place, marked as just used.
    pub(super) async fn used(&self, name: &DatabaseName) -> Option<Arc<OnceCell<Database>>> {
        let mut entries = self.entries.lock().await;
        entries.uses += 1;
        let now = entries.uses;
        let entry = entries.open.get_mut(name)?;
        entry.last_use = now;
        Some(Arc::clone(&entry.database))
    }

    /// A database that is open, not marked as used.
    pub(super) async fn get(&self, name: &DatabaseName) -> Option<Database> {
        let entries = self.entries.lock().await;
        entries.open.get(name)?.database.get().cloned()
    }

    /// A place for one more. The least recently used make room, until there are few enough databases, and fewer than
    /// `most_connections` between them.
    pub(super) async fn make_room(
        &self,
        name: &DatabaseName,
        most_connections: u32,
    ) -> Arc<OnceCell<Database>> {
        let mut entries = self.entries.lock().await;
        let last_use = entries.uses;
        if !entries.open.contains_key(name) {
            while entries.open.len() >= self.most || entries.connections() >= most_connections {
                let oldest = entries.open.iter().min_by_key(|(_, entry)| entry.last_use);
                let Some(oldest) = oldest.map(|(name, _)| name.clone()) else {
                    break;
                };
                entries.open.remove(&oldest);
            }
        }
        let entry = entries.open.entry(name.clone()).or_insert_with(|| Entry {
            database: Arc::default(),
            last_use,
        });
        Arc::clone(&entry.database)
    }

    /// Lets go of a database. Its connections close when the last request in flight is done.
    pub(super) async fn remove(&self, name: &DatabaseName) {
        self.entries.lock().await.open.remove(name);
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        let open = std::mem::take(&mut self.entries.lock().await.open);
        for database in open.values().filter_map(|entry| entry.database.get()) {
            database.system_pool().close().await;
        }
    }
}

impl Entries {
    /// How many connections the open databases have.
    fn connections(&self) -> u32 {
        let open = self.open.values().filter_map(|entry| entry.database.get());
        open.map(|database| database.system_pool().size()).sum()
    }
}

/// A connection is tried before use only if it has rested: under load that would be one more round
/// trip for each request, and a connection that was just used is there.
///
/// No statement waits longer for a lock than ten seconds. A migration that waits for a table has
/// everybody behind it wait too: it gives up, and the next one who opens the database tries again.
pub(super) fn pool_options() -> PgPoolOptions {
    PgPoolOptions::new()
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(LOCK_TIMEOUT).await?;
                Ok(())
            })
        })
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
