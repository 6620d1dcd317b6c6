//! `PgBouncer` in front of PostgreSQL, set up as docs/configuration.md says.

use std::{
    fs,
    os::unix::{fs::chown, net::UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use latchkey_postgres::Cluster;
use rustix::process::geteuid;

use crate::program::{Node, Server, cluster};

const PAGE: &str = include_str!("../../../docs/configuration.md");

const PORT: u16 = 6432;

/// The settings on the page, without paths and addresses.
fn documented() -> &'static str {
    let (_, section) = PAGE.split_once("\n### Behind PgBouncer\n").unwrap();
    let (_, block) = section.split_once("\n```ini\n").unwrap();
    block.split_once("```").unwrap().0
}

/// A `PgBouncer` that ends with the test.
struct Pooler {
    child: Child,
    folder: PathBuf,
}

impl Pooler {
    fn start(folder: &Path, behind: &Cluster) -> Self {
        fs::create_dir_all(folder).unwrap();
        let url = behind.url("postgres");
        let (_, socket) = url.split_once("?host=").unwrap();
        let socket = socket.replace("%2F", "/");
        let users = folder.join("users");
        fs::write(&users, "\"latchkey\" \"\"\n").unwrap();
        let settings = documented()
            .replace("host=10.0.0.5", &format!("host={socket}"))
            .replace("listen_addr = 127.0.0.1", "listen_addr =")
            .replace("auth_type = scram-sha-256", "auth_type = trust")
            .replace("/etc/pgbouncer/userlist.txt", &users.display().to_string());
        let settings = format!("{settings}\nunix_socket_dir = {}\n", folder.display());
        let file = folder.join("pgbouncer.ini");
        fs::write(&file, settings).unwrap();
        let child = Self::command(folder, &file)
            .spawn()
            .unwrap_or_else(|error| panic!("apt-get install pgbouncer: {error}"));
        let pooler = Self {
            child,
            folder: folder.to_owned(),
        };
        let socket = folder.join(format!(".s.PGSQL.{PORT}"));
        while UnixStream::connect(&socket).is_err() {
            thread::yield_now();
        }
        pooler
    }

    /// `PgBouncer` refuses to run as root, and changes to the account that runs PostgreSQL.
    fn command(folder: &Path, file: &Path) -> Command {
        let mut command = Command::new("/usr/sbin/pgbouncer");
        if geteuid().is_root() {
            let postgres = fs::metadata("/var/lib/postgresql").unwrap();
            let owner = std::os::unix::fs::MetadataExt::uid(&postgres);
            chown(folder, Some(owner), None).unwrap();
            command.args(["-u", "postgres"]);
        }
        command.arg("--quiet").arg(file).stdin(Stdio::null());
        command
    }

    fn url(&self) -> String {
        let folder = self.folder.display();
        format!("postgres://latchkey@localhost/postgres?host={folder}&port={PORT}&sslmode=disable")
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn people_log_in_through_pgbouncer_as_documented() {
    let node = Node::new();
    let behind = cluster(&node.path("elsewhere"));
    let pooler = Pooler::start(&node.path("pooler"), &behind);
    let command = |line: &str| {
        let mut command = node.command(line);
        command.env("LATCHKEY__DATABASE__URL", pooler.url());
        command
    };
    let check = command("config check").output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{check:?}");
    let made = command("db create acme --admin-login ada")
        .output()
        .unwrap();
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let password = String::from_utf8(made.stdout).unwrap();

    let server = Server::start(command("serve"));
    assert_eq!(server.get("/readyz"), 200);
    let body = format!("login=ada&password={}", password.trim());
    let answer = server.post("/api/log_in", &body);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("latchkey-session-acme="), "{answer}");
    let wrong = server.post("/api/log_in", "login=ada&password=something%20else");
    assert!(wrong.starts_with("HTTP/1.1 401 "), "{wrong}");
    assert_eq!(server.terminate().0.code(), Some(0));
    drop(pooler);
    behind.close().unwrap();
}
