//! The table: on the terminal with what it comes from, and in `docs/performance.md`.

use std::{fmt::Write as _, fs, path::Path, thread::available_parallelism};

use anyhow::{Context as _, Result};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/performance.md");
const BEGIN: &str = "<!-- figures: written by `cargo xtask bench` -->\n";
const END: &str = "<!-- end of figures -->";

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    None,
    AtMost(f64),
    AtLeast(f64),
}

/// Figures in the order in which they came.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<[String; 4]>,
}

impl Report {
    /// Something that only the terminal is told: true of this machine alone.
    #[expect(clippy::unused_self, reason = "a report may be kept quiet one day")]
    pub fn note(&self, text: &str) {
        eprintln!("  {text}");
    }

    pub fn ratio(&mut self, what: &str, value: f64, bound: Bound) {
        self.row(what, value, 2, "", bound);
    }

    pub fn kilobytes(&mut self, what: &str, bytes: usize, bound: Bound) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.row(what, f64::from(bytes) / 1000.0, 0, " kB", bound);
    }

    pub fn megabytes(&mut self, what: &str, kib: u32, bound: Bound) {
        self.row(what, f64::from(kib) * 1.024 / 1000.0, 0, " MB", bound);
    }

    /// Says why there is no figure.
    pub fn skip(&mut self, what: &str, why: &str) {
        self.rows.push([
            what.to_owned(),
            format!("not measured: {why}"),
            String::new(),
            String::new(),
        ]);
    }

    fn row(&mut self, what: &str, value: f64, digits: usize, unit: &str, bound: Bound) {
        let (target, met) = match bound {
            Bound::None => (String::new(), ""),
            Bound::AtMost(most) => (format!("at most {most}{unit}"), yes_or_no(value <= most)),
            Bound::AtLeast(least) => (format!("at least {least}{unit}"), yes_or_no(value >= least)),
        };
        self.rows.push([
            what.to_owned(),
            format!("{value:.digits$}{unit}"),
            target,
            met.to_owned(),
        ]);
    }

    pub fn print(&self) {
        print!("\n{}", self.table());
    }

    /// Puts the figures between the marks in the document; what people wrote around them stays.
    pub fn write(&self, date: Option<&str>) -> Result<()> {
        let path = Path::new(DOCUMENT);
        let document =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let figures = format!(
            "\n{}\n\n{}\n",
            heading(available_parallelism()?.get(), date),
            self.table()
        );
        let document = replace(&document, &figures)
            .context("the marks for the figures are missing in the document")?;
        fs::write(path, document).with_context(|| format!("cannot write {}", path.display()))
    }

    fn table(&self) -> String {
        let mut table = "| what | figure | target | met |\n|---|---|---|---|\n".to_owned();
        for row in &self.rows {
            let _ = writeln!(table, "| {} |", row.join(" | "));
        }
        table
    }
}

fn yes_or_no(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "**no**" }
}

fn heading(cores: usize, date: Option<&str>) -> String {
    let date = date.map(|date| format!(", {date}")).unwrap_or_default();
    format!(
        "One run on a machine with {cores} cores, which the client, the server, PostgreSQL and nginx share{date}."
    )
}

fn replace(document: &str, figures: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some([before, BEGIN, figures, END, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let document = format!("before\n{BEGIN}old\n{END}\nafter\n");
        assert_eq!(
            replace(&document, "new\n"),
            Some(format!("before\n{BEGIN}new\n{END}\nafter\n"))
        );
        assert_eq!(replace("no marks", "new\n"), None);
    }
}
