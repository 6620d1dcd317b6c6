//! How the server reads and writes cookies.

use latchkey_core::device::DeviceToken;

use http::{HeaderValue, header};
use latchkey_app::request::{Changes, PostedChange, SessionChange};

use super::*;

#[test]
fn each_database_has_a_device_cookie_of_its_own_and_no_session_among_them() {
    let token = "0123456789abcdef0123456789abcdef";
    let line = format!(
        "__Host-latchkey-device-acme={token}; __Host-latchkey-device-globex=x; latchkey-device-other={token}"
    );
    let cookies = read(&line, Transport::Https);
    let devices = cookies.devices();
    assert_eq!(devices.len(), 2);
    let held = |database: &str| devices[&database.parse().unwrap()].hashes();
    assert!(held("acme") == [DeviceToken::from_cookie(token).unwrap().hash()]);
    assert!(held("globex").is_empty());
    assert!(cookies.databases().next().is_none());
    let changes = Changes {
        device: Some((database("acme"), token.to_owned())),
        ..Changes::default()
    };
    assert_eq!(
        written(changes, None, Transport::Https),
        [
            "__Host-latchkey-device-acme=0123456789abcdef0123456789abcdef; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=34560000"
        ]
    );
}

fn database(name: &str) -> DatabaseName {
    name.parse().unwrap()
}

/// The `Set-Cookie` lines of an answer.
fn written(changes: Changes, current: Option<&str>, transport: Transport) -> Vec<String> {
    let mut headers = HeaderMap::new();
    write(
        &mut headers,
        changes,
        current.map(database).as_ref(),
        transport,
    );
    let lines = headers.get_all(header::SET_COOKIE).iter();
    lines
        .map(|line| line.to_str().unwrap().to_owned())
        .collect()
}

fn read(line: &str, transport: Transport) -> RequestCookies {
    let mut headers = HeaderMap::new();
    let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
    headers.insert(header::COOKIE, line);
    RequestCookies::read(&headers, transport)
}

const ONE: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const TWO: &str = "BAAAAAAAAAAAAAAAAAAAAA";

/// The token of a database's session.
fn kept(line: &str, name: &str) -> Option<String> {
    let tokens = read(line, Transport::Https).tokens();
    let token = tokens.get(&database(name))?;
    Some(URL_SAFE_NO_PAD.encode(token.to_bytes()))
}

#[test]
fn each_database_has_a_token_of_its_own() {
    let line = format!(
        "a=b; __Host-latchkey-session-acme={ONE}; __Host-latchkey-session-globex={TWO}; latchkey={ONE}"
    );
    assert_eq!(kept(&line, "acme"), Some(ONE.to_owned()));
    assert_eq!(kept(&line, "globex"), Some(TWO.to_owned()));
    assert_eq!(kept(&line, "other"), None);
}

#[test]
fn a_cookie_without_the_prefix_counts_only_over_plain_http() {
    let line = format!("latchkey-session-acme={ONE}; latchkey-database=acme");
    assert!(read(&line, Transport::Https).databases().next().is_none());
    let plain = read(&line, Transport::Plain);
    assert_eq!(plain.chosen.unwrap().as_str(), "acme");
    assert_eq!(plain.sessions.len(), 1);
}

#[test]
fn a_session_cookie_is_written_as_the_server_writes_it() {
    for forgery in [
        "",
        "x",
        &ONE[1..],
        &format!("{ONE}A"),
        "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAA=",
    ] {
        let line = format!("latchkey-session-acme={forgery}");
        assert!(
            read(&line, Transport::Plain).databases().next().is_none(),
            "{forgery:?}"
        );
    }
}

#[test]
fn a_cookie_named_twice_is_none_of_both() {
    for (name, value) in [
        ("latchkey-session-acme", ONE),
        ("latchkey-database", "acme"),
        ("latchkey-device-acme", "0123456789abcdef0123456789abcdef"),
    ] {
        let count = |line: &str| {
            let cookies = read(line, Transport::Plain);
            cookies.sessions.len() + cookies.devices.len() + usize::from(cookies.chosen.is_some())
        };
        assert_eq!(count(&format!("{name}={value}")), 1, "{name}");
        for second in [value, TWO, ""] {
            assert_eq!(
                count(&format!("{name}={value}; a=b; {name}={second}")),
                0,
                "{name}"
            );
            assert_eq!(
                count(&format!("{name}={second}; {name}={value}")),
                0,
                "{name}"
            );
        }
    }
}

/// To a browser such a name has no prefix, so a sibling domain can set the cookie.
#[test]
fn what_a_sibling_domain_plants_behind_a_space_of_unicode_is_not_ours() {
    let planted = format!("\u{2000}__Host-latchkey-session-acme={TWO}");
    assert_eq!(kept(&planted, "acme"), None);
    let line = format!("{planted}; __Host-latchkey-session-acme={ONE}");
    assert_eq!(kept(&line, "acme"), Some(ONE.to_owned()));
}

#[test]
fn a_wanted_cookie_counts_however_many_come_before_it() {
    let invented = |kind: &str| {
        let names = (0..1000).map(|name| format!("latchkey-{kind}-x{name}={ONE}"));
        names.collect::<Vec<_>>().join("; ")
    };
    let token = "0123456789abcdef0123456789abcdef";
    let line = format!(
        "{}; {}; latchkey-session-acme={ONE}; latchkey-device-acme={token}",
        invented("session"),
        invented("device")
    );
    let cookies = read(&line, Transport::Plain);
    assert_eq!(cookies.databases().last().unwrap().as_str(), "acme");
    let devices = cookies.devices();
    let held = devices[&"acme".parse().unwrap()].hashes();
    assert!(held == [DeviceToken::from_cookie(token).unwrap().hash()]);
}

#[test]
fn a_session_cookie_lasts_as_long_as_its_session_or_the_browser() {
    let issued = |max_age| {
        let token = SessionToken::from_bytes([0; 16]);
        let session = Some(SessionChange::Issue {
            database: database("acme"),
            token,
            max_age,
        });
        let changes = Changes {
            session,
            ..Changes::default()
        };
        written(changes, Some("globex"), Transport::Plain)
    };
    let cookie = format!("latchkey-session-acme={ONE}; HttpOnly; SameSite=Lax; Path=/");
    assert_eq!(issued(None), std::slice::from_ref(&cookie));
    let a_day = Some(time::Duration::days(1));
    assert_eq!(issued(a_day), [cookie + "; Max-Age=86400"]);
}

#[test]
fn a_removal_is_complete_so_that_browsers_take_it() {
    let changes = || Changes {
        session: Some(SessionChange::Remove),
        posted: Some(PostedChange::Forget),
        ..Changes::default()
    };
    let rest = "=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0";
    assert_eq!(
        written(changes(), Some("acme"), Transport::Https),
        [
            format!("__Host-latchkey-session-acme{rest}"),
            format!("__Host-latchkey-posted{rest}"),
        ]
    );
    // Without a session cookie there is nothing to remove.
    assert_eq!(written(changes(), None, Transport::Https).len(), 1);
}

#[test]
fn a_time_zone_is_read_by_its_grammar_and_is_no_proof_that_cookies_are_kept() {
    let zone = |line: &str| {
        let cookies = read(line, Transport::Https);
        assert!(!cookies.is_any, "{line}");
        cookies.time_zone.map(|zone| zone.as_str().to_owned())
    };
    let berlin = "__Host-latchkey-time-zone=Europe/Berlin";
    assert_eq!(zone(berlin).as_deref(), Some("Europe/Berlin"));
    for none in [
        "latchkey-time-zone=Europe/Berlin",
        "__Host-latchkey-time-zone=Etc/Unknown",
        "__Host-latchkey-time-zone=<b>",
        &format!("{berlin}; {berlin}"),
    ] {
        assert_eq!(zone(none), None, "{none}");
    }
}
