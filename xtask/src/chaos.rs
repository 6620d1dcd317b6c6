//! The chaos test, for longer than in CI.

use anyhow::{Context, Result};

use crate::{programs, workspace::Workspace};

const MINUTES: u32 = 10;

/// Runs the chaos test for that many minutes. The seed is that of the environment, or a new one.
pub(crate) fn chaos(workspace: &Workspace, minutes: Option<&str>) -> Result<()> {
    let minutes = minutes.map_or(Ok(MINUTES), str::parse);
    let minutes = minutes.context("say how many minutes, as in `cargo xtask chaos -- 30`")?;
    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--package", "latchkey-server", "--test", "cli"])
        .args(["chaos::", "--", "--nocapture"])
        .env("CHAOS_MINUTES", minutes.to_string());
    programs::run(&mut cargo)
}
