//! Home: the account at a glance.

use std::time::Duration;

use http::StatusCode;
use latchkey_core::{
    settings::Settings,
    testing::{self, PASSWORD},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const ADA: &str = "ada@example.com";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
    Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const CALM: &str = "Nothing needs your attention.";

async fn home(browser: &mut Browser) -> String {
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    page.body
}

#[sqlx::test(migrations = false)]
async fn home_shows_the_account_at_a_glance(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let page = home(&mut ada).await;
    for words in [
        "Hello, Ada",
        CALM,
        "Where you’re logged in (1)",
        "This device",
        "Recent activity",
        "All activity",
        "ada@example.com",
        "Changed today at 13:00",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[sqlx::test(migrations = false)]
async fn home_leads_to_what_the_person_may_open(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let page = home(&mut ada).await;
    assert!(!page.contains("Administration") && !page.contains("class=\"tile"));
    let bed = &server.bed;
    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let mut root = server.browser();
    root.log_in("root", PASSWORD).await;
    let page = home(&mut root).await;
    assert_eq!(page.matches("class=\"tile\"").count(), 5);
    for words in [
        "Administration",
        "2 users",
        "2 devices logged in",
        "1 company in use",
        "3 groups",
        "0 policies",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_log_in_on_a_new_device_is_told_to_the_others_until_it_is_old(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    server.bed.clock.advance(Duration::from_mins(1));
    let mut phone = server.browser().with("user-agent", IPHONE);
    phone.log_in(ADA, PASSWORD).await;
    let told = "New log-in: Safari on iPhone, today at 13:01.";
    let page = home(&mut ada).await;
    assert!(page.contains(told), "{page}");
    assert!(!page.contains(CALM));
    // The new device is not told of itself.
    assert!(home(&mut phone).await.contains(CALM));
    for _ in 0..2 {
        let mut other = server.browser().with("user-agent", IPHONE);
        other.log_in(ADA, PASSWORD).await;
    }
    let page = home(&mut ada).await;
    assert!(page.contains("Log-ins on 3 new devices, the last one today at 13:01."));
    assert!(!page.contains(told));
}

#[sqlx::test(migrations = false)]
async fn home_and_devices_say_the_last_activity_alike(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    server
        .browser()
        .with("user-agent", IPHONE)
        .log_in(ADA, PASSWORD)
        .await;
    for (minutes, words) in [
        (5, "Active 5 minutes ago"),
        (55, "Active 1 hour ago"),
        (60, "Active 2 hours ago"),
    ] {
        server.bed.clock.advance(Duration::from_mins(minutes));
        let devices = ada.get("/profile/devices").await.body;
        for page in [home(&mut ada).await, devices] {
            // The parts of the document for script come after the page.
            let (page, _) = page.split_once("</main>").unwrap();
            assert_eq!(page.matches(words).count(), 1, "{words}: {page}");
            assert!(page.contains("Active now"), "{page}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn failed_log_ins_are_told(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let mut stranger = server.browser();
    stranger.peer = "198.51.100.9:50000".parse().unwrap();
    stranger.log_in(ADA, "wrong").await;
    assert!(
        home(&mut ada)
            .await
            .contains("1 failed log-in today at 13:00.")
    );
    stranger.log_in(ADA, "wrong").await;
    let page = home(&mut ada).await;
    assert!(page.contains("2 failed log-ins, the last one today at 13:00."));
    assert!(!page.contains(CALM));
}

#[sqlx::test(migrations = false)]
async fn an_end_that_no_activity_postpones_is_told_an_hour_before(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let mut settings = Settings::default();
    settings.sessions.absolute_timeout = Some(Duration::from_hours(2));
    settings.sessions.idle_timeout = Duration::from_hours(2);
    let server = TestServer::with(options, settings, Vec::new()).await;
    let mut ada = server.ada().await;
    assert!(home(&mut ada).await.contains(CALM));
    server.bed.clock.advance(Duration::from_mins(61));
    let page = home(&mut ada).await;
    assert!(
        page.contains("You’ll be logged out today at 15:00:"),
        "{page}"
    );
}
