//! Activity under My Profile: the page, its further pages, and its files.

use std::time::Duration;

use http::StatusCode;
use latchkey_app::wire::activity::{ActivityKind, ActivityList};
use latchkey_core::testing::PASSWORD;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const ADA: &str = "ada@example.com";
const FILES: [(&str, &str); 2] = [
    ("/profile/activity.csv", "text/csv; charset=utf-8"),
    ("/profile/activity.json", "application/json"),
];

async fn list(browser: &mut Browser, from: Option<&str>) -> ActivityList {
    let query = from.map(|from| format!("?from={from}")).unwrap_or_default();
    let answer = browser.read(&format!("/api/list_activity{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

#[sqlx::test(migrations = false)]
async fn people_see_log_ins_and_failures_of_their_own_account_only(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    server.bed.another_user("eve").await;
    server.browser().log_in(ADA, "wrong").await;
    let mut eve = server.browser();
    assert_eq!(eve.log_in("eve", PASSWORD).await.status, StatusCode::OK);
    let mut ada = server.ada().await;

    let kinds = |list: ActivityList| -> Vec<ActivityKind> {
        list.entries.into_iter().map(|entry| entry.kind).collect()
    };
    let of_ada = kinds(list(&mut ada, None).await);
    assert_eq!(of_ada.len(), 2);
    assert!(of_ada.contains(&ActivityKind::WrongPassword));
    assert_eq!(kinds(list(&mut eve, None).await).len(), 1);
    let page = ada.get("/profile/activity").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in [
        "Log-in failed: the password was wrong",
        "Logged in",
        "Firefox on Linux",
        "203.0.113.7",
        "23 Nov 2026, 13:00",
    ] {
        assert!(page.body.contains(words), "{words}");
    }
}

#[sqlx::test(migrations = false)]
async fn links_lead_through_everything_that_has_happened(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.browser();
    for _ in 0..60 {
        assert_eq!(ada.log_in(ADA, PASSWORD).await.status, StatusCode::OK);
    }
    // There are sixty log-ins. Each one except the first replaced the session before.
    let first = list(&mut ada, None).await;
    let second = list(&mut ada, first.older.as_deref()).await;
    let third = list(&mut ada, second.older.as_deref()).await;
    let counts = [&first, &second, &third].map(|list| list.entries.len());
    assert_eq!(counts, [50, 50, 19]);
    assert_eq!(third.older, None);
    let page = ada.get("/profile/activity").await;
    let older = format!("/profile/activity?from={}", first.older.unwrap());
    assert!(page.body.contains(&older), "{older}");
    let last = ada
        .get(&format!("/profile/activity?from={}", second.older.unwrap()))
        .await;
    assert!(last.body.contains("That’s all."));
    let nowhere = ada.get("/profile/activity?from=x").await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrations = false)]
async fn files_are_for_the_person_to_keep_and_for_no_other_person(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    for (path, kind) in FILES {
        let stranger = server.browser().get(path).await;
        assert_eq!(
            (stranger.status, stranger.location()),
            (
                StatusCode::SEE_OTHER,
                format!("/login?next={path}").as_str()
            )
        );
        assert!(!stranger.body.contains("log_in"));
        let answer = ada.get(path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, kind)
        );
        let ending = path.rsplit('.').next().unwrap();
        let database = server.bed.database.name();
        let name = format!("latchkey-{database}-ada@example.com-2026-11-23.{ending}");
        assert!(
            answer
                .header("content-disposition")
                .starts_with(&format!("attachment; filename=\"{name}\";")),
            "{}",
            answer.header("content-disposition")
        );
        assert!(answer.header("cache-control").contains("no-store"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    server
        .bed
        .core
        .sessions
        .end_of_user(&server.bed.database, &server.bed.ada)
        .await
        .unwrap();
    for (path, _) in FILES {
        assert_eq!(ada.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
}

#[sqlx::test(migrations = false)]
async fn no_spreadsheet_runs_what_a_stranger_sent(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let formula = "=HYPERLINK(\"https://evil.example\"),+1";
    let mut stranger = server.browser().with("user-agent", formula);
    stranger.log_in(ADA, "wrong").await;
    let mut ada = server.ada().await;
    let csv = ada.get("/profile/activity.csv").await.body;
    assert!(csv.starts_with("\u{feff}\"time\",\"event\",\"detail\",\"address\","));
    assert_eq!(csv.matches("\r\n").count(), 3, "{csv}");
    assert!(
        csv.contains("\"_=HYPERLINK(\"\"https://evil.example\"\"),_+1\""),
        "{csv}"
    );
    let json = ada.get("/profile/activity.json").await.body;
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(rows.len(), 2);
    assert!(
        rows.iter()
            .any(|row| row["user_agent"] == formula && row["detail"] == "wrong_password")
    );
}

#[sqlx::test(migrations = false)]
async fn a_file_has_the_kinds_of_events_that_the_page_shows(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    server.browser().log_in(ADA, "wrong").await;
    let mut ada = server.ada().await;
    let page = ada.get("/profile/activity?show=failed").await.body;
    for (path, _) in FILES {
        let link = format!("{path}?show=failed");
        assert!(page.contains(&format!("href=\"{link}\"")), "{path}");
        let file = ada.get(&link).await.body;
        assert_eq!(file.matches("wrong_password").count(), 1, "{file}");
        assert!(!file.contains("\"password\""), "{file}");
    }
}

#[sqlx::test(migrations = false)]
async fn events_are_told_by_day_and_equal_failures_as_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut stranger = server.browser().with("user-agent", "curl/8.5.0");
    for _ in 0..3 {
        stranger.log_in(ADA, "wrong").await;
    }
    // Past midnight in Berlin, and not in UTC.
    server.bed.clock.advance(Duration::from_hours(11));
    let mut ada = server.ada().await;
    ada.travel_to("Europe/Berlin");
    let page = ada.get("/profile/activity").await.body;
    let places = [
        "Today",
        "Logged in from Firefox on Linux",
        "Yesterday",
        "3 failed attempts",
        "curl",
    ]
    .map(|words| {
        page.find(&format!(">{words}<"))
            .unwrap_or_else(|| panic!("{words}: {page}"))
    });
    assert!(places.is_sorted(), "{places:?}");
    assert_eq!(page.matches("<article").count(), 2);
    server.bed.clock.advance(Duration::from_hours(24));
    let page = server.ada().await.get("/profile/activity").await.body;
    assert!(page.contains("Monday, 23 November"), "{page}");
}

#[sqlx::test(migrations = false)]
async fn a_named_device_is_told_by_its_name_on_the_page_and_in_the_file(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut phone = server.ada().await;
    let mut laptop = server.ada().await;
    let cards = laptop.read("/api/list_devices").await.body;
    let cards: Vec<serde_json::Value> = serde_json::from_str(&cards).unwrap();
    let ids: Vec<_> = cards
        .iter()
        .map(|card| card["id"].as_str().unwrap())
        .collect();
    for (id, name) in ids.iter().zip(["Laptop", "=Phone"]) {
        let fields = [("id", *id), ("device_name", name)];
        let answer = laptop.post("/api/name_device", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let answer = laptop.post("/api/revoke_device", &[("id", ids[1])]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(phone.get("/").await.status, StatusCode::SEE_OTHER);
    let page = laptop.get("/profile/activity").await.body;
    let full = |name| format!("{name} (Firefox on Linux)");
    let (laptop_name, phone_name) = (full("Laptop"), full("=Phone"));
    assert!(
        page.contains(&format!("{phone_name} was logged out by {laptop_name}")),
        "{page}"
    );
    assert!(page.contains(&format!("Logged in from {laptop_name}")));
    let csv = laptop.get("/profile/activity.csv").await.body;
    assert!(
        csv.contains("\"_=Phone\",\"\",\"Laptop, Firefox, Linux\""),
        "{csv}"
    );
    let json = laptop.get("/profile/activity.json").await.body;
    assert!(json.contains("\"device_name\": \"=Phone\""), "{json}");
}
