//! Installs the programs that a command needs and the machine lacks, or says what to type.

mod apt;

use std::{env, fs, path::Path, process::Command};

use anyhow::{Context, Result, anyhow, bail};
use latchkey_postgres::{Binaries, ClusterError};

use crate::{
    programs,
    workspace::{WASM, Workspace},
};

/// Names of the browser. Debian uses the first, other systems the rest.
const CHROMIUM: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Program and package of the second browser. The program `firefox` of Ubuntu runs in a snap, where Playwright cannot
/// drive it.
const FIREFOX: &str = "firefox-esr";

/// The compiler's library for browsers. `rust-toolchain.toml` names it too, but that has no effect if rustup
/// may not install by itself.
pub(crate) fn wasm_target(workspace: &Workspace) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "sysroot"])
        .current_dir(workspace.root());
    let sysroot = programs::output(&mut rustc)?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .exists()
    {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", WASM])
        .current_dir(workspace.root());
    programs::run(&mut rustup)
        .with_context(|| format!("install the compilation target {WASM} for your Rust compiler"))
}

/// The programs of a PostgreSQL server.
pub(crate) fn postgresql() -> Result<()> {
    match Binaries::find(None) {
        Ok(_) => return Ok(()),
        Err(ClusterError::NotInstalled { .. }) if apt::is_there() => {}
        Err(error) => return Err(error.into()),
    }
    // Otherwise the package would create and start a server.
    apt::configure_no_postgresql_cluster()?;
    apt::install("postgresql")?;
    Binaries::find(None)?;
    Ok(())
}

/// The pooler that a test puts in front of PostgreSQL. Debian installs it outside of users' `PATH`.
pub(crate) fn pgbouncer() -> Result<()> {
    if Path::new("/usr/sbin/pgbouncer").is_file() {
        return Ok(());
    }
    if !apt::is_there() {
        bail!("the tests need PgBouncer: install it as /usr/sbin/pgbouncer");
    }
    apt::install("pgbouncer")
}

/// The browser of the end-to-end tests.
pub(crate) fn chromium() -> Result<()> {
    if programs::on_path(&CHROMIUM).is_some() {
        return Ok(());
    }
    if !apt::is_there() {
        bail!("the end-to-end tests need Chromium: install it so that `chromium` is on PATH");
    }
    apt::install("chromium")
}

/// The second browser of the end-to-end tests. Without this browser Playwright leaves out the project `firefox`.
pub(crate) fn firefox() {
    let is_named = env::var_os("LATCHKEY_FIREFOX").is_some();
    if is_named || programs::on_path(&[FIREFOX]).is_some() {
        return;
    }
    let installed = if apt::is_there() {
        apt::install(FIREFOX)
    } else {
        Err(anyhow!("set LATCHKEY_FIREFOX to the path of Firefox"))
    };
    if let Err(error) = installed {
        println!("the end-to-end tests run in Chromium only: {error:#}");
    }
}

/// Playwright and the other packages in `end2end/package-lock.json`.
pub(crate) fn npm_packages(workspace: &Workspace) -> Result<()> {
    let folder = workspace.end2end();
    let lock = folder.join("package-lock.json");
    if !folder.join("package.json").is_file() || !lock.is_file() {
        bail!(
            "there are no end-to-end tests: end2end/package.json or its package-lock.json is missing"
        );
    }
    // npm writes this file last, so its time is the time of a complete installation.
    let installed = folder.join("node_modules/.package-lock.json");
    if is_newer(&installed, &lock) {
        return Ok(());
    }
    if programs::on_path(&["npm"]).is_none() {
        bail!("the end-to-end tests need Node.js 20 or newer, with npm");
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]);
    // The browser is one of the system's packages.
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .current_dir(folder);
    programs::run(&mut npm)
}

/// Whether the first file exists and was written after the second.
fn is_newer(first: &Path, second: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    match (modified(first), modified(second)) {
        (Some(first), Some(second)) => first >= second,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_never_newer() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(is_newer(&here, &here));
        assert!(!is_newer(&here.with_extension("missing"), &here));
    }
}
