//! Files that refer to one another in a circle.
//!
//! A circle is a chain of files of one room, in which each file names something of the next and the last one something
//! of the first. A module and those inside of it count as one thing (see [`modules::references`]), so a parent that
//! re-exports a child and a child that uses its parent are no circle. A circle through several rooms has a reference
//! up, which the check of rooms finds. In a crate without a table of rooms the whole crate counts as one room.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

use anyhow::Result;

use super::{
    modules::{self, Module, Reference},
    rooms::HOUSES,
};

/// The crates that are one room.
const CRATES: [&str; 7] = [
    "server/bench/src",
    "server/module/src",
    "server/postgres/src",
    "server/words/src",
    "app/texts/build/src",
    "app/texts/src",
    "xtask/src",
];

/// The files that each file names.
type Graph = BTreeMap<Module, BTreeSet<Module>>;

/// A line for each circle.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for (sources, references) in each_crate(root)? {
        violations.extend(in_crate(sources, &references));
    }
    Ok(violations)
}

/// How many files are part of some circle.
pub(crate) fn count_files_in_circles(root: &Path) -> Result<usize> {
    let mut count = 0;
    for (_, references) in each_crate(root)? {
        let graph = graph(&references);
        count += graph
            .keys()
            .filter(|file| way(&graph, file, file).is_some())
            .count();
    }
    Ok(count)
}

/// The references of each crate that stay within a room.
fn each_crate(root: &Path) -> Result<Vec<(&'static str, Vec<Reference>)>> {
    let mut crates = Vec::new();
    for house in HOUSES {
        let mut references = modules::references(root, house.sources)?;
        references.retain(|reference| reference.from.first() == reference.to.first());
        crates.push((house.sources, references));
    }
    for sources in CRATES {
        crates.push((sources, modules::references(root, sources)?));
    }
    Ok(crates)
}

fn in_crate(sources: &str, references: &[Reference]) -> Vec<String> {
    let graph = graph(references);
    let mut violations = Vec::new();
    let mut told: BTreeSet<&Module> = BTreeSet::new();
    for file in graph.keys() {
        if told.contains(file) {
            continue;
        }
        if let Some(circle) = way(&graph, file, file) {
            violations.push(sentence(sources, &circle, references));
            told.extend(
                circle
                    .iter()
                    .filter_map(|file| Some(graph.get_key_value(file)?.0)),
            );
        }
    }
    violations
}

fn graph(references: &[Reference]) -> Graph {
    let mut graph = Graph::new();
    for reference in references {
        let Reference { from, to, .. } = reference.clone();
        graph.entry(from).or_default().insert(to);
    }
    graph
}

/// The shortest way over at least one reference, with both ends.
fn way(graph: &Graph, from: &Module, to: &Module) -> Option<Vec<Module>> {
    let mut ways = VecDeque::from([vec![from.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in graph.get(way.last()?).into_iter().flatten() {
            let longer = [way.as_slice(), std::slice::from_ref(next)].concat();
            if next == to {
                return Some(longer);
            }
            if seen.insert(next) {
                ways.push_back(longer);
            }
        }
    }
    None
}

fn sentence(sources: &str, circle: &[Module], references: &[Reference]) -> String {
    let line = |(from, to): (&Module, &Module)| {
        let is_it = |reference: &&Reference| reference.from == *from && reference.to == *to;
        let at = references
            .iter()
            .find(is_it)
            .map_or("", |reference| &reference.at);
        format!("\n    {at} names {}", to.join("::"))
    };
    let lines: String = circle.iter().zip(circle.iter().skip(1)).map(line).collect();
    format!("{sources}: files refer to one another in a circle:{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(path: &str) -> Module {
        path.split("::").map(str::to_owned).collect()
    }

    fn broken(references: &[(&str, &str)]) -> Vec<String> {
        let references: Vec<_> = references
            .iter()
            .map(|(from, to)| Reference {
                from: module(from),
                to: module(to),
                at: format!("src/{from}.rs:1"),
            })
            .collect();
        in_crate("src", &references)
    }

    #[test]
    fn a_circle_is_told_once_with_its_references() {
        assert!(broken(&[("a", "b"), ("b", "c"), ("a", "c")]).is_empty());
        let found = broken(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].ends_with(
                "\n    src/a.rs:1 names b\n    src/b.rs:1 names c\n    src/c.rs:1 names a"
            ),
            "{found:?}"
        );
    }
}
