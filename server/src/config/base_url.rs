//! The origin under which people reach the server.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;
use thiserror::Error;

/// Scheme, host and port, written exactly as a browser writes its `Origin` header: lower case, no default port, no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    host: String,
    https: bool,
}

/// The refusal of a text that is no origin.
#[derive(Debug, Error)]
pub enum BaseUrlError {
    /// The text is not a URL of the web.
    #[error("`{0}` is not an address such as `https://latchkey.example.com`")]
    NotAnOrigin(String),
    /// The host name is not ASCII. Browsers send such names in their ASCII form, so another form would never
    /// match.
    #[error("`{0}` is not ASCII: write the host name in its `xn--` form")]
    NotAscii(String),
    /// The text has more than an origin. Latchkey serves whole origins only, because `__Host-` cookies have
    /// no path.
    #[error(
        "`{0}` has a path, a query or a user name: write only the scheme, the host and the port, without a final slash"
    )]
    NotOnlyAnOrigin(String),
}

impl BaseUrl {
    /// `https://latchkey.example.com` or `https://latchkey.example.com:8443`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host without the port; an IPv6 address has brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether browsers use TLS for this origin.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether the name leads to the browser's own machine. Browsers treat such an origin as secure even
    /// without TLS
    /// (W3C Secure Contexts, 3.1).
    pub fn is_local(&self) -> bool {
        let address: Result<IpAddr, _> = self.host.trim_matches(['[', ']']).parse();
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || address.is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !text.is_ascii() {
            return Err(BaseUrlError::NotAscii(text.to_owned()));
        }
        let not_an_origin = || BaseUrlError::NotAnOrigin(text.to_owned());
        let lower = text.to_ascii_lowercase();
        let uri = lower.parse::<Uri>().ok().ok_or_else(not_an_origin)?;
        let (scheme, default_port) = match uri.scheme_str() {
            Some("https") => ("https", 443),
            Some("http") => ("http", 80),
            _ => return Err(not_an_origin()),
        };
        let authority = uri.authority().ok_or_else(not_an_origin)?;
        // `Uri` drops a fragment, and treats a bare `/` like no path. So compare with the written text.
        let is_whole = lower == format!("{scheme}://{authority}");
        if !is_whole || authority.as_str().contains('@') {
            return Err(BaseUrlError::NotOnlyAnOrigin(text.to_owned()));
        }
        let (host, port) = (authority.host(), authority.port_u16());
        let is_port_missing = port.is_none() && authority.as_str() != host;
        if host.is_empty() || is_port_missing {
            return Err(not_an_origin());
        }
        let origin = match port {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        let (host, https) = (host.to_owned(), scheme == "https");
        Ok(Self {
            origin,
            host,
            https,
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_what_a_browser_would_send() {
        let cases = [
            (
                "https://latchkey.example.com",
                "https://latchkey.example.com",
            ),
            (
                "HTTPS://Latchkey.Example.COM:443",
                "https://latchkey.example.com",
            ),
            (
                "https://latchkey.example.com:8443",
                "https://latchkey.example.com:8443",
            ),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:8069", "http://[::1]:8069"),
        ];
        for (text, origin) in cases {
            assert_eq!(
                text.parse::<BaseUrl>().ok().as_ref().map(BaseUrl::origin),
                Some(origin)
            );
        }
    }

    #[test]
    fn what_is_not_exactly_an_origin_is_refused() {
        let texts = [
            "latchkey.example.com",
            "//example.com",
            "/login",
            "ftp://example.com",
            "https://",
            "https://example.com/",
            "https://example.com/login",
            "https://example.com?x",
            "https://example.com#x",
            "https://me@example.com",
            "https://example.com:99999",
            "https://example.com:",
            "https://münchen.example",
            "https://a b",
            "null",
            "*",
        ];
        for text in texts {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_names_of_the_own_machine_are_local() {
        let local = |text: &str| text.parse::<BaseUrl>().ok().map(|url| url.is_local());
        for text in [
            "http://localhost:8069",
            "http://acme.localhost",
            "http://127.8.9.1",
            "http://[::1]:1",
        ] {
            assert_eq!(local(text), Some(true), "{text}");
        }
        for text in [
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://notlocalhost",
        ] {
            assert_eq!(local(text), Some(false), "{text}");
        }
    }
}
