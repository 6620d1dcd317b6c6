//! Checks the arrows of the architecture: the dependencies between crates, and the content of source files.

pub(crate) mod circles;
mod dependencies;
mod imports;
mod modules;
mod paths;
pub(crate) mod rooms;
mod rules;
mod sources;
mod supplies;
mod text;

use crate::workspace::Workspace;
use anyhow::{Result, bail};

/// Checks dependencies, sources, rooms and circles of files; reports every violation, not just the first.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut violations = dependencies::check(workspace)?;
    violations.extend(supplies::check(workspace)?);
    violations.extend(sources::check(workspace.root())?);
    violations.extend(imports::check(workspace.root())?);
    violations.extend(rooms::check(workspace.root())?);
    violations.extend(circles::check(workspace.root())?);
    if violations.is_empty() {
        return Ok(());
    }
    for violation in &violations {
        eprintln!("{violation}");
    }
    bail!("{} boundary violations", violations.len());
}
