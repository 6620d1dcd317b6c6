//! Cookies. Each database has its own session cookie and device cookie, so one browser can be logged in to
//! several databases. Further cookies remember the chosen database, the language and the theme, and another carries the
//! outcome of a form to the next page.

mod write;

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::HeaderMap;
use latchkey_app::{
    posted::Posted,
    request::{Remembered, RememberedLanguage},
};
use latchkey_core::{
    client::TimeZoneName, database::DatabaseName, device::DeviceTokens, session::SessionToken,
};

pub(super) use write::write;

use super::{forms, grammar};

const SESSION: &str = "latchkey-session-";
const CHOICE: &str = "latchkey-database";
const DEVICE: &str = "latchkey-device-";
const POSTED: &str = "latchkey-posted";

/// What pages of people who are not logged in remember (`app/src/request/remembered.rs`).
const LANGUAGE: &str = "latchkey-language";
const THEME: &str = "latchkey-theme";

/// The only cookie that script writes (`app/src/time_zone.js`).
const TIME_ZONE: &str = "latchkey-time-zone";

/// Browsers accept a cookie with this prefix only with `Secure`, `Path=/` and no domain (RFC 6265bis).
const HOST_PREFIX: &str = "__Host-";

/// Whether cookies travel over https only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// `Secure`, and the `__Host-` prefix.
    Https,
    /// Plain http: on this machine, or if the administrator permits it.
    Plain,
}

/// The content of a request's cookies.
///
/// A cookie that appears twice counts as missing: one of the two is forged, and the server cannot tell which.
/// The number is not bounded here, because the wanted database is not known yet; the size of the request's
/// header bounds it.
pub(super) struct RequestCookies {
    /// The database chosen last.
    pub chosen: Option<DatabaseName>,
    /// Session tokens by database, unverified, in the order sent.
    sessions: Vec<(DatabaseName, [u8; 16])>,
    /// The values of the device cookies by database, unverified.
    devices: Vec<(DatabaseName, String)>,
    /// The outcome of the last form that was posted without script.
    pub posted: Option<Posted>,
    /// The browser's time zone.
    pub time_zone: Option<TimeZoneName>,
    /// Language and theme that the browser remembers.
    pub remembered: Remembered,
    /// Whether the request has any cookie that the server has set.
    pub is_any: bool,
}

impl Transport {
    fn prefix(self) -> &'static str {
        match self {
            Self::Https => HOST_PREFIX,
            Self::Plain => "",
        }
    }
}

impl RequestCookies {
    pub fn read(headers: &HeaderMap, transport: Transport) -> Self {
        let ours: Vec<(&str, &str)> = grammar::cookies(headers)
            .filter_map(|(name, value)| Some((name.strip_prefix(transport.prefix())?, value)))
            .filter(|(name, _)| name.starts_with("latchkey-"))
            .collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for (name, _) in &ours {
            *counts.entry(name).or_default() += 1;
        }
        let mut cookies = Self {
            chosen: None,
            sessions: Vec::new(),
            devices: Vec::new(),
            posted: None,
            time_zone: None,
            remembered: Remembered::default(),
            is_any: ours.iter().any(|(name, _)| *name != TIME_ZONE),
        };
        let is_single = |name: &str| counts.get(name) == Some(&1);
        for (name, value) in ours.into_iter().filter(|(name, _)| is_single(name)) {
            cookies.take(name, value);
        }
        cookies
    }

    fn take(&mut self, name: &str, value: &str) {
        if name == CHOICE {
            self.chosen = value.parse().ok();
        } else if name == POSTED {
            self.posted = forms::from_cookie(value);
        } else if name == TIME_ZONE {
            self.time_zone = TimeZoneName::from_browser(value);
        } else if name == LANGUAGE {
            self.remembered.language = RememberedLanguage::from_cookie(value);
        } else if name == THEME {
            self.remembered.theme = value.parse().unwrap_or_default();
        } else if let Some(Ok(database)) = name.strip_prefix(SESSION).map(str::parse) {
            if let Some(token) = token(value) {
                self.sessions.push((database, token));
            }
        } else if let Some(Ok(database)) = name.strip_prefix(DEVICE).map(str::parse) {
            self.devices.push((database, value.to_owned()));
        }
    }

    /// The tokens in the device cookies.
    pub fn devices(&self) -> HashMap<DatabaseName, DeviceTokens> {
        let tokens = |(database, value): &(DatabaseName, String)| {
            (database.clone(), DeviceTokens::from_cookie(value))
        };
        self.devices.iter().map(tokens).collect()
    }

    /// The tokens in the session cookies.
    pub fn tokens(&self) -> HashMap<DatabaseName, SessionToken> {
        let token = |(database, token): &(DatabaseName, [u8; 16])| {
            (database.clone(), SessionToken::from_bytes(*token))
        };
        self.sessions.iter().map(token).collect()
    }

    /// The databases that the browser may be logged in to.
    pub fn databases(&self) -> impl Iterator<Item = &DatabaseName> {
        self.sessions.iter().map(|(database, _)| database)
    }

    /// The first name in the cookies: the choice, else the first database that the browser may be logged in to.
    pub fn named(&self) -> Option<&DatabaseName> {
        self.chosen.as_ref().or(self.databases().next())
    }
}

/// The token in a session cookie's value: 16 bytes as base64url without padding. Each token has exactly one such
/// spelling.
fn token(value: &str) -> Option<[u8; 16]> {
    URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests;
