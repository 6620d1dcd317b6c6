//! Random groups, rights, record rules and companies: each user sees the rows that a naive reading of the rules says.
//! `cargo xtask fuzz` runs more cases.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeSet;

use latchkey_core::{
    access::{GroupId, Resource, Scope, Verb, Verbs},
    account::{GroupAbout, NewRule, Subject, UserFilter},
    company::CompanyId,
    log_in::OpenedSession,
    testing::{self, PASSWORD, TestBed},
    user::{Role, User},
};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

const USERS: usize = 5;
const GROUPS: usize = 4;
const COMPANIES: usize = 3;
const RESOURCES: [Resource; 2] = [Resource::USERS, Resource::COMPANIES];

/// What one case has, by number.
#[derive(Clone, Debug)]
struct Case {
    people: Vec<Person>,
    /// Each pair: the first group implies the second one, whose number is larger.
    implied: BTreeSet<(usize, usize)>,
    rights: Vec<(usize, Resource, Vec<Verb>)>,
    rules: Vec<Rule>,
}

#[derive(Clone, Debug)]
struct Person {
    groups: BTreeSet<usize>,
    /// The companies that the person may work for, the default one first.
    allowed: Vec<usize>,
    /// Those of them that the session works for; the first allowed one if it works for none.
    chosen: Vec<bool>,
}

#[derive(Clone, Debug)]
struct Rule {
    group: Option<usize>,
    resource: Resource,
    verbs: Vec<Verb>,
    scope: Scope,
}

fn verbs() -> impl Strategy<Value = Vec<Verb>> {
    prop::sample::subsequence(Verb::ALL.to_vec(), 1..=Verb::ALL.len())
}

fn resource() -> impl Strategy<Value = Resource> {
    prop::sample::select(RESOURCES.to_vec())
}

fn person() -> impl Strategy<Value = Person> {
    let companies: Vec<usize> = (0..COMPANIES).collect();
    (
        prop::collection::btree_set(0..GROUPS, 0..3),
        prop::sample::subsequence(companies, 1..=COMPANIES).prop_shuffle(),
        prop::collection::vec(any::<bool>(), COMPANIES),
    )
        .prop_map(|(groups, allowed, chosen)| Person {
            groups,
            allowed,
            chosen,
        })
}

fn rule() -> impl Strategy<Value = Rule> {
    (
        prop::option::of(0..GROUPS),
        resource(),
        verbs(),
        prop::sample::select(Scope::ALL.to_vec()),
    )
        .prop_map(|(group, resource, verbs, scope)| Rule {
            group,
            resource,
            verbs,
            scope,
        })
}

fn case() -> impl Strategy<Value = Case> {
    (
        prop::collection::vec(person(), USERS),
        prop::collection::btree_set((0..GROUPS, 0..GROUPS), 0..5),
        prop::collection::vec((0..GROUPS, resource(), verbs()), 0..6),
        prop::collection::vec(rule(), 0..6),
    )
        .prop_map(|(people, implied, rights, rules)| Case {
            people,
            implied: implied
                .into_iter()
                .filter(|(one, other)| one < other)
                .collect(),
            rights,
            rules,
        })
}

impl Person {
    fn active(&self) -> Vec<usize> {
        let chosen = self.allowed.iter().zip(&self.chosen);
        let chosen: Vec<_> = chosen
            .filter(|(_, is)| **is)
            .map(|(company, _)| *company)
            .collect();
        if chosen.is_empty() {
            self.allowed.iter().copied().take(1).collect()
        } else {
            chosen
        }
    }
}

impl Case {
    /// The groups that a person is in, step by step until no step adds one.
    fn groups_of(&self, person: &Person) -> BTreeSet<usize> {
        let mut all = person.groups.clone();
        loop {
            let implied = self.implied.iter().filter(|(group, _)| all.contains(group));
            let next: BTreeSet<_> = implied.map(|(_, implied)| *implied).collect();
            if next.is_subset(&all) {
                return all;
            }
            all.extend(next);
        }
    }

    fn may(&self, person: &Person, verb: Verb, resource: Resource) -> bool {
        let groups = self.groups_of(person);
        self.rights.iter().any(|(group, of, verbs)| {
            groups.contains(group) && *of == resource && verbs.contains(&verb)
        })
    }

    /// Whether a person reads a row of these companies by rights and rules.
    fn reads(&self, person: &Person, resource: Resource, is_own: bool, of: &[usize]) -> bool {
        let active = person.active();
        let passes = |rule: &&Rule| match rule.scope {
            Scope::Own => is_own,
            Scope::ActiveCompanies => of.iter().any(|company| active.contains(company)),
            Scope::AllowedCompanies => of.iter().any(|company| person.allowed.contains(company)),
            Scope::All => true,
        };
        let groups = self.groups_of(person);
        let about = self.rules.iter();
        let about =
            about.filter(|rule| rule.resource == resource && rule.verbs.contains(&Verb::Read));
        let about: Vec<_> = about.collect();
        let mut of_all = about.iter().copied().filter(|rule| rule.group.is_none());
        let of_groups = about.iter().copied();
        let of_groups =
            of_groups.filter(|rule| rule.group.is_some_and(|group| groups.contains(&group)));
        let of_groups: Vec<_> = of_groups.collect();
        self.may(person, Verb::Read, resource)
            && of_all.all(|rule| passes(&rule))
            && (of_groups.is_empty() || of_groups.iter().any(passes))
    }
}

/// A database with the users, groups and companies that the cases are about.
struct World {
    bed: TestBed,
    users: Vec<(User, OpenedSession)>,
    groups: Vec<GroupId>,
    companies: Vec<CompanyId>,
}

impl World {
    async fn new(options: PgConnectOptions) -> Self {
        let bed = TestBed::new(options).await;
        let (core, database) = (bed.core.clone(), bed.database.clone());
        let database = &database;
        let mut users = Vec::new();
        for number in 0..USERS {
            let login = format!("user{number}");
            let new = testing::new_user(&login, &login, Role::Person);
            let user = core.users.create(database, new).await.unwrap();
            users.push((user, bed.try_log_in(&login, PASSWORD).await.unwrap()));
        }
        let mut groups = Vec::new();
        for number in 0..GROUPS {
            let (name, title) = (format!("group{number}"), format!("Group {number}"));
            let (name, title) = (name.parse().unwrap(), title.parse().unwrap());
            let about = GroupAbout::default();
            groups.push(
                core.groups
                    .create(database, &name, &title, &about)
                    .await
                    .unwrap(),
            );
        }
        let mut companies = Vec::new();
        for number in 0..COMPANIES {
            let name = format!("Company {number}").parse().unwrap();
            companies.push(core.companies.create(database, &name, None).await.unwrap());
        }
        Self {
            bed,
            users,
            groups,
            companies,
        }
    }

    /// Brings the database to what a case has.
    async fn set(&self, case: &Case) {
        let (core, database) = (&self.bed.core, &self.bed.database);
        for rule in core.groups.list_rules(database).await.unwrap() {
            core.groups.delete_rule(database, &rule.name).await.unwrap();
        }
        let of_number = |number: &usize| self.groups[*number];
        for group in &self.groups {
            core.groups
                .set_implied(database, *group, &[])
                .await
                .unwrap();
        }
        for (number, group) in self.groups.iter().enumerate() {
            let implied = case.implied.iter().filter(|(of, _)| *of == number);
            let implied: Vec<_> = implied.map(|(_, implied)| of_number(implied)).collect();
            core.groups
                .set_implied(database, *group, &implied)
                .await
                .unwrap();
            let rights = RESOURCES.map(|resource| {
                let given = case.rights.iter();
                let given = given.filter(|(of, what, _)| *of == number && *what == resource);
                let verbs: Verbs = given
                    .flat_map(|(_, _, verbs)| verbs.iter().copied())
                    .collect();
                (resource, verbs)
            });
            core.groups
                .set_rights(database, *group, &rights)
                .await
                .unwrap();
        }
        for ((user, opened), person) in self.users.iter().zip(&case.people) {
            let groups: Vec<_> = person.groups.iter().map(of_number).collect();
            core.groups
                .set_of_user(database, user, &groups)
                .await
                .unwrap();
            let of = |numbers: &[usize]| -> Vec<_> {
                numbers
                    .iter()
                    .map(|number| self.companies[*number])
                    .collect()
            };
            let allowed = of(&person.allowed);
            core.companies
                .set_of_user(database, user, &allowed)
                .await
                .unwrap();
            let caller = self.bed.caller(opened).await;
            core.companies
                .choose(&caller, &of(&person.active()))
                .await
                .unwrap();
        }
        for (number, rule) in case.rules.iter().enumerate() {
            let new = NewRule {
                name: format!("rule {number}").parse().unwrap(),
                resource: rule.resource,
                group: rule.group.as_ref().map(of_number),
                verbs: rule.verbs.iter().copied().collect(),
                scope: rule.scope,
            };
            core.groups.add_rule(database, new).await.unwrap();
        }
    }

    /// Compares the explanations for a user with what the case says of a new session.
    async fn check_explanations(&self, case: &Case) {
        let (core, database) = (&self.bed.core, &self.bed.database);
        let (user, _) = &self.users[0];
        let person = Person {
            chosen: Vec::new(),
            ..case.people[0].clone()
        };
        for (number, ((other, _), of)) in self.users.iter().zip(&case.people).enumerate() {
            let explained = core.groups.explain(database, user, Subject::User(other));
            let is_own = number == 0;
            let sees = is_own || case.reads(&person, Resource::USERS, is_own, &of.allowed);
            assert_eq!(
                explained.await.unwrap().sees,
                sees,
                "user {number} {case:#?}"
            );
        }
        for (number, company) in self.companies.iter().enumerate() {
            let explained = core
                .groups
                .explain(database, user, Subject::Company(*company));
            let sees = person.allowed.contains(&number)
                || case.reads(&person, Resource::COMPANIES, false, &[number]);
            assert_eq!(
                explained.await.unwrap().sees,
                sees,
                "company {number} {case:#?}"
            );
        }
    }

    /// Compares what each user sees with what the case says.
    async fn check(&self, case: &Case) {
        let core = &self.bed.core;
        for (number, ((_, opened), person)) in self.users.iter().zip(&case.people).enumerate() {
            let caller = self.bed.caller(opened).await;
            for resource in RESOURCES {
                for verb in Verb::ALL {
                    let expected = case.may(person, *verb, resource);
                    let found = caller.rights.may(*verb, resource);
                    assert_eq!(found, expected, "{number} {verb:?} {resource:?} {case:#?}");
                }
            }
            let seen = core
                .users
                .page(
                    &caller,
                    UserFilter {
                        search: "user",
                        group: None,
                    },
                    None,
                )
                .await
                .unwrap();
            let seen: BTreeSet<_> = seen
                .users
                .iter()
                .map(|seen| seen.user.login.clone())
                .collect();
            let rows = case.people.iter().enumerate();
            let expected = rows.filter(|(row, of)| {
                let is_own = *row == number;
                is_own || case.reads(person, Resource::USERS, is_own, &of.allowed)
            });
            let expected: BTreeSet<_> = expected.map(|(row, _)| format!("user{row}")).collect();
            assert_eq!(seen, expected, "user {number} {case:#?}");

            let seen = core.companies.list_seen(&caller).await.unwrap();
            let seen = seen.iter().map(|seen| seen.record.company.id);
            let seen = seen.filter_map(|id| self.companies.iter().position(|known| *known == id));
            let seen: BTreeSet<_> = seen.collect();
            let expected = (0..COMPANIES).filter(|company| {
                person.allowed.contains(company)
                    || case.reads(person, Resource::COMPANIES, false, &[*company])
            });
            let expected: BTreeSet<_> = expected.collect();
            assert_eq!(seen, expected, "companies for {number} {case:#?}");
        }
    }
}

fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(300)
}

#[sqlx::test(migrations = false)]
async fn each_user_sees_what_a_naive_reading_of_the_rules_says(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let world = World::new(options).await;
    let mut runner = TestRunner::new(Config::default());
    for _ in 0..cases() {
        let case = case().new_tree(&mut runner).unwrap().current();
        world.set(&case).await;
        world.check(&case).await;
        world.check_explanations(&case).await;
    }
}
