//! Pages show times in the zone of the browser.

use latchkey_core::testing::{self, PASSWORD};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const PAGES: [&str; 3] = ["/", "/profile/devices", "/profile/activity"];

/// Whether each page shows `time`, as a text or as the tooltip of other words.
async fn pages_say(browser: &mut Browser, time: &str) -> bool {
    for path in PAGES {
        let page = browser.get(path).await;
        let shown = ['<', '"'].map(|end| [time, &end.to_string()].concat());
        if !shown.iter().any(|shown| page.body.contains(shown)) {
            return false;
        }
    }
    true
}

/// The time zone that the only session has stored.
async fn zone_of_session(options: &PgConnectOptions) -> Option<String> {
    let pool = testing::look(options.clone()).await;
    sqlx::query_scalar("select time_zone from sessions")
        .fetch_one(&pool)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn the_zone_of_the_browser_that_looks_counts_and_the_session_follows(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options.clone()).await;
    let mut browser = server.ada().await;
    for (zone, time) in [
        ("Europe/Berlin", "title=\"23 Nov 2026, 13:00\""),
        ("Asia/Tokyo", "title=\"23 Nov 2026, 21:00\""),
        ("America/New_York", "title=\"23 Nov 2026, 07:00\""),
    ] {
        browser.travel_to(zone);
        let page = browser.get("/").await.body;
        assert!(page.contains(time), "{zone}");
        assert!(page.contains(&format!("data-time-zone=\"{zone}\"")));
        assert!(page.contains("datetime=\"2026-11-23T12:00:00Z\""), "{zone}");
        assert_eq!(zone_of_session(&options).await.as_deref(), Some(zone));
    }
}

#[sqlx::test(migrations = false)]
async fn two_browsers_do_not_disturb_each_other(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut tokyo = server.ada().await;
    // The second browser has the cookies of the first.
    let mut new_york = tokyo.clone();
    tokyo.travel_to("Asia/Tokyo");
    new_york.travel_to("America/New_York");
    for _ in 0..2 {
        assert!(pages_say(&mut tokyo, "23 Nov 2026, 21:00").await);
        assert!(pages_say(&mut new_york, "23 Nov 2026, 07:00").await);
    }
}

#[sqlx::test(migrations = false)]
async fn a_page_names_a_zone_that_its_browser_has_not_told(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut without_script = server.browser();
    let fields = [("login", "ada@example.com"), ("password", PASSWORD)];
    without_script
        .submit("/login", "/api/log_in", &fields)
        .await;
    assert!(pages_say(&mut without_script, "23 Nov 2026, 12:00 UTC").await);

    let mut with_script = server.ada().await;
    with_script.cookies.remove("latchkey-time-zone");
    assert!(pages_say(&mut with_script, "23 Nov 2026, 13:00 UTC+1").await);
    assert!(!with_script.get("/").await.body.contains("data-time-zone="));
}

#[sqlx::test(migrations = false)]
async fn a_zone_that_is_none_is_utc_and_does_no_harm(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options.clone()).await;
    let mut browser = server.browser();
    let fields = [("login", "ada@example.com"), ("password", PASSWORD)];
    browser.submit("/login", "/api/log_in", &fields).await;
    let long = "A".repeat(5000);
    for zone in [
        "Etc/Unknown",
        "Factory",
        "../../etc/passwd",
        "<b>",
        "'||pg_sleep(9)||'",
        "%00",
        "",
        &long,
    ] {
        browser.travel_to(zone);
        assert!(
            pages_say(&mut browser, "23 Nov 2026, 12:00 UTC").await,
            "{zone}"
        );
        assert!(!browser.get("/").await.body.contains("data-time-zone="));
        assert_eq!(zone_of_session(&options).await, None, "{zone}");
    }
    browser.travel_to("Mars/Olympus");
    assert!(pages_say(&mut browser, "23 Nov 2026, 12:00 UTC").await);
}
