//! What it costs to know who is asking: an authenticated request beside one that knows nothing.

use anyhow::{Context as _, Result};

use crate::{
    Effort, bare,
    client::{Ask, Connection},
    load::{self, Target, ratio},
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let ask = Ask::data("/api/current_session");
    let known = stage.target(ask.clone().with_cookie(&stage.cookie));
    let stranger = stage.target(ask.clone());
    let answer = Connection::open(&stage.address)
        .await?
        .send(&known.ask)
        .await?;
    let body = std::str::from_utf8(&answer.body).context("the answer is no text")?;
    let (_bare, address) = bare::start(body)?;
    let bare = Target { address, ask };

    let [known, stranger, bare] =
        load::in_turns([&known, &stranger, &bare], CONNECTIONS, effort).await?;
    for (who, figures) in [
        ("authenticated", known),
        ("anonymous", stranger),
        ("bare handler", bare),
    ] {
        let rate = figures.requests_per_second;
        report.note(&format!(
            "{who}: {rate:.0} requests/s, p50 {:.2?}, p99 {:.2?}",
            figures.p50, figures.p99
        ));
    }
    let rate = known.requests_per_second;
    report.ratio(
        "authenticated requests per second ÷ a bare handler's",
        rate / bare.requests_per_second,
        Bound::None,
    );
    report.ratio(
        "authenticated requests per second ÷ anonymous ones",
        rate / stranger.requests_per_second,
        Bound::None,
    );
    report.ratio(
        "authenticated request, p99 ÷ a bare handler's p99",
        ratio(known.p99, bare.p99),
        Bound::None,
    );
    report.ratio(
        "authenticated request, p99 ÷ an anonymous one's p99",
        ratio(known.p99, stranger.p99),
        Bound::None,
    );
    Ok(())
}
