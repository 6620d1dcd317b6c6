//! The networks of an address that failures count against.

use std::net::{IpAddr, Ipv6Addr};

/// The networks of one address. An IPv4 address, also one mapped into IPv6, is a network by itself. An IPv6 customer
/// has at least a /64 (RFC 6177), and often a /56 or a /48, as RIPE-690 recommends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    narrowest: String,
    /// The /56 and the /48 of an IPv6 address.
    wider: Option<[String; 2]>,
}

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self {
                narrowest: v4.to_string(),
                wider: None,
            },
            IpAddr::V6(v6) => Self {
                narrowest: prefix(v6, 64),
                wider: Some([prefix(v6, 56), prefix(v6, 48)]),
            },
        }
    }

    /// The IPv4 address, or the /64.
    pub(crate) fn as_str(&self) -> &str {
        &self.narrowest
    }

    /// The IPv4 address, or the /48.
    pub(crate) fn widest(&self) -> &str {
        self.wider.as_ref().map_or(&self.narrowest, |[_, it]| it)
    }

    /// All networks of the address, the widest last.
    pub(crate) fn widths(&self) -> impl Iterator<Item = &str> {
        let wider = self.wider.iter().flatten();
        std::iter::once(&self.narrowest)
            .chain(wider)
            .map(String::as_str)
    }

    /// The same networks with the names that `rename` returns.
    pub(crate) fn renamed(&self, rename: impl Fn(&str) -> String) -> Self {
        Self {
            narrowest: rename(&self.narrowest),
            wider: self
                .wider
                .as_ref()
                .map(|[site, block]| [rename(site), rename(block)]),
        }
    }

    /// Kinds and subjects of the counters of a failure from this address, the widest network last.
    pub(crate) fn counters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let narrow = ["spray", "address"].map(|kind| (kind, self.as_str()));
        let wider = self.wider.iter().flat_map(|[site, block]| {
            [
                ("address_56", site.as_str()),
                ("address_48", block.as_str()),
            ]
        });
        narrow.into_iter().chain(wider)
    }
}

fn prefix(address: Ipv6Addr, bits: u32) -> String {
    let prefix = address.to_bits() & (u128::MAX << (128 - bits));
    format!("{}/{bits}", Ipv6Addr::from_bits(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn an_ipv6_customer_is_one_network_and_an_ipv4_address_another_each() {
        let of = |text| of(text).narrowest;
        assert_eq!(of("203.0.113.7"), "203.0.113.7");
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(of("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64");
        assert_eq!(of("2001:db8:1:2::9"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
    }

    #[test]
    fn an_ipv6_address_counts_for_its_56_and_its_48_too() {
        let counted: Vec<_> = of("2001:db8:1:2ff::1")
            .counters()
            .map(|(_, it)| it.to_owned())
            .collect();
        assert_eq!(
            counted,
            [
                "2001:db8:1:2ff::/64",
                "2001:db8:1:2ff::/64",
                "2001:db8:1:200::/56",
                "2001:db8:1::/48"
            ]
        );
        assert_eq!(of("2001:db8:1:2ff::1").widest(), "2001:db8:1::/48");
        assert_eq!(of("::ffff:192.0.2.1").counters().count(), 2);
        assert_eq!(of("::ffff:192.0.2.1").widest(), "192.0.2.1");
    }
}
