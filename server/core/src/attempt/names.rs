//! Failures from a network at whatever name, where names of databases are hidden.
//!
//! Each name has counters of its own, also a name of no database, and names can be invented without end. This
//! counter bounds what one network has hashed, and the rows that it leaves, for all names together. It counts
//! failures at names that are there and at names that are not, so that its delay tells of none. It bounds the
//! work of a node, and stands in the memory of that node: it needs no database.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use time::OffsetDateTime;

use super::{
    Network,
    store::{BLOCK, SITE},
    throttle::{Counter, Schedule},
};
use crate::{
    Core,
    client::Client,
    settings::{Listed, LogInSettings},
};

/// A network has as many failures as in this many databases.
const DATABASES: u32 = 4;

/// The most networks that are counted. For one more, the network that would be forgotten first is dropped.
const MOST_NETWORKS: usize = 65_536;

/// The counters of all networks.
pub(crate) struct AllNames {
    /// For an IPv4 address or a /64, a /56 and a /48.
    schedules: [Schedule; 3],
    most: usize,
    counters: Mutex<HashMap<String, Counter>>,
}

/// A delay.
pub(crate) struct Block {
    pub until: OffsetDateTime,
    /// The widest network that waits.
    pub network: String,
}

impl AllNames {
    pub(crate) fn new(settings: &LogInSettings) -> Self {
        let schedule = settings.address.looser(DATABASES);
        Self {
            schedules: [1, SITE, BLOCK].map(|factor| schedule.looser(factor)),
            most: MOST_NETWORKS,
            counters: Mutex::default(),
        }
    }

    /// Until when attempts from a network are refused, if they are.
    fn blocked(&self, network: &Network, now: OffsetDateTime) -> Option<Block> {
        let counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let blocked = network.widths().filter_map(|network| {
            let until = counters.get(network)?.blocked_until;
            (until > now).then_some((until, network))
        });
        blocked
            .reduce(|(one, _), (other, wider)| (one.max(other), wider))
            .map(|(until, network)| Block {
                until,
                network: network.to_owned(),
            })
    }

    /// Counts a failure. While a network waits none is counted there.
    fn count(&self, network: &Network, now: OffsetDateTime) {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        for (network, schedule) in network.widths().zip(&self.schedules) {
            let counter = counters.get(network).copied();
            if counter.is_some_and(|counter| counter.blocked_until > now) {
                continue;
            }
            if counter.is_none() && counters.len() >= self.most {
                forget_one(&mut counters);
            }
            counters.insert(network.to_owned(), schedule.count(counter, now));
        }
    }
}

fn forget_one(counters: &mut HashMap<String, Counter>) {
    let next = counters
        .iter()
        .min_by_key(|(_, counter)| counter.forgotten_at);
    if let Some(next) = next.map(|(network, _)| network.clone()) {
        counters.remove(&next);
    }
}

impl Core {
    /// Until when a network is refused whatever database it names, if it is.
    pub(crate) fn blocked_at_all_names(
        &self,
        client: &Client,
        now: OffsetDateTime,
    ) -> Option<Block> {
        let network = self.counted_at_all_names(client)?;
        self.all_names.blocked(&network, now)
    }

    /// Counts a failure of a stranger.
    pub(crate) fn count_at_all_names(&self, client: &Client, now: OffsetDateTime) {
        if let Some(network) = self.counted_at_all_names(client) {
            self.all_names.count(&network, now);
        }
    }

    /// The network to count. `None` where names are shown: a missing name then costs no hash.
    fn counted_at_all_names(&self, client: &Client) -> Option<Network> {
        let address = client.address?;
        (self.databases.listed() == Listed::No).then(|| Network::of(address))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn of(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    /// How many failures are free from these addresses at once.
    fn free(address: impl Fn(u32) -> String) -> u32 {
        let names = AllNames::new(&LogInSettings::default());
        let mut failures = 0;
        while names.blocked(&of(&address(failures)), START).is_none() {
            names.count(&of(&address(failures)), START);
            failures += 1;
        }
        failures
    }

    #[test]
    fn a_network_has_the_failures_of_four_databases_and_a_wide_one_more() {
        assert_eq!(free(|_| "192.0.2.1".to_owned()), 80);
        assert_eq!(free(|_| "2001:db8::1".to_owned()), 80);
        assert_eq!(free(|it| format!("2001:db8:0:{:x}::1", it % 256)), 320);
        let spread = |it: u32| format!("2001:db8:0:{:x}::1", it.wrapping_mul(257) % 0x1_0000);
        assert_eq!(free(spread), 1280);
    }

    #[test]
    fn a_delay_is_over_in_time_and_the_next_one_is_longer() {
        let names = AllNames::new(&LogInSettings::default());
        let (here, elsewhere) = (of("192.0.2.1"), of("192.0.2.2"));
        for _ in 0..80 {
            names.count(&here, START);
        }
        let until = |now| names.blocked(&here, now).map(|block| block.until);
        let first = START + Duration::from_secs(30);
        assert_eq!(until(START), Some(first));
        names.count(&here, START);
        assert_eq!(until(START), Some(first), "none is counted while it waits");
        assert_eq!(until(first), None);
        assert!(names.blocked(&elsewhere, START).is_none());
        // In 30 seconds none is forgotten.
        names.count(&here, first);
        assert_eq!(until(first), Some(first + Duration::from_mins(1)));
    }

    #[test]
    fn however_many_networks_there_are_memory_is_bounded() {
        let names = AllNames {
            most: 3,
            ..AllNames::new(&LogInSettings::default())
        };
        for _ in 0..80 {
            names.count(&of("192.0.2.1"), START);
        }
        for host in 2..100 {
            names.count(&of(&format!("192.0.2.{host}")), START);
            assert!(names.counters.lock().unwrap().len() <= 3);
        }
        // The one with the most failures is the last to be forgotten.
        assert!(names.blocked(&of("192.0.2.1"), START).is_some());
    }
}
