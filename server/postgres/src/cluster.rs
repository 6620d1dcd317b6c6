//! The handle on a private cluster: it joins or starts the cluster, and leaves or stops it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use crate::{
    Binaries, ClusterError,
    account::Account,
    durability::Durability,
    home::Home,
    initialise,
    postmaster::{self, Start},
    url,
};

/// A private PostgreSQL cluster. Its server runs as long as a process holds a [`Cluster`] of it.
///
/// Any number of processes may open the same directory, and a process may open it more than once. Closing or
/// dropping the last [`Cluster`] stops the server. A killed process no longer counts. Its server keeps
/// running, and the next process to open the directory uses that server.
#[derive(Debug)]
pub struct Cluster {
    home: Home,
    socket: PathBuf,
    change: Lock,
    /// The lock of this user of the cluster; `None` after leaving.
    users: Option<Lock>,
}

impl Cluster {
    /// Joins the server that runs on `directory`, or starts one. Creates directory and cluster if needed.
    /// `binaries` is the folder with `postgres` and `initdb`; without it the newest installed server is used,
    /// or the one that fits the data.
    ///
    /// Blocks until the server accepts connections: about a second for the very first start, and some tens of
    /// milliseconds for a later one.
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
        // With this lock no other process can stop the server. Taking it never blocks, because a process that
        // holds it exclusively also holds the other lock.
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

    /// Leaves the cluster. The last user stops the server and waits for its end. Dropping does the same, but
    /// can only log an error.
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

/// A file that exists only to be locked. The lock belongs to the open file, which the server does not
/// inherit, so the lock ends with this process at the latest.
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

    /// Whether this process now holds the lock exclusively. Its shared lock is gone in either case.
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
