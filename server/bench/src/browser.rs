//! What a person loads and waits for, measured in Chromium by Playwright.

use std::{
    fs,
    io::stderr,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::{
    report::{Bound, Report},
    stage::{PASSWORD, Stage},
};

/// The folder of the Playwright project.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../end2end");
const LOGIN: &str = "radia@example.com";
/// The devices besides the browser that measures.
const OTHER_DEVICES: usize = 19;

/// What `end2end/bench` measures, in bytes, milliseconds, numbers and ratios.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Figures {
    log_in_page_bytes: f64,
    bytes_in_advance: f64,
    wasm_bytes_of_further_language: f64,
    devices_bytes: f64,
    documents_of_walk: f64,
    event_streams: f64,
    heap_growth: f64,
    to_devices_ms: f64,
    to_devices_by_request_alone: f64,
    devices_blocked_ms: f64,
    home_hydrated_ms: f64,
    home_hydrated_since_press_ms: f64,
    home_hydrated_at_first_ms: f64,
}

pub async fn measure(stage: &Stage, report: &mut Report) -> Result<()> {
    stage.another_user_with(OTHER_DEVICES, LOGIN).await?;
    let file = stage.folder("figures.json");
    let measured = Command::new("npx")
        .args([
            "--no-install",
            "playwright",
            "test",
            "--config",
            "bench.config.ts",
        ])
        .current_dir(PROJECT)
        .env(
            "LATCHKEY_BENCH_ORIGIN",
            ["http://", &stage.address].concat(),
        )
        .env("LATCHKEY_BENCH_LOGIN", LOGIN)
        .env("LATCHKEY_BENCH_PASSWORD", PASSWORD)
        .env("LATCHKEY_BENCH_FIGURES", &file)
        // The table alone is the output.
        .stdout(Stdio::from(stderr()))
        .status()
        .context("cannot start Playwright")?;
    ensure!(measured.success(), "the measurement in the browser failed");
    let figures = serde_json::from_slice(&fs::read(file)?).context("not all figures are there")?;
    report_bytes(&figures, report);
    report_times(&figures, report);
    Ok(())
}

fn report_bytes(figures: &Figures, report: &mut Report) {
    let mut row = |what, bytes, bound| report.row(what, bytes / 1000.0, " kB", bound);
    row(
        "first load of the log-in page in Chromium, all bytes on the wire",
        figures.log_in_page_bytes,
        Bound::AtMost(145.0),
    );
    row(
        "fetched in advance there, for the page after the log-in",
        figures.bytes_in_advance,
        Bound::None,
    );
    row(
        "first load of Devices with 20 devices, all bytes on the wire",
        figures.devices_bytes,
        Bound::AtMost(250.0),
    );
    row(
        "WebAssembly that a further language adds",
        figures.wasm_bytes_of_further_language,
        Bound::AtMost(0.0),
    );
}

fn report_times(figures: &Figures, report: &mut Report) {
    let mut row = |what, value, unit, bound| report.row(what, value, unit, bound);
    row(
        "documents loaded on the way from Home to Devices, Security, Activity and Home",
        figures.documents_of_walk,
        "",
        Bound::AtMost(0.0),
    );
    row(
        "streams of events opened on that way and 50 more",
        figures.event_streams,
        "",
        Bound::AtMost(1.0),
    );
    row(
        "script's heap after 200 pages ÷ after 20",
        figures.heap_growth,
        "",
        Bound::AtMost(1.2),
    );
    row(
        "Home to Devices over 1.6 Mbit/s and 100 ms, processor ÷ 4, p50",
        figures.to_devices_ms,
        " ms",
        Bound::AtMost(250.0),
    );
    row(
        "the same ÷ a request for that page alone",
        figures.to_devices_by_request_alone,
        "",
        Bound::AtMost(1.5),
    );
    row(
        "Devices with 20 devices, blocked while it loads there",
        figures.devices_blocked_ms,
        " ms",
        Bound::AtMost(200.0),
    );
    row(
        "Home after the log-in over Fast 4G, from its request until it is hydrated",
        figures.home_hydrated_ms,
        " ms",
        Bound::AtMost(400.0),
    );
    row(
        "the same from the press of the button",
        figures.home_hydrated_since_press_ms,
        " ms",
        Bound::None,
    );
    row(
        "the same from its request, at the first log-in of a browser",
        figures.home_hydrated_at_first_ms,
        " ms",
        Bound::None,
    );
}
