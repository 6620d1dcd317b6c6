//! Measures Latchkey: starts what is needed, compares, prints a table, writes `docs/performance.md`.
//!
//! One client measures both sides of a comparison alternately, in one run. So other work on the machine slows
//! down both sides of a ratio.

mod browser;
mod client;
mod cpu;
mod databases;
mod devices;
mod environment;
mod first_load;
mod live;
mod load;
mod log_in;
mod look_up;
mod memory;
mod nginx;
mod percentile;
mod program;
mod report;
mod request;
mod rows;
mod stage;
mod sweep;
mod writes;

use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};

/// Measures Latchkey in its release build; `cargo xtask bench` makes the build first.
#[derive(Debug, Parser)]
struct Cli {
    /// Measure only these subjects, and write no document
    #[arg(long, value_delimiter = ',')]
    only: Vec<Subject>,
    #[command(flatten)]
    effort: Effort,
    /// Number of sessions in the largest database
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Date to write into the document
    #[arg(long)]
    date: Option<String>,
}

/// The number and the length of the measurements.
#[derive(Clone, Copy, Debug, clap::Args)]
struct Effort {
    /// Number of measurements of each side of a comparison
    #[arg(long, default_value_t = 7)]
    rounds: u32,
    /// Length of a measurement, in milliseconds
    #[arg(long, default_value_t = 1500)]
    round: u64,
}

impl Effort {
    fn round(self) -> Duration {
        Duration::from_millis(self.round)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    FirstLoad,
    Memory,
    Devices,
    Browser,
    Request,
    Environment,
    LogIn,
    Writes,
    Live,
    Databases,
    /// The last subject: the server is stopped for it
    Rows,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    // Every started program ends when it is dropped, also after Ctrl-C.
    tokio::select! {
        done = run(&cli) => done,
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
    }
}

async fn run(cli: &Cli) -> Result<()> {
    let mut report = report::Report::default();
    let mut stage = stage::Stage::set().await?;
    for subject in Subject::value_variants() {
        if !cli.only.is_empty() && !cli.only.contains(subject) {
            continue;
        }
        match subject {
            Subject::FirstLoad => first_load::measure(&stage, &mut report).await?,
            Subject::Memory => memory::measure(&mut stage, &mut report).await?,
            Subject::Devices => devices::measure(&stage, cli.effort, &mut report).await?,
            Subject::Browser => browser::measure(&stage, &mut report).await?,
            Subject::Request => request::measure(&stage, cli.effort, &mut report).await?,
            Subject::Environment => environment::measure(&stage, cli.effort, &mut report).await?,
            Subject::LogIn => log_in::measure(&stage, cli.effort, &mut report).await?,
            Subject::Writes => writes::measure(&stage, cli.effort, &mut report).await?,
            Subject::Live => live::measure(&stage, cli.effort, &mut report).await?,
            Subject::Databases => {
                databases::measure(&stage, cli.effort, &mut report).await?;
            }
            Subject::Rows => {
                stage.stop();
                let many = look_up::measure(&stage, cli.effort, cli.rows, &mut report).await?;
                Box::pin(sweep::measure(&many, &mut report)).await?;
            }
        }
    }
    print!("\n{}", report.table());
    if cli.only.is_empty() {
        report.write(stage.cores, cli.date.as_deref())?;
    }
    Ok(())
}
