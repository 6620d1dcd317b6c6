//! The count of connections, by network, and the choice of a connection to cut.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::Bounds;

/// The pause between two warnings about refused connections.
const WARN_EVERY: Duration = Duration::from_mins(1);

/// All connections.
pub(super) struct Admission {
    bounds: Bounds,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    last_number: u64,
    connections: HashMap<u64, Connection>,
    networks: HashMap<IpAddr, Network>,
    /// Connections without a request, in the order in which they began to wait for one.
    waiting: BTreeMap<u64, u64>,
    warned: Option<Instant>,
}

struct Connection {
    network: IpAddr,
    /// The place in the order of waiting connections; `None` while a request is under way.
    turn: Option<u64>,
    cut: Arc<Notify>,
}

#[derive(Default)]
struct Network {
    connections: usize,
    waiting: BTreeSet<u64>,
}

/// A connection's place among the others. Dropping the value frees the place.
pub(super) struct Place {
    admission: Arc<Admission>,
    number: u64,
    cut: Arc<Notify>,
}

impl Admission {
    /// An admission without any connection.
    pub(super) fn new(bounds: Bounds) -> Self {
        let held = Mutex::default();
        Self { bounds, held }
    }

    /// A place for a new connection. If the bounds are reached, the connection that has waited the longest
    /// for a request is cut. `None`: all connections have requests under way.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let network = network(peer);
        let mut held = self.held();
        let from_there = held.networks.get(&network).map_or(0, |it| it.connections);
        let has_room = if from_there >= self.bounds.per_network && !self.bounds.trusted.trust(peer)
        {
            held.cut_longest_waiting(Some(network))
        } else {
            held.connections.len() < self.bounds.connections || held.cut_longest_waiting(None)
        };
        if !has_room {
            held.warn(peer, from_there);
            return None;
        }
        let (number, cut) = held.add(network);
        held.wait(number);
        drop(held);
        Some(Place {
            admission: self.clone(),
            number,
            cut,
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn add(&mut self, network: IpAddr) -> (u64, Arc<Notify>) {
        let number = self.next_number();
        let cut = Arc::new(Notify::new());
        let connection = Connection {
            network,
            turn: None,
            cut: cut.clone(),
        };
        self.connections.insert(number, connection);
        self.networks.entry(network).or_default().connections += 1;
        (number, cut)
    }

    fn wait(&mut self, number: u64) {
        let turn = self.next_number();
        let Some(connection) = self.connections.get_mut(&number) else {
            return;
        };
        connection.turn = Some(turn);
        self.waiting.insert(turn, number);
        let network = self.networks.entry(connection.network).or_default();
        network.waiting.insert(turn);
    }

    /// Removes a connection from the order of waiting connections.
    fn stop_waiting(&mut self, number: u64) -> Option<&Connection> {
        let connection = self.connections.get_mut(&number)?;
        if let Some(turn) = connection.turn.take() {
            self.waiting.remove(&turn);
            if let Some(network) = self.networks.get_mut(&connection.network) {
                network.waiting.remove(&turn);
            }
        }
        Some(connection)
    }

    fn remove(&mut self, number: u64) {
        self.stop_waiting(number);
        let Some(connection) = self.connections.remove(&number) else {
            return;
        };
        if let Some(network) = self.networks.get_mut(&connection.network) {
            network.connections -= 1;
            if network.connections == 0 {
                self.networks.remove(&connection.network);
            }
        }
    }

    /// Cuts the connection that has waited the longest, in that network or anywhere. Returns whether there
    /// was one. The connection counts until it is closed, which its task does next.
    fn cut_longest_waiting(&mut self, network: Option<IpAddr>) -> bool {
        let turn = match network {
            Some(network) => self
                .networks
                .get(&network)
                .and_then(|it| it.waiting.first()),
            None => self.waiting.keys().next(),
        };
        let number = turn.and_then(|turn| self.waiting.get(turn)).copied();
        let connection = number.and_then(|number| self.stop_waiting(number));
        connection.is_some_and(|connection| {
            connection.cut.notify_one();
            true
        })
    }

    fn warn(&mut self, peer: IpAddr, from_there: usize) {
        let now = Instant::now();
        if self.warned.is_some_and(|at| now - at < WARN_EVERY) {
            return;
        }
        self.warned = Some(now);
        tracing::warn!(
            %peer, from_there, all = self.connections.len(),
            "a connection was refused: too many requests are under way (`server.max_connections`, \
             `server.max_connections_per_address`; a proxy belongs into `server.trusted_proxies`)"
        );
    }

    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }
}

impl Place {
    /// A request is under way, so this connection must not be cut.
    pub(super) fn is_answered(&self) {
        self.admission.held().stop_waiting(self.number);
    }

    /// No request is under way.
    pub(super) fn waits(&self) {
        self.admission.held().wait(self.number);
    }

    /// Resolves when another connection needs the place.
    pub(super) async fn taken_away(&self) {
        self.cut.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.admission.held().remove(self.number);
    }
}

/// The network that counts as one peer: a whole IPv4 address, or an IPv6 /64, since a customer has at least
/// that much.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TrustedProxies;

    fn admission(connections: usize, per_network: usize) -> Arc<Admission> {
        let trusted = TrustedProxies::try_from(vec!["10.0.0.1".to_owned()]).unwrap();
        Arc::new(Admission::new(Bounds {
            connections,
            per_network,
            trusted,
        }))
    }

    fn admit(admission: &Arc<Admission>, peer: &str) -> Option<Place> {
        admission.admit(peer.parse().unwrap())
    }

    /// Whether the connection is cut at this moment.
    async fn is_cut(place: &Place) -> bool {
        tokio::select! {
            biased;
            () = place.taken_away() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn one_network_takes_room_from_itself_only() {
        let all = admission(100, 2);
        let other = admit(&all, "192.0.2.1").unwrap();
        let first = admit(&all, "2001:db8::1").unwrap();
        let second = admit(&all, "2001:db8::2").unwrap();
        let third = admit(&all, "2001:db8::3").unwrap();
        assert!(is_cut(&first).await);
        assert!(!is_cut(&other).await && !is_cut(&second).await && !is_cut(&third).await);
        assert!(admit(&all, "2001:db8:0:1::1").is_some());
    }

    #[tokio::test]
    async fn a_connection_with_a_request_makes_no_room_for_another() {
        let all = admission(100, 2);
        let [first, second] = [(); 2].map(|()| admit(&all, "192.0.2.1").unwrap());
        first.is_answered();
        second.is_answered();
        assert!(admit(&all, "192.0.2.1").is_none());
        assert!(admit(&all, "192.0.2.2").is_some());
        first.waits();
        assert!(admit(&all, "192.0.2.1").is_some());
        assert!(is_cut(&first).await && !is_cut(&second).await);
    }

    #[tokio::test]
    async fn at_the_bound_the_one_that_waited_the_longest_makes_room() {
        let all = admission(2, 2);
        let first = admit(&all, "192.0.2.1").unwrap();
        let second = admit(&all, "192.0.2.2").unwrap();
        // The first connection has had a request meanwhile, so it now waits behind the second.
        first.is_answered();
        first.waits();
        let third = admit(&all, "192.0.2.3").unwrap();
        assert!(is_cut(&second).await && !is_cut(&first).await);
        drop(second);
        first.is_answered();
        third.is_answered();
        assert!(admit(&all, "192.0.2.4").is_none());
        drop(third);
        assert!(admit(&all, "192.0.2.4").is_some());
    }

    #[test]
    fn a_trusted_proxy_has_as_many_as_there_may_be() {
        let all = admission(4, 1);
        let places = [(); 4].map(|()| admit(&all, "::ffff:10.0.0.1").unwrap());
        places.iter().for_each(Place::is_answered);
        assert!(admit(&all, "10.0.0.1").is_none());
    }

    #[test]
    fn what_is_over_leaves_nothing_behind() {
        let all = admission(4, 4);
        let place = admit(&all, "192.0.2.1").unwrap();
        place.is_answered();
        place.waits();
        drop(place);
        let held = all.held();
        assert!(held.connections.is_empty() && held.networks.is_empty() && held.waiting.is_empty());
    }
}
