//! `[sessions]`: how long a session lives.

use serde::{Deserialize, Serialize};

use super::problem::Complaint;
use super::{Timeout, optional};

/// Below this a page that is being read would log its reader out.
const SHORTEST_IDLE: Timeout = Timeout::from_secs(10);
/// Browsers keep no cookie for longer (RFC 6265bis, 5.5), so a longer promise could not be kept.
const LONGEST_IDLE: Timeout = Timeout::from_secs(400 * 86_400);
/// Keeps points in time far from the end of the calendar; whoever wants no limit writes `none`.
const LONGEST_ABSOLUTE: Timeout = Timeout::from_secs(3_650 * 86_400);

/// How long a session lives; `docs/configuration.md` has the reasons for the defaults (ASVS 5.0, 7.1.1).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// A session ends after this time without a request.
    pub idle_timeout: Timeout,
    /// A session ends this long after log-in in spite of activity; `None`: never.
    #[serde(with = "optional::none")]
    pub absolute_timeout: Option<Timeout>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            idle_timeout: Timeout::from_secs(12 * 3_600),
            absolute_timeout: Some(Timeout::from_secs(7 * 86_400)),
        }
    }
}

impl Sessions {
    pub(super) fn validate(&self) -> Vec<Complaint> {
        let idle_range = SHORTEST_IDLE..=LONGEST_IDLE;
        let idle =
            Complaint::unless_within("sessions.idle_timeout", &self.idle_timeout, &idle_range);
        let absolute = self.absolute_timeout.and_then(|absolute| {
            let option = "sessions.absolute_timeout";
            if absolute < self.idle_timeout {
                let idle = self.idle_timeout;
                let reason = format!("{absolute} is shorter than `idle_timeout`, {idle}, which could then never apply");
                return Some(Complaint::new(option, reason));
            }
            Complaint::unless_within(option, &absolute, &(SHORTEST_IDLE..=LONGEST_ABSOLUTE))
        });
        idle.into_iter().chain(absolute).collect()
    }
}
