//! How many refused phrases a file may still have, by rule.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};

use super::Found;

const FILE: &str = "xtask/english-baseline.txt";
const HEAD: &str = "\
# How often a file breaks a rule of English: count, rule, file. A count may only fall.
# `cargo xtask english` lowers the counts to what stands today.
";

/// Counts by file and rule.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Baseline(BTreeMap<(String, String), usize>);

impl Baseline {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
        Self::parse(&text)
    }

    pub(super) fn write(&self, root: &Path) -> Result<()> {
        Ok(fs::write(root.join(FILE), self.text())?)
    }

    fn parse(text: &str) -> Result<Self> {
        let lines = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let entry = |line: &str| {
            let mut parts = line.split('\t');
            let (Some(count), Some(rule), Some(file), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                anyhow::bail!("{FILE}: {line:?} is not a count, a rule and a file, between tabs");
            };
            let count = count
                .parse()
                .with_context(|| format!("{FILE}: {line:?} begins with no count"))?;
            Ok(((file.to_owned(), rule.to_owned()), count))
        };
        Ok(Self(lines.map(entry).collect::<Result<_>>()?))
    }

    fn text(&self) -> String {
        let line = |((file, rule), count): (&(String, String), &usize)| {
            format!("{count}\t{rule}\t{file}\n")
        };
        let lines: String = self.0.iter().map(line).collect();
        [HEAD, &lines].concat()
    }

    fn of(found: &[Found]) -> Self {
        let mut counts = BTreeMap::new();
        for Found { file, rule, .. } in found {
            *counts
                .entry((file.clone(), (*rule).to_owned()))
                .or_insert(0) += 1;
        }
        Self(counts)
    }

    fn permits(&self, file: &str, rule: &str) -> usize {
        self.0
            .get(&(file.to_owned(), rule.to_owned()))
            .copied()
            .unwrap_or(0)
    }

    /// A line for each phrase in a file that has more of them than the baseline permits.
    pub(super) fn violations(&self, found: &[Found]) -> Vec<String> {
        let today = Self::of(found);
        let is_more = |found: &&Found| {
            today.permits(&found.file, found.rule) > self.permits(&found.file, found.rule)
        };
        let line = |found: &Found| {
            let permitted = self.permits(&found.file, found.rule);
            let note = if permitted == 0 {
                String::new()
            } else {
                format!(" (the file may have {permitted} of these)")
            };
            format!("{}:{}: {}{note}", found.file, found.line, found.sentence)
        };
        found.iter().filter(is_more).map(line).collect()
    }

    /// A line for each count that is higher than it needs to be.
    pub(super) fn can_be_lowered(&self, found: &[Found]) -> Vec<String> {
        let today = Self::of(found);
        let counts = self.0.iter().filter_map(|((file, rule), count)| {
            let stands = today.permits(file, rule);
            (stands < *count)
                .then(|| format!("{FILE}: {file} has {stands} instead of {count} of {rule:?}: run `cargo xtask english`"))
        });
        counts.collect()
    }

    /// The same, with each count no higher than what stands.
    pub(super) fn lowered(&self, found: &[Found]) -> Self {
        let today = Self::of(found);
        let lower = |((file, rule), count): (&(String, String), &usize)| {
            let count = (*count).min(today.permits(file, rule));
            (count > 0).then(|| ((file.clone(), rule.clone()), count))
        };
        Self(self.0.iter().filter_map(lower).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, lines: &[usize]) -> Vec<Found> {
        let one = |line: &usize| Found {
            file: file.to_owned(),
            line: *line,
            rule: "nobody",
            sentence: "name the person".to_owned(),
        };
        lines.iter().map(one).collect()
    }

    fn baseline() -> Baseline {
        Baseline::parse("# a\n2\tnobody\ta.md\n").unwrap()
    }

    #[test]
    fn a_count_may_fall_and_not_rise() {
        assert!(baseline().violations(&found("a.md", &[1, 2])).is_empty());
        assert!(
            baseline()
                .can_be_lowered(&found("a.md", &[1, 2]))
                .is_empty()
        );
        assert_eq!(
            baseline().violations(&found("a.md", &[1, 2, 3])),
            [1, 2, 3]
                .map(|line| format!("a.md:{line}: name the person (the file may have 2 of these)"))
        );
        assert_eq!(
            baseline().violations(&found("b.md", &[7])),
            ["b.md:7: name the person"]
        );
        assert_eq!(baseline().can_be_lowered(&found("a.md", &[1])).len(), 1);
    }

    #[test]
    fn lowering_raises_nothing_and_drops_what_is_done() {
        let raised = [found("a.md", &[1, 2, 3]), found("b.md", &[1])].concat();
        assert_eq!(baseline().lowered(&raised), baseline());
        assert_eq!(
            baseline().lowered(&found("a.md", &[1])).text(),
            format!("{HEAD}1\tnobody\ta.md\n")
        );
        assert_eq!(baseline().lowered(&[]).text(), HEAD);
    }

    #[test]
    fn a_line_without_a_count_is_an_error() {
        assert!(Baseline::parse("nobody\ta.md").is_err());
        assert!(Baseline::parse("x\tnobody\ta.md").is_err());
    }
}
