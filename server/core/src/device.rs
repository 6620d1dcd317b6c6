//! What a session's agent says about the device: kind, browser, system.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use lru::LruCache;
use ua_parser::{os, user_agent};

use crate::client::Agent;

/// How many different agents are remembered: a list of sessions shows few, over and over.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");

/// Regular expressions of the uap-core project (Apache-2.0), browsers and systems only.
const RULES: &str = include_str!("../data/user-agents.json");

/// A device as far as its agent string tells. Agents can be forged: this is for people to
/// recognise, never for a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// For an icon.
    pub kind: DeviceKind,
    /// "Firefox"; `None` if unknown.
    pub browser: Option<String>,
    /// "141.0"; `None` if unknown.
    pub browser_version: Option<String>,
    /// "Linux"; `None` if unknown.
    pub platform: Option<String>,
}

/// What kind of machine it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceKind {
    /// A desktop or laptop.
    Computer,
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// Something else, or unknown.
    #[default]
    Other,
}

/// Recognises devices; made once.
pub struct Devices {
    rules: OnceLock<Option<Rules>>,
    seen: Mutex<LruCache<Agent, Arc<Device>>>,
}

struct Rules {
    browsers: user_agent::Extractor<'static>,
    platforms: os::Extractor<'static>,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            rules: OnceLock::new(),
            seen: Mutex::new(LruCache::new(REMEMBERED)),
        }
    }
}

impl Devices {
    /// What the agent string says.
    pub fn recognise(&self, agent: &Agent) -> Arc<Device> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(device) = seen.get(agent) {
            return Arc::clone(device);
        }
        let device = Arc::new(self.parse(agent));
        seen.put(agent.clone(), Arc::clone(&device));
        device
    }

    fn parse(&self, agent: &Agent) -> Device {
        let text = agent.as_str();
        let Some(rules) = self.rules.get_or_init(Rules::load) else {
            return Device::default();
        };
        let browser = rules.browsers.extract(text);
        let platform = rules
            .platforms
            .extract(text)
            .map(|platform| platform.os.into_owned());
        let platform = platform
            .filter(|name| name != "Other")
            .map(|name| plain_name(&name));
        let (family, version) = match browser {
            Some(browser) if browser.family != "Other" => {
                let version: Vec<&str> = [browser.major, browser.minor]
                    .into_iter()
                    .flatten()
                    .collect();
                (Some(plain_name(&browser.family)), version.join("."))
            }
            _ => (None, String::new()),
        };
        Device {
            kind: kind(text, platform.as_deref()),
            browser: family,
            browser_version: Some(version).filter(|version| !version.is_empty()),
            platform,
        }
    }
}

impl Rules {
    /// Compiled at first use: the log-in page needs none of it. A test proves that it works.
    fn load() -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Data {
            user_agent_parsers: Vec<user_agent::Parser<'static>>,
            os_parsers: Vec<os::Parser<'static>>,
        }
        let data: Data = serde_json::from_str(RULES).ok()?;
        let browsers = data
            .user_agent_parsers
            .into_iter()
            .try_fold(user_agent::Builder::new(), user_agent::Builder::push)
            .ok()?;
        let platforms = data
            .os_parsers
            .into_iter()
            .try_fold(os::Builder::new(), os::Builder::push)
            .ok()?;
        Some(Self {
            browsers: browsers.build().ok()?,
            platforms: platforms.build().ok()?,
        })
    }
}

/// The names that people use, where the rules are more exact than that.
fn plain_name(name: &str) -> String {
    match name {
        "Mobile Safari" => "Safari",
        "Mac OS X" => "macOS",
        "Ubuntu" | "Fedora" | "Debian" => "Linux",
        _ => {
            let name = name.strip_suffix(" Mobile WebView").unwrap_or(name);
            name.strip_suffix(" Mobile").unwrap_or(name)
        }
    }
    .to_owned()
}

fn kind(agent: &str, platform: Option<&str>) -> DeviceKind {
    let has = |word: &str| agent.contains(word);
    match platform {
        _ if has("iPad") || has("Tablet") => DeviceKind::Tablet,
        Some("iOS") => DeviceKind::Phone,
        // Android browsers say "Mobile" on phones only.
        // <https://developer.mozilla.org/docs/Web/HTTP/Browser_detection_using_the_user_agent>
        Some("Android") if has("Mobile") => DeviceKind::Phone,
        Some("Android") => DeviceKind::Tablet,
        Some("Windows" | "macOS" | "Linux" | "Chrome OS" | "FreeBSD" | "OpenBSD") => {
            DeviceKind::Computer
        }
        _ if has("Mobile") => DeviceKind::Phone,
        _ => DeviceKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(agent: &str) -> (DeviceKind, String) {
        let device = Devices::default().recognise(&Agent::from_header(agent.as_bytes()));
        let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".to_owned());
        let name = format!(
            "{} {} / {}",
            part(&device.browser),
            part(&device.browser_version),
            part(&device.platform)
        );
        (device.kind, name)
    }

    #[test]
    fn common_devices_are_recognised() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
                DeviceKind::Computer,
                "Firefox 141.0 / Linux",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
                DeviceKind::Computer,
                "Chrome 150.0 / Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0",
                DeviceKind::Computer,
                "Edge 150.0 / Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                DeviceKind::Computer,
                "Safari 18.5 / macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                DeviceKind::Phone,
                "Safari 18.5 / iOS",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
                DeviceKind::Tablet,
                "Safari 16.6 / iOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36",
                DeviceKind::Phone,
                "Chrome 150.0 / Android",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36",
                DeviceKind::Tablet,
                "Chrome 150.0 / Android",
            ),
        ];
        for (agent, kind, name) in cases {
            assert_eq!(device(agent), (kind, name.to_owned()), "{agent}");
        }
    }

    #[test]
    fn unknown_agents_are_unknown_and_not_blank() {
        for agent in ["", "x", "<script>alert(1)</script>", "\u{202e}gnp.exe"] {
            assert_eq!(
                device(agent),
                (DeviceKind::Other, "- - / -".to_owned()),
                "{agent:?}"
            );
        }
    }
}
