//! A directory for one test, and questions about the server that runs in it.
#![expect(clippy::unwrap_used, reason = "a fixture fails its test by panicking")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use latchkey_postgres::{Cluster, ClusterError, Durability};
use rustix::process::{Pid, test_kill_process};

/// Names the directory to the second process.
const DIRECTORY: &str = "LATCHKEY_SCRATCH";

/// A directory that is deleted at the end of the test.
pub struct Scratch {
    path: PathBuf,
    delete: bool,
}

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("latchkey-postgres-{}-{number}", process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self { path, delete: true }
    }

    /// In the second process: the directory of the first one.
    pub fn of_parent() -> Self {
        let path = env::var_os(DIRECTORY).unwrap().into();
        Self {
            path,
            delete: false,
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn open(&self) -> Cluster {
        self.try_open(Durability::Throwaway).unwrap()
    }

    pub fn try_open(&self, durability: Durability) -> Result<Cluster, ClusterError> {
        Cluster::open(&self.path, durability, None)
    }

    /// A second process, by now holding the cluster open: `test` again, which begins with
    /// [`hold_if_second_process`].
    pub fn open_in_another_process(&self, test: &str) -> Child {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(DIRECTORY, &self.path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(
            lines.any(|line| line.unwrap().ends_with("open")),
            "the second process failed"
        );
        child
    }

    /// The process that PostgreSQL's pid file names.
    pub fn pid(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.path.join("cluster/postmaster.pid")).ok()?;
        Pid::from_raw(text.lines().next()?.parse().ok()?)
    }

    /// Whether something takes connections.
    pub fn accepts(&self) -> bool {
        accepts_at(&self.path.join("socket"))
    }

    pub fn wait_for_end(&self, pid: Pid) {
        while test_kill_process(pid).is_ok() {
            thread::yield_now();
        }
        // Its children hold the socket until they notice.
        while self.accepts() {
            thread::yield_now();
        }
    }
}

/// In the second process that a test starts: opens the cluster and waits to be killed.
pub fn hold_if_second_process() {
    if env::var_os(DIRECTORY).is_none() {
        return;
    }
    let _cluster = Scratch::of_parent().open();
    println!("open");
    loop {
        thread::park();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.delete {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

pub fn accepts_at(socket: &Path) -> bool {
    UnixStream::connect(socket.join(".s.PGSQL.5432")).is_ok()
}

/// The socket's folder; none of the paths in these tests needs decoding but the slash.
pub fn socket_of(cluster: &Cluster) -> PathBuf {
    let url = cluster.url("postgres");
    let (_, host) = url.split_once("?host=").unwrap();
    PathBuf::from(host.replace("%2F", "/"))
}
