//! The companies that a session works for, as pages and forms show them.

use http::StatusCode;
use latchkey_core::{company::CompanyId, testing::TestBed};
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
