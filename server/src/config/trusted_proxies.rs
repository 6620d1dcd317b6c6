//! The proxies whose headers about the client are believed.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Networks from which `X-Forwarded-For` and `X-Forwarded-Proto` are believed (ASVS 5.0, 15.3.4). None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct TrustedProxies(Vec<IpNet>);

/// The refusal of an entry that is not a network to trust.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// The entry is neither an address nor a network.
    #[error(
        "`{0}` is neither an IP address nor a network such as `10.0.0.0/8`; host names are not looked up"
    )]
    Syntax(String),
    /// The address has bits outside of the prefix. That is usually a mistake in the prefix length, which
    /// would trust far more or far fewer addresses than intended.
    #[error("`{0}` names a host inside of the network: write `{1}` for the network or leave out the `/{len}`", len = .1.prefix_len())]
    HostBits(String, IpNet),
    /// The network holds all addresses, so every client could claim any address.
    #[error("`{0}` would trust every client")]
    Everybody(String),
    /// The network is IPv4 in IPv6 form. Addresses are compared in their IPv4 form, so this network would
    /// never match.
    #[error("`{0}` is an IPv4 network in IPv6 form: write it as IPv4")]
    Mapped(String),
}

impl TrustedProxies {
    /// Trusts exactly these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether this is the address of a trusted proxy. IPv4 in IPv6 form (`::ffff:10.0.0.1`) counts as IPv4.
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl TryFrom<Vec<String>> for TrustedProxies {
    type Error = NetworkError;

    fn try_from(entries: Vec<String>) -> Result<Self, Self::Error> {
        let networks: Result<_, _> = entries.iter().map(|entry| network(entry)).collect();
        networks.map(Self)
    }
}

impl From<TrustedProxies> for Vec<String> {
    fn from(proxies: TrustedProxies) -> Self {
        proxies.0.iter().map(IpNet::to_string).collect()
    }
}

fn network(entry: &str) -> Result<IpNet, NetworkError> {
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Ok(IpNet::from(address.to_canonical()));
    }
    let network: Option<IpNet> = entry.parse().ok();
    let network = network.ok_or_else(|| NetworkError::Syntax(entry.to_owned()))?;
    if network.prefix_len() == 0 {
        return Err(NetworkError::Everybody(entry.to_owned()));
    }
    if network.trunc() != network {
        return Err(NetworkError::HostBits(entry.to_owned(), network.trunc()));
    }
    if network.network() != network.network().to_canonical() {
        return Err(NetworkError::Mapped(entry.to_owned()));
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(entries: &[&str]) -> Result<TrustedProxies, NetworkError> {
        let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
        TrustedProxies::try_from(entries)
    }

    #[test]
    fn a_bare_address_is_a_network_of_one() {
        let printed =
            proxies(&["10.0.0.1", "fd00::1", "::ffff:10.0.0.2", "192.168.0.0/16"]).map(Vec::from);
        let expected = [
            "10.0.0.1/32",
            "fd00::1/128",
            "10.0.0.2/32",
            "192.168.0.0/16",
        ];
        assert_eq!(
            printed.ok().as_deref(),
            Some(expected.map(String::from).as_slice())
        );
    }

    #[test]
    fn an_ipv4_network_covers_the_mapped_form_of_its_addresses() {
        let trusts = |address: &str| {
            let address = address.parse::<IpAddr>().ok();
            proxies(&["10.0.0.0/8"])
                .ok()
                .zip(address)
                .map(|(list, address)| list.trust(address))
        };
        assert_eq!(trusts("10.1.2.3"), Some(true));
        assert_eq!(trusts("::ffff:10.1.2.3"), Some(true));
        assert_eq!(trusts("11.1.2.3"), Some(false));
        assert_eq!(trusts("::1"), Some(false));
    }

    #[test]
    fn entries_that_trust_no_address_or_every_address_are_refused() {
        let entries = [
            "",
            "proxy.example.com",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "0.0.0.0/0",
            "::/0",
            "::ffff:10.0.0.0/104",
        ];
        for entry in entries {
            assert!(proxies(&[entry]).is_err(), "{entry}");
        }
    }
}
