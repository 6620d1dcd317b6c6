//! The largest page, rendered on the server, compared with a small file from nginx.

use anyhow::Result;
use http::header;

use crate::{
    Effort,
    client::Ask,
    load::{self, Target},
    nginx,
    report::{Bound, Report},
    stage::Stage,
};

const CONNECTIONS: usize = 8;
const FILE_BYTES: usize = 2048;
const WHAT: &str = "Devices page with 20 sessions, per second ÷ a 2 kB file from nginx";

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let Some((_nginx, address)) = nginx::start(&stage.folder("nginx"), FILE_BYTES).await? else {
        report.skip(WHAT, "nginx is not installed (apt-get install nginx-light)");
        return Ok(());
    };
    let ask = Ask::page("/profile/devices")?.with_cookie(&stage.cookie);
    let page = stage.target("devices page", vec![ask.clone()]);
    let plain = ask.with(header::ACCEPT_ENCODING, "identity");
    let plain = stage.target("devices page, not compressed", vec![plain]);
    let file = Target {
        name: "nginx",
        address,
        asks: vec![Ask::page("/file")?],
        processes: None,
    };

    let targets = [&page, &plain, &file];
    let [page, plain, file] = load::in_turns(targets, CONNECTIONS, effort).await?;
    report.row(WHAT, page.rate / file.rate, "", Bound::AtLeast(0.02));
    report.row(
        "the same, not compressed",
        plain.rate / file.rate,
        "",
        Bound::None,
    );
    report.cpu("Devices page", page.cpu);
    Ok(())
}
