//! The open databases, bounded in number, and how their connections are kept.

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

/// How long a request waits for a connection before it is answered 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Connections that rested for less than this are used without a ping: a little longer than under
/// load.
const TRUSTED_FOR: Duration = Duration::from_millis(100);

/// A connection that was not used for this long is given back to PostgreSQL, which permits few (100 by
/// default).
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A database that was used within this time is in use: it will soon be asked for again.
const IN_USE: Duration = Duration::from_secs(10);

/// Where all open databases are in use, this part of them takes turns with those that are asked for: one in so many.
const TAKING_TURNS: usize = 4;

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

#[derive(Default)]
struct Entries {
    /// Counts up with every place that is taken.
    taken: u64,
    open: HashMap<DatabaseName, Entry>,
}

struct Entry {
    database: Arc<OnceCell<Database>>,
    /// The number of this place among all that were taken.
    number: u64,
    last_use: Instant,
}

impl Pools {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            entries: Mutex::default(),
        }
    }

    /// A database's place, marked as just used.
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

    /// A database that is open, not marked as used.
    pub(super) async fn get(&self, name: &DatabaseName) -> Option<Database> {
        let entries = self.entries.lock().await;
        entries.open.get(name)?.database.get().cloned()
    }

    /// A place for one more. Others make room, until there are few enough databases, and fewer than `most_connections`
    /// between them.
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
    /// The database that makes room: the least recently used. If even this is in use, then more databases are in use than
    /// can be open. To close each before its next use would help no request, so most of them stay as they are, and only
    /// those that were opened last take turns.
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
        // All but a quarter of the places, in each turn but the first.
        assert_eq!(found, 9 * MOST * 3 / 4);
        assert_eq!(open(&pools).await.len(), MOST);
    }

    #[tokio::test]
    async fn a_database_that_comes_into_use_gets_a_place_that_stays() {
        let (pools, mut now) = (Pools::new(MOST), Instant::now());
        for number in 0..MOST {
            ask(&pools, number, &mut now, SHORT).await;
        }
        // The first ones are not used any more, and others come.
        for number in (MOST..2 * MOST).cycle().take(4 * MOST) {
            ask(&pools, number, &mut now, IN_USE / 8).await;
        }
        assert_eq!(open(&pools).await, (MOST..2 * MOST).collect::<Vec<_>>());
    }
}
