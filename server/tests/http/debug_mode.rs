//! Debug mode, by the address of a page and by the menu.

use axum::body::Body;
use http::{Method, StatusCode};
use latchkey_app::routes;
use latchkey_core::{
    testing::{self, PASSWORD},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const SET: &str = "/api/set_debug_mode";
const PANEL: &str = "id=\"debug\"";
const MARK: &str = "href=\"#debug\"";

async fn root(server: &TestServer) -> Browser {
    let bed = &server.bed;
    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let mut browser = server.browser();
    let logged_in = browser.log_in("root", PASSWORD).await;
    assert_eq!(logged_in.status, StatusCode::OK);
    browser
}

async fn has_panel(browser: &mut Browser) -> bool {
    let page = browser.get(routes::HOME).await;
    assert_eq!(page.status, StatusCode::OK);
    let has = page.body.contains(PANEL);
    assert_eq!(page.body.contains(MARK), has);
    assert_eq!(!page.header("server-timing").is_empty(), has);
    has
}

/// Sessions with anything about debug mode in their context.
async fn stored(options: PgConnectOptions) -> i64 {
    sqlx::query_scalar("select count(*) from sessions where context ? 'debug'")
        .fetch_one(&testing::look(options).await)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn the_address_of_a_page_turns_it_on_and_off(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    assert!(!has_panel(&mut root).await);
    for (value, is_on) in [
        ("1", true),
        ("assets", true),
        ("0", false),
        ("1", true),
        ("", false),
    ] {
        let asked = root
            .get(&format!("/settings/users?search=a&debug={value}"))
            .await;
        assert_eq!(
            (asked.status, asked.location()),
            (StatusCode::SEE_OTHER, "/settings/users?search=a"),
            "{value}"
        );
        assert_eq!(has_panel(&mut root).await, is_on, "{value}");
    }
    // A value that means nothing changes nothing.
    let strange = root.get("/?debug=tests").await;
    assert_eq!(strange.status, StatusCode::OK);
    assert!(!has_panel(&mut root).await);
}

#[sqlx::test(migrations = false)]
async fn a_stranger_and_a_person_without_the_right_store_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options.clone()).await;
    let mut stranger = server.browser();
    for value in ["1", "assets"] {
        let page = stranger.get(&format!("/login?debug={value}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains(PANEL));
        let page = stranger.get(&format!("/?debug={value}")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        assert!(page.location().starts_with("/login"));
    }
    let mut ada = server.ada().await;
    let page = ada.get("/?debug=1").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("set_debug_mode"), "the menu offers it");
    assert!(!has_panel(&mut ada).await);
    assert_eq!(stored(options).await, 0);
}

#[sqlx::test(migrations = false)]
async fn only_the_address_of_a_page_is_asked(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options.clone()).await;
    let mut root = root(&server).await;
    for path in [
        "//evil.example?debug=1",
        "/nowhere?debug=1",
        "/api/list_users?debug=1",
    ] {
        let answer = root.get(path).await;
        assert_eq!(answer.location(), "", "{path}");
    }
    for (method, name, value) in [
        (Method::HEAD, "accept", "text/html"),
        (Method::POST, "sec-fetch-site", "same-origin"),
        (Method::GET, "sec-fetch-site", "cross-site"),
        (Method::GET, "sec-purpose", "prefetch;prerender"),
        (Method::GET, "x-latchkey-background", "1"),
    ] {
        let request = Browser::request(method, "/?debug=1").header(name, value);
        let answer = root.send(request, Body::empty()).await;
        assert_eq!(answer.location(), "", "{name}: {value}");
    }
    assert_eq!(stored(options).await, 0);
}

#[sqlx::test(migrations = false)]
async fn the_panel_says_who_and_why(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let before = root.get(routes::GROUPS).await.body;
    assert!(!before.contains("class=\"technical\""));
    root.get("/?debug=1").await;
    let page = root.get(routes::POLICIES).await.body;
    for word in [
        server.bed.database.name().as_str(),
        "<code>administrator, user</code>",
        "<code>read, write, create, delete</code>",
        "<code>43200 s (configuration)</code>",
        "class=\"technical\">idle_timeout</code>",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    // The places of the statements are filled in, also in a page about an error. Scripts are short.
    assert!(!page.contains("<!--latchkey"));
    for (path, status) in [
        ("/nowhere", StatusCode::NOT_FOUND),
        ("/settings/group?id=gone", StatusCode::NOT_FOUND),
    ] {
        let missing = root.get(path).await;
        assert_eq!(missing.status, status, "{path}");
        assert!(
            missing.body.contains(PANEL) && !missing.body.contains("<!--latchkey"),
            "{path}"
        );
    }
    assert!(!page.contains("// Renews"));
    root.get("/?debug=assets").await;
    let page = root.get(routes::HOME).await.body;
    assert!(page.contains("// Renews"));
    assert!(page.contains("<code>/assets/"));
}

#[sqlx::test(migrations = false)]
async fn the_menu_turns_it_on_and_off(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    for (mode, is_on) in [("1", true), ("0", false)] {
        let page = root.get(routes::HOME).await.body;
        assert!(page.contains(&format!("name=\"mode\" value=\"{mode}\"")));
        let answer = root.submit(routes::USERS, SET, &[("mode", mode)]).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::FOUND, routes::USERS)
        );
        assert_eq!(has_panel(&mut root).await, is_on);
    }
    let strange = root.post(SET, &[("mode", "2")]).await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST);
}
