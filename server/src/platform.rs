//! The core, and the PostgreSQL that it uses, which may be a private one.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use latchkey_core::{
    Core, Parts, StoreError,
    clock::{Clock as _, SystemClock},
    database::DatabaseName,
    module::HostedModule,
    place::Places,
    random::SystemRandom,
};
use latchkey_postgres::{Cluster, Durability};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::sync::Mutex;

use crate::{config::Config, text::text};

/// The program's name in `pg_stat_activity` and in PostgreSQL's log.
const APPLICATION_NAME: &str = "latchkey";

/// The time for which modules, and then connections in use, may delay the end.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// The pause between two checks whether the private PostgreSQL still answers.
const LOOK_AFTER: Duration = Duration::from_secs(2);

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// The core, and the private cluster if there is one, which runs at least as long as the core.
pub(crate) struct Platform {
    /// The core.
    pub(crate) core: Core,
    private: Option<PrivateCluster>,
}

/// The purpose for which a platform is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To answer requests.
    Serve,
    /// To create a database, perhaps the first.
    CreateDatabase,
    /// To run one command, perhaps beside a server.
    Administer,
}

/// The private PostgreSQL and its folder.
struct PrivateCluster {
    directory: PathBuf,
    cluster: Mutex<Cluster>,
}

/// The refusal of a command that finds no private PostgreSQL.
#[derive(Debug, thiserror::Error)]
#[error("{}", text().no_data(.0))]
pub(crate) struct NoData(String);

/// The reason why the databases could not be prepared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepareError {
    /// A superuser of PostgreSQL has to create the restricted role, once.
    #[error(
        "PostgreSQL does not let the user in `database.url` create the restricted role. Run once as a \
         superuser: `create role latchkey_restricted nologin nosuperuser nobypassrls; grant latchkey_restricted to \
         USER;` with that user for USER (leave out the first statement if the role exists)"
    )]
    MayNotMakeRole(#[source] StoreError),
    /// PostgreSQL failed otherwise.
    #[error(transparent)]
    Store(StoreError),
}

impl Platform {
    /// Builds everything from the configuration. When this returns, a private PostgreSQL is running. The first
    /// connection to an external PostgreSQL is made when it is needed.
    pub(crate) async fn open(
        config: &Config,
        modules: Vec<HostedModule>,
        purpose: Purpose,
    ) -> anyhow::Result<Self> {
        let (server, private) = if let Some(dsn) = config.database.dsn() {
            (dsn.options(), None)
        } else {
            let directory = private_directory(config, purpose)?;
            let cluster = open_cluster(&directory).await?;
            let options = private(&cluster)?;
            let cluster = Mutex::new(cluster);
            (options, Some(PrivateCluster { directory, cluster }))
        };
        let clock = SystemClock;
        let mut settings = config.settings();
        if purpose == Purpose::Serve && config.sessions.end_on_restart {
            settings.sessions.not_before = Some(clock.now());
        }
        let places = match purpose {
            Purpose::Serve => places(config),
            Purpose::CreateDatabase | Purpose::Administer => Places::default(),
        };
        let parts = Parts {
            server: server.application_name(APPLICATION_NAME),
            settings,
            clock: Arc::new(clock),
            random: Arc::new(SystemRandom),
            modules,
            places,
        };
        let core = Core::new(parts)?;
        Ok(Self { core, private })
    }

    /// Lets modules finish, closes all connections, and leaves the private cluster. The last process that
    /// leaves stops it.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        // An audit line must not be lost when its process ends.
        if tokio::time::timeout(CLOSE_LIMIT, self.core.settle())
            .await
            .is_err()
        {
            tracing::warn!(limit = ?CLOSE_LIMIT, "modules were still handling events at the end");
        }
        if tokio::time::timeout(CLOSE_LIMIT, self.core.databases.close())
            .await
            .is_err()
        {
            tracing::warn!(limit = ?CLOSE_LIMIT, "connections to PostgreSQL were still in use at the end");
        }
        if let Some(private) = self.private {
            let cluster = private.cluster.into_inner();
            tokio::task::spawn_blocking(|| cluster.close()).await??;
        }
        Ok(())
    }

    /// Restarts the private PostgreSQL whenever it has died. Never returns. An external PostgreSQL is left to its
    /// administrator.
    pub(crate) async fn keep_postgresql(&self) {
        let Some(private) = &self.private else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(LOOK_AFTER).await;
            let Err(error @ StoreError::Unavailable(_)) = self.core.databases.ping().await else {
                continue;
            };
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the private PostgreSQL does not answer"
            );
            match open_cluster(&private.directory).await {
                // The new handle keeps the cluster running, so the old handle can be dropped.
                Ok(cluster) => drop(std::mem::replace(
                    &mut *private.cluster.lock().await,
                    cluster,
                )),
                Err(error) => tracing::error!(
                    error = &*error,
                    "the private PostgreSQL cannot be restarted yet"
                ),
            }
        }
    }
}

/// The places of addresses. If the file is missing, the server still starts, and pages show no places.
fn places(config: &Config) -> Places {
    let Some(file) = config.places.file() else {
        return Places::default();
    };
    Places::read(file).unwrap_or_else(|error| {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(
            error,
            "`places.file` cannot be used, so places are not shown"
        );
        Places::default()
    })
}

/// Creates the restricted role if it is missing, and lists the databases that are to be updated.
pub(crate) async fn prepare(core: &Core) -> Result<Vec<DatabaseName>, PrepareError> {
    prepare_role(core).await?;
    core.databases.list().await.map_err(not_prepared)
}

/// Creates the restricted role if it is missing. A command about one database needs no more.
pub(crate) async fn prepare_role(core: &Core) -> Result<(), PrepareError> {
    core.databases.prepare_role().await.map_err(not_prepared)
}

fn not_prepared(error: StoreError) -> PrepareError {
    match &error {
        StoreError::Failed(cause) if is_privilege_missing(cause) => {
            PrepareError::MayNotMakeRole(error)
        }
        _ => PrepareError::Store(error),
    }
}

fn is_privilege_missing(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some(INSUFFICIENT_PRIVILEGE)
}

/// The folder of the private PostgreSQL. A command that was typed in the wrong folder must not create a data
/// directory: only a server creates one, and `db create` if `LATCHKEY_DATA` names it.
fn private_directory(config: &Config, purpose: Purpose) -> Result<PathBuf, NoData> {
    let data = config.data_directory();
    let directory = data.join("postgres");
    let may_make = match purpose {
        Purpose::Serve => true,
        Purpose::CreateDatabase => config.data_directory_is_named(),
        Purpose::Administer => false,
    };
    if may_make || directory.is_dir() {
        return Ok(directory);
    }
    let shown = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    Err(NoData(shown.display().to_string()))
}

async fn open_cluster(directory: &Path) -> anyhow::Result<Cluster> {
    let directory = directory.to_owned();
    let opening =
        tokio::task::spawn_blocking(move || Cluster::open(&directory, Durability::Durable, None));
    opening
        .await?
        .context("the private PostgreSQL cannot be used")
}

fn private(cluster: &Cluster) -> anyhow::Result<PgConnectOptions> {
    let options: PgConnectOptions = cluster
        .url("postgres")
        .parse()
        .context("the private PostgreSQL has no address")?;
    // Variables such as PGPORT and PGSSLMODE are meant for another server.
    Ok(options.port(5432).ssl_mode(PgSslMode::Disable))
}
