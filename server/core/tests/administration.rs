//! What people with rights do to other users.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use latchkey_core::{
    access::{ADMINISTRATOR, GroupId, PORTAL, Resource, Scope, USER, Verb, Verbs},
    account::{
        AddUserError, AdministerError, ChangeGroupsError, ChangeRulesError, GroupAbout, NewRule,
        RenameUserError, SetCompaniesError,
    },
    company::CompanyId,
    log_in::OpenedSession,
    session::{Caller, EndCause, Resumed, Step},
    testing::{self, PASSWORD, TestBed},
    user::{Login, Role, User, UserId},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

/// A database with the administrator Root, who is logged in.
struct Office {
    bed: TestBed,
    root: User,
    administrator: Caller,
}

impl Office {
    async fn new(options: Options) -> Self {
        let bed = TestBed::new(options).await;
        let new = testing::new_user("root", "Root", Role::Administrator);
        let root = bed.core.users.create(&bed.database, new).await.unwrap();
        let administrator = caller(&bed, "root").await;
        Self {
            bed,
            root,
            administrator,
        }
    }

    async fn group(&self, name: &str) -> GroupId {
        let groups = self.bed.core.groups.list(&self.bed.database).await.unwrap();
        groups.iter().find(|group| group.name == name).unwrap().id
    }

    /// A new group with these rights to users.
    async fn create_group(&self, name: &str, verbs: &[Verb]) -> GroupId {
        let groups = &self.bed.core.groups;
        let (title, name) = (name.parse().unwrap(), name.parse().unwrap());
        let about = GroupAbout::default();
        let id = groups.create(&self.bed.database, &name, &title, &about);
        let id = id.await.unwrap();
        let verbs = verbs
            .iter()
            .fold(Verbs::default(), |all, verb| all.with(*verb));
        let right = groups.set_right(&self.bed.database, id, Resource::USERS, verbs);
        right.await.unwrap();
        id
    }

    /// A logged-in user of this login in these groups.
    async fn person(&self, login: &str, groups: &[GroupId]) -> (User, Caller) {
        let user = self.bed.another_user(login).await;
        self.put(&user, groups).await;
        let caller = caller(&self.bed, login).await;
        (user, caller)
    }

    async fn put(&self, user: &User, groups: &[GroupId]) {
        let service = &self.bed.core.groups;
        service
            .set_of_user(&self.bed.database, user, groups)
            .await
            .unwrap();
    }

    async fn rule(&self, verb: Verb, scope: Scope) {
        let new = NewRule {
            name: format!("{verb:?} {scope:?}").parse().unwrap(),
            resource: Resource::USERS,
            group: None,
            verbs: Verbs::default().with(verb),
            scope,
        };
        self.bed
            .core
            .groups
            .add_rule(&self.bed.database, new)
            .await
            .unwrap();
    }

    async fn disable(&self, by: &Caller, id: UserId) -> Result<u32, AdministerError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        self.bed.core.users.disable_as(confirmed, id).await
    }

    async fn delete(&self, by: &Caller, user: &User) -> Result<u32, AdministerError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        let users = &self.bed.core.users;
        users.delete_as(confirmed, user.id, &user.login).await
    }

    /// Puts a user into these groups, and into no other.
    async fn set_groups(
        &self,
        by: &Caller,
        id: UserId,
        groups: &[GroupId],
    ) -> Result<(), AdministerError> {
        let confirmed = self.bed.core.sessions.confirmed(by).unwrap();
        let core = &self.bed.core;
        let user = User {
            id,
            ..self.root.clone()
        };
        let shown = core.groups.list_of_user(&self.bed.database, &user);
        let shown = shown.await.unwrap();
        core.users
            .set_groups_as(confirmed, id, &shown, groups)
            .await
    }

    /// What each act on groups and rules answers.
    async fn act_on_groups(&self, by: &Caller) -> Vec<Result<(), AdministerError>> {
        let (groups, sessions) = (&self.bed.core.groups, &self.bed.core.sessions);
        let confirmed = || sessions.confirmed(by).unwrap();
        let (name, title) = ("new".parse().unwrap(), "New".parse().unwrap());
        let about = GroupAbout::default();
        let user = self.group(USER).await;
        let verbs = Resource::GROUPS.verbs().iter();
        let all: Vec<_> = verbs.map(|verb| (Resource::GROUPS, *verb)).collect();
        let rule = NewRule {
            name: "all".parse().unwrap(),
            resource: Resource::USERS,
            group: None,
            verbs: Verbs::default().with(Verb::Read),
            scope: Scope::All,
        };
        vec![
            groups
                .create_as(confirmed(), &name, &title, &about)
                .await
                .map(drop),
            groups.describe_as(confirmed(), user, &title, &about).await,
            groups.set_rights_as(confirmed(), user, &[], &all).await,
            groups.set_implied_as(confirmed(), user, &[], &[]).await,
            groups.add_rule_as(confirmed(), rule).await,
            groups.delete_rule_as(confirmed(), "all").await,
            groups.delete_as(confirmed(), user, USER).await,
        ]
    }

    /// What each act on a user answers.
    async fn act(&self, by: &Caller, user: &User) -> Vec<Result<(), AdministerError>> {
        let (users, sessions) = (&self.bed.core.users, &self.bed.core.sessions);
        let confirmed = || sessions.confirmed(by).unwrap();
        let (name, login) = (user.name.parse().unwrap(), Login::new(&user.login).unwrap());
        vec![
            users
                .rename_as(confirmed(), user.id, &name, &login)
                .await
                .map(drop),
            users.log_out_as(confirmed(), user.id).await.map(drop),
            users.disable_as(confirmed(), user.id).await.map(drop),
            users.enable_as(confirmed(), user.id).await,
            users
                .reset_password_as(confirmed(), user.id)
                .await
                .map(drop),
            self.bed
                .core
                .log_in_codes
                .make_as(confirmed(), user.id)
                .await
                .map(drop),
            users.set_groups_as(confirmed(), user.id, &[], &[]).await,
            users.set_companies_as(confirmed(), user.id, &[], &[]).await,
            self.delete(by, user).await.map(drop),
        ]
    }
}

async fn caller(bed: &TestBed, login: &str) -> Caller {
    let opened = bed.try_log_in(login, PASSWORD).await.unwrap();
    bed.caller(&opened).await
}

async fn cause(bed: &TestBed, opened: &OpenedSession) -> Option<EndCause> {
    match bed.resume(&opened.token).await {
        Resumed::Ended(ended) => Some(ended.cause),
        _ => None,
    }
}

#[sqlx::test(migrations = false)]
async fn an_administrator_acts_on_a_user(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let Office {
        bed, administrator, ..
    } = &office;
    let (users, sessions) = (&bed.core.users, &bed.core.sessions);
    let confirmed = || sessions.confirmed(administrator).unwrap();

    let opened = bed.log_in().await;
    assert_eq!(users.log_out_as(confirmed(), bed.ada.id).await.unwrap(), 1);
    assert_eq!(cause(bed, &opened).await, Some(EndCause::Administrator));

    let opened = bed.log_in().await;
    assert_eq!(office.disable(administrator, bed.ada.id).await.unwrap(), 1);
    assert_eq!(cause(bed, &opened).await, Some(EndCause::UserDisabled));
    assert!(bed.try_log_in(&bed.ada.login, PASSWORD).await.is_err());
    let shown = users.show(administrator, bed.ada.id).await.unwrap();
    assert!(shown.seen.disabled_at.is_some() && shown.may_write && shown.may_delete);
    users.enable_as(confirmed(), bed.ada.id).await.unwrap();

    bed.log_in().await;
    let (password, ended) = users
        .reset_password_as(confirmed(), bed.ada.id)
        .await
        .unwrap();
    assert_eq!(ended, 1);
    assert!(bed.try_log_in(&bed.ada.login, PASSWORD).await.is_err());
    let opened = bed.try_log_in(&bed.ada.login, password.expose()).await;
    let pending = bed.pending(&opened.unwrap()).await;
    assert_eq!(pending.step(), Step::NewPassword);

    let desk = office.create_group("desk", &[Verb::Read]).await;
    let groups = [office.group(USER).await, desk];
    office
        .set_groups(administrator, bed.ada.id, &groups)
        .await
        .unwrap();
    let shown = users.show(administrator, bed.ada.id).await.unwrap();
    assert_eq!(shown.seen.groups.len(), 2);
    assert_eq!(shown.titles.get(&desk).unwrap().name, "desk");

    let wrong = users.delete_as(confirmed(), bed.ada.id, "root").await;
    assert!(matches!(wrong, Err(AdministerError::OtherLogin)));
    // The case of the login does not matter.
    let typed = format!(" {} ", bed.ada.login.to_uppercase());
    let deleted = users.delete_as(confirmed(), bed.ada.id, &typed).await;
    assert_eq!(deleted.unwrap(), 1);
    let gone = users.show(administrator, bed.ada.id).await;
    assert!(matches!(gone, Err(AdministerError::NotFound)));
}

#[sqlx::test(migrations = false)]
async fn a_help_desk_acts_on_no_user_with_more_rights(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let bed = &office.bed;
    let verbs = [Verb::Read, Verb::Write, Verb::Delete];
    let desk = office.create_group("desk", &verbs).await;
    let chief = office.create_group("chief", Verb::ALL).await;
    let (_, by) = office.person("bob", &[desk]).await;
    let (more, _) = office.person("eve", &[chief]).await;
    for user in [&office.root, &more] {
        for (number, acted) in office.act(&by, user).await.into_iter().enumerate() {
            assert!(matches!(acted, Err(AdministerError::NoAccess)), "{number}");
        }
        let shown = bed.core.users.show(&by, user.id).await.unwrap();
        assert!(!shown.may_write && !shown.may_delete);
    }
    // The desk gives what it has, and no more.
    let given = bed.core.users.show(&by, bed.ada.id).await.unwrap().groups;
    let mut given: Vec<_> = given.into_iter().map(|group| group.name).collect();
    given.sort_unstable();
    assert_eq!(given, ["desk", PORTAL, USER]);
    for group in [office.group(ADMINISTRATOR).await, chief] {
        let refused = office.set_groups(&by, bed.ada.id, &[group]).await;
        assert!(matches!(refused, Err(AdministerError::NoAccess)));
    }
    let both = [office.group(USER).await, office.group(PORTAL).await];
    let refused = office.set_groups(&by, bed.ada.id, &both).await;
    assert!(matches!(
        refused,
        Err(AdministerError::Groups(ChangeGroupsError::UserAndPortal))
    ));
    for acted in office.act(&by, &bed.ada).await {
        acted.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn rules_say_on_whom_a_person_acts(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let bed = &office.bed;
    let companies = &bed.core.companies;
    let work_in_new = async |user: &User, name: &str| {
        let name = name.parse().unwrap();
        let new = [companies.create(&bed.database, &name, None).await.unwrap()];
        let set = companies.set_of_user(&bed.database, user, &new);
        set.await.unwrap();
    };
    let verbs = [Verb::Read, Verb::Write, Verb::Delete];
    let desk = office.create_group("desk", &verbs).await;
    let (bob, by) = office.person("bob", &[desk]).await;
    let (there, _) = office.person("eve", &[]).await;
    work_in_new(&bob, "North").await;
    work_in_new(&there, "South").await;

    office.rule(Verb::Write, Scope::AllowedCompanies).await;
    office.rule(Verb::Delete, Scope::AllowedCompanies).await;
    let by_rule = caller(bed, "bob").await;
    for acted in office.act(&by_rule, &there).await {
        assert!(matches!(acted, Err(AdministerError::NoAccess)), "{acted:?}");
    }
    // A user whom the person does not see is like a user who does not exist.
    office.rule(Verb::Read, Scope::AllowedCompanies).await;
    let by_rule = caller(bed, "bob").await;
    let gone = User {
        id: UserId::new(uuid::Uuid::nil()),
        ..there.clone()
    };
    for user in [&there, &gone] {
        for acted in office.act(&by_rule, user).await {
            assert!(matches!(acted, Err(AdministerError::NotFound)));
        }
        let shown = bed.core.users.show(&by_rule, user.id).await;
        assert!(matches!(shown, Err(AdministerError::NotFound)));
    }
    // Rules count as they are now, also for a request that began before.
    for acted in office.act(&by, &there).await {
        assert!(matches!(acted, Err(AdministerError::NotFound)));
    }
}

#[sqlx::test(migrations = false)]
async fn a_help_desk_of_a_company_acts_on_no_user_of_another_one_too(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let bed = &office.bed;
    let companies = &bed.core.companies;
    let company = async |name: &str| {
        let name = name.parse().unwrap();
        companies.create(&bed.database, &name, None).await.unwrap()
    };
    let (north, south) = (company("North").await, company("South").await);
    let work = async |user: &User, own: &[CompanyId]| {
        companies
            .set_of_user(&bed.database, user, own)
            .await
            .unwrap();
    };
    let verbs = [Verb::Read, Verb::Write, Verb::Delete];
    let desk = office.create_group("desk", &verbs).await;
    let groups = &bed.core.groups;
    let read = Verbs::default().with(Verb::Read);
    groups
        .set_right(&bed.database, desk, Resource::COMPANIES, read)
        .await
        .unwrap();
    for verb in verbs {
        office.rule(verb, Scope::AllowedCompanies).await;
    }
    let (bob, _) = office.person("bob", &[desk]).await;
    let (eve, _) = office.person("eve", &[]).await;
    work(&bob, &[north]).await;
    work(&eve, &[north, south]).await;
    let by = caller(bed, "bob").await;
    for acted in office.act(&by, &eve).await {
        assert!(matches!(acted, Err(AdministerError::NoAccess)), "{acted:?}");
    }
    // Neither gives Bob himself nor a user of North a company that Bob may not work for.
    work(&bed.ada, &[north]).await;
    for id in [bob.id, bed.ada.id] {
        let confirmed = bed.core.sessions.confirmed(&by).unwrap();
        let both = [north, south];
        let set = bed.core.users.set_companies_as(confirmed, id, &[], &both);
        let refused = set.await;
        assert!(
            matches!(refused, Err(AdministerError::NoAccess)),
            "{refused:?}"
        );
    }
    for acted in office.act(&by, &bed.ada).await {
        acted.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn a_person_who_is_locked_out_meanwhile_does_nothing_more(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let Office {
        bed,
        root,
        administrator,
    } = &office;
    let group = [office.group(ADMINISTRATOR).await];
    let user = [office.group(USER).await];
    // The requests of these three began before what happens now.
    let (demoted, by_demoted) = office.person("eve", &group).await;
    let (disabled, by_disabled) = office.person("zoe", &group).await;
    let (_, by_logged_out) = office.person("bob", &group).await;
    office
        .set_groups(administrator, demoted.id, &user)
        .await
        .unwrap();
    office.disable(administrator, disabled.id).await.unwrap();
    bed.core
        .sessions
        .end(&bed.database, by_logged_out.session.id)
        .await
        .unwrap();
    for acted in office.act(&by_demoted, root).await {
        assert!(matches!(acted, Err(AdministerError::NotFound)), "{acted:?}");
    }
    let back = office.set_groups(&by_demoted, demoted.id, &group).await;
    assert!(matches!(back, Err(AdministerError::NotFound)), "{back:?}");
    for acted in office.act_on_groups(&by_demoted).await {
        assert!(matches!(acted, Err(AdministerError::NoAccess)), "{acted:?}");
    }
    for by in [&by_disabled, &by_logged_out] {
        let mut all = office.act(by, root).await;
        all.extend(office.act_on_groups(by).await);
        for acted in all {
            assert!(
                matches!(acted, Err(AdministerError::LoggedOut)),
                "{acted:?}"
            );
        }
    }
    let confirmed = bed.core.sessions.confirmed(&by_disabled).unwrap();
    let login = Login::new("new").unwrap();
    let added = bed.core.users.add(confirmed, login, "New".to_owned()).await;
    assert!(matches!(added, Err(AddUserError::LoggedOut)));
}

#[sqlx::test(migrations = false)]
async fn each_right_to_groups_lets_a_person_do_its_acts(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let desk = office.create_group("desk", &[Verb::Read]).await;
    let (_, by) = office.person("bob", &[desk]).await;
    let groups = &office.bed.core.groups;
    let database = &office.bed.database;
    for (verb, permitted) in [
        (Verb::Read, [false; 7]),
        (
            Verb::Create,
            [true, false, false, false, false, false, false],
        ),
        (Verb::Write, [false, true, true, true, true, true, false]),
        (
            Verb::Delete,
            [false, false, false, false, false, false, true],
        ),
    ] {
        let verbs = Verbs::default().with(verb);
        groups
            .set_right(database, desk, Resource::GROUPS, verbs)
            .await
            .unwrap();
        for (number, acted) in office.act_on_groups(&by).await.into_iter().enumerate() {
            let is_refused = matches!(acted, Err(AdministerError::NoAccess));
            assert_eq!(
                !is_refused, permitted[number],
                "{verb:?} {number}: {acted:?}"
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn the_deletion_of_a_group_widens_no_right(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (groups, database) = (&office.bed.core.groups, &office.bed.database);
    let desk = office.create_group("desk", &[Verb::Read]).await;
    let rule = NewRule {
        name: "narrow".parse().unwrap(),
        resource: Resource::USERS,
        group: Some(desk),
        verbs: Verbs::default().with(Verb::Read),
        scope: Scope::Own,
    };
    groups.add_rule(database, rule.clone()).await.unwrap();
    let deleted = groups.delete(database, desk).await;
    assert!(matches!(deleted, Err(ChangeGroupsError::HasRules)));
    groups.delete_rule(database, "narrow").await.unwrap();
    groups.delete(database, desk).await.unwrap();
    let late = groups.add_rule(database, rule).await;
    assert!(matches!(late, Err(ChangeRulesError::GroupGone)), "{late:?}");
    let odd = groups.delete_rule(database, "nar\0row").await;
    assert!(matches!(odd, Err(ChangeRulesError::Unknown)), "{odd:?}");
}

#[sqlx::test(migrations = false)]
async fn the_group_of_administrators_keeps_all_rights(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let (groups, database) = (&office.bed.core.groups, &office.bed.database);
    let administrator = office.group(ADMINISTRATOR).await;
    let none = [(Resource::USERS, Verbs::default())];
    let set = groups.set_rights(database, administrator, &none).await;
    assert!(matches!(set, Err(ChangeGroupsError::BuiltIn)), "{set:?}");
    let known = groups.list(database).await.unwrap();
    let kept = known.iter().find(|group| group.id == administrator);
    for resource in Resource::ALL {
        let rights = &kept.unwrap().rights;
        let right = rights.iter().find(|(name, _)| name == resource.as_str());
        let all: Verbs = resource.verbs().iter().copied().collect();
        assert_eq!(right.map(|(_, verbs)| *verbs), Some(all), "{resource:?}");
    }
    // A right that no resource has would lift its users above the administrators.
    let desk = office.create_group("desk", &[Verb::Read]).await;
    let all: Verbs = Verb::ALL.iter().copied().collect();
    let set = groups.set_right(database, desk, Resource::AUDIT, all).await;
    assert!(
        matches!(set, Err(ChangeGroupsError::NoSuchRight)),
        "{set:?}"
    );
}

#[sqlx::test(migrations = false)]
async fn an_old_page_takes_no_later_change_back(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let Office {
        bed, administrator, ..
    } = &office;
    let (desk, chief) = (
        office.create_group("desk", &[]).await,
        office.create_group("chief", &[]).await,
    );
    let confirmed = || bed.core.sessions.confirmed(administrator).unwrap();
    let users = &bed.core.users;
    let user = office.group(USER).await;
    // Both pages show that Ada is a user.
    let shown = [user];
    for group in [desk, chief] {
        let chosen = [user, group];
        let set = users.set_groups_as(confirmed(), bed.ada.id, &shown, &chosen);
        set.await.unwrap();
    }
    let of_ada = async || -> Vec<GroupId> {
        let groups = &bed.core.groups;
        let mut own = groups.list_of_user(&bed.database, &bed.ada).await.unwrap();
        own.sort_unstable();
        own
    };
    let mut all = [user, desk, chief];
    all.sort_unstable();
    assert_eq!(of_ada().await, all);
    // A page that still shows a group does not give the group back.
    let (before, kept) = ([user, desk], [user, desk]);
    office.put(&bed.ada, &[user]).await;
    let set = users.set_groups_as(confirmed(), bed.ada.id, &before, &kept);
    set.await.unwrap();
    assert_eq!(of_ada().await, [user]);
}

#[sqlx::test(migrations = false)]
async fn a_person_changes_the_own_account_under_my_profile(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let group = [office.group(ADMINISTRATOR).await];
    office.person("eve", &group).await;
    let (root, administrator) = (&office.root, &office.administrator);
    let users = &office.bed.core.users;
    let confirmed = || office.bed.core.sessions.confirmed(administrator).unwrap();
    let reset = users.reset_password_as(confirmed(), root.id).await;
    assert!(matches!(reset, Err(AdministerError::NoAccess)));
    let disabled = office.disable(administrator, root.id).await;
    assert!(matches!(disabled, Err(AdministerError::NoAccess)));
    let deleted = office.delete(administrator, root).await;
    assert!(matches!(deleted, Err(AdministerError::NoAccess)));
    office
        .set_groups(administrator, root.id, &group)
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn an_administrator_is_always_left(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let Office {
        bed,
        root,
        administrator,
    } = &office;
    let last = |acted: Result<(), AdministerError>| {
        assert!(matches!(acted, Err(AdministerError::LastAdministrator)));
    };
    let user = [office.group(USER).await];
    last(office.set_groups(administrator, root.id, &user).await);
    last(office.set_groups(administrator, root.id, &[]).await);
    // A disabled administrator does not count.
    let group = [office.group(ADMINISTRATOR).await];
    let (other, _) = office.person("eve", &group).await;
    office.disable(administrator, other.id).await.unwrap();
    // A person with all rights, who is no administrator.
    let chief = office.create_group("chief", Verb::ALL).await;
    let all = |resource: Resource| resource.verbs().iter().copied().collect();
    let rights = Resource::ALL.map(|resource| (resource, all(resource)));
    let groups = &bed.core.groups;
    groups
        .set_rights(&bed.database, chief, &rights)
        .await
        .unwrap();
    let (_, by) = office.person("zoe", &[chief]).await;
    last(office.disable(&by, root.id).await.map(drop));
    last(office.delete(&by, root).await.map(drop));
    last(office.set_groups(&by, root.id, &user).await);
    // Other users may go.
    office.delete(administrator, &bed.ada).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn of_two_administrators_who_end_each_other_one_stays(_: Pool, options: Options) {
    let office = Office::new(options.clone()).await;
    let look = testing::look(options).await;
    let administrators = [office.group(ADMINISTRATOR).await];
    let user = [office.group(USER).await];
    for round in 0..6 {
        let login = format!("eve{round}");
        let (other, by) = office.person(&login, &administrators).await;
        let root = &office.root;
        let administrator = &caller(&office.bed, "root").await;
        let (first, second) = match round % 3 {
            0 => tokio::join!(
                async { office.disable(administrator, other.id).await.map(drop) },
                async { office.disable(&by, root.id).await.map(drop) },
            ),
            1 => tokio::join!(
                async { office.delete(administrator, &other).await.map(drop) },
                async { office.set_groups(&by, root.id, &user).await },
            ),
            _ => tokio::join!(
                office.set_groups(administrator, other.id, &user),
                office.set_groups(&by, root.id, &user),
            ),
        };
        // The other has lost the right, is locked out, or would be the last administrator.
        assert!(
            first.is_ok() != second.is_ok(),
            "{round}: {first:?} {second:?}"
        );
        let left = "select count(*) from users where is_administrator and disabled_at is null";
        let left: i64 = sqlx::query_scalar(left).fetch_one(&look).await.unwrap();
        assert_eq!(left, 1, "{round}");
        // Back to one administrator, who is Root.
        let users = &office.bed.core.users;
        let database = &office.bed.database;
        users.enable(database, root).await.unwrap();
        office.put(root, &administrators).await;
        users.delete(database, &other).await.unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn a_user_who_becomes_an_administrator_meanwhile_keeps_the_password(
    _: Pool,
    options: Options,
) {
    let office = Office::new(options.clone()).await;
    let bed = &office.bed;
    let desk = office
        .create_group("desk", &[Verb::Read, Verb::Write])
        .await;
    let (_, by) = office.person("bob", &[desk]).await;
    let look = testing::look(options.clone()).await;
    let elsewhere = testing::look(options).await;

    let mut promotion = look.begin().await.unwrap();
    sqlx::query("select from companies for update")
        .execute(&mut *promotion)
        .await
        .unwrap();
    sqlx::query("insert into user_groups select $1, group_named('administrator')")
        .bind(bed.ada.id.as_uuid())
        .execute(&mut *promotion)
        .await
        .unwrap();
    let confirmed = bed.core.sessions.confirmed(&by).unwrap();
    let (acted, ()) = tokio::join!(
        bed.core.users.reset_password_as(confirmed, bed.ada.id),
        async {
            testing::until_blocked(&elsewhere, 1).await;
            promotion.commit().await.unwrap();
        }
    );
    assert!(matches!(acted, Err(AdministerError::NoAccess)));
    bed.log_in().await;
}

#[sqlx::test(migrations = false)]
async fn a_person_gives_the_companies_that_the_person_sees(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let Office {
        bed, administrator, ..
    } = &office;
    let companies = &bed.core.companies;
    let company = async |name: &str| {
        let name = name.parse().unwrap();
        companies.create(&bed.database, &name, None).await.unwrap()
    };
    let (north, south) = (company("North").await, company("South").await);
    let first = companies.list_of_user(&bed.database, &bed.ada).await;
    let first = first.unwrap().remove(0).id;
    let of_ada = async || -> Vec<CompanyId> {
        let own = companies.list_of_user(&bed.database, &bed.ada).await;
        own.unwrap().into_iter().map(|company| company.id).collect()
    };
    let set = async |by: &Caller, shown: &[CompanyId], given: &[CompanyId]| {
        let confirmed = bed.core.sessions.confirmed(by).unwrap();
        let users = &bed.core.users;
        users
            .set_companies_as(confirmed, bed.ada.id, shown, given)
            .await
    };
    let shown = bed
        .core
        .users
        .show(administrator, bed.ada.id)
        .await
        .unwrap();
    assert_eq!(shown.companies.len(), 3);
    // The default company stays the first one.
    set(administrator, &[first], &[south, north, first])
        .await
        .unwrap();
    assert_eq!(of_ada().await[0], first);
    assert_eq!(of_ada().await.len(), 3);
    let all = [first, south, north];
    set(administrator, &all, &[south]).await.unwrap();
    assert_eq!(of_ada().await, [south]);
    let none = set(administrator, &[south], &[]).await;
    assert!(matches!(
        none,
        Err(AdministerError::Companies(SetCompaniesError::NoneInUse))
    ));

    // A help desk of North neither gives nor takes South.
    let desk = office
        .create_group("desk", &[Verb::Read, Verb::Write])
        .await;
    let (bob, _) = office.person("bob", &[desk]).await;
    companies
        .set_of_user(&bed.database, &bob, &[north])
        .await
        .unwrap();
    let by = caller(bed, "bob").await;
    let shown = bed.core.users.show(&by, bed.ada.id).await.unwrap();
    let seen: Vec<_> = shown.companies.iter().map(|company| company.id).collect();
    assert_eq!(seen, [north]);
    set(&by, &[], &[north]).await.unwrap();
    assert_eq!(of_ada().await, [south, north]);
    let refused = set(&by, &[north, south], &[north]).await;
    assert!(matches!(refused, Err(AdministerError::NoAccess)));
    set(&by, &[north], &[]).await.unwrap();
    assert_eq!(of_ada().await, [south]);
    let refused = set(&by, &[], &[first]).await;
    assert!(matches!(refused, Err(AdministerError::NoAccess)));

    // A company that is gone, or archived since the page was made, is not given.
    let gone = CompanyId::new(uuid::Uuid::nil());
    let both = [north, south];
    companies
        .set_of_user(&bed.database, &bed.ada, &both)
        .await
        .unwrap();
    companies
        .set_of_user(&bed.database, &bob, &both)
        .await
        .unwrap();
    companies.archive(&bed.database, north).await.unwrap();
    for company in [gone, north] {
        let refused = set(administrator, &[south], &[south, company]).await;
        assert!(
            matches!(refused, Err(AdministerError::NoAccess)),
            "{refused:?}"
        );
    }
    // The archived company stays with the user.
    set(administrator, &[south], &[south, first]).await.unwrap();
    companies.restore(&bed.database, north).await.unwrap();
    let own = of_ada().await;
    assert_eq!((own.len(), own[0]), (3, south));
}

#[sqlx::test(migrations = false)]
async fn a_person_gives_another_name_and_login(_: Pool, options: Options) {
    let office = Office::new(options).await;
    let Office {
        bed, administrator, ..
    } = &office;
    let rename = async |name: &str, login: &str| {
        let (name, login) = (name.parse().unwrap(), Login::new(login).unwrap());
        let confirmed = bed.core.sessions.confirmed(administrator).unwrap();
        let users = &bed.core.users;
        users.rename_as(confirmed, bed.ada.id, &name, &login).await
    };
    let opened = bed.log_in().await;
    assert_eq!(rename("Countess", &bed.ada.login).await.unwrap(), 0);
    assert_eq!(bed.caller(&opened).await.user.name, "Countess");
    let taken = rename("Other", "ROOT").await;
    assert!(matches!(
        taken,
        Err(AdministerError::Rename(RenameUserError::LoginTaken))
    ));
    let alike = rename("Other", "r\u{043e}ot").await;
    assert!(matches!(
        alike,
        Err(AdministerError::Rename(RenameUserError::LooksLike(_)))
    ));
    // A refused login changes no name.
    assert_eq!(bed.caller(&opened).await.user.name, "Countess");
    assert_eq!(rename("Countess", "countess").await.unwrap(), 1);
    assert_eq!(cause(bed, &opened).await, Some(EndCause::LoginChanged));
    bed.try_log_in("countess", PASSWORD).await.unwrap();
}
