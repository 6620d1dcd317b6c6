//! The companies that a session works for, and the companies of the database, as pages and forms show them.

use std::time::Duration;

use http::StatusCode;
use latchkey_app::routes;
use latchkey_core::{
    access::{Resource, Scope, Verb, Verbs},
    account::{NewRule, NewUser},
    company::{CompanyId, Logo},
    testing::{self, PASSWORD, TestBed},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const CHOOSE: &str = "/api/choose_companies";
const LOST: &str = "You no longer have access to a company that you worked for here.";

/// The companies North and South, after the company of a new database. Ada may work for all three.
async fn companies(bed: &TestBed) -> [CompanyId; 3] {
    let service = &bed.core.companies;
    let first = service.list(&bed.database).await.unwrap();
    let first = first.first().unwrap().company.id;
    let create = async |name: &str| {
        let name = name.parse().unwrap();
        service.create(&bed.database, &name, None).await.unwrap()
    };
    let all = [first, create("North").await, create("South").await];
    work_for(bed, &all).await;
    all
}

async fn work_for(bed: &TestBed, companies: &[CompanyId]) {
    let service = &bed.core.companies;
    service
        .set_of_user(&bed.database, &bed.ada, companies)
        .await
        .unwrap();
}

/// The accessible name of the switcher's button, without the marks around names.
async fn at_work(browser: &mut Browser) -> String {
    let page = browser.get("/profile").await.body;
    let (_, names) = page.split_once("Companies: ").unwrap();
    let (names, _) = names.split_once('"').unwrap();
    names.replace(['\u{2068}', '\u{2069}'], "")
}

#[sqlx::test(migrations = false)]
async fn who_works_for_one_company_has_no_switcher(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.ada().await;
    assert!(!ada.get("/").await.body.contains("Companies: "));
}

#[sqlx::test(migrations = false)]
async fn a_form_chooses_companies_and_returns_to_its_page(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let [first, north, south] = companies(&server.bed).await.map(|id| id.to_string());
    let mut ada = server.ada().await;
    let only = [("only", &*north)];
    for (page, landing) in [
        (
            "/profile/activity?show=failed",
            "/profile/activity?show=failed",
        ),
        ("/login", "/"),
        ("//elsewhere.example", "/"),
    ] {
        let answer = ada.submit(page, CHOOSE, &only).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::FOUND, landing)
        );
    }
    assert_eq!(at_work(&mut ada).await, "North");

    // The main company stays the main one, wherever its box stands.
    let ticked = [
        ("companies[]", &*first),
        ("companies[]", &*north),
        ("companies[]", &*south),
    ];
    ada.submit("/profile", CHOOSE, &ticked).await;
    assert_eq!(at_work(&mut ada).await, "North and 2 others");
    let mut other = server.ada().await;
    assert_ne!(at_work(&mut other).await, "North and 2 others");
}

#[sqlx::test(migrations = false)]
async fn a_company_of_others_is_refused_like_a_missing_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let [first, north, south] = companies(&server.bed).await;
    work_for(&server.bed, &[first, north]).await;
    let mut ada = server.ada().await;
    let (first, south) = (first.to_string(), south.to_string());
    let before = at_work(&mut ada).await;
    for refused in [&*south, "01980000-0000-7000-8000-000000000000"] {
        for fields in [
            vec![("only", refused)],
            vec![("companies[]", &*first), ("companies[]", refused)],
        ] {
            let answer = ada.post(CHOOSE, &fields).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (StatusCode::FORBIDDEN, r#"{"Company":"NotAllowed"}"#),
                "{fields:?}"
            );
        }
    }
    let none = ada.post(CHOOSE, &[]).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(at_work(&mut ada).await, before);
}

#[sqlx::test(migrations = false)]
async fn only_a_page_that_a_person_reads_uses_up_the_word_of_a_lost_company(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let [first, north, south] = companies(&server.bed).await;
    let mut ada = server.ada().await;
    ada.post(CHOOSE, &[("only", &north.to_string())]).await;
    work_for(&server.bed, &[south, first]).await;
    ada.read("/api/device_overview").await;
    assert_eq!(
        ada.get("/profile/activity.csv").await.status,
        StatusCode::OK
    );
    let told = ada.get("/profile").await.body;
    assert!(told.contains(LOST), "{told}");
    assert!(!ada.get("/profile").await.body.contains(LOST));
    assert_eq!(at_work(&mut ada).await, "South");
}

/// A browser in which the administrator Root is logged in, who works for a company.
async fn root(server: &TestServer, company: CompanyId) -> Browser {
    let bed = &server.bed;
    let new = NewUser {
        companies: vec![company],
        ..testing::new_user("root", "Root", Role::Administrator)
    };
    bed.core.users.create(&bed.database, new).await.unwrap();
    let mut browser = server.browser();
    assert_eq!(
        browser.log_in("root", PASSWORD).await.status,
        StatusCode::OK
    );
    browser
}

/// Posts a form of the page of a company, and returns the page that says what happened.
async fn post(
    browser: &mut Browser,
    company: CompanyId,
    function: &str,
    fields: &[(&str, &str)],
) -> String {
    let id = company.to_string();
    let fields = [&[("id", &*id)], fields].concat();
    let page = routes::company(company);
    let answer = browser.submit(&page, function, &fields).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, &*page)
    );
    browser.follow(&answer).await.body
}

#[sqlx::test(migrations = false)]
async fn a_company_is_added_renamed_archived_and_brought_back(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let [first, north, _] = companies(&server.bed).await;
    let mut root = root(&server, first).await;
    let add = "/api/add_company";
    let fields = [("name", "West")];
    let answer = root.submit(routes::ADD_COMPANY, add, &fields).await;
    assert_eq!(answer.location(), routes::COMPANIES);
    let list = root.follow(&answer).await.body;
    assert!(list.contains("The company is added."), "{list}");
    assert!(list.contains("<bdi>West</bdi>") && list.contains("0 users"));
    let link = format!("href=\"{}\"", routes::company(north));
    assert!(list.contains(&link) && !list.contains("Archived"));

    let rename = "/api/rename_company";
    let saved = post(&mut root, north, rename, &[("name", "Far North")]).await;
    assert!(saved.contains("The name is saved."), "{saved}");
    assert!(saved.contains("Far North</bdi>"), "{saved}");

    let archived = post(&mut root, north, "/api/archive_company", &[]).await;
    assert!(archived.contains("The company is archived."), "{archived}");
    assert!(archived.contains("Bring company back"));
    assert!(root.get(routes::COMPANIES).await.body.contains("Archived"));
    let restored = post(&mut root, north, "/api/restore_company", &[]).await;
    assert!(restored.contains("The company is back in use."));
    assert!(restored.contains("Archive company"));
    assert!(!root.get(routes::COMPANIES).await.body.contains("Archived"));

    let refused = post(&mut root, first, "/api/archive_company", &[]).await;
    assert!(
        refused.contains("1 user works for no other company"),
        "{refused}"
    );
}

#[sqlx::test(migrations = false)]
async fn a_refused_company_keeps_what_was_typed(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let [first, north, _] = companies(&server.bed).await;
    let mut root = root(&server, first).await;
    let long = "x".repeat(101);
    for (name, sentence) in [
        ("", "Enter a name."),
        ("sOUTH", "Another company has this name."),
        (&*long, "at most 100 characters"),
    ] {
        let fields = [("name", name)];
        let add = "/api/add_company";
        let answer = root.submit(routes::ADD_COMPANY, add, &fields).await;
        assert_eq!(answer.location(), routes::ADD_COMPANY, "{sentence}");
        let refused = root.follow(&answer).await.body;
        let renamed = post(&mut root, north, "/api/rename_company", &fields).await;
        for page in [refused, renamed] {
            assert!(page.contains(sentence), "{sentence}: {page}");
            assert!(page.contains(&format!("value=\"{name}\"")), "{sentence}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn an_act_on_a_company_asks_for_the_password(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let [first, north, _] = companies(&server.bed).await;
    let mut root = root(&server, first).await;
    let page = routes::company(north);
    assert!(!root.get(&page).await.body.contains("confirming_password"));
    server.bed.clock.advance(Duration::from_hours(1));
    let archive = "/api/archive_company";
    let asked = post(&mut root, north, archive, &[]).await;
    assert!(asked.contains("Enter your password to continue."));
    assert!(asked.contains("name=\"confirming_password\""));
    let wrong = [("confirming_password", "wrong")];
    let refused = post(&mut root, north, archive, &wrong).await;
    assert!(refused.contains("This password is wrong."), "{refused}");
    let right = [("confirming_password", PASSWORD)];
    let archived = post(&mut root, north, archive, &right).await;
    assert!(archived.contains("The company is archived."), "{archived}");
}

#[sqlx::test(migrations = false)]
async fn a_rule_hides_companies_and_closes_their_forms(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let [first, north, _] = companies(bed).await;
    let mut root = root(&server, first).await;
    let groups = &bed.core.groups;
    let rule = async |verb: Verb| {
        let new = NewRule {
            name: verb.as_str().parse().unwrap(),
            resource: Resource::COMPANIES,
            group: None,
            verbs: Verbs::default().with(verb),
            scope: Scope::AllowedCompanies,
        };
        groups.add_rule(&bed.database, new).await.unwrap();
    };
    rule(Verb::Write).await;
    let closed = root.get(&routes::company(north)).await.body;
    assert!(closed.contains("You can’t change this company"), "{closed}");
    assert!(!closed.contains("/api/rename_company"));
    let id = north.to_string();
    let fields = [("id", &*id), ("name", "Far North")];
    let refused = root.post("/api/rename_company", &fields).await;
    assert_eq!(
        (refused.status, refused.body.as_str()),
        (StatusCode::FORBIDDEN, "\"NoAccess\"")
    );
    rule(Verb::Read).await;
    let list = root.get(routes::COMPANIES).await.body;
    assert!(list.contains(&routes::company(first)), "{list}");
    assert!(!list.contains("North"), "{list}");
    for missing in [routes::company(north), routes::COMPANY.to_owned()] {
        let answer = root.get(&missing).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{missing}");
    }
    let refused = root.post("/api/archive_company", &fields[..1]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.body);
}

#[sqlx::test(migrations = false)]
async fn a_company_has_a_colour_a_language_and_a_time_zone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let [first, ..] = companies(&server.bed).await;
    let mut root = root(&server, first).await;
    let mut ada = server.ada().await;
    assert!(
        ada.get(routes::PROFILE)
            .await
            .body
            .contains("Same as browser")
    );
    let set = "/api/set_company_profile";
    let fields = [
        ("marked", "on"),
        ("colour", "#aa3300"),
        ("language", "de"),
        ("time_zone", "Asia/Tokyo"),
    ];
    let saved = post(&mut root, first, set, &fields).await;
    // The administrator works for the company, too.
    assert!(
        saved.contains("Aussehen und Sprache sind gespeichert."),
        "{saved}"
    );
    assert!(saved.contains("value=\"#aa3300\"") && saved.contains("lang=\"de\" selected"));
    // The clock of the test is at noon, UTC.
    let profile = ada.get(routes::PROFILE).await.body;
    assert!(profile.contains("Automatisch: Deutsch"), "{profile}");
    assert!(profile.contains("Automatisch: Tokyo") || profile.contains("Automatisch: Tokio"));
    let devices = ada.get(routes::DEVICES).await.body;
    assert!(devices.contains("Angemeldet heute um 21:00"), "{devices}");

    // What a person has chosen counts more.
    let fields = [
        ("language", "en"),
        ("time_zone", "UTC"),
        ("date_format", "automatic"),
        ("time_format", "automatic"),
        ("theme", "system"),
    ];
    let chosen = ada
        .submit(routes::PROFILE, "/api/save_preferences", &fields)
        .await;
    let chosen = ada.follow(&chosen).await.body;
    assert!(chosen.contains("Automatic: Deutsch"), "{chosen}");

    let refused = post(
        &mut root,
        first,
        set,
        &[("language", "tlh"), ("marked", "on")],
    )
    .await;
    assert!(refused.contains("role=\"alert\""), "{refused}");
    let none = post(&mut root, first, set, &[("colour", "#aa3300")]).await;
    assert!(
        none.contains("The look and the language are saved."),
        "{none}"
    );
    let log = root.get(routes::AUDIT).await.body;
    assert!(
        log.contains("#aa3300") && log.contains("Asia/Tokyo"),
        "{log}"
    );
}

#[sqlx::test(migrations = false)]
async fn a_logo_stands_in_the_bar_of_the_people_of_the_company(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let [first, north, _] = companies(bed).await;
    let mut ada = server.ada().await;
    assert!(!ada.get(routes::HOME).await.body.contains("top-bar__logo"));
    let logo = Logo::from_file(testing::PICTURE).unwrap();
    for company in [first, north] {
        let companies = &bed.core.companies;
        companies
            .set_logo(&bed.database, company, Some(&logo))
            .await
            .unwrap();
    }
    let home = ada.get(routes::HOME).await.body;
    let beginning = format!("{}?id={first}&amp;logo=", routes::LOGO);
    let (_, rest) = home.split_once(&beginning).expect("the page has the logo");
    let (id, _) = rest.split_once('"').unwrap();
    let address = [&beginning.replace("&amp;", "&"), id].concat();
    let picture = ada.get(&address).await;
    assert_eq!(
        (picture.status, picture.header("content-type")),
        (StatusCode::OK, "image/png")
    );
    assert_eq!(
        picture.header("cache-control"),
        "private, max-age=31536000, immutable"
    );
    assert_eq!(picture.header("x-content-type-options"), "nosniff");

    // Another address does not name this picture.
    let other = [&*address, "x"].concat();
    assert_eq!(ada.get(&other).await.header("cache-control"), "no-store");
    // A page replaces the token that is this old; a picture of a page does not, and is no activity.
    bed.clock.advance(Duration::from_hours(4));
    assert_eq!(ada.get(&address).await.set_cookies(), [""; 0]);
    let mut at_the_desk = server.browser();
    let fields = [
        ("login", "ada@example.com"),
        ("password", PASSWORD),
        ("shared_computer", "on"),
    ];
    assert_eq!(
        at_the_desk.post("/api/log_in", &fields).await.status,
        StatusCode::OK
    );
    let picture = at_the_desk.get(&address).await;
    assert_eq!(
        (picture.status, picture.header("cache-control")),
        (StatusCode::OK, "no-store")
    );

    let west = "West".parse().unwrap();
    let service = &bed.core.companies;
    let west = service.create(&bed.database, &west, None).await.unwrap();
    let set = service.set_logo(&bed.database, west, Some(&logo));
    set.await.unwrap();
    let of = |company: &str| format!("{}?id={company}", routes::LOGO);
    for hidden in [
        of(&west.to_string()),
        of("x"),
        of(""),
        routes::LOGO.to_owned(),
    ] {
        let answer = ada.get(&hidden).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{hidden}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let stranger = server.browser().get(&address).await;
    assert_eq!(stranger.status, StatusCode::SEE_OTHER);
}
