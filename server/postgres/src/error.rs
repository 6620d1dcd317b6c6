//! What can go wrong with a private cluster, in words that say what to do next.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a private cluster could not be opened or closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// A file or folder could not be read, written or locked.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was tried, as a verb: "create", "lock", …
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not be started at all.
    #[error("cannot run {}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No PostgreSQL server is installed where it was looked for.
    #[error(
        "no PostgreSQL server found (looked in {searched}). On Debian or Ubuntu type\n  \
         mkdir -p /etc/postgresql-common\n  \
         echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf\n  \
         apt-get install -y --no-install-recommends postgresql\n\
         The first two lines keep the package from starting a server of its own. \
         Elsewhere, install PostgreSQL and name the folder that holds `postgres` and `initdb`."
    )]
    NotInstalled {
        /// The folders that were looked in.
        searched: String,
    },
    /// `postgres --version` said something unexpected.
    #[error("{} does not tell its version, it says {said:?}", program.display())]
    UnknownVersion {
        /// The program.
        program: PathBuf,
        /// What it printed.
        said: String,
    },
    /// The data was made by another major version than the installed one.
    #[error(
        "the data in {} belongs to PostgreSQL {data} but PostgreSQL {installed} is installed. \
         Install that version too (apt-get install postgresql-{data}), or move the data over \
         with pg_upgrade, or by pg_dumpall there and psql here", directory.display()
    )]
    WrongMajor {
        /// PostgreSQL's data directory.
        directory: PathBuf,
        /// The major version that made the data.
        data: String,
        /// The major version of the binaries found.
        installed: u32,
    },
    /// A cluster made as throwaway was opened as durable, or the other way round.
    #[error(
        "the cluster in {} was created as {created}: it cannot be opened as {wanted}, since a \
         throwaway cluster may lose or corrupt data in a crash. Use another folder", directory.display()
    )]
    OtherDurability {
        /// The folder.
        directory: PathBuf,
        /// How it was created.
        created: &'static str,
        /// How it was now opened.
        wanted: &'static str,
    },
    /// The `location` file names a folder that is not there any more.
    #[error(
        "{} says that the cluster is in {}, which does not exist. Bring that folder back, or delete \
         the file to start with an empty cluster", pointer.display(), home.display()
    )]
    Lost {
        /// The `location` file.
        pointer: PathBuf,
        /// What it names.
        home: PathBuf,
    },
    /// PostgreSQL refuses to run as root, and there is no other account to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`. \
         Start as another user, or add one: useradd --system postgres"
    )]
    NoAccount,
    /// The folder meant for the socket belongs to another user, or is open to others.
    #[error(
        "{} must be a folder that only the user of PostgreSQL (uid {uid}) can enter; delete it",
        path.display()
    )]
    UnsafeSocketFolder {
        /// The folder.
        path: PathBuf,
        /// Who should own it.
        uid: u32,
    },
    /// `initdb` failed.
    #[error("initdb failed ({status}):\n{output}")]
    Initdb {
        /// How it ended.
        status: String,
        /// What it printed.
        output: String,
    },
    /// PostgreSQL ended while it was starting.
    #[error("PostgreSQL ended while it was starting ({status}). Its log, {}, ends with\n{tail}", log.display())]
    Died {
        /// How it ended.
        status: String,
        /// The log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// PostgreSQL did not get ready, or did not stop, in time.
    #[error("PostgreSQL did not {action} within {} s. Its log, {}, ends with\n{tail}", waited.as_secs(), log.display())]
    TimedOut {
        /// "get ready" or "stop".
        action: &'static str,
        /// How long it was given.
        waited: Duration,
        /// The log file.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// PostgreSQL could not be told to stop.
    #[error("cannot signal PostgreSQL (process {pid})")]
    Signal {
        /// Its process id.
        pid: i32,
        /// What the system said.
        source: io::Error,
    },
}

impl ClusterError {
    /// For `map_err`: names what was tried on which path.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }

    /// For `map_err`: names the program that did not start.
    pub(crate) fn spawn(program: &Path) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_owned();
        move |source| Self::Spawn { program, source }
    }
}
