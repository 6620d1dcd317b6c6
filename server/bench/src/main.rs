//! Measures Latchkey: starts what it needs, compares, prints a table, writes `docs/performance.md`.
//!
//! Everything that is compared is asked by the same client, in turns, in one run: a machine that is
//! busy with something else slows down both sides of a ratio.

mod bare;
mod client;
mod devices;
mod first_load;
mod load;
mod log_in;
mod memory;
mod nginx;
mod program;
mod report;
mod request;
mod stage;

use std::{process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use report::Report;
use stage::Stage;

/// Measures Latchkey in its release build; `cargo xtask bench` makes that first.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    server: Option<Server>,
    /// Measure only these, and write no document
    #[arg(long, value_delimiter = ',')]
    only: Vec<Subject>,
    /// How often each side of a comparison is measured
    #[arg(long, default_value_t = 7)]
    rounds: u32,
    /// How long at a time, in milliseconds
    #[arg(long, default_value_t = 1500)]
    round: u64,
    /// Said in the document: when this was
    #[arg(long)]
    date: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Server {
    /// Answer every request with a text: what a request costs without Latchkey
    #[command(hide = true)]
    Bare { body: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    LogIn,
    Request,
    Devices,
    FirstLoad,
    Memory,
}

/// How long and how often to measure.
#[derive(Clone, Copy, Debug)]
struct Effort {
    rounds: u32,
    round: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // Whatever was started ends when it is dropped, after Ctrl-C too.
    let done = tokio::select! {
        done = run(&cli) => done,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> Result<()> {
    if let Some(Server::Bare { body }) = &cli.server {
        return bare::serve(body.clone()).await;
    }
    let effort = Effort {
        rounds: cli.rounds.max(1),
        round: Duration::from_millis(cli.round),
    };
    let wanted = |subject| cli.only.is_empty() || cli.only.contains(&subject);
    let mut report = Report::default();
    let mut stage = Stage::set().await?;
    if wanted(Subject::FirstLoad) {
        first_load::measure(&stage, &mut report).await?;
    }
    if wanted(Subject::Memory) {
        memory::measure(&mut stage, &mut report).await?;
    }
    if wanted(Subject::Devices) {
        devices::measure(&stage, effort, &mut report).await?;
    }
    if wanted(Subject::Request) {
        request::measure(&stage, effort, &mut report).await?;
    }
    if wanted(Subject::LogIn) {
        log_in::measure(&stage, effort, &mut report).await?;
    }
    report.print();
    if cli.only.is_empty() {
        report.write(cli.date.as_deref())
    } else {
        Ok(())
    }
}
