//! Checks the dependencies between crates with `cargo tree`.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::{
    programs,
    workspace::{FRONTEND, WASM, Workspace},
};

/// A package, how to list its dependencies, and the forbidden ones.
struct Rule {
    package: &'static str,
    /// Further arguments of `cargo tree`.
    arguments: &'static [&'static str],
    forbidden: &'static [&'static str],
    because: &'static str,
}

const RULES: [Rule; 6] = [
    Rule {
        package: "latchkey-words",
        arguments: &["--all-features"],
        forbidden: &["latchkey-app", "latchkey-core", "leptos", "sqlx", "tokio"],
        because: "words are plain data, which the core and the browser share",
    },
    Rule {
        package: "latchkey-texts",
        arguments: &[],
        forbidden: &["latchkey-app", "latchkey-core", "leptos", "serde_json"],
        because: "texts are for every program and for the browser, and a build script needs them first",
    },
    Rule {
        package: "latchkey-core",
        arguments: &["--all-features"],
        forbidden: &["axum", "http", "hyper", "leptos", "tower-sessions"],
        because: "core holds what would be true without a web",
    },
    Rule {
        package: FRONTEND,
        arguments: &["--target", WASM],
        forbidden: &[
            "argon2",
            "axum",
            "latchkey-core",
            "latchkey-texts-build",
            "sqlx",
            "tokio",
        ],
        because: "everything in the browser's half is public, and every browser loads it",
    },
    Rule {
        package: "latchkey-app",
        arguments: &["--all-features"],
        forbidden: &["latchkey-server"],
        because: "pages do not know who serves them",
    },
    Rule {
        package: "latchkey-app",
        arguments: &["--all-features", "--depth", "1"],
        forbidden: &["sqlx"],
        because: "SQL lives in core",
    },
];

/// A sentence for each forbidden dependency.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for rule in &RULES {
        let found = tree(workspace, rule.package, rule.arguments)?;
        for name in rule.forbidden.iter().filter(|name| found.contains(**name)) {
            violations.push(sentence(rule.package, name, rule.because));
        }
    }
    Ok(violations)
}

fn sentence(package: &str, dependency: &str, because: &str) -> String {
    format!("{package} must not depend on {dependency}: {because}")
}

fn tree(workspace: &Workspace, package: &str, arguments: &[&str]) -> Result<BTreeSet<String>> {
    let mut cargo = workspace.cargo();
    cargo.args([
        "tree",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--package",
        package,
    ]);
    let listed = programs::output(cargo.args(arguments))?;
    Ok(names(&listed))
}

/// The package names in the output of `cargo tree --prefix none`: the first word of each line.
fn names(listed: &str) -> BTreeSet<String> {
    listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_first_words() {
        let listed = "latchkey-core v0.1.0 (/somewhere/core)\nhttp v1.3.1\nhttp v1.3.1 (*)\n\n";
        let expected = ["http", "latchkey-core"].map(str::to_owned);
        assert_eq!(names(listed), BTreeSet::from(expected));
    }

    #[test]
    fn a_longer_name_is_another_package() {
        assert!(!names("http-body v1.0.1\n").contains("http"));
    }
}
