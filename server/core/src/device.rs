//! What a session's agent says about the device: kind, browser, system.

mod naming;
#[cfg(test)]
mod tests;

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
    /// "iPhone", "Android tablet": what people call the thing, where the agent tells more than its
    /// system.
    pub machine: Option<&'static str>,
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

impl Device {
    /// What the browser runs on, as people call it.
    pub fn place(&self) -> Option<&str> {
        self.machine.or(self.platform.as_deref())
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
