//! The session cookie: its attributes, and the answers to forged cookies.

use axum::body::Body;
use http::{Method, StatusCode};
use latchkey_core::testing::PASSWORD;
use latchkey_server::config::Config;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer, router};

#[sqlx::test(migrations = false)]
async fn over_https_the_cookie_has_every_protection(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let base_url = ("LATCHKEY__SERVER__BASE_URL", "https://latchkey.example.com");
    let environment = [(base_url.0.to_owned(), base_url.1.to_owned())];
    let config = Config::load(None, environment.into_iter(), &[]).unwrap();
    let mut browser =
        Browser::new(router(&server.bed.core, &config)).with("host", "latchkey.example.com");
    browser.headers.push((
        "origin".to_owned(),
        "https://latchkey.example.com".to_owned(),
    ));
    let answer = browser.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let name = format!("__Host-latchkey-session-{}", server.bed.database.name());
    for (line, attribute) in answer.set_cookies().iter().flat_map(|line| {
        ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"].map(|attribute| (line, attribute))
    }) {
        assert!(line.starts_with("__Host-"), "{line}");
        assert!(
            line.split("; ").any(|part| part == attribute),
            "{attribute} is missing: {line}"
        );
        assert!(!line.to_lowercase().contains("domain"));
    }
    assert!(browser.cookies.contains_key(&name));
    assert_eq!(
        answer.header("strict-transport-security"),
        "max-age=31536000"
    );
    assert_eq!(browser.get("/").await.status, StatusCode::OK);

    let answer = browser.post("/api/log_out", &[]).await;
    let removal = answer
        .set_cookies()
        .into_iter()
        .find(|line| line.starts_with(&name))
        .unwrap()
        .to_owned();
    for attribute in ["Secure", "HttpOnly", "Path=/", "Max-Age=0"] {
        assert!(
            removal.contains(attribute),
            "{attribute} is missing: {removal}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn without_https_a_cookie_is_plain_on_this_machine_only(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    for (host, is_secure) in [
        ("localhost", false),
        ("127.0.0.1:8069", false),
        ("latchkey.example.com", true),
        ("localhost.evil.example", true),
    ] {
        let mut browser = server
            .browser()
            .with("host", host)
            .with("origin", &format!("http://{host}"));
        let answer = browser.log_in("ada@example.com", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        for line in answer.set_cookies() {
            assert_eq!(line.contains("; Secure"), is_secure, "{host}: {line}");
            assert_eq!(line.starts_with("__Host-"), is_secure, "{host}: {line}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_damaged_cookie_logs_no_person_in(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let (name, token) = ada
        .session()
        .map(|(name, token)| (name.to_owned(), token.to_owned()))
        .unwrap();
    let mut forgeries = vec![
        String::new(),
        format!("{token}{token}"),
        token[1..].to_owned(),
        "x".repeat(8192),
    ];
    forgeries.extend((0..token.len()).map(|position| {
        let flipped = if &token[position..=position] == "A" {
            "B"
        } else {
            "A"
        };
        format!("{}{flipped}{}", &token[..position], &token[position + 1..])
    }));
    for forgery in forgeries {
        // The last of the 22 characters carries four bits more than the token has.
        let is_same = forgery.len() == token.len() && forgery[..21] == token[..21];
        let mut browser = server.browser();
        browser.cookies.insert(name.clone(), forgery.clone());
        let answer = browser.read("/api/list_devices").await;
        assert!(
            is_same || answer.status == StatusCode::UNAUTHORIZED,
            "{forgery}: {}",
            answer.status
        );
    }
    let mut whole = server.browser();
    whole.cookies.insert(name, token);
    assert_eq!(whole.read("/api/list_devices").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn the_token_is_in_the_cookie_and_nowhere_else(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.browser();
    let answer = ada.log_in("ada@example.com", PASSWORD).await;
    let token = ada.session().unwrap().1.to_owned();
    assert!(!answer.body.contains(&token));
    for path in [
        "/",
        "/profile/security",
        "/profile/devices",
        "/api/current_session",
        "/api/list_devices",
        "/nowhere",
    ] {
        let answer = ada.get(path).await;
        assert!(!answer.body.contains(&token), "{path}");
        assert!(answer.set_cookies().is_empty(), "{path}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_stranger_gets_no_cookie_and_no_row(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options.clone()).await;
    let mut stranger = server.browser();
    for path in ["/", "/login", "/databases", "/nowhere"] {
        assert!(stranger.get(path).await.set_cookies().is_empty(), "{path}");
    }
    let refused = stranger.log_in("ada@example.com", "wrong").await;
    assert!(refused.set_cookies().is_empty());
    let pool = latchkey_core::testing::look(options).await;
    let rows: i64 = sqlx::query_scalar("select count(*) from sessions")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(rows, 0);
}

#[sqlx::test(migrations = false)]
async fn a_log_in_replaces_whatever_cookie_came_along(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let (name, first) = ada
        .session()
        .map(|(name, token)| (name.to_owned(), token.to_owned()))
        .unwrap();
    ada.log_in("ada@example.com", PASSWORD).await;
    assert_ne!(ada.session().unwrap().1, first);
    let mut old = server.browser();
    old.cookies.insert(name.clone(), first);
    assert_eq!(
        old.read("/api/list_devices").await.status,
        StatusCode::UNAUTHORIZED
    );

    // The log-in does not adopt a cookie that an attacker planted.
    let mut planted = server.browser();
    planted
        .cookies
        .insert(name, "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    planted.log_in("ada@example.com", PASSWORD).await;
    assert_ne!(planted.session().unwrap().1, "AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(planted.get("/").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn a_page_request_is_authenticated_by_one_statement(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    ada.read("/api/current_session").await;
    let count = latchkey_core::testing::Statements::count(async {
        let request = Browser::request(Method::GET, "/api/current_session");
        let answer = ada.send(request, Body::empty()).await;
        assert!(answer.body.contains("ada@example.com"), "{}", answer.body);
    })
    .await;
    assert_eq!(count, 1);
}

#[sqlx::test(migrations = false)]
async fn invented_cookies_cost_no_more_than_none(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ask = async |browser: &mut Browser| {
        latchkey_core::testing::Statements::count(async {
            let request = Browser::request(Method::GET, "/login");
            assert_eq!(
                browser.send(request, Body::empty()).await.status,
                StatusCode::OK
            );
        })
        .await
    };
    let mut stranger = server.browser();
    ask(&mut stranger).await;
    let plain = ask(&mut stranger).await;
    for number in 0..16 {
        let name = format!("latchkey-session-invented{number}");
        stranger.cookies.insert(name, "x".to_owned());
    }
    stranger
        .cookies
        .insert("latchkey-database".to_owned(), "invented".to_owned());
    assert_eq!(ask(&mut stranger).await, plain);
}

#[sqlx::test(migrations = false)]
async fn a_sibling_domain_plants_no_session(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    server.bed.another_user("eve").await;
    let base_url = ("LATCHKEY__SERVER__BASE_URL", "https://latchkey.example.com");
    let environment = [(base_url.0.to_owned(), base_url.1.to_owned())];
    let config = Config::load(None, environment.into_iter(), &[]).unwrap();
    let browser = || {
        Browser::new(router(&server.bed.core, &config))
            .with("host", "latchkey.example.com")
            .with("origin", "https://latchkey.example.com")
    };
    let (mut ada, mut eve) = (browser(), browser());
    ada.log_in("ada@example.com", PASSWORD).await;
    eve.log_in("eve", PASSWORD).await;
    let (name, evil) = eve.session().unwrap();
    let own = format!("{name}={}", ada.session().unwrap().1);
    for space in [
        "\u{85}", "\u{a0}", "\u{1680}", "\u{2000}", "\u{2028}", "\u{3000}",
    ] {
        let planted = format!("{space}{name}={evil}");
        for (line, login) in [
            (planted.clone(), None),
            (format!("{planted}; {own}"), Some("ada@example.com")),
            (format!("{own}; {planted}"), Some("ada@example.com")),
        ] {
            let mut request = Browser::request(Method::GET, "/api/current_session");
            let line = http::HeaderValue::from_bytes(line.as_bytes()).unwrap();
            request = request.header(http::header::COOKIE, line);
            let body = browser().send(request, Body::empty()).await.body;
            match login {
                Some(login) => assert!(body.contains(login), "{space:?}: {body}"),
                None => assert_eq!(body, "null", "{space:?}"),
            }
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_session_named_twice_is_no_session(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let (name, token) = ada.session().unwrap();
    for other in ["AAAAAAAAAAAAAAAAAAAAAA", "x", token] {
        let request = Browser::request(Method::GET, "/api/current_session").header(
            http::header::COOKIE,
            format!("{name}={token}; {name}={other}"),
        );
        let answer = server.browser().send(request, Body::empty()).await;
        assert_eq!(answer.body, "null", "{other}");
    }
}

#[sqlx::test(migrations = false)]
async fn invented_cookies_before_it_hide_no_session(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let (name, token) = ada.session().unwrap();
    let mut line: Vec<String> = (0..100)
        .map(|number| format!("latchkey-session-x{number}=AAAAAAAAAAAAAAAAAAAAAA"))
        .collect();
    line.push(format!("{name}={token}"));
    let request = Browser::request(Method::GET, "/profile/devices")
        .header(http::header::ACCEPT, "text/html")
        .header(http::header::COOKIE, line.join("; "));
    let answer = server.browser().send(request, Body::empty()).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn a_request_with_two_hosts_or_none_that_can_be_read_is_refused(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    for hosts in [
        &["localhost", "evil.example"][..],
        &["evil@localhost"],
        &["local host"],
    ] {
        let mut request = Browser::request(Method::GET, "/login");
        for host in hosts {
            request = request.header(http::header::HOST, *host);
        }
        let answer = server.browser().send(request, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{hosts:?}");
    }
}
