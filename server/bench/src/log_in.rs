//! A log-in, compared with the hash that takes most of its time.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use argon2::{Argon2, PasswordVerifier as _, password_hash::phc};
use futures::future::try_join_all;

use crate::{
    Effort,
    client::Connection,
    cpu::Cpu,
    load,
    percentile::median,
    report::{Bound, Report},
    stage::{PASSWORD, Stage},
};

/// Log-ins in each round, one after the other.
const IN_A_ROW: u32 = 10;

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let mut connection = Connection::open(&stage.address).await?;
    let ask = stage.log_in()?;
    let (mut log_ins, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        for _ in 0..IN_A_ROW {
            let start = Instant::now();
            connection.send(&ask).await?;
            log_ins.push(start.elapsed().as_secs_f64());
        }
        for _ in 0..IN_A_ROW {
            let start = Instant::now();
            verify().await?;
            bare.push(start.elapsed().as_secs_f64());
        }
    }
    let (log_in, bare) = (median(log_ins), median(bare));
    eprintln!(
        "  log-in {:.1} ms, bare {:.1} ms (p50)",
        log_in * 1000.0,
        bare * 1000.0
    );
    let what = "log-in, p50 ÷ one bare argon2id verification";
    report.row(what, log_in / bare, "", Bound::AtMost(1.1));
    on_all_cores(stage, effort, bare, report).await
}

/// Parallel log-ins, as a share of what the cores could do if they did not share memory and bus.
async fn on_all_cores(stage: &Stage, effort: Effort, bare: f64, report: &mut Report) -> Result<()> {
    let possible = f64::from(u32::try_from(stage.cores)?) / bare;
    let target = stage.target("log-in", vec![stage.log_in()?]);
    let (mut hashes, mut few, mut many) = (Vec::new(), Vec::new(), Vec::new());
    let mut cpu = Vec::new();
    let once = Effort {
        rounds: 1,
        ..effort
    };
    for _ in 0..effort.rounds {
        hashes.push(verifications_per_second(stage.cores, effort.round()).await?);
        let [figures] = load::in_turns([&target], stage.cores, once).await?;
        few.push(figures.rate);
        cpu.push(figures.cpu);
        let [figures] = load::in_turns([&target], 4 * stage.cores, once).await?;
        many.push(figures.rate);
    }
    report.cpu("log-in", Cpu::median(cpu.into_iter()));
    let mut row = |what, rates| report.row(what, median(rates) / possible, "", Bound::None);
    row(
        "log-ins per second, as many at once as cores ÷ (cores ÷ that time)",
        few,
    );
    row(
        "log-ins per second, four times as many at once ÷ (cores ÷ that time)",
        many,
    );
    row(
        "for comparison: bare verifications, as many at once as cores",
        hashes,
    );
    Ok(())
}

async fn verifications_per_second(at_once: usize, length: Duration) -> Result<f64> {
    let start = Instant::now();
    let loops = (0..at_once).map(async |_| {
        let mut count = 0;
        while start.elapsed() < length {
            verify().await?;
            count += 1;
        }
        anyhow::Ok(count)
    });
    let count: u32 = try_join_all(loops).await?.into_iter().sum();
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// Verifies a password with the server's default parameters, and like the server on a thread that may block.
async fn verify() -> Result<()> {
    /// The hash of [`PASSWORD`].
    const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$bGF0Y2hrZXktYmVuY2guLg$7XTAyitgYqw4u2JSmRYdcDF99wDflilOWDCiB9SZCOA";
    let verified = tokio::task::spawn_blocking(|| {
        let hash = phc::PasswordHash::new(HASH)?;
        Argon2::default().verify_password(PASSWORD.as_bytes(), &hash)
    });
    verified.await?.map_err(|error| anyhow!("{error}"))
}
