//! The lifetimes of sessions, and the other settings that policies make stricter.

use std::time::Duration;

use time::OffsetDateTime;

use crate::access::{Policy, PolicySetting};

/// The lifetimes of sessions (OWASP ASVS 7.1.1), and the other settings that policies make stricter.
#[derive(Clone, Copy, Debug)]
pub struct SessionSettings {
    /// The time without activity after which a session ends.
    pub idle_timeout: Duration,
    /// The time after log-in at which a session ends, regardless of activity; `None`: never.
    pub absolute_timeout: Option<Duration>,
    /// The idle timeout on a shared computer.
    pub shared_idle_timeout: Duration,
    /// Whether the cookie outlives the browser.
    pub cookie: CookieLifetime,
    /// The age at which a token is replaced; `None`: never.
    pub rotation_interval: Option<Duration>,
    /// The time for which a replaced token is still good.
    pub rotation_grace: Duration,
    /// The time for which a confirmed identity permits sensitive actions.
    pub confirmation_timeout: Duration,
    /// The largest number of live sessions of one user.
    pub most_of_user: usize,
    /// What happens to a log-in beyond that number.
    pub at_most_of_user: AtMostOfUser,
    /// Whether every log-in counts as one on a shared computer. Only a policy says so.
    pub always_shared: bool,
    /// The smallest number of characters of a new password (OWASP ASVS 6.2.1).
    pub min_password_length: usize,
    /// The time for which ended sessions are kept as history.
    pub history_retention: Duration,
    /// Sessions opened before this moment end when their database is opened. The moment is the server's
    /// start, if restarts should end sessions.
    pub not_before: Option<OffsetDateTime>,
}

/// Whether a session's cookie outlives the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieLifetime {
    /// The cookie lasts as long as the session.
    Session,
    /// The cookie lasts until the browser is closed.
    Browser,
}

/// What happens to a log-in of a user who has the largest number of live sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AtMostOfUser {
    /// The session that was unused for longest ends.
    #[default]
    EndLongestUnused,
    /// The log-in is refused.
    RefuseLogIn,
}

impl SessionSettings {
    /// The settings for a user with these policies. A policy can only make a setting stricter.
    #[must_use]
    pub(crate) fn under<'a>(mut self, policies: impl Iterator<Item = &'a Policy>) -> Self {
        for policy in policies {
            let time = Duration::from_secs(policy.value.into());
            match policy.setting {
                PolicySetting::IdleTimeout => self.idle_timeout = self.idle_timeout.min(time),
                PolicySetting::AbsoluteTimeout => {
                    let timeout = self.absolute_timeout;
                    self.absolute_timeout = Some(timeout.map_or(time, |timeout| timeout.min(time)));
                }
                PolicySetting::SharedIdleTimeout => {
                    self.shared_idle_timeout = self.shared_idle_timeout.min(time);
                }
                PolicySetting::ConfirmationTimeout => {
                    self.confirmation_timeout = self.confirmation_timeout.min(time);
                }
                PolicySetting::MaxSessions => {
                    let most = usize::try_from(policy.value).unwrap_or(usize::MAX);
                    self.most_of_user = self.most_of_user.min(most);
                }
                PolicySetting::SharedComputer => self.always_shared = true,
                PolicySetting::RefuseLogIn => self.at_most_of_user = AtMostOfUser::RefuseLogIn,
                PolicySetting::MinPasswordLength => {
                    let least = usize::try_from(policy.value).unwrap_or(usize::MAX);
                    self.min_password_length = self.min_password_length.max(least);
                }
            }
        }
        self
    }
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_hours(12),
            absolute_timeout: Some(Duration::from_hours(7 * 24)),
            shared_idle_timeout: Duration::from_mins(15),
            cookie: CookieLifetime::Session,
            rotation_interval: Some(Duration::from_hours(3)),
            rotation_grace: Duration::from_mins(2),
            confirmation_timeout: Duration::from_mins(10),
            most_of_user: 200,
            at_most_of_user: AtMostOfUser::default(),
            always_shared: false,
            min_password_length: 15,
            history_retention: Duration::from_hours(90 * 24),
            not_before: None,
        }
    }
}
