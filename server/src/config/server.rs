//! `[server]`: where the server listens and how people reach it.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::problem::Complaint;
use super::{BaseUrl, ListenAddress, TrustedProxies, optional};

/// Where the server listens and how people reach it.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where the server listens, without TLS: that is the proxy's work.
    pub address: ListenAddress,
    /// The origin in the browser's address bar; `None`: whatever the request's `Host` says.
    #[serde(with = "optional::empty")]
    pub base_url: Option<BaseUrl>,
    /// Whose word about the client's address and scheme is believed.
    pub trusted_proxies: TrustedProxies,
    /// Permits passwords and session cookies to travel without encryption.
    pub insecure_http: bool,
    /// Connections from browsers and proxies at a time.
    pub max_connections: usize,
    /// Connections at a time from one address (IPv6: one /64) that is no trusted proxy.
    pub max_connections_per_address: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            address: ListenAddress::Ip(SocketAddr::from((Ipv4Addr::LOCALHOST, 8069))),
            base_url: None,
            trusted_proxies: TrustedProxies::default(),
            insecure_http: false,
            max_connections: 8192,
            max_connections_per_address: 256,
        }
    }
}

impl Server {
    pub(super) fn validate(&self) -> Vec<Complaint> {
        let connections = 16..=1_000_000;
        let complaints = [
            self.plain_http(),
            Complaint::unless_within(
                "server.max_connections",
                &self.max_connections,
                &connections,
            ),
            Complaint::unless_within(
                "server.max_connections_per_address",
                &self.max_connections_per_address,
                &connections,
            ),
        ];
        complaints.into_iter().flatten().collect()
    }

    /// Objects to an arrangement in which people would log in over plain HTTP from another machine (ASVS 5.0, 3.3.1).
    fn plain_http(&self) -> Option<Complaint> {
        const WAY_OUT: &str =
            "or set `insecure_http = true` if everybody on the way may read passwords";
        let https = self.base_url.as_ref().is_some_and(BaseUrl::is_https);
        if https || self.insecure_http {
            return None;
        }
        if let Some(url) = self.base_url.as_ref().filter(|url| !url.is_local()) {
            let reason = format!("`{url}` is neither https nor this machine: use https, {WAY_OUT}");
            return Some(Complaint::new("server.base_url", reason));
        }
        let address = &self.address;
        (!address.is_local()).then(|| {
            let reason = format!(
                "{address} can be reached from other machines without encryption: listen on 127.0.0.1, \
                 set `base_url` to the https address of your proxy, {WAY_OUT}"
            );
            Complaint::new("server.address", reason)
        })
    }
}
