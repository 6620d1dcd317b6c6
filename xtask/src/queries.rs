//! Refreshes `.sqlx`, the committed description of all SQL queries, with which a build needs no database. The
//! command does the same as `cargo sqlx prepare`, but needs no installed tool.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use latchkey_postgres::Binaries;

use crate::{ensure, programs, scratch_cluster::ScratchCluster, workspace::Workspace};

const DATABASE: &str = "queries";
/// The restricted role is a part of the preparation: the server creates it, and migrations only grant
/// privileges to it.
const PREPARATION: [&str; 2] = [
    "create role latchkey_restricted nologin",
    "create database queries",
];
/// The crate with the queries.
const PACKAGE: &str = "latchkey-core";
/// The file whose change makes Cargo check that crate again.
const TOUCHED: &str = "server/core/src/lib.rs";

/// Describes every query against a fresh database.
pub(crate) fn describe(workspace: &Workspace) -> Result<()> {
    ensure::postgresql()?;
    let cluster = ScratchCluster::start()?;
    let administration = cluster.url("postgres")?;
    for statement in PREPARATION {
        programs::run(psql(&administration)?.args(["--command", statement]))?;
    }
    let url = cluster.url(DATABASE)?;
    for migration in migrations(&workspace.root().join("migrations"))? {
        let mut apply = psql(&url)?;
        apply
            .arg("--single-transaction")
            .arg("--file")
            .arg(&migration);
        programs::run(&mut apply)
            .with_context(|| format!("{} does not apply", migration.display()))?;
    }
    let described = workspace.root().join(".sqlx");
    let fresh = workspace.target().join("sqlx");
    empty(&fresh)?;
    check_against(workspace, &url, &fresh)?;
    replace(&described, &fresh)?;
    cluster.close()
}

fn psql(url: &str) -> Result<Command> {
    let mut psql = Command::new(Binaries::find(None)?.program("psql"));
    psql.args([
        "--no-psqlrc",
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
        "--dbname",
        url,
    ]);
    Ok(psql)
}

/// The migrations in the order of their names.
fn migrations(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Compiles the queries, including tests and examples. The macros write the descriptions.
fn check_against(workspace: &Workspace, url: &str, folder: &Path) -> Result<()> {
    let touched = workspace.root().join(TOUCHED);
    let file = File::options()
        .append(true)
        .open(&touched)
        .with_context(|| format!("cannot open {}", touched.display()))?;
    file.set_modified(now())?;
    let mut cargo = workspace.cargo();
    cargo.args([
        "check",
        "--package",
        PACKAGE,
        "--all-targets",
        "--features",
        "testing",
    ]);
    cargo
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", folder)
        .env("DATABASE_URL", url);
    programs::run(&mut cargo)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a file's time is compared with the real clock"
)]
fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(())
}

/// Replaces the old description, but only by a complete one.
fn replace(described: &Path, fresh: &Path) -> Result<()> {
    let entries: Vec<_> = fs::read_dir(fresh)?.collect::<Result<_, _>>()?;
    ensure!(
        !entries.is_empty(),
        "the build described no query: was {PACKAGE} checked at all?"
    );
    empty(described)?;
    for entry in &entries {
        fs::copy(entry.path(), described.join(entry.file_name()))?;
    }
    println!("{} queries are described in .sqlx", entries.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_applied_in_the_order_of_their_names() {
        let folder =
            std::env::temp_dir().join(format!("latchkey-migrations-{}", std::process::id()));
        empty(&folder).unwrap();
        for name in ["0002_b.sql", "0001_a.sql", "README.md"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let found = migrations(&folder).unwrap();
        assert_eq!(
            found,
            [folder.join("0001_a.sql"), folder.join("0002_b.sql")]
        );
        fs::remove_dir_all(&folder).unwrap();
    }
}
