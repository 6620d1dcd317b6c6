//! The answer of a failed command: one sentence on standard error, and an exit code.

use std::{io, process::ExitCode};

use super::wording;
use crate::{config::ConfigError, output, platform::NoData, text::text};

/// Exit code: the command failed.
const FAILED: u8 = 1;

/// Exit code: the command line or the configuration has a mistake.
const REFUSED: u8 = 2;

/// Exit code: the folder holds no server's data.
const NO_DATA: u8 = 3;

/// A mistake in a command line that clap accepts.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) String);

/// Answers a command line that has a mistake, or that asks for help.
pub(super) fn refuse(refusal: &clap::Error) -> ExitCode {
    if !refusal.use_stderr() {
        return match refusal.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => report(&error.into()),
        };
    }
    let text = refusal.render().to_string();
    match text.strip_prefix("error: ") {
        Some(text) => output::notice(&format!("latchkey: {}", text.trim_end())),
        // The command line names no command: clap's text is the help.
        None => output::notice(text.trim_end()),
    }
    ExitCode::from(REFUSED)
}

/// Prints the error with its causes, and returns its exit code.
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    // A broken pipe is no failure: the reader has enough, as in `latchkey user list | head`.
    if !is_broken_pipe(error) {
        output::notice(&format!("latchkey: {}", sentence(error)));
    }
    let code = if error.is::<ConfigError>() || error.is::<Usage>() {
        REFUSED
    } else if error.is::<NoData>() {
        NO_DATA
    } else {
        FAILED
    };
    ExitCode::from(code)
}

/// The error and its causes. Some errors repeat their cause in their own text; such a cause is printed once.
fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain().map(wording::of) {
        if sentence.is_empty() {
            sentence = cause;
        } else if !sentence.ends_with(&cause) {
            sentence = text().with_cause(&cause, &sentence);
        }
    }
    sentence
}

/// Whether the error is a bare broken pipe. An error with context is printed: its context tells the
/// administrator what to do.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let bare = error.chain().len() == 1;
    let cause = error.root_cause().downcast_ref::<io::Error>();
    bare && cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn causes_are_told_once() {
        let error = anyhow!("file not found")
            .context("cannot read x: file not found")
            .context("no configuration");
        assert_eq!(
            sentence(&error),
            "no configuration: cannot read x: file not found"
        );
    }
}
