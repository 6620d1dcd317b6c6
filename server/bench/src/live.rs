//! The time until a revoke at one node is known at another, and the cost of an open stream.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::{
    Effort,
    client::{Ask, Connection},
    load::{self, Figures, Target},
    memory,
    percentile::percentile,
    program::Program,
    report::{Bound, Report},
    stage::Stage,
};

const REVOKES: usize = 1000;
const STREAMS: u32 = USERS * SESSIONS_PER_USER * STREAMS_PER_SESSION;
/// Users with open streams: one user may have fewer than are opened.
const USERS: u32 = 20;
const SESSIONS_PER_USER: u32 = 10;
/// Streams of one session, fewer than a session may have.
const STREAMS_PER_SESSION: u32 = 5;
/// Connections for other requests to the node with the streams.
const CONNECTIONS: usize = 8;

pub async fn measure(stage: &Stage, effort: Effort, report: &mut Report) -> Result<()> {
    let (node, there) = stage.another_node()?;
    revokes(stage, &there, report).await?;
    streams(stage, effort, &node, &there, report).await
}

async fn revokes(stage: &Stage, there: &str, report: &mut Report) -> Result<()> {
    let mut seconds = Vec::with_capacity(REVOKES);
    let mut here = Connection::open(&stage.address).await?;
    let log_in = stage.log_in()?;
    let me = here.send(&log_in).await?.session_cookie()?;
    for _ in 0..REVOKES {
        let cookie = here.send(&log_in).await?.session_cookie()?;
        seconds.push(revoke(&mut here, &me, there, &cookie).await?);
    }
    let milliseconds = |percent| percentile(seconds.clone(), percent) * 1000.0;
    let slowest = seconds.iter().copied().fold(0.0, f64::max) * 1000.0;
    let (p50, p99) = (milliseconds(50), milliseconds(99));
    eprintln!("  revoke: p50 {p50:.1} ms, p99 {p99:.1} ms, slowest {slowest:.1} ms");
    let what = "revoke at one node to `ended` at another, p50 of 1,000";
    report.row(what, p50, " ms", Bound::None);
    report.row("the same, p99", p99, " ms", Bound::None);
    report.row("the same, slowest", slowest, " ms", Bound::AtMost(1000.0));
    Ok(())
}

/// The cost of open streams, for the node's memory and for other requests.
async fn streams(
    stage: &Stage,
    effort: Effort,
    node: &Program,
    there: &str,
    report: &mut Report,
) -> Result<()> {
    let mut here = Connection::open(&stage.address).await?;
    // All log-ins and first uses come before the first stream, because each would wake all open streams.
    let mut cookies = Vec::new();
    for user in 0..USERS {
        let log_in = stage.another_user(&format!("user-{user}@example.com"))?;
        for _ in 0..SESSIONS_PER_USER {
            let cookie = here.send(&log_in).await?.session_cookie()?;
            let ask = Ask::data("/api/current_session")?.with_cookie(&cookie);
            here.send(&ask).await?;
            cookies.push(cookie);
        }
    }
    let before = memory::megabytes(node.id(), "VmRSS")?;
    let mut open = Vec::new();
    for cookie in cookies {
        for _ in 0..STREAMS_PER_SESSION {
            open.push(Stream::open(there, &cookie).await?);
        }
    }
    let grown = memory::megabytes(node.id(), "VmRSS")? - before;
    eprintln!("  streams: {grown:.1} MB for {STREAMS}");
    let what = "1,000 open streams, memory of each";
    report.row(
        what,
        grown * 1000.0 / f64::from(STREAMS),
        " kB",
        Bound::None,
    );
    // The node without streams is measured alternately, so other work on the machine slows down both sides.
    let ask = Ask::data("/api/current_session")?.with_cookie(&stage.cookie);
    let beside = Target {
        name: "beside streams",
        address: there.to_owned(),
        asks: vec![ask.clone()],
        processes: None,
    };
    let without = stage.target("without streams", vec![ask]);
    let targets = [&beside, &without];
    let [beside, without] = load::in_turns(targets, CONNECTIONS, effort).await?;
    let mut row = |what, of: fn(Figures) -> f64| {
        report.row(what, of(beside) / of(without), "", Bound::None);
    };
    let what = "another request there, p50 ÷ at a node without streams";
    row(what, |figures| figures.p50);
    row("the same, p99", |figures| figures.p99);
    drop(open);
    Ok(())
}

/// Seconds from the revoke to the event on the other node's stream.
async fn revoke(
    here: &mut Connection,
    me: &HeaderValue,
    there: &str,
    cookie: &HeaderValue,
) -> Result<f64> {
    let mut stream = Stream::open(there, cookie).await?;
    let mut asking = Connection::open(there).await?;
    let list = Ask::data("/api/list_devices")?.with_cookie(cookie);
    let devices = asking.send(&list).await?;
    let id = first_id(&devices.body)?;
    let revoke = Ask::revoke(&id)?.with_cookie(me);
    let start = Instant::now();
    let revoked = async {
        here.send(&revoke).await?;
        let answer = asking.start(&list).await?;
        let is_refused = answer.status() == StatusCode::UNAUTHORIZED;
        ensure!(is_refused, "a revoked session was answered");
        Ok(())
    };
    let ended = async {
        stream.hear("ended").await?;
        anyhow::Ok(start.elapsed().as_secs_f64())
    };
    let ((), seconds) = tokio::try_join!(revoked, ended)?;
    Ok(seconds)
}

/// The id of the first device, which is the current one.
fn first_id(devices: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(devices)?;
    let id = text.split('"').nth(3).context("no device")?;
    Ok(id.to_owned())
}

/// An open stream of events, and its connection.
struct Stream {
    body: Response<Incoming>,
    _connection: Connection,
}

impl Stream {
    /// Opens a stream, and returns when the server has sent the present state.
    async fn open(address: &str, cookie: &HeaderValue) -> Result<Self> {
        let mut connection = Connection::open(address).await?;
        let body = connection
            .start(&Ask::events()?.with_cookie(cookie))
            .await?;
        ensure!(body.status() == StatusCode::OK, "{}", body.status());
        let mut stream = Self {
            body,
            _connection: connection,
        };
        stream.hear("devices").await?;
        Ok(stream)
    }

    async fn hear(&mut self, event: &str) -> Result<()> {
        let line = format!("event: {event}\n");
        loop {
            let frame = self.body.frame().await.context("the stream ended")??;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if std::str::from_utf8(&data)?.contains(&line) {
                return Ok(());
            }
        }
    }
}
