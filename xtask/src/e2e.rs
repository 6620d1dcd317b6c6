//! Runs Playwright against a new server and a throwaway cluster.

use std::process::Command;

use anyhow::Result;

use crate::{
    build, ensure, programs,
    scratch_cluster::ScratchCluster,
    site::{self, Mode},
    workspace::Workspace,
};

/// The suite that Playwright runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    Tests,
    Screenshots,
}

/// Installs what is missing, builds, and runs the suite.
pub(crate) fn command(workspace: &Workspace, suite: Suite, arguments: &[String]) -> Result<()> {
    ensure::wasm_target(workspace)?;
    ensure::postgresql()?;
    ensure::npm_packages(workspace)?;
    ensure::chromium()?;
    if suite == Suite::Tests {
        ensure::firefox();
    }
    site::build(workspace, Mode::Dev)?;
    build::dev_server(workspace)?;
    run(workspace, suite, arguments)
}

/// Runs the suite on the existing build. Playwright's global setup starts the server.
pub(crate) fn run(workspace: &Workspace, suite: Suite, arguments: &[String]) -> Result<()> {
    let cluster = ScratchCluster::start()?;
    let mut npx = Command::new("npx");
    npx.args(["--no-install", "playwright", "test"]);
    if suite == Suite::Screenshots {
        npx.args(["--config", "screenshots.config.ts"]);
    }
    npx.args(arguments)
        .current_dir(workspace.end2end())
        .env("LATCHKEY_BIN", workspace.dev_server())
        .env("LATCHKEY_SITE", workspace.site())
        .env("LATCHKEY_E2E_CLUSTER_URL", cluster.url("postgres")?);
    programs::run(&mut npx)?;
    cluster.close()
}
