//! The style of imports: in each run of `use` declarations a crate stands once, with what is imported from it in
//! braces. rustfmt's `imports_granularity = "Crate"` means the same and is not stable.

use std::{collections::BTreeSet, path::Path};

use anyhow::Result;

use crate::{
    files,
    rust::{self, Kind, Token},
};

/// A line for each crate that is imported from a second time in a row.
pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    let mut violations = Vec::new();
    for (name, source) in files::read_all(root)? {
        if files::has_extension(Path::new(&name), &["rs"]) {
            violations.extend(repeated(&source).into_iter().map(|(line, first)| {
                format!("{name}:{line}: import what is of `{first}` by one `use` with braces")
            }));
        }
    }
    Ok(violations)
}

/// Line and first segment of each `use` whose crate stands before it in its run. An attribute, a comment or any other
/// item begins another run, and so does another visibility.
fn repeated(source: &str) -> Vec<(usize, &str)> {
    let tokens = rust::tokens(source);
    let mut found = Vec::new();
    let (mut seen, mut rest) = (BTreeSet::new(), tokens.as_slice());
    let mut has_attribute = false;
    while let Some(token) = rest.first() {
        let Some((visibility, path)) = import(rest) else {
            seen.clear();
            has_attribute = token.is("]");
            rest = rest.get(1..).unwrap_or_default();
            continue;
        };
        let first = path.iter().find(|token| token.kind == Kind::Word);
        let first = first.map_or("", |token| token.text);
        let visibility: Vec<_> = visibility.iter().map(|token| token.text).collect();
        if !std::mem::take(&mut has_attribute) && !seen.insert((visibility, first)) {
            found.push((token.line, first));
        }
        let end = path.iter().position(|token| token.is(";"));
        rest = path
            .get(end.map_or(path.len(), |end| end + 1)..)
            .unwrap_or_default();
    }
    found
}

/// The visibility of the `use` declaration that begins here, and what stands behind its `use`.
fn import<'a, 'b>(tokens: &'a [Token<'b>]) -> Option<(&'a [Token<'b>], &'a [Token<'b>])> {
    let mut at = 0;
    if tokens.first()?.is("pub") {
        at = 1;
        if tokens.get(1)?.is("(") {
            at = tokens.iter().position(|token| token.is(")"))? + 1;
        }
    }
    let is_use = tokens.get(at)?.is("use");
    is_use.then(|| Some((tokens.get(..at)?, tokens.get(at + 1..)?)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_stands_once_in_a_run() {
        assert!(repeated("use a::{b, c::d};\nuse std::fs;\npub use a::e;\n").is_empty());
        assert_eq!(repeated("use a::b;\nuse c::d;\nuse a::c;\n"), [(3, "a")]);
        assert_eq!(
            repeated("pub(crate) use a::b;\npub(crate) use a::c;"),
            [(2, "a")]
        );
    }

    #[test]
    fn another_item_or_an_attribute_begins_another_run() {
        assert!(repeated("use a::b;\n#[cfg(x)]\nuse a::c;\nuse a::d;").is_empty());
        assert!(repeated("use a::b;\n// For tests.\nuse a::c;").is_empty());
        assert!(repeated("use a::b;\nmod x { use a::c; }").is_empty());
    }
}
