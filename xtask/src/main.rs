//! Developer commands, run as `cargo xtask COMMAND`, for everything that `cargo build` alone cannot do.

mod boundaries;
mod build;
mod chaos;
mod checks;
mod deny;
mod dev;
mod e2e;
mod english;
mod ensure;
mod files;
mod fuzz;
mod measure;
mod programs;
mod queries;
mod report;
mod run;
mod rust;
mod scratch_cluster;
mod site;
mod text;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use site::Mode;
use std::process::ExitCode;
use workspace::Workspace;

/// Developer commands of Latchkey.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install what is missing, build, create a first database and serve it
    Run {
        /// Arguments for `latchkey serve`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Do the same as `run`, then rebuild and restart whenever a source file changes
    Dev {
        /// Arguments for `latchkey serve`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check everything that CI checks, and stop at the first failure
    Test,
    /// Check formatting, boundaries, English and lints only
    Lint,
    /// Check only the rules about dependencies, licences, sources, imports, rooms and circles of files
    Boundaries,
    /// Check the texts and the subjects of commits, and lower the counts of xtask/english-baseline.txt
    English,
    /// Count what the code is measured by, beside what it should be
    Measure,
    /// Check licences, sources and known vulnerabilities of all dependencies
    Deny,
    /// Make a release: the server binary and the site with compressed files
    Build,
    /// Build a release, measure it, and write the figures into docs/performance.md
    Bench {
        /// Arguments for the benchmark
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Try the parsers of cookies, addresses, forms, device names and configuration with random input
    Fuzz {
        /// Number of cases for each target [default: 200000]
        #[arg(last = true)]
        cases: Option<String>,
    },
    /// Have two servers and their PostgreSQL fail in every way, under load
    Chaos {
        /// Length in minutes [default: 10]
        #[arg(last = true)]
        minutes: Option<String>,
    },
    /// Run the end-to-end tests in a browser
    E2e {
        /// Arguments for Playwright
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Take the screenshots of the documentation
    Screenshots {
        /// Arguments for Playwright
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check all SQL queries against a throwaway PostgreSQL, and describe them in .sqlx
    Sqlx,
    /// Build the files that browsers load: WebAssembly, its glue, stylesheet, public files
    Site {
        /// Build small and compressed files, which takes longer
        #[arg(long)]
        release: bool,
    },
}

fn main() -> ExitCode {
    match execute(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(cli: Cli) -> Result<()> {
    let workspace = Workspace::find()?;
    match cli.command {
        Command::Run { arguments } => run::run(&workspace, &arguments),
        Command::Dev { arguments } => dev::dev(&workspace, &arguments),
        Command::Test => checks::test(&workspace),
        Command::Lint => checks::lint(&workspace),
        Command::Boundaries => boundaries::check(&workspace),
        Command::English => english::lower(&workspace),
        Command::Measure => measure::measure(&workspace),
        Command::Deny => deny::deny(&workspace),
        Command::Build => build::release(&workspace),
        Command::Bench { arguments } => build::bench(&workspace, &arguments),
        Command::Fuzz { cases } => fuzz::fuzz(&workspace, cases.as_deref()),
        Command::Chaos { minutes } => chaos::chaos(&workspace, minutes.as_deref()),
        Command::E2e { arguments } => e2e::command(&workspace, e2e::Suite::Tests, &arguments),
        Command::Screenshots { arguments } => {
            e2e::command(&workspace, e2e::Suite::Screenshots, &arguments)
        }
        Command::Sqlx => queries::describe(&workspace),
        Command::Site { release } => {
            ensure::wasm_target(&workspace)?;
            site::build(&workspace, if release { Mode::Release } else { Mode::Dev })
        }
    }
}
