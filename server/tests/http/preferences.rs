//! The person's own preferences on pages: who counts, and what a browser remembers.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode, header};
use latchkey_core::testing::PASSWORD;
use latchkey_server::config::Config;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Answer, Browser, TestServer, router};

const LANGUAGE: &str = "latchkey-language";
const THEME: &str = "latchkey-theme";
const AUTOMATIC: [(&str, &str); 5] = [
    ("language", ""),
    ("time_zone", ""),
    ("date_format", "automatic"),
    ("time_format", "automatic"),
    ("theme", "system"),
];

/// A server that offers English and both pseudo-languages.
async fn server(options: PgConnectOptions) -> TestServer {
    let mut server = TestServer::new(options).await;
    let mut config = Config::default();
    config.server.pseudo_languages = true;
    server.router = router(&server.bed.core, &config);
    server
}

/// Saves what `changed` says and what is automatic otherwise, without script.
async fn save(browser: &mut Browser, changed: &[(&str, &str)]) -> Answer {
    let fields = AUTOMATIC.map(|(name, automatic)| {
        let changed = changed.iter().find(|(field, _)| *field == name);
        (name, changed.map_or(automatic, |(_, value)| *value))
    });
    let answer = browser
        .submit("/profile", "/api/save_preferences", &fields)
        .await;
    assert_eq!(answer.location(), "/profile");
    browser.follow(&answer).await
}

/// The tag `<html>` of a page.
async fn html(browser: &mut Browser, path: &str, accepted: &str) -> String {
    let request = Browser::request(Method::GET, path)
        .header(header::ACCEPT, "text/html")
        .header(header::ACCEPT_LANGUAGE, accepted);
    let page = browser.send(request, Body::empty()).await.body;
    let (_, tag) = page.split_once("<html").unwrap();
    tag.split('>').next().unwrap().to_owned()
}

async fn log_out(browser: &mut Browser) {
    browser.submit("/", "/api/log_out", &[]).await;
}

#[sqlx::test(migrations = false)]
async fn the_language_of_the_account_counts_then_the_cookies_then_the_browsers(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = server(options).await;
    let mut ada = server.ada().await;
    let chosen = [("language", "ar-XB")];
    ada.submit("/login", "/api/choose_language", &chosen).await;
    assert_eq!(ada.cookies[LANGUAGE], "ar-XB");
    let tag = html(&mut ada, "/", "en").await;
    assert!(tag.contains("lang=\"ar-XB\" dir=\"rtl\""), "cookie: {tag}");

    save(&mut ada, &[("language", "en-XA")]).await;
    assert_eq!(ada.cookies[LANGUAGE], "en-XA.account");
    let tag = html(&mut ada, "/", "ar-XB").await;
    assert!(tag.contains("lang=\"en-XA\" dir=\"ltr\""), "account: {tag}");
    log_out(&mut ada).await;
    let tag = html(&mut ada, "/login", "ar-XB").await;
    assert!(tag.contains("lang=\"en-XA\""), "after log-out: {tag}");

    ada.cookies.remove(LANGUAGE);
    let tag = html(&mut ada, "/login", "ar-XB").await;
    assert!(tag.contains("lang=\"ar-XB\""), "browser: {tag}");
}

#[sqlx::test(migrations = false)]
async fn of_two_people_in_one_browser_each_gets_what_they_prefer(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = server(options).await;
    server.bed.another_user("bob").await;
    let mut browser = server.ada().await;
    save(&mut browser, &[("language", "en-XA"), ("theme", "dark")]).await;
    log_out(&mut browser).await;
    let tag = html(&mut browser, "/login", "en").await;
    assert!(
        tag.contains("lang=\"en-XA\"") && tag.contains("data-theme=\"dark\""),
        "{tag}"
    );

    // Nothing of Ada's reaches Bob, to whom everything is automatic.
    browser.log_in("bob", PASSWORD).await;
    for _ in 0..2 {
        let tag = html(&mut browser, "/", "en").await;
        assert!(
            tag.contains("lang=\"en\"") && !tag.contains("data-theme"),
            "{tag}"
        );
        assert!(!browser.cookies.contains_key(LANGUAGE), "forgotten");
        assert!(!browser.cookies.contains_key(THEME), "forgotten");
    }
    log_out(&mut browser).await;
    browser.log_in("ada@example.com", PASSWORD).await;
    let tag = html(&mut browser, "/", "en").await;
    assert!(
        tag.contains("lang=\"en-XA\"") && tag.contains("data-theme=\"dark\""),
        "{tag}"
    );
}

#[sqlx::test(migrations = false)]
async fn a_shared_computer_remembers_nothing_of_a_person(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = server(options).await;
    let chosen = [("language", "en-XA"), ("theme", "dark")];
    save(&mut server.ada().await, &chosen).await;
    let mut shared = server.browser();
    let fields = [
        ("login", "ada@example.com"),
        ("password", PASSWORD),
        ("shared_computer", "on"),
    ];
    shared.submit("/login", "/api/log_in", &fields).await;
    let tag = html(&mut shared, "/", "en").await;
    assert!(
        tag.contains("lang=\"en-XA\"") && tag.contains("data-theme=\"dark\""),
        "{tag}"
    );
    assert!(!shared.cookies.contains_key(LANGUAGE));
    assert!(!shared.cookies.contains_key(THEME));
}

#[sqlx::test(migrations = false)]
async fn the_theme_is_in_the_document_that_the_server_sends(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    for (theme, scheme, bars) in [
        ("dark", "content=\"dark\"", 1),
        ("light", "content=\"light\"", 1),
        ("system", "content=\"light dark\"", 2),
    ] {
        save(&mut ada, &[("theme", theme)]).await;
        let mut stranger = ada.clone();
        log_out(&mut stranger).await;
        ada.log_in("ada@example.com", PASSWORD).await;
        for (browser, path) in [(&mut ada, "/"), (&mut stranger, "/login")] {
            let page = browser.get(path).await.body;
            let forced = format!("data-theme=\"{theme}\"");
            assert_eq!(page.contains(&forced), theme != "system", "{path}");
            assert!(page.contains(scheme), "{theme} {path}");
            assert_eq!(
                page.matches("name=\"theme-color\"").count(),
                bars,
                "{theme}"
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn moments_are_in_the_zone_and_the_spelling_of_the_account(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let chosen = [
        ("time_zone", "America/New_York"),
        ("date_format", "month_day_year"),
        ("time_format", "hours12"),
    ];
    let page = save(&mut ada, &chosen).await.body;
    assert!(page.contains("Saved"), "{page}");
    assert!(
        page.contains("Example: Nov 23, 2026, 7:00\u{a0}AM"),
        "{page}"
    );
    assert!(page.contains("Automatic: Berlin"), "{page}");
    for path in ["/", "/profile/devices", "/profile/activity"] {
        let page = ada.get(path).await.body;
        assert!(page.contains("Nov 23, 2026, 7:00\u{a0}AM"), "{path}");
    }
    // The same without script, where a browser tells no zone; also on the page that says when the session ended.
    ada.cookies.remove("latchkey-time-zone");
    let bed = &server.bed;
    assert!(ada.get("/").await.body.contains("7:00\u{a0}AM<"));
    bed.core
        .users
        .disable(&bed.database, &bed.ada)
        .await
        .unwrap();
    assert!(
        ada.get("/login")
            .await
            .body
            .contains("Nov 23, 2026, 7:00\u{a0}AM")
    );
}

#[sqlx::test(migrations = false)]
async fn an_unknown_value_is_refused_and_nothing_is_saved(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    // This server offers English only.
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    for (field, value, name) in [
        ("language", "en-XA", "Language"),
        ("language", "tlh", "Language"),
        ("time_zone", "Mars/Olympus", "TimeZone"),
        ("date_format", "american", "DateFormat"),
        ("time_format", "12", "TimeFormat"),
        ("theme", "blue", "Theme"),
    ] {
        let fields = AUTOMATIC.map(|(known, automatic)| {
            let automatic = if known == "theme" { "dark" } else { automatic };
            (known, if known == field { value } else { automatic })
        });
        let answer = ada.post("/api/save_preferences", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{value}");
        let error = format!("{{\"UnknownPreference\":\"{name}\"}}");
        assert!(answer.body.contains(&error), "{}", answer.body);

        let page = save(&mut ada, &[(field, value)]).await.body;
        assert!(page.contains("Choose one of the listed values."), "{page}");
        let (_, select) = page.split_once(&format!("id=\"{field}\"")).unwrap();
        assert!(
            select.split('>').next().unwrap().contains("aria-invalid"),
            "{field}"
        );
        assert!(!ada.get("/").await.body.contains("data-theme"), "{field}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_person_changes_the_own_name_and_a_refused_name_stays_in_its_field(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let long = "x".repeat(101);
    for (name, words) in [
        (" ", "Enter a name."),
        ("A\u{202e}B", "a character that cannot be shown"),
        (&*long, "at most 100 characters"),
    ] {
        let fields = [("name", name)];
        let answer = ada.submit("/profile", "/api/change_name", &fields).await;
        let page = ada.follow(&answer).await.body;
        assert!(page.contains(words), "{words}: {page}");
        assert!(page.contains(&format!("value=\"{name}\"")), "{words}");
        assert!(ada.get("/").await.body.contains("Hello, Ada<"));
    }
    let fields = [("name", " <b>Augusta</b> ")];
    let answer = ada.submit("/profile", "/api/change_name", &fields).await;
    let page = ada.follow(&answer).await.body;
    assert!(
        page.contains("Saved") && page.contains("&lt;b&gt;Augusta&lt;/b&gt;"),
        "{page}"
    );
    assert!(!page.contains("<b>Augusta"), "{page}");
}

#[sqlx::test(migrations = false)]
async fn a_stranger_chooses_a_language_and_comes_back(_: PgPoolOptions, options: PgConnectOptions) {
    let mut alone = TestServer::new(options).await;
    let mut config = Config::default();
    config.server.pseudo_languages = true;
    alone.router = router(&alone.bed.core, &config);
    let mut stranger = alone.browser();
    let page = stranger.get("/login?next=/profile/devices").await.body;
    assert!(page.contains("choose_language"), "{page}");
    let fields = [("language", "ar-XB"), ("next", "/profile/devices")];
    let answer = stranger
        .submit("/login", "/api/choose_language", &fields)
        .await;
    assert_eq!(answer.location(), "/login?next=/profile/devices");
    let tag = html(&mut stranger, "/login", "en").await;
    assert!(tag.contains("lang=\"ar-XB\""), "{tag}");
    for page in ["/forgotten-password", "/databases", "/new-password"] {
        let fields = [("language", "en"), ("page", page), ("next", "/profile")];
        let answer = stranger.submit(page, "/api/choose_language", &fields).await;
        assert_eq!(answer.location(), page);
    }
    for page in ["//evil.example", "/profile", "/forgotten-password?x", ""] {
        let fields = [("language", "en"), ("page", page)];
        let answer = stranger
            .submit("/login", "/api/choose_language", &fields)
            .await;
        assert_eq!(answer.location(), "/login", "{page}");
    }
    for unknown in ["tlh", "en-XA.account", ""] {
        let fields = [("language", unknown)];
        let answer = stranger.post("/api/choose_language", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{unknown}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_choice_of_language_keeps_what_was_typed_but_no_password(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let alone = TestServer::new(options).await;
    let mut stranger = alone.browser();
    let fields = [
        ("language", "de"),
        ("login", "ada@exam"),
        ("password", "half of a pass"),
        ("shared_computer", "on"),
    ];
    let answer = stranger
        .submit("/login", "/api/choose_language", &fields)
        .await;
    for cookie in answer.set_cookies() {
        let Some(value) = cookie.split(['=', ';']).nth(1) else {
            continue;
        };
        let decoded = URL_SAFE_NO_PAD.decode(value).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&decoded).contains("half of"));
    }
    let page = stranger.follow(&answer).await.body;
    assert!(page.contains("lang=\"de\""), "{page}");
    assert!(page.contains("value=\"ada@exam\""), "{page}");
    assert!(!page.contains("half of"), "{page}");
    assert!(!page.contains("role=\"alert\""), "{page}");
    // Once: the next visit begins with empty fields.
    let page = stranger.get("/login").await.body;
    assert!(!page.contains("ada@exam"), "{page}");
}

#[sqlx::test(migrations = false)]
async fn a_cookie_of_nonsense_is_no_choice(_: PgPoolOptions, options: PgConnectOptions) {
    let server = server(options).await;
    let (mut stranger, mut ada) = (server.browser(), server.ada().await);
    for (language, theme) in [
        ("tlh", "blue"),
        ("", ""),
        ("<b>", "\"><b>"),
        ("en.account.account", "DARK"),
    ] {
        for (browser, path) in [(&mut stranger, "/login"), (&mut ada, "/")] {
            browser
                .cookies
                .insert(LANGUAGE.to_owned(), language.to_owned());
            browser.cookies.insert(THEME.to_owned(), theme.to_owned());
            let tag = html(browser, path, "en").await;
            assert!(
                tag.contains("lang=\"en\"") && !tag.contains("data-theme"),
                "{tag}"
            );
        }
    }
}
