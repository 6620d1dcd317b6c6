//! The open databases, which are bounded in number, and the rules for their connections.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sqlx::{
    Connection as _, Executor as _,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::{
    sync::{Mutex, OnceCell},
    time::Instant,
};

use super::{
    Database, DatabaseName,
    connection::{PING_LIMIT, Pool, within},
    doubt::Doubt,
};

/// The longest wait of a request for a connection. After this time, the answer to the request is 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// The idle time below which a connection is used without a ping. Under load, connections are idle for a little less
/// than this.
const TRUSTED_FOR: Duration = Duration::from_millis(100);

/// The idle time after which a connection is closed. PostgreSQL permits only few connections (100 by default).
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The time for which a database counts as in use after its last use. Requests will probably ask for such a database
/// again soon.
const IN_USE: Duration = Duration::from_secs(10);

/// The part of the open databases that take turns if all open databases are in use: one in this many.
const TAKING_TURNS: usize = 4;

/// The settings of each new connection. They are statements and not start-up options, because poolers between Latchkey
/// and PostgreSQL do not accept such options.
///
/// - PostgreSQL plans a statement once for each connection, and not once for each use. Planning the lists of the
///   Devices page takes longer than running them. So each statement must have a good plan that does not depend on its
///   parameters: a statement that needs an index must not contain `$1 is null or …`.
/// - PostgreSQL's time limits are shorter than Latchkey's, so that a slow statement ends with an error but does not
///   cost the connection.
/// - If this node disappears silently, its transactions hold locks until PostgreSQL ends them. The last four settings
///   are for TCP. PostgreSQL ignores them on a Unix socket.
const SET_UP: &str = "set lock_timeout = '3s'; set statement_timeout = '4s'; \
    set plan_cache_mode = force_generic_plan; \
    set idle_in_transaction_session_timeout = '10s'; \
    set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; \
    set tcp_user_timeout = '10s'";

/// The databases that are open, or that the first request for them is opening now.
pub(super) struct Pools {
    /// Largest number of open databases.
    most: usize,
    entries: Mutex<Entries>,
}

#[derive(Default)]
struct Entries {
    /// Number of calls of [`Pools::make_room`] so far.
    taken: u64,
    open: HashMap<DatabaseName, Entry>,
}

struct Entry {
    database: Arc<OnceCell<Database>>,
    /// The value of `taken` when the database got its place. A database with a higher number was opened later.
    number: u64,
    last_use: Instant,
}

impl Pools {
    /// Room for `most` open databases.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            entries: Mutex::default(),
        }
    }

    /// Marks a database as used at `now`, and returns its place; `None` if the database has no place.
    pub(super) async fn used(
        &self,
        name: &DatabaseName,
        now: Instant,
    ) -> Option<Arc<OnceCell<Database>>> {
        let mut entries = self.entries.lock().await;
        let entry = entries.open.get_mut(name)?;
        entry.last_use = now;
        Some(Arc::clone(&entry.database))
    }

    /// An open database, without marking the database as used.
    pub(super) async fn get(&self, name: &DatabaseName) -> Option<Database> {
        let entries = self.entries.lock().await;
        entries.open.get(name)?.database.get().cloned()
    }

    /// The place of a database, which gets one if necessary. Before a database gets a place, other databases are closed
    /// until fewer than `most` are open, with fewer than `most_connections` connections in total.
    pub(super) async fn make_room(
        &self,
        name: &DatabaseName,
        most_connections: u32,
        now: Instant,
    ) -> Arc<OnceCell<Database>> {
        let mut entries = self.entries.lock().await;
        if !entries.open.contains_key(name) {
            while entries.open.len() >= self.most || entries.connections() >= most_connections {
                let Some(next) = entries.next_to_go(now) else {
                    break;
                };
                entries.open.remove(&next);
            }
        }
        entries.taken += 1;
        let number = entries.taken;
        let entry = entries.open.entry(name.clone()).or_insert_with(|| Entry {
            database: Arc::default(),
            number,
            last_use: now,
        });
        Arc::clone(&entry.database)
    }

    /// Takes the place of a database away. The connections of the database close when the last request that uses them
    /// is done.
    pub(super) async fn remove(&self, name: &DatabaseName) {
        self.entries.lock().await.open.remove(name);
    }

    /// Closes all connections of all open databases.
    pub(super) async fn close(&self) {
        let open = std::mem::take(&mut self.entries.lock().await.open);
        for database in open.values().filter_map(|entry| entry.database.get()) {
            database.system_pool().close().await;
        }
    }
}

impl Entries {
    /// The database that is closed next: the least recently used database, unless even that database is in use.
    ///
    /// In that case, more databases are in use than can be open. If the least recently used database were closed each
    /// time, every database would be closed just before its next use, which helps no request. So most databases keep
    /// their places. Only the quarter that was opened last takes turns, and the least recently used of that quarter is
    /// closed.
    fn next_to_go(&self, now: Instant) -> Option<DatabaseName> {
        let mut open: Vec<_> = self.open.iter().collect();
        open.sort_unstable_by_key(|(_, entry)| entry.last_use);
        let (oldest, entry) = open.first()?;
        if now - entry.last_use >= IN_USE {
            return Some((*oldest).clone());
        }
        let mut numbers: Vec<_> = open.iter().map(|(_, entry)| entry.number).collect();
        numbers.sort_unstable();
        let stay = numbers.len() - numbers.len().div_ceil(TAKING_TURNS);
        let first = *numbers.get(stay)?;
        let next = open.iter().find(|(_, entry)| entry.number >= first)?;
        Some(next.0.clone())
    }

    /// Number of connections of all open databases, in use or idle.
    fn connections(&self) -> u32 {
        let open = self.open.values().filter_map(|entry| entry.database.get());
        open.map(|database| database.system_pool().size()).sum()
    }
}

/// A pool of at most `most` connections to one database. The pool connects lazily.
pub(super) fn pool(options: PgConnectOptions, most: u32) -> Pool {
    let doubt = Doubt::default();
    let connections = pool_options(doubt.clone())
        .max_connections(most)
        .idle_timeout(IDLE_TIMEOUT)
        .connect_lazy_with(options);
    Pool::new(connections, doubt)
}

/// The options of a pool that pings a connection before use only if the connection was idle for [`TRUSTED_FOR`] or
/// longer. Under load, pinging each connection would add a round trip to each request.
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

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 8;
    const SHORT: Duration = Duration::from_millis(1);

    fn name(number: usize) -> DatabaseName {
        format!("name_{number}").parse().unwrap()
    }

    /// Asks for a database as a request does, after some time. Returns whether the database was open.
    async fn ask(pools: &Pools, number: usize, now: &mut Instant, after: Duration) -> bool {
        *now += after;
        let is_open = pools.used(&name(number), *now).await.is_some();
        pools.make_room(&name(number), u32::MAX, *now).await;
        is_open
    }

    async fn open(pools: &Pools) -> Vec<usize> {
        let entries = pools.entries.lock().await;
        let is_open = |number: &usize| entries.open.contains_key(&name(*number));
        (0..100).filter(is_open).collect()
    }

    #[tokio::test]
    async fn a_database_that_is_not_in_use_makes_room_before_all_others() {
        let (pools, mut now) = (Pools::new(MOST), Instant::now());
        for number in 0..MOST {
            ask(&pools, number, &mut now, SHORT).await;
        }
        now += IN_USE;
        for number in [0, 2, 3, 4, 5, 7] {
            assert!(ask(&pools, number, &mut now, SHORT).await);
        }
        ask(&pools, 8, &mut now, SHORT).await;
        ask(&pools, 9, &mut now, SHORT).await;
        assert_eq!(open(&pools).await, [0, 2, 3, 4, 5, 7, 8, 9]);
    }

    #[tokio::test]
    async fn where_too_many_are_in_use_most_stay_open_and_the_last_take_turns() {
        let (pools, mut now) = (Pools::new(MOST), Instant::now());
        let mut found = 0;
        for number in (0..MOST + 2).cycle().take(10 * (MOST + 2)) {
            found += usize::from(ask(&pools, number, &mut now, SHORT).await);
        }
        // In each turn but the first, three quarters of the places still hold their databases.
        assert_eq!(found, 9 * MOST * 3 / 4);
        assert_eq!(open(&pools).await.len(), MOST);
    }

    #[tokio::test]
    async fn a_database_that_comes_into_use_gets_a_place_that_stays() {
        let (pools, mut now) = (Pools::new(MOST), Instant::now());
        for number in 0..MOST {
            ask(&pools, number, &mut now, SHORT).await;
        }
        // The first databases are no longer used, and requests ask for others.
        for number in (MOST..2 * MOST).cycle().take(4 * MOST) {
            ask(&pools, number, &mut now, IN_USE / 8).await;
        }
        assert_eq!(open(&pools).await, (MOST..2 * MOST).collect::<Vec<_>>());
    }
}
