//! How a command says that it failed: one sentence on standard error, and an exit code.

use std::{io, process::ExitCode};

use super::output;
use crate::{config::ConfigError, platform::NoData};

/// The command cannot be done.
const FAILED: u8 = 1;

/// The command line or the configuration makes no sense.
const REFUSED: u8 = 2;

/// There is no server here.
const NO_DATA: u8 = 3;

/// A command line that clap accepts and that makes no sense nevertheless.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) &'static str);

/// Answers a command line that cannot be understood, or asks for help.
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
        // The help, where the command line names no command.
        None => output::notice(text.trim_end()),
    }
    ExitCode::from(REFUSED)
}

/// Tells what went wrong, with its causes, and gives the exit code for it.
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    // The reader of our output has heard enough, as in `latchkey user list | head`.
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

/// The error and its causes. Some errors repeat their cause in their own text: it is said once.
fn sentence(error: &anyhow::Error) -> String {
    let mut sentence = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if sentence.is_empty() {
            sentence = cause;
        } else if !sentence.ends_with(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}

/// An error with context says what else has to be done, and is told.
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
