//! The client's address and scheme: from the connection, and from proxy headers only if a trusted proxy wrote
//! them (ASVS 5.0, 15.3.4).

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Once},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};

use super::grammar;
use crate::config::{self, BaseUrl, TrustedProxies};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The client's address; IPv4 is never in its IPv6 form. A request extension. It is absent if there is no
/// connection, as in a test that calls the router directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The scheme that the browser used. A request extension of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Not encrypted.
    Http,
    /// Encrypted, at least as far as the outermost proxy.
    Https,
}

/// The proxies between the browser and the server, by the configuration.
#[derive(Debug, Clone)]
pub struct Edge {
    trusted: TrustedProxies,
    always_https: bool,
    warned_of_proxy: Arc<Once>,
}

impl Edge {
    /// With an https `base_url` every request counts as https. A wrong proxy setting then makes a `Secure`
    /// cookie useless, which is better than a cookie without `Secure`.
    pub fn new(server: &config::Server) -> Self {
        Self {
            trusted: server.trusted_proxies.clone(),
            always_https: server.base_url.as_ref().is_some_and(BaseUrl::is_https),
            warned_of_proxy: Arc::new(Once::new()),
        }
    }

    /// Warns once that a proxy seems to be missing in the configuration. All people behind such a proxy have
    /// one address and share one throttle.
    fn warn_of_proxy(&self, peer: IpAddr, headers: &HeaderMap) {
        if headers.contains_key(FORWARDED_FOR) && is_near(peer) && !self.trusted.trust(peer) {
            self.warned_of_proxy.call_once(|| {
                tracing::warn!(
                    %peer,
                    "a proxy that is not trusted sends X-Forwarded-For, so all people behind it count as one address: add the \
                     proxy to server.trusted_proxies (logged once)"
                );
            });
        }
    }

    fn scheme(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Scheme {
        match peer {
            _ if self.always_https => Scheme::Https,
            Some(peer) => scheme(peer, headers, &self.trusted),
            None => Scheme::Http,
        }
    }
}

/// Middleware that puts [`ClientAddress`] and [`Scheme`] into the request's extensions. It must be outside of
/// all layers that read them.
pub async fn identify_client(
    State(edge): State<Edge>,
    mut request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = connection.map(|ConnectInfo(peer)| peer.ip());
    let scheme = edge.scheme(peer, request.headers());
    if let Some(peer) = peer {
        edge.warn_of_proxy(peer, request.headers());
        let address = client_address(peer, request.headers(), &edge.trusted);
        request.extensions_mut().insert(ClientAddress(address));
    }
    request.extensions_mut().insert(scheme);
    next.run(request).await
}

/// Walks `X-Forwarded-For` from the nearest hop outwards, to the first hop that is no trusted proxy.
///
/// Entries further left are claims of that client. An entry that is no address ends the walk at the last
/// known proxy: otherwise the next entry, which may be forged, would count as the client.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut known = peer.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    // A line that is not ASCII becomes one entry that is no address.
    let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    for hop in hops {
        if !trusted.trust(known) {
            break;
        }
        let Some(address) = parse_hop(hop) else { break };
        known = address;
    }
    known
}

/// Whether a peer is on this machine or in a private network, as proxies usually are.
fn is_near(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private() || peer.is_link_local(),
        IpAddr::V6(peer) => {
            peer.is_loopback() || peer.is_unique_local() || peer.is_unicast_link_local()
        }
    }
}

/// The scheme that the nearest proxy reports, if it is trusted. Of several values the nearest proxy wrote the
/// last.
pub fn scheme(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Scheme {
    let last = headers.get_all(FORWARDED_PROTO).iter().next_back();
    let value = last.and_then(|line| line.to_str().ok()?.rsplit(',').next());
    let says_https = value.is_some_and(|value| grammar::trim(value).eq_ignore_ascii_case("https"));
    if says_https && trusted.trust(peer) {
        Scheme::Https
    } else {
        Scheme::Http
    }
}

/// Parses `192.0.2.1`, `192.0.2.1:8069`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:8069`: proxies
/// write all forms.
fn parse_hop(text: &str) -> Option<IpAddr> {
    let text = grammar::trim(text);
    let in_brackets = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = match in_brackets {
        Some(bare) => bare.parse().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    };
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::{Extension, Router, body::Body, http::HeaderValue, middleware, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::{config::LogFormat, log::testing::logged};

    const PROXY: &str = "10.0.0.1";
    const STRANGER: &str = "198.51.100.9";

    fn trusted() -> TrustedProxies {
        let entries = ["10.0.0.0/8", "fd00::/8"].map(String::from);
        TrustedProxies::try_from(entries.to_vec()).unwrap()
    }

    fn headers(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
        let line = |line: &&[u8]| (name.clone(), HeaderValue::from_bytes(line).unwrap());
        lines.iter().map(line).collect()
    }

    fn client(peer: &str, lines: &[&str]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        let headers = headers(&FORWARDED_FOR, &lines);
        client_address(peer.parse().unwrap(), &headers, &trusted()).to_string()
    }

    #[test]
    fn a_stranger_is_who_the_connection_says() {
        assert_eq!(client(STRANGER, &[]), STRANGER);
        assert_eq!(client(STRANGER, &["203.0.113.7"]), STRANGER);
        assert_eq!(client(STRANGER, &["203.0.113.7, 10.0.0.2"]), STRANGER);
        assert_eq!(client("::ffff:198.51.100.9", &["203.0.113.7"]), STRANGER);
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_client_only() {
        assert_eq!(client(PROXY, &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(PROXY, &["1.2.3.4, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(
            client(PROXY, &["10.0.0.9, 1.2.3.4, 203.0.113.7"]),
            "203.0.113.7"
        );
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_walked_from_right_to_left_over_all_lines() {
        assert_eq!(
            client(PROXY, &["1.2.3.4, 203.0.113.7, 10.0.0.2, fd00::1"]),
            "203.0.113.7"
        );
        assert_eq!(
            client(PROXY, &["1.2.3.4,203.0.113.7", "10.0.0.2", "fd00::1"]),
            "203.0.113.7"
        );
        assert_eq!(client(PROXY, &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        assert_eq!(client(PROXY, &[]), PROXY);
    }

    #[test]
    fn garbage_ends_the_walk_at_the_last_proxy_known() {
        for garbage in [
            "",
            "unknown",
            "203.0.113.7, ",
            "203.0.113.7, _hidden",
            "203.0.113.7,,",
            "1.2.3",
            "a:1",
        ] {
            assert_eq!(client(PROXY, &[garbage]), PROXY, "{garbage}");
        }
        assert_eq!(
            client(PROXY, &["203.0.113.7, unknown, 10.0.0.2"]),
            "10.0.0.2"
        );
        let foreign = headers(&FORWARDED_FOR, &[b"203.0.113.7", b"203.0.113.8, \xff"]);
        let address = client_address(PROXY.parse().unwrap(), &foreign, &trusted());
        assert_eq!(address.to_string(), PROXY);
    }

    #[test]
    fn an_entry_may_have_a_port_or_brackets() {
        let cases = [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("[::ffff:203.0.113.7]:4711", "203.0.113.7"),
            ("[203.0.113.7]:4711", PROXY),
            ("[2001:db8::7", PROXY),
            ("[203.0.113.7]", PROXY),
            ("203.0.113.07", PROXY),
            ("203.0.113.7:+80", PROXY),
            ("\t203.0.113.7 ", "203.0.113.7"),
            ("\u{85}203.0.113.7", PROXY),
            ("203.0.113.7\u{a0}", PROXY),
            ("\u{2000}203.0.113.7", PROXY),
            ("203.0.113.7\u{3000}", PROXY),
        ];
        for (entry, address) in cases {
            assert_eq!(client(PROXY, &[entry]), address, "{entry}");
        }
    }

    #[test]
    fn the_scheme_is_believed_from_a_trusted_proxy_only() {
        let cases: [(&str, &[&[u8]], Scheme); 12] = [
            (PROXY, &[b"https"], Scheme::Https),
            (PROXY, &[b"HTTPS"], Scheme::Https),
            (PROXY, &[b"http, https"], Scheme::Https),
            (PROXY, &[b"\thttps "], Scheme::Https),
            (PROXY, &[b"\xc2\xa0https"], Scheme::Http),
            (PROXY, &[b"https\xe2\x80\x80"], Scheme::Http),
            (PROXY, &[b"http"], Scheme::Http),
            (PROXY, &[b"https, http"], Scheme::Http),
            (PROXY, &[b"https", b"http"], Scheme::Http),
            (PROXY, &[b"https\xff"], Scheme::Http),
            (PROXY, &[], Scheme::Http),
            (STRANGER, &[b"https"], Scheme::Http),
        ];
        for (peer, lines, expected) in cases {
            let headers = headers(&FORWARDED_PROTO, lines);
            assert_eq!(
                scheme(peer.parse().unwrap(), &headers, &trusted()),
                expected,
                "{peer} {lines:?}"
            );
        }
    }

    /// The extensions that a handler behind the middleware sees.
    async fn told(server: &config::Server, peer: Option<&str>) -> String {
        let handler = |address: Option<Extension<ClientAddress>>,
                       Extension(scheme): Extension<Scheme>| async move {
            let address = address.map(|Extension(ClientAddress(address))| address);
            format!("{address:?} {scheme:?}")
        };
        let edge = middleware::from_fn_with_state(Edge::new(server), identify_client);
        let router = Router::new().route("/", get(handler)).layer(edge);
        let mut request = Request::get("/")
            .header(FORWARDED_FOR, "203.0.113.7")
            .header(FORWARDED_PROTO, "https")
            .body(Body::empty())
            .unwrap();
        if let Some(peer) = peer {
            let connection = SocketAddr::new(peer.parse().unwrap(), 4711);
            request.extensions_mut().insert(ConnectInfo(connection));
        }
        let response = router.oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), 1_000)
            .await
            .unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn handlers_are_told_the_address_and_the_scheme() {
        let server = config::Server {
            trusted_proxies: trusted(),
            ..config::Server::default()
        };
        assert_eq!(told(&server, Some(PROXY)).await, "Some(203.0.113.7) Https");
        assert_eq!(
            told(&server, Some(STRANGER)).await,
            "Some(198.51.100.9) Http"
        );
        assert_eq!(told(&server, None).await, "None Http");
    }

    #[tokio::test]
    async fn an_https_base_url_makes_every_request_https() {
        let base_url = "https://latchkey.example.com".parse().ok();
        let server = config::Server {
            base_url,
            ..config::Server::default()
        };
        assert_eq!(
            told(&server, Some(STRANGER)).await,
            "Some(198.51.100.9) Https"
        );
        assert_eq!(told(&server, None).await, "None Https");
    }

    #[test]
    fn a_private_proxy_that_is_not_trusted_is_warned_of_once() {
        let warnings = |trusted_proxies: TrustedProxies, peers: &[&str], name: &HeaderName| {
            let edge = Edge::new(&config::Server {
                trusted_proxies,
                ..config::Server::default()
            });
            let headers = headers(name, &[b"203.0.113.7"]);
            let log = logged(LogFormat::Text, || {
                for peer in peers {
                    edge.clone().warn_of_proxy(peer.parse().unwrap(), &headers);
                }
            });
            log.matches("server.trusted_proxies").count()
        };
        let none = TrustedProxies::default;
        let private = ["10.0.0.1", "192.168.0.7", "::ffff:127.0.0.1", "fd00::1"];
        assert_eq!(warnings(none(), &private, &FORWARDED_FOR), 1);
        for peer in private {
            assert_eq!(warnings(none(), &[peer], &FORWARDED_FOR), 1, "{peer}");
        }
        assert_eq!(warnings(trusted(), &[PROXY], &FORWARDED_FOR), 0);
        assert_eq!(warnings(none(), &[STRANGER], &FORWARDED_FOR), 0);
        assert_eq!(warnings(none(), &[PROXY], &FORWARDED_PROTO), 0);
    }
}
