//! The common start of every command: the configuration, the log, and a core if the command needs one.

use std::{env, path::PathBuf, time::Duration};

use latchkey_core::Core;
use latchkey_module::Registration;
use tokio::runtime::{Builder, Runtime};

use crate::{
    config::{Config, ConfigError},
    log::{self, Reader},
    platform::{Platform, Purpose},
    serve,
    stop_signal::StopSignal,
    text::text,
};

/// Time for which work on blocking threads may delay the end of the process.
const BLOCKING_LIMIT: Duration = Duration::from_secs(2);

/// This machine's Latchkey, running or not.
pub(super) struct Node {
    /// The file named on the command line.
    pub(super) config_file: Option<PathBuf>,
    /// The registered modules.
    pub(super) modules: Vec<Registration>,
}

/// A signal ended the command: Ctrl-C, or a shutdown of the machine.
#[derive(Debug, thiserror::Error)]
#[error("{}", text().interrupted())]
struct Interrupted;

impl Node {
    /// The configuration in force.
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        // No variable of Latchkey is not Unicode: such a variable belongs to another program.
        let environment = env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Config::load(self.config_file.as_deref(), environment, &self.modules)
    }

    /// Serves until a signal arrives.
    pub(super) fn serve(self) -> anyhow::Result<()> {
        let config = self.config()?;
        let _log = log::start(&config.log, Reader::Operator);
        let modules = config.build(&self.modules)?;
        for module in &config.modules.off {
            tracing::warn!(module, "a module is off");
        }
        block_on(serve::serve(&config, modules))
    }

    /// Does work with a core, with or without a running server. Ask the administrator before or between two
    /// calls: work that waits for the keyboard keeps a private PostgreSQL running.
    pub(super) fn with_core(
        &self,
        work: impl AsyncFnOnce(&Core) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.with_core_for(Purpose::Administer, work)
    }

    /// Like `with_core`, for another purpose.
    pub(super) fn with_core_for(
        &self,
        purpose: Purpose,
        work: impl AsyncFnOnce(&Core) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let config = self.config()?;
        let _log = log::start(&config.log, Reader::Typist);
        let modules = config.build(&self.modules)?;
        block_on(async {
            // Listen before PostgreSQL starts. Otherwise a signal at that moment would leave PostgreSQL running.
            let mut stop = StopSignal::listen()?;
            let platform = Platform::open(&config, modules, purpose).await?;
            let outcome = tokio::select! {
                outcome = work(&platform.core) => outcome,
                () = stop.received() => Err(Interrupted.into()),
            };
            let closed = platform.close().await;
            outcome.and(closed)
        })
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime: Runtime = Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_timeout(BLOCKING_LIMIT);
    outcome
}
