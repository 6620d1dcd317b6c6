//! The cost of authentication: an authenticated request, compared with a request that needs none.

use anyhow::Result;
use axum::{Router, routing::get};
use http::header;
use tokio::net::TcpListener;

use crate::{
    Effort,
    client::{Ask, Connection},
    load::{self, Figures, Target},
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;

/// Connections of a busy hour: look-ups then share statements.
const MANY_CONNECTIONS: usize = 64;

/// Measures requests over few connections and over many.
pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let ask = Ask::data("/api/current_session")?;
    let authenticated = ask.clone().with_cookie(&stage.cookie);
    let known = stage.target("authenticated", vec![authenticated.clone()]);
    let stranger = stage.target("anonymous", vec![ask.clone()]);
    let answer = Connection::open(&stage.address)
        .await?
        .send(&authenticated)
        .await?;
    let address = serve(String::from_utf8(answer.body.to_vec())?).await?;
    let bare = Target {
        name: "bare handler",
        address,
        asks: vec![ask],
        processes: None,
    };

    let few = load::in_turns([&known, &stranger, &bare], CONNECTIONS, effort).await?;
    let many = load::in_turns([&known, &bare], MANY_CONNECTIONS, effort).await?;
    report_few(few, report);
    report_many(many, report);
    Ok(())
}

fn report_few([known, stranger, bare]: [Figures; 3], report: &mut Report) {
    report.cpu("authenticated request", known.cpu);
    report.cpu("anonymous request", stranger.cpu);
    let mut row = |what, value| report.row(what, value, "", Bound::None);
    row(
        "authenticated requests per second ÷ a bare handler's",
        known.rate / bare.rate,
    );
    row(
        "authenticated requests per second ÷ anonymous ones",
        known.rate / stranger.rate,
    );
    row(
        "authenticated request, p99 ÷ a bare handler's",
        known.p99 / bare.p99,
    );
    row(
        "authenticated request, p99 ÷ an anonymous one's",
        known.p99 / stranger.p99,
    );
}

fn report_many([known, bare]: [Figures; 2], report: &mut Report) {
    report.cpu("authenticated request, 64 connections", known.cpu);
    report.row(
        "authenticated requests per second ÷ a bare handler's, 64 connections",
        known.rate / bare.rate,
        "",
        Bound::AtLeast(0.18),
    );
}

/// A server that answers everything with `body`: the least that a request can cost on the same web framework.
async fn serve(body: String) -> Result<String> {
    let answer = async move || ([(header::CONTENT_TYPE, "application/json")], body);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let router = Router::new().fallback(get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
