//! Forms posted without script: the redirect, the text on the next page, and texts that a crafted link cannot show.

use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use http::{Method, StatusCode, header};
use latchkey_app::{
    function::Form,
    wire::{ApiError, PasswordProblem},
};
use latchkey_core::{
    module::{Candidate, DecideLogIn, Decision, HostedModule, ModuleError, Opening},
    settings::{Listed, Settings},
    testing::PASSWORD,
};
use latchkey_server::web;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Answer, Browser, TestServer};

const HTML: &str = "text/html,application/xhtml+xml";

fn forms() -> Vec<Form> {
    web::registry().unwrap().forms().collect()
}

/// Posts a form as a browser that sends no `Referer` does.
async fn submit(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut other = browser.clone().with("accept", HTML);
    let answer = other.post(path, fields).await;
    browser.cookies = other.cookies;
    answer
}

/// A module that refuses every log-in with a message.
struct Closed;

#[async_trait::async_trait]
impl DecideLogIn for Closed {
    type Evidence = ();

    async fn gather(&self, _: &Candidate) -> Result<(), ModuleError> {
        Ok(())
    }

    async fn decide(&self, opening: &Opening, (): ()) -> Result<Decision, ModuleError> {
        let message = match opening.candidate.language.as_str() {
            "de" => "Kommen Sie am Montag wieder.",
            _ => "Come back on Monday.",
        };
        Ok(Decision::Deny {
            code: "closed",
            message: message.to_owned(),
        })
    }
}

#[tokio::test]
async fn every_function_that_changes_something_has_a_form_with_a_page() {
    let functions = server_fn::axum::server_fn_paths();
    let mut posts: Vec<_> = functions
        .filter(|(_, method)| *method == Method::POST)
        .map(|(path, _)| path)
        .collect();
    let mut forms: Vec<_> = forms().iter().map(|form| form.function).collect();
    posts.sort_unstable();
    forms.sort_unstable();
    assert_eq!(posts, forms);
}

#[sqlx::test(migrations = false)]
async fn a_refused_log_in_keeps_all_but_the_password(_: PgPoolOptions, options: PgConnectOptions) {
    let mut settings = Settings::default();
    settings.databases.listed = Listed::No;
    // No database is visible, so the person may type any name.
    settings.databases.filter = Some("nothing".parse().unwrap());
    let server = TestServer::with(options, settings, Vec::new()).await;
    let mut browser = server.browser();
    let fields = [
        ("database", "acme"),
        ("login", "ada@example.com"),
        ("password", "wrong-and-secret"),
        ("shared_computer", "on"),
        ("next", "/profile/devices?revoke=others"),
    ];
    let answer = submit(&mut browser, "/api/log_in", &fields).await;
    assert_eq!(
        answer.location(),
        "/login?next=/profile/devices%3Frevoke%3Dothers&cookie=none",
        "nothing personal is in the address"
    );
    let cookie = answer.set_cookies().concat();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("Max-Age=60"),
        "{cookie}"
    );

    let page = browser.follow(&answer).await;
    for text in [
        "role=\"alert\"",
        "value=\"acme\"",
        "value=\"ada@example.com\"",
        "value=\"/profile/devices?revoke=others\"",
    ] {
        assert!(page.body.contains(text), "{text} is missing: {}", page.body);
    }
    let tick = page.body.split("name=\"shared_computer\"").nth(1).unwrap();
    assert!(tick.split('>').next().unwrap().contains("checked"));
    assert!(!page.body.contains("wrong-and-secret"));

    assert!(
        browser.cookies.is_empty(),
        "said once: {:?}",
        browser.cookies
    );
    let again = browser.get("/login").await;
    assert!(!again.body.contains("role=\"alert\""));
}

#[sqlx::test(migrations = false)]
async fn the_second_try_goes_where_the_first_went(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut browser = server.browser();
    let fields = |password| {
        [
            ("login", "ada@example.com"),
            ("password", password),
            ("next", "/profile/activity"),
        ]
    };
    let answer = submit(&mut browser, "/api/log_in", &fields("wrong")).await;
    browser.follow(&answer).await;
    let answer = submit(&mut browser, "/api/log_in", &fields(PASSWORD)).await;
    assert_eq!(
        browser.get(answer.location()).await.location(),
        "/profile/activity"
    );
}

#[sqlx::test(migrations = false)]
async fn the_words_of_a_module_reach_the_page(_: PgPoolOptions, options: PgConnectOptions) {
    let closed = HostedModule::new("closed").deciding(Closed);
    let server = TestServer::with(options, Settings::default(), vec![closed]).await;
    let mut browser = server.browser();
    let fields = [("login", "ada@example.com"), ("password", PASSWORD)];
    let answer = submit(&mut browser, "/api/log_in", &fields).await;
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("Come back on Monday."));
    let mut browser = server.browser().with("accept-language", "de");
    let answer = submit(&mut browser, "/api/log_in", &fields).await;
    let page = browser.follow(&answer).await;
    assert!(page.body.contains("Kommen Sie am Montag wieder."));
}

/// A module that cannot decide.
struct Broken;

#[async_trait::async_trait]
impl DecideLogIn for Broken {
    type Evidence = ();

    async fn gather(&self, _: &Candidate) -> Result<(), ModuleError> {
        Err("the directory is away".into())
    }

    async fn decide(&self, _: &Opening, (): ()) -> Result<Decision, ModuleError> {
        Ok(Decision::Allow)
    }
}

#[sqlx::test(migrations = false)]
async fn a_module_that_cannot_decide_is_told_in_the_words_of_the_product(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let broken = HostedModule::new("broken").deciding(Broken);
    let server = TestServer::with(options, Settings::default(), vec![broken]).await;
    let mut browser = server.browser().with("accept-language", "de");
    let fields = [("login", "ada@example.com"), ("password", PASSWORD)];
    let answer = submit(&mut browser, "/api/log_in", &fields).await;
    let page = browser.follow(&answer).await.body;
    assert!(
        page.contains("Sie können gerade nicht angemeldet werden."),
        "{page}"
    );
    assert!(
        !page.contains("broken") && !page.contains("directory"),
        "{page}"
    );
    let answer = server.browser().log_in("ada@example.com", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body, "\"LogInUndecided\"");
}

#[sqlx::test(migrations = false)]
async fn no_link_makes_a_page_say_anything(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let errors = [
        ApiError::LogInDenied {
            message: "Call 555-0100".to_owned(),
        },
        ApiError::Internal {
            reference: "Call 555-0100".to_owned(),
        },
        ApiError::WrongCredentials { wait: None },
        ApiError::NewPassword(PasswordProblem::TooCommon),
        ApiError::TooManyAttempts {
            retry_after_seconds: 5550,
            is_code_refused: true,
        },
    ];
    for form in forms() {
        for error in &errors {
            let json = serde_json::to_vec(error).unwrap();
            let path = format!(
                "{}?__path={}&__err={}",
                form.page,
                form.function.replace('/', "%2F"),
                URL_SAFE.encode(json)
            );
            for mut browser in [server.browser(), ada.clone()] {
                let page = browser.get(&path).await.body;
                // Names of islands hold digits by chance.
                for said in ["role=\"alert\"", "555-0100", "93 minutes"] {
                    assert!(!page.contains(said), "{path}: {page}");
                }
            }
        }
    }
    for path in [
        "/profile/devices?done=revoked-others",
        "/profile/devices?done=revoked",
        "/profile/devices?done=named",
        "/profile/security?done=password-changed",
    ] {
        let page = ada.clone().get(path).await.body;
        assert!(!page.contains("status__message"), "{path}");
    }
}

#[sqlx::test(migrations = false)]
async fn what_was_done_is_said_once_with_its_number(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let _others = [server.ada().await, server.ada().await, server.ada().await];
    let answer = submit(&mut ada, "/api/revoke_other_devices", &[]).await;
    assert_eq!(answer.location(), "/profile/devices");
    let page = ada.follow(&answer).await.body;
    assert!(page.contains("3 other devices were logged out."), "{page}");
    let again = ada.get("/profile/devices").await.body;
    assert!(!again.contains("were logged out."));

    let fields = [
        ("current_password", PASSWORD),
        ("new_password", "violet tram orchard 92"),
        ("repeated_password", "violet tram orchard 92"),
        ("end_other_sessions", "on"),
    ];
    server.ada().await;
    let answer = submit(&mut ada, "/api/change_password", &fields).await;
    assert_eq!(answer.location(), "/profile/security");
    let page = ada.follow(&answer).await.body;
    assert!(page.contains("1 other device was logged out."), "{page}");
}

#[sqlx::test(migrations = false)]
async fn refused_forms_of_the_profile_keep_what_was_chosen(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let fields = [
        ("current_password", "wrong"),
        ("new_password", "violet tram orchard 92"),
        ("repeated_password", "violet tram orchard 92"),
    ];
    let answer = submit(&mut ada, "/api/change_password", &fields).await;
    let page = ada.follow(&answer).await.body;
    let tick = page.split("name=\"end_other_sessions\"").nth(1).unwrap();
    assert!(
        !tick.split('>').next().unwrap().contains("checked"),
        "it was taken away"
    );
    assert!(page.contains("role=\"alert\"") && !page.contains("violet tram"));

    let devices = ada.read("/api/list_devices").await.body;
    let devices: serde_json::Value = serde_json::from_str(&devices).unwrap();
    let id = devices[0]["id"].as_str().unwrap();
    let long = "x".repeat(65);
    let answer = submit(
        &mut ada,
        "/api/name_device",
        &[("id", id), ("device_name", &long)],
    )
    .await;
    assert_eq!(answer.location(), "/profile/devices");
    let page = ada.follow(&answer).await.body;
    assert!(page.contains(&format!("value=\"{long}\"")) && page.contains("role=\"alert\""));
}

#[sqlx::test(migrations = false)]
async fn a_form_of_an_ended_session_leads_back_to_its_page(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut stranger = server.browser();
    let answer = submit(&mut stranger, "/api/name_device", &[("id", "x")]).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/login?next=/profile/devices")
    );
}

#[sqlx::test(migrations = false)]
async fn nothing_leads_to_the_referer(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    for (path, method) in server_fn::axum::server_fn_paths() {
        for referer in [
            "https://evil.example/",
            "javascript:alert(1)",
            "//evil.example",
            "http://localhost/api/log_out",
            "nonsense",
        ] {
            for browser in [server.browser(), ada.clone()] {
                let request = Browser::request(method.clone(), path)
                    .header(header::ACCEPT, HTML)
                    .header(header::REFERER, referer)
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header("sec-fetch-site", "same-origin");
                let answer = browser.clone().send(request, Body::from("id=x")).await;
                let location = answer.location();
                let is_own = forms().iter().any(|form| form.page == location)
                    || location.is_empty()
                    || location.starts_with("/login");
                assert!(is_own, "{path} {referer}: {location}");
                if method == Method::GET && answer.status.is_redirection() {
                    assert_eq!(
                        answer.status,
                        StatusCode::SEE_OTHER,
                        "{path}: only the guard's"
                    );
                }
            }
        }
    }
}

/// `HeaderValue` refuses such a path.
#[sqlx::test(migrations = false)]
async fn a_log_in_with_a_strange_next_lands_at_home(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    for next in ["/profile/\u{fc}", "/\u{85}", "/a b"] {
        let fields = [
            ("login", "ada@example.com"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let mut browser = server.browser();
        let answer = submit(&mut browser, "/api/log_in", &fields).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{next:?}");
        assert_eq!(
            browser.get(answer.location()).await.location(),
            "/",
            "{next:?}"
        );
    }
}
