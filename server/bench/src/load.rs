//! Closed loops over a number of connections, each with one request under way, and figures from the times.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;

use crate::{
    Effort,
    client::{Ask, Connection},
    cpu::{Cpu, Processes},
    percentile::{median, percentile},
};

/// Requests that can be sent repeatedly.
#[derive(Clone, Debug)]
pub struct Target {
    pub name: &'static str,
    pub address: String,
    /// Sent in turn; at least one.
    pub asks: Vec<Ask>,
    /// Whose processor time counts for the requests.
    pub processes: Option<Processes>,
}

/// The figures of a loop.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Requests a second.
    pub rate: f64,
    /// Seconds within which half of the requests were answered.
    pub p50: f64,
    /// Seconds within which 99 of 100 requests were answered.
    pub p99: f64,
    /// For each request; zero where nothing was counted.
    pub cpu: Cpu,
}

/// Measures the targets alternately, over `connections` at a time. Returns medians over all rounds.
pub async fn in_turns<const N: usize>(
    targets: [&Target; N],
    connections: usize,
    effort: Effort,
) -> Result<[Figures; N]> {
    let mut rounds = [const { Vec::new() }; N];
    for target in targets {
        // A first round fills caches and opens connections to the database.
        round(target, connections, effort.round() / 3).await?;
    }
    for _ in 0..effort.rounds {
        for (target, rounds) in targets.into_iter().zip(&mut rounds) {
            rounds.push(round(target, connections, effort.round()).await?);
        }
    }
    let mut of = targets.iter();
    Ok(rounds.map(|rounds| {
        let rate = median(rounds.iter().map(|round| round.rate));
        let p50 = median(rounds.iter().map(|round| round.p50));
        let p99 = median(rounds.iter().map(|round| round.p99));
        let cpu = Cpu::median(rounds.iter().map(|round| round.cpu));
        let name = of.next().map_or("", |target| target.name);
        eprintln!(
            "  {name}: {rate:.0}/s, p99 {:.2} ms, processors {:.0} µs + PostgreSQL {:.0} µs",
            p99 * 1000.0,
            cpu.server * 1e6,
            cpu.postgres * 1e6
        );
        Figures {
            rate,
            p50,
            p99,
            cpu,
        }
    }))
}

async fn round(target: &Target, connections: usize, length: Duration) -> Result<Figures> {
    let open = (0..connections).map(|_| Connection::open(&target.address));
    let open = try_join_all(open).await?;
    let spent = |target: &Target| {
        target
            .processes
            .map_or(Ok(Cpu::default()), Processes::spent)
    };
    let (before, start) = (spent(target)?, Instant::now());
    let next = Arc::new(AtomicUsize::new(0));
    let loops = open.into_iter().map(|mut connection| {
        let (asks, next) = (target.asks.clone(), Arc::clone(&next));
        tokio::spawn(async move {
            let mut times = Vec::new();
            while start.elapsed() < length {
                let asked = Instant::now();
                let ask = asks.get(next.fetch_add(1, Relaxed) % asks.len());
                connection.send(ask.context("no requests")?).await?;
                times.push(asked.elapsed().as_secs_f64());
            }
            anyhow::Ok(times)
        })
    });
    let mut times = Vec::new();
    for done in try_join_all(loops).await? {
        times.extend(done?);
    }
    let count = f64::from(u32::try_from(times.len())?);
    let rate = count / start.elapsed().as_secs_f64();
    Ok(Figures {
        rate,
        cpu: (spent(target)? - before) / count,
        p50: percentile(times.clone(), 50),
        p99: percentile(times, 99),
    })
}
