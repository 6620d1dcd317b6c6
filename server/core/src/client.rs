//! The browser or program at the other end of a request.

use std::net::IpAddr;

/// Longer agent strings are cut: none that a browser sends is.
const AGENT_BYTES: usize = 512;

/// What is known about who sends a request, before anybody logs in.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address as the outermost trusted proxy saw it.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header.
    pub agent: Agent,
}

/// A `User-Agent` string: at most 512 bytes, without control characters, otherwise as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Agent(String);

impl Agent {
    /// Cuts and cleans what a client sent; bytes that are no UTF-8 become replacement characters.
    pub fn from_header(bytes: &[u8]) -> Self {
        let start = bytes.get(..AGENT_BYTES).unwrap_or(bytes);
        let mut text: String = String::from_utf8_lossy(start)
            .chars()
            .filter(|character| !character.is_control())
            .collect();
        while text.len() > AGENT_BYTES {
            text.pop();
        }
        Self(text)
    }

    /// The agent as text; show it as text only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Agent {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_cut_and_cleaned() {
        assert_eq!(
            Agent::from_header(b"Mozilla/5.0\r\nX: y\x1b[31m").as_str(),
            "Mozilla/5.0X: y[31m"
        );
        assert_eq!(
            Agent::from_header(&[b'a'; 9000]).as_str().len(),
            AGENT_BYTES
        );
        assert!(Agent::from_header(&[0xff; 9000]).as_str().len() <= AGENT_BYTES);
        assert_eq!(
            Agent::from_header("<b>🔑</b>".as_bytes()).as_str(),
            "<b>🔑</b>"
        );
    }
}
