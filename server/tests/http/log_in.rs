//! Logging in: the users who may, those who may not, and answers that do not say why.

use std::sync::Arc;

use http::StatusCode;
use latchkey_core::{
    settings::{AtMostOfUser, Listed, Settings},
    testing::PASSWORD,
};
use latchkey_server::config::Config;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer, router};

/// The answer to a wrong password that leaves more attempts.
const WRONG: &str = r#"{"WrongCredentials":{"wait":null}}"#;

#[sqlx::test(migrations = false)]
async fn unknown_wrong_and_disabled_are_one_answer(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let eve = server.bed.another_user("eve").await;
    server
        .bed
        .core
        .users
        .disable(&server.bed.database, &eve)
        .await
        .unwrap();
    for (login, password) in [
        ("nobody", PASSWORD),
        ("ada@example.com", "wrong"),
        ("eve", PASSWORD),
        ("", ""),
        ("\0\n", "\0"),
    ] {
        let mut browser = server.browser();
        let answer = browser.log_in(login, password).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::UNAUTHORIZED, WRONG),
            "{login:?}"
        );
        assert!(answer.set_cookies().is_empty());
    }
}

#[sqlx::test(migrations = false)]
async fn a_log_in_beyond_the_limit_says_the_limit(_: PgPoolOptions, options: PgConnectOptions) {
    let mut settings = Settings::default();
    settings.sessions.most_of_user = 1;
    settings.sessions.at_most_of_user = AtMostOfUser::RefuseLogIn;
    let server = TestServer::with(options, settings, Vec::new()).await;
    let mut ada = server.ada().await;
    let mut other = server.browser();
    let refused = other.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(
        (refused.status, refused.body.as_str()),
        (StatusCode::FORBIDDEN, r#"{"TooManyDevices":{"maximum":1}}"#)
    );
    let fields = [("login", "ada@example.com"), ("password", PASSWORD)];
    let refused = other.submit("/login", "/api/log_in", &fields).await;
    let page = other.follow(&refused).await;
    let sentence = "You can be logged in on 1 device at most.";
    assert!(page.body.contains(sentence), "{}", page.body);
    // The person's Activity has the refusals.
    let activity = ada.get("/profile/activity").await.body;
    assert!(activity.contains("Log-in refused by a rule of this database"));
}

#[sqlx::test(migrations = false)]
async fn a_failed_log_in_without_javascript_says_so_on_the_page(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut browser = server.browser();
    let fields = [
        ("login", "ada@example.com"),
        ("password", "wrong password in the url?"),
    ];
    let answer = browser.submit("/login", "/api/log_in", &fields).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    for cookie in answer.set_cookies() {
        assert!(!cookie.contains("wrong"), "nothing secret in an error");
    }
    let page = browser.follow(&answer).await;
    assert!(
        page.body.contains("role=\"alert\""),
        "the error is announced"
    );
}

#[sqlx::test(migrations = false)]
async fn the_failure_before_a_wait_says_so_for_every_login_alike(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    for login in ["ada@example.com", "eve"] {
        let mut browser = server.browser();
        for failure in 1..=4 {
            let fields = [("login", login), ("password", "wrong")];
            let answer = browser.submit("/login", "/api/log_in", &fields).await;
            let page = browser.follow(&answer).await;
            assert_eq!(
                page.body
                    .contains("One more failed attempt and you have to wait 30 seconds."),
                failure == 4,
                "{login}: {failure}"
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_log_in_lands_on_own_paths_only(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    for (next, location) in [
        ("/profile/devices", "/profile/devices"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
    ] {
        let fields = [
            ("login", "ada@example.com"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let mut browser = server.browser();
        browser
            .cookies
            .insert("latchkey-database".to_owned(), "any".to_owned());
        let answer = browser.submit("/login", "/api/log_in", &fields).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::FOUND, location),
            "{next}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn malformed_forms_get_a_typed_answer(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    for fields in [&[][..], &[("login", "x")][..], &[("password", "x")][..]] {
        let answer = server.browser().post("/api/log_in", fields).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::BAD_REQUEST, "\"Malformed\""),
            "{fields:?}"
        );
    }
    let huge = "x".repeat(100_000);
    let answer = server
        .browser()
        .post("/api/log_in", &[("login", "x"), ("password", &huge)])
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[sqlx::test(migrations = false)]
async fn too_many_at_once_are_told_when_to_come_back(_: PgPoolOptions, options: PgConnectOptions) {
    let mut settings = Settings::default();
    settings.passwords.max_concurrent = 1;
    settings.passwords.max_waiting = 3;
    let server = Arc::new(TestServer::with(options, settings, Vec::new()).await);
    let attempts: Vec<_> = (0..200)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.browser().log_in("ada@example.com", PASSWORD).await })
        })
        .collect();
    // Other pages answer meanwhile.
    assert_eq!(server.browser().get("/login").await.status, StatusCode::OK);
    let (mut inside, mut away) = (0, 0);
    for attempt in attempts {
        let answer = attempt.await.unwrap();
        match answer.status {
            StatusCode::OK => inside += 1,
            StatusCode::SERVICE_UNAVAILABLE => {
                assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
                // The limit on hashing refuses most. On a slow machine some wait for a connection in vain.
                assert!(
                    ["{\"Busy\":{\"retry_after_seconds\":2}}", "\"Unavailable\""]
                        .contains(&answer.body.as_str())
                );
                away += 1;
            }
            other => panic!("{other}: {}", answer.body),
        }
    }
    assert!(inside >= 4, "{inside} got in");
    assert!(away > 0, "{away} were turned away");
}

#[sqlx::test(migrations = false)]
async fn a_hidden_database_cannot_be_told_from_none(_: PgPoolOptions, options: PgConnectOptions) {
    let mut settings = Settings::default();
    settings.databases.listed = Listed::No;
    let server = TestServer::with(options, settings, Vec::new()).await;
    // Any choice is accepted, and the page repeats the typed name.
    let own = server.bed.database.name().to_string();
    for name in ["nowhere", &own] {
        let mut browser = server.browser();
        let answer = browser
            .post("/api/select_database", &[("database", name)])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.set_cookies().len(), 1, "{name}");
    }
    for database in ["nowhere", "postgres", "x y", "../etc"] {
        let fields = [
            ("database", database),
            ("login", "ada@example.com"),
            ("password", PASSWORD),
        ];
        let answer = server.browser().post("/api/log_in", &fields).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::UNAUTHORIZED, WRONG),
            "{database}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn a_person_who_has_forgotten_the_password_reads_the_administrators_words(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut stranger = server.browser();
    let page = stranger.get("/login").await;
    assert!(page.body.contains(r#"href="/forgotten-password""#));
    let page = stranger.get("/forgotten-password").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Ask your administrator"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("Get help"), "{}", page.body);

    let mut config = Config::default();
    config.log_in.help_text = "Call <b>Eve</b>.\n\nRoom 7".to_owned();
    config.log_in.help_url = Some("mailto:eve@example.com".parse().unwrap());
    let mut stranger = Browser::new(router(&server.bed.core, &config));
    let page = stranger.get("/forgotten-password").await;
    for part in [
        "Call &lt;b&gt;Eve&lt;/b&gt;.</p>",
        ">Room 7</p>",
        r#"href="mailto:eve@example.com""#,
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(
        !page.body.contains("Ask your administrator"),
        "{}",
        page.body
    );
}

#[sqlx::test(migrations = false)]
async fn pages_of_strangers_describe_themselves(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let description = "<meta name=\"description\" content=\"Log in, and see";
    let page = server.browser().get("/login").await.body;
    assert!(page.contains(description), "{page}");
    let page = server.ada().await.get("/").await.body;
    assert!(!page.contains("name=\"description\""), "{page}");
}
