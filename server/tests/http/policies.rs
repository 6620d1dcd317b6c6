//! The page of policies.

use http::StatusCode;
use latchkey_app::routes;
use latchkey_core::{
    access::{Policy, PolicyLevel, PolicySetting, Resource, Verb, Verbs},
    testing::{self, PASSWORD},
    user::Role,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, TestServer};

const SET: &str = "/api/set_policy";
const CLEAR: &str = "/api/clear_policy";

async fn root(server: &TestServer) -> Browser {
    let bed = &server.bed;
    let new = testing::new_user("root", "Root", Role::Administrator);
    bed.core.users.create(&bed.database, new).await.unwrap();
    let mut browser = server.browser();
    let logged_in = browser.log_in("root", PASSWORD).await;
    assert_eq!(logged_in.status, StatusCode::OK);
    browser
}

/// Posts a form of the page, and returns the page that says what happened.
async fn post(browser: &mut Browser, function: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.submit(routes::POLICIES, function, fields).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, routes::POLICIES)
    );
    browser.follow(&answer).await.body
}

fn typed<'a>(
    setting: &'a str,
    whom: &'a str,
    number: &'a str,
    unit: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("setting", setting),
        ("whom", whom),
        ("number", number),
        ("unit", unit),
    ]
}

async fn user_group(server: &TestServer) -> latchkey_core::access::GroupId {
    let bed = &server.bed;
    let groups = bed.core.groups.list(&bed.database).await.unwrap();
    groups.iter().find(|group| group.name == "user").unwrap().id
}

#[sqlx::test(migrations = false)]
async fn a_policy_is_set_and_deleted(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let page = root.get(routes::POLICIES).await.body;
    assert!(page.contains("Without a policy: 12 hours"), "{page}");
    assert!(page.contains("Without a policy: 200") && !page.contains(CLEAR));
    let whom = format!("group:{}", user_group(&server).await);
    let fields = typed("idle_timeout", &whom, "4", "hours");
    let set = post(&mut root, SET, &fields).await;
    assert!(set.contains("The policy is set."), "{set}");
    assert!(
        set.contains("For the users of the group “User”: 4 hours"),
        "{set}"
    );
    let fields = typed("max_sessions", "", " 3 ", "devices");
    let set = post(&mut root, SET, &fields).await;
    assert!(set.contains("For all users: 3"), "{set}");
    assert!(
        set.contains("Without a policy: as the person says at log-in"),
        "{set}"
    );
    let fields = typed("shared_computer", &whom, "", "minutes");
    let set = post(&mut root, SET, &fields).await;
    assert!(
        set.contains("For the users of the group “User”: always"),
        "{set}"
    );
    let cookie = server.browser().log_in("root", PASSWORD).await;
    assert!(
        cookie
            .set_cookies()
            .iter()
            .all(|cookie| !cookie.contains("session") || !cookie.contains("Max-Age"))
    );
    let fields = [
        ("setting", "shared_computer"),
        ("whom", &*whom),
        ("value", "1"),
    ];
    post(&mut root, CLEAR, &fields).await;

    let fields = typed("min_password_length", "", "12", "minutes");
    let refused = post(&mut root, SET, &fields).await;
    assert!(
        refused.contains("The value of a policy must be larger."),
        "{refused}"
    );
    let fields = typed("min_password_length", "", "65", "minutes");
    let refused = post(&mut root, SET, &fields).await;
    assert!(
        refused.contains("Enter at most 64 characters."),
        "{refused}"
    );
    let fields = typed("min_password_length", "", "20", "minutes");
    let set = post(&mut root, SET, &fields).await;
    assert!(set.contains("For all users: 20 characters"), "{set}");
    let security = root.get(routes::SECURITY).await.body;
    assert!(
        security.contains("20 characters. Several unrelated words"),
        "{security}"
    );
    let fields = [
        ("setting", "min_password_length"),
        ("whom", ""),
        ("value", "20"),
    ];
    post(&mut root, CLEAR, &fields).await;

    let bed = &server.bed;
    let policies = bed.core.policies.list(&bed.database).await.unwrap();
    let policies: Vec<_> = policies
        .iter()
        .map(|one| (one.setting, one.value))
        .collect();
    assert_eq!(
        policies,
        [
            (PolicySetting::IdleTimeout, 14_400),
            (PolicySetting::MaxSessions, 3)
        ]
    );
    let log = root.get(routes::AUDIT).await.body;
    assert!(
        log.contains("Policy added") && log.contains("Time without use until log-out: 4 hours")
    );
    assert!(log.contains("Largest number of devices: 3"), "{log}");

    // The page is older than another person's change.
    let old = [
        ("setting", "idle_timeout"),
        ("whom", &*whom),
        ("value", "900"),
    ];
    let refused = post(&mut root, CLEAR, &old).await;
    assert!(refused.contains("role=\"alert\"") && refused.contains(": 4 hours"));
    let fields = [
        ("setting", "idle_timeout"),
        ("whom", &*whom),
        ("value", "14400"),
    ];
    let cleared = post(&mut root, CLEAR, &fields).await;
    assert!(cleared.contains("The policy is deleted.") && !cleared.contains(": 4 hours"));
    let gone = post(&mut root, CLEAR, &fields).await;
    assert!(gone.contains("role=\"alert\""), "{gone}");
}

#[sqlx::test(migrations = false)]
async fn a_device_says_which_policy_sets_its_end(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut ada = server.browser();
    ada.log_in("ada@example.com", PASSWORD).await;
    let page = ada.get(routes::DEVICES).await.body;
    assert!(!page.contains("A policy sets this"), "{page}");
    let bed = &server.bed;
    let policy = Policy {
        level: PolicyLevel::Group(user_group(&server).await),
        setting: PolicySetting::IdleTimeout,
        value: 1_800,
    };
    bed.core.policies.set(&bed.database, policy).await.unwrap();
    let words = "A policy sets this. For the users of the group “User”: 30 minutes. Without a policy: 12 hours.";
    let page = ada.get(routes::DEVICES).await.body;
    assert!(page.contains("Logs out after 30 minutes without use"));
    assert!(page.contains(words), "{page}");

    let opened = bed.log_in().await;
    let company = bed.caller(&opened).await.companies.main().unwrap();
    let policy = Policy {
        level: PolicyLevel::Company(company),
        value: 1_200,
        ..policy
    };
    bed.core.policies.set(&bed.database, policy).await.unwrap();
    let list = ada.get("/api/list_devices").await.body;
    let words = "20 minutes. Without a policy: 12 hours.";
    assert_eq!(list.matches(words).count(), 2, "{list}");
    assert!(list.contains("For the users of the company"), "{list}");
}

#[sqlx::test(migrations = false)]
async fn a_bad_policy_is_refused_with_what_was_typed(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    for (setting, number, unit, sentence) in [
        ("idle_timeout", "", "hours", "a whole number of at least 1"),
        (
            "idle_timeout",
            "-4",
            "hours",
            "a whole number of at least 1",
        ),
        ("idle_timeout", "0", "hours", "a whole number of at least 1"),
        (
            "idle_timeout",
            "1.5",
            "hours",
            "a whole number of at least 1",
        ),
        (
            "idle_timeout",
            "4",
            "weeks",
            "Choose minutes, hours or days",
        ),
        (
            "idle_timeout",
            "12",
            "hours",
            "Without a policy, the value is 12 hours.",
        ),
        (
            "idle_timeout",
            "4294967295",
            "days",
            "Without a policy, the value is 12 hours.",
        ),
        (
            "max_sessions",
            "200",
            "days",
            "Without a policy, the value is 200 devices.",
        ),
    ] {
        let refused = post(&mut root, SET, &typed(setting, "", number, unit)).await;
        assert!(refused.contains(sentence), "{setting} {number}: {refused}");
        if unit != "weeks" {
            let chosen = format!("<option value=\"{unit}\" selected");
            assert!(refused.contains(&chosen), "{setting} {number} {unit}");
        }
        if !number.is_empty() {
            assert!(refused.contains(&format!("value=\"{number}\"")), "{number}");
        }
    }
    let unknown = "group:00000000-0000-0000-0000-000000000007";
    for (whom, unit) in [
        ("group:x", "hours"),
        ("planet:1", "hours"),
        (unknown, "hours"),
    ] {
        let refused = post(&mut root, SET, &typed("idle_timeout", whom, "4", unit)).await;
        assert!(refused.contains("role=\"alert\""), "{whom}: {refused}");
    }
    let bed = &server.bed;
    let policies = bed.core.policies.list(&bed.database).await.unwrap();
    assert!(policies.is_empty());
}

#[sqlx::test(migrations = false)]
async fn a_policy_that_logs_devices_out_needs_a_yes(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let opened = bed.log_in().await;
    bed.clock.advance(std::time::Duration::from_mins(40));
    let mut root = root(&server).await;
    let mut fields = typed("idle_timeout", "", "30", "minutes");
    let asked = post(&mut root, SET, &fields).await;
    let told = "would log out at once: 1. Number of their users: 1.";
    assert!(asked.contains(told), "{asked}");
    let agreed = "idle_timeout;;30;minutes;1,1,1,0,0";
    let tick = format!("name=\"agreed\" value=\"{agreed}\"");
    assert!(asked.contains(&tick) && asked.contains("value=\"30\""));
    assert!(!asked.contains("Your own devices"), "{asked}");
    assert!(
        bed.core
            .policies
            .list(&bed.database)
            .await
            .unwrap()
            .is_empty()
    );
    // The person has agreed to another policy, or to fewer devices.
    for other in [
        "",
        "true",
        "idle_timeout;;30;minutes;0,1,1,0,0",
        "idle_timeout;;30;minutes;1",
        "idle_timeout;;30;hours;1,1,1,0,0",
        "idle_timeout;;3;minutes;1,1,1,0,0",
        "shared_idle_timeout;;30;minutes;1,1,1,0,0",
    ] {
        fields.push(("agreed", other));
        let asked = post(&mut root, SET, &fields).await;
        assert!(asked.contains(told), "{other}");
        fields.pop();
    }
    fields.push(("agreed", agreed));
    let set = post(&mut root, SET, &fields).await;
    assert!(set.contains("For all users: 30 minutes"), "{set}");
    assert!(!set.contains("name=\"agreed\""));
    assert!(bed.resume(&opened.token).await.bearer().is_none());
}

#[sqlx::test(migrations = false)]
async fn policies_are_for_people_with_the_right(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut ada = server.browser();
    ada.log_in("ada@example.com", PASSWORD).await;
    assert_eq!(
        ada.get(routes::POLICIES).await.status,
        StatusCode::FORBIDDEN
    );
    let group = user_group(&server).await;
    let read = Verbs::default().with(Verb::Read);
    let groups = &bed.core.groups;
    groups
        .set_right(&bed.database, group, Resource::SETTINGS, read)
        .await
        .unwrap();
    let page = ada.get(routes::POLICIES).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains(SET));
    let policy = Policy {
        level: PolicyLevel::Database,
        setting: PolicySetting::IdleTimeout,
        value: 600,
    };
    bed.core.policies.set(&bed.database, policy).await.unwrap();
    let page = ada.get(routes::POLICIES).await.body;
    assert!(page.contains("For all users: 10 minutes") && !page.contains(CLEAR));
    // Names that no policy shows are for people who set policies.
    let read = ada.get("/api/list_policies").await.body;
    assert!(read.contains("\"companies\":[],\"groups\":[]"), "{read}");
    let fields = typed("idle_timeout", "", "5", "minutes");
    let refused = ada.submit(routes::POLICIES, SET, &fields).await;
    assert_ne!(refused.status, StatusCode::OK);
    let cleared = [("setting", "idle_timeout"), ("whom", ""), ("value", "600")];
    ada.submit(routes::POLICIES, CLEAR, &cleared).await;
    let kept = bed.core.policies.list(&bed.database).await.unwrap();
    assert_eq!(kept, [policy]);
}

#[sqlx::test(migrations = false)]
async fn a_cookie_outlives_a_policy_that_may_be_deleted(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let hour = Policy {
        level: PolicyLevel::Database,
        setting: PolicySetting::AbsoluteTimeout,
        value: 3_600,
    };
    bed.core.policies.set(&bed.database, hour).await.unwrap();
    let mut browser = server.browser();
    let answer = browser.log_in("ada@example.com", PASSWORD).await;
    let cookies = answer.headers.get_all("set-cookie").iter();
    let week = "Max-Age=604800";
    let mut session = cookies.filter(|cookie| cookie.to_str().unwrap().contains(week));
    assert!(session.next().is_some(), "{:?}", answer.headers);
    bed.clock.advance(std::time::Duration::from_mins(59));
    let (level, setting) = (hour.level, hour.setting);
    let cleared = bed.core.policies.clear(&bed.database, level, setting);
    assert!(cleared.await.unwrap());
    bed.clock.advance(std::time::Duration::from_mins(59));
    assert_eq!(browser.get(routes::HOME).await.status, StatusCode::OK);
}
