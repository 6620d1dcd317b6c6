//! Random input for the parsers of what comes from the network. `cargo xtask fuzz -- CASES` runs it for longer.

use std::net::IpAddr;

use axum::body::Body;
use http::{HeaderMap, HeaderValue, Request, header};
use latchkey_app::{api::session::LogIn, wire::ApiError};
use latchkey_core::database::DatabaseName;
use proptest::prelude::*;
use regex::bytes::Regex;
use server_fn::codec::{FromReq, PostUrl};

use super::{
    client_address::client_address,
    cookies::{RequestCookies, Transport},
    forms, grammar,
};
use crate::{config::TrustedProxies, fuzz_cases};

/// A `Cookie` header: bytes that a header may have, most of them with a meaning.
fn cookie_line() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"latchkey-session-acme=AAAAAAAAAAAAAAAAAAAAAA".to_vec()),
        Just(b"__Host-latchkey-database=acme".to_vec()),
        Just(b"latchkey-time-zone=Europe/Berlin".to_vec()),
        Just(b"; ".to_vec()),
        "[;=, \t\"\\\\a-c\u{a0}\u{2000}\u{feff}]{0,6}".prop_map(String::into_bytes),
        prop::collection::vec(
            prop_oneof![Just(b'\t'), 0x20..=0x7e_u8, 0x80..=0xff_u8],
            0..6
        ),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn headers(name: &header::HeaderName, lines: &[Vec<u8>]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, HeaderValue::from_bytes(line).unwrap());
    }
    headers
}

/// `cookie-pair` of RFC 6265, 4.1.1, without quotes, between spaces and tabs.
fn reference_cookies(lines: &[Vec<u8>]) -> Vec<(String, String)> {
    let pair = r"(?-u)^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=([\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]*)[ \t]*$";
    let pair = Regex::new(pair).unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let parts = lines
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b';'));
    parts
        .filter_map(|part| pair.captures(part))
        .map(|found| (text(&found[1]), text(&found[2])))
        .collect()
}

fn read(headers: &HeaderMap) -> Vec<(String, String)> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    grammar::cookies(headers).map(owned).collect()
}

/// An entry of `X-Forwarded-For`.
fn hop() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("10.0.0.1".to_owned()),
        Just("[fd00::1]:443".to_owned()),
        any::<IpAddr>().prop_map(|address| address.to_string()),
        any::<std::net::SocketAddr>().prop_map(|address| address.to_string()),
        "[ \t0-9a-f.:\\[\\]\u{a0}_]{0,12}",
    ]
}

fn forwarded_line() -> impl Strategy<Value = Vec<u8>> {
    let separator = prop_oneof![Just(","), Just(", "), Just(" ,\t")];
    let hops = prop::collection::vec(hop(), 0..5);
    (hops, separator).prop_map(|(hops, separator)| hops.join(separator).into_bytes())
}

fn trusted() -> TrustedProxies {
    TrustedProxies::try_from(vec!["10.0.0.0/8".to_owned(), "fd00::/8".to_owned()]).unwrap()
}

fn client(peer: IpAddr, lines: &[Vec<u8>]) -> IpAddr {
    let name = header::HeaderName::from_static("x-forwarded-for");
    client_address(peer, &headers(&name, lines), &trusted())
}

/// Parses a form like a server function.
fn log_in(body: impl Into<Body>) -> Result<LogIn, ApiError> {
    let request = Request::post("/api/log_in").body(body.into()).unwrap();
    let read = <LogIn as FromReq<PostUrl, Request<Body>, ApiError>>::from_req(request);
    futures::executor::block_on(read)
}

/// The text with every character escaped except unreserved ones (RFC 3986, 2.1).
fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    bytes.collect()
}

proptest! {
    #![proptest_config(fuzz_cases())]

    #[test]
    fn cookies_are_read_as_the_grammar_says(lines in prop::collection::vec(cookie_line(), 0..4)) {
        let read_once = read(&headers(&header::COOKIE, &lines));
        prop_assert_eq!(&read_once, &reference_cookies(&lines));
        let again: Vec<String> = read_once.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let again = headers(&header::COOKIE, &[again.join("; ").into_bytes()]);
        prop_assert_eq!(read(&again), read_once);
    }

    #[test]
    fn each_database_has_one_session_at_most(lines in prop::collection::vec(cookie_line(), 0..4)) {
        let all = headers(&header::COOKIE, &lines);
        for transport in [Transport::Https, Transport::Plain] {
            let cookies = RequestCookies::read(&all, transport);
            let names: Vec<&DatabaseName> = cookies.databases().collect();
            prop_assert_eq!(cookies.tokens().len(), names.len());
        }
    }

    #[test]
    fn nothing_to_the_left_of_a_stranger_counts(
        peer in prop_oneof![Just("10.0.0.9".parse().unwrap()), any::<IpAddr>()],
        forged in prop::collection::vec(forwarded_line(), 0..3),
        lines in prop::collection::vec(forwarded_line(), 0..3),
    ) {
        let known = client(peer, &lines);
        if !trusted().trust(peer) {
            prop_assert_eq!(known, peer.to_canonical());
        }
        if !trusted().trust(known) {
            let all = [forged, lines].concat();
            prop_assert_eq!(client(peer, &all), known);
        }
    }

    #[test]
    fn an_address_is_the_peers_or_stands_in_the_list(
        lines in prop::collection::vec(forwarded_line(), 0..3),
    ) {
        let peer: IpAddr = "10.0.0.9".parse().unwrap();
        let known = client(peer, &lines);
        let text = String::from_utf8(lines.join(&b","[..])).unwrap();
        let stands = text.split(',').filter_map(|hop| {
            let hop = hop.trim_matches([' ', '\t']);
            let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
            let socket = || hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
            bare.parse::<IpAddr>().ok().or_else(socket)
        });
        let mut stands = stands.map(|address| address.to_canonical());
        prop_assert!(known == peer || stands.any(|address| address == known), "{known} of {text}");
    }

    #[test]
    fn a_form_says_what_was_typed(login in any::<String>(), password in any::<String>(), next in any::<String>()) {
        let body = format!("next={}&password={}&login={}", escaped(&next), escaped(&password), escaped(&login));
        let read = log_in(body.clone()).unwrap();
        prop_assert_eq!(&read.login, &login);
        prop_assert_eq!(&read.password, &password);
        // An empty field that may be missing counts as missing.
        prop_assert_eq!(read.next.unwrap_or_default(), next);
        // A browser writes a space as a plus.
        let read = log_in(body.replace("%20", "+")).unwrap();
        prop_assert_eq!(&read.password, &password);
    }

    #[test]
    fn whatever_is_posted_is_a_form_or_refused(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            "([a-z_]{0,8}|login|password|next|[\\[\\]%&=+;.]|%[0-9a-fA-F]{0,2}){0,30}".prop_map(String::into_bytes),
        ],
    ) {
        match log_in(body) {
            Ok(_) | Err(ApiError::Malformed) => {}
            Err(error) => prop_assert!(false, "{error:?}"),
        }
    }

    #[test]
    fn what_was_posted_comes_back_from_its_cookie_or_not_at_all(value in any::<String>()) {
        if let Some(posted) = forms::from_cookie(&value) {
            let cookie = forms::to_cookie(&posted).unwrap();
            let again = forms::from_cookie(&cookie).and_then(|posted| forms::to_cookie(&posted));
            prop_assert_eq!(again, Some(cookie));
        }
    }
}
