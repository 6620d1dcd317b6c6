//! The server's memory after some use.

use std::fs;

use anyhow::{Context as _, Result};
use futures::future::try_join_all;

use crate::{
    client::{Ask, Connection},
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;
const PAGES: usize = 10_000;
const PAGES_PER_LOG_IN: usize = 100;
/// Log-ins on each connection, with all connections at once.
const LOG_INS: usize = 5;

pub async fn measure(stage: &mut Stage, report: &mut Report) -> Result<()> {
    stage.restart().await?;
    let process = stage.server_process()?;
    let at_start = megabytes(process, "VmRSS")?;
    let log_in = stage.log_in()?;
    let pages = [
        Ask::page("/login")?,
        Ask::page("/")?.with_cookie(&stage.cookie),
        Ask::page("/profile/devices")?.with_cookie(&stage.cookie),
    ];
    let loops = (0..CONNECTIONS).map(async |first| {
        let mut connection = Connection::open(&stage.address).await?;
        let numbers = (first..PAGES).step_by(CONNECTIONS);
        for (number, page) in numbers.zip(pages.iter().cycle()) {
            connection.send(page).await?;
            // Only the first connection logs in, so that log-ins come one at a time.
            if number % (PAGES_PER_LOG_IN * CONNECTIONS) == 0 {
                connection.send(&log_in).await?;
            }
        }
        anyhow::Ok(())
    });
    try_join_all(loops).await?;
    let pages = megabytes(process, "VmRSS")?;
    let loops = (0..CONNECTIONS).map(async |_| {
        let mut connection = Connection::open(&stage.address).await?;
        for _ in 0..LOG_INS {
            connection.send(&log_in).await?;
        }
        anyhow::Ok(())
    });
    try_join_all(loops).await?;
    let log_ins = megabytes(process, "VmRSS")?;
    eprintln!(
        "  memory: {at_start:.1} MB at start, {pages:.1} MB after pages, {log_ins:.1} MB after log-ins"
    );
    let what = "server's memory after 10,000 pages and some log-ins";
    report.row(what, pages, " MB", Bound::AtMost(60.0));
    let what = "after as many log-ins at once as cores: each works in 20 MB, kept for the next";
    report.row(what, log_ins, " MB", Bound::None);
    Ok(())
}

/// The value of a line in `/proc/PID/status`, in megabytes.
pub fn megabytes(process: u32, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.context("only Linux tells how much memory a process has")?;
    let mut words = status
        .split_whitespace()
        .skip_while(|word| word.trim_end_matches(':') != name);
    let kib: u32 = words.nth(1).context("no such line")?.parse()?;
    Ok(f64::from(kib) * 1.024 / 1000.0)
}
