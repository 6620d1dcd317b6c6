//! Developer commands, run as `cargo xtask COMMAND`: everything that `cargo build` alone cannot do.

mod boundaries;
mod build;
mod checks;
mod dev;
mod e2e;
mod ensure;
mod fuzz;
mod programs;
mod queries;
mod report;
mod run;
mod scratch_cluster;
mod site;
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
        /// Passed on to `latchkey serve`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Like `run`, and rebuild and restart whenever a source file changes
    Dev {
        /// Passed on to `latchkey serve`
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check everything that CI checks; stops at the first failure
    Test,
    /// Check formatting, lints and boundaries only
    Lint,
    /// Check only who depends on whom, and who says what
    Boundaries,
    /// Make a release: the server binary and the site with compressed files
    Build,
    /// Build a release and measure it
    Bench {
        /// Passed on to the benchmark
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Try the parsers of what comes from outside with random input
    Fuzz {
        /// How many cases each target tries [default: 200000]
        #[arg(last = true)]
        cases: Option<String>,
    },
    /// Run the end-to-end tests in a browser
    E2e {
        /// Passed on to Playwright
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Take the screenshots of the documentation
    Screenshots {
        /// Passed on to Playwright
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Describe all SQL queries anew, in .sqlx
    Sqlx,
    /// Build the site that the server delivers: WebAssembly, glue, stylesheet, public files
    Site {
        /// Small and compressed instead of quickly built
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
        Command::Build => build::release(&workspace),
        Command::Bench { arguments } => build::bench(&workspace, &arguments),
        Command::Fuzz { cases } => fuzz::fuzz(&workspace, cases.as_deref()),
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
