//! `[server]`: the addresses and limits of the server.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::{BaseUrl, ListenAddress, TrustedProxies, optional, problem::Complaint};

/// The addresses and limits of the server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address to listen on, without TLS, which is the proxy's work.
    pub address: ListenAddress,
    /// The origin in the browser's address bar; `None`: the origin of the request's `Host`.
    #[serde(with = "optional::empty")]
    pub base_url: Option<BaseUrl>,
    /// The proxies whose `X-Forwarded-…` headers about the client's address and scheme are believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether passwords and session cookies may travel without encryption.
    pub insecure_http: bool,
    /// Largest number of open connections from browsers and proxies.
    pub max_connections: usize,
    /// Largest number of open connections from one address (IPv6: one /64) that is no trusted proxy.
    pub max_connections_per_address: usize,
    /// Whether browsers get a pseudo-language if they ask for one, for developers and tests.
    pub pseudo_languages: bool,
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
            pseudo_languages: false,
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

    /// An objection to settings with which people would log in over plain HTTP from another machine (ASVS
    /// 5.0, 3.3.1).
    fn plain_http(&self) -> Option<Complaint> {
        const WAY_OUT: &str =
            "or set `insecure_http = true` if everyone on the network path may read passwords";
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
