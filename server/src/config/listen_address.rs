//! The address that the server listens on: an IP address, or a name that leads to IP addresses.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs as _},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// `127.0.0.1:8069`, `[::1]:8069` or `localhost:8069`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum ListenAddress {
    /// One address.
    Ip(SocketAddr),
    /// All addresses of a name.
    Name {
        /// The name, in lower case.
        host: String,
        /// The port at each of them.
        port: u16,
    },
}

/// The refusal of a text that is neither an IP address nor a name, with a port.
#[derive(Debug, Error)]
pub enum ListenAddressError {
    /// The text has no port.
    #[error("`{0}` has no port: write it as in `127.0.0.1:8069` or `localhost:8069`")]
    NoPort(String),
    /// The text has a port, but the part before the port is no address and no name.
    #[error("`{0}` is neither an IP address nor the name of a host, with a port")]
    Syntax(String),
}

impl ListenAddress {
    /// Whether only this machine can reach the address. `localhost` and names below it always lead to this
    /// machine (RFC 6761, 6.3); other names are not looked up here.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Ip(address) => is_loopback(address.ip()),
            Self::Name { host, .. } => host == "localhost" || host.ends_with(".localhost"),
        }
    }

    /// The IP addresses, in the system's order. Blocks while a name is looked up.
    pub fn resolve(&self) -> io::Result<Vec<SocketAddr>> {
        let (host, port) = match self {
            Self::Ip(address) => return Ok(vec![*address]),
            Self::Name { host, port } => (host, *port),
        };
        let mut addresses = Vec::new();
        for address in (host.as_str(), port).to_socket_addrs()? {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        match addresses.iter().find(|address| !is_loopback(address.ip())) {
            Some(address) if self.is_local() => Err(io::Error::other(format!(
                "the system says that {host} is {address}, which is not this machine alone"
            ))),
            _ if addresses.is_empty() => Err(io::Error::other(format!("{host} has no address"))),
            _ => Ok(addresses),
        }
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        let no_port = || ListenAddressError::NoPort(text.to_owned());
        let syntax = || ListenAddressError::Syntax(text.to_owned());
        if text.parse::<IpAddr>().is_ok() {
            return Err(no_port());
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(no_port)?;
        let port = port.parse().ok().ok_or_else(syntax)?;
        // A name whose last label is a number is a mistyped IPv4 address (WHATWG URL, "ends in a number").
        let last = host.rsplit('.').next().unwrap_or_default();
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        if is_number || !host.split('.').all(is_label) {
            return Err(syntax());
        }
        let host = host.to_ascii_lowercase();
        Ok(Self::Name { host, port })
    }
}

fn is_label(label: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(is_letter)
}

impl TryFrom<String> for ListenAddress {
    type Error = ListenAddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ListenAddress> for String {
    fn from(address: ListenAddress) -> Self {
        address.to_string()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Name { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_are_read_and_written_back() {
        for (text, is_local) in [
            ("127.0.0.1:8069", true),
            ("[::1]:0", true),
            ("0.0.0.0:80", false),
            ("localhost:8069", true),
            ("a.localhost:1", true),
            ("node-1.example.com:8069", false),
        ] {
            let address: ListenAddress = text.parse().unwrap();
            assert_eq!(
                (address.to_string().as_str(), address.is_local()),
                (text, is_local)
            );
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in [
            "",
            ":8069",
            "localhost",
            "127.0.0.1",
            "::1",
            "[::1]",
            "localhost:",
            "localhost:http",
            "localhost:99999",
            "300.0.0.1:80",
            "127.0.0.1.:80",
            "1:80",
            "a b:80",
            "http://localhost:80",
        ] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn localhost_is_this_machine() {
        let address: ListenAddress = "localhost:8069".parse().unwrap();
        let addresses = address.resolve().unwrap();
        assert!(!addresses.is_empty());
        assert!(
            addresses
                .iter()
                .all(|address| address.ip().is_loopback() && address.port() == 8069)
        );
    }
}
