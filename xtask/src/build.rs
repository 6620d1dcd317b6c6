//! Builds: of the server for development, and of a release.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{
    ensure, programs,
    site::{self, Mode},
    workspace::{FRONTEND, Workspace},
};

const BENCH: &str = "latchkey-bench";

/// The packages that all commands build and test. With one selection Cargo resolves the same features each
/// time and compiles the dependencies once.
pub(crate) const SELECTION: [&str; 3] = ["--workspace", "--exclude", FRONTEND];

/// The server of the dev profile.
pub(crate) fn dev_server(workspace: &Workspace) -> Result<()> {
    programs::run(workspace.cargo().arg("build").args(SELECTION))
}

/// Site and server, as they are released.
pub(crate) fn release(workspace: &Workspace) -> Result<()> {
    ensure::wasm_target(workspace)?;
    site::build(workspace, Mode::Release)?;
    programs::run(
        workspace
            .cargo()
            .args(["build", "--release", "--package", "latchkey-server"]),
    )?;
    println!(
        "server: {}",
        workspace.target().join("release/latchkey").display()
    );
    println!("site:   {}", workspace.site().display());
    Ok(())
}

/// Builds a release, then runs the benchmark against it.
pub(crate) fn bench(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    if !workspace.packages().iter().any(|name| name == BENCH) {
        bail!("there is no benchmark: the package {BENCH} is not in this workspace");
    }
    ensure::postgresql()?;
    ensure::npm_packages(workspace)?;
    ensure::chromium()?;
    release(workspace)?;
    let mut command: Command = workspace.cargo();
    command
        .args(["run", "--release", "--package", BENCH, "--"])
        .args(arguments);
    command.env("LATCHKEY_SITE", workspace.site());
    command.env("LATCHKEY_BIN", workspace.target().join("release/latchkey"));
    programs::run(&mut command)
}
