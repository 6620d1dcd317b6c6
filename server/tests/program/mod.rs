//! Runs the program on its own data directory, as its users do: arguments, input, output, exit codes and signals.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{self, Child, ChildStderr, Command, ExitStatus, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Receiver},
    },
    thread,
    time::Duration,
};

use latchkey_postgres::{Cluster, Durability};
use rustix::process::{Pid, Signal, kill_process};

/// The longest wait, which only a failing test reaches.
const PATIENCE: Duration = Duration::from_mins(1);

/// A data directory that is deleted at the end of the test.
pub struct Node {
    folder: PathBuf,
}

/// The exit and the output of a command.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A running server.
pub struct Server {
    child: Child,
    pub address: String,
    /// What the server printed when it was ready.
    pub said: String,
    log: Receiver<String>,
}

impl Node {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // The folder is not below the build's folder. If tests run as root, PostgreSQL runs as another account, which
        // can enter this folder.
        let folder = env::temp_dir().join(format!("latchkey-cli-{}-{number}", process::id()));
        fs::create_dir_all(folder.join("site")).unwrap();
        let names = "stylesheet = 'a.css'\npublic = 'b'\nlogged-in = 'c'\n";
        fs::write(folder.join("site/site.toml"), names).unwrap();
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    /// The program with the words of a line as arguments, in this folder. Its environment names another PostgreSQL,
    /// which the program must ignore.
    pub fn command(&self, line: &str) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_latchkey"));
        command.args(line.split_whitespace());
        command
    }

    /// A script, in the same folder and environment.
    pub fn shell(&self, script: &str) -> Command {
        let mut command = self.program("/bin/sh");
        command.args(["-ec", script]);
        command
    }

    fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let ours = env::vars_os()
            .map(|(name, _)| name)
            .filter(|name| name.to_string_lossy().starts_with("LATCHKEY"));
        for name in ours {
            command.env_remove(name);
        }
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
            .env("LATCHKEY_DATA", &self.folder)
            .env("LATCHKEY_SITE", self.path("site"));
        // A developer's own language changes no sentence that a test reads.
        command
            .env("LATCHKEY__SERVER__ADDRESS", "127.0.0.1:0")
            .env("LC_ALL", "C");
        command
            .env("PGPORT", "1")
            .env("PGSSLMODE", "require")
            .env("PGHOST", "192.0.2.1");
        command
    }

    pub fn run(&self, line: &str) -> Outcome {
        self.run_with(line, "")
    }

    /// Runs a command with this text on its standard input.
    pub fn run_with(&self, line: &str, input: &str) -> Outcome {
        let mut command = self.command(line);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses its arguments does not read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn serve(&self) -> Server {
        Server::start(self.command("serve"))
    }

    /// Sends a signal to the private PostgreSQL.
    pub fn signal_postgres(&self, signal: Signal) {
        let pid_file = fs::read_to_string(self.path("postgres/cluster/postmaster.pid")).unwrap();
        let pid = pid_file.lines().next().unwrap().parse().unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }

    /// Whether the private PostgreSQL runs, or was left behind.
    pub fn has_postgres(&self) -> bool {
        self.path("postgres/cluster/postmaster.pid").exists()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if self.has_postgres() {
            // The last user of the folder stops a PostgreSQL that was left behind.
            let left_behind = Cluster::open(&self.path("postgres"), Durability::Durable, None);
            let _ = left_behind.map(Cluster::close);
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Outcome {
    /// The standard output of a command that succeeded.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The one sentence of a command that failed or was refused.
    #[track_caller]
    pub fn failed(self, code: i32) -> String {
        assert_eq!(
            (self.code, self.stdout.as_str()),
            (Some(code), ""),
            "{self:?}"
        );
        let sentence = self.stderr.strip_prefix("latchkey: ");
        sentence
            .unwrap_or_else(|| panic!("no sentence of ours: {}", self.stderr))
            .trim_end()
            .to_owned()
    }

    #[track_caller]
    pub fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.done()).unwrap()
    }
}

impl Server {
    /// Starts a server, and waits until it has printed its address.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let log = follow(child.stderr.take().unwrap());
        let said = line.trim_end().to_owned();
        let Some((_, address)) = said.rsplit_once("http://") else {
            child.wait().unwrap();
            panic!(
                "no address but {line:?}; {}",
                log.iter().collect::<Vec<_>>().join("\n")
            );
        };
        Self {
            address: address.to_owned(),
            said,
            child,
            log,
        }
    }

    /// Starts a server whose output cannot be read, and waits until it answers at `address`.
    pub fn start_unheard(mut command: Command, address: String) -> Self {
        let (_, log) = mpsc::channel();
        let mut child = command.spawn().unwrap();
        while TcpStream::connect(&address).is_err() {
            assert_eq!(child.try_wait().unwrap(), None, "it ended");
            thread::yield_now();
        }
        Self {
            child,
            address,
            said: String::new(),
            log,
        }
    }

    /// The status of the answer.
    pub fn get(&self, path: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The whole answer to a form, head and body.
    pub fn post(&self, path: &str, form: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json\r\n\
             Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    pub fn wait_for_log(&self, text: &str) {
        while !self.log.recv_timeout(PATIENCE).unwrap().contains(text) {}
    }

    /// The lines logged since the last call.
    pub fn logged(&self) -> Vec<String> {
        self.log.try_iter().collect()
    }

    /// Ends the server by `SIGTERM`. Returns its exit status and the log from now to the end.
    pub fn terminate(self) -> (ExitStatus, String) {
        self.end(Signal::TERM)
    }

    /// Ends the server by another signal, like [`Self::terminate`].
    pub fn end(mut self, signal: Signal) -> (ExitStatus, String) {
        self.signal(signal);
        let status = self.child.wait().unwrap();
        (status, self.log.iter().collect::<Vec<_>>().join("\n"))
    }

    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.child.wait().unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(log: ChildStderr) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// The private cluster of a folder, joined or started by the test itself.
pub fn cluster(folder: &Path) -> Cluster {
    Cluster::open(folder, Durability::Durable, None).unwrap()
}
