//! Rust source, cut into tokens. The checks of sources read these instead of lines, so that a brace in a
//! string or a path in a comment does not mislead them.

use std::ops::Range;

/// What a token is, as far as the checks tell tokens apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier, a keyword, a lifetime or a number.
    Word,
    /// `::`, or one character of punctuation.
    Sign,
    /// A string or a character, with its quotes.
    Text,
    /// A comment, with its slashes.
    Comment,
}

/// A piece of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'source> {
    pub(crate) kind: Kind,
    pub(crate) text: &'source str,
    /// The line of its first character, from 1.
    pub(crate) line: usize,
}

impl Token<'_> {
    /// Whether this is the word or the sign `text`.
    pub(crate) fn is(&self, text: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Sign) && self.text == text
    }

    /// Whether this is a comment that documents an item: `///` or `//!`.
    pub(crate) fn is_doc(&self) -> bool {
        let is_outer = self.text.starts_with("///") && !self.text.starts_with("////");
        self.kind == Kind::Comment && (is_outer || self.text.starts_with("//!"))
    }

    /// The line of its last character.
    pub(crate) fn last_line(&self) -> usize {
        self.line + self.text.matches('\n').count()
    }
}

/// All tokens of a source, in order.
pub(crate) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (kind, length) = match first {
            _ if first.is_whitespace() => (None, first.len_utf8()),
            _ if rest.starts_with("//") => (Some(Kind::Comment), line_length(rest)),
            _ if rest.starts_with("/*") => (Some(Kind::Comment), block_length(rest)),
            _ if rest.starts_with("::") => (Some(Kind::Sign), 2),
            _ => literal(rest)
                .or_else(|| word(rest))
                .map_or((Some(Kind::Sign), first.len_utf8()), |(kind, length)| {
                    (Some(kind), length)
                }),
        };
        let (text, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        if let Some(kind) = kind {
            found.push(Token { kind, text, line });
        }
        line += text.matches('\n').count();
        rest = behind;
    }
    found
}

/// The tokens that are code and not a test: no comments, and no item under `#[cfg(test)]`.
pub(crate) fn code<'source>(tokens: &[Token<'source>]) -> Vec<Token<'source>> {
    let code = tokens.iter().filter(|token| token.kind != Kind::Comment);
    let code: Vec<_> = code.copied().collect();
    without(&code, &test_items(&code))
}

/// Which of these tokens belong to items under `#[cfg(test)]`, as ranges in order. The tokens must be free of comments.
pub(crate) fn test_items(code: &[Token]) -> Vec<Range<usize>> {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (start, window) in code.windows(ATTRIBUTE.len()).enumerate() {
        let is_inside = ranges.last().is_some_and(|range| range.contains(&start));
        let is_test = window
            .iter()
            .zip(ATTRIBUTE)
            .all(|(token, text)| token.is(text));
        if is_test && !is_inside {
            let item = start + ATTRIBUTE.len();
            let length = item_length(code.get(item..).unwrap_or_default());
            ranges.push(start..item + length);
        }
    }
    ranges
}

fn without<'source>(tokens: &[Token<'source>], ranges: &[Range<usize>]) -> Vec<Token<'source>> {
    let stays = |at: &usize| !ranges.iter().any(|range| range.contains(at));
    let kept = tokens.iter().enumerate().filter(|(at, _)| stays(at));
    kept.map(|(_, token)| *token).collect()
}

/// How many tokens the item has with which these begin: up to its `;` or the end of its block.
fn item_length(tokens: &[Token]) -> usize {
    let mut head = tokens.iter().take_while(|token| !token.is("{"));
    let is_import = head.any(|token| token.is("use"));
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            _ if token.kind != Kind::Sign => {}
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && !is_import {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn line_length(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

/// Block comments nest.
fn block_length(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(behind) = rest.get(at..).filter(|behind| !behind.is_empty()) {
        if behind.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if behind.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += behind.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// A string or a character with its prefix, such as `"a"`, `br#"a"#` or `b'a'`.
fn literal(rest: &str) -> Option<(Kind, usize)> {
    let prefix = rest.find(|letter| !matches!(letter, 'b' | 'c' | 'r'))?;
    let (prefix, quoted) = rest.split_at_checked(prefix)?;
    let length = match prefix {
        "r" | "br" | "cr" => raw_length(quoted),
        "" | "b" | "c" if quoted.starts_with('"') => Some(quoted_length(quoted, '"')),
        "" | "b" if quoted.starts_with('\'') => character_length(quoted),
        _ => None,
    };
    length.map(|length| (Kind::Text, prefix.len() + length))
}

/// `#"…"#` with as many `#` before as behind.
fn raw_length(quoted: &str) -> Option<usize> {
    let hashes = quoted.len() - quoted.trim_start_matches('#').len();
    let body = quoted.get(hashes..)?.strip_prefix('"')?;
    let end = ["\"", &"#".repeat(hashes)].concat();
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(hashes + 1 + length)
}

fn quoted_length(quoted: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, letter) in quoted.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return at + quote.len_utf8(),
            _ => {}
        }
    }
    quoted.len()
}

/// A character; `None` for a lifetime, which has no second quote behind its first letter.
fn character_length(quoted: &str) -> Option<usize> {
    let mut letters = quoted.char_indices().skip(1);
    let (_, first) = letters.next()?;
    let (at, second) = letters.next()?;
    if first == '\\' {
        return Some(quoted_length(quoted, '\''));
    }
    (second == '\'').then_some(at + 1)
}

/// An identifier, perhaps raw, a number, or a lifetime.
fn word(rest: &str) -> Option<(Kind, usize)> {
    let start = ["r#", "'"].iter().find(|start| rest.starts_with(**start));
    let start = start.map_or(0, |start| start.len());
    let body = rest.get(start..)?;
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = body.find(|letter| !is_part(letter)).unwrap_or(body.len());
    (length > 0).then_some((Kind::Word, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        tokens(source).iter().map(|token| token.text).collect()
    }

    #[test]
    fn strings_and_characters_are_one_token_each() {
        assert_eq!(
            texts(r##"f(r#"a "b" // c"#, "d\"e", b'"', '\'', '\u{e4}', 'x)"##),
            [
                "f",
                "(",
                r##"r#"a "b" // c"#"##,
                ",",
                r#""d\"e""#,
                ",",
                "b'\"'",
                ",",
                "'\\''",
                ",",
                "'\\u{e4}'",
                ",",
                "'x",
                ")"
            ]
        );
    }

    #[test]
    fn a_lifetime_is_no_character() {
        assert_eq!(texts("&'a str, 'a'"), ["&", "'a", "str", ",", "'a'"]);
        assert_eq!(texts("r#type bcr r"), ["r#type", "bcr", "r"]);
    }

    #[test]
    fn comments_are_tokens_with_their_lines() {
        let found = tokens("a // b\n/* c /* d */\n*/ e");
        let lines: Vec<_> = found
            .iter()
            .map(|token| (token.text, token.line, token.last_line()))
            .collect();
        assert_eq!(
            lines,
            [
                ("a", 1, 1),
                ("// b", 1, 1),
                ("/* c /* d */\n*/", 2, 3),
                ("e", 3, 3)
            ]
        );
        assert!(!found[1].is_doc());
        assert!(tokens("/// a")[0].is_doc() && tokens("//! a")[0].is_doc());
    }

    #[test]
    fn tests_and_comments_are_no_code() {
        let code_of = |source| -> String {
            let tokens = tokens(source);
            let words = code(&tokens);
            words
                .iter()
                .map(|token| token.text)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(code_of("a; #[cfg(test)] mod tests { b { c } } d"), "a ; d");
        assert_eq!(code_of("#[cfg(test)] mod a { use b::c; } d"), "d");
        assert_eq!(code_of("#[cfg(test)] use a::{b, c}; d // e"), "d");
        assert_eq!(code_of("#[cfg(test)] #[path = \"x\"] mod tests; d"), "d");
        assert_eq!(code_of("#[cfg(test)] const A: [u8; 2] = [1; 2]; d"), "d");
        assert_eq!(
            code_of("#[cfg(any(test, unix))] fn a() {}"),
            "# [ cfg ( any ( test , unix ) ) ] fn a ( ) { }"
        );
    }
}
