//! What is measured: the program on a PostgreSQL of its own, with users and sessions.

use std::{
    env,
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process::{self, Command, Stdio},
    thread::available_parallelism,
};

use anyhow::{Context as _, Result, ensure};
use http::HeaderValue;
use latchkey_postgres::{Cluster, Durability};

use crate::{
    client::{Ask, Connection, FIREFOX},
    load::Target,
    program::Program,
};

pub const PASSWORD: &str = "correct horse battery staple";
/// Logs in over and over.
const LOGIN: &str = "ada@example.com";
/// Is logged in with each of these browsers.
const LOGIN_WITH_DEVICES: &str = "grace@example.com";
const AGENTS: &str = include_str!("../data/user-agents.txt");

/// The cost of a hash: memory in KiB, passes, lanes.
pub const ARGON2: (u32, u32, u32) = (19_456, 2, 1);

/// Everything that runs. Dropping it ends and deletes it all.
pub struct Stage {
    // In the order in which they have to end.
    server: Program,
    _cluster: Cluster,
    folder: Folder,
    binary: PathBuf,
    url: String,
    pub address: String,
    /// The session of a person with twenty sessions.
    pub cookie: HeaderValue,
    pub cores: usize,
}

impl Stage {
    /// Starts PostgreSQL and the server, and logs people in.
    pub async fn set() -> Result<Self> {
        let release = env::current_exe()?
            .parent()
            .context("no folder")?
            .to_owned();
        let binary =
            env::var_os("LATCHKEY_BIN").map_or_else(|| release.join("latchkey"), PathBuf::from);
        let folder = Folder(env::temp_dir().join(format!("latchkey-bench-{}", process::id())));
        fs::create_dir_all(&folder.0)?;
        // What is committed goes to the disk, as it does in earnest.
        let cluster = Cluster::open(&folder.0.join("postgres"), Durability::Durable, None)?;
        let url = cluster.url("postgres");
        administer(
            &mut command(&binary, &url, &folder)?,
            &[
                "db",
                "create",
                "bench",
                "--admin-login",
                LOGIN,
                "--admin-password-stdin",
            ],
        )?;
        administer(
            &mut command(&binary, &url, &folder)?,
            &[
                "user",
                "add",
                "--database",
                "bench",
                "--login",
                LOGIN_WITH_DEVICES,
                "--password-stdin",
            ],
        )?;
        let (server, address) = serve(&binary, &url, &folder)?;
        let cookie = log_in_everywhere(&address).await?;
        let cores = available_parallelism()?.get();
        Ok(Self {
            server,
            _cluster: cluster,
            folder,
            binary,
            url,
            address,
            cookie,
            cores,
        })
    }

    /// A server that has answered nothing yet, on the same data.
    pub fn restart(&mut self) -> Result<()> {
        (self.server, self.address) = serve(&self.binary, &self.url, &self.folder)?;
        Ok(())
    }

    pub fn server_process(&self) -> u32 {
        self.server.id()
    }

    /// A folder for something else that is started.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// The server, asked this.
    pub fn target(&self, ask: Ask) -> Target {
        Target {
            address: self.address.clone(),
            ask,
        }
    }

    /// A log-in that opens a further session.
    pub fn log_in(&self) -> Ask {
        Ask::log_in(LOGIN, PASSWORD, FIREFOX)
    }
}

/// The program, told everything and free of whatever else the environment says about it.
fn command(binary: &PathBuf, url: &str, folder: &Folder) -> Result<Command> {
    let site = env::var_os("LATCHKEY_SITE").map(PathBuf::from);
    let beside = binary
        .parent()
        .and_then(|release| Some(release.parent()?.join("site")));
    let site = site.or(beside).context("no site")?;
    let (memory, iterations, lanes) = ARGON2;
    let mut command = Command::new(binary);
    for (name, _) in
        env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LATCHKEY"))
    {
        command.env_remove(name);
    }
    command.current_dir(&folder.0);
    command
        .env("LATCHKEY_DATA", &folder.0)
        .env("LATCHKEY_SITE", site);
    command.env("LATCHKEY__DATABASE__URL", url);
    command.env("LATCHKEY__SERVER__ADDRESS", "127.0.0.1:0");
    command.env("LATCHKEY__PASSWORDS__MEMORY", memory.to_string());
    command.env("LATCHKEY__PASSWORDS__ITERATIONS", iterations.to_string());
    command.env("LATCHKEY__PASSWORDS__PARALLELISM", lanes.to_string());
    command.stderr(
        File::options()
            .append(true)
            .create(true)
            .open(folder.0.join("log"))?,
    );
    Ok(command)
}

fn serve(binary: &PathBuf, url: &str, folder: &Folder) -> Result<(Program, String)> {
    Program::start_server(command(binary, url, folder)?.arg("serve")).with_context(|| folder.log())
}

/// Runs a command that reads the password.
fn administer(command: &mut Command, arguments: &[&str]) -> Result<()> {
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    child
        .stdin
        .take()
        .context("no standard input")?
        .write_all(PASSWORD.as_bytes())?;
    ensure!(child.wait()?.success(), "latchkey {arguments:?} failed");
    Ok(())
}

/// Logs in with each browser; gives the cookie of the last one.
async fn log_in_everywhere(address: &str) -> Result<HeaderValue> {
    let mut connection = Connection::open(address).await?;
    let mut cookie = None;
    for agent in AGENTS.lines() {
        let answer = connection
            .send(&Ask::log_in(LOGIN_WITH_DEVICES, PASSWORD, agent))
            .await?;
        cookie = Some(answer.cookie()?);
    }
    cookie.context("no browser")
}

/// Deleted at the end.
struct Folder(PathBuf);

impl Folder {
    fn log(&self) -> String {
        fs::read_to_string(self.0.join("log")).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
