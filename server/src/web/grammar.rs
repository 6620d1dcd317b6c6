//! The grammar of header fields in the RFCs.
//!
//! `str::trim` and similar methods follow Unicode, but headers are bytes. A browser treats a Unicode space as
//! a part of a name, so the server must do the same.

use http::{HeaderMap, header};

/// The text without spaces and tabs at both ends: `OWS` of RFC 9110, 5.6.3.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The cookies of a request in the order sent: `cookie-string` of RFC 6265, 4.2.1, on any number of lines.
/// Text that is no `cookie-pair` is skipped, and the pairs beside it still count.
pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        let (name, value) = trim(pair).split_once('=')?;
        (is_token(name) && value.bytes().all(is_cookie_octet)).then_some((name, value))
    })
}

/// `token` of RFC 9110, 5.6.2.
fn is_token(text: &str) -> bool {
    let is_token_character =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_character)
}

/// `cookie-octet` of RFC 6265, 4.1.1. The server never quotes a value, and accepts no quoted value.
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// Characters that Unicode treats as a space, a line break or nothing, and that a header may carry.
    const SPACES: [char; 14] = [
        '\u{85}', '\u{a0}', '\u{1680}', '\u{2000}', '\u{2003}', '\u{200a}', '\u{200b}', '\u{2028}',
        '\u{2029}', '\u{202f}', '\u{205f}', '\u{2060}', '\u{3000}', '\u{feff}',
    ];

    fn read(lines: &[&[u8]]) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        cookies(&headers)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn is_read(line: &str) -> bool {
        !read(&[line.as_bytes()]).is_empty()
    }

    #[test]
    fn pairs_are_split_at_semicolons_and_freed_of_spaces_and_tabs() {
        for line in [
            "a=1; b=2",
            "a=1;b=2",
            " a=1 ;\tb=2\t",
            "; a=1;; b=2;",
            "x; a=1; =y; b=2; z",
        ] {
            let pairs = read(&[line.as_bytes()]);
            let pairs: Vec<_> = pairs
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            assert_eq!(pairs, [("a", "1"), ("b", "2")], "{line:?}");
        }
        assert_eq!(
            read(&[b"a=1", b"b=2"]).len(),
            2,
            "HTTP/2 may send a line for each"
        );
        assert_eq!(read(&[b"a=b=c"]), [("a".to_owned(), "b=c".to_owned())]);
    }

    #[test]
    fn a_space_of_unicode_belongs_to_the_name_or_the_value() {
        assert!(is_read("a=1"));
        for space in SPACES {
            for line in [
                format!("{space}a=1"),
                format!("a{space}=1"),
                format!("a={space}1"),
                format!("a=1{space}"),
            ] {
                assert!(!is_read(&line), "{line:?}");
            }
            assert_eq!(trim(&format!("{space}a")).chars().next(), Some(space));
        }
    }

    #[test]
    fn what_is_no_token_or_no_octet_is_no_cookie() {
        for line in [
            "a =1", "a= 1", "a=1 2", "a=\"1\"", "a=1,2", "a=1\\2", "(a)=1", "a@b=1", "é=1",
        ] {
            assert!(!is_read(line), "{line:?}");
        }
    }

    #[test]
    fn a_neighbours_cookie_that_is_no_text_costs_no_person_the_session() {
        assert_eq!(
            read(&[b"name=Zo\xeb; a=1"]),
            [("a".to_owned(), "1".to_owned())]
        );
    }
}
