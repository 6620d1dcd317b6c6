//! Waits for what modules are still being told: an audit line must not be lost because the process
//! that caused it ends.

use std::{sync::Arc, time::Duration};

use latchkey_core::module::Module;

/// Between two looks. They are taken only at the end of the process.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The registered modules, each with the number of its owners while nobody is told anything. The
/// core tells a module in a task that owns it meanwhile, so that one more owner is a task.
pub(crate) struct Observers(Vec<(Arc<dyn Module>, usize)>);

impl Observers {
    /// Counts the owners: take it when the core is made, before anything happens.
    pub(crate) fn at_rest(modules: Vec<Arc<dyn Module>>) -> Self {
        Self(
            modules
                .into_iter()
                .map(|module| (Arc::clone(&module), Arc::strong_count(&module) - 1))
                .collect(),
        )
    }

    /// Returns when every module has been told everything, after `limit` at the latest.
    pub(crate) async fn settle(&self, limit: Duration) {
        let telling = async {
            while self.are_busy() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        if tokio::time::timeout(limit, telling).await.is_err() {
            tracing::warn!(
                ?limit,
                "modules were still being told about events at the end"
            );
        }
    }

    fn are_busy(&self) -> bool {
        self.0
            .iter()
            .any(|(module, at_rest)| Arc::strong_count(module) > *at_rest)
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, future::join};

    use super::*;
    use crate::audit_log::AuditLog;

    #[tokio::test]
    async fn a_module_that_is_still_being_told_is_waited_for() {
        let module: Arc<dyn Module> = Arc::new(AuditLog);
        let observers = Observers::at_rest(vec![Arc::clone(&module)]);
        let at_once = observers.settle(Duration::from_mins(1)).now_or_never();
        assert!(at_once.is_some(), "nobody is told anything");

        let told = Arc::clone(&module);
        let mut settled = Box::pin(observers.settle(Duration::from_mins(1)));
        assert!((&mut settled).now_or_never().is_none(), "one is");
        join(settled, async { drop(told) }).await;
    }
}
