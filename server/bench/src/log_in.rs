//! A log-in beside the hash that makes most of it.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc,
};
use futures::future::try_join_all;

use crate::{
    Effort,
    client::Connection,
    load::{self, middle, percentile, ratio},
    report::{Bound, Report},
    stage::{ARGON2, PASSWORD, Stage},
};

/// Log-ins and hashes one after the other in each round.
const IN_A_ROW: u32 = 10;

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let hash = stored()?;
    let mut connection = Connection::open(&stage.address).await?;
    let (mut log_ins, mut hashes) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        for _ in 0..IN_A_ROW {
            let start = Instant::now();
            connection.send(&stage.log_in()).await?;
            log_ins.push(start.elapsed());
        }
        for _ in 0..IN_A_ROW {
            let start = Instant::now();
            verify(&hash).await?;
            hashes.push(start.elapsed());
        }
    }
    let log_in = percentile(log_ins.into_iter(), 50);
    let bare = percentile(hashes.into_iter(), 50);
    report.note(&format!(
        "log-in {log_in:.1?}, bare argon2id {bare:.1?} (p50)"
    ));
    report.ratio(
        "log-in, p50 ÷ one bare argon2id verification",
        ratio(log_in, bare),
        Bound::AtMost(1.1),
    );

    let target = stage.target(stage.log_in());
    let possible = f64::from(u32::try_from(stage.cores)?) / bare.as_secs_f64();
    let mut on_all_cores = Vec::new();
    let mut by_few = Vec::new();
    let mut by_many = Vec::new();
    let once = Effort {
        rounds: 1,
        ..effort
    };
    for _ in 0..effort.rounds {
        on_all_cores.push(hashes_per_second(&hash, stage.cores, effort.round).await?);
        let [few] = load::in_turns([&target], stage.cores, once).await?;
        let [many] = load::in_turns([&target], 4 * stage.cores, once).await?;
        by_few.push(few.requests_per_second);
        by_many.push(many.requests_per_second);
    }
    for (what, rates) in [
        (
            "bare verifications per second on all cores ÷ (cores ÷ bare time)",
            on_all_cores,
        ),
        (
            "log-ins per second, as many at once as cores ÷ (cores ÷ bare time)",
            by_few,
        ),
        (
            "log-ins per second, four times as many at once ÷ (cores ÷ bare time)",
            by_many,
        ),
    ] {
        let rate = middle(rates.into_iter());
        report.note(&format!("{what}: {rate:.0}/s of {possible:.0}/s"));
        report.ratio(what, rate / possible, Bound::None);
    }
    Ok(())
}

async fn hashes_per_second(hash: &str, at_once: usize, length: Duration) -> Result<f64> {
    let start = Instant::now();
    let loops = (0..at_once).map(async |_| {
        let mut count = 0;
        while start.elapsed() < length {
            verify(hash).await?;
            count += 1;
        }
        anyhow::Ok(count)
    });
    let count: u32 = try_join_all(loops).await?.into_iter().sum();
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// Where the server does it too: on a thread that may block.
async fn verify(hash: &str) -> Result<()> {
    let hash = hash.to_owned();
    tokio::task::spawn_blocking(move || {
        let hash = phc::PasswordHash::new(&hash).map_err(|error| anyhow!("{error}"))?;
        Argon2::default()
            .verify_password(PASSWORD.as_bytes(), &hash)
            .map_err(|error| anyhow!("{error}"))
    })
    .await?
}

fn stored() -> Result<String> {
    let (memory, iterations, lanes) = ARGON2;
    let params =
        Params::new(memory, iterations, lanes, None).map_err(|error| anyhow!("{error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: phc::PasswordHash = argon2
        .hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16])
        .map_err(|error| anyhow!("{error}"))?;
    Ok(hash.to_string())
}
