//! How much memory the server holds after it has been used for a while.

use std::{fs, sync::Arc};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;

use crate::{
    client::{Ask, Connection},
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: u32 = 8;
const PAGES: u32 = 10_000;
/// One log-in on so many pages.
const PAGES_PER_LOG_IN: u32 = 100;

pub async fn measure(stage: &mut Stage, report: &mut Report) -> Result<()> {
    stage.restart()?;
    let at_start = kib(stage.server_process(), "VmRSS")?;
    let log_in = Arc::new(stage.log_in());
    let pages = Arc::new([
        Ask::page("/login"),
        Ask::page("/").with_cookie(&stage.cookie),
        Ask::page("/profile/devices").with_cookie(&stage.cookie),
    ]);
    let loops = (0..CONNECTIONS).map(|first| {
        let (address, log_in, pages) = (
            stage.address.clone(),
            Arc::clone(&log_in),
            Arc::clone(&pages),
        );
        tokio::spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mine = (first..PAGES).step_by(CONNECTIONS as usize);
            for (number, page) in mine.zip(pages.iter().cycle()) {
                connection.send(page).await?;
                if number % PAGES_PER_LOG_IN == 0 {
                    connection.send(&log_in).await?;
                }
            }
            anyhow::Ok(())
        })
    });
    for done in try_join_all(loops).await? {
        done?;
    }
    let process = stage.server_process();
    let (after, most) = (kib(process, "VmRSS")?, kib(process, "VmHWM")?);
    report.note(&format!(
        "memory: {at_start} KiB at start, {after} KiB after, {most} KiB at most"
    ));
    report.megabytes(
        "server's memory after 10,000 pages and 100 log-ins",
        after,
        Bound::AtMost(60.0),
    );
    report.megabytes("the most that it held meanwhile", most, Bound::None);
    Ok(())
}

/// A line of `/proc/PID/status`.
fn kib(process: u32, name: &str) -> Result<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))
        .context("only Linux tells a process's memory")?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .context("no such line")?;
    Ok(line
        .trim_start_matches(':')
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()?)
}
