//! Access control, checked for every page and every server function.

use std::collections::HashSet;

use axum::body::Body;
use http::{Method, StatusCode, header};
use latchkey_app::{PageFrame, audience::Audience, routes};
use latchkey_core::{
    access::{ADMINISTRATOR, PORTAL, USER},
    account::PasswordOrigin,
    session::Step,
    testing::TestBed,
    user::Password,
};
use latchkey_server::web;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

/// Everything that the server serves, with its audience and its method.
pub fn everything() -> Vec<(&'static str, Audience, Method)> {
    let methods: Vec<_> = server_fn::axum::server_fn_paths().collect();
    let registry = web::registry().unwrap();
    let method_of = |path| {
        let of_function = methods.iter().find(|(function, _)| *function == path);
        of_function.map_or(Method::GET, |(_, method)| method.clone())
    };
    registry
        .paths()
        .map(|(path, audience)| (path, audience, method_of(path)))
        .collect()
}

#[sqlx::test(migrations = false)]
async fn a_stranger_gets_nothing_that_is_not_for_anyone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let everything = everything();
    assert!(everything.len() >= 30, "the walk found only {everything:?}");
    for (path, audience, method) in everything {
        let mut stranger = server.browser();
        let is_function = path.starts_with("/api/");
        let accept = if is_function {
            "application/json"
        } else {
            "text/html"
        };
        let request = Browser::request(method, path)
            .header(header::ACCEPT, accept)
            .header("sec-fetch-site", "same-origin");
        let answer = stranger.send(request, Body::empty()).await;
        if audience == Audience::Anyone {
            assert_ne!(answer.status, StatusCode::SEE_OTHER, "{path}");
        } else if is_function {
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (StatusCode::UNAUTHORIZED, "\"LoggedOut\""),
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
    let step = Step::NewPassword;
    for (path, audience, method) in everything() {
        if audience == Audience::Anyone {
            continue;
        }
        // The stream of events would not end.
        let method = if path == routes::SESSION_EVENTS {
            Method::HEAD
        } else {
            method
        };
        let request = Browser::request(method, path)
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin");
        let answer = ada.send(request, Body::empty()).await;
        if [Audience::Bearer, Audience::Step(step)].contains(&audience) {
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
                (StatusCode::SEE_OTHER, routes::of_step(step)),
                "{path}"
            );
        }
    }
}

#[test]
fn strangers_reach_this_and_nothing_else() {
    let everything = everything().into_iter();
    let public = everything.filter(|(_, audience, _)| *audience == Audience::Anyone);
    let mut public: Vec<_> = public.map(|(path, ..)| path).collect();
    public.sort_unstable();
    assert_eq!(
        public,
        [
            "/.well-known/change-password",
            "/api/choose_language",
            "/api/current_session",
            "/api/database_choice",
            // Answers `null`, because an open page may outlive its session.
            "/api/device_overview",
            "/api/end_notice",
            "/api/log_in",
            "/api/log_ins",
            "/api/log_out",
            "/api/select_database",
            "/databases",
            "/favicon.ico",
            "/forgotten-password",
            "/healthz",
            "/login",
            "/readyz",
            "/robots.txt",
        ]
    );
}

#[test]
fn these_rights_open_this_and_nothing_else() {
    let everything = everything().into_iter();
    let by_right = everything.filter_map(|(path, audience, _)| match audience {
        Audience::Right(verb, resource) => Some((path, verb.as_str(), resource.as_str())),
        _ => None,
    });
    let mut by_right: Vec<_> = by_right.collect();
    by_right.sort_unstable();
    assert_eq!(
        by_right,
        [
            ("/api/act_on_user", "write", "users"),
            ("/api/add_company", "create", "companies"),
            ("/api/add_group", "create", "groups"),
            ("/api/add_rule", "write", "groups"),
            ("/api/add_user", "create", "users"),
            ("/api/archive_company", "write", "companies"),
            ("/api/clear_policy", "write", "settings"),
            ("/api/delete_group", "delete", "groups"),
            ("/api/delete_rule", "write", "groups"),
            ("/api/delete_user", "delete", "users"),
            ("/api/describe_group", "write", "groups"),
            ("/api/list_audit", "read", "audit"),
            ("/api/list_companies", "read", "companies"),
            ("/api/list_groups", "read", "groups"),
            ("/api/list_policies", "read", "settings"),
            ("/api/list_rules", "read", "groups"),
            ("/api/list_users", "read", "users"),
            ("/api/rename_company", "write", "companies"),
            ("/api/rename_user", "write", "users"),
            ("/api/restore_company", "write", "companies"),
            ("/api/set_company_profile", "write", "companies"),
            ("/api/set_debug_mode", "read", "debug_mode"),
            ("/api/set_group_rights", "write", "groups"),
            ("/api/set_implied_groups", "write", "groups"),
            ("/api/set_policy", "write", "settings"),
            ("/api/set_user_companies", "write", "users"),
            ("/api/set_user_groups", "write", "users"),
            ("/api/show_company", "read", "companies"),
            ("/api/show_group", "read", "groups"),
            ("/api/show_user", "read", "users"),
            ("/settings/audit", "read", "audit"),
            ("/settings/audit.csv", "read", "audit"),
            ("/settings/audit.json", "read", "audit"),
            ("/settings/companies", "read", "companies"),
            ("/settings/companies/new", "create", "companies"),
            ("/settings/company", "read", "companies"),
            ("/settings/group", "read", "groups"),
            ("/settings/groups", "read", "groups"),
            ("/settings/groups/new", "create", "groups"),
            ("/settings/policies", "read", "settings"),
            ("/settings/rules", "read", "groups"),
            ("/settings/user", "read", "users"),
            ("/settings/users", "read", "users"),
            ("/settings/users/new", "create", "users"),
        ]
    );
}

/// Puts Ada into a built-in group, and into no other.
async fn put_into(server: &TestServer, group: &str) {
    let TestBed {
        core,
        database,
        ada,
        ..
    } = &server.bed;
    let groups = core.groups.list(database).await.unwrap();
    let group = groups.iter().find(|listed| listed.name == group).unwrap();
    let group = [group.id];
    let put = core.groups.set_of_user(database, ada, &group);
    put.await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn who_lacks_a_right_gets_nothing_that_needs_it(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    // The groups change while Ada stays logged in.
    for (group, may) in [
        (USER, false),
        (ADMINISTRATOR, true),
        (PORTAL, false),
        (ADMINISTRATOR, true),
        (USER, false),
    ] {
        put_into(&server, group).await;
        for (path, audience, method) in everything() {
            if !matches!(audience, Audience::Right(..)) {
                continue;
            }
            let is_function = path.starts_with("/api/");
            let accept = if is_function {
                "application/json"
            } else {
                "text/html"
            };
            let request = Browser::request(method, path)
                .header(header::ACCEPT, accept)
                .header("sec-fetch-site", "same-origin");
            let answer = ada.send(request, Body::empty()).await;
            // A function that is open may want fields.
            let is_refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!(is_refused, !may, "{group} {path}: {}", answer.status);
            if is_function {
                assert_eq!(answer.body == "\"NoAccess\"", !may, "{group} {path}");
            } else if [routes::AUDIT_CSV, routes::AUDIT_JSON].contains(&path) {
                assert_eq!(answer.body.is_empty(), !may, "{group} {path}");
            } else {
                let says_so = answer.body.contains("<title>No access · Latchkey</title>");
                assert_eq!(says_so, !may, "{group} {path}");
            }
        }
        // The menu leads to what is open, and to nothing else.
        let home = ada.get(routes::HOME).await.body;
        let link = format!("href=\"{}\"", routes::USERS);
        assert_eq!(home.contains(&link), may, "{group}");
    }
}

#[sqlx::test(migrations = false)]
async fn every_page_has_its_own_title_and_is_marked_in_the_tabs(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    put_into(&server, ADMINISTRATOR).await;
    let mut ada = server.ada().await;
    let registry = web::registry().unwrap();
    let mut titles = HashSet::new();
    for page in registry.pages() {
        if page.audience == Audience::Step(Step::NewPassword) || page.path == routes::LOG_IN {
            continue;
        }
        let path = match page.path {
            routes::USER => routes::user(server.bed.ada.id),
            routes::COMPANY => {
                let companies = &server.bed.core.companies;
                let companies = companies.list(&server.bed.database).await.unwrap();
                routes::company(companies[0].company.id)
            }
            routes::GROUP => {
                let groups = &server.bed.core.groups;
                routes::group(groups.list(&server.bed.database).await.unwrap()[0].id)
            }
            path => path.to_owned(),
        };
        let answer = ada.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let title = answer.body.split_once("<title>").unwrap().1;
        let title = title.split_once(" · Latchkey</title>");
        let title = title.map(|(title, _)| title.to_owned());
        assert!(
            titles.insert(title.expect(&path)),
            "{path}: the title of another page"
        );
        let marked = answer.body.matches("aria-current=\"page\"").count();
        assert_eq!(
            marked,
            usize::from(page.frame == PageFrame::Profile),
            "{path}"
        );
    }
    assert!(titles.contains("Choose a database"), "{titles:?}");
    let missing = ada.get("/nowhere").await;
    assert!(
        missing.body.contains(" · Latchkey</title>"),
        "{}",
        missing.body
    );
}

#[sqlx::test(migrations = false)]
async fn what_is_not_there_is_404_and_the_wrong_method_405(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    put_into(&server, ADMINISTRATOR).await;
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
    for (path, _, method) in everything() {
        let wrong = if method == Method::GET {
            Method::DELETE
        } else {
            Method::GET
        };
        let request = Browser::request(wrong, path).header("sec-fetch-site", "same-origin");
        let expected = match path {
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
    for (path, ..) in everything()
        .into_iter()
        .filter(|(.., method)| *method == Method::POST)
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
                    Browser::request(Method::POST, path).header(header::CONTENT_TYPE, kind);
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
