//! Several databases: the database of a request, and log-ins to more than one database.

use axum::body::Body;
use http::{Method, StatusCode};
use latchkey_core::{
    database::DatabaseName,
    settings::Settings,
    testing::{self, PASSWORD, Statements},
    user::Role,
};
use sqlx::{
    AssertSqlSafe,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::browser::{Browser, TestServer};

/// A server that sees its own database and another one with a user Bob.
pub async fn with_two(options: PgConnectOptions) -> (TestServer, DatabaseName) {
    let own = options.get_database().unwrap().to_owned();
    let other: DatabaseName = format!("{}_two", &own[..50]).parse().unwrap();
    let mut settings = Settings::default();
    settings.databases.filter = Some(format!("{own}|{other}").parse().unwrap());
    let server = TestServer::with(options, settings, Vec::new()).await;
    let bob = testing::new_user("bob", "Bob", Role::Administrator);
    server
        .bed
        .core
        .users
        .create_database(&other, bob)
        .await
        .unwrap();
    (server, other)
}

#[sqlx::test(migrations = false)]
async fn one_browser_is_logged_in_to_two_databases_without_losing_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (server, other) = with_two(options).await;
    let own = server.bed.database.name().to_string();
    let mut browser = server.browser();
    let page = browser.get("/login").await;
    assert!(
        page.body.contains("<select") && page.body.contains(other.as_str()),
        "there is a choice to make"
    );

    let fields = [
        ("database", own.as_str()),
        ("login", "ada@example.com"),
        ("password", PASSWORD),
    ];
    assert_eq!(
        browser.post("/api/log_in", &fields).await.status,
        StatusCode::OK
    );
    assert!(
        browser
            .read("/api/current_session")
            .await
            .body
            .contains("Ada")
    );

    let answer = browser
        .submit(
            "/databases",
            "/api/select_database",
            &[("database", other.as_str())],
        )
        .await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, "/login")
    );
    assert_eq!(browser.read("/api/current_session").await.body, "null");
    assert_eq!(
        browser
            .post("/api/log_in", &[("login", "bob"), ("password", PASSWORD)])
            .await
            .status,
        StatusCode::OK
    );
    assert!(
        browser
            .read("/api/current_session")
            .await
            .body
            .contains("Bob")
    );

    browser
        .post("/api/select_database", &[("database", own.as_str())])
        .await;
    assert!(
        browser
            .read("/api/current_session")
            .await
            .body
            .contains("Ada")
    );

    // Logging out of one database does not affect the other.
    let here_only = [("here_only", "true")];
    browser.post("/api/log_out", &here_only).await;
    assert_eq!(browser.read("/api/current_session").await.body, "null");
    browser
        .post("/api/select_database", &[("database", other.as_str())])
        .await;
    assert!(
        browser
            .read("/api/current_session")
            .await
            .body
            .contains("Bob")
    );
    server
        .bed
        .core
        .databases
        .drop_database(&other)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_log_out_ends_the_sessions_of_the_browser_in_every_database(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (server, other) = with_two(options).await;
    let own = server.bed.database.name().to_string();
    let mut browser = server.browser();
    for (database, login) in [(own.as_str(), "ada@example.com"), (other.as_str(), "bob")] {
        let fields = [
            ("database", database),
            ("login", login),
            ("password", PASSWORD),
        ];
        assert_eq!(
            browser.post("/api/log_in", &fields).await.status,
            StatusCode::OK
        );
    }
    let page = browser.get("/").await;
    assert!(page.body.contains("Log out of"), "{}", page.body);
    let choice = browser.get("/databases").await.body;
    for person in ["Ada", "Bob"] {
        let words = format!("Logged in as {person}<");
        assert!(choice.contains(&words), "{words}: {choice}");
    }
    let thief = browser.clone();

    let answer = browser.submit("/", "/api/log_out", &[]).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, "/login")
    );
    assert!(browser.session().is_none());
    let page = browser.get("/login").await;
    assert!(
        page.body
            .contains("You are logged out of every database in this browser."),
        "{}",
        page.body
    );
    for database in [own.as_str(), other.as_str()] {
        let mut kept = thief.clone();
        let choice = "latchkey-database".to_owned();
        kept.cookies.insert(choice, database.to_owned());
        assert_eq!(kept.read("/api/current_session").await.body, "null");
    }
    server
        .bed
        .core
        .databases
        .drop_database(&other)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn the_end_of_one_session_does_not_hide_the_other_log_ins(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (server, other) = with_two(options).await;
    let own = server.bed.database.name().to_string();
    let mut browser = server.browser();
    for (database, login) in [(other.as_str(), "bob"), (own.as_str(), "ada@example.com")] {
        let fields = [
            ("database", database),
            ("login", login),
            ("password", PASSWORD),
        ];
        let answer = browser.post("/api/log_in", &fields).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let core = &server.bed.core;
    let ended = core
        .sessions
        .end_of_user(&server.bed.database, &server.bed.ada);
    assert_eq!(ended.await.unwrap(), 1);
    let page = browser.get("/login").await.body;
    assert!(page.contains("An administrator logged you out"), "{page}");
    assert!(page.contains("still logged in to"), "{page}");
    core.databases.drop_database(&other).await.unwrap();
}

/// A browser can send any number of invented cookies.
#[sqlx::test(migrations = false)]
async fn a_log_out_takes_no_longer_because_of_invented_cookies(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut stranger = server.browser();
    for number in 0..100 {
        let name = format!("latchkey-session-invented{number}");
        stranger
            .cookies
            .insert(name, "AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    }
    let count = Statements::count(async {
        let answer = stranger.post("/api/log_out", &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    });
    assert!(count.await < 5, "the names are listed once");
}

/// The other database takes the only place.
#[sqlx::test(migrations = false)]
async fn a_database_that_comes_back_is_found_without_a_listing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let own = options.get_database().unwrap().to_owned();
    let other: DatabaseName = format!("{}_two", &own[..50]).parse().unwrap();
    let mut settings = Settings::default();
    settings.databases.max_pools = 1;
    settings.databases.filter = Some(format!("{own}|{other}").parse().unwrap());
    let server = TestServer::with(options.clone(), settings, Vec::new()).await;
    let core = &server.bed.core;
    let bob = testing::new_user("bob", "Bob", Role::Administrator);
    core.users.create_database(&other, bob).await.unwrap();
    let mut ada = server.browser();
    let fields = [
        ("database", own.as_str()),
        ("login", "ada@example.com"),
        ("password", PASSWORD),
    ];
    ada.post("/api/log_in", &fields).await;
    ada.read("/api/current_session").await;
    core.databases.open_any(&other).await.unwrap();
    let count = Statements::count(async {
        let request = Browser::request(Method::GET, "/api/current_session");
        let answer = ada.send(request, Body::empty()).await;
        assert!(answer.body.contains("ada@example.com"), "{}", answer.body);
    });
    assert_eq!(
        count.await,
        3,
        "whether the database is there, the session, and the rights of groups"
    );

    // A name that has become free is no better than an invented one.
    ada.cookies
        .insert("latchkey-database".to_owned(), other.to_string());
    core.databases
        .open_any(server.bed.database.name())
        .await
        .unwrap();
    let drop = format!("drop database \"{other}\" with (force)");
    let look = testing::look(options).await;
    sqlx::raw_sql(AssertSqlSafe(drop))
        .execute(&look)
        .await
        .unwrap();
    assert_eq!(ada.get("/").await.status, StatusCode::OK);
    assert!(!core.databases.is_known(&other).await);
}

#[sqlx::test(migrations = false)]
async fn a_log_in_to_another_database_replaces_the_browsers_session_there(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (server, other) = with_two(options).await;
    let own = server.bed.database.name().to_string();
    let mut browser = server.browser();
    let fields = [
        ("database", own.as_str()),
        ("login", "ada@example.com"),
        ("password", PASSWORD),
    ];
    browser.post("/api/log_in", &fields).await;
    let (name, token) = browser.session().unwrap();
    let mut former = server.browser().with("cookie", &format!("{name}={token}"));
    assert!(
        former
            .read("/api/current_session")
            .await
            .body
            .contains("Ada")
    );

    // The browser's requests are for the other database now.
    browser
        .post("/api/select_database", &[("database", other.as_str())])
        .await;
    browser.post("/api/log_in", &fields).await;
    assert!(
        browser
            .read("/api/current_session")
            .await
            .body
            .contains("Ada")
    );
    assert_eq!(former.read("/api/current_session").await.body, "null");
    server
        .bed
        .core
        .databases
        .drop_database(&other)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_token_of_one_database_is_nothing_in_another(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (server, other) = with_two(options).await;
    let mut browser = server.browser();
    let fields = [
        ("database", other.as_str()),
        ("login", "bob"),
        ("password", PASSWORD),
    ];
    browser.post("/api/log_in", &fields).await;
    let token = browser.session().unwrap().1.to_owned();
    let mut forged = server.browser();
    forged.cookies.insert(
        format!("latchkey-session-{}", server.bed.database.name()),
        token,
    );
    assert_eq!(
        forged.read("/api/list_devices").await.status,
        StatusCode::UNAUTHORIZED
    );
    server
        .bed
        .core
        .databases
        .drop_database(&other)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn unknown_foreign_and_malformed_names_are_one_calm_answer(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    for name in [
        "nowhere",
        "postgres",
        "template1",
        "a\"; drop database x; --",
        "../../etc",
        "x y",
    ] {
        let mut browser = server.browser();
        let answer = browser
            .post("/api/select_database", &[("database", name)])
            .await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::NOT_FOUND, "\"UnknownDatabase\""),
            "{name}"
        );
        let fields = [
            ("database", name),
            ("login", "ada@example.com"),
            ("password", PASSWORD),
        ];
        let answer = browser.post("/api/log_in", &fields).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::NOT_FOUND, "\"UnknownDatabase\""),
            "{name}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn a_cookie_of_a_dropped_database_leads_to_the_log_in_page(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (server, other) = with_two(options).await;
    let mut browser = server.browser();
    let fields = [
        ("database", other.as_str()),
        ("login", "bob"),
        ("password", PASSWORD),
    ];
    browser.post("/api/log_in", &fields).await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    server
        .bed
        .core
        .databases
        .drop_database(&other)
        .await
        .unwrap();
    let answer = browser.get("/").await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/login")
    );
    assert_eq!(browser.get("/login").await.status, StatusCode::OK);
}
