//! The handle on a private cluster: joining or starting it, leaving or stopping it.

use crate::account::Account;
use crate::home::Home;
use crate::postmaster::{self, Start};
use crate::{Binaries, ClusterError, initialise, url};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// What a crash of the machine may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: what is committed is on disk.
    Durable,
    /// Everything: no fsync. For tests and benchmarks.
    Throwaway,
}

impl Durability {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Durable => "durable",
            Self::Throwaway => "throwaway",
        }
    }
}

/// A private PostgreSQL cluster. Its server runs as long as a process holds a [`Cluster`] of it.
///
/// Any number of processes may open the same directory, and a process may open it more than once.
/// The last [`Cluster`] to be closed or dropped stops the server. A process that was killed counts
/// as gone; the next process to open the directory joins the server that was left behind.
#[derive(Debug)]
pub struct Cluster {
    home: Home,
    socket: PathBuf,
    change: Lock,
    /// `None` once we have left.
    users: Option<Lock>,
}

impl Cluster {
    /// Joins the server that runs on `directory`, or starts one, creating directory and cluster
    /// where needed. `binaries` is the folder that holds `postgres` and `initdb`; without it the
    /// newest installed server is taken, or the one that fits the data.
    ///
    /// Blocks until the server takes connections: a second for the first start ever, some tens
    /// of milliseconds for a later one.
    pub fn open(
        directory: &Path,
        durability: Durability,
        binaries: Option<&Path>,
    ) -> Result<Self, ClusterError> {
        fs::create_dir_all(directory).map_err(ClusterError::file("create", directory))?;
        let directory = directory
            .canonicalize()
            .map_err(ClusterError::file("resolve", directory))?;
        let change = Lock::open(directory.join("change.lock"))?;
        let users = Lock::open(directory.join("users.lock"))?;
        change.exclusive()?;
        // No other process can stop the server from here on. This lock never blocks, because a process
        // that holds it exclusively holds the other lock, too.
        users.shared()?;
        let account = Account::choose()?;
        let home = Home::find(&directory, account)?;
        let socket = ensure_running(&home, account, durability, binaries)?;
        change.release()?;
        Ok(Self {
            home,
            socket,
            change,
            users: Some(users),
        })
    }

    /// The URL of a database in this cluster, for the superuser `latchkey`:
    /// `postgres://latchkey@localhost/NAME?host=FOLDER`. The database `postgres` always exists.
    pub fn url(&self, database: &str) -> String {
        url::of(database, &self.socket)
    }

    /// Leaves the cluster; the last one out stops the server and waits for its end. Dropping does
    /// the same, but can only log an error.
    pub fn close(mut self) -> Result<(), ClusterError> {
        self.leave()
    }

    fn leave(&mut self) -> Result<(), ClusterError> {
        let Some(users) = self.users.take() else {
            return Ok(());
        };
        self.change.exclusive()?;
        let last = users.try_exclusive()?;
        let stopped = if last {
            postmaster::stop(&self.home)
        } else {
            Ok(())
        };
        users.release()?;
        self.change.release()?;
        stopped
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.leave() {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "cannot stop PostgreSQL"
            );
        }
    }
}

fn ensure_running(
    home: &Home,
    account: Account,
    durability: Durability,
    configured: Option<&Path>,
) -> Result<PathBuf, ClusterError> {
    let version = initialise::data_version(home)?;
    if version.is_some() {
        initialise::check_durability(home, durability)?;
        if let Some(socket) = postmaster::join(home)? {
            return Ok(socket);
        }
    }
    let binaries = match &version {
        Some(version) => Binaries::find_for(configured, version, &home.data())?,
        None => Binaries::find(configured)?,
    };
    if version.is_none() {
        initialise::create(home, account, &binaries, durability)?;
    }
    postmaster::start(&Start {
        home,
        account,
        binaries: &binaries,
        durability,
    })
}

/// A file that is only there to be locked. The lock belongs to the open file, which the server
/// does not inherit, so it ends with this process at the latest.
#[derive(Debug)]
struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    fn open(path: PathBuf) -> Result<Self, ClusterError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(ClusterError::file("open", &path))?;
        Ok(Self { file, path })
    }

    fn exclusive(&self) -> Result<(), ClusterError> {
        self.file
            .lock()
            .map_err(ClusterError::file("lock", &self.path))
    }

    fn shared(&self) -> Result<(), ClusterError> {
        self.file
            .lock_shared()
            .map_err(ClusterError::file("lock", &self.path))
    }

    /// False when another process holds the lock. A shared lock of this process is gone either way.
    fn try_exclusive(&self) -> Result<bool, ClusterError> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(ClusterError::file("lock", &self.path)(error)),
        }
    }

    fn release(&self) -> Result<(), ClusterError> {
        self.file
            .unlock()
            .map_err(ClusterError::file("unlock", &self.path))
    }
}
