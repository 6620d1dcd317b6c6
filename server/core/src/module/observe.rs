//! Tells a module of events: one after the other, in the order in which they happened.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior},
};
use tracing::{Instrument as _, Span};

use super::{
    ModuleError, Told,
    runtime::{ModuleRuntime, Task},
};

/// A module that is told of events after their commit. It cannot undo an event.
///
/// A module is told of one event after the other. It has ten seconds for an event. Events that come while 4,096 events wait are
/// missed, and the log says how many.
#[async_trait]
pub trait Observe: Send + Sync + 'static {
    /// Takes note of an event.
    async fn observe(&self, told: &Told) -> Result<(), ModuleError>;
}

#[async_trait]
impl<O: Observe> Observe for Arc<O> {
    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        O::observe(self, told).await
    }
}

/// The number of events that may wait for a module.
const MOST_WAITING: usize = 4_096;

/// The time that a module has for one event.
const TIME_FOR_EVENT: Duration = Duration::from_secs(10);

/// The time between two lines of the log about missed events.
const BETWEEN_REPORTS: Duration = Duration::from_mins(1);

/// The time for which work on many sessions waits for room.
const PATIENCE: Duration = Duration::from_secs(10);

/// An event, with the span of what has caused it; or a question whether all earlier events were told.
enum Message {
    Event(Arc<Told>, Span),
    Settled(oneshot::Sender<()>),
}

/// The events that wait for a module.
pub(super) struct Queue {
    module: &'static str,
    waiting: mpsc::Sender<Message>,
    missed: Arc<Missed>,
}

/// The number of events that a module has missed since the last line of the log.
struct Missed(Mutex<(u64, Option<Instant>)>);

impl Missed {
    fn add(&self, module: &str) {
        let mut missed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        missed.0 += 1;
        drop(missed);
        self.report(module);
    }

    fn report(&self, module: &str) {
        let mut missed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, last) = *missed;
        if count > 0 && last.is_none_or(|last| last.elapsed() >= BETWEEN_REPORTS) {
            *missed = (0, Some(Instant::now()));
            tracing::error!(
                module,
                count,
                "a module has missed events, because it is too slow"
            );
        }
    }
}

impl Queue {
    /// Begins to tell the module, on the threads of the module.
    pub(super) fn new(observer: Arc<dyn Observe>, runtime: &Arc<ModuleRuntime>) -> Self {
        let (waiting, messages) = mpsc::channel(MOST_WAITING);
        let missed = Arc::new(Missed(Mutex::new((0, None))));
        let work = tell_all(observer, messages, Arc::clone(&missed), Arc::clone(runtime));
        runtime.spawn(work);
        Self {
            module: runtime.module(),
            waiting,
            missed,
        }
    }

    /// Never waits.
    pub(super) fn push(&self, told: &Arc<Told>) {
        let message = Message::Event(Arc::clone(told), Span::current());
        if self.waiting.try_send(message).is_err() {
            self.missed.add(self.module);
        }
    }

    /// Waits for room, for a while.
    pub(super) async fn push_patiently(&self, told: &Arc<Told>) {
        let message = Message::Event(Arc::clone(told), Span::current());
        if self.waiting.send_timeout(message, PATIENCE).await.is_err() {
            self.missed.add(self.module);
        }
    }

    /// Waits until the module has been told of all events so far.
    pub(super) async fn settle(&self) {
        let (settled, told) = oneshot::channel();
        if self.waiting.send(Message::Settled(settled)).await.is_ok() {
            // Without an answer the module's threads have ended, and there is nothing to wait for.
            let _ = told.await;
        }
    }
}

async fn tell_all(
    observer: Arc<dyn Observe>,
    mut messages: mpsc::Receiver<Message>,
    missed: Arc<Missed>,
    runtime: Arc<ModuleRuntime>,
) {
    let mut report = tokio::time::interval(BETWEEN_REPORTS);
    report.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            message = messages.recv() => message,
            _ = report.tick() => {
                missed.report(runtime.module());
                continue;
            }
        };
        match message {
            Some(Message::Event(told, span)) => {
                let observer = Arc::clone(&observer);
                let telling = async move { observer.observe(&told).await };
                // The log has the failure. The next event is told all the same.
                let _ = runtime
                    .run(Task::Observe, TIME_FOR_EVENT, telling)
                    .instrument(span)
                    .await;
            }
            Some(Message::Settled(settled)) => {
                // The caller may have stopped waiting.
                let _ = settled.send(());
            }
            None => return,
        }
    }
}
