//! `cargo-deny`: licences, sources, versions and known vulnerabilities of all dependencies (`deny.toml`).

use anyhow::Result;

use crate::{programs, workspace::Workspace};

/// Installs cargo-deny where it is missing, and runs it. Both need the network: the program and the list of
/// vulnerabilities come from there.
pub(crate) fn deny(workspace: &Workspace) -> Result<()> {
    if !programs::succeeds(workspace.cargo().args(["deny", "--version"])) {
        println!("installing cargo-deny, which takes some minutes");
        programs::run(
            workspace
                .cargo()
                .args(["install", "cargo-deny", "--locked"]),
        )?;
    }
    programs::run(workspace.cargo().args(["deny", "--all-features", "check"]))
}
