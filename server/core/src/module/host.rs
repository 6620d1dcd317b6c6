//! The modules of a core.

use std::{io, sync::Arc, time::Duration};

use futures::future::join_all;
use latchkey_words::SessionId;
use tokio::time::Instant;

use super::{
    AnyEvent, Candidate, DecideLogIn, Decision, Denial, ModuleFailed, Observe, Opening, Told,
    decide::{AnyDecider, Evidence},
    observe::{Origin, Queue},
    runtime::{ModuleRuntime, Task},
};
use crate::{clock::Clock, database::Database, random::Random};

/// The time that a module has before the transaction of a log-in.
const TIME_TO_GATHER: Duration = Duration::from_secs(2);

/// The time that all modules together have in the transaction of a log-in.
const TIME_TO_DECIDE: Duration = Duration::from_millis(500);

/// A module as the core hosts it: the name, and what the module does. A `HostedModule` is cheap to clone.
#[derive(Clone)]
pub struct HostedModule {
    name: &'static str,
    decider: Option<Arc<dyn AnyDecider>>,
    observers: Vec<Arc<dyn Observe>>,
}

impl HostedModule {
    /// A module that does nothing yet. The name is one word, for logs.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            decider: None,
            observers: Vec::new(),
        }
    }

    /// Lets the module decide about log-ins.
    #[must_use]
    pub fn deciding(self, decider: impl DecideLogIn) -> Self {
        Self {
            decider: Some(Arc::new(decider)),
            ..self
        }
    }

    /// Tells the module of events, also after the observers that it has already.
    #[must_use]
    pub fn observing(mut self, observer: impl Observe) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }
}

/// A module at work.
struct Running {
    runtime: Arc<ModuleRuntime>,
    decider: Option<Arc<dyn AnyDecider>>,
    queue: Option<Queue>,
}

/// The modules at work, in the order in which they decide.
#[derive(Clone)]
pub(crate) struct Modules(Arc<Inner>);

struct Inner {
    running: Vec<Running>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

/// What the deciders have gathered, in their order.
pub(crate) struct Gathered(Vec<(Arc<ModuleRuntime>, Arc<dyn AnyDecider>, Evidence)>);

impl Gathered {
    /// Takes the evidence, which counts for one decision.
    pub(crate) fn take(&mut self) -> Self {
        Self(std::mem::take(&mut self.0))
    }
}

impl Modules {
    /// Starts the modules, in the order in which they decide. Fails if the system gives no threads.
    pub(crate) fn start(
        modules: Vec<HostedModule>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> io::Result<Self> {
        let running = modules.into_iter().map(|module| {
            let runtime = Arc::new(ModuleRuntime::new(module.name)?);
            let observers = module.observers;
            let queue = (!observers.is_empty()).then(|| Queue::new(observers, &runtime));
            Ok(Running {
                runtime,
                decider: module.decider,
                queue,
            })
        });
        Ok(Self(Arc::new(Inner {
            running: running.collect::<io::Result<_>>()?,
            clock,
            random,
        })))
    }

    /// Whether a module decides about log-ins.
    pub(crate) fn decide_log_ins(&self) -> bool {
        self.deciders().next().is_some()
    }

    fn deciders(&self) -> impl Iterator<Item = (&Arc<ModuleRuntime>, &Arc<dyn AnyDecider>)> {
        let modules = self.0.running.iter();
        modules.filter_map(|module| Some((&module.runtime, module.decider.as_ref()?)))
    }

    /// Asks all deciders at the same time for what they need. Call this before the transaction.
    pub(crate) async fn gather(&self, candidate: &Candidate) -> Result<Gathered, ModuleFailed> {
        let all = self.deciders().map(|(runtime, decider)| {
            let (runtime, decider) = (Arc::clone(runtime), Arc::clone(decider));
            let (asked, candidate) = (Arc::clone(&decider), candidate.clone());
            let work = async move { asked.gather(&candidate).await };
            async move {
                let evidence = runtime.run(Task::Gather, TIME_TO_GATHER, work).await?;
                Ok((runtime, decider, evidence))
            }
        });
        let all: Result<_, _> = join_all(all).await.into_iter().collect();
        Ok(Gathered(all?))
    }

    /// Asks the deciders one after the other. Returns the sessions that end, or the refusal of the first module that refuses.
    pub(crate) async fn decide(
        &self,
        mut opening: Opening,
        Gathered(all): Gathered,
    ) -> Result<Vec<SessionId>, Refused> {
        let mut ended = Vec::new();
        let begin = Instant::now();
        for (runtime, decider, evidence) in all {
            let asked = opening.clone();
            let work = async move { decider.decide(&asked, evidence).await };
            let left = TIME_TO_DECIDE.saturating_sub(begin.elapsed());
            let decision = runtime.run(Task::Decide, left, work).await;
            match decision.map_err(Refused::Failed)? {
                Decision::Allow => {}
                Decision::EndLongestUnused(count) => {
                    let live = &mut opening.live_sessions;
                    ended.extend(live.drain(..count.min(live.len())));
                }
                Decision::Deny { code, message } => {
                    return Err(Refused::Denied(Denial {
                        module: runtime.module(),
                        code,
                        message,
                    }));
                }
            }
        }
        Ok(ended)
    }

    /// Tells the modules of what a request has done. Never waits.
    pub(crate) fn observe<E: Into<AnyEvent>>(
        &self,
        database: &Database,
        events: impl IntoIterator<Item = E>,
    ) {
        self.push(Origin::Request, database, events);
    }

    /// Tells the modules of what work on many sessions has done. Never waits.
    pub(crate) fn observe_many<E: Into<AnyEvent>>(
        &self,
        database: &Database,
        events: impl IntoIterator<Item = E>,
    ) {
        self.push(Origin::Work, database, events);
    }

    fn push<E: Into<AnyEvent>>(
        &self,
        origin: Origin,
        database: &Database,
        events: impl IntoIterator<Item = E>,
    ) {
        if self.queues().next().is_none() {
            return;
        }
        for told in self.told(database, events) {
            for queue in self.queues() {
                queue.push(origin, &told);
            }
        }
    }

    fn told<E: Into<AnyEvent>>(
        &self,
        database: &Database,
        events: impl IntoIterator<Item = E>,
    ) -> impl Iterator<Item = Arc<Told>> {
        let at = self.0.clock.now();
        events.into_iter().map(move |event| {
            let id = self.0.random.id(at);
            Arc::new(Told::new(id, at, database.name().clone(), event.into()))
        })
    }

    fn queues(&self) -> impl Iterator<Item = &Queue> {
        self.0
            .running
            .iter()
            .filter_map(|module| module.queue.as_ref())
    }

    /// Waits until every module has been told of all events so far.
    pub(crate) async fn settle(&self) {
        join_all(self.queues().map(Queue::settle)).await;
    }
}

/// The reason why modules let no session open.
pub(crate) enum Refused {
    /// A module denies the log-in.
    Denied(Denial),
    /// A module has failed.
    Failed(ModuleFailed),
}
