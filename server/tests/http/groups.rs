//! The pages of groups.

use http::StatusCode;
use latchkey_app::routes;
use latchkey_core::{
    access::{Group, GroupId, Resource, Verb, Verbs},
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

async fn named(server: &TestServer, name: &str) -> Group {
    let bed = &server.bed;
    let groups = bed.core.groups.list(&bed.database).await.unwrap();
    groups.into_iter().find(|group| group.name == name).unwrap()
}

/// Posts a form of the page of a group, and returns the page that says what happened.
async fn post(
    browser: &mut Browser,
    group: GroupId,
    function: &str,
    fields: &[(&str, &str)],
) -> String {
    let id = group.to_string();
    let fields = [&[("id", &*id)], fields].concat();
    let page = routes::group(group);
    let answer = browser.submit(&page, function, &fields).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::FOUND, &*page)
    );
    browser.follow(&answer).await.body
}

#[sqlx::test(migrations = false)]
async fn a_group_is_added_gets_rights_and_is_deleted(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let fields = [
        ("title", "Help desk"),
        ("name", "help_desk"),
        ("about", "Helps out."),
    ];
    let add = "/api/add_group";
    let answer = root.submit(routes::ADD_GROUP, add, &fields).await;
    let desk = named(&server, "help_desk").await;
    assert_eq!(answer.location(), routes::group(desk.id));
    let page = root.follow(&answer).await.body;
    assert!(page.contains(">Help desk</h1>") && page.contains("Helps out."));
    let list = root.get(routes::GROUPS).await.body;
    let link = format!("href=\"{}\"", routes::group(desk.id));
    assert!(list.contains(&link) && list.contains("Administers the database"));

    let rights = [("rights[]", "users:read"), ("rights[]", "users:write")];
    let saved = post(&mut root, desk.id, "/api/set_group_rights", &rights).await;
    assert!(saved.contains("The rights are saved."), "{saved}");
    let desk = named(&server, "help_desk").await;
    let verbs = desk.rights.iter().find(|(name, _)| name == "users");
    let verbs: Vec<_> = verbs.unwrap().1.iter().collect();
    assert_eq!(verbs, [Verb::Read, Verb::Write]);
    for malformed in ["users", "users:fly", "planets:read", ""] {
        let fields = [("rights[]", malformed)];
        let refused = post(&mut root, desk.id, "/api/set_group_rights", &fields).await;
        assert!(refused.contains("Something is missing"), "{malformed}");
    }

    let describe = "/api/describe_group";
    let fields = [("title", "Desk & help"), ("about", " Answers calls. ")];
    let saved = post(&mut root, desk.id, describe, &fields).await;
    assert!(saved.contains("The name and the description are saved."));
    assert!(saved.contains(">Desk &amp; help</h1>"), "{saved}");
    let named_anew = named(&server, "help_desk").await;
    assert_eq!(
        (&*named_anew.title, &*named_anew.about),
        ("Desk & help", "Answers calls.")
    );
    let (long, steering) = ("a".repeat(501), "a\u{202e}b");
    for (title, about, sentence) in [
        ("", "", "Enter a name."),
        ("Desk", &*long, "500 characters"),
        ("Desk", steering, "control characters"),
    ] {
        let fields = [("title", title), ("about", about)];
        let refused = post(&mut root, desk.id, describe, &fields).await;
        assert!(refused.contains(sentence), "{sentence}: {refused}");
        let typed = format!("value=\"{about}\"");
        assert!(refused.contains(&typed), "{sentence}");
    }
    let kept = named(&server, "help_desk").await;
    assert_eq!(kept.title, "Desk & help");

    let user = named(&server, "user").await.id.to_string();
    let implied = [("groups[]", &*user)];
    let saved = post(&mut root, desk.id, "/api/set_implied_groups", &implied).await;
    assert!(saved.contains("The included groups are saved."));
    let own = desk.id.to_string();
    let circle = [("groups[]", &*own)];
    let refused = post(&mut root, desk.id, "/api/set_implied_groups", &circle).await;
    assert!(
        refused.contains("The group would include itself."),
        "{refused}"
    );

    let delete = "/api/delete_group";
    let refused = post(&mut root, desk.id, delete, &[("name", "Help desk")]).await;
    assert!(refused.contains("This is not the technical name of the group."));
    let id = desk.id.to_string();
    let fields = [("id", &*id), ("name", "help_desk")];
    let page = routes::group(desk.id);
    let answer = root.submit(&page, delete, &fields).await;
    assert_eq!(answer.location(), routes::GROUPS);
    assert!(
        root.follow(&answer)
            .await
            .body
            .contains("The group is deleted.")
    );
    assert_eq!(root.get(&page).await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrations = false)]
async fn a_refused_group_keeps_what_was_typed(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let long = "x".repeat(501);
    for (title, name, about, sentence) in [
        ("", "desk", "", "Enter a name."),
        ("Desk", "Desk", "", "begins with a small letter"),
        ("Desk", "", "", "begins with a small letter"),
        ("Desk", "user", "", "Another group has this technical name."),
        ("Desk", "desk", &long, "at most 500 characters"),
        (
            "Desk",
            "desk",
            "odd\0text",
            "must not have control characters",
        ),
    ] {
        let fields = [("title", title), ("name", name), ("about", about)];
        let answer = root
            .submit(routes::ADD_GROUP, "/api/add_group", &fields)
            .await;
        assert_eq!(answer.location(), routes::ADD_GROUP, "{sentence}");
        let page = root.follow(&answer).await.body;
        assert!(page.contains(sentence), "{sentence}: {page}");
        assert!(page.contains(&format!("value=\"{name}\"")), "{sentence}");
    }
}

#[sqlx::test(migrations = false)]
async fn built_in_groups_stay_as_they_are(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let administrator = named(&server, "administrator").await.id;
    let page = root.get(&routes::group(administrator)).await.body;
    assert!(!page.contains("/api/set_group_rights") && !page.contains("/api/delete_group"));
    assert!(page.contains("Users: See, Change, Add, Delete"), "{page}");
    let user = named(&server, "user").await.id.to_string();
    for (function, fields) in [
        ("/api/set_group_rights", vec![("shown[]", "users:read")]),
        ("/api/set_implied_groups", vec![("shown[]", &*user)]),
        (
            "/api/describe_group",
            vec![("title", "Chiefs"), ("about", "")],
        ),
        ("/api/delete_group", vec![("name", "administrator")]),
    ] {
        let refused = post(&mut root, administrator, function, &fields).await;
        let says_so = refused.contains("Latchkey needs this group as it is.");
        // The page of this group has no other form that could say why.
        assert_eq!(says_so, function == "/api/set_implied_groups", "{function}");
    }
    let kept = named(&server, "administrator").await;
    assert_ne!(kept.title, "Chiefs");
    assert_eq!(kept.implies, [named(&server, "user").await.id]);
    for resource in Resource::ALL {
        let right = kept
            .rights
            .iter()
            .find(|(name, _)| name == resource.as_str());
        let all: Verbs = resource.verbs().iter().copied().collect();
        assert_eq!(right.map(|(_, verbs)| *verbs), Some(all), "{resource:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn an_old_page_of_a_group_takes_nothing_back(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let fields = [("title", "Desk"), ("name", "desk"), ("about", "")];
    root.submit(routes::ADD_GROUP, "/api/add_group", &fields)
        .await;
    let desk = named(&server, "desk").await.id;
    let (user, portal) = (named(&server, "user").await, named(&server, "portal").await);
    let [user, portal] = [user.id, portal.id].map(|id| id.to_string());
    let (set_rights, set_implied) = ("/api/set_group_rights", "/api/set_implied_groups");
    let given = [("rights[]", "users:read"), ("rights[]", "audit:read")];
    post(&mut root, desk, set_rights, &given).await;
    post(&mut root, desk, set_implied, &[("groups[]", &user)]).await;
    let page = root.get(&routes::group(desk)).await.body;
    for shown in ["users:read", "audit:read", &user] {
        let field = format!("name=\"shown[]\" value=\"{shown}\"");
        assert_eq!(page.matches(&field).count(), 1, "{shown}");
    }

    // The page showed nothing as given when the person opened it, or showed what another person has taken away since.
    let old = [("shown[]", "audit:read"), ("rights[]", "users:write")];
    post(&mut root, desk, set_rights, &old).await;
    let old = [("shown[]", &*portal), ("groups[]", &*portal)];
    post(&mut root, desk, set_implied, &old).await;
    let now = named(&server, "desk").await;
    let verbs = |resource| now.verbs(resource).iter().collect::<Vec<_>>();
    assert_eq!(verbs(Resource::USERS), [Verb::Read, Verb::Write]);
    assert_eq!(verbs(Resource::AUDIT), []);
    assert_eq!(
        now.implies
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        [user]
    );

    // The page neither offers nor changes a right that opens nothing.
    let groups = &server.bed.core.groups;
    let all = Verb::ALL.iter().copied().collect();
    let set = groups.set_right(&server.bed.database, desk, Resource::SETTINGS, all);
    set.await.unwrap();
    let page = root.get(&routes::group(desk)).await.body;
    assert!(page.contains("settings:write") && !page.contains("settings:create"));
    let less = [
        ("shown[]", "settings:read"),
        ("shown[]", "settings:write"),
        ("rights[]", "settings:read"),
    ];
    post(&mut root, desk, set_rights, &less).await;
    let now = named(&server, "desk").await;
    let verbs: Vec<_> = now.verbs(Resource::SETTINGS).iter().collect();
    assert_eq!(verbs, [Verb::Read, Verb::Create, Verb::Delete]);

    let more = [
        ("rights[]", "settings:create"),
        ("rights[]", "settings:read"),
    ];
    post(&mut root, desk, set_rights, &more).await;
    let kept = named(&server, "desk").await;
    assert_eq!(
        kept.verbs(Resource::SETTINGS),
        now.verbs(Resource::SETTINGS)
    );

    // A refused form keeps what it has shown.
    let old = [("shown[]", "users:read"), ("rights[]", "planets:read")];
    let refused = post(&mut root, desk, set_rights, &old).await;
    assert!(refused.contains("name=\"shown[]\" value=\"users:read\""));
    assert!(!refused.contains("name=\"shown[]\" value=\"users:write\""));
}

#[sqlx::test(migrations = false)]
async fn the_group_of_the_last_administrator_stays(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let mut root = root(&server).await;
    let bed = &server.bed;
    let fields = [("title", "Chiefs"), ("name", "chiefs"), ("about", "")];
    root.submit(routes::ADD_GROUP, "/api/add_group", &fields)
        .await;
    let chiefs = named(&server, "chiefs").await.id;
    let administrator = named(&server, "administrator").await.id.to_string();
    let implied = [("groups[]", &*administrator)];
    post(&mut root, chiefs, "/api/set_implied_groups", &implied).await;
    let user = bed.core.users.find(&bed.database, "root").await.unwrap();
    let user = user.unwrap();
    let groups = &bed.core.groups;
    groups
        .set_of_user(&bed.database, &user, &[chiefs])
        .await
        .unwrap();
    let last = "no administrator who can log in would be left";
    let unticked = [("shown[]", &*administrator)];
    let refused = post(&mut root, chiefs, "/api/set_implied_groups", &unticked).await;
    assert!(refused.contains(last), "{refused}");
    let refused = post(
        &mut root,
        chiefs,
        "/api/delete_group",
        &[("name", "chiefs")],
    )
    .await;
    assert!(refused.contains(last), "{refused}");
}

#[sqlx::test(migrations = false)]
async fn a_rule_is_added_and_deleted(_: PgPoolOptions, options: PgConnectOptions) {
    let server = TestServer::new(options).await;
    let bed = &server.bed;
    let mut root = root(&server).await;
    let mut add = async |fields: &[(&str, &str)]| {
        let answer = root.submit(routes::RULES, "/api/add_rule", fields).await;
        assert_eq!(answer.location(), routes::RULES);
        root.follow(&answer).await.body
    };
    let start = [
        ("name", "Own companies"),
        ("resource", "users"),
        ("group", ""),
    ];
    let rest = [("verbs[]", "read"), ("scope", "allowed_companies")];
    let refused = add(&[&start[..], &rest[1..]].concat()).await;
    assert!(refused.contains("Choose at least one thing"), "{refused}");
    assert!(refused.contains("value=\"Own companies\""));
    let added = add(&[&start[..], &rest].concat()).await;
    assert!(added.contains("The rule is added."), "{added}");
    assert!(added.contains("Users: See") && added.contains("Of the companies that the user may"));
    let refused = add(&[&start[..], &rest].concat()).await;
    assert!(refused.contains("Another rule has this name."));
    let rules = bed.core.groups.list_rules(&bed.database).await.unwrap();
    assert_eq!((rules.len(), rules[0].group), (1, None));
    let fields = [("name", "Own companies")];
    let answer = root
        .submit(routes::RULES, "/api/delete_rule", &fields)
        .await;
    let deleted = root.follow(&answer).await.body;
    assert!(deleted.contains("The rule is deleted.") && deleted.contains("There is no rule"));
}
