//! The checks of a change, the same here and in CI.

use anyhow::Result;

use crate::{
    boundaries,
    build::{self, SELECTION},
    e2e, english, ensure, programs,
    report::Report,
    scratch_cluster::ScratchCluster,
    site::{self, Mode, Pages},
    workspace::{FRONTEND, WASM, Workspace},
};

/// All checks, cheapest first.
pub(crate) fn test(workspace: &Workspace) -> Result<()> {
    let mut report = Report::new();
    report.step("What the checks need", || {
        ensure::wasm_target(workspace)?;
        ensure::postgresql()?;
        ensure::pgbouncer()?;
        ensure::npm_packages(workspace)?;
        ensure::chromium()?;
        ensure::firefox();
        Ok(())
    })?;
    lint_steps(workspace, &mut report)?;
    report.step("Tests", || tests(workspace))?;
    report.step("Site", || site::build(workspace, Mode::Dev))?;
    report.step("Server", || build::dev_server(workspace))?;
    report.step("End-to-end tests", || {
        e2e::run(workspace, e2e::Suite::Tests, &[])
    })?;
    report.finish();
    Ok(())
}

/// The checks that run no test.
pub(crate) fn lint(workspace: &Workspace) -> Result<()> {
    ensure::wasm_target(workspace)?;
    let mut report = Report::new();
    lint_steps(workspace, &mut report)?;
    report.finish();
    Ok(())
}

fn lint_steps(workspace: &Workspace, report: &mut Report) -> Result<()> {
    report.step("Format", || {
        programs::run(workspace.cargo().args(["fmt", "--all", "--check"]))
    })?;
    report.step("Boundaries", || boundaries::check(workspace))?;
    report.step("English", || english::check(workspace))?;
    report.step("Lints of the server", || {
        let mut cargo = workspace.cargo();
        cargo.arg("clippy").args(SELECTION).arg("--all-targets");
        programs::run(cargo.args(["--", "-D", "warnings"]))
    })?;
    report.step("Lints of the front end", || {
        Pages::ALL.into_iter().try_for_each(|pages| {
            let mut cargo = workspace.cargo();
            cargo.args(["clippy", "--target", WASM, "--package", FRONTEND]);
            cargo.args(pages.features());
            programs::run(cargo.args(["--", "-D", "warnings"]))
        })
    })
}

fn tests(workspace: &Workspace) -> Result<()> {
    let cluster = ScratchCluster::start()?;
    let mut cargo = workspace.cargo();
    if programs::succeeds(workspace.cargo().args(["nextest", "--version"])) {
        cargo.args(["nextest", "run"]);
    } else {
        cargo.arg("test");
    }
    cargo
        .args(SELECTION)
        .env("DATABASE_URL", cluster.url("postgres")?);
    programs::run(&mut cargo)?;
    cluster.close()?;
    // nextest runs no examples of the documentation.
    programs::run(
        workspace
            .cargo()
            .args(["test", "--doc", "--quiet"])
            .args(SELECTION),
    )
}
