//! Reads a device's kind, browser and system from a session's agent.

mod naming;
#[cfg(test)]
mod tests;

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

pub use latchkey_words::DeviceKind;
use lru::LruCache;
use ua_parser::{os, user_agent};

use crate::client::Agent;

/// The number of agents whose devices are remembered. Lists of sessions show few different agents again and again.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(256).expect("256 is not zero");

/// Regular expressions of the uap-core project (Apache-2.0), browsers and systems only.
const RULES: &str = include_str!("../../data/user-agents.json");

/// The device that an agent string describes. An agent can be forged, so a device only helps people to recognize a
/// session. No rule may depend on the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The kind of machine, for an icon.
    pub kind: DeviceKind,
    /// The browser's name, such as "Firefox"; `None` if unknown.
    pub browser: Option<String>,
    /// The browser's version, such as "141.0"; `None` if unknown.
    pub browser_version: Option<String>,
    /// The system's name, such as "Linux"; `None` if unknown.
    pub platform: Option<String>,
    /// The machine's everyday name, such as "iPhone" or "Android tablet"; `None` if the agent names no more than the
    /// system.
    pub machine: Option<&'static str>,
}

/// Recognizes devices. A program needs one value of this type, which keeps the compiled rules.
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

impl Device {
    /// The everyday name of the machine, or else the name of its system.
    pub fn place(&self) -> Option<&str> {
        self.machine.or(self.platform.as_deref())
    }
}

impl Devices {
    /// The device that the agent describes.
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
        let platform = rules.platforms.extract(text);
        let platform = platform.map(|platform| naming::platform(&platform.os).to_owned());
        let platform = platform.filter(|name| name != "Other" && !naming::is_bot(text));
        let kind = naming::kind(text, platform.as_deref());
        let (browser, browser_version) = rules.browser(text);
        Device {
            kind,
            browser,
            browser_version,
            machine: naming::machine(text, platform.as_deref(), kind),
            platform,
        }
    }
}

impl Rules {
    /// The browser's name and version.
    fn browser(&self, agent: &str) -> (Option<String>, Option<String>) {
        if let Some((name, version)) = naming::product(agent) {
            return (Some(name.to_owned()), version);
        }
        let Some(browser) = self.browsers.extract(agent) else {
            return (None, None);
        };
        let Some(name) = naming::browser(&browser.family, agent) else {
            return (None, None);
        };
        let parts = [browser.major, browser.minor].into_iter().flatten();
        let version = parts.collect::<Vec<_>>().join(".");
        (
            Some(name.to_owned()),
            Some(version).filter(|version| !version.is_empty()),
        )
    }

    /// Compiles the rules at first use, because the log-in page does not need them. A test checks that they compile.
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
