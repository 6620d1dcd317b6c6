//! The measures of the code that can be counted, beside what they should be.

mod functions;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Result;

use crate::{
    boundaries::{circles, rooms},
    english,
    files::{self, is_test},
    rust::{self, Token},
    workspace::Workspace,
};

/// The folders of the crates, the longest names first.
const CRATES: [&str; 10] = [
    "server/module",
    "server/postgres",
    "server/bench",
    "server/core",
    "server",
    "app/texts/build",
    "app/texts",
    "app",
    "frontend",
    "xtask",
];

/// One row of the table.
struct Measure {
    name: String,
    today: String,
    goal: &'static str,
}

/// Prints the table.
pub(crate) fn measure(workspace: &Workspace) -> Result<()> {
    let measures = measures(workspace.root())?;
    let width = measures
        .iter()
        .map(|measure| measure.name.len())
        .max()
        .unwrap_or(0);
    println!("{:width$}  {:>6}  should be", "measure", "today");
    for Measure { name, today, goal } in &measures {
        println!("{name:width$}  {today:>6}  {goal}");
    }
    Ok(())
}

fn measures(root: &Path) -> Result<Vec<Measure>> {
    let row = |name: &str, today: String, goal| Measure {
        name: name.to_owned(),
        today,
        goal,
    };
    let files = rust_files(root)?;
    let product: Vec<_> = files.iter().filter(|file| !is_test(&file.name)).collect();
    let lengths: Vec<_> = product
        .iter()
        .flat_map(|file| functions::lengths(&file.source))
        .collect();
    let lines: Vec<_> = product
        .iter()
        .map(|file| file.source.lines().count())
        .collect();
    let undocumented: usize = product
        .iter()
        .map(|file| functions::undocumented(&file.source))
        .sum();
    let mut rows = vec![
        row(
            "files in a circle",
            circles::count_files_in_circles(root)?.to_string(),
            "0",
        ),
        row(
            "references up between rooms",
            rooms::count_arrows_up(root)?.to_string(),
            "0",
        ),
        row(
            "lines of a function, median",
            quantile(&lengths, 50).to_string(),
            "at most 8",
        ),
        row(
            "lines of a function, p90",
            quantile(&lengths, 90).to_string(),
            "at most 25",
        ),
        row(
            "lines of a file, p90",
            quantile(&lines, 90).to_string(),
            "at most 260",
        ),
        row(
            "`pub` items without documentation",
            undocumented.to_string(),
            "0",
        ),
        row(
            "refused phrases in texts",
            english::count(root)?.to_string(),
            "0",
        ),
    ];
    let mut shares: BTreeMap<&str, Share> = BTreeMap::new();
    for file in &files {
        for name in ["all crates", crate_of(&file.name)] {
            shares.entry(name).or_default().add(file);
        }
    }
    for (name, share) in shares {
        let name = format!("share of lines that are tests, {name}");
        rows.push(row(&name, share.percent(), "at least 45 %"));
    }
    Ok(rows)
}

struct File {
    name: String,
    source: String,
}

fn rust_files(root: &Path) -> Result<Vec<File>> {
    let files = files::read_all(root)?.into_iter();
    let rust = files.filter(|(name, _)| files::has_extension(Path::new(name), &["rs"]));
    Ok(rust.map(|(name, source)| File { name, source }).collect())
}

fn crate_of(file: &str) -> &'static str {
    let is_in = |folder: &&&str| {
        file.strip_prefix(**folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    CRATES.iter().find(is_in).copied().unwrap_or("others")
}

/// Lines of tests among all lines.
#[derive(Default)]
struct Share {
    tests: usize,
    all: usize,
}

impl Share {
    fn add(&mut self, file: &File) {
        let lines = file.source.lines().count();
        self.all += lines;
        self.tests += if is_test(&file.name) {
            lines
        } else {
            test_lines(&file.source).len()
        };
    }

    fn percent(&self) -> String {
        format!("{} %", self.tests * 100 / self.all.max(1))
    }
}

/// The lines of items under `#[cfg(test)]`.
fn test_lines(source: &str) -> BTreeSet<usize> {
    let tokens = rust::tokens(source);
    let code: Vec<Token> = tokens
        .into_iter()
        .filter(|token| token.kind != rust::Kind::Comment)
        .collect();
    let mut lines = BTreeSet::new();
    for range in rust::test_items(&code) {
        let item = code.get(range).unwrap_or_default();
        if let (Some(first), Some(last)) = (item.first(), item.last()) {
            lines.extend(first.line..=last.last_line());
        }
    }
    lines
}

/// The smallest number that at least `percent` of the numbers do not exceed.
fn quantile(numbers: &[usize], percent: usize) -> usize {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_numbers() {
        let numbers: Vec<_> = (1..=10).rev().collect();
        assert_eq!(quantile(&numbers, 50), 5);
        assert_eq!(quantile(&numbers, 90), 9);
        assert_eq!(quantile(&[7], 90), 7);
        assert_eq!(quantile(&[], 90), 0);
    }

    #[test]
    fn the_lines_of_tests_are_counted_with_their_attribute() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n    // b\n}\nfn c() {}\n";
        assert_eq!(test_lines(source), BTreeSet::from([2, 3, 4, 5]));
    }

    #[test]
    fn a_file_belongs_to_the_innermost_crate() {
        assert_eq!(crate_of("server/core/src/lib.rs"), "server/core");
        assert_eq!(crate_of("server/src/lib.rs"), "server");
        assert_eq!(crate_of("server2/lib.rs"), "others");
    }
}
