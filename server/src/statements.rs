//! The SQL statements of a request, for debug mode.
//!
//! sqlx logs each statement as a tracing event. [`Collector`] stands around the log and takes the events of tasks that work for a
//! request under [`collect`]. For other tasks the collector only looks up a task-local variable. An event has the text of the
//! statement with `$1` for each value. Only the beginning of a transaction has values: the user, the companies and the rights of
//! the person.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use tracing::{
    Event, Instrument as _, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_core::span::Current;

/// The target of sqlx's events.
const TARGET: &str = "sqlx::query";

/// The largest number of statements that are kept of a request.
const MOST: usize = 200;

tokio::task_local! {
    /// The statements of the request that the task works for.
    static COLLECTED: Collected;
}

/// A statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statement {
    /// The text, with `$1` in the place of the first value.
    pub sql: String,
    /// The time until the last row came.
    pub elapsed: Duration,
    /// The number of rows that were returned or changed.
    pub rows: u64,
}

/// The statements of a request, in the order in which they ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statements {
    /// The first of them; 200 at most.
    pub first: Vec<Statement>,
    /// The number of all.
    pub count: usize,
    /// The time of all.
    pub elapsed: Duration,
}

type Collected = Arc<Mutex<Statements>>;

/// Does some work, and collects the statements of the work.
pub(crate) async fn collect<W: Future>(work: W) -> (W::Output, Statements) {
    let collected = Collected::default();
    let output = COLLECTED.scope(Arc::clone(&collected), work).await;
    let statements = std::mem::take(&mut *lock(&collected));
    (output, statements)
}

fn lock(collected: &Collected) -> std::sync::MutexGuard<'_, Statements> {
    collected.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A log whose statements are collected. The log gets the events that it wants, and no others.
pub(crate) struct Collector<S>(pub S);

/// The level at which sqlx logs a statement that is not slow.
const LEVEL: Level = Level::DEBUG;

fn is_statement(event: &Metadata<'_>) -> bool {
    event.target() == TARGET
}

fn is_collecting() -> bool {
    COLLECTED.try_with(|_| ()).is_ok()
}

fn keep(event: &Event<'_>) {
    let mut fields = Fields::default();
    event.record(&mut fields);
    let statement = fields.into_statement();
    // Outside of a request there is nothing to keep.
    let _ = COLLECTED.try_with(|collected| {
        let mut statements = lock(collected);
        statements.count += 1;
        statements.elapsed += statement.elapsed;
        if statements.first.len() < MOST {
            statements.first.push(statement);
        }
    });
}

impl<S: Subscriber> Subscriber for Collector<S> {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let wanted = self.0.register_callsite(metadata);
        // Whether a statement is collected differs from task to task.
        if is_statement(metadata) && wanted.is_never() {
            Interest::sometimes()
        } else {
            wanted
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        (is_statement(metadata) && is_collecting()) || self.0.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let wanted = self.0.max_level_hint()?;
        Some(wanted.max(LevelFilter::from_level(LEVEL)))
    }

    fn event_enabled(&self, event: &Event<'_>) -> bool {
        is_statement(event.metadata()) || self.0.event_enabled(event)
    }

    fn event(&self, event: &Event<'_>) {
        if is_statement(event.metadata()) {
            keep(event);
            let is_wanted = self.0.enabled(event.metadata()) && self.0.event_enabled(event);
            if !is_wanted {
                return;
            }
        }
        self.0.event(event);
    }

    fn on_register_dispatch(&self, dispatch: &tracing::Dispatch) {
        self.0.on_register_dispatch(dispatch);
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.0.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.0.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.0.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.0.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.0.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.0.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.0.try_close(id)
    }

    fn current_span(&self) -> Current {
        self.0.current_span()
    }
}

/// The fields of sqlx's event.
#[derive(Default)]
struct Fields {
    summary: String,
    text: String,
    elapsed: Duration,
    rows: u64,
}

impl Fields {
    /// The summary of a short statement is its text.
    fn into_statement(self) -> Statement {
        let text = self.text.trim();
        Statement {
            sql: if text.is_empty() {
                self.summary
            } else {
                text.to_owned()
            },
            elapsed: self.elapsed,
            rows: self.rows,
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.text),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if ["rows_affected", "rows_returned"].contains(&field.name()) {
            self.rows = self.rows.max(value);
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.elapsed = Duration::try_from_secs_f64(value).unwrap_or_default();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Lets the tasks of a page belong to the request: leptos starts a task for each part of a page that waits. The lines of these tasks
/// in the log then name the request, and debug mode finds their statements. Called before the first page is rendered.
pub(crate) fn follow_tasks_of_pages() {
    // The error only says that an earlier server in this process has set the executor.
    let _ = Executor::init_custom_executor(InRequest);
}

/// tokio, for tasks that belong to the request of the task that starts them.
struct InRequest;

impl CustomExecutor for InRequest {
    fn spawn(&self, task: PinnedFuture<()>) {
        let task = task.in_current_span();
        match COLLECTED.try_with(Arc::clone) {
            Ok(collected) => tokio::spawn(COLLECTED.scope(collected, task)),
            Err(_) => tokio::spawn(task),
        };
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        tokio::task::spawn_local(task);
    }

    /// tokio polls its local tasks itself.
    fn poll_local(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(sql: &str, rows: u64) {
        let summary = sql.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
        let (summary, text) = if summary == sql {
            (summary, String::new())
        } else {
            (format!("{summary} …"), format!("\n\n{sql}\n"))
        };
        tracing::debug!(
            target: "sqlx::query",
            summary,
            db.statement = text,
            rows_affected = rows,
            rows_returned = 0_u64,
            elapsed_secs = 0.25,
        );
    }

    #[tokio::test]
    async fn the_statements_of_a_request_and_of_its_tasks_are_collected() {
        let _log = tracing::subscriber::set_default(Collector(tracing_subscriber::registry()));
        tell("outside", 0);
        let (answer, statements) = collect(async {
            tell("begin", 0);
            let (said, heard) = tokio::sync::oneshot::channel();
            InRequest.spawn(Box::pin(async move {
                tell("select id from users where login = $1", 2);
                let _ = said.send(());
            }));
            tokio::spawn(async { tell("of another request", 0) });
            tracing::debug!(target: "other", elapsed_secs = 1.0);
            heard.await
        })
        .await;
        assert!(answer.is_ok());
        let told: Vec<_> = statements
            .first
            .iter()
            .map(|one| (&*one.sql, one.rows))
            .collect();
        assert_eq!(
            told,
            [("begin", 0), ("select id from users where login = $1", 2)]
        );
        assert_eq!(
            (statements.count, statements.elapsed),
            (2, Duration::from_millis(500))
        );
    }

    #[tokio::test]
    async fn requests_at_the_same_time_have_their_own_statements() {
        let _log = tracing::subscriber::set_default(Collector(tracing_subscriber::registry()));
        let work = async |name: &str| {
            for _ in 0..3 {
                tell(name, 0);
                tokio::task::yield_now().await;
            }
        };
        let (one, other) = tokio::join!(collect(work("one")), collect(work("other")));
        for ((), statements) in [&one, &other] {
            assert_eq!(statements.count, 3);
        }
        assert!(one.1.first.iter().all(|statement| statement.sql == "one"));
        assert!(
            other
                .1
                .first
                .iter()
                .all(|statement| statement.sql == "other")
        );
    }

    #[tokio::test]
    async fn a_request_with_very_many_statements_keeps_the_first() {
        let _log = tracing::subscriber::set_default(Collector(tracing_subscriber::registry()));
        let ((), statements) =
            collect(async { (0..MOST + 5).for_each(|_| tell("begin", 0)) }).await;
        assert_eq!((statements.first.len(), statements.count), (MOST, MOST + 5));
    }
}
