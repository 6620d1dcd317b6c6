//! Groups: what they imply, what they may do, and when a change holds.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;

use latchkey_core::{
    access::{ADMINISTRATOR, Group, GroupId, PORTAL, Resource, Scope, USER, Verb, Verbs},
    account::{ChangeGroupsError, GroupAbout, NewRule, UserFilter},
    log_in::OpenedSession,
    settings::Settings,
    testing::{self, TestBed, TestClock},
    user::{Role, User},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

async fn all(bed: &TestBed) -> Vec<Group> {
    bed.core.groups.list(&bed.database).await.unwrap()
}

async fn named(bed: &TestBed, name: &str) -> GroupId {
    let groups = all(bed).await;
    groups.iter().find(|group| group.name == name).unwrap().id
}

async fn create(bed: &TestBed, name: &str) -> GroupId {
    let (title, name) = (name.parse().unwrap(), name.parse().unwrap());
    let groups = &bed.core.groups;
    groups
        .create(&bed.database, &name, &title, &GroupAbout::default())
        .await
        .unwrap()
}

async fn put(bed: &TestBed, user: &User, groups: &[GroupId]) -> Result<(), ChangeGroupsError> {
    let service = &bed.core.groups;
    service.set_of_user(&bed.database, user, groups).await
}

async fn own(bed: &TestBed, user: &User) -> Vec<GroupId> {
    let service = &bed.core.groups;
    service.list_of_user(&bed.database, user).await.unwrap()
}

async fn may(bed: &TestBed, opened: &OpenedSession, verb: Verb, resource: Resource) -> bool {
    bed.caller(opened).await.rights.may(verb, resource)
}

#[sqlx::test(migrations = false)]
async fn users_are_users_and_administrators_are_both(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let rights = bed.caller(&opened).await.rights.clone();
    assert_eq!(own(&bed, &bed.ada).await, [named(&bed, USER).await]);
    for resource in Resource::ALL {
        assert!(!rights.may(Verb::Read, resource), "{resource:?}");
    }
    let new = testing::new_user("root", "Root", Role::Administrator);
    let root = bed.core.users.create(&bed.database, new).await.unwrap();
    assert_eq!(own(&bed, &root).await, [named(&bed, ADMINISTRATOR).await]);
    let groups = all(&bed).await;
    let administrator = groups.iter().find(|group| group.name == ADMINISTRATOR);
    assert_eq!(administrator.unwrap().implies, [named(&bed, USER).await]);
    let opened = bed.try_log_in("root", testing::PASSWORD).await.unwrap();
    let rights = bed.caller(&opened).await.rights.clone();
    for resource in Resource::ALL {
        assert!(rights.may(Verb::Read, resource), "{resource:?}");
    }
    // The audit log has no row that is changed or deleted.
    assert!(!rights.may(Verb::Write, Resource::AUDIT));
    assert!(!rights.may(Verb::Delete, Resource::AUDIT));
}

#[sqlx::test(migrations = false)]
async fn a_change_holds_at_the_next_request_on_every_node(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let opened = bed.log_in().await;
    let (desk, chief) = (create(&bed, "desk").await, create(&bed, "chief").await);
    assert!(!may(&bed, &opened, Verb::Read, Resource::USERS).await);

    let clock = Arc::new(TestClock::at(time::macros::datetime!(2026-11-23 12:00 UTC)));
    let other_node = testing::core(options, Settings::default(), Vec::new(), clock);
    let there = other_node
        .databases
        .open_any(bed.database.name())
        .await
        .unwrap();
    let groups = &other_node.groups;
    // The user gets a group, the group another group, and that group a right.
    groups
        .set_of_user(&there, &bed.ada, &[chief])
        .await
        .unwrap();
    assert!(!may(&bed, &opened, Verb::Read, Resource::USERS).await);
    groups.set_implied(&there, chief, &[desk]).await.unwrap();
    assert!(!may(&bed, &opened, Verb::Read, Resource::USERS).await);
    let read = Verbs::default().with(Verb::Read);
    groups
        .set_right(&there, desk, Resource::USERS, read)
        .await
        .unwrap();
    assert!(may(&bed, &opened, Verb::Read, Resource::USERS).await);
    assert!(!may(&bed, &opened, Verb::Write, Resource::USERS).await);

    // And loses it in each of these ways.
    groups.set_implied(&there, chief, &[]).await.unwrap();
    assert!(!may(&bed, &opened, Verb::Read, Resource::USERS).await);
    groups.set_implied(&there, chief, &[desk]).await.unwrap();
    assert!(may(&bed, &opened, Verb::Read, Resource::USERS).await);
    groups.delete(&there, desk).await.unwrap();
    assert!(!may(&bed, &opened, Verb::Read, Resource::USERS).await);
    groups
        .set_right(&there, chief, Resource::USERS, read)
        .await
        .unwrap();
    assert!(may(&bed, &opened, Verb::Read, Resource::USERS).await);
    groups.set_of_user(&there, &bed.ada, &[]).await.unwrap();
    assert!(!may(&bed, &opened, Verb::Read, Resource::USERS).await);
}

#[sqlx::test(migrations = false)]
async fn no_group_implies_itself(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let groups = &bed.core.groups;
    let (one, two, three) = (
        create(&bed, "one").await,
        create(&bed, "two").await,
        create(&bed, "three").await,
    );
    let set =
        async |group, implied: GroupId| groups.set_implied(&bed.database, group, &[implied]).await;
    set(one, two).await.unwrap();
    set(two, three).await.unwrap();
    for (group, implied) in [(three, one), (three, three), (two, one)] {
        let refused = set(group, implied).await;
        assert!(matches!(refused, Err(ChangeGroupsError::Circle)));
    }
    // Two changes at once that would close a circle together.
    let (four, five) = (create(&bed, "four").await, create(&bed, "five").await);
    let (first, second) = tokio::join!(set(four, five), set(five, four));
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
}

#[sqlx::test(migrations = false)]
async fn a_guest_is_no_user(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (user, portal) = (named(&bed, USER).await, named(&bed, PORTAL).await);
    let refused = put(&bed, &bed.ada, &[user, portal]).await;
    assert!(matches!(refused, Err(ChangeGroupsError::UserAndPortal)));
    let administrator = named(&bed, ADMINISTRATOR).await;
    let refused = put(&bed, &bed.ada, &[administrator, portal]).await;
    assert!(matches!(refused, Err(ChangeGroupsError::UserAndPortal)));
    put(&bed, &bed.ada, &[portal]).await.unwrap();
    // Neither by what a group of the guest implies.
    let desk = create(&bed, "desk").await;
    put(&bed, &bed.ada, &[portal, desk]).await.unwrap();
    let groups = &bed.core.groups;
    let refused = groups.set_implied(&bed.database, desk, &[user]).await;
    assert!(matches!(refused, Err(ChangeGroupsError::UserAndPortal)));
}

#[sqlx::test(migrations = false)]
async fn a_built_in_group_stays_and_names_are_unique(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let groups = &bed.core.groups;
    for built_in in [ADMINISTRATOR, USER, PORTAL] {
        let id = named(&bed, built_in).await;
        let refused = groups.delete(&bed.database, id).await;
        assert!(matches!(refused, Err(ChangeGroupsError::BuiltIn)));
        let (name, title) = (built_in.parse().unwrap(), "Another".parse().unwrap());
        let about = GroupAbout::default();
        let refused = groups.create(&bed.database, &name, &title, &about).await;
        assert!(matches!(refused, Err(ChangeGroupsError::Taken)));
    }
    // An administrator stays a user.
    let administrator = named(&bed, ADMINISTRATOR).await;
    let refused = groups.set_implied(&bed.database, administrator, &[]).await;
    assert!(matches!(refused, Err(ChangeGroupsError::BuiltIn)));
    let desk = create(&bed, "desk").await;
    groups.delete(&bed.database, desk).await.unwrap();
    let refused = groups.delete(&bed.database, desk).await;
    assert!(matches!(refused, Err(ChangeGroupsError::Gone)));
    let refused = put(&bed, &bed.ada, &[desk]).await;
    assert!(matches!(refused, Err(ChangeGroupsError::Gone)));
    bed.core
        .users
        .delete(&bed.database, &bed.ada)
        .await
        .unwrap();
    let refused = put(&bed, &bed.ada, &[administrator]).await;
    assert!(matches!(refused, Err(ChangeGroupsError::UserGone)));
    let look = testing::look(options).await;
    for statement in [
        "delete from groups",
        "update groups set name = 'other'",
        "update groups set is_built_in = false",
        "delete from group_implies",
    ] {
        let refused = sqlx::query(statement).execute(&look).await.unwrap_err();
        let refused = refused.into_database_error().unwrap();
        assert_eq!(refused.constraint(), Some("groups_built_in"), "{statement}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_restricted_role_reads_no_group_and_no_right(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    bed.log_in().await;
    let look = testing::look(options).await;
    for table in [
        "groups",
        "group_implies",
        "user_groups",
        "access_rights",
        "record_rules",
        "policies",
        "access_version",
    ] {
        let may: bool = sqlx::query_scalar(
            "select has_any_column_privilege('latchkey_restricted', $1, 'select, insert, update')
                or has_table_privilege('latchkey_restricted', $1, 'delete')",
        )
        .bind(table)
        .fetch_one(&look)
        .await
        .unwrap();
        assert!(!may, "{table}");
    }
}

/// The logins that a session may see, by login.
async fn seen(bed: &TestBed, opened: &OpenedSession) -> Vec<String> {
    let caller = bed.caller(opened).await;
    let page = bed
        .core
        .users
        .page(&caller, UserFilter::default(), None)
        .await
        .unwrap();
    page.users.into_iter().map(|seen| seen.user.login).collect()
}

#[sqlx::test(migrations = false)]
async fn a_rule_says_which_users_a_right_is_for(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let companies = &bed.core.companies;
    let company = async |name: &str| {
        let name = name.parse().unwrap();
        companies.create(&bed.database, &name, None).await.unwrap()
    };
    let (north, south, west) = (
        company("North").await,
        company("South").await,
        company("West").await,
    );
    let work_for = async |user: &User, own: &[_]| {
        companies
            .set_of_user(&bed.database, user, own)
            .await
            .unwrap();
    };
    let (bob, eve, zoe) = (
        bed.another_user("bob").await,
        bed.another_user("eve").await,
        bed.another_user("zoe").await,
    );
    work_for(&bed.ada, &[north, south]).await;
    work_for(&bob, &[north]).await;
    work_for(&eve, &[south]).await;
    work_for(&zoe, &[west]).await;
    let opened = bed.log_in().await;
    let own = bed.ada.login.as_str();
    assert_eq!(seen(&bed, &opened).await, [own]);

    let desk = create(&bed, "desk").await;
    put(&bed, &bed.ada, &[named(&bed, USER).await, desk])
        .await
        .unwrap();
    let read = Verbs::default().with(Verb::Read);
    let groups = &bed.core.groups;
    let right = groups.set_right(&bed.database, desk, Resource::USERS, read);
    right.await.unwrap();
    assert_eq!(seen(&bed, &opened).await, [own, "bob", "eve", "zoe"]);

    let rule = async |group: Option<GroupId>, scope: Scope| {
        let name = format!("{group:?} {scope:?}").parse().unwrap();
        let new = NewRule {
            name,
            resource: Resource::USERS,
            group,
            verbs: read,
            scope,
        };
        groups.add_rule(&bed.database, new).await.unwrap();
    };
    rule(None, Scope::AllowedCompanies).await;
    assert_eq!(seen(&bed, &opened).await, [own, "bob", "eve"]);
    rule(Some(desk), Scope::ActiveCompanies).await;
    assert_eq!(seen(&bed, &opened).await, [own, "bob"]);
    // Another company is active: other users.
    let caller = bed.caller(&opened).await;
    companies.choose(&caller, &[south]).await.unwrap();
    assert_eq!(seen(&bed, &opened).await, [own, "eve"]);
    // A rule of the group widens, and cannot widen beyond the rule of all.
    rule(Some(desk), Scope::All).await;
    assert_eq!(seen(&bed, &opened).await, [own, "bob", "eve"]);
    // Without the right no rule gives a row; everyone sees themselves.
    let right = groups.set_right(&bed.database, desk, Resource::USERS, Verbs::default());
    right.await.unwrap();
    assert_eq!(seen(&bed, &opened).await, [own]);
}

#[sqlx::test(migrations = false)]
async fn pages_of_users_have_each_user_once(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let count = latchkey_core::account::USERS_ON_PAGE;
    for number in 0..count {
        bed.another_user(&format!("user{number:03}")).await;
    }
    put(&bed, &bed.ada, &[named(&bed, ADMINISTRATOR).await])
        .await
        .unwrap();
    let caller = bed.caller(&bed.log_in().await).await;
    let users = &bed.core.users;
    let first = users
        .page(&caller, UserFilter::default(), None)
        .await
        .unwrap();
    assert_eq!(first.users.len(), count);
    let next = first.next.unwrap();
    let second = users
        .page(&caller, UserFilter::default(), Some(&next))
        .await
        .unwrap();
    assert_eq!(second.users.len(), 1);
    assert_eq!(second.next, None);
    let found = users
        .page(
            &caller,
            UserFilter {
                search: "USER007",
                group: None,
            },
            None,
        )
        .await
        .unwrap();
    assert_eq!(found.users.len(), 1);
    let none = users
        .page(
            &caller,
            UserFilter {
                search: "%",
                group: None,
            },
            None,
        )
        .await
        .unwrap();
    assert!(none.users.is_empty());
}

#[sqlx::test(migrations = false)]
async fn nodes_of_before_still_read_who_is_an_administrator(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let look = testing::look(options).await;
    let is_administrator = async || {
        sqlx::query_scalar::<_, bool>("select is_administrator from users where id = $1")
            .bind(bed.ada.id.as_uuid())
            .fetch_one(&look)
            .await
            .unwrap()
    };
    assert!(!is_administrator().await);
    let administrator = named(&bed, ADMINISTRATOR).await;
    put(&bed, &bed.ada, &[administrator]).await.unwrap();
    assert!(is_administrator().await);
    put(&bed, &bed.ada, &[named(&bed, USER).await])
        .await
        .unwrap();
    assert!(!is_administrator().await);
    // Also where another group brings it. Another administrator is left, because each change must leave one.
    let other = bed.another_user("other").await;
    put(&bed, &other, &[administrator]).await.unwrap();
    let chief = create(&bed, "chief").await;
    put(&bed, &bed.ada, &[chief]).await.unwrap();
    let groups = &bed.core.groups;
    let imply = async |implied: &[_]| groups.set_implied(&bed.database, chief, implied).await;
    imply(&[administrator]).await.unwrap();
    assert!(is_administrator().await);
    imply(&[]).await.unwrap();
    assert!(!is_administrator().await);
}

#[sqlx::test(migrations = false)]
async fn a_group_and_its_users_are_deleted_at_the_same_moment(_: Pool, options: Options) {
    let bed = Arc::new(TestBed::new(options.clone()).await);
    let (here, elsewhere) = (
        testing::look(options.clone()).await,
        testing::look(options).await,
    );
    for number in 0..5 {
        let desk = create(&bed, &format!("desk{number}")).await;
        let mut users = Vec::new();
        for user in 0..4 {
            let user = bed.another_user(&format!("user{number}-{user}")).await;
            put(&bed, &user, &[desk]).await.unwrap();
            users.push(user);
        }
        // All go on at the same moment.
        let mut lock = here.begin().await.unwrap();
        sqlx::query("select from users order by id for update")
            .execute(&mut *lock)
            .await
            .unwrap();
        let group = tokio::spawn({
            let bed = Arc::clone(&bed);
            async move { bed.core.groups.delete(&bed.database, desk).await }
        });
        testing::until_blocked(&elsewhere, 1).await;
        let deleted: Vec<_> = users
            .into_iter()
            .map(|user| {
                let bed = Arc::clone(&bed);
                tokio::spawn(async move { bed.core.users.delete(&bed.database, &user).await })
            })
            .collect();
        testing::until_blocked(&elsewhere, 5).await;
        lock.commit().await.unwrap();
        group.await.unwrap().unwrap();
        for deleted in deleted {
            deleted.await.unwrap().unwrap();
        }
    }
}

#[sqlx::test(migrations = false)]
async fn the_users_of_a_group_are_counted_and_listed_with_those_of_groups_that_imply_it(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let new = testing::new_user("root", "Root", Role::Administrator);
    let root = bed.core.users.create(&bed.database, new).await.unwrap();
    bed.another_user("zoe").await;
    let (desk, lead) = (create(&bed, "desk").await, create(&bed, "lead").await);
    let groups = &bed.core.groups;
    groups
        .set_implied(&bed.database, lead, &[desk])
        .await
        .unwrap();
    let user = named(&bed, USER).await;
    let put = async |of: &User, more: &[GroupId]| {
        let all: Vec<_> = [user].iter().chain(more).copied().collect();
        groups.set_of_user(&bed.database, of, &all).await.unwrap();
    };
    put(&bed.ada, &[desk, lead]).await;
    put(&root, &[named(&bed, ADMINISTRATOR).await, lead]).await;
    let counts = groups
        .count_users(&bed.database, &all(&bed).await)
        .await
        .unwrap();
    let of = |group| counts.get(&group).copied();
    assert_eq!((of(desk), of(lead), of(user)), (Some(2), Some(2), Some(3)));
    let opened = bed.try_log_in("root", testing::PASSWORD).await.unwrap();
    let caller = bed.caller(&opened).await;
    for (group, logins) in [
        (desk, vec!["ada@example.com", "root"]),
        (user, vec!["ada@example.com", "root", "zoe"]),
        (create(&bed, "empty").await, Vec::new()),
    ] {
        let filter = UserFilter {
            search: "",
            group: Some(group),
        };
        let page = bed.core.users.page(&caller, filter, None).await.unwrap();
        let found: Vec<_> = page
            .users
            .iter()
            .map(|seen| seen.user.login.clone())
            .collect();
        assert_eq!(found, logins);
    }
}
