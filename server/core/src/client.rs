//! The browser or program at the other end of a request.

use std::net::IpAddr;

/// Longest agent, in bytes. Browsers send shorter ones; longer ones are cut.
const AGENT_BYTES: usize = 512;

/// The facts about the sender of a request, before any log-in.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The address as the outermost trusted proxy saw it.
    pub address: Option<IpAddr>,
    /// The `User-Agent` header.
    pub agent: Agent,
    /// The browser's time zone, if the browser sent one.
    pub time_zone: Option<TimeZoneName>,
}

/// A `User-Agent` string: at most 512 bytes, without control characters, otherwise as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Agent(String);

impl Agent {
    /// Cuts and cleans the text of a client; bytes that are no UTF-8 become replacement characters.
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

    /// The agent as text. Pages must show it as text only.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Agent {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

/// The IANA name of a time zone ("Europe/Berlin"), as a browser sends it: at most 64 letters, digits and the
/// characters `/ _ + -`. The zone need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZoneName(String);

impl TimeZoneName {
    /// Longest name in bytes, which is more than every name of the IANA database has.
    const MOST_BYTES: usize = 64;

    /// Names with which a browser says that its zone is unknown.
    const UNKNOWN: [&str; 2] = ["etc/unknown", "factory"];

    /// The name that a browser sent, if the text has the form of a name and stands for a zone.
    pub fn from_browser(text: &str) -> Option<Self> {
        let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        let is_name = (1..=Self::MOST_BYTES).contains(&text.len()) && text.bytes().all(may_stand);
        let is_unknown = Self::UNKNOWN.contains(&text.to_ascii_lowercase().as_str());
        (is_name && !is_unknown).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_has_the_shape_of_a_name_and_is_not_unknown() {
        let read = |text: &str| TimeZoneName::from_browser(text);
        for name in [
            "UTC",
            "Europe/Berlin",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+12",
            "America/Port-au-Prince",
        ] {
            assert_eq!(read(name).unwrap().as_str(), name);
        }
        let long = "a".repeat(65);
        for text in [
            "",
            "Etc/Unknown",
            "etc/unknown",
            "Factory",
            "../../etc/passwd",
            "Europe/Berlin\0",
            "<script>",
            "Europe Berlin",
            "Zürich",
            &long,
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

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
