//! The subjects of commits: an area, at most 72 characters, and no refused phrase.

use std::{path::Path, process::Command};

use anyhow::Result;
use regex::Regex;

use super::{refused, rules::Rule};
use crate::programs;

/// Commits before the one that added this file are not checked.
const SINCE: &str = "xtask/src/english/subjects.rs";
/// How many commits are looked at, the latest first.
const MOST: &str = "--max-count=50";
const LONGEST: usize = 72;
/// An area, or several with commas, such as `core, app: `.
const AREA: &str = r"^[a-z0-9][a-z0-9_./-]*(, [a-z0-9][a-z0-9_./-]*)*: \S";

/// A line for each subject that is refused. Without git or without history there are none.
pub(super) fn check(root: &Path, rules: &[(&'static Rule, Regex)]) -> Result<Vec<String>> {
    let area = Regex::new(AREA)?;
    let history = history(root).unwrap_or_default();
    let lines = history.lines().filter_map(|line| line.split_once(' '));
    Ok(lines
        .flat_map(|(commit, subject)| {
            let told = move |problem: String| format!("commit {commit}: {subject:?}: {problem}");
            problems(subject, &area, rules)
                .into_iter()
                .map(told)
                .collect::<Vec<_>>()
        })
        .collect())
}

/// Id and subject of each commit that is checked. `None` where there is no history: in an archive, or before the commit
/// that added this file.
fn history(root: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        programs::quiet_output(git.current_dir(root).args(arguments))
    };
    let added = git(&[
        "log",
        "--diff-filter=A",
        "--max-count=1",
        "--format=%H",
        "--",
        SINCE,
    ])?;
    let added = Some(added.trim()).filter(|commit| !commit.is_empty())?;
    let tag = git(&["describe", "--tags", "--abbrev=0"]);
    let mut log = vec![
        "log",
        "--no-merges",
        MOST,
        "--format=%h %s",
        "HEAD",
        "--not",
        added,
    ];
    log.extend(tag.as_deref().map(str::trim));
    git(&log)
}

fn problems(subject: &str, area: &Regex, rules: &[(&'static Rule, Regex)]) -> Vec<String> {
    let mut problems = Vec::new();
    let length = subject.chars().count();
    if length > LONGEST {
        problems.push(format!("{length} characters, and {LONGEST} are the most"));
    }
    if !area.is_match(subject) {
        problems.push("begin with the area, as in `core: End sessions in order of id`".to_owned());
    }
    problems.extend(
        refused(subject, rules)
            .iter()
            .map(|rule| rule.instead.to_owned()),
    );
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::compile;

    #[test]
    fn a_subject_has_an_area_and_fits_a_line() {
        let count = |subject: &str| {
            problems(subject, &Regex::new(AREA).unwrap(), &compile().unwrap()).len()
        };
        for good in [
            "core: End sessions in order of id",
            "core, app: Move names",
            "xtask: Check `use`",
            "e2e-2: A",
        ] {
            assert_eq!(count(good), 0, "{good}");
        }
        assert_eq!(count(&format!("core: {}", "x".repeat(66))), 0);
        assert_eq!(count(&format!("core: {}", "x".repeat(67))), 1);
        assert_eq!(count("End sessions in order of id"), 1);
        assert_eq!(count("Core: End sessions"), 1);
        assert_eq!(count("core:End sessions"), 1);
        assert_eq!(count("app: Tell nobody"), 1);
    }
}
