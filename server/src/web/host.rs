//! The host name in a request.

use axum::extract::Request;
use http::{header, uri::Authority};

/// The refusal of a request whose `Host` is no host, or appears more than once (RFC 9112, 3.2: answered 400).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct InvalidHost;

/// The host name in lower case and without port; empty if the request names no host, as HTTP/1.0 allows. A
/// host in the request line takes precedence over the header (RFC 9112, 3.2.2).
pub(super) fn host(request: &Request) -> Result<String, InvalidHost> {
    if let Some(authority) = request.uri().authority() {
        return name(authority);
    }
    let mut lines = request.headers().get_all(header::HOST).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(String::new()),
        (Some(line), None) if line.is_empty() => Ok(String::new()),
        (Some(line), None) => {
            let authority = Authority::try_from(line.as_bytes()).map_err(|_invalid| InvalidHost)?;
            name(&authority)
        }
        (Some(_), Some(_)) => Err(InvalidHost),
    }
}

fn name(authority: &Authority) -> Result<String, InvalidHost> {
    let is_digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let port = authority.as_str().strip_prefix(authority.host());
    // No user name may precede the host, and only a port may follow it.
    match port {
        Some("") => Ok(authority.host().to_ascii_lowercase()),
        Some(rest) if rest.strip_prefix(':').is_some_and(is_digits) => {
            Ok(authority.host().to_ascii_lowercase())
        }
        _ => Err(InvalidHost),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::HeaderValue;

    use super::*;

    fn of(lines: &[&[u8]]) -> Result<String, InvalidHost> {
        let mut request = Request::new(Body::empty());
        for line in lines {
            let line = HeaderValue::from_bytes(line).unwrap();
            request.headers_mut().append(header::HOST, line);
        }
        host(&request)
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for (line, name) in [
            ("localhost", "localhost"),
            ("Acme.Example:8069", "acme.example"),
            ("127.0.0.1:80", "127.0.0.1"),
            ("[::1]", "[::1]"),
            ("[::1]:8069", "[::1]"),
            ("acme.example:", "acme.example"),
            ("", ""),
        ] {
            assert_eq!(of(&[line.as_bytes()]).as_deref(), Ok(name), "{line:?}");
        }
        assert_eq!(of(&[]).as_deref(), Ok(""));
    }

    #[test]
    fn what_is_no_host_or_more_than_one_is_refused() {
        for line in [
            "evil@localhost",
            "localhost:+80",
            "localhost:80x",
            "local host",
            " localhost\t.evil",
            "localhost/x",
            "\u{2000}localhost",
            "localhost\u{a0}",
            "\u{3000}",
            "a,b:1:2",
        ] {
            assert_eq!(of(&[line.as_bytes()]), Err(InvalidHost), "{line:?}");
        }
        assert_eq!(of(&[b"localhost", b"localhost"]), Err(InvalidHost));
        assert_eq!(of(&[b"localhost", b"evil.example"]), Err(InvalidHost));
    }

    #[test]
    fn the_request_line_comes_before_the_header() {
        let request = Request::get("http://Acme.example:80/")
            .header(header::HOST, "evil.example")
            .body(Body::empty());
        assert_eq!(host(&request.unwrap()).as_deref(), Ok("acme.example"));
    }
}
