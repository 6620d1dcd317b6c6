//! The threads on which a module runs, so that a module that blocks them stops no request and no other module.

use std::{any::Any, io, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinError,
    time::timeout,
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::ModuleError;

/// The number of threads of a module: one observes while the other decides.
const THREADS: usize = 2;

/// The threads of one module.
pub(super) struct ModuleRuntime {
    module: &'static str,
    /// `None` only while the value is dropped.
    threads: Option<Runtime>,
}

/// What a module does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Gather,
    Decide,
    Observe,
}

impl Task {
    fn as_str(self) -> &'static str {
        match self {
            Self::Gather => "gather",
            Self::Decide => "decide",
            Self::Observe => "observe",
        }
    }
}

/// A task of the module ended with an error or a panic, or took too long. The log has the cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModuleFailed {
    pub module: &'static str,
}

impl ModuleRuntime {
    pub(super) fn new(module: &'static str) -> io::Result<Self> {
        let threads = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name(module)
            .enable_all()
            .build()?;
        Ok(Self {
            module,
            threads: Some(threads),
        })
    }

    pub(super) fn module(&self) -> &'static str {
        self.module
    }

    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(threads) = &self.threads {
            threads.spawn(work);
        }
    }

    /// Runs a task on the module's threads. A task that takes too long is dropped at its next `await`. An observer is waited for until
    /// then, so that the next event comes after it, and at most one thread is blocked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        task: Task,
        limit: Duration,
        work: impl Future<Output = Result<T, ModuleError>> + Send + 'static,
    ) -> Result<T, ModuleFailed> {
        let module = self.module;
        let failed = |cause: &str| {
            let task = task.as_str();
            tracing::error!(module, task, cause, "a module failed");
            ModuleFailed { module }
        };
        let Some(threads) = &self.threads else {
            return Err(failed("the server stops"));
        };
        let mut running = AbortOnDropHandle::new(threads.spawn(work.in_current_span()));
        match timeout(limit, &mut running).await {
            Ok(Ok(Ok(value))) => Ok(value),
            Ok(Ok(Err(error))) => Err(failed(&chain(&*error))),
            Ok(Err(error)) => Err(failed(&panic_message(error))),
            Err(_elapsed) => {
                let failed = failed(&format!("no answer within {limit:?}"));
                running.abort();
                if task == Task::Observe {
                    // The task was stopped, or has ended at the last moment.
                    let _ = running.await;
                }
                Err(failed)
            }
        }
    }
}

impl Drop for ModuleRuntime {
    fn drop(&mut self) {
        // The last owner may be a request, which may not wait for a module.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

/// The error and its sources in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        words = [&words, ": ", &error.to_string()].concat();
        source = error.source();
    }
    words
}

fn panic_message(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else {
        return "the task was stopped".to_owned();
    };
    let panic: &(dyn Any + Send) = &*panic;
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    ["panic: ", text.unwrap_or("without a message")].concat()
}
