//! What every module says of itself, and what it registers.

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use latchkey_core::module::{
    AnyEvent, DecideLogIn, Event, HostedModule, ModuleError, Observe, Told,
};

use crate::section::Section;

/// A module: a name, its options, and what it does.
pub trait Module: Sized + Send + Sync + 'static {
    /// The name: lower-case words with hyphens between them, such as `office-hours`. The section of the configuration file has the
    /// name with underscores: `[office_hours]`. Logs and lists of modules have the name.
    const NAME: &'static str;

    /// The section of the configuration file; [`NoOptions`](crate::NoOptions) for a module without options.
    type Config: Section;

    /// Builds the module, once in a process, after the configuration was read. Nothing runs yet.
    fn build(config: Self::Config, on: &mut Builder<Self>) -> Self;
}

/// Takes what a module does. A module calls the methods in [`Module::build`].
pub struct Builder<M> {
    parts: Vec<fn(HostedModule, &Arc<M>) -> HostedModule>,
    observers: Vec<Observer<M>>,
}

/// Answers an event, or `None` if it is not told of events of this kind.
type Observer<M> = Box<dyn Fn(&Arc<M>, &Told) -> Option<Observing> + Send + Sync>;

type Observing = Pin<Box<dyn Future<Output = Result<(), ModuleError>> + Send>>;

/// An event for a module that observes, with the module.
#[derive(Debug)]
#[non_exhaustive]
pub struct Seen<M, E> {
    /// The module.
    pub module: Arc<M>,
    /// The event.
    pub told: Told<E>,
}

impl<M: Module> Builder<M> {
    pub(crate) fn new() -> Self {
        Self {
            parts: Vec::new(),
            observers: Vec::new(),
        }
    }

    /// The module decides about log-ins. Modules decide in the order of their registration.
    pub fn decides(&mut self)
    where
        M: DecideLogIn,
    {
        self.parts
            .push(|hosted, module| hosted.deciding(Arc::clone(module)));
    }

    /// Calls a function for each event of a kind, one after the other, in the order in which the core tells them. It has ten seconds
    /// for an event, and cannot undo the event.
    ///
    /// Events are kept in memory: those that wait when the server is killed are lost, and so are those that come while too many wait.
    pub fn observes<E, F>(&mut self, observe: fn(Seen<M, E>) -> F)
    where
        E: Event,
        F: Future<Output = Result<(), ModuleError>> + Send + 'static,
    {
        self.observers.push(Box::new(move |module, told| {
            let told = told.of()?;
            let module = Arc::clone(module);
            Some(Box::pin(observe(Seen { module, told })))
        }));
    }

    /// Calls a function for each event of any kind, as [`Self::observes`] does.
    pub fn observes_all<F>(&mut self, observe: fn(Seen<M, AnyEvent>) -> F)
    where
        F: Future<Output = Result<(), ModuleError>> + Send + 'static,
    {
        self.observers.push(Box::new(move |module, told| {
            let (module, told) = (Arc::clone(module), told.clone());
            Some(Box::pin(observe(Seen { module, told })))
        }));
    }

    pub(crate) fn finish(self, module: M) -> HostedModule {
        let module = Arc::new(module);
        let parts = self.parts.into_iter();
        let hosted = parts.fold(HostedModule::new(M::NAME), |hosted, part| {
            part(hosted, &module)
        });
        if self.observers.is_empty() {
            return hosted;
        }
        let observers = self.observers;
        hosted.observing(Observers { module, observers })
    }
}

/// The functions of a module that observe, in the order of their registration.
struct Observers<M> {
    module: Arc<M>,
    observers: Vec<Observer<M>>,
}

#[async_trait]
impl<M: Module> Observe for Observers<M> {
    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        let mut outcome = Ok(());
        for observer in &self.observers {
            if let Some(observing) = observer(&self.module, told) {
                // A failure of one function does not stop the others.
                outcome = outcome.and(observing.await);
            }
        }
        outcome
    }
}
