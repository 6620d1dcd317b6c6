//! Pages that stay open while their browser logs in as another user or to another database. Such a page does nothing there.

use axum::body::Body;
use http::{Method, StatusCode, header};
use latchkey_app::{audience::Audience, live::PAGE_OWNER, routes};
use latchkey_core::testing::PASSWORD;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::{
    access::everything,
    browser::{Answer, Browser, TestServer},
    databases::with_two,
};

const NOTHING_CHANGED: &str = "Nothing was changed: this browser has meanwhile logged in";

/// The owner that a page names.
fn owner(page: &Answer) -> String {
    let (_, owner) = page.body.split_once("data-owner=\"").unwrap();
    owner.split_once('"').unwrap().0.to_owned()
}

/// A browser that has opened a page of Ada, and has then logged in as Bob to another database, where Bob is logged in on
/// another device, too. Returns the owner of Ada's page.
async fn with_an_old_page(options: PgConnectOptions) -> (TestServer, Browser, String) {
    let (server, other) = with_two(options).await;
    let own = server.bed.database.name().to_string();
    let mut browser = server.browser();
    let ada = [
        ("database", own.as_str()),
        ("login", "ada@example.com"),
        ("password", PASSWORD),
    ];
    assert_eq!(browser.post("/api/log_in", &ada).await.status, 200);
    let owner_of_ada = owner(&browser.get(routes::DEVICES).await);
    let bob = [
        ("database", other.as_str()),
        ("login", "bob"),
        ("password", PASSWORD),
    ];
    assert_eq!(browser.post("/api/log_in", &bob).await.status, 200);
    assert_eq!(server.browser().post("/api/log_in", &bob).await.status, 200);
    (server, browser, owner_of_ada)
}

async fn devices(browser: &mut Browser) -> usize {
    let devices = browser.read("/api/list_devices").await.body;
    let devices: Vec<serde_json::Value> = serde_json::from_str(&devices).unwrap();
    devices.len()
}

#[sqlx::test(migrations = false)]
async fn an_old_page_reaches_nothing_of_another_database(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (_server, browser, owner_of_ada) = with_an_old_page(options).await;
    for (path, audience, method) in everything() {
        // What is for anyone is done, such as a log-out of everywhere.
        if audience == Audience::Anyone {
            continue;
        }
        let method = if path == routes::SESSION_EVENTS {
            Method::HEAD
        } else {
            method
        };
        let request = Browser::request(method.clone(), path)
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .header(PAGE_OWNER, &owner_of_ada);
        let status = browser.clone().send(request, Body::empty()).await.status;
        // The page of a step leads Bob, who has taken the step, elsewhere.
        let leads_elsewhere = matches!(audience, Audience::Step(_)) && !path.starts_with("/api/");
        assert_eq!(
            status == StatusCode::CONFLICT,
            !leads_elsewhere,
            "{method} {path}: {status}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn a_form_of_an_old_page_does_nothing_and_the_next_page_says_so_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (_server, mut browser, owner_of_ada) = with_an_old_page(options).await;
    let revoke = |owner: &str| format!("/api/revoke_other_devices?owner={owner}");
    let answer = browser.post(&revoke(&owner_of_ada), &[]).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::CONFLICT, "\"AnotherOwner\"")
    );
    let answer = browser
        .submit(routes::DEVICES, &revoke(&owner_of_ada), &[])
        .await;
    assert_eq!(answer.location(), routes::DEVICES);
    let page = browser.follow(&answer).await;
    assert!(page.body.contains(NOTHING_CHANGED));
    assert_eq!(devices(&mut browser).await, 2);
    let page = browser.get(routes::DEVICES).await;
    assert!(!page.body.contains(NOTHING_CHANGED));

    let here_only = format!("/api/log_out?owner={owner_of_ada}");
    let answer = browser.post(&here_only, &[("here_only", "true")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(devices(&mut browser).await, 2);

    let answer = browser.post(&revoke(&owner(&page)), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(devices(&mut browser).await, 1);
}

#[sqlx::test(migrations = false)]
async fn an_old_page_reaches_nothing_of_another_user(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    server.bed.another_user("bob").await;
    let mut browser = server.ada().await;
    let page = browser.get(routes::PROFILE).await;
    browser.log_in("bob", PASSWORD).await;
    let mut old = browser.clone().with(PAGE_OWNER, &owner(&page));
    let answer = old.post("/api/change_name", &[("name", "Ada")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    let page = browser.get(routes::PROFILE).await;
    let mut new = browser.clone().with(PAGE_OWNER, &owner(&page));
    assert_eq!(devices(&mut new).await, 1);
    // What any visitor may do is done for the browser, whatever page asks.
    assert_eq!(old.read(routes::CURRENT_SESSION).await.status, 200);
}

#[sqlx::test(migrations = false)]
async fn each_form_of_a_page_names_the_owner(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    server.ada().await;
    for path in [
        routes::HOME,
        routes::PROFILE,
        routes::SECURITY,
        routes::DEVICES,
    ] {
        let page = ada.get(path).await;
        let named = format!("?owner={}\"", owner(&page));
        for form in page.body.split("<form ").skip(1) {
            let form = form.split('>').next().unwrap();
            let is_for_all = form.contains("action=\"/api/log_out\"");
            if form.contains("method=\"post\"") && !is_for_all {
                assert!(form.contains(&named), "{path}: {form}");
            }
        }
    }
}
