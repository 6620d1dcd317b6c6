//! Random input for the parsers of outside input, and random record rules, for longer than in CI.

use anyhow::{Context, Result};

use crate::{programs, scratch_cluster::ScratchCluster, workspace::Workspace};

/// The default number of cases, which takes some minutes.
const CASES: u32 = 200_000;

/// The targets: the package, and how Cargo selects its fuzz targets.
const TARGETS: [&[&str]; 2] = [
    &["--package", "latchkey-server", "--lib", "fuzz::"],
    &["--package", "latchkey-core", "--test", "fuzz"],
];

/// Record rules. Each case changes a database, and so takes about as long as a hundred cases of a parser.
const RULES: &[&str] = &["--package", "latchkey-core", "--test", "access_random"];
const RULES_SHARE: u32 = 100;

/// Tries each target that often. A failing case is shrunk, and kept in a file beside its source.
pub(crate) fn fuzz(workspace: &Workspace, cases: Option<&str>) -> Result<()> {
    let cases = cases.map_or(Ok(CASES), str::parse);
    let cases = cases.context("say how many cases, as in `cargo xtask fuzz -- 1000000`")?;
    for target in TARGETS {
        let mut cargo = workspace.cargo();
        cargo
            .arg("test")
            .args(target)
            .env("PROPTEST_CASES", cases.to_string());
        programs::run(&mut cargo)?;
    }
    let cluster = ScratchCluster::start()?;
    let mut cargo = workspace.cargo();
    cargo
        .arg("test")
        .args(RULES)
        .env("DATABASE_URL", cluster.url("postgres")?)
        .env("PROPTEST_CASES", (cases / RULES_SHARE).max(1).to_string());
    programs::run(&mut cargo)?;
    cluster.close()
}
