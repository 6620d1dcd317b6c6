//! The largest page, rendered on the server, beside a small file from nginx.

use anyhow::Result;
use http::header;

use crate::{
    Effort,
    client::{Ask, Connection},
    load::{self, Target},
    nginx,
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;
const FILE: usize = 2048;

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let ask = Ask::page("/profile/devices").with_cookie(&stage.cookie);
    let compressed = stage.target(ask.clone());
    let plain = stage.target(ask.with(header::ACCEPT_ENCODING, "identity"));
    let mut connection = Connection::open(&stage.address).await?;
    for (how, target) in [("compressed", &compressed), ("plain", &plain)] {
        let size = connection.send(&target.ask).await?.body.len();
        report.note(&format!("devices page, {how}: {size} bytes"));
    }
    let what = "Devices page with 20 sessions, per second ÷ a 2 kB file from nginx";
    let Some((_nginx, address)) = nginx::start(&stage.folder("nginx"), FILE).await? else {
        report.skip(what, "nginx is not installed (apt-get install nginx-light)");
        return Ok(());
    };
    let file = Target {
        address,
        ask: Ask::page("/file"),
    };
    let [compressed, plain, file] =
        load::in_turns([&compressed, &plain, &file], CONNECTIONS, effort).await?;
    for (what, figures) in [
        ("compressed", compressed),
        ("plain", plain),
        ("nginx", file),
    ] {
        let rate = figures.requests_per_second;
        report.note(&format!(
            "{what}: {rate:.0}/s, p50 {:.2?}, p99 {:.2?}",
            figures.p50, figures.p99
        ));
    }
    report.ratio(
        what,
        compressed.requests_per_second / file.requests_per_second,
        Bound::AtLeast(0.1),
    );
    report.ratio(
        "the same without compression",
        plain.requests_per_second / file.requests_per_second,
        Bound::None,
    );
    Ok(())
}
