//! What people with rights do to companies.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;

use latchkey_core::{
    access::{ADMINISTRATOR, GroupId, Resource, Scope, USER, Verb, Verbs},
    account::{
        AdministerCompanyError, ArchiveCompanyError, GroupAbout, NameCompanyError, NewRule,
        SeenCompany,
    },
    company::{CompanyId, CompanyProfile},
    session::Caller,
    testing::{self, PASSWORD, TestBed},
    user::{Role, User},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

/// A database with the administrator Root, who is logged in.
struct Office {
    bed: TestBed,
    /// The company that each database has at first. Ada and Root work for it.
    first: CompanyId,
    administrator: Caller,
}

impl Office {
    async fn new(options: Options) -> Self {
        let bed = TestBed::new(options).await;
        let new = testing::new_user("root", "Root", Role::Administrator);
        bed.core.users.create(&bed.database, new).await.unwrap();
        let administrator = caller(&bed, "root").await;
        let companies = bed.core.companies.list(&bed.database).await.unwrap();
        Self {
            first: companies.first().unwrap().company.id,
            bed,
            administrator,
        }
    }

    async fn company(&self, name: &str) -> CompanyId {
        let (companies, name) = (&self.bed.core.companies, name.parse().unwrap());
        let created = companies.create(&self.bed.database, &name, None);
        created.await.unwrap()
    }

    async fn work_for(&self, user: &User, companies: &[CompanyId]) {
        let service = &self.bed.core.companies;
        let set = service.set_of_user(&self.bed.database, user, companies);
        set.await.unwrap();
    }

    async fn group(&self, name: &str) -> GroupId {
        let groups = self.bed.core.groups.list(&self.bed.database).await.unwrap();
        groups.iter().find(|group| group.name == name).unwrap().id
    }

    /// A logged-in user of this login, who works for the first company and has these rights to companies.
    async fn person(&self, login: &str, verbs: &[Verb]) -> (User, Caller) {
        let groups = &self.bed.core.groups;
        let (title, name) = (login.parse().unwrap(), login.parse().unwrap());
        let about = GroupAbout::default();
        let group = groups.create(&self.bed.database, &name, &title, &about);
        let group = group.await.unwrap();
        let verbs = verbs
            .iter()
            .fold(Verbs::default(), |all, verb| all.with(*verb));
        let right = groups.set_right(&self.bed.database, group, Resource::COMPANIES, verbs);
        right.await.unwrap();
        let user = self.bed.another_user(login).await;
        self.put(&user, &[self.group(USER).await, group]).await;
        self.work_for(&user, &[self.first]).await;
        (user, caller(&self.bed, login).await)
    }

    async fn put(&self, user: &User, groups: &[GroupId]) {
        let service = &self.bed.core.groups;
        let put = service.set_of_user(&self.bed.database, user, groups);
        put.await.unwrap();
    }

    /// A rule for all users.
    async fn rule(&self, verb: Verb, scope: Scope) {
        let new = NewRule {
            name: format!("{verb:?} {scope:?}").parse().unwrap(),
            resource: Resource::COMPANIES,
            group: None,
            verbs: Verbs::default().with(verb),
            scope,
        };
        let groups = &self.bed.core.groups;
        groups.add_rule(&self.bed.database, new).await.unwrap();
    }

    async fn forget_rule(&self, verb: Verb, scope: Scope) {
        let name = format!("{verb:?} {scope:?}");
        let groups = &self.bed.core.groups;
        let deleted = groups.delete_rule(&self.bed.database, &name);
        deleted.await.unwrap();
    }

    async fn add(&self, by: &Caller, name: &str) -> Result<CompanyId, AdministerCompanyError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        let companies = &self.bed.core.companies;
        companies.create_as(confirmed, &name.parse().unwrap()).await
    }

    async fn rename(
        &self,
        by: &Caller,
        id: CompanyId,
        name: &str,
    ) -> Result<(), AdministerCompanyError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        let (companies, name) = (&self.bed.core.companies, name.parse().unwrap());
        companies.rename_as(confirmed, id, &name).await
    }

    async fn archive(&self, by: &Caller, id: CompanyId) -> Result<(), AdministerCompanyError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        self.bed.core.companies.archive_as(confirmed, id).await
    }

    async fn restore(&self, by: &Caller, id: CompanyId) -> Result<(), AdministerCompanyError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        self.bed.core.companies.restore_as(confirmed, id).await
    }

    async fn set_profile(&self, by: &Caller, id: CompanyId) -> Result<(), AdministerCompanyError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        let (companies, profile) = (&self.bed.core.companies, CompanyProfile::default());
        companies.set_profile_as(confirmed, id, &profile).await
    }

    /// What each act on a company answers.
    async fn act(&self, by: &Caller, id: CompanyId) -> [Result<(), AdministerCompanyError>; 4] {
        [
            self.rename(by, id, "Another name").await,
            self.set_profile(by, id).await,
            self.archive(by, id).await,
            self.restore(by, id).await,
        ]
    }

    async fn seen(&self, by: &Caller) -> HashMap<CompanyId, SeenCompany> {
        let seen = self.bed.core.companies.list_seen(by).await.unwrap();
        let seen = seen.into_iter();
        seen.map(|seen| (seen.record.company.id, seen)).collect()
    }

    /// The companies that a person sees, and whether the person may change them.
    async fn may_write(&self, by: &Caller) -> HashMap<CompanyId, bool> {
        let seen = self.seen(by).await.into_iter();
        seen.map(|(id, seen)| (id, seen.may_write)).collect()
    }
}

async fn caller(bed: &TestBed, login: &str) -> Caller {
    let opened = bed.try_log_in(login, PASSWORD).await.unwrap();
    bed.caller(&opened).await
}

#[sqlx::test(migrations = false)]
async fn an_administrator_adds_renames_archives_and_restores(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (bed, root) = (&office.bed, &office.administrator);
    let north = office.add(root, "North").await.unwrap();
    office.work_for(&bed.ada, &[office.first, north]).await;
    office.rename(root, north, "Far North").await.unwrap();
    let seen = office.seen(root).await;
    assert_eq!(seen.len(), 2);
    let seen = seen.get(&north).unwrap();
    assert_eq!(seen.record.company.name, "Far North");
    assert_eq!((seen.record.users, seen.may_write), (1, true));

    office.archive(root, north).await.unwrap();
    let seen = office.seen(root).await;
    assert!(seen.get(&north).unwrap().record.archived_at.is_some());
    let ada = caller(bed, &bed.ada.login).await;
    assert_eq!(ada.companies.allowed(), [office.first]);
    office.restore(root, north).await.unwrap();
    let seen = office.seen(root).await;
    assert!(seen.get(&north).unwrap().record.archived_at.is_none());
    let ada = caller(bed, &bed.ada.login).await;
    assert_eq!(ada.companies.allowed(), [office.first, north]);
}

#[sqlx::test(migrations = false)]
async fn a_refused_act_says_why_and_changes_nothing(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let root = &office.administrator;
    let first = office.first;
    let refused = office.archive(root, first).await;
    assert!(matches!(
        refused,
        Err(AdministerCompanyError::Archive(ArchiveCompanyError::Last))
    ));
    let north = office.company("North").await;
    for taken in [
        office.add(root, "NORTH").await.map(drop),
        office.rename(root, first, "north").await,
    ] {
        assert!(matches!(
            taken,
            Err(AdministerCompanyError::Name(NameCompanyError::Taken))
        ));
    }
    // Root and Ada work for the first company only.
    let refused = office.archive(root, first).await;
    assert!(matches!(
        refused,
        Err(AdministerCompanyError::Archive(
            ArchiveCompanyError::OnlyOneOfUsers(2)
        ))
    ));
    let unknown = CompanyId::new(uuid::Uuid::from_u128(7));
    for acted in office.act(root, unknown).await {
        assert!(matches!(acted, Err(AdministerCompanyError::NotFound)));
    }
    let seen = office.seen(root).await;
    assert_eq!(seen.len(), 2);
    assert!(seen.values().all(|seen| seen.record.archived_at.is_none()));
    assert_eq!(seen.get(&north).unwrap().record.company.name, "North");
}

#[sqlx::test(migrations = false)]
async fn each_act_needs_its_right(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let north = office.company("North").await;
    let (_, reader) = office.person("bob", &[Verb::Read]).await;
    let (_, adder) = office.person("eve", &[Verb::Create]).await;
    let (_, writer) = office.person("zoe", &[Verb::Read, Verb::Write]).await;
    for acted in office.act(&reader, north).await {
        assert!(matches!(acted, Err(AdministerCompanyError::NoAccess)));
    }
    for by in [&reader, &writer] {
        let refused = office.add(by, "South").await;
        assert!(matches!(refused, Err(AdministerCompanyError::NoAccess)));
    }
    office.add(&adder, "South").await.unwrap();
    // Without the right to read, a person sees the own companies only.
    for acted in office.act(&adder, north).await {
        assert!(matches!(acted, Err(AdministerCompanyError::NotFound)));
    }
    let first = office.first;
    for acted in office.act(&adder, first).await {
        assert!(matches!(acted, Err(AdministerCompanyError::NoAccess)));
    }
    assert_eq!(
        office.may_write(&adder).await,
        HashMap::from([(first, false)])
    );
    for acted in office.act(&writer, north).await {
        acted.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn rules_say_which_companies_a_person_sees_and_changes(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (north, south) = (office.company("North").await, office.company("South").await);
    let west = office.company("West").await;
    let first = office.first;
    let verbs = [Verb::Read, Verb::Write, Verb::Create];
    let (bob, by) = office.person("bob", &verbs).await;
    office.work_for(&bob, &[north, south]).await;
    let all = [(first, true), (north, true), (south, true), (west, true)];
    assert_eq!(office.may_write(&by).await, HashMap::from(all));

    for scope in [Scope::Own, Scope::AllowedCompanies] {
        office.rule(Verb::Write, scope).await;
        let bob = caller(&office.bed, "bob").await;
        let own = [(first, false), (north, true), (south, true), (west, false)];
        assert_eq!(
            office.may_write(&bob).await,
            HashMap::from(own),
            "{scope:?}"
        );
        for acted in office.act(&bob, west).await {
            assert!(matches!(acted, Err(AdministerCompanyError::NoAccess)));
        }
        // Bob brings back what he has archived.
        for acted in office.act(&bob, south).await {
            acted.unwrap();
        }
        office.forget_rule(Verb::Write, scope).await;
    }
    office.rule(Verb::Write, Scope::ActiveCompanies).await;
    let of_north = caller(&office.bed, "bob").await;
    let active = [(first, false), (north, true), (south, false), (west, false)];
    assert_eq!(office.may_write(&of_north).await, HashMap::from(active));
    let refused = office.rename(&of_north, south, "South Pole").await;
    assert!(matches!(refused, Err(AdministerCompanyError::NoAccess)));
    office.rename(&of_north, north, "North Pole").await.unwrap();

    // A company that the person does not see is like a company that does not exist.
    office.rule(Verb::Read, Scope::ActiveCompanies).await;
    let bob = caller(&office.bed, "bob").await;
    let own = [(north, true), (south, false)];
    assert_eq!(office.may_write(&bob).await, HashMap::from(own));
    // Rules count as they are now, also for a request that began before.
    for by in [&bob, &by] {
        for acted in office.act(by, west).await {
            assert!(matches!(acted, Err(AdministerCompanyError::NotFound)));
        }
    }
    // No user works for a new company.
    office.add(&bob, "East").await.unwrap();
    office.rule(Verb::Create, Scope::AllowedCompanies).await;
    let refused = office.add(&bob, "Middle").await;
    assert!(matches!(refused, Err(AdministerCompanyError::NoAccess)));
}

#[sqlx::test(migrations = false)]
async fn a_person_who_is_locked_out_meanwhile_changes_no_company(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let bed = &office.bed;
    let north = office.company("North").await;
    // The requests of these three began before what happens now.
    let (demoted, by_demoted) = office.person("eve", Verb::ALL).await;
    let (disabled, by_disabled) = office.person("zoe", Verb::ALL).await;
    let (_, by_logged_out) = office.person("bob", Verb::ALL).await;
    office.put(&demoted, &[office.group(USER).await]).await;
    let users = &bed.core.users;
    users.disable(&bed.database, &disabled).await.unwrap();
    let sessions = &bed.core.sessions;
    let ended = sessions.end(&bed.database, by_logged_out.session.id);
    ended.await.unwrap();
    for acted in office.act(&by_demoted, north).await {
        assert!(matches!(acted, Err(AdministerCompanyError::NotFound)));
    }
    let refused = office.add(&by_demoted, "South").await;
    assert!(matches!(refused, Err(AdministerCompanyError::NoAccess)));
    for by in [&by_disabled, &by_logged_out] {
        for acted in office.act(by, north).await {
            assert!(matches!(acted, Err(AdministerCompanyError::LoggedOut)));
        }
        let refused = office.add(by, "South").await;
        assert!(matches!(refused, Err(AdministerCompanyError::LoggedOut)));
    }
    // A promotion counts at once, too.
    let administrator = [office.group(ADMINISTRATOR).await];
    office.put(&demoted, &administrator).await;
    office.add(&by_demoted, "South").await.unwrap();
}
