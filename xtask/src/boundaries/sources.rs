//! Checks the content of source files.

use std::path::Path;

use anyhow::Result;
use regex::Regex;

use super::{
    rules::{Kind, RULES, Rule},
    text,
};
use crate::files::{self, has_extension, is_test};

/// A line for each violation of a rule.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let compiled = compile(root)?;
    let mut violations = missing(root, RULES);
    for (name, source) in files::read_all(root)? {
        for (rule, pattern) in &compiled {
            violations.extend(violations_in(&name, &source, rule, pattern));
        }
    }
    Ok(violations)
}

/// A line for each file or folder that a rule names and that does not exist: such a rule checks less than it says.
fn missing(root: &Path, rules: &[Rule]) -> Vec<String> {
    let mut lines = Vec::new();
    for rule in rules {
        let named = rule.within.iter().chain(rule.except);
        for name in named.filter(|name| !is_there(root, name)) {
            lines.push(format!(
                "xtask/src/boundaries/rules.rs: {name} does not exist, and a rule names it: {}",
                rule.because
            ));
        }
    }
    lines
}

/// A name that ends in a slash is that of a folder.
fn is_there(root: &Path, name: &str) -> bool {
    let path = root.join(name);
    if name.ends_with('/') {
        path.is_dir()
    } else {
        path.is_file()
    }
}

/// The rules, and one more for the path of this checkout.
fn compile(root: &Path) -> Result<Vec<(Rule, Regex)>> {
    let mut compiled = Vec::new();
    for rule in RULES {
        compiled.push((Rule { ..*rule }, Regex::new(rule.pattern)?));
    }
    let here = Rule {
        kind: Kind::Any,
        pattern: "",
        within: &[],
        except: &[],
        because: "this is the path of your checkout",
    };
    compiled.push((
        here,
        Regex::new(&format!(r"{}\b", regex::escape(&root.to_string_lossy())))?,
    ));
    Ok(compiled)
}

/// Where a source breaks a rule, as `file:line: why`.
fn violations_in(name: &str, source: &str, rule: &Rule, pattern: &Regex) -> Vec<String> {
    let Some(text) = subject(name, source, rule) else {
        return Vec::new();
    };
    let line = |at: usize| text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    pattern
        .find_iter(&text)
        .map(|found| {
            format!(
                "{name}:{}: {:?}: {}",
                line(found.start()),
                found.as_str().trim(),
                rule.because
            )
        })
        .collect()
}

/// The part of a source that a rule checks; `None` if the rule is not for this file.
fn subject(name: &str, source: &str, rule: &Rule) -> Option<String> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    if (!rule.within.is_empty() && !starts(rule.within)) || starts(rule.except) {
        return None;
    }
    let is = |extension: &str| has_extension(Path::new(name), &[extension]);
    match rule.kind {
        Kind::Code => (is("rs") && !is_test(name)).then(|| text::rust_code(source)),
        Kind::Rust => is("rs").then(|| source.to_owned()),
        Kind::Style => is("css").then(|| text::css_code(source)),
        Kind::Any => Some(source.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(name: &str, source: &str) -> Vec<String> {
        let compiled = compile(Path::new("/somewhere/checkout")).unwrap();
        let each = compiled
            .iter()
            .flat_map(|(rule, pattern)| violations_in(name, source, rule, pattern));
        each.collect()
    }

    #[test]
    fn a_rule_names_files_and_folders_that_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let rule = |except| Rule {
            kind: Kind::Any,
            pattern: "x",
            within: &["src/"],
            except,
            because: "it is a test",
        };
        assert!(missing(root, &[rule(&["src/main.rs", "src/boundaries/"])]).is_empty());
        let found = missing(root, &[rule(&["src/main", "src/main.rs/", "src/gone/"])]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[2].contains("src/gone/ does not exist"), "{found:?}");
    }

    #[test]
    fn only_its_store_names_a_table() {
        let sql = "\n\"delete\nFROM  sessions where\"";
        assert_eq!(
            broken("server/core/src/session/store.rs", sql),
            Vec::<String>::new()
        );
        assert_eq!(
            broken("server/core/tests/revoke.rs", sql),
            Vec::<String>::new()
        );
        let found = broken("server/core/src/user/service.rs", sql);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("server/core/src/user/service.rs:3: \"FROM  sessions\""),
            "{found:?}"
        );
    }

    #[test]
    fn a_longer_name_is_another_table() {
        assert!(broken("server/core/src/a.rs", "from users_and_groups").is_empty());
    }

    #[test]
    fn authentication_may_join_users_but_not_write_them() {
        let store = "server/core/src/session/store.rs";
        assert!(broken(store, "join users u on").is_empty());
        assert_eq!(broken(store, "update users set").len(), 1);
    }

    #[test]
    fn the_clock_has_one_home() {
        let code = "let a = OffsetDateTime::now_utc();";
        assert!(broken("server/core/src/clock.rs", code).is_empty());
        assert!(broken("xtask/src/main.rs", code).is_empty());
        assert_eq!(broken("app/src/lib.rs", code).len(), 1);
        assert!(broken("app/src/lib.rs", "// OffsetDateTime::now_utc()").is_empty());
        assert!(broken("app/src/lib.rs", "operand::new()").is_empty());
    }

    #[test]
    fn lints_are_expected_never_allowed() {
        assert_eq!(
            broken("app/src/lib.rs", concat!("#![", "allow(dead_code)]")).len(),
            1
        );
    }

    #[test]
    fn raw_colours_and_sizes_are_tokens() {
        assert_eq!(
            broken("style/card.css", "a { color: #fff; margin: 0 4px }").len(),
            2
        );
        assert_eq!(
            broken("style/card.css", "a { color: oklch(1 0 0) }").len(),
            1
        );
        assert!(
            broken(
                "style/card.css",
                "a { color: var(--ink); /* #fff */ margin: 1rem }"
            )
            .is_empty()
        );
        assert!(broken("style/tokens.css", ":root { --ink: #000 }").is_empty());
    }

    #[test]
    fn a_stylesheet_holds_in_both_directions_of_writing() {
        for physical in ["margin-left: 0", "text-align: right", "left: 0"] {
            let style = format!("a {{ {physical} }}");
            assert_eq!(broken("style/card.css", &style).len(), 1, "{physical}");
        }
        let logical = "a { margin-inline-start: 0; text-align: end } /* left */";
        assert!(broken("style/card.css", logical).is_empty());
    }

    #[test]
    fn machine_paths_stay_out() {
        let home = concat!("see /ho", "me/ann/notes");
        assert_eq!(broken("docs/a.md", home).len(), 1);
        assert_eq!(broken("docs/a.md", "in /somewhere/checkout/app").len(), 1);
        assert!(broken("docs/a.md", "https://example.org/home/ann/").is_empty());
    }
}
