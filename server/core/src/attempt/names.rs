//! Failures from a network at all names of databases together, where these names are hidden.
//!
//! Each name has its own counters, even a name of no database, and a guesser can invent any number of names. The
//! counters here limit the hashes and the rows that one network causes at all names together. They count failures at
//! names of databases and at other names alike, so that a delay does not reveal which names exist. They limit the work
//! of a node, and so they are kept in that node's memory and need no database.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use time::OffsetDateTime;

use super::{
    LogInSettings,
    throttle::{BLOCK, Counter, SITE, Schedule},
};
use crate::{client::Client, database::Listed, network::Network};

/// The factor by which the limit for all names is higher than the limit for one database.
const DATABASES: u32 = 4;

/// The largest number of networks with a counter. For a further network, the counter that would be forgotten first is
/// dropped.
const MOST_NETWORKS: usize = 65_536;

/// The counters of all networks.
pub(crate) struct AllNames {
    /// The schedules for an IPv4 address or a /64, for a /56 and for a /48.
    schedules: [Schedule; 3],
    /// Whether names of databases are hidden. A name that strangers see costs no hash where it is missing, so then
    /// nothing is counted.
    are_hidden: bool,
    most: usize,
    counters: Mutex<HashMap<String, Counter>>,
}

/// A delay for a network.
pub(crate) struct Block {
    pub until: OffsetDateTime,
    /// The widest network that is delayed.
    pub network: String,
}

impl AllNames {
    pub(crate) fn new(settings: &LogInSettings, listed: Listed) -> Self {
        let schedule = settings.address.looser(DATABASES);
        Self {
            schedules: [1, SITE, BLOCK].map(|factor| schedule.looser(factor)),
            are_hidden: listed == Listed::No,
            most: MOST_NETWORKS,
            counters: Mutex::default(),
        }
    }

    /// The delay for a client's network at all names, if there is one.
    pub(crate) fn blocked(&self, client: &Client, now: OffsetDateTime) -> Option<Block> {
        self.blocked_network(&self.counted(client)?, now)
    }

    /// Counts a failure of a stranger.
    pub(crate) fn count(&self, client: &Client, now: OffsetDateTime) {
        if let Some(network) = self.counted(client) {
            self.count_network(&network, now);
        }
    }

    fn counted(&self, client: &Client) -> Option<Network> {
        let address = client.address?;
        self.are_hidden.then(|| Network::of(address))
    }

    fn blocked_network(&self, network: &Network, now: OffsetDateTime) -> Option<Block> {
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

    /// Counts a failure. Nothing is counted against a network that is delayed.
    fn count_network(&self, network: &Network, now: OffsetDateTime) {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const START: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn of(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    /// The number of failures from these addresses, all at one moment, until a delay.
    fn free(address: impl Fn(u32) -> String) -> u32 {
        let names = AllNames::new(&LogInSettings::default(), Listed::No);
        let mut failures = 0;
        while names
            .blocked_network(&of(&address(failures)), START)
            .is_none()
        {
            names.count_network(&of(&address(failures)), START);
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
        let names = AllNames::new(&LogInSettings::default(), Listed::No);
        let (here, elsewhere) = (of("192.0.2.1"), of("192.0.2.2"));
        for _ in 0..80 {
            names.count_network(&here, START);
        }
        let until = |now| names.blocked_network(&here, now).map(|block| block.until);
        let first = START + Duration::from_secs(30);
        assert_eq!(until(START), Some(first));
        names.count_network(&here, START);
        assert_eq!(until(START), Some(first), "none is counted while it waits");
        assert_eq!(until(first), None);
        assert!(names.blocked_network(&elsewhere, START).is_none());
        // In 30 seconds no failure is forgotten.
        names.count_network(&here, first);
        assert_eq!(until(first), Some(first + Duration::from_mins(1)));
    }

    #[test]
    fn however_many_networks_there_are_memory_is_bounded() {
        let names = AllNames {
            most: 3,
            ..AllNames::new(&LogInSettings::default(), Listed::No)
        };
        for _ in 0..80 {
            names.count_network(&of("192.0.2.1"), START);
        }
        for host in 2..100 {
            names.count_network(&of(&format!("192.0.2.{host}")), START);
            assert!(names.counters.lock().unwrap().len() <= 3);
        }
        // The network with the most failures is forgotten last.
        assert!(names.blocked_network(&of("192.0.2.1"), START).is_some());
    }
}
