//! The paths that Rust source names: those it imports, and those it writes out in place.

use crate::rust::Token;

/// A path such as `crate::session::Caller`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) segments: Vec<String>,
    /// The name by which the rest of the file knows it, if it is imported.
    pub(super) imported_as: Option<String>,
    pub(super) line: usize,
}

/// All paths of at least two segments in code, and all imports.
pub(super) fn paths(code: &[Token]) -> Vec<Path> {
    let mut reader = Reader { code, at: 0 };
    let mut found = Vec::new();
    while let Some(token) = reader.peek() {
        if token.is("use") {
            reader.at += 1;
            reader.skip("::");
            reader.import(&[], &mut found);
        } else if is_name(token) {
            let (line, is_visibility) = (token.line, reader.is_in_visibility());
            let segments = reader.segments();
            if segments.len() > 1 && !is_visibility {
                found.push(Path {
                    segments,
                    imported_as: None,
                    line,
                });
            }
        } else {
            reader.at += 1;
        }
    }
    found
}

struct Reader<'code> {
    code: &'code [Token<'code>],
    at: usize,
}

impl<'code> Reader<'code> {
    fn peek(&self) -> Option<&'code Token<'code>> {
        self.code.get(self.at)
    }

    fn skip(&mut self, text: &str) -> bool {
        let is_there = self.peek().is_some_and(|token| token.is(text));
        self.at += usize::from(is_there);
        is_there
    }

    /// Whether the next token is the path in `pub(in crate::session)`, which imports nothing.
    fn is_in_visibility(&self) -> bool {
        let before = self
            .at
            .checked_sub(2)
            .and_then(|at| self.code.get(at..self.at));
        matches!(before, Some([open, word]) if open.is("(") && word.is("in"))
    }

    /// `a::b::c`, as far as names follow one another.
    fn segments(&mut self) -> Vec<String> {
        let mut segments = Vec::new();
        while let Some(name) = self.peek().filter(|token| is_name(token)) {
            segments.push(name.text.to_owned());
            self.at += 1;
            let goes_on = self.code.get(self.at + 1).is_some_and(is_name);
            if !goes_on || !self.skip("::") {
                break;
            }
        }
        segments
    }

    /// One branch of a `use`, such as `a::{b, c as d}`.
    fn import(&mut self, before: &[String], found: &mut Vec<Path>) {
        let line = self.peek().map_or(0, |token| token.line);
        let segments = [before, &self.segments()].concat();
        let goes_on = self.skip("::");
        if goes_on && self.skip("*") {
            return found.push(imported(segments, "*", line));
        }
        if (goes_on || segments.is_empty()) && self.skip("{") {
            while self.peek().is_some() && !self.skip("}") {
                let start = self.at;
                self.import(&segments, found);
                self.skip(",");
                // Whatever is no import must not hold the reader up.
                self.at += usize::from(self.at == start);
            }
            return;
        }
        let alias = if self.skip("as") {
            self.segments().pop()
        } else {
            None
        };
        let mut segments = segments;
        if segments.last().is_some_and(|last| last == "self") && segments.len() > 1 {
            segments.pop();
        }
        if let Some(name) = alias.or_else(|| segments.last().cloned()) {
            found.push(imported(segments, &name, line));
        }
    }
}

fn imported(segments: Vec<String>, name: &str, line: usize) -> Path {
    Path {
        segments,
        imported_as: Some(name.to_owned()),
        line,
    }
}

fn is_name(token: &Token) -> bool {
    const KEYWORDS: [&str; 4] = ["as", "in", "use", "where"];
    let is_word = token.kind == crate::rust::Kind::Word;
    is_word && !token.text.starts_with('\'') && !KEYWORDS.contains(&token.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust::{code, tokens};

    fn found(source: &str) -> Vec<String> {
        let tokens = tokens(source);
        let name = |path: &Path| path.imported_as.clone();
        paths(&code(&tokens))
            .iter()
            .map(|path| match name(path) {
                Some(name) => format!("{} as {name}", path.segments.join("::")),
                None => path.segments.join("::"),
            })
            .collect()
    }

    #[test]
    fn an_import_names_each_of_its_branches() {
        assert_eq!(
            found("pub(crate) use crate::{a, b::{self, c as d}, e::*}; use super::f;"),
            [
                "crate::a as a",
                "crate::b as b",
                "crate::b::c as d",
                "crate::e as *",
                "super::f as f"
            ]
        );
    }

    #[test]
    fn paths_in_code_and_in_macros_are_found() {
        assert_eq!(
            found("fn a(b: crate::c::D) -> e::F { view! { <G h=super::i()/> } }"),
            ["crate::c::D", "e::F", "super::i"]
        );
    }

    #[test]
    fn a_turbofish_ends_a_path_and_a_visibility_is_none() {
        assert_eq!(
            found("pub(in crate::a) fn b() { c::d::<e::F>() }"),
            ["c::d", "e::F"]
        );
    }
}
