//! How much memory the server holds after it has been used for a while.

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

pub async fn measure(stage: &mut Stage, report: &mut Report) -> Result<()> {
    stage.restart()?;
    let process = stage.server_process();
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
            if number % PAGES_PER_LOG_IN == 0 {
                connection.send(&log_in).await?;
            }
        }
        anyhow::Ok(())
    });
    try_join_all(loops).await?;
    let after = megabytes(process, "VmRSS")?;
    let most = megabytes(process, "VmHWM")?;
    eprintln!("  memory: {at_start:.1} MB at start, {after:.1} MB after, {most:.1} MB at most");
    let what = "server's memory after 10,000 pages and 100 log-ins";
    report.row(what, after, " MB", Bound::AtMost(60.0));
    report.row("the most that it held meanwhile", most, " MB", Bound::None);
    Ok(())
}

/// A line of `/proc/PID/status`.
fn megabytes(process: u32, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    let status = status.context("only Linux tells how much memory a process has")?;
    let mut words = status
        .split_whitespace()
        .skip_while(|word| word.trim_end_matches(':') != name);
    let kib: u32 = words.nth(1).context("no such line")?.parse()?;
    Ok(f64::from(kib) * 1.024 / 1000.0)
}
