//! The page of users.

use http::StatusCode;
use latchkey_app::routes;
use latchkey_core::{
    access::{Resource, Scope, Verb, Verbs},
    account::{NewRule, USERS_ON_PAGE},
    testing::{self, PASSWORD},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

/// A browser in which the administrator Root is logged in.
async fn root(server: &TestServer) -> Browser {
    let bed = &server.bed;
    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let mut browser = server.browser();
    assert_eq!(
        browser.log_in("root", PASSWORD).await.status,
        StatusCode::OK
    );
    browser
}

/// The names on a page of users, in their order.
async fn names(browser: &mut Browser, address: &str) -> Vec<String> {
    let page = browser.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{address}");
    let names = page.body.split("<p class=\"user__name\"><bdi>").skip(1);
    let names = names.map(|rest| rest.split_once("</bdi>").unwrap().0.to_owned());
    names.collect()
}

#[sqlx::test(migrations = false)]
async fn the_page_lists_users_by_login_and_finds_them(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    bed.another_user("zoe").await;
    let mut root = root(&server).await;
    assert_eq!(
        names(&mut root, routes::USERS).await,
        ["Ada", "Root", "zoe"]
    );
    for (search, found) in [("AD", "Ada"), ("ada%40example", "Ada"), ("+zo", "zoe")] {
        let address = format!("{}?search={search}", routes::USERS);
        assert_eq!(names(&mut root, &address).await, [found], "{search}");
    }
    // What PostgreSQL reads as a pattern, and what a browser reads as an element, is text.
    for search in ["%25", "_", "%3Cb%3E", "%5C"] {
        let address = format!("{}?search={search}", routes::USERS);
        assert!(names(&mut root, &address).await.is_empty(), "{search}");
        let page = root.get(&address).await;
        assert!(page.body.contains("No user matches"), "{search}");
        assert!(!page.body.contains("<b>"), "{search}");
    }
    let page = root.get("/settings/users?search=%00").await;
    assert_eq!(page.status, StatusCode::OK);
}

#[sqlx::test(migrations = false)]
async fn pages_of_users_lead_on_and_back(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    for number in 0..USERS_ON_PAGE {
        server.bed.another_user(&format!("bob{number:02}")).await;
    }
    let mut root = root(&server).await;
    let first = root.get("/settings/users?search=bob").await;
    assert!(!first.body.contains("rel=\"next\""));
    let first = root.get(routes::USERS).await;
    assert_eq!(names(&mut root, routes::USERS).await.len(), USERS_ON_PAGE);
    assert!(!first.body.contains("First page"));
    let (link, _) = first.body.split_once("\" rel=\"next\"").unwrap();
    let (_, next) = link.rsplit_once("href=\"").unwrap();
    assert_eq!(names(&mut root, next).await, ["bob49", "Root"]);
    let last = root.get(next).await;
    assert!(!last.body.contains("rel=\"next\""));
    assert!(last.body.contains("First page"));
}

#[sqlx::test(migrations = false)]
async fn each_user_has_groups_state_and_where_there_are_several_companies(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let bob = bed.another_user("bob").await;
    let mut root = root(&server).await;
    let page = root.get("/settings/users?search=bob").await.body;
    assert!(page.contains("<bdi>User</bdi>"), "{page}");
    assert!(!page.contains("Disabled") && !page.contains(">You<"));
    let first = bed.database.name().to_string();
    assert!(!page.contains(&format!("<li><bdi>{first}</bdi></li>")));

    let name = "North".parse().unwrap();
    let companies = &bed.core.companies;
    let north = [companies.create(&bed.database, &name, None).await.unwrap()];
    let set = companies.set_of_user(&bed.database, &bob, &north);
    set.await.unwrap();
    bed.core.users.disable(&bed.database, &bob).await.unwrap();
    let page = root.get("/settings/users?search=bob").await.body;
    assert!(page.contains("<li><bdi>North</bdi></li>"), "{page}");
    assert!(page.contains("Disabled"), "{page}");
    let own = root.get("/settings/users?search=root").await.body;
    assert!(own.contains(">You<") && own.contains("<bdi>Administrator</bdi>"));
}

const ADD: &str = "/api/add_user";

/// Adds a user by the form, and returns the page that says what happened.
async fn add(browser: &mut Browser, login: &str, name: &str, password: &str) -> String {
    let fields = [
        ("login", login),
        ("name", name),
        ("confirming_password", password),
    ];
    let answer = browser.submit(routes::ADD_USER, ADD, &fields).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, routes::ADD_USER)
    );
    browser.follow(&answer).await.body
}

#[sqlx::test(migrations = false)]
async fn an_added_user_logs_in_with_the_one_time_password(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let list = root.get(routes::USERS).await.body;
    assert!(list.contains(&format!("href=\"{}\"", routes::ADD_USER)));
    let page = add(&mut root, " Eve@example.com ", "Eve Online", PASSWORD).await;
    let (_, code) = page.split_once("<strong class=\"status__code\">").unwrap();
    let (code, _) = code.split_once('<').unwrap();
    let again = root.get(routes::ADD_USER).await.body;
    assert!(!again.contains(code), "the password is shown once");
    let mut eve = server.browser();
    assert_eq!(
        eve.log_in("eve@example.com", code).await.status,
        StatusCode::OK
    );
    assert_eq!(eve.get(routes::HOME).await.location(), routes::NEW_PASSWORD);
    // Without a name the login stands in.
    add(&mut root, "zoe", "  ", "").await;
    assert_eq!(
        names(&mut root, routes::USERS).await,
        ["Ada", "Eve Online", "Root", "zoe"]
    );
}

#[sqlx::test(migrations = false)]
async fn a_refused_user_keeps_what_was_typed_and_names_the_field(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    for (login, name, password, sentence) in [
        ("", "Eve", "", "Type an email address or username"),
        ("e ve", "Eve", "", "Type an email address or username"),
        (
            "ADA@example.com",
            "Eve",
            "",
            "Another user has this username.",
        ),
        (
            "\u{0430}da@example.com",
            "Eve",
            "",
            "looks like the username of another",
        ),
        (
            "eve",
            "E\u{202e}ve",
            "",
            "has a character that cannot be shown",
        ),
        ("eve", "Eve", "wrong", "This password is wrong."),
    ] {
        let page = add(&mut root, login, name, password).await;
        assert!(page.contains(sentence), "{login}: {page}");
        assert!(page.contains(&format!("value=\"{name}\"")), "{login}");
        assert!(
            !page.contains("ada@example.com") || login.contains("da@"),
            "{login}"
        );
        assert!(!page.contains("value=\"wrong\""));
    }
    assert_eq!(names(&mut root, routes::USERS).await.len(), 2);
}

#[sqlx::test(migrations = false)]
async fn a_rule_says_where_users_are_created(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let bed = &server.bed;
    let rule = |scope| NewRule {
        name: format!("{scope:?}").parse().unwrap(),
        resource: Resource::USERS,
        group: None,
        verbs: Verbs::default().with(Verb::Create),
        scope,
    };
    let groups = &bed.core.groups;
    let companies = rule(Scope::ActiveCompanies);
    groups.add_rule(&bed.database, companies).await.unwrap();
    let page = add(&mut root, "eve", "Eve", "").await;
    assert!(page.contains("status__code"), "{page}");
    // The new user is of the session's company, and is not the person.
    groups
        .add_rule(&bed.database, rule(Scope::Own))
        .await
        .unwrap();
    let page = add(&mut root, "zoe", "Zoe", "").await;
    assert!(page.contains("You have no right to do this."), "{page}");
}
