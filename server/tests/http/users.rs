//! The page of users.

use http::StatusCode;
use latchkey_app::routes;
use latchkey_core::{
    access::{Resource, Scope, Verb, Verbs},
    account::{NewRule, USERS_ON_PAGE},
    testing::{self, PASSWORD},
    user::{Role, User},
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
    let names = page.body.split("<p class=\"user__name\">").skip(1);
    let names = names.map(|rest| {
        let (name, _) = rest.split_once("</bdi>").unwrap();
        name.rsplit_once("<bdi>").unwrap().1.to_owned()
    });
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

/// Posts a form of the page of a user, and returns the page that says what happened.
async fn post(
    browser: &mut Browser,
    user: &User,
    function: &str,
    fields: &[(&str, &str)],
) -> String {
    let id = user.id.to_string();
    let fields = [&[("id", &*id)], fields].concat();
    let page = routes::user(user.id);
    let answer = browser.submit(&page, function, &fields).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, &*page)
    );
    browser.follow(&answer).await.body
}

/// Posts the boxes of a form as a browser does, with what the form shows as given.
async fn save(
    browser: &mut Browser,
    user: &User,
    function: &str,
    fields: &[(&str, &str)],
) -> String {
    let page = browser.get(&routes::user(user.id)).await.body;
    let (_, form) = page.split_once(&format!("action=\"{function}")).unwrap();
    let (form, _) = form.split_once("</form>").unwrap();
    let inputs = form
        .split("<input")
        .filter(|input| input.contains("shown[]"));
    let shown: Vec<_> = inputs
        .map(|input| {
            let (_, value) = input.split_once("value=\"").unwrap();
            ("shown[]", value.split('"').next().unwrap())
        })
        .collect();
    post(browser, user, function, &[&shown, fields].concat()).await
}

#[sqlx::test(migrations = false)]
async fn the_page_of_a_user_tells_nothing_about_another(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut root = root(&server).await;
    let (bob, eve) = (bed.another_user("bob").await, bed.another_user("eve").await);
    let groups = bed.core.groups.list(&bed.database).await.unwrap();
    let id = |name: &str| {
        let group = groups.iter().find(|group| group.name == name);
        group.unwrap().id.to_string()
    };
    let (user, portal) = (id("user"), id("portal"));
    let page = routes::user(bob.id);
    let answer = async |root: &mut Browser, function: &str, fields: &[(&str, &str)]| {
        let id = bob.id.to_string();
        let fields = [&[("id", &*id)], fields].concat();
        root.submit(&page, function, &fields).await
    };
    let fields = [("groups[]", &*user), ("groups[]", &*portal)];
    let refused = answer(&mut root, "/api/set_user_groups", &fields).await;
    let other = root.get(&routes::user(eve.id)).await.body;
    assert!(!other.contains("can’t be in the groups"), "{other}");
    let (_, box_of_portal) = other.split_once(&format!("value=\"{portal}\"")).unwrap();
    assert!(!box_of_portal.split('>').next().unwrap().contains("checked"));
    let own = root.follow(&refused).await.body;
    assert!(own.contains("can’t be in the groups"), "still told there");

    // What the form has shown stays with its ticks, also if another person has taken the group away meanwhile.
    let administrator = id("administrator");
    let fields = [("shown[]", &*administrator), ("groups[]", &*portal)];
    let refused = answer(&mut root, "/api/set_user_groups", &fields).await;
    let again = root.follow(&refused).await.body;
    let shown = format!("name=\"shown[]\" value=\"{administrator}\"");
    assert!(again.contains(&shown), "{again}");

    let fields = [("act", "give_one_time_password")];
    let given = answer(&mut root, "/api/act_on_user", &fields).await;
    let other = root.get(&routes::user(eve.id)).await.body;
    assert!(!other.contains("status__code"), "{other}");
    assert!(root.follow(&given).await.body.contains("status__code"));
}

#[sqlx::test(migrations = false)]
async fn the_page_of_a_user_does_what_its_forms_say(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut root = root(&server).await;
    let bob = bed.another_user("bob").await;
    let page = routes::user(bob.id);
    let list = root.get(routes::USERS).await.body;
    assert!(list.contains(&format!("href=\"{page}\"")));

    let groups = bed.core.groups.list(&bed.database).await.unwrap();
    let id = |name: &str| {
        groups
            .iter()
            .find(|group| group.name == name)
            .unwrap()
            .id
            .to_string()
    };
    let ticked = |page: &str, name: &str| {
        let field = format!("name=\"groups[]\" value=\"{}\"", id(name));
        let (_, rest) = page.split_once(&field).unwrap();
        rest.split_once('>').unwrap().0.contains("checked")
    };
    let shown = root.get(&page).await.body;
    assert!(ticked(&shown, "user") && !ticked(&shown, "administrator"));
    let (user, administrator, portal) = (id("user"), id("administrator"), id("portal"));
    let set = "/api/set_user_groups";
    let fields = [("groups[]", &*user), ("groups[]", &*portal)];
    let refused = post(&mut root, &bob, set, &fields).await;
    assert!(
        refused.contains("can’t be in the groups User and Portal"),
        "{refused}"
    );
    assert!(
        ticked(&refused, "user") && ticked(&refused, "portal"),
        "ticks stay"
    );
    let saved = save(&mut root, &bob, set, &[("groups[]", &administrator)]).await;
    assert!(saved.contains("The groups are saved."));
    assert!(ticked(&saved, "administrator") && !ticked(&saved, "user"));
    let none = save(&mut root, &bob, set, &[]).await;
    assert!(!ticked(&none, "administrator") && !ticked(&none, "user"));

    let mut there = server.browser();
    assert_eq!(there.log_in("bob", PASSWORD).await.status, StatusCode::OK);
    let act = "/api/act_on_user";
    let done = post(&mut root, &bob, act, &[("act", "log_out")]).await;
    assert!(done.contains("1 device was logged out."), "{done}");
    assert_eq!(there.get(routes::HOME).await.location(), routes::LOG_IN);
    let done = post(&mut root, &bob, act, &[("act", "disable")]).await;
    assert!(done.contains("Done.") && done.contains("Disabled"));
    assert_eq!(
        there.log_in("bob", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    let done = post(&mut root, &bob, act, &[("act", "enable")]).await;
    assert!(!done.contains("Disabled"));
    let made = post(&mut root, &bob, act, &[("act", "make_log_in_code")]).await;
    assert!(
        made.contains("The user now has this log-in code:"),
        "{made}"
    );
    assert!(made.contains("works once within ten minutes"), "{made}");
    let (_, code) = made.split_once("<strong class=\"status__code\">").unwrap();
    let (code, _) = code.split_once('<').unwrap();
    assert!(!root.get(&page).await.body.contains(code), "shown once");
    let (mut stranger, mut far) = (server.browser(), server.browser());
    stranger.peer = "192.0.2.1:50000".parse().unwrap();
    far.peer = "192.0.2.2:50000".parse().unwrap();
    for _ in 0..5 {
        stranger.log_in("bob", "wrong").await;
    }
    let throttled = far.log_in("bob", PASSWORD).await.status;
    assert_eq!(throttled, StatusCode::TOO_MANY_REQUESTS);
    let fields = [("login", "bob"), ("password", PASSWORD), ("code", code)];
    let with_code = far.post("/api/log_in", &fields).await;
    assert_eq!(with_code.status, StatusCode::OK, "{}", with_code.body);

    let made = post(&mut root, &bob, act, &[("act", "give_one_time_password")]).await;
    let (_, code) = made.split_once("<strong class=\"status__code\">").unwrap();
    let (code, _) = code.split_once('<').unwrap();
    assert!(!root.get(&page).await.body.contains(code), "shown once");
    assert_eq!(there.log_in("bob", code).await.status, StatusCode::OK);
    assert_eq!(
        there.get(routes::HOME).await.location(),
        routes::NEW_PASSWORD
    );

    let delete = "/api/delete_user";
    let refused = post(&mut root, &bob, delete, &[("login", "bo")]).await;
    assert!(refused.contains("This is not the email or username of the user."));
    assert!(refused.contains("value=\"bo\""));
    let bob_id = bob.id.to_string();
    let fields = [("id", &*bob_id), ("login", "BOB")];
    let answer = root.submit(&page, delete, &fields).await;
    assert_eq!(answer.location(), routes::USERS);
    assert!(
        root.follow(&answer)
            .await
            .body
            .contains("The user is deleted.")
    );
    assert_eq!(names(&mut root, routes::USERS).await, ["Ada", "Root"]);
    assert_eq!(root.get(&page).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrations = false)]
async fn the_own_page_has_no_form_that_would_end_the_own_session(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let bed = &server.bed;
    let own = bed
        .core
        .users
        .find(&bed.database, "root")
        .await
        .unwrap()
        .unwrap();
    let page = root.get(&routes::user(own.id)).await.body;
    assert!(page.contains("This is you.") && page.contains("/api/set_user_groups"));
    for other in ["act_on_user", "delete_user", "rename_user"] {
        assert!(!page.contains(&format!("/api/{other}")), "{other}");
    }
    let last = save(&mut root, &own, "/api/set_user_groups", &[]).await;
    assert!(
        last.contains("no administrator who can log in would be left"),
        "{last}"
    );
}

#[sqlx::test(migrations = false)]
async fn acts_ask_for_the_password_once_it_was_asked_long_ago(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let bob = server.bed.another_user("bob").await;
    let page = routes::user(bob.id);
    assert!(!root.get(&page).await.body.contains("confirming_password"));
    server.bed.clock.advance(std::time::Duration::from_hours(1));
    let act = [("act", "disable")];
    let asked = post(&mut root, &bob, "/api/act_on_user", &act).await;
    assert!(
        asked.contains("Enter your password to continue."),
        "{asked}"
    );
    assert!(asked.contains("name=\"confirming_password\""));
    let act = [("act", "disable"), ("confirming_password", PASSWORD)];
    let done = post(&mut root, &bob, "/api/act_on_user", &act).await;
    assert!(done.contains("Disabled"));
}

#[sqlx::test(migrations = false)]
async fn no_id_of_another_user_says_anything(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    for id in ["", "x", "00000000-0000-0000-0000-000000000000", "%00", "'"] {
        let page = root.get(&format!("{}?id={id}", routes::USER)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
        assert!(page.body.contains("This no longer exists."), "{id}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_page_of_a_user_sets_companies_and_names(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut root = root(&server).await;
    let bob = bed.another_user("bob").await;
    let page = root.get(&routes::user(bob.id)).await.body;
    assert!(
        !page.contains("/api/set_user_companies"),
        "one company is no choice"
    );
    let name = "North".parse().unwrap();
    let north = bed.core.companies.create(&bed.database, &name, None).await;
    let north = north.unwrap().to_string();
    let set = "/api/set_user_companies";
    let refused = save(&mut root, &bob, set, &[]).await;
    assert!(refused.contains("Choose at least one company."));
    let saved = save(&mut root, &bob, set, &[("companies[]", &north)]).await;
    assert!(saved.contains("The companies are saved."));
    let field = format!("name=\"companies[]\" value=\"{north}\"");
    let (_, north) = saved.split_once(&field).unwrap();
    assert!(north.split_once('>').unwrap().0.contains("checked"));

    let rename = "/api/rename_user";
    let fields = [("name", "Robert"), ("login", "ada@example.com")];
    let refused = post(&mut root, &bob, rename, &fields).await;
    assert!(
        refused.contains("Another user has this username."),
        "{refused}"
    );
    assert!(refused.contains("value=\"Robert\"") && refused.contains("value=\"ada@example.com\""));
    let refused = post(&mut root, &bob, rename, &[("name", ""), ("login", "bob")]).await;
    assert!(refused.contains("Enter a name."), "{refused}");
    let fields = [("name", "Robert"), ("login", "robert")];
    let done = post(&mut root, &bob, rename, &fields).await;
    assert!(
        done.contains(">Robert</bdi></h1>") && done.contains("Done."),
        "{done}"
    );
    assert_eq!(
        names(&mut root, "/settings/users?search=robert").await,
        ["Robert"]
    );
}
