//! SIGTERM and SIGINT: the two ways to be asked to stop.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Holds both signals from the moment it is made: none ends the process before it has cleaned up,
/// and one that comes early is found by the first look.
pub(crate) struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Takes the signals over. Needs a tokio runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal of either kind.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
