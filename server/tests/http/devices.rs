//! The page with a person's devices, revoking a device, and the notice on the revoked device.

use std::time::Duration;

use http::StatusCode;
use latchkey_app::live::BACKGROUND;
use latchkey_core::{
    settings::Settings,
    testing::{self, PASSWORD},
};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

async fn devices(browser: &mut Browser) -> Vec<Value> {
    let answer = browser.read("/api/list_devices").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn other(devices: &[Value]) -> String {
    let other = devices
        .iter()
        .find(|device| device["is_current"] == false)
        .unwrap();
    other["id"].as_str().unwrap().to_owned()
}

#[sqlx::test(migrations = false)]
async fn a_person_sees_every_device_with_what_is_known(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut laptop = server.ada().await;
    let mut phone = server.browser().with("user-agent", SAFARI);
    phone.peer = "[2001:db8::7]:1".parse().unwrap();
    phone.log_in("ada@example.com", PASSWORD).await;

    let devices = devices(&mut laptop).await;
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[0]["is_current"], true);
    assert_eq!(devices[0]["name"]["browser"], "Firefox");
    assert_eq!(devices[0]["name"]["platform"], "Linux");
    assert_eq!(devices[0]["address"]["text"], "203.0.113.7");
    assert_eq!(devices[0]["logged_in_at"]["text"], "23 Nov 2026, 13:00");
    assert_eq!(devices[1]["kind"], "Phone");
    assert_eq!(devices[1]["address"]["text"], "2001:db8::7");

    let page = laptop.get("/profile/devices").await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "Firefox on Linux",
        "Safari on iPhone",
        "This device",
        "203.0.113.7",
        "23 Nov 2026, 13:00",
    ] {
        assert!(page.body.contains(text), "{text} is missing");
    }
}

#[sqlx::test(migrations = false)]
async fn a_revoked_browser_is_out_at_its_next_request_and_is_told_why(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut laptop = server.ada().await;
    let mut phone = server.browser().with("user-agent", SAFARI);
    phone.log_in("ada@example.com", PASSWORD).await;
    let id = other(&devices(&mut laptop).await);
    let answer = laptop.post("/api/revoke_device", &[("id", &id)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);

    let history = laptop.get("/profile/devices").await.body;
    for text in [
        "Recently logged out",
        "Safari on iPhone",
        "By Firefox on Linux",
    ] {
        assert!(history.contains(text), "{text} is missing");
    }

    let out = phone.get("/profile/devices").await;
    assert_eq!(
        (out.status, out.location()),
        (StatusCode::SEE_OTHER, "/login?next=/profile/devices")
    );
    let list = phone.read("/api/list_devices").await;
    assert_eq!(list.status, StatusCode::UNAUTHORIZED);
    let page = phone.get("/login?next=/profile/devices").await;
    assert!(page.body.contains("Firefox on Linux"), "from where");
    assert!(page.body.contains("today at 13:00."), "when");
    assert_eq!(devices(&mut laptop).await.len(), 1);

    // The next log-in leads to the page that the person wanted, and the notice is gone.
    let fields = [
        ("login", "ada@example.com"),
        ("password", PASSWORD),
        ("next", "/profile/devices"),
    ];
    let answer = phone
        .submit("/login?next=/profile/devices", "/api/log_in", &fields)
        .await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, "/profile/devices")
    );
    assert_eq!(devices(&mut phone).await.len(), 2);
}

#[sqlx::test(migrations = false)]
async fn revoking_works_without_javascript(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut laptop = server.ada().await;
    let mut phone = server.ada().await;
    let id = other(&devices(&mut laptop).await);
    let asked = laptop.get(&format!("/profile/devices?revoke={id}")).await;
    assert!(asked.body.contains("Cancel"));
    let answer = laptop
        .submit(
            &format!("/profile/devices?revoke={id}"),
            "/api/revoke_device",
            &[("id", &id)],
        )
        .await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, "/profile/devices")
    );
    assert_eq!(phone.get("/").await.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrations = false)]
async fn several_devices_are_revoked_by_one_confirmed_form(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut mine = server.ada().await;
    let mut others = Vec::new();
    for _ in 0..3 {
        server.bed.clock.advance(Duration::from_mins(1));
        others.push(server.ada().await);
    }
    let cards = devices(&mut mine).await;
    let ids: Vec<_> = cards
        .iter()
        .map(|card| card["id"].as_str().unwrap())
        .collect();
    // The list begins with this device and the latest log-ins.
    let ids = ids[1..3].join(",");
    let asked = format!("/profile/devices?revoke={}", ids.replace(',', "&revoke="));
    let page = mine.get(&asked).await.body;
    assert!(page.contains("Revoke the selected devices (2)?"), "{page}");
    assert!(page.contains(&format!("value=\"{ids}\"")), "{page}");

    server.bed.clock.advance(Duration::from_mins(10));
    let refused = mine.post("/api/revoke_device", &[("id", &ids)]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(devices(&mut mine).await.len(), 4);
    let fields = [("id", ids.as_str()), ("password", PASSWORD)];
    let done = mine.submit(&asked, "/api/revoke_device", &fields).await;
    assert_eq!(done.location(), "/profile/devices");
    let page = mine.get("/profile/devices").await.body;
    assert!(page.contains("2 other devices were logged out."), "{page}");
    for (other, status) in
        others
            .iter_mut()
            .zip([StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::SEE_OTHER])
    {
        assert_eq!(other.get("/").await.status, status);
    }
}

#[sqlx::test(migrations = false)]
async fn a_long_list_shows_what_was_not_used_for_30_days(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    const FILTER: &str = "Not used for 30 days";
    let mut settings = Settings::default();
    settings.sessions.idle_timeout = Duration::from_hours(60 * 24);
    settings.sessions.absolute_timeout = None;
    let server = TestServer::with(options, settings, Vec::new()).await;
    for _ in 0..11 {
        server.ada().await;
    }
    let mut mine = server.ada().await;
    let long = mine.get("/profile/devices").await.body;
    let is_hidden = |page: &str| {
        let (before, _) = page.split_once(FILTER).unwrap();
        before.rsplit_once("<a ").unwrap().1.contains(" hidden")
    };
    assert!(is_hidden(&long), "nothing is unused: {long}");
    server.bed.clock.advance(Duration::from_hours(30 * 24));
    let mut phone = server.browser().with("user-agent", SAFARI);
    phone.log_in("ada@example.com", PASSWORD).await;
    let all = mine.get("/profile/devices?all").await.body;
    assert!(!is_hidden(&all));
    let cards = |page: &str| page.matches("<article").count();
    assert_eq!(cards(&all), 13);
    let unused = mine.get("/profile/devices?unused").await.body;
    assert_eq!(cards(&unused), 12, "{unused}");
    let both = mine
        .get("/profile/devices?search=no+such&unused")
        .await
        .body;
    assert_eq!(cards(&both), 1, "{both}");
    assert!(both.contains(r#"name="unused""#), "{both}");
    assert!(
        both.contains(r#"href="/profile/devices?search=no+such""#),
        "{both}"
    );
    let (_, form) = both.split_once(r#"id="revoke-selected""#).unwrap();
    let (form, _) = form.split_once('>').unwrap();
    assert!(form.contains(" hidden"), "{form}");
}

#[sqlx::test(migrations = false)]
async fn revoking_all_others_says_how_many(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut mine = server.ada().await;
    let mut others = [server.ada().await, server.ada().await, server.ada().await];
    assert_eq!(mine.post("/api/revoke_other_devices", &[]).await.body, "3");
    for other in &mut others {
        assert_eq!(other.get("/").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(mine.post("/api/revoke_other_devices", &[]).await.body, "0");
    assert_eq!(mine.get("/").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn another_persons_device_answers_byte_for_byte_like_a_missing_device(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    server.bed.another_user("eve").await;
    let mut eve = server.browser();
    eve.log_in("eve", PASSWORD).await;
    let id = devices(&mut ada).await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for function in ["/api/revoke_device", "/api/name_device"] {
        let fields = |id| [("id", id), ("device_name", "Mine")];
        let foreign = eve.post(function, &fields(&id)).await;
        for missing in ["01980000-0000-7000-8000-000000000000", "nonsense", ""] {
            let missing = eve.post(function, &fields(missing)).await;
            assert_eq!(
                (foreign.status, &foreign.body),
                (missing.status, &missing.body)
            );
            let headers = |headers: &http::HeaderMap| {
                headers.keys().map(ToString::to_string).collect::<Vec<_>>()
            };
            assert_eq!(headers(&foreign.headers), headers(&missing.headers));
        }
        assert_eq!(foreign.status, StatusCode::NOT_FOUND, "{function}");
    }
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn markup_in_an_agent_stays_text(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server
        .browser()
        .with("user-agent", "<script>alert(1)</script>");
    ada.log_in("ada@example.com", PASSWORD).await;
    let page = ada.get("/profile/devices").await;
    assert!(!page.body.contains("<script>alert"));
    assert!(page.body.contains("Unknown browser"));
}

#[sqlx::test(migrations = false)]
async fn a_log_out_takes_the_cookie_back_and_clears_the_browser(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    let cookies = ada.cookies.clone();
    let answer = ada.submit("/", "/api/log_out", &[]).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, "/login")
    );
    assert_eq!(answer.header("clear-site-data"), "\"storage\"");
    assert!(ada.session().is_none());
    let mut kept = server.browser();
    kept.cookies = cookies;
    assert_eq!(kept.get("/").await.status, StatusCode::SEE_OTHER);
}

#[sqlx::test(migrations = false)]
async fn a_strangers_forwarded_for_is_not_believed(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.browser().with("x-forwarded-for", "198.51.100.1");
    ada.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(devices(&mut ada).await[0]["address"]["text"], "203.0.113.7");
}

#[sqlx::test(migrations = false)]
async fn a_thief_who_looks_around_in_the_background_is_seen(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut owner = server.ada().await;
    let mut thief = owner.clone().with(BACKGROUND, "1");
    thief.peer = "198.51.100.9:50000".parse().unwrap();
    let page = thief.get("/profile/devices").await;
    assert_eq!(page.status, StatusCode::OK);
    let own = devices(&mut owner).await.remove(0);
    assert_eq!(own["address"]["text"], "198.51.100.9");
    assert_eq!(own["other_addresses"][0]["text"], "203.0.113.7");
    server.bed.clock.advance(Duration::from_secs(61));
    devices(&mut owner).await;
    let own = devices(&mut owner).await.remove(0);
    assert_eq!(own["address"]["text"], "203.0.113.7");
    assert_eq!(own["other_addresses"][0]["text"], "198.51.100.9");
}

#[sqlx::test(migrations = false)]
async fn of_many_devices_a_hundred_others_are_shown_and_the_rest_is_counted(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options.clone()).await;
    let mut laptop = server.ada().await;
    let few = laptop.get("/profile/devices").await.body;
    assert_eq!(few.matches("<article").count(), 1);
    sqlx::query(
        "insert into sessions (id, user_id, authenticated_by, created_at, last_active_at,
            idle_expires_at, user_agent, confirmed_at)
        select gen_random_uuid(), user_id, authenticated_by, created_at,
            last_active_at, idle_expires_at, user_agent, confirmed_at
        from sessions, generate_series(1, 150) n",
    )
    .execute(&testing::look(options).await)
    .await
    .unwrap();
    let first = laptop.get("/profile/devices").await.body;
    assert_eq!(first.matches("<article").count(), 11);
    assert!(first.contains("href=\"/profile/devices?all\""), "{first}");
    let page = laptop.get("/profile/devices?all").await.body;
    assert_eq!(page.matches("<article").count(), 101);
    for told in [
        "50 more devices are logged in.",
        "Revoke all other devices (150)",
    ] {
        assert!(page.contains(told), "{told} is missing");
    }
    let done = laptop.post("/api/revoke_other_devices", &[]).await;
    assert_eq!(done.body, "150");
}
