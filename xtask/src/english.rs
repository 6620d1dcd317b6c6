//! Plain English in what people read: comments, documentation, texts of the product, and subjects of commits.
//!
//! What stands today is counted in `xtask/english-baseline.txt`, by file and rule. A count may only fall.

mod baseline;
mod rules;
mod subjects;

use std::path::Path;

use anyhow::{Result, bail};
use regex::Regex;

use crate::{
    files::{self, has_extension},
    rust::{self, Kind},
    workspace::Workspace,
};
use baseline::Baseline;
use rules::{RULES, Rule};

/// The files of this check name the refused phrases on purpose.
const OWN: &str = "xtask/src/english";

/// A refused phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    file: String,
    line: usize,
    rule: &'static str,
    sentence: String,
}

/// Checks texts and the subjects of new commits; reports everything that is refused.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let rules = compile()?;
    let found = found_in_files(workspace.root(), &rules)?;
    let baseline = Baseline::read(workspace.root())?;
    let mut violations = baseline.violations(&found);
    violations.extend(subjects::check(workspace.root(), &rules)?);
    for line in baseline.can_be_lowered(&found) {
        println!("{line}");
    }
    if violations.is_empty() {
        return Ok(());
    }
    for violation in &violations {
        eprintln!("{violation}");
    }
    bail!(
        "{} places are not in plain English (CONTRIBUTING.md, English)",
        violations.len()
    );
}

/// Lowers the counts of the baseline to what stands today, and raises none.
pub(crate) fn lower(workspace: &Workspace) -> Result<()> {
    let found = found_in_files(workspace.root(), &compile()?)?;
    Baseline::read(workspace.root())?
        .lowered(&found)
        .write(workspace.root())?;
    check(workspace)
}

/// How many refused phrases stand, with those of the baseline.
pub(crate) fn count(root: &Path) -> Result<usize> {
    Ok(found_in_files(root, &compile()?)?.len())
}

fn compile() -> Result<Vec<(&'static Rule, Regex)>> {
    let each = RULES
        .iter()
        .map(|rule| Ok((rule, Regex::new(rule.pattern)?)));
    each.collect()
}

fn found_in_files(root: &Path, rules: &[(&'static Rule, Regex)]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for (name, source) in files::read_all(root)? {
        if !name.starts_with(OWN) {
            found.extend(found_in(&name, &source, rules));
        }
    }
    Ok(found)
}

/// What is refused in a file. In Rust only comments and strings are text. Elsewhere everything is, because no name
/// contains a space.
fn found_in(name: &str, source: &str, rules: &[(&'static Rule, Regex)]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut look = |text: &str, first_line: usize| {
        for (line, text) in (first_line..).zip(text.lines()) {
            found.extend(refused(text, rules).into_iter().map(|rule| Found {
                file: name.to_owned(),
                line,
                rule: rule.name,
                sentence: format!("{:?}: {}", text.trim(), rule.instead),
            }));
        }
    };
    if has_extension(Path::new(name), &["rs"]) {
        for token in rust::tokens(source) {
            if matches!(token.kind, Kind::Comment | Kind::Text) {
                look(token.text, token.line);
            }
        }
    } else {
        look(source, 1);
    }
    found
}

/// A rule for each refused phrase in a line. What stands between backticks is code.
fn refused(line: &str, rules: &[(&'static Rule, Regex)]) -> Vec<&'static Rule> {
    let text: Vec<_> = line.split('`').step_by(2).collect();
    let each = |(rule, pattern): &(&'static Rule, Regex)| {
        let count: usize = text
            .iter()
            .map(|part| pattern.find_iter(part).count())
            .sum();
        std::iter::repeat_n(*rule, count)
    };
    rules.iter().flat_map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(file: &str, source: &str) -> Vec<String> {
        let found = found_in(file, source, &compile().unwrap());
        found
            .iter()
            .map(|found| format!("{}:{}", found.rule, found.line))
            .collect()
    }

    #[test]
    fn comments_and_strings_are_text_and_names_are_not() {
        let source =
            "// nobody\nfn nobody() {}\nconst A: &str = \"\nSomebody\";\n/* a\n whoever */";
        assert_eq!(names("a.rs", source), ["nobody:1", "nobody:4", "whoever:6"]);
        assert_eq!(
            names("a.md", "Nobody\n`nobody` and nobodys\n"),
            ["nobody:1"]
        );
        assert!(names("a.ts", "designedInside, NOBODY_ELSE").is_empty());
    }

    #[test]
    fn each_rule_catches_what_it_is_for_and_nothing_like_it() {
        for (text, rule) in [
            ("Sign in", "sign in"),
            ("You were signed out.", "sign in"),
            ("a sign-in page", "sign in"),
            ("feature = \"signed-in\"", "sign in"),
            ("const isSignedIn", "sign in"),
            ("\"device_signed_in\"", "sign in"),
            ("to put off the end", "put off"),
            ("whomever", "whoever"),
            ("else the one that is settled", "one that"),
        ] {
            assert_eq!(names("a.md", text), [format!("{rule}:1")], "{text}");
        }
        for text in ["log in", "a design in which", "one, that is", "no one"] {
            assert!(names("a.md", text).is_empty(), "{text}");
        }
    }
}
