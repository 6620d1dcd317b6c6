//! The cost of authentication: an authenticated request, compared with a request that needs none.

use anyhow::Result;
use axum::{Router, routing::get};
use http::header;
use tokio::net::TcpListener;

use crate::{
    Effort,
    client::{Ask, Connection},
    load::{self, Target},
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;

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

    let targets = [&known, &stranger, &bare];
    let [known, stranger, bare] = load::in_turns(targets, CONNECTIONS, effort).await?;
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
    Ok(())
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
