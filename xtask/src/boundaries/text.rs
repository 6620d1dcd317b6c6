//! Removes text that a rule for code does not check: comments, and unit tests at the end of a file.

/// Rust without line comments and unit tests. The number of lines before the tests stays the same.
pub(super) fn rust_code(source: &str) -> String {
    let end = source.find("#[cfg(test)]\nmod ").unwrap_or(source.len());
    let code = source.get(..end).unwrap_or(source);
    code.lines()
        .map(without_line_comment)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A line without its comment. A `//` with a colon before it counts as an address in a string, `https://…`.
fn without_line_comment(line: &str) -> &str {
    let comment = line
        .match_indices("//")
        .find(|(at, _)| !line.get(..*at).unwrap_or_default().ends_with(':'));
    comment.map_or(line, |(at, _)| line.get(..at).unwrap_or_default())
}

/// CSS with its comments blanked out. The number of lines stays the same.
pub(super) fn css_code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("/*") {
        code.push_str(before);
        let (comment, behind) = after.split_once("*/").unwrap_or((after, ""));
        code.extend(comment.chars().filter(|character| *character == '\n'));
        rest = behind;
    }
    code.push_str(rest);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_unit_tests_are_not_code() {
        let source = "/// from sessions\nfn a() {} // b\n#[cfg(test)]\nmod tests {}\n";
        assert_eq!(rust_code(source), "\nfn a() {} ");
    }

    #[test]
    fn an_address_is_not_a_comment() {
        assert_eq!(
            rust_code("let a = \"https://x\"; // y"),
            "let a = \"https://x\"; "
        );
    }

    #[test]
    fn lines_keep_their_numbers_in_css() {
        assert_eq!(css_code("a /* 1\n2 */ b /* open"), "a \n b ");
    }
}
