//! The language of a page, and the texts that a page brings to the browser.

use axum::body::Body;
use http::{Method, StatusCode, header};
use latchkey_server::config::Config;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Answer, Browser, TestServer, router};

async fn page_in(browser: &mut Browser, path: &str, accepted: &str) -> Answer {
    let request = Browser::request(Method::GET, path).header(header::ACCEPT_LANGUAGE, accepted);
    let answer = browser.send(request, Body::empty()).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer
}

fn depends_on_language(answer: &Answer) -> bool {
    let lines = answer.headers.get_all(header::VARY).iter();
    lines
        .map(|line| line.to_str().unwrap().to_lowercase())
        .any(|line| line.contains("accept-language"))
}

#[sqlx::test(migrations = false)]
async fn a_page_brings_the_texts_of_its_islands_and_no_others(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let (mut stranger, mut ada) = (server.browser(), server.ada().await);
    let log_in = [
        "Email or username",
        "Show password",
        "Username, email or password is wrong.",
    ];
    let form = ["This is a shared computer", "I have a log-in code"];
    let session = ["Stay logged in", "You were logged out"];
    let devices = [
        "That device had already been logged out.",
        "Revoke {device}?",
        "Your password",
    ];
    let change = ["Current password", "At least {count} characters."];
    let all = [&log_in[..], &form, &session, &devices, &change];

    let of_stranger: [(&str, &[&[&str]]); 3] = [
        ("/login", &[&log_in, &form]),
        ("/forgotten-password", &[]),
        ("/databases", &[]),
    ];
    let of_ada: [(&str, &[&[&str]]); 3] = [
        ("/", &[&log_in, &session]),
        ("/profile/devices", &[&log_in, &session, &devices]),
        (
            "/profile/security",
            &[&log_in, &session, &change, &devices[2..]],
        ),
    ];
    let mut pages = Vec::new();
    for (path, expected) in of_stranger {
        pages.push((stranger.get(path).await.texts, path, expected));
    }
    for (path, expected) in of_ada {
        pages.push((ada.get(path).await.texts, path, expected));
    }
    for (texts, path, expected) in pages {
        for text in all.into_iter().flatten() {
            let is_expected = expected.iter().any(|texts| texts.contains(text));
            let is_there = texts.contains(&format!(":\"{text}"));
            assert_eq!(is_there, is_expected, "{path}: {text}: {texts}");
        }
        let read: serde_json::Value = serde_json::from_str(&texts).unwrap();
        assert_eq!(read["language"], "en", "{path}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_page_is_in_the_language_that_the_browser_prefers(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut server = TestServer::new(options).await;
    let mut config = Config::default();
    config.server.pseudo_languages = true;
    server.router = router(&server.bed.core, &config);
    let (mut stranger, mut ada) = (server.browser(), server.ada().await);
    for (browser, path) in [(&mut stranger, "/login"), (&mut ada, "/profile/devices")] {
        for (accepted, html, words) in [
            ("en-XA", "<html lang=\"en-XA\" dir=\"ltr\"", "[!!! "),
            (
                "tlh, ar-XB;q=0.5",
                "<html lang=\"ar-XB\" dir=\"rtl\"",
                "\u{202e}",
            ),
            ("tlh", "<html lang=\"en\" dir=\"ltr\"", "ssword"),
        ] {
            let page = page_in(browser, path, accepted).await;
            assert!(page.body.contains(html), "{accepted}: {}", page.body);
            assert!(page.body.contains(words) || words == "ssword", "{accepted}");
            assert!(page.texts.contains(words), "{accepted}: {}", page.texts);
            assert!(depends_on_language(&page), "{path}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn people_get_no_pseudo_language(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    for (accepted, html) in [
        ("en-XA", "<html lang=\"en\" dir=\"ltr\""),
        ("ar-XB", "<html lang=\"ar\" dir=\"rtl\""),
    ] {
        let page = page_in(&mut server.browser(), "/login", accepted).await;
        assert!(page.body.contains(html), "{accepted}: {}", page.body);
    }
}

#[sqlx::test(migrations = false)]
async fn people_are_answered_in_their_language(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    for (accepted, html, words) in [
        ("en-GB", "<html lang=\"en\" dir=\"ltr\"", "Password"),
        ("fr-CA, fr", "<html lang=\"fr\" dir=\"ltr\"", "Mot de passe"),
        ("de-AT", "<html lang=\"de\" dir=\"ltr\"", "Passwort"),
        ("es-MX", "<html lang=\"es\" dir=\"ltr\"", "Contraseña"),
        ("ar-EG", "<html lang=\"ar\" dir=\"rtl\"", "كلمة المرور"),
        ("pl", "<html lang=\"pl\" dir=\"ltr\"", "Hasło"),
    ] {
        let page = page_in(&mut server.browser(), "/login", accepted).await;
        assert!(page.body.contains(html), "{accepted}: {}", page.body);
        assert!(page.texts.contains(words), "{accepted}: {}", page.texts);
        assert!(depends_on_language(&page), "{accepted}");
    }
}
