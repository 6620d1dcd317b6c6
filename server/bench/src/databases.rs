//! Requests to many databases in turn, while PostgreSQL permits as many connections as by default.

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{
    Effort,
    client::{Ask, Connection},
    load,
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;
/// The number of databases that all stay open.
const FEW: usize = 20;
const MANY: usize = 200;
const MODEL: &str = "model";
/// PostgreSQL's defaults: 100 connections, of which 3 are reserved.
const LIMIT: &str = "alter role current_user connection limit 97";
const NO_LIMIT: &str = "alter role current_user connection limit -1";

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    stage.create_database(MODEL)?;
    let mut postgres = PgConnection::connect(&stage.postgres("postgres")).await?;
    let stranger = Ask::data("/api/current_session")?;
    let stranger = stage.target("a stranger", vec![stranger]);
    let [alone] = load::in_turns([&stranger], CONNECTIONS, effort).await?;

    run(&mut postgres, LIMIT).await?;
    let asks = open_sessions(stage, &mut postgres).await?;
    let few = stage.target("few databases", asks.iter().take(FEW).cloned().collect());
    let many = stage.target("many databases", asks);
    let [few, many, among] = load::in_turns([&few, &many, &stranger], CONNECTIONS, effort).await?;
    run(&mut postgres, NO_LIMIT).await?;
    postgres.close().await?;

    let what = format!(
        "authenticated request, {MANY} databases in turn over PostgreSQL's default of 100 connections"
    );
    report.cpu(&what, many.cpu);
    let mut ratio = |what: &str, value, bound| report.row(what, value, "", bound);
    ratio(
        &format!("such requests per second ÷ those to {FEW} databases in turn"),
        many.rate / few.rate,
        Bound::None,
    );
    ratio(
        &format!("anonymous request, processor time with {MANY} databases ÷ with 2"),
        among.cpu.sum() / alone.cpu.sum(),
        Bound::AtMost(1.2),
    );
    Ok(())
}

/// Copies a database many times. Returns requests of a session in each of the copies.
async fn open_sessions(stage: &Stage, postgres: &mut PgConnection) -> Result<Vec<Ask>> {
    // No node opens the model, so that it can be copied.
    run(postgres, &format!("comment on database {MODEL} is null")).await?;
    let mut connection = Connection::open(&stage.address).await?;
    let mut asks = Vec::new();
    for number in 0..MANY {
        let name = format!("many_{number}");
        run(
            postgres,
            &format!("create database {name} template {MODEL}"),
        )
        .await?;
        run(
            postgres,
            &format!("comment on database {name} is 'Latchkey database'"),
        )
        .await?;
        let answer = connection.send(&stage.log_in_to(&name)?).await?;
        let ask = Ask::data("/api/current_session")?.with_cookie(&answer.session_cookie()?);
        // The token's first use is written.
        connection.send(&ask).await?;
        asks.push(ask);
    }
    Ok(asks)
}

async fn run(postgres: &mut PgConnection, statement: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
        .execute(postgres)
        .await?;
    Ok(())
}
