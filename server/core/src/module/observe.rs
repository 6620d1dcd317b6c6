//! Tells a module of events: one after the other, in the order in which the core tells them.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
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
/// A module is told of one event after the other. It has ten seconds for an event; an event that takes longer is given up at its next
/// `await`. Of requests, 4,096 events may wait for the module, and of work on many sessions 100,000. Further events are missed, and the
/// log says how many.
#[async_trait]
pub trait Observe: Send + Sync + 'static {
    /// Whether the module wants the event.
    fn wants(&self, told: &Told) -> bool {
        let _ = told;
        true
    }

    /// Takes note of an event.
    async fn observe(&self, told: &Told) -> Result<(), ModuleError>;
}

#[async_trait]
impl<O: Observe> Observe for Arc<O> {
    fn wants(&self, told: &Told) -> bool {
        O::wants(self, told)
    }

    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        O::observe(self, told).await
    }
}

/// The time that a module has for one event.
const TIME_FOR_EVENT: Duration = Duration::from_secs(10);

/// The time between two lines of the log about missed events.
const BETWEEN_REPORTS: Duration = Duration::from_mins(1);

/// Where events come from. Those of one origin take no room from those of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A request of a person, or a command.
    Request,
    /// Work on many sessions, such as the sweep.
    Work,
}

impl Origin {
    /// The number of events that may wait for a module.
    fn most_waiting(self) -> usize {
        match self {
            Self::Request => 4_096,
            Self::Work => 100_000,
        }
    }
}

/// An event, with the span of what has caused it; or a question whether all earlier events were told.
enum Message {
    Event(Origin, Arc<Told>, Span),
    Settled(oneshot::Sender<()>),
}

/// The events that wait for a module.
pub(super) struct Queue {
    messages: mpsc::UnboundedSender<Message>,
    load: Arc<Load>,
}

/// What waits for a module, and what it has missed.
struct Load {
    module: &'static str,
    of_requests: AtomicUsize,
    of_work: AtomicUsize,
    missed: Mutex<Missed>,
}

#[derive(Default)]
struct Missed {
    /// The number of events since the last line of the log.
    count: u64,
    reported_at: Option<Instant>,
}

impl Load {
    fn waiting(&self, origin: Origin) -> &AtomicUsize {
        match origin {
            Origin::Request => &self.of_requests,
            Origin::Work => &self.of_work,
        }
    }

    /// Takes room for an event; `false` if there is none.
    fn enter(&self, origin: Origin) -> bool {
        let waiting = self.waiting(origin);
        let has_room = waiting.fetch_add(1, Ordering::Relaxed) < origin.most_waiting();
        if !has_room {
            waiting.fetch_sub(1, Ordering::Relaxed);
        }
        has_room
    }

    fn leave(&self, origin: Origin) {
        self.waiting(origin).fetch_sub(1, Ordering::Relaxed);
    }

    fn missed(&self) -> MutexGuard<'_, Missed> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn miss(&self) {
        self.missed().count += 1;
        self.report(BETWEEN_REPORTS);
    }

    /// Says what was missed, unless the last line is younger than `pause`.
    fn report(&self, pause: Duration) {
        let mut missed = self.missed();
        let is_time = missed.reported_at.is_none_or(|at| at.elapsed() >= pause);
        if missed.count > 0 && is_time {
            let (module, count) = (self.module, missed.count);
            tracing::error!(module, count, "a module has missed events");
            *missed = Missed {
                count: 0,
                reported_at: Some(Instant::now()),
            };
        }
    }
}

impl Queue {
    /// Begins to tell the module, on the threads of the module.
    pub(super) fn new(observers: Vec<Arc<dyn Observe>>, runtime: &Arc<ModuleRuntime>) -> Self {
        let (messages, waiting) = mpsc::unbounded_channel();
        let load = Arc::new(Load {
            module: runtime.module(),
            of_requests: AtomicUsize::new(0),
            of_work: AtomicUsize::new(0),
            missed: Mutex::default(),
        });
        // The task keeps the threads that it runs on until all senders are gone and all events are told.
        let work = tell_all(observers, waiting, Arc::clone(&load), Arc::clone(runtime));
        runtime.spawn(work);
        Self { messages, load }
    }

    /// Never waits.
    pub(super) fn push(&self, origin: Origin, told: &Arc<Told>) {
        let message = Message::Event(origin, Arc::clone(told), Span::current());
        if !self.load.enter(origin) {
            self.load.miss();
        } else if self.messages.send(message).is_err() {
            self.load.leave(origin);
            self.load.miss();
        }
    }

    /// Waits until the module has been told of all events so far.
    pub(super) async fn settle(&self) {
        let (settled, told) = oneshot::channel();
        if self.messages.send(Message::Settled(settled)).is_ok() {
            // Without an answer the module's threads have ended, and there is nothing to wait for.
            let _ = told.await;
        }
    }
}

async fn tell_all(
    observers: Vec<Arc<dyn Observe>>,
    mut messages: mpsc::UnboundedReceiver<Message>,
    load: Arc<Load>,
    runtime: Arc<ModuleRuntime>,
) {
    let mut report = tokio::time::interval(BETWEEN_REPORTS);
    report.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            message = messages.recv() => message,
            _ = report.tick() => {
                load.report(BETWEEN_REPORTS);
                continue;
            }
        };
        match message {
            Some(Message::Event(origin, told, span)) => {
                load.leave(origin);
                for observer in observers.iter().filter(|observer| observer.wants(&told)) {
                    let (observer, told) = (Arc::clone(observer), Arc::clone(&told));
                    let telling = async move { observer.observe(&told).await };
                    // The log has the failure. The next observer is told all the same.
                    let _ = runtime
                        .run(Task::Observe, TIME_FOR_EVENT, telling)
                        .instrument(span.clone())
                        .await;
                }
            }
            Some(Message::Settled(settled)) => {
                load.report(Duration::ZERO);
                // The caller may have stopped waiting.
                let _ = settled.send(());
            }
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use uuid::Uuid;

    use super::*;
    use crate::module::{LogInFailed, LogInFailure};

    /// A module that begins when it may, and keeps the ids of events.
    struct Waiting {
        may_begin: tokio::sync::Semaphore,
        seen: Mutex<Vec<Uuid>>,
    }

    #[async_trait]
    impl Observe for Waiting {
        async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
            self.seen.lock().unwrap().push(told.id);
            let _permit = self.may_begin.acquire().await?;
            Ok(())
        }
    }

    fn told(number: usize) -> Arc<Told> {
        let failed = LogInFailed::new(
            "ada",
            LogInFailure::Throttled,
            crate::client::Client::default(),
        );
        Arc::new(Told::new(
            Uuid::from_u128(u128::try_from(number).unwrap()),
            OffsetDateTime::UNIX_EPOCH,
            "acme".parse().unwrap(),
            failed.into(),
        ))
    }

    #[tokio::test]
    async fn events_are_told_in_order_and_what_has_no_room_is_counted() {
        let observer = Arc::new(Waiting {
            may_begin: tokio::sync::Semaphore::new(0),
            seen: Mutex::default(),
        });
        let runtime = Arc::new(ModuleRuntime::new("waiting").unwrap());
        let queue = Queue::new(vec![Arc::clone(&observer) as Arc<dyn Observe>], &runtime);
        // The module is at its first event before the others come.
        queue.push(Origin::Request, &told(0));
        while observer.seen.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        for number in 1..=4_096 {
            queue.push(Origin::Request, &told(number));
        }
        assert_eq!(queue.load.missed().count, 0);
        // The first missed event is logged at once.
        for number in 0..3 {
            queue.push(Origin::Request, &told(9_000 + number));
        }
        assert_eq!(queue.load.missed().count, 2);
        // Work on many sessions has room of its own.
        for number in 5_000..8_000 {
            queue.push(Origin::Work, &told(number));
        }
        observer.may_begin.add_permits(1);
        queue.settle().await;
        assert_eq!(queue.load.missed().count, 0, "settling reports the rest");
        let seen = observer.seen.lock().unwrap();
        let expected = (0..=4_096)
            .chain(5_000..8_000)
            .map(|number| told(number).id);
        assert!(seen.iter().copied().eq(expected), "{}", seen.len());
    }
}
