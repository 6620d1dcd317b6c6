//! What a module registers.

use std::sync::Arc;

use latchkey_core::module::{DecideLogIn, HostedModule, Observe};

use crate::module::Module;

/// Takes what a module does. A module calls the methods in [`Module::build`].
pub struct Builder<M> {
    parts: Vec<fn(HostedModule, &Arc<M>) -> HostedModule>,
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
        self.parts
            .push(|hosted, module| hosted.deciding(Arc::clone(module)));
    }

    /// The module is told of events.
    pub fn observes(&mut self)
    where
        M: Observe,
    {
        self.parts
            .push(|hosted, module| hosted.observing(Arc::clone(module)));
    }

    pub(crate) fn finish(self, module: M) -> HostedModule {
        let module = Arc::new(module);
        let parts = self.parts.into_iter();
        parts.fold(HostedModule::new(M::NAME), |hosted, part| {
            part(hosted, &module)
        })
    }
}
