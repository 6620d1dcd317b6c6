//! Cookies: each database has a session cookie of its own, and one more remembers the choice.
//!
//! Inside, tower-sessions knows one cookie of a fixed name. Here its name gains the database, the
//! prefix and what the removal lacks, so that one browser can be logged in to several databases
//! and the tokens of the others never get in.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header};
use latchkey_app::{posted::Posted, request::PostedChange};
use latchkey_core::{
    attempt::DeviceTokens, client::TimeZoneName, database::DatabaseName, session::SessionToken,
};

use super::{forms, grammar};

/// What tower-sessions calls the session cookie.
pub(super) const INNER_NAME: &str = "latchkey";

const SESSION: &str = "latchkey-session-";
const CHOICE: &str = "latchkey-database";
const DEVICE: &str = "latchkey-device-";
const POSTED: &str = "latchkey-posted";

/// Written by `app/src/time_zone.js`, unlike all others.
const TIME_ZONE: &str = "latchkey-time-zone";

/// A browser takes such a cookie only with `Secure`, `Path=/` and no domain (RFC 6265bis).
const HOST_PREFIX: &str = "__Host-";

/// A year, in seconds: a choice is no secret, but no reason to be remembered for ever either.
const CHOICE_SECONDS: u32 = 31_536_000;

/// As long as browsers keep any cookie (RFC 6265bis, 5.5), in seconds.
const DEVICE_SECONDS: u32 = 400 * 86_400;

/// For a page that is asked for at once, in seconds.
const POSTED_SECONDS: u32 = 60;

/// Whether cookies travel over https only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Transport {
    /// `Secure`, and the `__Host-` prefix.
    Https,
    /// Plain http: on this machine, or where the administrator insists.
    Plain,
}

/// What a request's cookies say.
///
/// A cookie that is named twice counts as missing: one of the two is not ours, and nothing tells
/// which. No bound is applied here, because it is not known yet which database is wanted; the size
/// of the request's header bounds the number.
pub(super) struct RequestCookies {
    /// The database chosen last.
    pub chosen: Option<DatabaseName>,
    /// Session tokens by database, unverified, in the order sent.
    sessions: Vec<(DatabaseName, String)>,
    /// The values of the device cookies by database, unverified.
    devices: Vec<(DatabaseName, String)>,
    /// What became of the form that was posted last without script.
    pub posted: Option<Posted>,
    /// The browser's time zone.
    pub time_zone: Option<TimeZoneName>,
    /// Whether there is any cookie that the server has set.
    pub is_any: bool,
}

impl Transport {
    fn prefix(self) -> &'static str {
        match self {
            Self::Https => HOST_PREFIX,
            Self::Plain => "",
        }
    }

    /// Whether to write `Secure`.
    pub fn is_secure(self) -> bool {
        self == Self::Https
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
        } else if let Some(Ok(database)) = name.strip_prefix(SESSION).map(str::parse) {
            if token(value).is_some() {
                self.sessions.push((database, value.to_owned()));
            }
        } else if let Some(Ok(database)) = name.strip_prefix(DEVICE).map(str::parse) {
            self.devices.push((database, value.to_owned()));
        }
    }

    /// What the device cookies hold.
    pub fn devices(&self) -> HashMap<DatabaseName, DeviceTokens> {
        let tokens = |(database, value): &(DatabaseName, String)| {
            (database.clone(), DeviceTokens::from_cookie(value))
        };
        self.devices.iter().map(tokens).collect()
    }

    /// What the session cookies hold.
    pub fn tokens(&self) -> HashMap<DatabaseName, SessionToken> {
        let token = |(database, value): &(DatabaseName, String)| {
            Some((database.clone(), SessionToken::from_bytes(token(value)?)))
        };
        self.sessions.iter().filter_map(token).collect()
    }

    /// The databases that the browser may be logged in to.
    pub fn databases(&self) -> impl Iterator<Item = &DatabaseName> {
        self.sessions.iter().map(|(database, _)| database)
    }

    /// The name that they speak of first: the choice, else where the browser may be logged in.
    pub fn named(&self) -> Option<&DatabaseName> {
        self.chosen.as_ref().or(self.databases().next())
    }

    /// Leaves one cookie in the request: the session's of this database, under its inner name.
    pub fn keep_only(&self, database: Option<&DatabaseName>, headers: &mut HeaderMap) {
        headers.remove(header::COOKIE);
        let token = self
            .sessions
            .iter()
            .find(|(name, _)| Some(name) == database)
            .map(|(_, token)| token);
        let line =
            token.and_then(|token| HeaderValue::try_from(format!("{INNER_NAME}={token}")).ok());
        if let Some(line) = line {
            headers.insert(header::COOKIE, line);
        }
    }
}

/// The token in a session cookie's value, as the server writes tokens: 16 bytes as base64url
/// without padding. Each token has one way to be written.
fn token(value: &str) -> Option<[u8; 16]> {
    URL_SAFE_NO_PAD.decode(value).ok()?.try_into().ok()
}

/// Gives the answer's session cookie the name of its database.
pub(super) fn name_session_cookie(
    headers: &mut HeaderMap,
    database: &DatabaseName,
    transport: Transport,
) {
    let lines: Vec<HeaderValue> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .cloned()
        .collect();
    headers.remove(header::SET_COOKIE);
    for line in lines {
        let named = line.to_str().ok().and_then(|text| {
            let value = text.strip_prefix(INNER_NAME)?.strip_prefix('=')?;
            HeaderValue::try_from(complete(value, database, transport)).ok()
        });
        headers.append(header::SET_COOKIE, named.unwrap_or(line));
    }
}

/// The whole cookie; tower-sessions' removal says neither `Secure` nor the rest, and browsers
/// refuse it for a `__Host-` name.
fn complete(value: &str, database: &DatabaseName, transport: Transport) -> String {
    let mut cookie = format!("{}{SESSION}{database}={value}", transport.prefix());
    let wanted = ["HttpOnly", "SameSite=Lax", "Path=/"]
        .into_iter()
        .chain(transport.is_secure().then_some("Secure"));
    for attribute in wanted {
        let has = |cookie: &str| {
            cookie
                .split(';')
                .any(|part| grammar::trim(part).eq_ignore_ascii_case(attribute))
        };
        if !has(&cookie) {
            cookie.push_str("; ");
            cookie.push_str(attribute);
        }
    }
    cookie
}

/// Remembers the chosen database.
pub(super) fn remember_choice(
    headers: &mut HeaderMap,
    database: &DatabaseName,
    transport: Transport,
) {
    set(
        headers,
        transport,
        CHOICE,
        database.as_str(),
        CHOICE_SECONDS,
    );
}

/// Has the browser carry what makes it a known device of `database`. It logs nobody in.
pub(super) fn know_device(
    headers: &mut HeaderMap,
    database: &DatabaseName,
    token: &str,
    transport: Transport,
) {
    let name = format!("{DEVICE}{database}");
    set(headers, transport, &name, token, DEVICE_SECONDS);
}

/// Has the next page say what became of a form, or takes that back once it is said.
pub(super) fn change_posted(headers: &mut HeaderMap, change: &PostedChange, transport: Transport) {
    match change {
        PostedChange::Tell(posted) => {
            if let Some(value) = forms::to_cookie(posted) {
                set(headers, transport, POSTED, &value, POSTED_SECONDS);
            }
        }
        PostedChange::Forget => set(headers, transport, POSTED, "", 0),
    }
}

fn set(headers: &mut HeaderMap, transport: Transport, name: &str, value: &str, seconds: u32) {
    let secure = if transport.is_secure() {
        "; Secure"
    } else {
        ""
    };
    let prefix = transport.prefix();
    let cookie = format!(
        "{prefix}{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    );
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests;
