//! `postmaster.pid`: the process that runs on a data directory, and whether it accepts connections yet.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, test_kill_process};

/// A PostgreSQL server that is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) pid: Pid,
    /// The folder of the socket. PostgreSQL writes it a moment after the process id.
    pub(crate) socket: Option<PathBuf>,
    pub(crate) ready: bool,
}

/// The server that runs on the data directory, if one does. A crash may leave the file behind, and after a
/// reboot, or in a new container, its process id may belong to another program. So the process itself is
/// checked.
pub(crate) fn running(data: &Path) -> Option<Running> {
    let text = fs::read_to_string(path(data)).ok()?;
    parse(&text).filter(|found| is_postmaster(found.pid, data))
}

/// The path of the file.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// Parses the lines: process id, data directory, start time, port, socket folder, address, memory key, state.
fn parse(text: &str) -> Option<Running> {
    let mut lines = text.lines().map(str::trim);
    let pid = lines.next()?.parse().ok().filter(|pid| *pid > 0)?;
    let socket = lines.nth(3).filter(|line| !line.is_empty());
    let state = lines.nth(2);
    Some(Running {
        pid: Pid::from_raw(pid)?,
        socket: socket.map(PathBuf::from),
        ready: state == Some("ready"),
    })
}

/// Whether that process is the PostgreSQL server of this data directory, and not a zombie.
pub(crate) fn is_postmaster(pid: Pid, data: &Path) -> bool {
    let path = format!("/proc/{}/cmdline", pid.as_raw_nonzero());
    match fs::read(path) {
        // The server is started as `…/postgres -D DATA …`. Its children rewrite their command line, and a
        // zombie's is empty.
        Ok(line) => {
            let mut arguments = line.split(|byte| *byte == 0);
            let wanted = data.as_os_str().as_encoded_bytes();
            arguments.any(|argument| argument == b"-D") && arguments.next() == Some(wanted)
        }
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && Path::new("/proc/self").exists() =>
        {
            false
        }
        // The system has no /proc, or hides the processes of other users.
        Err(_) => test_kill_process(pid).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = "4711\n/data\n1700000000\n5432\n/sock\n\n  5432001  3\nready   \n";

    #[test]
    fn a_ready_server_is_recognised() {
        let found = parse(READY).unwrap();
        assert_eq!(found.pid.as_raw_nonzero().get(), 4711);
        assert_eq!(found.socket.as_deref(), Some(Path::new("/sock")));
        assert!(found.ready);
    }

    #[test]
    fn a_server_that_starts_or_stops_is_not_ready() {
        assert!(!parse(&READY.replace("ready   ", "starting")).unwrap().ready);
        assert!(!parse(&READY.replace("ready   ", "stopping")).unwrap().ready);
        assert!(!parse("4711\n/data\n1700000000\n5432\n").unwrap().ready);
    }

    #[test]
    fn a_single_user_backend_or_a_damaged_file_is_no_server() {
        assert_eq!(parse("-4711\n"), None);
        assert_eq!(parse("x"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn our_own_process_is_not_a_server() {
        assert!(!is_postmaster(
            rustix::process::getpid(),
            Path::new("/data")
        ));
    }
}
