//! PostgreSQL servers for one test, and PostgreSQL's tools on them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

use latchkey_postgres::{Binaries, Cluster, Durability};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _,
    postgres::{PgConnectOptions, PgConnection},
};

/// A PostgreSQL server, deleted at the end of the test.
pub struct Server {
    folder: PathBuf,
    cluster: Option<Cluster>,
}

impl Server {
    /// Starts an empty server. Two servers that are used alike give equal OIDs to their databases.
    pub fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("latchkey-restores-{}-{number}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self::on(folder)
    }

    fn on(folder: PathBuf) -> Self {
        let cluster = Cluster::open(&folder.join("postgres"), Durability::Throwaway, None).unwrap();
        Self {
            folder,
            cluster: Some(cluster),
        }
    }

    /// Copies all files, as a file-system snapshot does. This server stops meanwhile.
    pub fn snapshot(&mut self) -> Self {
        self.cluster.take().unwrap().close().unwrap();
        let folder = self.folder.with_extension("snapshot");
        run(Command::new("cp").arg("-a").arg(&self.folder).arg(&folder));
        let postgres = self.folder.join("postgres");
        self.cluster = Some(Cluster::open(&postgres, Durability::Throwaway, None).unwrap());
        Self::on(folder)
    }

    /// The address of a database, for PostgreSQL's tools.
    pub fn url(&self, database: &str) -> String {
        self.cluster.as_ref().unwrap().url(database)
    }

    /// The address of a database, for Latchkey.
    pub fn options(&self, database: &str) -> PgConnectOptions {
        self.url(database).parse().unwrap()
    }

    /// A path for a dump.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Creates an empty database.
    pub async fn create(&self, database: &str) -> PgConnectOptions {
        self.execute("postgres", &format!("create database \"{database}\""))
            .await;
        self.options(database)
    }

    /// Runs statements in a database, as the superuser.
    pub async fn execute(&self, database: &str, statements: &str) {
        let mut connection = self.connect(database).await;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    /// The lines that a query returns.
    pub async fn lines(&self, database: &str, query: &'static str) -> Vec<String> {
        let mut connection = self.connect(database).await;
        let lines = sqlx::query_scalar(query).fetch_all(&mut connection).await;
        connection.close().await.unwrap();
        lines.unwrap()
    }

    /// Waits until PostgreSQL has noticed that the tools and the connections of tests have left.
    pub async fn until_left(&self) {
        const LEFT: &str = "select count(*) = 0 from pg_stat_activity
            where application_name in ('pg_dump', 'pg_restore', 'psql', 'test') and pid <> pg_backend_pid()";
        let mut connection = self.connect("postgres").await;
        while !sqlx::query_scalar::<_, bool>(LEFT)
            .fetch_one(&mut connection)
            .await
            .unwrap()
        {}
        connection.close().await.unwrap();
    }

    async fn connect(&self, database: &str) -> PgConnection {
        let options = self.options(database).application_name("test");
        options.connect().await.unwrap()
    }

    /// A dump in the custom format.
    pub fn dump(&self, database: &str) -> PathBuf {
        let file = self.file(&format!("{database}.dump"));
        run(tool("pg_dump")
            .args(["--format", "custom", "--file"])
            .arg(&file)
            .arg(self.url(database)));
        file
    }

    /// Restores a dump into a database by `pg_restore` with these arguments.
    pub fn restore(&self, dump: &Path, database: &str, arguments: &[&str]) {
        run(&mut self.restoring(dump, database, arguments));
    }

    /// Restores like [`Self::restore`], and ignores the errors of `pg_restore`.
    pub fn restore_in_part(&self, dump: &Path, database: &str, arguments: &[&str]) {
        self.restoring(dump, database, arguments).output().unwrap();
    }

    fn restoring(&self, dump: &Path, database: &str, arguments: &[&str]) -> Command {
        let mut restore = tool("pg_restore");
        restore
            .args(arguments)
            .arg("--dbname")
            .arg(self.url(database))
            .arg(dump);
        restore
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.cluster.take());
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// One of PostgreSQL's programs, of the version of the servers.
pub fn tool(name: &str) -> Command {
    let mut command = Command::new(Binaries::find(None).unwrap().program(name));
    command.env_remove("PGHOST").env_remove("PGPORT");
    command
}

/// Runs a program that must succeed.
pub fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
