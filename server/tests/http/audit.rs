//! The page of the audit log.

use http::StatusCode;
use latchkey_app::routes;
use latchkey_core::{
    access::{Policy, PolicyLevel, PolicySetting},
    account::{AuditFilter, GroupAbout},
    audit::AuditSubject,
    testing::{self, PASSWORD},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

async fn root(server: &TestServer) -> Browser {
    let bed = &server.bed;
    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let mut browser = server.browser();
    let logged_in = browser.log_in("root", PASSWORD).await;
    assert_eq!(logged_in.status, StatusCode::OK);
    browser
}

#[sqlx::test(migrations = false)]
async fn the_log_says_who_has_changed_what(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut root = root(&server).await;
    let id = bed.ada.id.to_string();
    let page = routes::user(bed.ada.id);
    let fields = [
        ("id", &*id),
        ("name", "<Ada> L."),
        ("login", "ada@example.com"),
    ];
    let answer = root.submit(&page, "/api/rename_user", &fields).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    let log = root.get(routes::AUDIT).await.body;
    assert!(log.contains("User changed") && log.contains("ada@example.com"));
    assert!(log.contains("Name: Ada → &lt;Ada&gt; L."), "{log}");
    assert!(log.contains("Username: root") && !log.contains("– →"));
    assert!(log.contains("By root") && log.contains("On the server"));
    let of_rules = routes::audit(routes::AUDIT, Some(AuditSubject::Rule), "", None);
    let log = root.get(&of_rules).await.body;
    assert!(log.contains("There is no such entry.") && !log.contains("User changed"));
}

#[sqlx::test(migrations = false)]
async fn a_group_is_named_and_found_as_people_know_it(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut root = root(&server).await;
    let (groups, database) = (&bed.core.groups, &bed.database);
    let (name, title) = ("sales".parse().unwrap(), "Field team".parse().unwrap());
    let about = GroupAbout::default();
    let sales = groups
        .create(database, &name, &title, &about)
        .await
        .unwrap();
    groups
        .set_of_user(database, &bed.ada, &[sales])
        .await
        .unwrap();
    let policy = Policy {
        level: PolicyLevel::Group(sales),
        setting: PolicySetting::IdleTimeout,
        value: 600,
    };
    bed.core.policies.set(database, policy).await.unwrap();
    let log = root.get(routes::AUDIT).await.body;
    assert!(log.contains("Groups: User → Field team (sales)"), "{log}");
    assert!(log.contains("<bdi>Field team (sales)</bdi>"), "{log}");
    assert!(
        log.contains("Policy added") && log.contains("<bdi>Field team</bdi>"),
        "{log}"
    );
    for search in ["field%20TEAM", "sales"] {
        let found = root
            .get(&format!("{}?subject=group&search={search}", routes::AUDIT))
            .await;
        assert!(
            found.body.contains("Group added"),
            "{search}: {}",
            found.body
        );
    }
    let listed = AuditFilter {
        subject: Some(AuditSubject::Group),
        search: "field".to_owned(),
    };
    let listed = bed.core.audit.list(database, &listed, 10).await.unwrap();
    assert_eq!(listed.len(), 1, "{listed:?}");
}

#[sqlx::test(migrations = false)]
async fn the_log_is_for_people_with_the_right(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.browser();
    ada.log_in("ada@example.com", PASSWORD).await;
    let page = ada.get(routes::AUDIT).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let link = format!("href=\"{}\"", routes::AUDIT);
    assert!(!ada.get(routes::HOME).await.body.contains(&link));
    let mut root = root(&server).await;
    assert!(root.get(routes::HOME).await.body.contains(&link));
}

#[sqlx::test(migrations = false)]
async fn a_cursor_that_is_none_is_not_found(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let page = routes::audit(routes::AUDIT, None, "", Some("x"));
    assert_eq!(root.get(&page).await.status, StatusCode::NOT_FOUND);
    let unknown = [routes::AUDIT, "?subject=nonsense"].concat();
    assert_eq!(root.get(&unknown).await.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn the_log_is_searched_and_comes_as_a_file(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut root = root(&server).await;
    let evil = "=1+1".parse().unwrap();
    bed.core
        .companies
        .create(&bed.database, &evil, None)
        .await
        .unwrap();
    let page = root
        .get("/settings/audit?subject=company&search=1%2B")
        .await;
    assert!(page.body.contains("=1+1") && page.body.contains("value=\"1+\""));
    let csv = "/settings/audit.csv?subject=company&amp;search=1%2B";
    assert!(page.body.contains(csv), "{}", page.body);
    let none = root.get("/settings/audit?search=1%2B&subject=user").await;
    assert!(none.body.contains("There is no such entry."));

    let file = root.get(&csv.replace("&amp;", "&")).await;
    let lines: Vec<_> = file.body.lines().collect();
    assert_eq!(lines.len(), 2, "{}", file.body);
    assert!(lines[0].contains("\"subject_name\",\"action\",\"before\",\"after\""));
    assert!(lines[1].contains("\"company\"") && lines[1].contains("\"_=1+1\",\"created\""));
    let named = &file.headers["content-disposition"];
    assert!(named.to_str().unwrap().contains("-audit-2026-11-23.csv"));

    let file = root.get("/settings/audit.json?subject=company").await;
    let rows: serde_json::Value = serde_json::from_str(&file.body).unwrap();
    assert_eq!(rows[0]["subject_name"], "=1+1");
    assert_eq!(rows[0]["after"]["name"], "=1+1");
    assert!(rows[0]["actor_login"].is_null());

    let mut ada = server.browser();
    ada.log_in("ada@example.com", PASSWORD).await;
    for path in [routes::AUDIT_CSV, routes::AUDIT_JSON] {
        assert_eq!(ada.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let stranger = server.browser().get(routes::AUDIT_CSV).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}
