//! The program's log: one line for each event, on standard error.

mod writer;

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::IsTerminal as _,
    panic,
};

use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use self::writer::{Flush, LineWriter};
use crate::{
    config::{Log, LogFormat},
    statements::Collector,
};

/// The target of the audit log (`audit_log.rs`), by which its lines can be filtered and collected.
pub(crate) const AUDIT: &str = "latchkey::audit";

/// Libraries whose usual lines help no administrator. An administrator who names a library still gets its lines.
/// tower-sessions logs every failure of its store, which Latchkey's store has logged already.
const QUIETER: &str = "sqlx=warn,tower_sessions_core=error";

/// The reader of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// The operator of a running server.
    Operator,
    /// A person who types a command and waits for its end.
    Typist,
}

/// Writes the remaining lines when it is dropped, at the end of the program.
#[must_use]
pub(crate) struct LogEnd(#[expect(dead_code, reason = "it is dropped")] Option<Flush>);

/// Starts the log and sends panics to it. Called once. A program that has set up its own log keeps that.
///
/// A server continues when its log is not read. A command writes its log lines in order with its other output.
pub(crate) fn start(settings: &Log, reader: Reader) -> LogEnd {
    let colours = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let format = settings.format;
    let filter = filter(&settings.filter, reader);
    let writer = match reader {
        Reader::Operator => LineWriter::start(std::io::stderr(), tell_lost).ok(),
        Reader::Typist => None,
    };
    let end = LogEnd(writer.as_ref().map(LineWriter::flush_at_end));
    let subscriber = match writer {
        Some(writer) => subscriber(format, filter, colours, writer),
        None => subscriber(format, filter, colours, std::io::stderr),
    };
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        panic::set_hook(Box::new(log_panic));
    }
    end
}

fn tell_lost(lines: usize) {
    tracing::warn!(
        lines,
        "lines of the log were lost, because the log was not read"
    );
}

/// Neutralises text from outside: characters that break lines, control terminals or change the
/// direction of writing become an escape such as `\u{1b}` (OWASP ASVS 16.4.1).
pub(crate) fn neutral(text: &str) -> String {
    let mut neutral = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            neutral.extend(character.escape_unicode());
        } else {
            neutral.push(character);
        }
    }
    neutral
}

/// Control characters, line and paragraph separators, invisible characters, and marks that change the direction
/// of writing (<https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing>).
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn subscriber<W>(
    format: LogFormat,
    filter: EnvFilter,
    colours: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        // A line that cannot be written is lost. Reporting that on standard error would panic, because
        // standard error is what cannot be written: a full disk, a pipe whose reader is gone, a closed
        // terminal.
        .log_internal_errors(false)
        .with_ansi(colours);
    match format {
        LogFormat::Text => Box::new(Collector(builder.finish())),
        LogFormat::Json => Box::new(Collector(builder.json().flatten_event(true).finish())),
    }
}

/// The administrator's filter over the program's defaults. The text was checked with the rest of the
/// configuration, so lenient parsing loses nothing.
fn filter(configured: &str, reader: Reader) -> EnvFilter {
    let is_default = configured == Log::default().filter;
    if reader == Reader::Typist && is_default {
        // Creating a database is slow, so sqlx would warn about slow statements. That tells the typist nothing.
        return EnvFilter::builder().parse_lossy(format!("warn,sqlx=error,{AUDIT}=info"));
    }
    let asked = EnvFilter::builder().parse_lossy(configured);
    if asked
        .max_level_hint()
        .is_some_and(|most| most < LevelFilter::INFO)
    {
        return asked;
    }
    EnvFilter::builder().parse_lossy(format!("{QUIETER},{configured}"))
}

fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("without a message");
    let location = panic.location().map(ToString::to_string);
    let thread = std::thread::current();
    // The backtrace is captured only if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    let backtrace =
        (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(
        target: "latchkey::panic", location, thread = thread.name(), backtrace, "panicked: {}", neutral(message),
    );
}

#[cfg(test)]
pub(crate) mod testing {
    //! A log that tests can read.

    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::{EnvFilter, LogFormat, subscriber};

    #[derive(Clone, Default)]
    pub(crate) struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Memory {
        /// The lines.
        pub(crate) fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that `work` logs.
    pub(crate) fn logged(format: LogFormat, work: impl FnOnce()) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let subscriber = subscriber(format, EnvFilter::new("trace"), false, move || {
            writer.clone()
        });
        tracing::subscriber::with_default(subscriber, work);
        memory.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statements;

    fn directives(configured: &str, reader: Reader) -> Vec<String> {
        let mut directives: Vec<String> = filter(configured, reader)
            .to_string()
            .split(',')
            .map(str::to_owned)
            .collect();
        directives.sort();
        directives
    }

    #[test]
    fn libraries_are_quiet_unless_they_are_asked_for() {
        let of = |configured| directives(configured, Reader::Operator);
        assert_eq!(
            of("info"),
            ["info", "sqlx=warn", "tower_sessions_core=error"]
        );
        assert_eq!(
            of("debug,sqlx=trace"),
            ["debug", "sqlx=trace", "tower_sessions_core=error"]
        );
    }

    #[test]
    fn a_log_that_wants_less_gets_no_more() {
        assert_eq!(directives("error", Reader::Operator), ["error"]);
        assert_eq!(directives("off", Reader::Operator), ["off"]);
    }

    #[test]
    fn a_command_says_little_of_its_own_accord() {
        assert_eq!(
            directives("info", Reader::Typist),
            ["latchkey::audit=info", "sqlx=error", "warn"]
        );
        assert!(directives("debug", Reader::Typist).contains(&"debug".to_owned()));
    }

    #[test]
    fn a_statement_that_debug_mode_collects_is_no_line_of_the_log() {
        let told = |filter: &str| {
            let memory = testing::Memory::default();
            let writer = memory.clone();
            let filter = EnvFilter::new(filter);
            let log = subscriber(LogFormat::Text, filter, false, move || writer.clone());
            let collected = tracing::subscriber::with_default(log, || {
                let work = async {
                    tracing::debug!(target: "sqlx::query", summary = "begin", elapsed_secs = 0.1);
                };
                futures::executor::block_on(statements::collect(work)).1
            });
            (collected.count, memory.text().lines().count())
        };
        assert_eq!(told("info,sqlx=warn"), (1, 0));
        assert_eq!(told("off"), (1, 0));
        assert_eq!(told("info,sqlx=debug"), (1, 1));
    }

    #[test]
    fn what_steers_a_terminal_or_turns_text_becomes_visible() {
        assert_eq!(
            neutral("a\r\n\t\u{1b}[2J\u{9b}\u{202e}\u{200b}\0"),
            r"a\u{d}\u{a}\u{9}\u{1b}[2J\u{9b}\u{202e}\u{200b}\u{0}"
        );
        assert_eq!(
            neutral("Zoë \"O'Brien\" 🦆 हिन्दी <b>"),
            "Zoë \"O'Brien\" 🦆 हिन्दी <b>"
        );
    }
}
