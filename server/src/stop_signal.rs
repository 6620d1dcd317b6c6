//! The signals that stop the program: SIGTERM, SIGINT, SIGHUP and SIGQUIT.

use std::{fs, io};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The file in which Linux shows the signals that a process ignores.
const STATUS: &str = "/proc/self/status";

/// The signals that stop the server. Once this value exists, no signal ends the process before it has cleaned
/// up. A signal that arrived early is found by the first `received`.
pub(crate) struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
    /// The signal of a closed terminal. `None` under `nohup`, which means that the server should continue
    /// without one.
    hang_up: Option<Signal>,
    /// Ctrl-\ in a terminal. `None` in the background of a script, where the keyboard belongs to another program.
    quit: Option<Signal>,
}

impl StopSignal {
    /// Takes over the signals. Needs a tokio runtime.
    pub(crate) fn listen() -> io::Result<Self> {
        // If the file cannot be read, no signal counts as ignored.
        let status = fs::read_to_string(STATUS).unwrap_or_default();
        let unless_ignored = |kind: SignalKind| {
            let is_ignored = is_ignored(&status, kind);
            (!is_ignored).then(|| signal(kind)).transpose()
        };
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: unless_ignored(SignalKind::hangup())?,
            quit: unless_ignored(SignalKind::quit())?,
        })
    }

    /// Waits for the next signal of any kind.
    pub(crate) async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            () = next(self.hang_up.as_mut()) => {}
            () = next(self.quit.as_mut()) => {}
        }
    }
}

async fn next(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether the process was started with the signal ignored: bit n - 1 of `SigIgn` in proc(5).
fn is_ignored(status: &str, kind: SignalKind) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(kind.as_raw_value() - 1).unwrap_or(u32::MAX);
    let bit = 1_u64.checked_shl(bit).unwrap_or(0);
    mask.is_some_and(|mask| mask & bit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_is_read_from_the_mask() {
        let status = "Name:\tlatchkey\nSigBlk:\tffffffffffffffff\nSigIgn:\t0000000000001005\n";
        assert!(is_ignored(status, SignalKind::hangup()));
        assert!(is_ignored(status, SignalKind::quit()));
        assert!(!is_ignored(status, SignalKind::interrupt()));
        assert!(!is_ignored(status, SignalKind::terminate()));
        assert!(!is_ignored("", SignalKind::hangup()));
    }
}
