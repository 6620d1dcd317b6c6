//! Access control, checked for every page and every server function.

use axum::body::Body;
use http::{Method, StatusCode, header};
use latchkey_app::{
    request::StepRoutes,
    routes::{self, PUBLIC},
};
use latchkey_core::{account::PasswordOrigin, session::Step, user::Password};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

/// Every page and every server function, with its method.
fn everything() -> Vec<(String, Method)> {
    let pages = leptos_axum::generate_route_list(latchkey_app::App);
    let pages = pages
        .iter()
        .map(|page| (page.path().to_owned(), Method::GET));
    let functions =
        server_fn::axum::server_fn_paths().map(|(path, method)| (path.to_owned(), method));
    let events = (routes::SESSION_EVENTS.to_owned(), Method::GET);
    pages.chain(functions).chain([events]).collect()
}

#[sqlx::test(migrations = false)]
async fn a_stranger_gets_nothing_that_is_not_on_the_public_list(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let everything = everything();
    assert!(everything.len() >= 15, "the walk found only {everything:?}");
    for (path, method) in everything {
        let mut stranger = server.browser();
        let is_function = path.starts_with("/api/");
        let accept = if is_function {
            "application/json"
        } else {
            "text/html"
        };
        let request = Browser::request(method, &path)
            .header(header::ACCEPT, accept)
            .header("sec-fetch-site", "same-origin");
        let answer = stranger.send(request, Body::empty()).await;
        if PUBLIC.contains(&path.as_str()) {
            assert_ne!(answer.status, StatusCode::SEE_OTHER, "{path}");
        } else if is_function {
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (StatusCode::UNAUTHORIZED, "\"SignedOut\""),
                "{path}"
            );
        } else {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(
                answer.location().starts_with("/login"),
                "{path}: {}",
                answer.location()
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn who_still_has_a_step_to_take_gets_nothing_but_that_step(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let one_time = PasswordOrigin::OneTime(Password::new("given-out-once".to_owned()));
    bed.core
        .users
        .set_password(&bed.database, &bed.ada, one_time)
        .await
        .unwrap();
    let mut ada = server.browser();
    ada.log_in("ada@example.com", "given-out-once").await;
    let step = StepRoutes::of(Step::NewPassword);
    for (path, method) in everything() {
        if PUBLIC.contains(&path.as_str()) {
            continue;
        }
        // The stream of events would not end.
        let method = if path == routes::SESSION_EVENTS {
            Method::HEAD
        } else {
            method
        };
        let request = Browser::request(method, &path)
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin");
        let answer = ada.send(request, Body::empty()).await;
        if step.reach(&path) {
            assert_ne!(answer.status, StatusCode::FORBIDDEN, "{path}");
        } else if path.starts_with("/api/") {
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (StatusCode::FORBIDDEN, "\"NewPasswordRequired\""),
                "{path}"
            );
        } else {
            assert_eq!(
                (answer.status, answer.location()),
                (StatusCode::SEE_OTHER, step.page),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn the_public_list_names_nothing_that_is_not_there() {
    let everything: Vec<String> = everything().into_iter().map(|(path, _)| path).collect();
    let step = StepRoutes::of(Step::NewPassword);
    for path in PUBLIC.iter().chain(step.functions).chain([&step.page]) {
        assert!(everything.iter().any(|known| known == path), "{path}");
    }
}

#[tokio::test]
async fn every_page_of_the_route_table_is_there() {
    let everything: Vec<String> = everything().into_iter().map(|(path, _)| path).collect();
    for path in [
        routes::HOME,
        routes::LOG_IN,
        routes::NEW_PASSWORD,
        routes::DATABASES,
        routes::PROFILE,
        routes::SECURITY,
        routes::DEVICES,
        routes::ACTIVITY,
    ] {
        assert!(everything.iter().any(|known| known == path), "{path}");
    }
}

#[sqlx::test(migrations = false)]
async fn what_is_not_there_is_404_and_the_wrong_method_405(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    for path in [
        "/nowhere",
        "/profile/x.css",
        "/profile/devices/x",
        "/assets/../../etc/passwd",
        "/assets/nothing.js",
    ] {
        assert_eq!(ada.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for (path, method) in everything() {
        let wrong = if method == Method::GET {
            Method::DELETE
        } else {
            Method::GET
        };
        let request = Browser::request(wrong, &path).header("sec-fetch-site", "same-origin");
        let expected = match path.as_str() {
            "/login" | "/new-password" => StatusCode::SEE_OTHER,
            _ => StatusCode::METHOD_NOT_ALLOWED,
        };
        assert_eq!(
            ada.send(request, Body::empty()).await.status,
            expected,
            "{path}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn no_change_is_made_for_another_site(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let ada = server.ada().await;
    let evil = "https://evil.example";
    for (path, _) in everything()
        .into_iter()
        .filter(|(_, method)| *method == Method::POST)
    {
        for kind in [
            "application/x-www-form-urlencoded",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/json",
        ] {
            for (site, origin) in [
                (Some("cross-site"), Some(evil)),
                (Some("cross-site"), None),
                (Some("same-site"), Some("http://other.localhost")),
                (None, Some(evil)),
                (None, Some("null")),
                (None, None),
            ] {
                let mut browser = ada.clone();
                let mut request =
                    Browser::request(Method::POST, &path).header(header::CONTENT_TYPE, kind);
                for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                    if let Some(value) = value {
                        request = request.header(name, value);
                    }
                }
                let answer = browser.send(request, Body::from("id=x")).await;
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{path} {kind} {site:?} {origin:?}"
                );
                assert_eq!(answer.body, "\"CrossSite\"");
                assert!(answer.set_cookies().is_empty());
            }
        }
    }
    assert_eq!(
        ada.clone().get("/").await.status,
        StatusCode::OK,
        "still logged in"
    );
}
