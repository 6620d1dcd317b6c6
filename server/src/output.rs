//! The output of commands: results on standard output, everything else on standard error.

use std::io::{self, IsTerminal, Write as _};

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::log::neutral;

/// The form in which a list is printed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Form {
    /// Print a JSON array of objects instead of columns
    #[arg(long)]
    json: bool,
}

/// A row of a list: an object in JSON, a line of columns in text.
pub(crate) trait Row: Serialize {
    /// The heads of the columns; empty if the only column needs no head.
    fn heads() -> Vec<&'static str>;

    /// The sentence for an empty list.
    fn none() -> &'static str;

    /// The cells, one for each column.
    fn cells(&self) -> Vec<String>;
}

/// A line on standard output.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let written = writeln!(output, "{text}").and_then(|()| output.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => error,
        kind => io::Error::new(kind, format!("cannot write to standard output: {error}")),
    })
}

/// A sentence for a person on standard output.
pub(crate) fn sentence(text: &str) -> io::Result<()> {
    line(&for_reader_of(&io::stdout(), text))
}

/// A line on standard error. Write errors are ignored: there is nowhere left to report them.
pub(crate) fn notice(text: &str) {
    let mut errors = io::stderr().lock();
    let text = for_reader_of(&errors, text);
    let _ = writeln!(errors, "{text}");
}

/// A question on standard error, which the person answers on the same line.
pub(crate) fn question(text: &str) -> io::Result<()> {
    let mut errors = io::stderr().lock();
    let text = for_reader_of(&errors, text);
    write!(errors, "{text} ")?;
    errors.flush()
}

/// Prints a list in the requested form. An empty list prints a sentence on standard error; on standard
/// output it prints `[]` in JSON and nothing in text.
pub(crate) fn list<R: Row>(form: Form, rows: &[R]) -> anyhow::Result<()> {
    if rows.is_empty() {
        notice(R::none());
    }
    if form.json {
        line(&serde_json::to_string_pretty(rows)?)?;
    } else if !rows.is_empty() {
        line(&table(rows))?;
    }
    Ok(())
}

/// A moment in RFC 3339, to the second.
pub(crate) fn moment(at: OffsetDateTime) -> String {
    let at = at.replace_nanosecond(0).unwrap_or(at);
    // RFC 3339 cannot write some years that PostgreSQL can hold; Latchkey stores no such year.
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

/// The text as it suits the reader. A terminal gets the isolates around names and commands in a text that is written
/// from right to left: without them it shows `--yes` as `yes--`. A file or a program gets the words alone, so that
/// what is searched for is found.
fn for_reader_of(stream: &impl IsTerminal, text: &str) -> String {
    if stream.is_terminal() {
        text.to_owned()
    } else {
        without_isolates(text)
    }
}

/// The text without the characters U+2068 and U+2069 (<https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates>).
fn without_isolates(text: &str) -> String {
    text.replace(['\u{2068}', '\u{2069}'], "")
}

fn table<R: Row>(rows: &[R]) -> String {
    let heads: Vec<String> = R::heads().into_iter().map(str::to_owned).collect();
    let heads = Some(heads).filter(|heads| !heads.is_empty());
    let body = rows
        .iter()
        .map(|row| row.cells().iter().map(|cell| neutral(cell)).collect());
    let lines: Vec<Vec<String>> = heads.into_iter().chain(body).collect();
    let mut widths = Vec::new();
    for cells in &lines {
        widths.resize(widths.len().max(cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let lines: Vec<String> = lines.iter().map(|cells| aligned(cells, &widths)).collect();
    lines.join("\n")
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let padded: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, &width)| format!("{cell:<width$}"))
        .collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use latchkey_texts::Language;
    use rustix::pty::{OpenptFlags, openpt};
    use time::macros::datetime;

    use super::*;
    use crate::text::Text;

    #[derive(Serialize)]
    struct Pair(&'static str, &'static str);

    impl Row for Pair {
        fn heads() -> Vec<&'static str> {
            vec!["LOGIN", "NAME"]
        }

        fn none() -> &'static str {
            "There is no pair."
        }

        fn cells(&self) -> Vec<String> {
            vec![self.0.to_owned(), self.1.to_owned()]
        }
    }

    #[test]
    fn columns_are_aligned_and_harmless() {
        let rows = [Pair("zoë@example.com", "Zoë"), Pair("bob", "\u{1b}]0;x\n")];
        assert_eq!(
            table(&rows),
            "LOGIN            NAME\nzoë@example.com  Zoë\nbob              \\u{1b}]0;x\\u{a}"
        );
    }

    #[test]
    fn only_a_terminal_gets_isolates() {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        let file = File::open("/dev/null").unwrap();
        let arabic = Text::new(Language::Ar).database_unknown("acme");
        let shown = for_reader_of(&terminal, &arabic);
        assert!(shown.contains("«\u{2068}acme\u{2069}»"), "{shown}");
        let read = for_reader_of(&file, &arabic);
        assert!(
            read.contains("«acme»") && read.contains(" `latchkey db list` "),
            "{read}"
        );
    }

    #[test]
    fn a_moment_is_told_to_the_second() {
        assert_eq!(
            moment(datetime!(2026-11-23 12:00:00.5 UTC)),
            "2026-11-23T12:00:00Z"
        );
    }
}
