//! Databases whose names are hidden. No answer reveals whether a name is that of a database.

use axum::body::Body;
use http::{Method, StatusCode, header};
use latchkey_app::audience::Audience;
use latchkey_core::{
    database::DatabaseName,
    settings::{Listed, Settings},
    testing::{self, PASSWORD, Statements},
    user::Role,
};
use latchkey_server::web;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Answer, Browser, TestServer};

/// A well-formed token that no session has.
const TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// A server with a database of Ada and a database of Bob, whose names are hidden.
pub struct Hidden {
    pub server: TestServer,
    own: String,
    pub other: DatabaseName,
}

impl Hidden {
    pub async fn new(options: PgConnectOptions) -> Self {
        let own = options.get_database().unwrap().to_owned();
        let other: DatabaseName = format!("{}_two", &own[..50]).parse().unwrap();
        let mut settings = Settings::default();
        settings.databases.listed = Listed::No;
        settings.databases.filter = Some(format!("{own}|{other}").parse().unwrap());
        let server = TestServer::with(options, settings, Vec::new()).await;
        let bob = testing::new_user("bob", "Bob", Role::Administrator);
        let core = &server.bed.core;
        core.users.create_database(&other, bob).await.unwrap();
        core.databases.open(&other, "localhost").await.unwrap();
        Self { server, own, other }
    }

    /// A name of no database, as long as the other database's name.
    pub fn missing(&self) -> String {
        self.other.as_str().replace("_two", "_six")
    }

    pub async fn ada(&self) -> Browser {
        let mut browser = self.server.browser();
        let fields = [
            ("database", self.own.as_str()),
            ("login", "ada@example.com"),
            ("password", PASSWORD),
        ];
        let answer = browser.post("/api/log_in", &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        // The first use of a token costs one more statement, which writes it.
        browser.read("/api/current_session").await;
        browser
    }

    pub async fn drop(self) {
        let databases = &self.server.bed.core.databases;
        databases.drop_database(&self.other).await.unwrap();
    }
}

/// The cookies that a browser may send about a database.
fn cookies_about(name: &str) -> [Vec<(String, String)>; 5] {
    let session = (format!("latchkey-session-{name}"), TOKEN.to_owned());
    let malformed = (format!("latchkey-session-{name}"), "x".to_owned());
    let choice = ("latchkey-database".to_owned(), name.to_owned());
    let device = (format!("latchkey-device-{name}"), "0".repeat(32));
    [
        Vec::new(),
        vec![session.clone()],
        vec![choice.clone()],
        vec![session, choice.clone(), device],
        vec![malformed, choice],
    ]
}

/// The content of an answer without the name itself and without random parts.
pub fn told(answer: &Answer, name: &str) -> String {
    let nonce = answer.header("content-security-policy").to_owned();
    let nonce = nonce
        .split("'nonce-")
        .nth(1)
        .and_then(|rest| rest.split('\'').next());
    let headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    let all = format!("{}\n{}\n{}", answer.status, headers.concat(), answer.body);
    let all = all.replace(name, "NAME");
    match nonce {
        Some(nonce) => all.replace(nonce, "NONCE"),
        None => all,
    }
}

async fn ask(browser: &mut Browser, method: &Method, path: &str, form: &str) -> (Answer, usize) {
    let accept = if path.starts_with("/api/") {
        "application/json"
    } else {
        "text/html"
    };
    let request = Browser::request(method.clone(), path)
        .header(header::ACCEPT, accept)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    let mut answer = None;
    let statements = Statements::count(async {
        answer = Some(browser.send(request, Body::from(form.to_owned())).await);
    })
    .await;
    (answer.unwrap(), statements)
}

/// Sends every request that a stranger may send, with each set of cookies about both names, and compares the answers.
async fn compare(hidden: &Hidden, browser: &Browser) {
    let (there, missing) = (hidden.other.as_str(), hidden.missing());
    let marked = format!("/login?cookie={}.NAME", "0".repeat(64));
    let registry = web::registry().unwrap();
    let public = registry.paths();
    let public = public.filter(|(_, audience)| *audience == Audience::Anyone);
    let public = public
        .map(|(path, _)| path)
        .chain([marked.as_str()])
        .chain(["/", "/profile", "/nowhere", "/api/list_devices"]);
    for path in public {
        // A log-out would end the session that the next requests need, and enough failed log-ins throttle.
        if browser.session().is_some() && ["/api/log_out", "/api/log_in"].contains(&path) {
            continue;
        }
        let method = match path {
            "/api/log_in" | "/api/log_out" | "/api/select_database" => Method::POST,
            _ => Method::GET,
        };
        for (of_there, of_missing) in cookies_about(there)
            .into_iter()
            .zip(cookies_about(&missing))
        {
            let told_about = async |name: &str, cookies: &[(String, String)]| {
                let mut browser = browser.clone();
                browser.cookies.extend(cookies.iter().cloned());
                let form = match path {
                    "/api/select_database" => format!("database={name}"),
                    "/api/log_in" => format!("database={name}&login=eve&password=wrong"),
                    _ => String::new(),
                };
                let (answer, statements) =
                    ask(&mut browser, &method, &path.replace("NAME", name), &form).await;
                (told(&answer, name), statements)
            };
            let of_there_told = told_about(there, &of_there).await;
            let of_missing_told = told_about(&missing, &of_missing).await;
            assert_eq!(of_there_told.0, of_missing_told.0, "{path} {of_there:?}");
            assert_eq!(
                of_there_told.1, of_missing_told.1,
                "{path} {of_there:?}: statements"
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_hidden_name_answers_a_stranger_like_one_that_is_not_there(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    compare(&hidden, &hidden.server.browser()).await;
    hidden.drop().await;
}

/// A user of one database must not find out which other databases exist.
#[sqlx::test(migrations = false)]
async fn a_hidden_name_answers_a_user_of_another_database_like_one_that_is_not_there(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    compare(&hidden, &hidden.ada().await).await;
    let mut without_choice = hidden.ada().await;
    without_choice.cookies.remove("latchkey-database");
    compare(&hidden, &without_choice).await;
    hidden.drop().await;
}

#[sqlx::test(migrations = false)]
async fn a_live_session_costs_one_statement_where_names_are_hidden(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    let mut ada = hidden.ada().await;
    ask(&mut ada, &Method::GET, "/api/current_session", "").await;
    let (answer, statements) = ask(&mut ada, &Method::GET, "/api/current_session", "").await;
    assert!(answer.body.contains("Ada"), "{}", answer.body);
    assert_eq!(statements, 1);
    hidden.drop().await;
}

/// The answer does not depend on whether the database exists, even where names are shown.
#[sqlx::test(migrations = false)]
async fn a_cookie_that_is_no_sessions_is_left_alone(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let own = server.bed.database.name().to_string();
    for name in [own.as_str(), "nowhere"] {
        for value in [TOKEN, "x", ""] {
            let mut browser = server.browser();
            browser
                .cookies
                .insert(format!("latchkey-session-{name}"), value.to_owned());
            let answer = browser.get("/login").await;
            assert_eq!(answer.status, StatusCode::OK);
            assert!(
                answer.set_cookies().is_empty(),
                "{name} {value:?}: {:?}",
                answer.set_cookies()
            );
        }
    }
}
