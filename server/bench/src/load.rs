//! Closed loops: so many connections, each with one request under way. And what to make of the times.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;

use crate::{
    Effort,
    client::{Ask, Connection},
};

/// Something that can be asked over and over.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: String,
    pub ask: Ask,
}

/// What came of asking: medians over all rounds.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub requests_per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Asks the targets in turns, over `connections` at a time.
pub async fn in_turns<const N: usize>(
    targets: [&Target; N],
    connections: usize,
    effort: Effort,
) -> Result<[Figures; N]> {
    let mut rounds = [const { Vec::new() }; N];
    for target in targets {
        // Caches fill, connections to the database open.
        round(target, connections, effort.round / 3).await?;
    }
    for _ in 0..effort.rounds {
        for (target, rounds) in targets.into_iter().zip(&mut rounds) {
            rounds.push(round(target, connections, effort.round).await?);
        }
    }
    Ok(rounds.map(|rounds| Figures {
        requests_per_second: middle(rounds.iter().map(|round| round.requests_per_second)),
        p50: percentile(rounds.iter().map(|round| round.p50), 50),
        p99: percentile(rounds.iter().map(|round| round.p99), 50),
    }))
}

async fn round(target: &Target, connections: usize, length: Duration) -> Result<Figures> {
    let open = (0..connections).map(|_| Connection::open(&target.address));
    let open = try_join_all(open).await?;
    let start = Instant::now();
    let loops = open.into_iter().map(|mut connection| {
        let ask = target.ask.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            while start.elapsed() < length {
                let asked = Instant::now();
                connection.send(&ask).await?;
                times.push(asked.elapsed());
            }
            anyhow::Ok(times)
        })
    });
    let mut times = Vec::new();
    for done in try_join_all(loops).await? {
        times.extend(done?);
    }
    let count = u32::try_from(times.len()).context("too many requests")?;
    Ok(Figures {
        requests_per_second: f64::from(count) / start.elapsed().as_secs_f64(),
        p50: percentile(times.iter().copied(), 50),
        p99: percentile(times.iter().copied(), 99),
    })
}

/// The time within which `percent` of them are.
pub fn percentile(times: impl Iterator<Item = Duration>, percent: usize) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times
        .get(times.len() * percent / 100)
        .copied()
        .unwrap_or_default()
}

/// The median.
pub fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How many times as long.
pub fn ratio(time: Duration, other: Duration) -> f64 {
    time.as_secs_f64() / other.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_a_value_that_was_measured() {
        assert!((middle([3.0, 1.0, 2.0].into_iter()) - 2.0).abs() < f64::EPSILON);
        let times = || (1..=100).map(Duration::from_millis);
        assert_eq!(percentile(times(), 50), Duration::from_millis(51));
        assert_eq!(percentile(times(), 99), Duration::from_millis(100));
        assert_eq!(percentile(std::iter::empty(), 99), Duration::ZERO);
    }
}
