//! What is counted of the items of a file, outside of tests.

use crate::rust::{self, Kind, Token};

/// How many lines each function has, from `fn` to its last brace.
pub(super) fn lengths(source: &str) -> Vec<usize> {
    let tokens = rust::tokens(source);
    let code = rust::code(&tokens);
    let starts = code.windows(2).enumerate().filter(|(_, pair)| {
        // `fn(u8)` is a type.
        matches!(pair, [word, name] if word.is("fn") && name.kind == Kind::Word)
    });
    let length = |at: usize| length(code.get(at..)?);
    starts.filter_map(|(at, _)| length(at)).collect()
}

/// The lines up to the end of the first block; `None` for a function without a body.
fn length(function: &[Token]) -> Option<usize> {
    let first = function.first()?.line;
    let (mut round, mut braces) = (0_usize, 0_usize);
    for token in function {
        if token.kind != Kind::Sign {
            continue;
        }
        match token.text {
            "(" | "[" => round += 1,
            ")" | "]" => round = round.saturating_sub(1),
            "{" => braces += 1,
            "}" => braces = braces.saturating_sub(1),
            ";" if round == 0 && braces == 0 => return None,
            _ => {}
        }
        if token.is("}") && braces == 0 && round == 0 {
            return Some(token.line + 1 - first);
        }
    }
    None
}

/// How many `pub` items have no documentation. Modules have theirs in their own file, and what is imported has it where
/// it is defined.
pub(super) fn undocumented(source: &str) -> usize {
    let tokens = rust::tokens(source);
    let code: Vec<_> = tokens
        .iter()
        .filter(|token| token.kind != Kind::Comment)
        .copied()
        .collect();
    let tests = rust::test_items(&code);
    let is_test = |line: usize| {
        tests
            .iter()
            .filter_map(|range| code.get(range.clone()))
            .any(|item| {
                let (first, last) = (item.first(), item.last());
                first.is_some_and(|first| first.line <= line)
                    && last.is_some_and(|last| line <= last.line)
            })
    };
    let items = tokens.iter().enumerate().filter(|(at, token)| {
        let behind = tokens.get(at + 1..).unwrap_or_default();
        token.is("pub") && is_item(behind) && !is_test(token.line)
    });
    items
        .filter(|(at, _)| !is_documented(tokens.get(..*at).unwrap_or_default()))
        .count()
}

/// Whether an item of its own begins behind `pub`, and not a field.
fn is_item(mut behind: &[Token]) -> bool {
    const ITEMS: [&str; 9] = [
        "async", "const", "enum", "fn", "static", "struct", "trait", "type", "union",
    ];
    if behind.first().is_some_and(|token| token.is("(")) {
        let end = behind.iter().position(|token| token.is(")")).unwrap_or(0);
        behind = behind.get(end + 1..).unwrap_or_default();
    }
    behind
        .first()
        .is_some_and(|token| ITEMS.iter().any(|item| token.is(item)))
}

/// Whether documentation stands at the end, before or between attributes.
fn is_documented(mut before: &[Token]) -> bool {
    while let Some((last, rest)) = before.split_last() {
        if last.kind == Kind::Comment {
            if last.is_doc() {
                return true;
            }
            before = rest;
        } else if last.is("]") {
            let Some(start) = start_of_attribute(before) else {
                return false;
            };
            before = before.get(..start).unwrap_or_default();
        } else {
            return false;
        }
    }
    false
}

/// Where the `#` of the attribute stands that ends here.
fn start_of_attribute(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().rev() {
        if token.is("]") {
            depth += 1;
        } else if token.is("[") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                let at = at.checked_sub(1)?;
                return tokens.get(at)?.is("#").then_some(at);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_as_long_as_its_lines() {
        let source =
            "fn a() {}\nfn b(\n    c: [u8; 2],\n) -> D {\n    if e { f }\n}\ntrait G { fn h(); }\n";
        assert_eq!(lengths(source), [1, 5]);
        assert_eq!(
            lengths("type A = fn(u8);\n#[cfg(test)]\nmod tests { fn b() {} }"),
            Vec::<usize>::new()
        );
    }

    #[test]
    fn documentation_counts_over_attributes() {
        let documented = "/// A.\n#[derive(B)]\n// c\n#[d(e = [1])]\npub struct F { pub g: u8 }\n";
        assert_eq!(undocumented(documented), 0);
        assert_eq!(
            undocumented("pub fn a() {}\npub(crate) const fn b() {}\nfn c() {}"),
            2
        );
        assert_eq!(undocumented("pub mod a;\npub use b::c;\n"), 0);
        assert_eq!(undocumented("// not documentation\npub enum A {}"), 1);
        assert_eq!(
            undocumented("#[cfg(test)]\npub(crate) mod testing {\n    pub fn a() {}\n}"),
            0
        );
    }
}
