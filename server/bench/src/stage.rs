//! The system under measurement: the program on a private PostgreSQL, with users and sessions.

use std::{
    env,
    fs::{self, File},
    io::Write as _,
    path::PathBuf,
    process::{self, Command, Stdio},
    thread::available_parallelism,
};

use anyhow::{Context as _, Result, ensure};
use http::{HeaderValue, header};
use latchkey_postgres::{Cluster, Durability};
use sqlx::{Connection as _, PgConnection};

use crate::{
    client::{Ask, Connection},
    cpu::Processes,
    load::Target,
    program::Program,
};

pub const PASSWORD: &str = "correct horse battery staple";
/// The user who logs in repeatedly.
const ADA: &str = "ada@example.com";
/// The user who is logged in with each of the browsers.
const GRACE: &str = "grace@example.com";
const BROWSERS: &str = include_str!("../data/user-agents.txt");

/// Everything that runs. Dropping the stage ends and deletes its parts, in this order.
pub struct Stage {
    /// The server; `None` after it was stopped.
    server: Option<Program>,
    site: Site,
    pub address: String,
    /// Grace's cookie, in the last of her browsers.
    pub cookie: HeaderValue,
    pub cores: usize,
    processes: Option<Processes>,
}

impl Stage {
    /// Starts PostgreSQL and the server, and logs people in.
    pub async fn set() -> Result<Self> {
        let site = Site::new()?;
        site.create_database(Self::DATABASE)?;
        site.add_user(GRACE)?;
        let (server, address) = site.serve()?;
        let grace = Ask::log_in(GRACE, PASSWORD)?;
        let cookie = log_in_with(BROWSERS.lines(), &grace, &address).await?;
        let mut stage = Self {
            server: Some(server),
            site,
            address,
            cookie,
            cores: available_parallelism()?.get(),
            processes: None,
        };
        stage.find_processes().await?;
        Ok(stage)
    }

    /// Finds the processes whose processor time counts for requests to the server.
    async fn find_processes(&mut self) -> Result<()> {
        let mut postgres = PgConnection::connect(&self.postgres("postgres")).await?;
        let backend: i32 = sqlx::query_scalar("select pg_backend_pid()")
            .fetch_one(&mut postgres)
            .await?;
        let backend = u32::try_from(backend)?;
        self.processes = Some(Processes::new(self.server_process()?, backend)?);
        Ok(postgres.close().await?)
    }

    /// Restarts the server on the same data, so that it has answered nothing yet.
    pub async fn restart(&mut self) -> Result<()> {
        let (server, address) = self.site.serve()?;
        (self.server, self.address) = (Some(server), address);
        self.find_processes().await
    }

    /// Stops the server, because a server sweeps all databases now and then.
    pub fn stop(&mut self) {
        self.server = None;
    }

    /// A further node on the same data, and its address.
    pub fn another_node(&self) -> Result<(Program, String)> {
        self.site.serve()
    }

    /// PostgreSQL's address of one of its databases.
    pub fn postgres(&self, database: &str) -> String {
        // Variables such as PGPORT and PGSSLMODE are meant for another server.
        self.site.cluster.url(database) + "&port=5432&sslmode=disable"
    }

    pub fn server_process(&self) -> Result<u32> {
        let server = self.server.as_ref().context("the server was stopped")?;
        Ok(server.id())
    }

    /// A folder for a further program.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.site.folder.0.join(name)
    }

    /// A target that sends these requests to the server in turn.
    pub fn target(&self, name: &'static str, asks: Vec<Ask>) -> Target {
        Target {
            name,
            address: self.address.clone(),
            asks,
            processes: self.processes,
        }
    }

    /// The database that the program serves.
    pub const DATABASE: &str = "bench";

    /// Creates a further database with Ada in it.
    pub fn create_database(&self, name: &str) -> Result<()> {
        self.site.create_database(name)
    }

    /// Runs a command of the program on the same data.
    pub fn administer(&self, arguments: &[&str]) -> Result<()> {
        self.site.administer(arguments)
    }

    /// Adds a user. Returns a log-in that opens a session of that user.
    pub fn another_user(&self, login: &str) -> Result<Ask> {
        self.site.add_user(login)?;
        Ask::log_in(login, PASSWORD)
    }

    /// Adds a user who is logged in with a number of browsers.
    pub async fn another_user_with(&self, browsers: usize, login: &str) -> Result<()> {
        let ask = self.another_user(login)?;
        log_in_with(BROWSERS.lines().take(browsers), &ask, &self.address).await?;
        Ok(())
    }

    /// A log-in that opens a further session of Ada's.
    #[expect(
        clippy::unused_self,
        reason = "only where there is a stage is there an Ada"
    )]
    pub fn log_in(&self) -> Result<Ask> {
        Ask::log_in(ADA, PASSWORD)
    }

    /// A log-in that opens a session of Ada's in this database.
    #[expect(
        clippy::unused_self,
        reason = "only where there is a stage is there an Ada"
    )]
    pub fn log_in_to(&self, database: &str) -> Result<Ask> {
        Ask::log_in_to(database, ADA, PASSWORD)
    }
}

/// Logs a user in with each browser. Returns the cookie of the last browser.
async fn log_in_with(
    browsers: impl Iterator<Item = &'static str>,
    ask: &Ask,
    address: &str,
) -> Result<HeaderValue> {
    let mut connection = Connection::open(address).await?;
    let mut answer = None;
    for browser in browsers {
        let ask = ask.clone().with(header::USER_AGENT, browser);
        answer = Some(connection.send(&ask).await?);
    }
    answer.context("no browsers")?.session_cookie()
}

/// The folder and the PostgreSQL of the program.
struct Site {
    cluster: Cluster,
    folder: Folder,
    binary: PathBuf,
    files: PathBuf,
}

impl Site {
    fn new() -> Result<Self> {
        let given = |name| env::var_os(name).map(PathBuf::from);
        let release = env::current_exe()?.with_file_name("latchkey");
        let binary = given("LATCHKEY_BIN").unwrap_or(release);
        let files = given("LATCHKEY_SITE").unwrap_or_else(|| binary.with_file_name("../site"));
        let folder = Folder(env::temp_dir().join(format!("latchkey-bench-{}", process::id())));
        fs::create_dir_all(&folder.0)?;
        // Commits go to the disk, as in production.
        let cluster = Cluster::open(&folder.0.join("postgres"), Durability::Durable, None)?;
        Ok(Self {
            cluster,
            folder,
            binary,
            files,
        })
    }

    /// The program, without the variables of the environment that would configure it.
    fn command(&self) -> Result<Command> {
        let log = File::options()
            .append(true)
            .create(true)
            .open(self.folder.0.join("log"))?;
        let mut command = Command::new(&self.binary);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("LATCHKEY") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(&self.folder.0)
            .env("LATCHKEY_DATA", &self.folder.0)
            .env("LATCHKEY_SITE", &self.files)
            .env("LATCHKEY__DATABASE__URL", self.cluster.url("postgres"))
            .env("LATCHKEY__SERVER__ADDRESS", "127.0.0.1:0")
            .env("LC_ALL", "C")
            // All streams come from one address, so the bound for each address must not apply.
            .env("LATCHKEY__SERVER__MAX_CONNECTIONS_PER_ADDRESS", "8192")
            .stderr(log);
        Ok(command)
    }

    fn serve(&self) -> Result<(Program, String)> {
        let started = Program::start_server(self.command()?.arg("serve"));
        started.with_context(|| self.log())
    }

    /// Creates a database with Ada in it.
    fn create_database(&self, name: &str) -> Result<()> {
        let admin = ["--admin-login", ADA, "--admin-password-stdin"];
        self.administer(&[&["db", "create", name], &admin[..]].concat())
    }

    fn add_user(&self, login: &str) -> Result<()> {
        self.administer(&[
            "user",
            "add",
            "--database=bench",
            "--login",
            login,
            "--password-stdin",
        ])
    }

    /// Runs a command, which may read a password.
    fn administer(&self, arguments: &[&str]) -> Result<()> {
        let mut child = self
            .command()?
            .args(arguments)
            .stdin(Stdio::piped())
            .spawn()?;
        let mut input = child.stdin.take().context("no standard input")?;
        // A command that reads nothing may have ended before.
        let _ = input.write_all(PASSWORD.as_bytes());
        drop(input);
        ensure!(
            child.wait()?.success(),
            "latchkey {arguments:?}: {}",
            self.log()
        );
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.0.join("log")).unwrap_or_default()
    }
}

/// A folder that is deleted at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
