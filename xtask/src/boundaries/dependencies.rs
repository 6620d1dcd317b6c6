//! Checks the dependencies between crates with `cargo tree`.

use crate::programs;
use crate::workspace::{FRONTEND, WASM, Workspace};
use anyhow::Result;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A package, how to list its dependencies, and the forbidden ones.
struct Rule {
    package: &'static str,
    /// Further arguments of `cargo tree`.
    arguments: &'static [&'static str],
    forbidden: &'static [&'static str],
    because: &'static str,
}

const RULES: [Rule; 4] = [
    Rule {
        package: "latchkey-core",
        arguments: &["--all-features"],
        forbidden: &["axum", "http", "hyper", "leptos", "tower-sessions"],
        because: "core holds what would be true without a web",
    },
    Rule {
        package: FRONTEND,
        arguments: &["--target", WASM],
        forbidden: &["argon2", "axum", "latchkey-core", "sqlx", "tokio"],
        because: "everything in the browser's half is public, and loaded by everybody",
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

/// The folder of Latchkey's own modules.
const MODULES: &str = "server/modules";
/// The only package of Latchkey that modules may use.
const SEEN_BY_MODULES: &str = "latchkey-core";

/// A sentence for each forbidden dependency.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for rule in &RULES {
        let found = tree(workspace, rule.package, rule.arguments)?;
        for name in rule.forbidden.iter().filter(|name| found.contains(**name)) {
            violations.push(sentence(rule.package, name, rule.because));
        }
    }
    for module in modules(workspace.root())? {
        let found = tree(workspace, &module, &["--all-features"])?;
        let ours = workspace
            .packages()
            .iter()
            .filter(|name| found.contains(*name));
        for name in ours.filter(|name| **name != module && *name != SEEN_BY_MODULES) {
            violations.push(sentence(
                &module,
                name,
                "a module uses the public API of core only",
            ));
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

/// The names of the modules' packages.
fn modules(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(MODULES)).into_iter().flatten() {
        let manifest = entry?.path().join("Cargo.toml");
        if manifest.is_file() {
            found.extend(package_name(&fs::read_to_string(manifest)?));
        }
    }
    Ok(found)
}

/// The name of a package: the first `name = "…"` of its manifest.
fn package_name(manifest: &str) -> Option<String> {
    manifest.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"').to_owned())
    })
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

    #[test]
    fn a_manifest_tells_its_name() {
        let manifest = "[package]\nname = \"latchkey-limits\"\nversion.workspace = true\n[lib]\nname = \"x\"\n";
        assert_eq!(package_name(manifest).as_deref(), Some("latchkey-limits"));
        assert_eq!(package_name("[workspace]\n"), None);
    }
}
