//! What Home shows.

use latchkey_core::{
    account::DatabaseNumbers,
    attempt,
    session::{Activity, ListedSession, SessionId},
};
use time::Duration;

use super::Visitor;
use crate::wire::{
    ApiError,
    home::{Attention, Failures, HomeOverview},
};

/// The number of devices on Home: this device and three others.
const SHOWN: usize = 4;

/// The time before a session's end at which Home tells of the end.
const SOON: Duration = Duration::hours(1);

impl Visitor {
    /// The caller's account at a glance.
    pub(crate) async fn home(&self) -> Result<HomeOverview, ApiError> {
        let caller = self.caller()?;
        let seen = self.core.activity.overview(caller).await?;
        let now = self.core.clock.now();
        let end = caller.session.absolute_expires_at;
        // A page that refreshes itself does not show the tiles.
        let numbers = if self.activity == Activity::Person {
            let today = self.start_of_day(now);
            self.core.activity.numbers(caller, today).await?
        } else {
            DatabaseNumbers::default()
        };
        let new = new_devices(&seen.live, caller.session.id);
        let mut shown = seen.live;
        shown.truncate(SHOWN);
        Ok(HomeOverview {
            attention: Attention {
                new_devices: self.device_cards(new),
                failures: seen.failures.map(|failed| self.failures(failed)),
                guesses: seen.guesses.map(|failed| self.failures(failed)),
                ends_at: end
                    .filter(|end| *end - now < SOON)
                    .map(|end| self.moment(end)),
            },
            devices: self.device_cards(shown),
            device_count: seen.live_count,
            latest: self.activity_list(&seen.latest),
            numbers,
            password_changed_at: seen.password_changed_at.map(|at| self.moment(at)),
        })
    }

    fn failures(&self, failed: attempt::Failures) -> Failures {
        Failures {
            count: failed.count,
            last_at: self.moment(failed.last_at),
        }
    }
}

/// The other sessions on devices that are new to the account, the latest log-in first.
fn new_devices(live: &[ListedSession], current: SessionId) -> Vec<ListedSession> {
    let is_new = |listed: &&ListedSession| listed.is_device_new && listed.session.id != current;
    let mut new: Vec<_> = live.iter().filter(is_new).cloned().collect();
    new.sort_by_key(|listed| std::cmp::Reverse(listed.session.created_at));
    new
}
