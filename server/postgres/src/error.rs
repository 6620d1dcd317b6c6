//! The errors of a private cluster, with texts that say what to do next.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// The reason why a private cluster could not be opened or closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// A file or folder could not be read, written or locked.
    #[error("cannot {action} {}", path.display())]
    File {
        /// The attempted action, as a verb: "create", "lock", …
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A program could not be started at all.
    #[error("cannot run {}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// No PostgreSQL server is installed in the usual places.
    #[error(
        "no PostgreSQL server found (looked in {searched}). On Debian or Ubuntu type\n  \
         mkdir -p /etc/postgresql-common\n  \
         echo 'create_main_cluster = false' >> /etc/postgresql-common/createcluster.conf\n  \
         apt-get install -y --no-install-recommends postgresql\n\
         The first two lines keep the package from starting a server of its own. \
         Elsewhere, install PostgreSQL and name the folder that holds `postgres` and `initdb`."
    )]
    NotInstalled {
        /// The folders that were searched.
        searched: String,
    },
    /// `postgres --version` printed something unexpected.
    #[error("{} does not tell its version, it says {said:?}", program.display())]
    UnknownVersion {
        /// The program.
        program: PathBuf,
        /// The program's output.
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
        /// The major version of the installed server.
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
        /// The durability at its creation.
        created: &'static str,
        /// The requested durability.
        wanted: &'static str,
    },
    /// The `location` file names a folder that does not exist any more.
    #[error(
        "{} says that the cluster is in {}, which does not exist. Bring that folder back, or delete \
         the file to start with an empty cluster", pointer.display(), home.display()
    )]
    Lost {
        /// The `location` file.
        pointer: PathBuf,
        /// The folder that the file names.
        home: PathBuf,
    },
    /// PostgreSQL refuses to run as root, and there is no other account to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody`. \
         Start as another user, or add one: useradd --system postgres"
    )]
    NoAccount,
    /// The folder of the socket belongs to another user, or other users can enter it.
    #[error(
        "{} must be a folder that only the user of PostgreSQL (uid {uid}) can enter; delete it",
        path.display()
    )]
    UnsafeSocketFolder {
        /// The folder.
        path: PathBuf,
        /// The user id of the required owner.
        uid: u32,
    },
    /// `initdb` failed.
    #[error("initdb failed ({status}):\n{output}")]
    Initdb {
        /// The exit status.
        status: String,
        /// The output of `initdb`.
        output: String,
    },
    /// PostgreSQL ended while it was starting.
    #[error("PostgreSQL ended while it was starting ({status}). Its log, {}, ends with\n{tail}", log.display())]
    Died {
        /// The exit status.
        status: String,
        /// The log file.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// PostgreSQL did not become ready, or did not stop, in time.
    #[error("PostgreSQL did not {action} within {} s. Its log, {}, ends with\n{tail}", waited.as_secs(), log.display())]
    TimedOut {
        /// "get ready" or "stop".
        action: &'static str,
        /// The time limit.
        waited: Duration,
        /// The log file.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// PostgreSQL could not be signalled to stop.
    #[error("cannot signal PostgreSQL (process {pid})")]
    Signal {
        /// The process id of PostgreSQL.
        pid: i32,
        /// The system's error.
        source: io::Error,
    },
}

impl ClusterError {
    /// For `map_err`: adds the attempted action and the path.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }

    /// For `map_err`: adds the program that did not start.
    pub(crate) fn spawn(program: &Path) -> impl FnOnce(io::Error) -> Self {
        let program = program.to_owned();
        move |source| Self::Spawn { program, source }
    }
}
