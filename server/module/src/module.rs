//! What every module says of itself, and what it registers.

use std::sync::Arc;

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
    parts: Vec<Part<M>>,
}

type Part<M> = Box<dyn FnOnce(HostedModule, &Arc<M>) -> HostedModule>;

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
        Self { parts: Vec::new() }
    }

    /// The module decides about log-ins. Modules decide in the order of their registration.
    pub fn decides(&mut self)
    where
        M: DecideLogIn,
    {
        self.add(|hosted, module| hosted.deciding(Arc::clone(module)));
    }

    /// Calls a function for each event of a kind, one after the other, in the order in which the core tells them. The function has ten
    /// seconds for an event, and cannot undo the event. Functions that want the same event are called in the order of registration.
    ///
    /// Events are kept in memory: those that wait when the server is killed are lost, and so are those that come while too many wait.
    pub fn observes<E, F>(&mut self, observe: fn(Seen<M, E>) -> F)
    where
        E: Event,
        F: Future<Output = Result<(), ModuleError>> + Send + 'static,
    {
        self.add(move |hosted, module| {
            let module = Arc::clone(module);
            hosted.observing(OfKind { module, observe })
        });
    }

    /// Calls a function for each event of any kind, as [`Self::observes`] does.
    pub fn observes_all<F>(&mut self, observe: fn(Seen<M, AnyEvent>) -> F)
    where
        F: Future<Output = Result<(), ModuleError>> + Send + 'static,
    {
        self.add(move |hosted, module| {
            let module = Arc::clone(module);
            hosted.observing(OfAllKinds { module, observe })
        });
    }

    fn add(&mut self, part: impl FnOnce(HostedModule, &Arc<M>) -> HostedModule + 'static) {
        self.parts.push(Box::new(part));
    }

    pub(crate) fn finish(self, module: M) -> HostedModule {
        let module = Arc::new(module);
        let parts = self.parts.into_iter();
        parts.fold(HostedModule::new(M::NAME), |hosted, part| {
            part(hosted, &module)
        })
    }
}

/// A function of a module for events of one kind.
struct OfKind<M, E, F> {
    module: Arc<M>,
    observe: fn(Seen<M, E>) -> F,
}

#[async_trait]
impl<M, E, F> Observe for OfKind<M, E, F>
where
    M: Module,
    E: Event,
    F: Future<Output = Result<(), ModuleError>> + Send + 'static,
{
    fn wants(&self, told: &Told) -> bool {
        E::of(&told.event).is_some()
    }

    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        let Some(told) = told.of() else {
            return Ok(());
        };
        let module = Arc::clone(&self.module);
        (self.observe)(Seen { module, told }).await
    }
}

/// A function of a module for events of all kinds.
struct OfAllKinds<M, F> {
    module: Arc<M>,
    observe: fn(Seen<M, AnyEvent>) -> F,
}

#[async_trait]
impl<M, F> Observe for OfAllKinds<M, F>
where
    M: Module,
    F: Future<Output = Result<(), ModuleError>> + Send + 'static,
{
    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        let (module, told) = (Arc::clone(&self.module), told.clone());
        (self.observe)(Seen { module, told }).await
    }
}
