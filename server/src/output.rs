//! The output of commands: results on standard output, everything else on standard error.

use std::io::{self, Write as _};

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
    const HEADS: &'static [&'static str];

    /// The sentence for an empty list.
    const NONE: &'static str;

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

/// A line on standard error. Write errors are ignored: there is nowhere left to report them.
pub(crate) fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints a list in the requested form. An empty list prints a sentence on standard error; on standard
/// output it prints `[]` in JSON and nothing in text.
pub(crate) fn list<R: Row>(form: Form, rows: &[R]) -> anyhow::Result<()> {
    if rows.is_empty() {
        notice(R::NONE);
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

fn table<R: Row>(rows: &[R]) -> String {
    let heads =
        (!R::HEADS.is_empty()).then(|| R::HEADS.iter().map(|&head| head.to_owned()).collect());
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
    use time::macros::datetime;

    use super::*;

    #[derive(Serialize)]
    struct Pair(&'static str, &'static str);

    impl Row for Pair {
        const HEADS: &'static [&'static str] = &["LOGIN", "NAME"];
        const NONE: &'static str = "There is no pair.";

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
    fn a_moment_is_told_to_the_second() {
        assert_eq!(
            moment(datetime!(2026-11-23 12:00:00.5 UTC)),
            "2026-11-23T12:00:00Z"
        );
    }
}
