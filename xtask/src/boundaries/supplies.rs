//! Licences and sources of all packages, held to `deny.toml` without cargo-deny and without the network.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;
use toml::Table;

use crate::{
    programs,
    workspace::{WASM, Workspace},
};

const FILE: &str = "deny.toml";

/// What `deny.toml` permits.
#[derive(Debug)]
struct Permitted {
    licences: Vec<String>,
    registries: Vec<String>,
}

/// A line for each package that comes from elsewhere, or under another licence.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let permitted = Permitted::read(workspace.root())?;
    let mut violations = Vec::new();
    for target in [host()?.as_str(), WASM] {
        let mut cargo = workspace.cargo();
        // Only packages of these targets: a build has downloaded them, or will.
        cargo.args([
            "metadata",
            "--format-version=1",
            "--locked",
            "--all-features",
            "--filter-platform",
            target,
        ]);
        let metadata: Value = serde_json::from_str(&programs::output(&mut cargo)?)?;
        let packages = metadata.get("packages").and_then(Value::as_array);
        violations.extend(
            packages
                .into_iter()
                .flatten()
                .filter_map(|package| permitted.complaint(package)),
        );
    }
    violations.sort();
    violations.dedup();
    Ok(violations)
}

/// The target that this machine builds for by default.
fn host() -> Result<String> {
    let mut rustc = std::process::Command::new("rustc");
    Ok(programs::output(rustc.args(["--print", "host-tuple"]))?
        .trim()
        .to_owned())
}

impl Permitted {
    fn read(root: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let table: Table = text
            .parse()
            .with_context(|| format!("cannot read {FILE}"))?;
        let list = |section: &str, key: &str| {
            let values = table
                .get(section)
                .and_then(|section| section.get(key)?.as_array());
            let words = values.map(|values| {
                values
                    .iter()
                    .filter_map(|value| Some(value.as_str()?.to_owned()))
            });
            words
                .map(Iterator::collect)
                .with_context(|| format!("{FILE}: {section}.{key} is missing"))
        };
        Ok(Self {
            licences: list("licenses", "allow")?,
            registries: list("sources", "allow-registry")?,
        })
    }

    /// What is wrong with a package of `cargo metadata`. The workspace's own have no source.
    fn complaint(&self, package: &Value) -> Option<String> {
        let word = |key: &str| package.get(key).and_then(Value::as_str);
        let name = word("name")?;
        let source = word("source")?;
        let registry = source.strip_prefix("registry+").unwrap_or(source);
        if !self
            .registries
            .iter()
            .any(|permitted| permitted == registry)
        {
            return Some(format!(
                "{name} comes from {source}, which {FILE} does not permit"
            ));
        }
        let licence = word("license").unwrap_or("none");
        let permits = self.permits(licence);
        (!permits)
            .then(|| format!("{name} has the licence {licence}, which {FILE} does not permit"))
    }

    /// Whether an SPDX expression can be met: one side of each OR, both sides of each AND.
    fn permits(&self, expression: &str) -> bool {
        let spaced = expression
            .replace('(', " ( ")
            .replace(')', " ) ")
            .replace('/', " OR ");
        let words: Vec<_> = spaced.split_whitespace().collect();
        let (is_met, rest) = self.either(&words);
        is_met && rest.is_empty()
    }

    fn either<'a, 'b>(&self, words: &'a [&'b str]) -> (bool, &'a [&'b str]) {
        let (mut is_met, mut rest) = self.both(words);
        while let [word, behind @ ..] = rest
            && *word == "OR"
        {
            let (is_other_met, behind) = self.both(behind);
            is_met |= is_other_met;
            rest = behind;
        }
        (is_met, rest)
    }

    fn both<'a, 'b>(&self, words: &'a [&'b str]) -> (bool, &'a [&'b str]) {
        let (mut is_met, mut rest) = self.one(words);
        while let [word, behind @ ..] = rest
            && *word == "AND"
        {
            let (is_other_met, behind) = self.one(behind);
            is_met &= is_other_met;
            rest = behind;
        }
        (is_met, rest)
    }

    /// One licence, or an expression in parentheses. A licence with an exception permits more than without.
    fn one<'a, 'b>(&self, words: &'a [&'b str]) -> (bool, &'a [&'b str]) {
        match words {
            [open, behind @ ..] if *open == "(" => {
                let (is_met, rest) = self.either(behind);
                (is_met, rest.strip_prefix(&[")"]).unwrap_or(rest))
            }
            [licence, with, _, behind @ ..] if *with == "WITH" => (self.has(licence), behind),
            [licence, behind @ ..] => (self.has(licence), behind),
            [] => (false, words),
        }
    }

    fn has(&self, licence: &str) -> bool {
        self.licences.iter().any(|permitted| permitted == licence)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn permitted() -> Permitted {
        Permitted::parse("[licenses]\nallow = [\"MIT\", \"ISC\"]\n[sources]\nallow-registry = [\"https://here\"]").unwrap()
    }

    #[test]
    fn a_licence_expression_is_met_by_what_is_permitted() {
        for met in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "GPL-3.0 OR MIT AND ISC",
            "(GPL-3.0 OR MIT) AND ISC",
            "MIT WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(permitted().permits(met), "{met}");
        }
        for refused in [
            "",
            "none",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR ISC) AND GPL-3.0",
            "MIT ISC",
        ] {
            assert!(!permitted().permits(refused), "{refused}");
        }
    }

    #[test]
    fn a_package_from_elsewhere_or_without_a_licence_is_refused() {
        let complaint = |source: Value, license: Value| {
            let package = json!({"name": "a", "source": source, "license": license});
            permitted().complaint(&package)
        };
        assert_eq!(
            complaint(json!("registry+https://here"), json!("MIT")),
            None
        );
        assert_eq!(complaint(Value::Null, Value::Null), None);
        assert!(
            complaint(json!("git+https://here"), json!("MIT"))
                .unwrap()
                .contains("comes from git")
        );
        assert!(
            complaint(json!("registry+https://here"), Value::Null)
                .unwrap()
                .contains("the licence none")
        );
    }

    #[test]
    fn a_list_that_is_missing_is_an_error() {
        assert!(Permitted::parse("[licenses]\nallow = []").is_err());
    }
}
