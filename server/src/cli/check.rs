//! Checks what `serve` needs besides a readable configuration, without changing anything.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use latchkey_core::{database::Privileges, place::Places};
use latchkey_postgres::Binaries;
use rustix::fs::{Access, access};
use tokio::runtime;

use crate::{
    config::{Config, Dsn},
    web::Site,
};

/// Time within which PostgreSQL must answer.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Time within which the server at the address must answer the probe.
const PROBE_LIMIT: Duration = Duration::from_secs(1);

/// Whether the check connects to PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Also connect to PostgreSQL.
    Online,
    /// Check this machine's files and addresses only.
    Offline,
}

/// The result of the check.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Mistakes with which the server would not start or not work.
    pub(super) problems: Vec<String>,
    /// Oddities with which the server would work, but perhaps not as intended.
    pub(super) remarks: Vec<String>,
}

/// Tries out everything that a start of the server needs.
pub(super) fn findings(config: &Config, reach: Reach) -> Findings {
    let mut findings = Findings::default();
    if let Some(Err(error)) = config.places.file().map(Places::read) {
        let error = anyhow::Error::new(error);
        let remark = format!("The server would start, but show no places: {error:#}");
        findings.remarks.push(remark);
    }
    findings.take(Site::find().map(drop));
    findings.address(config);
    match config.database.dsn() {
        None => {
            findings.take(data_directory(config.data_directory()));
            findings.take(Binaries::find(None).map(drop).map_err(Into::into));
        }
        Some(dsn) if reach == Reach::Online => findings.postgresql(dsn),
        Some(_) => {}
    }
    findings
}

impl Findings {
    fn take(&mut self, outcome: anyhow::Result<()>) {
        let problem = outcome.err().map(|error| format!("{error:#}"));
        self.problems.extend(problem);
    }

    fn postgresql(&mut self, dsn: &Dsn) {
        match ask_postgresql(dsn) {
            Err(error) => self.take(Err(error)),
            Ok(privileges) => {
                let remarks = privileges.read_only.iter().map(|name| {
                    format!(
                        "The server would start, but answer 503 for the database '{name}', which is read-only: \
                         `alter database \"{name}\" reset default_transaction_read_only`."
                    )
                });
                self.remarks.extend(remarks);
            }
        }
    }

    fn address(&mut self, config: &Config) {
        let address = &config.server.address;
        let resolved = address.resolve();
        let resolved =
            resolved.with_context(|| format!("`server.address`: cannot look up {address}"));
        match resolved {
            Err(error) => self.take(Err(error)),
            Ok(all) => all.into_iter().for_each(|one| self.listen(one)),
        }
    }

    fn listen(&mut self, address: SocketAddr) {
        match TcpListener::bind(address) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_latchkey(address) => {
                let remark = format!("A Latchkey server is already running at {address}.");
                self.remarks.push(remark);
            }
            Err(error) => {
                let problem = format!("`server.address`: cannot listen on {address}: {error}");
                self.problems.push(problem);
            }
        }
    }
}

/// Whether the server at the address answers the probe like this program.
fn is_latchkey(address: SocketAddr) -> bool {
    let probe = || -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, PROBE_LIMIT)?;
        stream.set_read_timeout(Some(PROBE_LIMIT))?;
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(64 * 1024).read_to_string(&mut answer)?;
        Ok(answer)
    };
    probe().is_ok_and(|answer| answer.ends_with("\r\n\r\nalive\n"))
}

/// Whether the private PostgreSQL could be kept in the folder. The folder may not exist yet.
fn data_directory(directory: &Path) -> anyhow::Result<()> {
    let existing = directory.ancestors().find(|path| path.exists());
    // The parent of a relative path with one part is empty, and means the working directory.
    let existing = existing.filter(|path| !path.as_os_str().is_empty());
    let existing = existing.unwrap_or(Path::new("."));
    let shown = directory.display();
    anyhow::ensure!(
        existing.is_dir(),
        "the data directory {shown} cannot be used: {} is not a folder",
        existing.display()
    );
    access(existing, Access::WRITE_OK | Access::EXEC_OK).with_context(|| {
        format!(
            "the data directory {shown} cannot be used: {} cannot be written to",
            existing.display()
        )
    })
}

/// The PostgreSQL user's privileges, or an error if they are not enough.
fn ask_postgresql(dsn: &Dsn) -> anyhow::Result<Privileges> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let options = dsn.options();
    let asked = runtime
        .block_on(async { tokio::time::timeout(CONNECT_LIMIT, Privileges::of(&options)).await });
    let asked = asked.with_context(|| {
        format!("`database.url`: PostgreSQL does not answer within {CONNECT_LIMIT:?} (--offline does not connect)")
    })?;
    let privileges =
        asked.context("`database.url`: PostgreSQL cannot be used (--offline does not connect)")?;
    anyhow::ensure!(
        privileges.may_write,
        "`database.url`: this PostgreSQL server accepts no writes: it is a standby, or `default_transaction_read_only` \
         is on"
    );
    anyhow::ensure!(
        privileges.may_take_restricted_role,
        "`database.url`: the user may not create the restricted role. Run once as a superuser: \
         `create role latchkey_restricted nologin nosuperuser nobypassrls; grant latchkey_restricted to USER;` with \
         that user for USER (leave out the first statement if the role exists)"
    );
    anyhow::ensure!(
        privileges.may_create_databases,
        "`database.url`: the user may not create databases: `alter role USER createdb;`"
    );
    Ok(privileges)
}

/// A remark if every user of the machine can read a file that holds a password.
pub(super) fn readable_by_all(file: &Path) -> Option<String> {
    let mode = fs::metadata(file).ok()?.permissions().mode();
    (mode & 0o004 != 0).then(|| {
        format!(
            "Every user of this machine can read {}, which holds the address of PostgreSQL: `chmod o-r`.",
            file.display()
        )
    })
}
