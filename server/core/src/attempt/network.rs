//! What counts as one address.

use std::net::{IpAddr, Ipv6Addr};

/// The part of an address that one customer has: IPv4 whole, IPv6 by its /64, since whoever has one
/// of those addresses has all 2^64 (RFC 6177; RIPE-690).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network(String);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_string()),
            IpAddr::V6(v6) => {
                let prefix = v6.to_bits() & (u128::MAX << 64);
                Self(format!("{}/64", Ipv6Addr::from_bits(prefix)))
            }
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_customer_is_one_network_and_an_ipv4_address_another_each() {
        let of = |text: &str| Network::of(text.parse().unwrap()).0;
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::9"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
    }
}
