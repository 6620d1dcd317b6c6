//! `[sessions]`: the lifetimes of sessions.

use latchkey_core::settings::{AtMostOfUser, CookieLifetime, SessionSettings};
use serde::{Deserialize, Serialize};

use super::{Timeout, optional, problem::Complaint};

/// A shorter idle time-out would log people out while they read a page.
const SHORTEST_IDLE: Timeout = Timeout::from_secs(10);
/// Browsers keep no cookie for longer (RFC 6265bis, 5.5), so the server could not keep a longer promise.
const LONGEST_IDLE: Timeout = Timeout::from_secs(400 * 86_400);
/// The bound keeps moments far from the end of the calendar. An administrator who wants no limit writes `none`.
const LONGEST_ABSOLUTE: Timeout = Timeout::from_secs(3_650 * 86_400);
/// A shorter interval would write a new token every few requests.
const SHORTEST_ROTATION: Timeout = Timeout::from_secs(1);
/// A stolen token is good for as long as a replaced token is.
const LONGEST_GRACE: Timeout = Timeout::from_secs(3_600);
const DAY: Timeout = Timeout::from_secs(86_400);

/// The lifetimes of sessions; `docs/configuration.md` has the reasons for the defaults (ASVS 5.0, 7.1.1).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(from = "Written")]
pub struct Sessions {
    /// The defaults of the two time-outs.
    pub preset: Preset,
    /// A session ends after this time without a request.
    pub idle_timeout: Timeout,
    /// A session ends this long after log-in, regardless of activity; `None`: never.
    #[serde(with = "optional::none")]
    pub absolute_timeout: Option<Timeout>,
    /// The idle time-out on a computer that the person calls shared; a shorter `idle_timeout` overrides it.
    pub shared_idle_timeout: Timeout,
    /// Whether the cookie outlives the browser.
    pub remember: bool,
    /// Whether all sessions end when the server starts.
    pub end_on_restart: bool,
    /// The age at which a token is replaced; `None`: never.
    #[serde(with = "optional::zero")]
    pub rotation_interval: Option<Timeout>,
    /// The time for which a replaced token is still good.
    pub rotation_grace: Timeout,
    /// The time for which a confirmed password permits sensitive actions.
    pub confirmation_timeout: Timeout,
    /// The time for which ended sessions are kept as history.
    pub history_retention: Timeout,
    /// The largest number of live sessions of one user.
    pub max_sessions: usize,
    /// What happens to a log-in beyond that number.
    pub at_max_sessions: AtMaxSessions,
}

/// What happens to a log-in of a user who has the largest number of live sessions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AtMaxSessions {
    /// The session that was unused for longest ends.
    #[default]
    EndLongestUnused,
    /// The log-in is refused.
    RefuseLogIn,
}

/// A name for a pair of time-outs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// An hour without activity, a day in all.
    Strict,
    /// Twelve hours without activity, a week in all.
    #[default]
    Office,
    /// A week without activity, no limit in all, as in Odoo.
    Reference,
}

/// The section as written. An option that is left out follows from the preset, or has its default.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    preset: Preset,
    idle_timeout: Option<Timeout>,
    absolute_timeout: Option<Absolute>,
    shared_idle_timeout: Timeout,
    remember: bool,
    end_on_restart: bool,
    #[serde(with = "optional::zero")]
    rotation_interval: Option<Timeout>,
    rotation_grace: Timeout,
    confirmation_timeout: Timeout,
    history_retention: Timeout,
    max_sessions: usize,
    at_max_sessions: AtMaxSessions,
}

#[derive(Deserialize)]
struct Absolute(#[serde(with = "optional::none")] Option<Timeout>);

impl Default for Written {
    fn default() -> Self {
        Self {
            preset: Preset::default(),
            idle_timeout: None,
            absolute_timeout: None,
            shared_idle_timeout: Timeout::from_secs(15 * 60),
            remember: true,
            end_on_restart: false,
            rotation_interval: Some(Timeout::from_secs(3 * 3_600)),
            rotation_grace: Timeout::from_secs(120),
            confirmation_timeout: Timeout::from_secs(10 * 60),
            history_retention: Timeout::from_secs(90 * 86_400),
            max_sessions: 200,
            at_max_sessions: AtMaxSessions::default(),
        }
    }
}

impl From<Written> for Sessions {
    fn from(written: Written) -> Self {
        let (idle, absolute) = written.preset.timeouts();
        Self {
            preset: written.preset,
            idle_timeout: written.idle_timeout.unwrap_or(idle),
            absolute_timeout: written
                .absolute_timeout
                .map_or(absolute, |Absolute(timeout)| timeout),
            shared_idle_timeout: written.shared_idle_timeout,
            remember: written.remember,
            end_on_restart: written.end_on_restart,
            rotation_interval: written.rotation_interval,
            rotation_grace: written.rotation_grace,
            confirmation_timeout: written.confirmation_timeout,
            history_retention: written.history_retention,
            max_sessions: written.max_sessions,
            at_max_sessions: written.at_max_sessions,
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Written::default().into()
    }
}

impl Preset {
    /// The idle and the absolute time-out.
    fn timeouts(self) -> (Timeout, Option<Timeout>) {
        let hours = |hours: u64| Timeout::from_secs(hours * 3_600);
        match self {
            Self::Strict => (hours(1), Some(hours(24))),
            Self::Office => (hours(12), Some(hours(7 * 24))),
            Self::Reference => (hours(7 * 24), None),
        }
    }
}

impl Sessions {
    /// The section for the core. The least length of passwords, from `[passwords]`, is a setting that policies make stricter.
    pub(super) fn settings(&self, min_password_length: usize) -> SessionSettings {
        SessionSettings {
            idle_timeout: self.idle_timeout.duration(),
            absolute_timeout: self.absolute_timeout.map(Timeout::duration),
            shared_idle_timeout: self.shared_idle_timeout.duration(),
            cookie: if self.remember {
                CookieLifetime::Session
            } else {
                CookieLifetime::Browser
            },
            rotation_interval: self.rotation_interval.map(Timeout::duration),
            rotation_grace: self.rotation_grace.duration(),
            confirmation_timeout: self.confirmation_timeout.duration(),
            always_shared: false,
            min_password_length,
            history_retention: self.history_retention.duration(),
            most_of_user: self.max_sessions,
            at_most_of_user: match self.at_max_sessions {
                AtMaxSessions::EndLongestUnused => AtMostOfUser::EndLongestUnused,
                AtMaxSessions::RefuseLogIn => AtMostOfUser::RefuseLogIn,
            },
            not_before: None,
        }
    }

    pub(super) fn validate(&self) -> Vec<Complaint> {
        let within = |option, value: &Timeout, shortest, longest| {
            Complaint::unless_within(option, value, &(shortest..=longest))
        };
        let absolute = self.absolute_timeout.and_then(|absolute| {
            let option = "sessions.absolute_timeout";
            if absolute < self.idle_timeout {
                let idle = self.idle_timeout;
                let reason = format!("{absolute} is shorter than `idle_timeout`, {idle}, which could then never apply");
                return Some(Complaint::new(option, reason));
            }
            within(option, &absolute, SHORTEST_IDLE, LONGEST_ABSOLUTE)
        });
        let rotation = self.rotation_interval.and_then(|interval| {
            let option = "sessions.rotation_interval";
            within(option, &interval, SHORTEST_ROTATION, LONGEST_ABSOLUTE)
        });
        let (second, idle) = (SHORTEST_ROTATION, SHORTEST_IDLE);
        [
            within(
                "sessions.idle_timeout",
                &self.idle_timeout,
                idle,
                LONGEST_IDLE,
            ),
            absolute,
            within(
                "sessions.shared_idle_timeout",
                &self.shared_idle_timeout,
                idle,
                LONGEST_IDLE,
            ),
            rotation,
            within(
                "sessions.rotation_grace",
                &self.rotation_grace,
                second,
                LONGEST_GRACE,
            ),
            within(
                "sessions.confirmation_timeout",
                &self.confirmation_timeout,
                second,
                DAY,
            ),
            within(
                "sessions.history_retention",
                &self.history_retention,
                DAY,
                LONGEST_ABSOLUTE,
            ),
            // Each log-in reads all sessions of its user.
            Complaint::unless_within("sessions.max_sessions", &self.max_sessions, &(1..=1_000)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
