//! The number of PostgreSQL's writes for requests of one session.

use std::time::Instant;

use anyhow::Result;
use futures::future::try_join_all;
use sqlx::{Connection as _, PgConnection};

use crate::{
    Effort,
    client::{Ask, Connection},
    report::{Bound, Report},
    stage::Stage,
};

const REQUESTS: usize = 1000;
const CONNECTIONS: usize = 8;

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let mut postgres = PgConnection::connect(&stage.postgres(Stage::DATABASE)).await?;
    let ask = Ask::data("/api/current_session")?.with_cookie(&stage.cookie);
    // The token's first use is also written. It comes before the measurement.
    Connection::open(&stage.address).await?.send(&ask).await?;
    let (mut counts, mut minutes) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let (before, start) = (transactions(&mut postgres).await?, Instant::now());
        let loops = (0..CONNECTIONS).map(async |_| {
            let mut connection = Connection::open(&stage.address).await?;
            for _ in 0..REQUESTS / CONNECTIONS {
                connection.send(&ask).await?;
            }
            anyhow::Ok(())
        });
        try_join_all(loops).await?;
        let written = transactions(&mut postgres).await? - before;
        counts.push(f64::from(u32::try_from(written)?));
        minutes.push(start.elapsed().as_secs_f64() / 60.0);
    }
    eprintln!("  writes per {REQUESTS} requests: {counts:?}");
    let counts = counts.into_iter().zip(minutes);
    // One write is always allowed, and one more for each passed minute.
    let beyond = counts.map(|(count, minutes)| count - (1.0 + minutes).floor());
    let most = beyond.fold(f64::MIN, f64::max) + 1.0;
    let what = "most transactions that write, per 1,000 requests of one session within a minute";
    report.row(what, most, "", Bound::AtMost(1.0));
    Ok(())
}

/// Number of the next transaction that writes, in any database. Each such transaction takes one number.
async fn transactions(postgres: &mut PgConnection) -> Result<i64> {
    let next = "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
    Ok(sqlx::query_scalar(next).fetch_one(postgres).await?)
}
