//! The sweep of a database with many sessions, and its effect on requests.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use tracing::{
    Event, Instrument as _, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};

use crate::{
    percentile::percentile,
    report::{Bound, Report},
    rows::Rows,
};

/// Length of the measurement before the sweep.
const ALONE: Duration = Duration::from_secs(10);

pub async fn measure(rows: &Rows, report: &mut Report) -> Result<()> {
    let longest = Longest::default();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(longest.clone()))?;
    let alone = ask_until(rows, |since| since >= ALONE).await?;
    let is_done = AtomicBool::new(false);
    let sweep = async {
        let start = Instant::now();
        let swept = rows.core.sweeper.sweep(&rows.database);
        let swept = swept.instrument(tracing::info_span!("sweep")).await?;
        is_done.store(true, SeqCst);
        anyhow::Ok((swept, start.elapsed().as_secs_f64()))
    };
    let meanwhile = ask_until(rows, |_| is_done.load(SeqCst));
    let ((swept, seconds), meanwhile) = tokio::try_join!(sweep, meanwhile)?;
    let count = u32::try_from(swept.marked)? + u32::try_from(swept.forgotten)?;
    let longest = longest.milliseconds();
    eprintln!("  swept: {swept:?} in {seconds:.1} s, longest statement {longest:.0} ms");

    let thousands = f64::from(count) / seconds / 1000.0;
    report.row(
        "sweep of the largest, while it is used: thousand sessions per second",
        thousands,
        "",
        Bound::None,
    );
    report.row("the same, longest statement", longest, " ms", Bound::None);
    let mut row = |what, now: &[f64], before: &[f64], percent| {
        let of = |times: &[f64]| percentile(times.to_vec(), percent);
        eprintln!(
            "  {what}: {:.2} ms, else {:.2} ms",
            of(now) * 1e3,
            of(before) * 1e3
        );
        report.row(what, of(now) / of(before), "", Bound::None);
    };
    let ((requests, log_ins), (requests_alone, log_ins_alone)) = (&meanwhile, &alone);
    row(
        "look-up during the sweep, p50 ÷ else",
        requests,
        requests_alone,
        50,
    );
    row("the same, p99", requests, requests_alone, 99);
    row(
        "log-in during the sweep, p50 ÷ else",
        log_ins,
        log_ins_alone,
        50,
    );
    row("the same, p99", log_ins, log_ins_alone, 99);
    let slowest = requests.iter().chain(log_ins).copied().fold(0.0, f64::max);
    report.row(
        "slowest of all of them during the sweep",
        slowest * 1e3,
        " ms",
        Bound::None,
    );
    Ok(())
}

/// Seconds of look-ups and of log-ins, one of each at a time.
async fn ask_until(
    rows: &Rows,
    is_over: impl Fn(Duration) -> bool,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let start = Instant::now();
    let requests = async {
        let mut times = Vec::new();
        while !is_over(start.elapsed()) {
            times.push(rows.look_up().await?);
        }
        anyhow::Ok(times)
    };
    let log_ins = async {
        let mut times = Vec::new();
        while !is_over(start.elapsed()) {
            times.push(rows.log_in().await?);
        }
        anyhow::Ok(times)
    };
    tokio::try_join!(requests, log_ins)
}

/// The longest statement of the sweep, in microseconds, by sqlx's log.
#[derive(Clone, Default)]
struct Longest(Arc<AtomicU64>);

impl Longest {
    fn milliseconds(&self) -> f64 {
        Duration::from_micros(self.0.load(SeqCst)).as_secs_f64() * 1e3
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Longest {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        // An event without a span does not come from the sweep.
        if context.event_span(event).is_some() {
            event.record(&mut self.clone());
        }
    }
}

impl Visit for Longest {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs"
            && let Ok(elapsed) = Duration::try_from_secs_f64(value)
        {
            let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
            self.0.fetch_max(micros, SeqCst);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "the value itself comes back")]
    fn the_longest_statement_of_the_sweep_is_found() {
        let longest = Longest::default();
        let subscriber = tracing_subscriber::registry().with(longest.clone());
        let tell = |elapsed_secs: f64| {
            tracing::debug!(target: "sqlx::query", elapsed_secs, "select");
        };
        tracing::subscriber::with_default(subscriber, || {
            tell(3.0);
            tracing::info_span!("sweep").in_scope(|| [0.001, 0.25, 0.002].map(tell));
        });
        assert_eq!(longest.milliseconds(), 250.0);
    }
}
