//! The table in `docs/performance.md`.

use std::{fmt::Write as _, fs};

use anyhow::{Context as _, Result};

use crate::cpu::Cpu;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/performance.md");
const BEGIN: &str = "<!-- written by `cargo xtask bench` -->\n";
const END: &str = "<!-- end of what is written -->";

/// The target of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    None,
    AtMost(f64),
    AtLeast(f64),
}

/// Figures in the order of their measurement.
#[derive(Debug, Default)]
pub struct Report(Vec<String>);

impl Report {
    /// Adds a figure. A figure without unit is a ratio.
    pub fn row(&mut self, what: &str, value: f64, unit: &str, bound: Bound) {
        let digits = if unit.is_empty() { 2 } else { 0 };
        let (target, is_met) = match bound {
            Bound::None => (String::new(), None),
            Bound::AtMost(most) => (format!("at most {most}{unit}"), Some(value <= most)),
            Bound::AtLeast(least) => (format!("at least {least}{unit}"), Some(value >= least)),
        };
        let met = is_met.map_or("", |is_met| if is_met { "yes" } else { "**no**" });
        self.0.push(format!(
            "{what} | {value:.digits$}{unit} | {target} | {met}"
        ));
    }

    /// Adds two rows: the processor time that one of these costs.
    pub fn cpu(&mut self, what: &str, cpu: Cpu) {
        let mut row = |place, seconds: f64| {
            let what = format!("{what}, processor time {place}");
            self.row(&what, seconds * 1e6, " µs", Bound::None);
        };
        row("in the server", cpu.server);
        row("in PostgreSQL", cpu.postgres);
    }

    /// Adds the reason for a missing figure.
    pub fn skip(&mut self, what: &str, why: &str) {
        self.0.push(format!("{what} | not measured: {why} | |"));
    }

    pub fn table(&self) -> String {
        let mut table = "| what | figure | target | met |\n|---|---|---|---|\n".to_owned();
        for row in &self.0 {
            let _ = writeln!(table, "| {row} |");
        }
        table
    }

    /// Writes the figures between the marks in the document. The text around the marks stays.
    pub fn write(&self, cores: usize, date: Option<&str>) -> Result<()> {
        let document = fs::read_to_string(DOCUMENT).context("cannot read docs/performance.md")?;
        let date = date.map(|date| format!(", {date}")).unwrap_or_default();
        let figures = format!("\nOne run on {cores} cores{date}.\n\n{}\n", self.table());
        let document = replace(&document, &figures).context("docs/performance.md has no marks")?;
        fs::write(DOCUMENT, document).context("cannot write docs/performance.md")
    }
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
        let document = |inside| format!("before\n{BEGIN}{inside}{END}\nafter\n");
        assert_eq!(
            replace(&document("old\n"), "new\n"),
            Some(document("new\n"))
        );
        assert_eq!(replace("no marks", "new\n"), None);
    }
}
