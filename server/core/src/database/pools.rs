//! The open databases, bounded in number, and how their connections are kept.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, Executor as _,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::sync::{Mutex, OnceCell};

use super::{
    Database, DatabaseName,
    connection::{PING_LIMIT, Pool, within},
    doubt::Doubt,
};

/// How long a request waits for a connection before it is answered 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Connections that rested for less than this are used without a ping: a little longer than under
/// load.
const TRUSTED_FOR: Duration = Duration::from_millis(100);

/// A connection that was not used for this long is given back to PostgreSQL, which permits few (100 by
/// default).
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// What PostgreSQL is told of each new connection. As statements, since poolers between Latchkey and
/// PostgreSQL take no options at the start.
///
/// - A statement is planned once for each connection and not once for each use. PostgreSQL would plan
///   the lists of the Devices page anew each time, which costs more than it takes to run them. So each
///   statement must have a good plan that does not depend on its parameters: no `$1 is null or …`
///   where an index is to be used.
/// - The limits of PostgreSQL are shorter than Latchkey's, so that a slow statement ends with an
///   error and not with its connection.
/// - If this node is gone without a word, its transactions hold locks until PostgreSQL gives them up.
///   The last four settings are for TCP. PostgreSQL ignores them on a socket.
const SET_UP: &str = "set lock_timeout = '3s'; set statement_timeout = '4s'; \
    set plan_cache_mode = force_generic_plan; \
    set idle_in_transaction_session_timeout = '10s'; \
    set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; \
    set tcp_user_timeout = '10s'";

/// The databases that are open, or being opened by the first request that asked for them.
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

/// The connections to one database, at most so many. Connects lazily.
pub(super) fn pool(options: PgConnectOptions, most: u32) -> Pool {
    let doubt = Doubt::default();
    let connections = pool_options(doubt.clone())
        .max_connections(most)
        .idle_timeout(IDLE_TIMEOUT)
        .connect_lazy_with(options);
    Pool::new(connections, doubt)
}

/// A connection that was just used is there. Others are tried before use: under load, trying each
/// would be one more round trip for each request.
fn pool_options(doubt: Doubt) -> PgPoolOptions {
    PgPoolOptions::new()
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(SET_UP).await?;
                Ok(())
            })
        })
        .before_acquire(move |connection, meta| {
            let doubt = doubt.clone();
            Box::pin(async move {
                if doubt.covers(meta.idle_for) {
                    return Ok(false);
                }
                if meta.idle_for >= TRUSTED_FOR {
                    let ping = within(PING_LIMIT, connection.ping()).await;
                    ping.inspect_err(|_| doubt.raise())?;
                }
                Ok(true)
            })
        })
}
