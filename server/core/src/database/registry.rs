//! Finds the databases of a PostgreSQL server, opens them on first use, and bounds the number of open databases.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::StreamExt as _;
use sqlx::{migrate::MigrateError, postgres::PgConnectOptions};
use time::OffsetDateTime;
use tokio::{sync::OnceCell, time::Instant};

use super::{
    Database, DatabaseName, DatabaseSettings, Listed, OnOpen, catalog,
    connection::Pool,
    listing::{DatabaseNames, Listing},
    migrate,
    pools::{self, Pools},
    prepared::Prepared,
};
use crate::{StoreError, clock::Clock, error::is_passing, likeness};

/// Largest number of databases that are migrated, or examined, at the same time.
const MIGRATED_AT_ONCE: usize = 4;

/// The shortest time between two log entries about the same database.
const TELL_AGAIN: time::Duration = time::Duration::minutes(1);

/// Largest number of connections for statements on the catalog of the server.
const SERVER_CONNECTIONS: u32 = 4;

/// All databases of one PostgreSQL server.
pub struct Databases {
    /// The connections for statements on the catalog of the server.
    pub(super) server: Pool,
    /// The options for connections to the server.
    pub(super) options: PgConnectOptions,
    settings: DatabaseSettings,
    clock: Arc<dyn Clock>,
    pub(super) on_open: Arc<dyn OnOpen>,
    pools: Pools,
    prepared: Prepared,
    listing: Listing,
    /// The time of the last log entry about each database that could not be used.
    told: Mutex<HashMap<DatabaseName, OffsetDateTime>>,
}

/// An open database for work that no request waits for.
pub(crate) struct WorkDatabase {
    pub database: Database,
    /// Whether the connections are closed after the work.
    is_temporary: bool,
}

/// The reason why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenDatabaseError {
    /// No Latchkey database has that name, or the host may not see the database.
    #[error("no such database")]
    Unknown,
    /// The database exists, but cannot be served.
    #[error(transparent)]
    Broken(#[from] BrokenDatabase),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The reason why a database is left out.
#[derive(Debug, thiserror::Error)]
pub enum BrokenDatabase {
    /// The schema cannot be brought up to date.
    #[error("the database cannot be migrated")]
    Migrate(#[source] MigrateError),
    /// PostgreSQL's tools restored the database without what a dump leaves out, or a restore is still under way.
    #[error(
        "the database was restored and lacks privileges, policies or its owner: when the restore is done, \
         `latchkey db adopt NAME` adopts the database"
    )]
    Incomplete,
}

/// The reason why a database was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateDatabaseError {
    /// The server has a database of that name, with the marker or without.
    #[error("there is a database of that name already")]
    Exists,
    /// The name looks like the name of this other database, so that people would confuse the two.
    #[error("the name looks like the name of the database '{0}'")]
    LooksLike(DatabaseName),
    /// The schema could not be created.
    #[error("the schema could not be created")]
    Migrate(#[from] MigrateError),
    /// PostgreSQL failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Databases {
    /// The databases of the server that `options` name. Connects lazily.
    pub(crate) fn new(
        options: PgConnectOptions,
        settings: DatabaseSettings,
        clock: Arc<dyn Clock>,
        on_open: Arc<dyn OnOpen>,
    ) -> Self {
        let server = pools::pool(options.clone(), SERVER_CONNECTIONS);
        let pools = Pools::new(settings.max_pools);
        Self {
            listing: Listing::new(server.clone()),
            server,
            options,
            settings,
            clock,
            on_open,
            pools,
            prepared: Prepared::default(),
            told: Mutex::default(),
        }
    }

    /// Creates the restricted role if it is missing. Every database needs the role.
    pub async fn prepare_role(&self) -> Result<(), StoreError> {
        catalog::ensure_restricted_role(&self.server).await
    }

    /// Brings databases up to date. Each database is opened over a single connection that is closed afterwards, because
    /// the server may hold more databases than PostgreSQL permits connections. A database that cannot be brought up to
    /// date is logged and left out. The other databases are still brought up to date.
    pub async fn bring_up_to_date(&self, names: Vec<DatabaseName>) {
        futures::stream::iter(names)
            .for_each_concurrent(MIGRATED_AT_ONCE, async |name| {
                match self.open_for_work(&name).await {
                    Ok(work) => work.close().await,
                    Err(error) => {
                        let cause = std::error::Error::source(&error).map(ToString::to_string);
                        tracing::error!(database = %name, %error, cause, "database left out");
                    }
                }
            })
            .await;
    }

    /// Checks that PostgreSQL answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.server).await?;
        Ok(())
    }

    /// Checks that PostgreSQL accepts statements that write. After a failover, an old connection may lead to a
    /// read-only server. A single read-only database does not make the node unready: the node still serves the others,
    /// and another node could not serve the read-only database either.
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        catalog::require_writable(&self.server).await
    }

    /// The names of all Latchkey databases, in order.
    pub async fn list(&self) -> Result<Vec<DatabaseName>, StoreError> {
        Ok(self.listing.now().await?.to_vec())
    }

    /// PostgreSQL's plan for the statement that lists the databases.
    #[cfg(any(test, feature = "testing"))]
    pub async fn plan_of_list(&self) -> Result<Vec<String>, StoreError> {
        catalog::plan_of_list(&self.server).await
    }

    /// The names of the databases that `host` may see, in order.
    pub async fn visible(&self, host: &str) -> Result<DatabaseNames, StoreError> {
        let names = self.listing.now().await?;
        Ok(self.only_visible(&names, host))
    }

    /// Whether `host` may see more than one database, according to the last listing. That is good enough for a menu,
    /// but not for a decision about access.
    pub fn has_choice(&self, host: &str) -> bool {
        self.listing
            .last()
            .iter()
            .filter(|name| self.is_visible(name, host))
            .nth(1)
            .is_some()
    }

    /// Whether strangers may see the names of databases.
    pub fn listed(&self) -> Listed {
        self.settings.listed
    }

    /// Opens a database if `host` may see the database.
    pub async fn open(
        &self,
        name: &DatabaseName,
        host: &str,
    ) -> Result<Database, OpenDatabaseError> {
        if !self.is_visible(name, host) {
            return Err(OpenDatabaseError::Unknown);
        }
        self.open_any(name).await
    }

    /// Logs that a database cannot be used, at most once a minute for each database. A stranger may ask for the
    /// database as often as they like.
    pub fn tell_broken(&self, database: &DatabaseName, error: &BrokenDatabase) {
        if self.is_to_be_told(database) {
            tracing::error!(%database, %error, "the database cannot be used");
        }
    }

    /// Logs that PostgreSQL failed in a database, at most once a minute for each database. The node counts as ready
    /// nevertheless, because it may serve other databases. So only the log names this database.
    pub fn tell_unavailable(&self, database: &DatabaseName, error: &StoreError) {
        if self.is_to_be_told(database) {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(%database, cause, "the database does not do its work");
        }
    }

    /// Whether the last log entry about the database is old enough for another entry. If so, records the present time.
    fn is_to_be_told(&self, database: &DatabaseName) -> bool {
        let now = self.clock.now();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told
            .get(database)
            .is_none_or(|last| now - *last >= TELL_AGAIN);
        if is_due {
            told.insert(database.clone(), now);
        }
        is_due
    }

    /// Whether this node has the database open. Another node may have dropped the database since.
    pub async fn is_open(&self, name: &DatabaseName) -> bool {
        self.pools.get(name).await.is_some()
    }

    /// Whether this node has the database open, or had it open before the database gave up its place to others. Another
    /// node may have dropped the database since.
    pub async fn is_known(&self, name: &DatabaseName) -> bool {
        self.prepared.knows(name) || self.is_open(name).await
    }

    /// Opens a database without asking whether a host may see the database: for administration, and for callers that
    /// have checked the host.
    pub async fn open_any(&self, name: &DatabaseName) -> Result<Database, OpenDatabaseError> {
        let (cell, is_prepared) = self.place(name).await?;
        let most = self.settings.max_connections;
        let open = || async {
            if is_prepared {
                return Ok(Database::new(name.clone(), self.pool(name, most)));
            }
            self.connect(name, most).await
        };
        let opened = cell.get_or_try_init(open).await.cloned();
        if opened.is_err() {
            self.forget(name).await;
        }
        opened
    }

    /// The place of a database among the open databases, and whether a database that is not open yet needs only
    /// connections.
    async fn place(
        &self,
        name: &DatabaseName,
    ) -> Result<(Arc<OnceCell<Database>>, bool), OpenDatabaseError> {
        let now = Instant::now();
        if let Some(cell) = self.pools.used(name, now).await {
            return Ok((cell, false));
        }
        // The catalog is read first, so that an invented name does not take the place of an open database.
        let found = catalog::find_ours(&self.server, name).await?;
        let Some(found) = found else {
            self.prepared.remove(name);
            return Err(OpenDatabaseError::Unknown);
        };
        // A quarter of the connections remains for listeners, the sweep, other nodes and commands.
        let most_connections = found.permitted_connections() * 3 / 4;
        let cell = self.pools.make_room(name, most_connections, now).await;
        Ok((cell, self.prepared.contains(name, found.oid)))
    }

    /// Opens the first database of `names` that can be served; `None` if none can be served.
    pub(crate) async fn open_first(
        &self,
        names: &[DatabaseName],
    ) -> Result<Option<Database>, StoreError> {
        for name in names {
            match self.open_any(name).await {
                Ok(database) => return Ok(Some(database)),
                Err(OpenDatabaseError::Broken(error)) => self.tell_broken(name, &error),
                Err(
                    OpenDatabaseError::Unknown
                    | OpenDatabaseError::Store(StoreError::DatabaseGone(_)),
                ) => {}
                Err(OpenDatabaseError::Store(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Opens a database for work that no request waits for. If the database is open, the work shares its connections.
    /// Otherwise the work gets a single connection, which [`WorkDatabase::close`] closes. No other database gives up
    /// its place.
    pub(crate) async fn open_for_work(
        &self,
        name: &DatabaseName,
    ) -> Result<WorkDatabase, OpenDatabaseError> {
        let open = self.pools.get(name).await;
        Ok(WorkDatabase {
            is_temporary: open.is_none(),
            database: match open {
                Some(database) => database,
                None => self.connect(name, 1).await?,
            },
        })
    }

    /// Forgets a database, so that its next use checks again whether the database exists and is up to date. The
    /// database's connections close when the last request that uses them is done.
    pub async fn forget(&self, name: &DatabaseName) {
        self.prepared.remove(name);
        self.pools.remove(name).await;
    }

    /// The options for a connection to a database outside of its pool.
    pub(crate) fn options_of(&self, name: &DatabaseName) -> PgConnectOptions {
        self.options.clone().database(name.as_str())
    }

    /// Creates an empty database, without the marker. If a later step fails, the caller may drop the database only if
    /// this function returned `Ok`. After an error, a database of that name is not the caller's.
    pub(crate) async fn create(&self, name: &DatabaseName) -> Result<(), CreateDatabaseError> {
        let looks = likeness::looks(name.as_str());
        let is_like =
            |other: &DatabaseName| other != name && likeness::looks(other.as_str()) == looks;
        if let Some(other) = self.list().await?.into_iter().find(is_like) {
            return Err(CreateDatabaseError::LooksLike(other));
        }
        catalog::create(&self.server, name).await.map_err(|error| {
            let code = error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code);
            match code.as_deref() {
                // PostgreSQL answers 23505 if another node creates a database of this name at the same time.
                Some("42P04" | "23505") => CreateDatabaseError::Exists,
                _ => CreateDatabaseError::Store(error.into()),
            }
        })
    }

    /// Creates the schema in a database that was just created. The database is found only after [`Self::publish`].
    pub(crate) async fn set_up(
        &self,
        name: &DatabaseName,
    ) -> Result<Database, CreateDatabaseError> {
        let pool = self.pool(name, self.settings.max_connections);
        migrate::run(&pool).await?;
        Ok(Database::new(name.clone(), pool))
    }

    /// Sets the marker of a complete database, and lists the databases again.
    pub(crate) async fn publish(&self, database: &Database) -> Result<(), StoreError> {
        catalog::mark(&self.server, database.name()).await?;
        self.list().await?;
        Ok(())
    }

    /// Makes an empty database a Latchkey database.
    #[cfg(any(test, feature = "testing"))]
    pub async fn take_empty(&self, name: &DatabaseName) -> Result<(), CreateDatabaseError> {
        let database = self.set_up(name).await?;
        database.system_pool().close().await;
        Ok(self.publish(&database).await?)
    }

    /// The names of databases without the marker that look like Latchkey databases, in order. They were restored, but
    /// not adopted.
    pub async fn unadopted(&self) -> Result<Vec<DatabaseName>, StoreError> {
        let unmarked = catalog::unmarked(&self.server).await?;
        let looked = futures::stream::iter(unmarked).map(async |name| {
            let pool = self.pool(&name, 1);
            // A database that cannot be read belongs to another program.
            let is_ours = catalog::looks_like_ours(&pool).await.unwrap_or(false);
            pool.close().await;
            is_ours.then_some(name)
        });
        let found = looked.buffered(MIGRATED_AT_ONCE);
        Ok(found.filter_map(std::future::ready).collect().await)
    }

    /// Drops a Latchkey database, with all of its data.
    pub async fn drop_database(&self, name: &DatabaseName) -> Result<(), OpenDatabaseError> {
        if catalog::find_ours(&self.server, name).await?.is_none() {
            return Err(OpenDatabaseError::Unknown);
        }
        self.discard(name).await?;
        Ok(())
    }

    /// Drops a database, with the marker or without.
    pub(crate) async fn discard(&self, name: &DatabaseName) -> Result<(), StoreError> {
        self.forget(name).await;
        catalog::drop(&self.server, name).await?;
        self.list().await?;
        Ok(())
    }

    /// Closes all connections, to databases and to the catalog.
    pub async fn close(&self) {
        self.pools.close().await;
        self.server.close().await;
    }

    fn is_visible(&self, name: &DatabaseName, host: &str) -> bool {
        let filter = self.settings.filter.as_ref();
        filter.is_none_or(|filter| filter.allows(host, name))
    }

    /// The names that `host` may see. The filter is compiled at most once, however many names there are.
    fn only_visible(&self, names: &DatabaseNames, host: &str) -> DatabaseNames {
        let Some(filter) = &self.settings.filter else {
            return Arc::clone(names);
        };
        let visible = filter.visible(host, names.iter().map(DatabaseName::as_str));
        // The filter keeps the order.
        let mut visible = visible.into_iter().peekable();
        let mut is_visible = |name: &&DatabaseName| visible.next_if_eq(&name.as_str()).is_some();
        names
            .iter()
            .filter(|name| is_visible(name))
            .cloned()
            .collect()
    }

    /// Opens a complete database, and brings it up to date unless this node has done so before. If PostgreSQL's tools
    /// restore over a database after that, the sweep notices the restore.
    async fn connect(
        &self,
        name: &DatabaseName,
        max_connections: u32,
    ) -> Result<Database, OpenDatabaseError> {
        let pool = self.pool(name, max_connections);
        let looked_at = catalog::look_at(&pool).await.map_err(StoreError::from)?;
        if !looked_at.is_complete {
            self.prepared.remove(name);
            return Err(BrokenDatabase::Incomplete.into());
        }
        let database = Database::new(name.clone(), pool);
        if !self.prepared.contains(name, looked_at.oid) {
            migrate::run(database.system_pool())
                .await
                .map_err(not_migrated)?;
            self.on_open.opened(&database).await?;
            self.prepared.insert(name, looked_at.oid);
        }
        Ok(database)
    }

    /// A separate pool of at most `max_connections` connections to a database.
    pub(super) fn pool(&self, name: &DatabaseName, max_connections: u32) -> Pool {
        pools::pool(self.options_of(name), max_connections)
    }
}

/// Distinguishes failures of PostgreSQL from a broken database. A temporary failure does not make a database broken:
/// PostgreSQL may be unreachable, or a table may be in use.
fn not_migrated(error: MigrateError) -> OpenDatabaseError {
    match error {
        MigrateError::Execute(error) => OpenDatabaseError::Store(error.into()),
        MigrateError::ExecuteMigration(error, _) if is_passing(&error) => {
            OpenDatabaseError::Store(error.into())
        }
        other => BrokenDatabase::Migrate(other).into(),
    }
}

impl WorkDatabase {
    /// Closes the connections that were opened for this work.
    pub(crate) async fn close(self) {
        if self.is_temporary {
            self.database.system_pool().close().await;
        }
    }
}
