//! Starts the server process, waits until it takes connections, and stops it.

use std::{
    fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Signal, kill_process};

use crate::{
    Binaries, ClusterError,
    account::Account,
    durability::Durability,
    home::Home,
    initialise::clean_environment,
    log,
    pid_file::{self, Running},
    socket,
};

/// Time for a start. It is long enough to replay the write-ahead log after a crash.
const READY_WITHIN: Duration = Duration::from_mins(1);
const STOPPED_WITHIN: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(10);

/// The server's words when children of a killed predecessor are still alive.
const STILL_IN_USE: &str = "is still in use";

/// The settings of a small private server: little memory, no network, UTC, and no row data in the log.
const SETTINGS: [&str; 10] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "cluster_name=latchkey",
    "max_connections=200",
    "shared_buffers=64MB",
    "max_wal_size=256MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_error_verbosity=terse",
];
const THROWAWAY_SETTINGS: [&str; 3] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
];

/// The facts that a start needs.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    pub(crate) home: &'a Home,
    pub(crate) account: Account,
    pub(crate) binaries: &'a Binaries,
    pub(crate) durability: Durability,
}

/// Waits for a server that another process started; `None` if none runs, or if it ends meanwhile.
pub(crate) fn join(home: &Home) -> Result<Option<PathBuf>, ClusterError> {
    let started = Instant::now();
    while let Some(found) = pid_file::running(&home.data()) {
        if let Some(socket) = found.socket.filter(|_| found.ready) {
            tracing::debug!(pid = %found.pid, "joined the running PostgreSQL");
            return Ok(Some(socket));
        }
        wait(started, READY_WITHIN, "get ready", &home.log())?;
    }
    Ok(None)
}

/// Starts a server and waits until it is ready. Returns the folder of its socket.
pub(crate) fn start(start: &Start<'_>) -> Result<PathBuf, ClusterError> {
    let started = Instant::now();
    let (data, log) = (start.home.data(), start.home.log());
    let mut log_start = log::length(&log);
    let mut child = spawn(start)?;
    loop {
        if let Some(Running {
            pid,
            socket: Some(socket),
            ready: true,
        }) = pid_file::running(&data)
        {
            tracing::info!(%pid, took = ?started.elapsed(), "started PostgreSQL");
            reap(child);
            return Ok(socket);
        }
        if let Some(status) = child
            .try_wait()
            .map_err(ClusterError::file("wait for", &data))?
        {
            let tail = log::tail(&log, log_start);
            if !tail.contains(STILL_IN_USE) {
                return Err(died(status, log, tail));
            }
            log_start = log::length(&log);
            child = spawn(start)?;
        }
        if let Err(error) = wait(started, READY_WITHIN, "get ready", &log) {
            // The server may still be recovering, so it stays. The next process that opens the cluster joins it.
            reap(child);
            return Err(error);
        }
    }
}

/// Stops the server, if one runs. Open transactions are rolled back, and connections closed.
pub(crate) fn stop(home: &Home) -> Result<(), ClusterError> {
    let data = home.data();
    let Some(Running { pid, .. }) = pid_file::running(&data) else {
        return Ok(());
    };
    // SIGINT is PostgreSQL's "fast shutdown".
    kill_process(pid, Signal::INT).map_err(|error| ClusterError::Signal {
        pid: pid.as_raw_nonzero().get(),
        source: error.into(),
    })?;
    let started = Instant::now();
    while pid_file::is_postmaster(pid, &data) {
        wait(started, STOPPED_WITHIN, "stop", &home.log())?;
    }
    tracing::info!(%pid, took = ?started.elapsed(), "stopped PostgreSQL");
    Ok(())
}

fn spawn(start: &Start<'_>) -> Result<Child, ClusterError> {
    let data = start.home.data();
    let socket = socket::prepare(start.home, start.account)?;
    if remove_stale(&pid_file::path(&data))? | remove_stale(&socket::lock_file(&socket))? {
        tracing::warn!("PostgreSQL was not stopped properly last time; it recovers by itself");
    }
    let log = log::open(&start.home.log())?;
    let errors = log
        .try_clone()
        .map_err(ClusterError::file("open", &start.home.log()))?;
    let program = start.binaries.program("postgres");
    let mut command = Command::new(&program);
    command.arg("-D").arg(&data);
    command.arg("-c").arg(socket_setting(&socket));
    for setting in SETTINGS.iter().chain(extra_settings(start.durability)) {
        command.args(["-c", setting]);
    }
    clean_environment(&mut command)
        .current_dir(&data)
        // Ctrl-C in a terminal reaches the whole process group, but only this crate may stop PostgreSQL.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors);
    let command = start.account.apply(&mut command);
    command.spawn().map_err(ClusterError::spawn(&program))
}

fn extra_settings(durability: Durability) -> &'static [&'static str] {
    match durability {
        Durability::Durable => &[],
        Durability::Throwaway => &THROWAWAY_SETTINGS,
    }
}

/// The setting for the socket's folder. The setting is a list, so quotes keep a comma or a blank in the path
/// from splitting it.
fn socket_setting(socket: &Path) -> String {
    let quoted = socket.display().to_string().replace('"', "\"\"");
    format!("unix_socket_directories=\"{quoted}\"")
}

/// Removes a stale lock file, and returns whether there was one. PostgreSQL would refuse to start if the
/// process in the file is alive as another program of the same user, or is a zombie. PostgreSQL's lock on
/// shared memory still prevents two servers on the same data.
fn remove_stale(lock_file: &Path) -> Result<bool, ClusterError> {
    match fs::remove_file(lock_file) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(ClusterError::file("remove", lock_file)(error)),
    }
}

/// Waits for the child's end in the background. Otherwise the child would stay a zombie until this process ends.
fn reap(mut child: Child) {
    let pid = child.id();
    let reaper = thread::Builder::new().name("postgres-reaper".to_owned());
    let spawned = reaper.spawn(move || match child.wait() {
        Ok(status) if status.success() => {}
        Ok(status) => tracing::error!(pid, %status, "PostgreSQL ended"),
        Err(error) => tracing::warn!(pid, %error, "cannot wait for PostgreSQL"),
    });
    if let Err(error) = spawned {
        tracing::warn!(pid, %error, "PostgreSQL will stay a zombie after its end");
    }
}

fn died(status: ExitStatus, log: PathBuf, tail: String) -> ClusterError {
    ClusterError::Died {
        status: status.to_string(),
        log,
        tail,
    }
}

/// Sleeps for a moment, or fails after the time limit.
fn wait(
    started: Instant,
    limit: Duration,
    action: &'static str,
    log: &Path,
) -> Result<(), ClusterError> {
    if started.elapsed() < limit {
        thread::sleep(POLL);
        return Ok(());
    }
    Err(ClusterError::TimedOut {
        action,
        waited: limit,
        log: log.to_owned(),
        tail: log::tail(log, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_folder_with_a_comma_stays_one_folder() {
        assert_eq!(
            socket_setting(Path::new("/a, \"b\"")),
            "unix_socket_directories=\"/a, \"\"b\"\"\""
        );
    }
}
