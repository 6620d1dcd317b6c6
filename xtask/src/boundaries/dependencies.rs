//! Which crate may depend on which, asked of `cargo tree`.

use crate::programs;
use crate::workspace::{FRONTEND, WASM, Workspace};
use anyhow::Result;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// One package, how to list what it depends on, and what must not be among it.
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

/// Where the first-party extensions live, and the one package of ours that they see.
const MODULES: &str = "server/modules";
const SEEN_BY_MODULES: &str = "latchkey-core";

/// A sentence for each dependency that must not be.
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
                "an extension sees the public API of core alone",
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

/// The package names in the output of `cargo tree --prefix none`: first word of each line.
fn names(listed: &str) -> BTreeSet<String> {
    listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// The names of the extensions' packages.
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

/// The first `name = "…"` of a manifest is that of the package.
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
