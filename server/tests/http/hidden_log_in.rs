//! Log-ins where names of databases are hidden. Guesses in a database and at a name of no database get the same answers.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use latchkey_core::testing::{PASSWORD, Statements};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::{
    browser::{Answer, Browser},
    hidden::{Hidden, told},
};

/// The way in which a browser sends the form.
#[derive(Clone, Copy, Debug)]
enum Form {
    Scripted,
    Plain,
}

/// The place in which the browser names the database.
#[derive(Clone, Copy, Debug)]
enum Said {
    InTheForm,
    ByTheChoice,
    ByASession,
}

async fn send(browser: &mut Browser, form: Form, fields: &[(&str, &str)]) -> Answer {
    match form {
        Form::Scripted => browser.post("/api/log_in", fields).await,
        Form::Plain => browser.submit("/login", "/api/log_in", fields).await,
    }
}

/// Sends a guess. Returns the content of the answer and of the next page, and the number of statements.
async fn guess(
    browser: &Browser,
    form: Form,
    fields: &[(&str, &str)],
    name: &str,
) -> (String, usize) {
    let mut browser = browser.clone();
    let mut all = String::new();
    let statements = Statements::count(async {
        let answer = send(&mut browser, form, fields).await;
        all = readable(&told(&answer, name)).replace(name, "NAME");
        if answer.status.is_redirection() {
            let page = browser.follow(&answer).await;
            all.push_str(&told(&page, name));
        }
    });
    let statements = statements.await;
    (all, statements)
}

/// The answer with the content of the cookie that brings the typed fields back to the page, decoded.
fn readable(told: &str) -> String {
    let cookie = "latchkey-posted=";
    let posted = told
        .split(cookie)
        .nth(1)
        .and_then(|rest| rest.split(';').next());
    match posted {
        Some(posted) => {
            let content = URL_SAFE_NO_PAD.decode(posted).unwrap();
            told.replace(posted, &String::from_utf8(content).unwrap())
        }
        None => told.to_owned(),
    }
}

/// A browser in its own network, which has a cookie with the name or no cookie yet.
fn browser(hidden: &Hidden, said: Said, name: &str, peer: &str) -> Browser {
    let mut browser = hidden.server.browser();
    browser.peer = peer.parse().unwrap();
    let cookie = match said {
        Said::InTheForm => return browser,
        Said::ByTheChoice => ("latchkey-database".to_owned(), name.to_owned()),
        Said::ByASession => (format!("latchkey-session-{name}"), "A".repeat(22)),
    };
    browser.cookies.extend([cookie]);
    browser
}

/// Makes thirty guesses at each name in step. Five are free, and then the delays grow. Some delays are waited for.
async fn compare(hidden: &Hidden, form: Form, said: Said) {
    let (there, missing) = (hidden.other.to_string(), hidden.missing());
    let at_there = browser(hidden, said, &there, "192.0.2.1:50000");
    let at_missing = browser(hidden, said, &missing, "192.0.2.2:50000");
    let mut throttled = 0;
    for number in 0..30 {
        if number % 4 == 3 {
            let pause = std::time::Duration::from_secs(30 * number);
            hidden.server.bed.clock.advance(pause);
        }
        let login = match number % 3 {
            0 => format!("user{number}"),
            _ => "bob".to_owned(),
        };
        let ask = async |browser: &Browser, name: &str| {
            let mut fields = vec![("login", login.as_str()), ("password", "wrong")];
            if let Said::InTheForm = said {
                fields.push(("database", name));
            }
            guess(browser, form, &fields, name).await
        };
        let of_there = ask(&at_there, &there).await;
        let of_missing = ask(&at_missing, &missing).await;
        assert_eq!(of_there, of_missing, "{form:?} {said:?} {number}");
        let (told, _) = of_there;
        let is_throttled =
            ["retry-after", "Too many failed attempts"].map(|words| told.contains(words));
        throttled += usize::from(is_throttled.contains(&true));
    }
    assert!((5..25).contains(&throttled), "{throttled}");
}

#[sqlx::test(migrations = false)]
async fn thirty_guesses_at_a_hidden_name_answer_like_thirty_at_one_that_is_not_there(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    compare(&hidden, Form::Scripted, Said::InTheForm).await;
    hidden.drop().await;
}

#[sqlx::test(migrations = false)]
async fn without_javascript_thirty_guesses_answer_alike(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    compare(&hidden, Form::Plain, Said::InTheForm).await;
    hidden.drop().await;
}

#[sqlx::test(migrations = false)]
async fn thirty_guesses_answer_alike_where_the_choice_says_the_name(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    compare(&hidden, Form::Scripted, Said::ByTheChoice).await;
    hidden.drop().await;
}

#[sqlx::test(migrations = false)]
async fn thirty_guesses_answer_alike_where_a_session_cookie_says_the_name(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    compare(&hidden, Form::Scripted, Said::ByASession).await;
    hidden.drop().await;
}

/// The counters of a name do not depend on the way in which the browser names it.
#[sqlx::test(migrations = false)]
async fn a_name_in_a_cookie_and_in_the_form_is_the_same_name(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    for name in [hidden.other.to_string(), hidden.missing()] {
        let fields = [("login", "bob"), ("password", "wrong")];
        let mut typing = hidden.server.browser();
        for _ in 0..5 {
            let fields = [fields[0], fields[1], ("database", name.as_str())];
            let answer = typing.post("/api/log_in", &fields).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        }
        let mut choosing = hidden.server.browser();
        choosing
            .cookies
            .insert("latchkey-database".to_owned(), name);
        let answer = choosing.post("/api/log_in", &fields).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
    hidden.drop().await;
}

#[sqlx::test(migrations = false)]
async fn guesses_at_what_is_no_name_are_held_back_too(_: PgPoolOptions, options: PgConnectOptions) {
    let hidden = Hidden::new(options).await;
    let mut browser = hidden.server.browser();
    let mut statuses = Vec::new();
    for number in 0..6 {
        let name = format!("no name {number}");
        let fields = [
            ("database", name.as_str()),
            ("login", "bob"),
            ("password", "wrong"),
        ];
        statuses.push(browser.post("/api/log_in", &fields).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
    hidden.drop().await;
}

#[sqlx::test(migrations = false)]
async fn guesses_at_a_name_of_none_hold_up_no_person_in_the_database_that_counts_them(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let hidden = Hidden::new(options).await;
    let missing = hidden.missing();
    let mut stranger = hidden.server.browser();
    for _ in 0..10 {
        let fields = [
            ("database", missing.as_str()),
            ("login", "ada@example.com"),
            ("password", PASSWORD),
        ];
        let answer = stranger.post("/api/log_in", &fields).await;
        assert_ne!(answer.status, StatusCode::OK);
    }
    // Ada is in the same network as the guesser, and has no sign that sets her apart from strangers.
    let mut ada = hidden.ada().await;
    let activity = ada.get("/profile/activity").await;
    for failed in ["Log-in failed", "Log-in refused", "Log-in blocked"] {
        assert!(!activity.body.contains(failed), "{}", activity.body);
    }
    hidden.drop().await;
}
