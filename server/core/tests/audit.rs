//! The audit log: who has changed what, from where, and what was before and after.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use latchkey_core::{
    access::{GroupId, Resource, Scope, USER, Verb, Verbs},
    account::{AuditFilter, GroupAbout, NewRule},
    audit::{AuditAction, AuditEntry, AuditSubject},
    company::CompanyId,
    session::Caller,
    testing::{self, PASSWORD, TestBed},
    user::{Login, Preferences, Role, User},
};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

/// A database with the administrator Root, who is logged in.
struct Office {
    bed: TestBed,
    root: Caller,
}

impl Office {
    async fn new(options: Options) -> Self {
        let bed = TestBed::new(options).await;
        let new = testing::new_user("root", "Root", Role::Administrator);
        bed.core.users.create(&bed.database, new).await.unwrap();
        let root = caller(&bed, "root").await;
        Self { bed, root }
    }

    /// All entries, the newest first.
    async fn entries(&self) -> Vec<AuditEntry> {
        let list = &self.bed.core.audit;
        let all = AuditFilter::default();
        list.list(&self.bed.database, &all, 1_000).await.unwrap()
    }

    /// What the newest entries say, the oldest first, without the first entries.
    async fn said(&self, besides: usize) -> Vec<(AuditSubject, String, AuditAction, Value, Value)> {
        let mut entries = self.entries().await;
        entries.reverse();
        let new = entries.into_iter().skip(besides);
        let said = new.map(|entry| {
            let (before, after) = (Value::from(entry.before), Value::from(entry.after));
            (
                entry.subject,
                entry.subject_name,
                entry.action,
                before,
                after,
            )
        });
        said.collect()
    }

    async fn group(&self, name: &str) -> GroupId {
        let groups = self.bed.core.groups.list(&self.bed.database).await.unwrap();
        groups.iter().find(|group| group.name == name).unwrap().id
    }

    async fn add_group(&self, name: &str) -> GroupId {
        let (title, about) = (name.parse().unwrap(), GroupAbout::default());
        let (groups, name) = (&self.bed.core.groups, name.parse().unwrap());
        let added = groups.create(&self.bed.database, &name, &title, &about);
        added.await.unwrap()
    }

    async fn company(&self, name: &str) -> CompanyId {
        let (companies, name) = (&self.bed.core.companies, name.parse().unwrap());
        let created = companies.create(&self.bed.database, &name, None);
        created.await.unwrap()
    }

    async fn add_all_to(&self, group: GroupId) {
        let users = self.bed.core.users.list(&self.bed.database).await.unwrap();
        for record in users {
            self.put_into(&record.user, &[group]).await;
        }
    }

    async fn put_into(&self, user: &User, more: &[GroupId]) {
        let groups = &self.bed.core.groups;
        let mut all = groups.list_of_user(&self.bed.database, user).await.unwrap();
        all.extend(more);
        let put = groups.set_of_user(&self.bed.database, user, &all);
        put.await.unwrap();
    }
}

async fn caller(bed: &TestBed, login: &str) -> Caller {
    let opened = bed.try_log_in(login, PASSWORD).await.unwrap();
    bed.caller(&opened).await
}

#[sqlx::test(migrations = false)]
async fn an_entry_names_the_person_and_the_session(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (bed, root) = (&office.bed, &office.root);
    let sessions = &bed.core.sessions;
    let besides = office.entries().await.len();
    let (name, login) = ("Ada L.".parse().unwrap(), Login::new("lovelace").unwrap());
    let confirmed = || sessions.confirmed(root).unwrap();
    let users = &bed.core.users;
    bed.log_in().await;
    let ada = bed.ada.id;
    assert_eq!(users.log_out_as(confirmed(), ada).await.unwrap(), 1);
    users.log_out_as(confirmed(), ada).await.unwrap();
    let renamed = users.rename_as(confirmed(), ada, &name, &login);
    renamed.await.unwrap();
    users.reset_password_as(confirmed(), ada).await.unwrap();
    users.disable_as(confirmed(), ada).await.unwrap();
    users.delete_as(confirmed(), ada, "lovelace").await.unwrap();
    let (subject, none) = (AuditSubject::User, || json!({}));
    let said = office.said(besides).await;
    let [first, renamed, password, disabled, deleted] = said.as_slice() else {
        panic!("{said:#?}");
    };
    let named = |name: &str| name.to_owned();
    let ended = json!({ "sessions": 1 });
    assert_eq!(
        *first,
        (
            subject,
            named("ada@example.com"),
            AuditAction::LoggedOut,
            none(),
            ended
        )
    );
    assert_eq!(
        *renamed,
        (
            subject,
            named("lovelace"),
            AuditAction::Changed,
            json!({ "login": "ada@example.com", "name": "Ada" }),
            json!({ "login": "lovelace", "name": "Ada L." }),
        )
    );
    let one_time = json!({ "one_time": true });
    assert_eq!(
        (password.2, &password.4),
        (AuditAction::PasswordSet, &one_time)
    );
    assert_eq!(
        (&disabled.3, &disabled.4),
        (&json!({ "disabled": false }), &json!({ "disabled": true }))
    );
    assert_eq!((deleted.2, &deleted.4), (AuditAction::Deleted, &none()));
    assert_eq!(deleted.3["groups"], json!([USER]));
    for entry in office.entries().await.iter().take(said.len()) {
        let actor = entry.actor.as_ref().unwrap();
        assert_eq!((actor.user, actor.session), (root.user.id, root.session.id));
        assert_eq!(actor.login, "root");
        assert_eq!(actor.address, testing::client().address);
        assert_eq!(entry.subject_id, ada.as_uuid());
    }
}

#[sqlx::test(migrations = false)]
async fn what_a_person_changes_of_the_own_account_names_the_person(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (bed, root) = (&office.bed, &office.root);
    let besides = office.entries().await.len();
    let name = "Rooty".parse().unwrap();
    bed.core.users.set_own_name(root, &name).await.unwrap();
    // Preferences are no business of administrators.
    let (shown, new) = (Preferences::default(), Preferences::default());
    let set = bed.core.users.set_own_preferences(root, &shown, &new, None);
    set.await.unwrap();
    let entries = office.entries().await;
    assert_eq!(entries.len(), besides + 1);
    assert_eq!(entries[0].actor.as_ref().unwrap().user, root.user.id);
    assert_eq!(
        Value::from(entries[0].after.clone()),
        json!({ "name": "Rooty" })
    );
}

#[sqlx::test(migrations = false)]
async fn a_transaction_is_one_entry_of_a_user(_: Pool, options: Options) {
    let office = Office::new(options.clone()).await;
    let look = testing::look(options).await;
    let besides = office.entries().await.len();
    // There and back, then away: the steps between the first and the last state are no entries.
    let statements = "begin;
        update users set name = 'A' where login = 'root';
        update users set name = 'Root' where login = 'root';
        delete from user_companies where user_id = (select id from users where login = 'root');
        insert into user_companies (user_id, company_id, is_default)
        select u.id, c.id, true from users u, companies c where u.login = 'root';
        commit;
        begin;
        update users set name = 'B' where login = 'root';
        update users set disabled_at = now() where login = 'root';
        update users set name = 'C' where login = 'root';
        commit;
        update users set failures_seen_at = now();";
    sqlx::raw_sql(statements).execute(&look).await.unwrap();
    let (before, after) = (
        json!({ "name": "Root", "disabled": false }),
        json!({ "name": "C", "disabled": true }),
    );
    let said = office.said(besides).await;
    let (subject, action) = (AuditSubject::User, AuditAction::Changed);
    assert_eq!(said, [(subject, "root".to_owned(), action, before, after)]);
    assert_eq!(office.entries().await[0].actor, None);
    let pending: i64 = sqlx::query_scalar("select count(*) from audit_pending")
        .fetch_one(&look)
        .await
        .unwrap();
    assert_eq!(pending, 0);
}

#[sqlx::test(migrations = false)]
async fn archiving_and_deletion_stand_for_all_their_users(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let bed = &office.bed;
    let north = office.company("North").await;
    let desk = office.add_group("desk").await;
    let first = bed.core.companies.list(&bed.database).await.unwrap();
    let companies: Vec<_> = first.iter().map(|record| record.company.id).collect();
    assert!(companies.contains(&north));
    let set = bed
        .core
        .companies
        .set_of_user(&bed.database, &bed.ada, &companies);
    set.await.unwrap();
    office.add_all_to(desk).await;
    let (groups, user) = (&bed.core.groups, office.group(USER).await);
    let read = Verbs::default().with(Verb::Read);
    let set = groups.set_right(&bed.database, desk, Resource::USERS, read);
    set.await.unwrap();
    let given = [user];
    let implied = groups.set_implied(&bed.database, desk, &given);
    implied.await.unwrap();
    let besides = office.entries().await.len();
    bed.core
        .companies
        .archive(&bed.database, north)
        .await
        .unwrap();
    bed.core
        .companies
        .restore(&bed.database, north)
        .await
        .unwrap();
    bed.core.groups.delete(&bed.database, desk).await.unwrap();
    // The quiet ends with the deletion.
    let user = office.group(USER).await;
    let (sight, root) = (&bed.core.groups, &office.root.user);
    let put = sight.set_of_user(&bed.database, root, &[user]).await;
    put.unwrap();
    let said: Vec<_> = office.said(besides).await;
    let said: Vec<_> = said
        .iter()
        .map(|(subject, name, _, before, after)| (*subject, &**name, before.clone(), after.clone()))
        .collect();
    let archived = |is_archived: bool| json!({ "archived": is_archived });
    assert_eq!(
        said,
        [
            (
                AuditSubject::Company,
                "North",
                archived(false),
                archived(true)
            ),
            (
                AuditSubject::Company,
                "North",
                archived(true),
                archived(false)
            ),
            (
                AuditSubject::Group,
                "desk",
                json!({
                    "title": "desk", "about": "", "users": 2,
                    "implies": ["user"], "implied_by": [], "rights.users": ["read"],
                }),
                json!({}),
            ),
            (
                AuditSubject::User,
                "root",
                json!({ "groups": ["administrator"] }),
                json!({ "groups": ["user"] }),
            ),
        ]
    );
}

#[sqlx::test(migrations = false)]
async fn groups_rights_and_rules_have_entries(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (bed, groups) = (&office.bed, &office.bed.core.groups);
    let user = office.group(USER).await;
    let besides = office.entries().await.len();
    let desk = office.add_group("desk").await;
    let read = Verbs::default().with(Verb::Read);
    for verbs in [Verbs::default(), read, read] {
        let set = groups.set_right(&bed.database, desk, Resource::USERS, verbs);
        set.await.unwrap();
    }
    for implied in [&[user][..], &[user], &[]] {
        groups
            .set_implied(&bed.database, desk, implied)
            .await
            .unwrap();
    }
    let rule = NewRule {
        name: "Desk".parse().unwrap(),
        resource: Resource::USERS,
        group: Some(desk),
        verbs: read,
        scope: Scope::All,
    };
    groups.add_rule(&bed.database, rule).await.unwrap();
    groups.delete_rule(&bed.database, "Desk").await.unwrap();
    let said = office.said(besides).await;
    let said: Vec<_> = said
        .into_iter()
        .map(|(subject, name, _, before, after)| (subject, name, before, after))
        .collect();
    let of_group = |before, after| (AuditSubject::Group, "desk".to_owned(), before, after);
    let of_rule = |before, after| (AuditSubject::Rule, "Desk".to_owned(), before, after);
    let rule = json!({
        "name": "Desk", "resource": "users", "group": "desk", "verbs": ["read"], "scope": "all"
    });
    assert_eq!(
        said,
        [
            of_group(json!({}), json!({ "title": "desk", "about": "" })),
            of_group(
                json!({ "rights.users": [] }),
                json!({ "rights.users": ["read"] })
            ),
            of_group(json!({}), json!({ "implies": ["user"] })),
            of_group(json!({ "implies": ["user"] }), json!({})),
            of_rule(json!({}), rule.clone()),
            of_rule(rule, json!({})),
        ]
    );
}

#[sqlx::test(migrations = false)]
async fn entries_stay_whoever_asks(_: Pool, options: Options) {
    let office = Office::new(options.clone()).await;
    let look = testing::look(options).await;
    let besides = office.entries().await.len();
    assert!(besides > 0);
    for statement in [
        "update audit_entries set actor_login = 'nemo'",
        "delete from audit_entries",
        "truncate audit_entries",
    ] {
        let refused = sqlx::raw_sql(statement).execute(&look).await.unwrap_err();
        let words = refused.to_string();
        assert!(words.contains("neither updated nor deleted"), "{words}");
        assert!(testing::run_as(&office.root, statement).await.is_err());
    }
    let forged =
        "insert into audit_entries (subject, subject_id, subject_name, action, before, after)
        values ('user', gen_random_uuid(), 'x', 'created', '{}', '{}')";
    assert!(testing::run_as(&office.root, forged).await.is_err());
    assert_eq!(office.entries().await.len(), besides);
}

#[sqlx::test(migrations = false)]
async fn only_a_right_to_all_entries_shows_them(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (bed, groups) = (&office.bed, &office.bed.core.groups);
    let shown = async |login: &str| {
        let by = caller(bed, login).await;
        bed.core
            .audit
            .page(&by, &AuditFilter::default(), None)
            .await
            .unwrap()
            .entries
            .len()
    };
    assert!(shown("root").await > 0);
    assert_eq!(shown("ada@example.com").await, 0);
    let readers = office.add_group("readers").await;
    let read = Verbs::default().with(Verb::Read);
    let set = groups.set_right(&bed.database, readers, Resource::AUDIT, read);
    set.await.unwrap();
    office.put_into(&bed.ada, &[readers]).await;
    assert!(shown("ada@example.com").await > 0);
    // No entry is of a company: the rule leaves none.
    let rule = NewRule {
        name: "Own companies".parse().unwrap(),
        resource: Resource::AUDIT,
        group: None,
        verbs: read,
        scope: Scope::AllowedCompanies,
    };
    groups.add_rule(&bed.database, rule).await.unwrap();
    assert_eq!(shown("ada@example.com").await, 0);
}

#[sqlx::test(migrations = false)]
async fn pages_follow_each_other_and_keep_the_subject(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let bed = &office.bed;
    for number in 0..60 {
        office.company(&format!("Company {number}")).await;
        office.add_group(&format!("group{number}")).await;
    }
    let audit = &bed.core.audit;
    let mut filter = AuditFilter {
        subject: Some(AuditSubject::Company),
        search: String::new(),
    };
    let first = audit.page(&office.root, &filter, None).await.unwrap();
    assert_eq!(first.entries.len(), 50);
    let second = audit
        .page(&office.root, &filter, first.older)
        .await
        .unwrap();
    let all = first.entries.iter().chain(&second.entries);
    let names: Vec<_> = all.map(|entry| &*entry.subject_name).collect();
    let expected: Vec<_> = (0..60)
        .rev()
        .map(|number| format!("Company {number}"))
        .collect();
    assert!(names.starts_with(&expected.iter().map(String::as_str).collect::<Vec<_>>()));
    assert_eq!(second.older, None);

    // A search is a part of a name, in any case, and keeps the subject. No pattern counts.
    for (search, found) in [("COMPANY 5", 11), ("group", 0), ("%", 0), ("pany\0 59", 1)] {
        filter.search = search.to_owned();
        let page = audit.page(&office.root, &filter, None).await.unwrap();
        assert_eq!(page.entries.len(), found, "{search}");
    }
    // The login of the person who acted is found, too.
    let id = bed.ada.id;
    let confirmed = bed.core.sessions.confirmed(&office.root).unwrap();
    bed.core.users.disable_as(confirmed, id).await.unwrap();
    let of_root = AuditFilter {
        subject: None,
        search: "ROOT".to_owned(),
    };
    let page = audit.page(&office.root, &of_root, None).await.unwrap();
    let newest = page.entries.first().unwrap();
    assert_eq!(newest.actor.as_ref().unwrap().login, "root");
    assert_eq!(newest.action, AuditAction::Changed);
}
