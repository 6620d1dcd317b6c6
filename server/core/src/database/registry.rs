//! The databases of a PostgreSQL server: found, opened on first use, bounded in number.

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
    listing::Listing,
    migrate,
    pools::{self, Pools},
    prepared::Prepared,
};
use crate::{StoreError, clock::Clock, error::is_passing, likeness};

/// How many databases are migrated at a time at start.
const MIGRATED_AT_ONCE: usize = 4;

/// How long the log says no more of a database that cannot be used.
const TELL_AGAIN: time::Duration = time::Duration::minutes(1);

/// How many connections the catalog has at most.
const SERVER_CONNECTIONS: u32 = 4;

/// All databases of one PostgreSQL server.
pub struct Databases {
    pub(super) server: Pool,
    pub(super) options: PgConnectOptions,
    settings: DatabaseSettings,
    clock: Arc<dyn Clock>,
    pub(super) on_open: Arc<dyn OnOpen>,
    pools: Pools,
    prepared: Prepared,
    listing: Listing,
    /// When the log last said of a database that it cannot be used.
    told: Mutex<HashMap<DatabaseName, OffsetDateTime>>,
}

/// A database for work that no request waits for.
pub(crate) struct WorkDatabase {
    pub database: Database,
    is_temporary: bool,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenDatabaseError {
    /// There is none of that name for this host.
    #[error("no such database")]
    Unknown,
    /// It is there, but cannot be served.
    #[error(transparent)]
    Broken(#[from] BrokenDatabase),
    /// PostgreSQL's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a database is left out.
#[derive(Debug, thiserror::Error)]
pub enum BrokenDatabase {
    /// Its schema cannot be brought up to date.
    #[error("the database cannot be migrated")]
    Migrate(#[source] MigrateError),
    /// PostgreSQL's tools restored it without what a dump leaves out, or are restoring it just now.
    #[error(
        "the database was restored and lacks privileges, policies or its owner: when the restore is done, \
         `latchkey db adopt NAME` takes the database in"
    )]
    Incomplete,
}

/// Why a database was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateDatabaseError {
    /// The server has a database of that name, ours or not.
    #[error("there is a database of that name already")]
    Exists,
    /// People would take one database for another.
    #[error("the name looks like that of the database '{0}'")]
    LooksLike(DatabaseName),
    /// The schema could not be made.
    #[error("the schema could not be made")]
    Migrate(#[from] MigrateError),
    /// PostgreSQL's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Databases {
    /// The databases of the server that `options` lead to. Connects lazily.
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

    /// Makes the restricted role, which every database needs.
    pub async fn prepare_role(&self) -> Result<(), StoreError> {
        catalog::ensure_restricted_role(&self.server).await
    }

    /// Brings databases up to date, each over one connection that is closed again: the server may hold more databases
    /// than PostgreSQL permits connections. A database that cannot be brought up to date is logged and left out; it
    /// never stops the others.
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

    /// Whether PostgreSQL answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("select 1").execute(&self.server).await?;
        Ok(())
    }

    /// Whether PostgreSQL does what is asked of it, writing too: after a failover an old connection may
    /// lead to a server that only reads. A single database that only reads does not count here: the node
    /// serves the others, and another node could not serve that one either.
    pub async fn is_ready(&self) -> Result<(), StoreError> {
        catalog::require_writable(&self.server).await
    }

    /// Every database there is, in order of name.
    pub async fn list(&self) -> Result<Vec<DatabaseName>, StoreError> {
        Ok(self.listing.now().await?.to_vec())
    }

    /// How PostgreSQL carries out the listing.
    #[cfg(any(test, feature = "testing"))]
    pub async fn plan_of_list(&self) -> Result<Vec<String>, StoreError> {
        catalog::plan_of_list(&self.server).await
    }

    /// Those that `host` may see, in order of name.
    pub async fn visible(&self, host: &str) -> Result<Vec<DatabaseName>, StoreError> {
        let names = self.listing.now().await?;
        Ok(self.only_visible(&names, host))
    }

    /// Whether `host` may see more than one, as of the last listing: for a menu, not for a rule.
    pub fn has_choice(&self, host: &str) -> bool {
        self.listing
            .last()
            .iter()
            .filter(|name| self.is_visible(name, host))
            .nth(1)
            .is_some()
    }

    /// Whether names are shown to people who are not logged in.
    pub fn listed(&self) -> Listed {
        self.settings.listed
    }

    /// Opens a database that `host` may see.
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

    /// Writes to the log that a database cannot be used, at most once a minute: a stranger may ask
    /// for the database as often as they like.
    pub fn tell_broken(&self, database: &DatabaseName, error: &BrokenDatabase) {
        if self.is_to_be_told(database) {
            tracing::error!(%database, %error, "the database cannot be used");
        }
    }

    /// Writes to the log that PostgreSQL does not do its work in a database, at most once a minute. The
    /// node is ready nevertheless, because it may serve other databases: only the log names this one.
    pub fn tell_unavailable(&self, database: &DatabaseName, error: &StoreError) {
        if self.is_to_be_told(database) {
            let cause = std::error::Error::source(error).map(ToString::to_string);
            tracing::warn!(%database, cause, "the database does not do its work");
        }
    }

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

    /// Whether a database is open here. It may have been dropped elsewhere.
    pub async fn is_open(&self, name: &DatabaseName) -> bool {
        self.pools.get(name).await.is_some()
    }

    /// Whether a database is open here, or was before it made room for others. It may have been dropped elsewhere.
    pub async fn is_known(&self, name: &DatabaseName) -> bool {
        self.prepared.knows(name) || self.is_open(name).await
    }

    /// Opens a database whatever the host: for administration.
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

    /// A database's place among those that are open. Also whether a database that is not open yet is prepared.
    async fn place(
        &self,
        name: &DatabaseName,
    ) -> Result<(Arc<OnceCell<Database>>, bool), OpenDatabaseError> {
        let now = Instant::now();
        if let Some(cell) = self.pools.used(name, now).await {
            return Ok((cell, false));
        }
        // Looked up first: an invented name must not take the place of an open database.
        let found = catalog::find_ours(&self.server, name).await?;
        let Some(found) = found else {
            self.prepared.remove(name);
            return Err(OpenDatabaseError::Unknown);
        };
        // The rest is for listening, the sweep, other nodes and commands.
        let most_connections = found.permitted_connections() * 3 / 4;
        let cell = self.pools.make_room(name, most_connections, now).await;
        Ok((cell, self.prepared.contains(name, found.oid)))
    }

    /// Opens the first of `names` that can be served; `None` if there is none.
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

    /// Opens a database beside those that are in use: over its pool if it has one, or else over a
    /// single connection, for as long as the work takes. It takes nobody's place, and none is kept.
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

    /// Lets go of a database: the next use looks anew whether it is there and up to date. Its connections
    /// close when the last request in flight is done.
    pub async fn forget(&self, name: &DatabaseName) {
        self.prepared.remove(name);
        self.pools.remove(name).await;
    }

    /// How to connect to a database outside of its pool.
    pub(crate) fn options_of(&self, name: &DatabaseName) -> PgConnectOptions {
        self.options.clone().database(name.as_str())
    }

    /// Creates an empty database. Only what this has made may be thrown away when a later step fails.
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
                // The second is how one of two that create it at once hears of it.
                Some("42P04" | "23505") => CreateDatabaseError::Exists,
                _ => CreateDatabaseError::Store(error.into()),
            }
        })
    }

    /// Gives a database just created its schema. It is found only after [`Self::publish`].
    pub(crate) async fn set_up(
        &self,
        name: &DatabaseName,
    ) -> Result<Database, CreateDatabaseError> {
        let pool = self.pool(name, self.settings.max_connections);
        migrate::run(&pool).await?;
        Ok(Database::new(name.clone(), pool))
    }

    /// Puts the marker on a database that is complete.
    pub(crate) async fn publish(&self, database: &Database) -> Result<(), StoreError> {
        catalog::mark(&self.server, database.name()).await?;
        self.list().await?;
        Ok(())
    }

    /// Takes an empty database as ours.
    #[cfg(any(test, feature = "testing"))]
    pub async fn take_empty(&self, name: &DatabaseName) -> Result<(), CreateDatabaseError> {
        let database = self.set_up(name).await?;
        database.system_pool().close().await;
        Ok(self.publish(&database).await?)
    }

    /// Databases without our marker that look like ours, in order of name: restored ones that nobody has adopted.
    pub async fn unadopted(&self) -> Result<Vec<DatabaseName>, StoreError> {
        let unmarked = catalog::unmarked(&self.server).await?;
        let looked = futures::stream::iter(unmarked).map(async |name| {
            let pool = self.pool(&name, 1);
            // One that cannot be looked into is another program's.
            let is_ours = catalog::looks_like_ours(&pool).await.unwrap_or(false);
            pool.close().await;
            is_ours.then_some(name)
        });
        let found = looked.buffered(MIGRATED_AT_ONCE);
        Ok(found.filter_map(std::future::ready).collect().await)
    }

    /// Drops a database of ours, with everything in it.
    pub async fn drop_database(&self, name: &DatabaseName) -> Result<(), OpenDatabaseError> {
        if catalog::find_ours(&self.server, name).await?.is_none() {
            return Err(OpenDatabaseError::Unknown);
        }
        self.discard(name).await?;
        Ok(())
    }

    /// Drops a database, whether or not it has the marker yet.
    pub(crate) async fn discard(&self, name: &DatabaseName) -> Result<(), StoreError> {
        self.forget(name).await;
        catalog::drop(&self.server, name).await?;
        self.list().await?;
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pools.close().await;
        self.server.close().await;
    }

    fn is_visible(&self, name: &DatabaseName, host: &str) -> bool {
        let filter = self.settings.filter.as_ref();
        filter.is_none_or(|filter| filter.allows(host, name))
    }

    /// Compiles the filter once, however many names there are.
    fn only_visible(&self, names: &[DatabaseName], host: &str) -> Vec<DatabaseName> {
        let Some(filter) = &self.settings.filter else {
            return names.to_vec();
        };
        let visible = filter.visible(host, names.iter().map(DatabaseName::as_str));
        let is_visible = |name: &&DatabaseName| visible.contains(&name.as_str());
        names.iter().filter(is_visible).cloned().collect()
    }

    /// Connects to a database that is complete, and brings it up to date unless this node has done so. A restore
    /// over a database that was brought up to date is for the sweep to notice.
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

    pub(super) fn pool(&self, name: &DatabaseName, max_connections: u32) -> Pool {
        pools::pool(self.options_of(name), max_connections)
    }
}

/// What passes by itself is no fault of the database: PostgreSQL is away, or a table was in use.
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
    /// Gives back what was opened for this.
    pub(crate) async fn close(self) {
        if self.is_temporary {
            self.database.system_pool().close().await;
        }
    }
}
