//! The rules for when a session expires. Time comes in as a parameter.

use std::time::Duration;

use latchkey_words::{Computer, ExpiryRule};
use time::OffsetDateTime;

use super::{Session, SessionSettings};

/// The touch interval under a long idle timeout. The last activity is written at most once in this time.
const LONGEST_TOUCH_INTERVAL: Duration = Duration::from_mins(1);

/// The longest time before the end at which a person is warned. People need twenty seconds at least (WCAG 2.2.1).
const LONGEST_WARNING: Duration = Duration::from_mins(2);

/// The moment at which a session ends without further activity, and the rule that ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The first moment at which the session is over.
    pub at: OffsetDateTime,
    /// The rule that ends the session.
    pub rule: ExpiryRule,
}

impl Expiry {
    /// The earlier of both moments.
    pub(crate) fn earlier(idle: OffsetDateTime, absolute: Option<OffsetDateTime>) -> Self {
        match absolute {
            Some(at) if at <= idle => Self {
                at,
                rule: ExpiryRule::Absolute,
            },
            _ => Self {
                at: idle,
                rule: ExpiryRule::Idle,
            },
        }
    }

    /// Whether the session is over at `now`.
    pub fn has_come(self, now: OffsetDateTime) -> bool {
        now >= self.at
    }
}

impl Session {
    /// The time from the last activity, or from the log-in, to the expiry: the timeout by the expiry's rule.
    pub fn timeout(&self) -> time::Duration {
        let counted_from = match self.expiry.rule {
            ExpiryRule::Idle => self.last_active_at,
            ExpiryRule::Absolute => self.created_at,
        };
        self.expiry.at - counted_from
    }

    /// The session with the expiry that these settings permit. What the table has may be older than a policy.
    #[must_use]
    pub(crate) fn under(mut self, settings: &SessionSettings) -> Self {
        let idle = settings.idle_expiry(self.last_active_at, self.computer);
        let absolute = settings.absolute_expiry(self.created_at);
        let permitted = Expiry::earlier(idle, absolute);
        if permitted.at < self.expiry.at {
            self.expiry = permitted;
        }
        self.absolute_expires_at = match (self.absolute_expires_at, absolute) {
            (Some(stored), Some(permitted)) => Some(stored.min(permitted)),
            (stored, permitted) => stored.or(permitted),
        };
        self
    }
}

impl SessionSettings {
    /// The time that a session lives without activity. On a shared computer it is the shorter of both timeouts.
    pub fn idle_timeout_on(&self, computer: Computer) -> Duration {
        if computer.is_shared() {
            self.shared_idle_timeout.min(self.idle_timeout)
        } else {
            self.idle_timeout
        }
    }

    /// The moment at which a session that was last used at `moment` ends by the idle timeout.
    pub(crate) fn idle_expiry(&self, moment: OffsetDateTime, computer: Computer) -> OffsetDateTime {
        moment + self.idle_timeout_on(computer)
    }

    /// The moment at which a session that was opened at `moment` ends regardless of activity; `None`: never.
    pub(crate) fn absolute_expiry(&self, moment: OffsetDateTime) -> Option<OffsetDateTime> {
        self.absolute_timeout.map(|timeout| moment + timeout)
    }

    /// The time before the session's end at which a page warns: two minutes, or the last quarter of a short timeout.
    pub fn warning_on(&self, computer: Computer) -> Duration {
        let idle = self.idle_timeout_on(computer);
        let life = self.absolute_timeout.map_or(idle, |end| end.min(idle));
        LONGEST_WARNING.min(life / 4)
    }

    /// The age of the last activity from which it is written again: a minute, or a tenth of a short idle timeout.
    /// Otherwise a session in use could end because its last activity was not written in time.
    pub(crate) fn touch_interval(&self, computer: Computer) -> Duration {
        LONGEST_TOUCH_INTERVAL.min(self.idle_timeout_on(computer) / 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    #[test]
    fn the_stricter_rule_wins_and_is_named() {
        let hour = Duration::from_hours(1);
        assert_eq!(
            Expiry::earlier(T, None),
            Expiry {
                at: T,
                rule: ExpiryRule::Idle
            }
        );
        assert_eq!(Expiry::earlier(T, Some(T + hour)).rule, ExpiryRule::Idle);
        assert_eq!(
            Expiry::earlier(T + hour, Some(T)),
            Expiry {
                at: T,
                rule: ExpiryRule::Absolute
            }
        );
    }

    #[test]
    fn alive_one_second_before_and_dead_at_the_moment() {
        let expiry = Expiry::earlier(T, None);
        assert!(!expiry.has_come(T - Duration::from_secs(1)));
        assert!(expiry.has_come(T));
    }

    #[test]
    fn a_warning_comes_two_minutes_before_or_in_the_last_quarter_of_a_short_life() {
        let of = |idle_timeout, absolute_timeout| {
            SessionSettings {
                idle_timeout,
                absolute_timeout,
                ..SessionSettings::default()
            }
            .warning_on(Computer::Own)
        };
        let hour = Duration::from_hours(1);
        assert_eq!(of(hour, None), Duration::from_mins(2));
        assert_eq!(of(Duration::from_mins(4), None), Duration::from_mins(1));
        let absolute = Some(Duration::from_secs(8));
        assert_eq!(of(hour, absolute), Duration::from_secs(2));
    }

    #[test]
    fn activity_is_written_often_enough_for_a_short_timeout() {
        let with = |idle_timeout| {
            SessionSettings {
                idle_timeout,
                ..SessionSettings::default()
            }
            .touch_interval(Computer::Own)
        };
        assert_eq!(with(Duration::from_hours(12)), Duration::from_mins(1));
        assert_eq!(with(Duration::from_secs(10)), Duration::from_secs(1));
    }
}
