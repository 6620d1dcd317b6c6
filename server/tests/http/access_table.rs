//! What each role reaches with each server function, held to the table `access_table.md`.
//!
//! The test calls each function for each role, about something of a company of the caller, about something of another company, and
//! about something of another database. Each call has something new to act on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use http::StatusCode;
use latchkey_app::audience::Audience;
use latchkey_core::{
    access::{
        ADMINISTRATOR, GroupId, PORTAL, Policy, PolicyLevel, PolicySetting, Resource, Scope, USER,
        Verb, Verbs,
    },
    account::{GroupAbout, NewRule},
    company::CompanyId,
    database::Database,
    session::SessionId,
    testing::{self, PASSWORD},
    user::{Role, User},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::{
    access::everything,
    browser::{Answer, Browser, TestServer},
    databases::with_two,
};

const TABLE: &str = include_str!("access_table.md");

/// The functions that take nothing from the caller but what is the caller's own.
const OWN: [&str; 9] = [
    "/api/change_name",
    "/api/change_password",
    "/api/list_activity",
    "/api/list_devices",
    "/api/list_ended_devices",
    "/api/make_log_in_code",
    "/api/revoke_other_devices",
    "/api/save_preferences",
    "/api/session_events",
];

/// The functions that are about nothing that there is.
const NEW: [&str; 4] = [
    "/api/add_company",
    "/api/add_group",
    "/api/add_user",
    "/api/set_debug_mode",
];

/// Where the thing is that a call is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In a company of the caller, or the caller's own.
    Own,
    /// In another company, or another user's.
    Other,
    /// In another database.
    Elsewhere,
}

const PLACES: [(Place, &str); 3] = [
    (Place::Own, "own"),
    (Place::Other, "other"),
    (Place::Elsewhere, "another database"),
];

/// The things that a call can be about.
struct Things {
    user: User,
    company: CompanyId,
    company_name: String,
    group: GroupId,
    group_name: String,
    /// Only for functions about devices.
    session: Option<SessionId>,
}

struct World {
    server: TestServer,
    elsewhere: Database,
    north: CompanyId,
    south: CompanyId,
    number: u32,
}

impl World {
    async fn new(options: PgConnectOptions) -> Self {
        let (server, other) = with_two(options).await;
        let core = &server.bed.core;
        let elsewhere = core.databases.open_any(&other).await.unwrap();
        let companies = &core.companies;
        let create = async |name: &str| {
            let name = name.parse().unwrap();
            companies
                .create(&server.bed.database, &name, None)
                .await
                .unwrap()
        };
        let (north, south) = (create("North").await, create("South").await);
        Self {
            elsewhere,
            north,
            south,
            number: 0,
            server,
        }
    }

    /// New things in a place. The company is the caller's if the place is.
    async fn things(&mut self, place: Place, caller: Option<&User>, path: &str) -> Things {
        self.number += 1;
        let number = self.number;
        let bed = &self.server.bed;
        let core = &bed.core;
        let database = if place == Place::Elsewhere {
            &self.elsewhere
        } else {
            &bed.database
        };
        let login = format!("person{number}");
        let new = testing::new_user(&login, "Person", Role::Person);
        let user = core.users.create(database, new).await.unwrap();
        let company_name = format!("Company {number}");
        let named = company_name.parse().unwrap();
        let company = core.companies.create(database, &named, None).await.unwrap();
        let of_user = match place {
            Place::Own => Some(self.north),
            Place::Other => Some(self.south),
            Place::Elsewhere => None,
        };
        if let Some(of_user) = of_user {
            let companies = [of_user];
            let set = core.companies.set_of_user(database, &user, &companies);
            set.await.unwrap();
        }
        if let (Place::Own, Some(caller)) = (place, caller) {
            let own = [self.north, company];
            let set = core.companies.set_of_user(database, caller, &own);
            set.await.unwrap();
        }
        let group_name = format!("group{number}");
        let title = format!("Group {number}").parse().unwrap();
        let (named, about) = (group_name.parse().unwrap(), GroupAbout::default());
        let group = core.groups.create(database, &named, &title, &about);
        let group = group.await.unwrap();
        let session = if path.contains("device") {
            let owner = match (place, caller) {
                (Place::Own, Some(caller)) => caller.login.clone(),
                _ => login,
            };
            let attempt = testing::attempt(&owner, PASSWORD);
            Some(core.log_in.attempt(database, attempt).await.unwrap().id)
        } else {
            None
        };
        Things {
            user,
            company,
            company_name,
            group,
            group_name,
            session,
        }
    }

    fn database_of(&self, place: Place) -> &Database {
        if place == Place::Elsewhere {
            &self.elsewhere
        } else {
            &self.server.bed.database
        }
    }

    /// A rule that changes nothing, and a policy that ends nothing.
    async fn add_rule_and_policy(&self, things: &Things, place: Place) {
        let (core, database) = (&self.server.bed.core, self.database_of(place));
        let rule = NewRule {
            name: things.company_name.parse().unwrap(),
            resource: Resource::COMPANIES,
            group: None,
            verbs: Verbs::default().with(Verb::Delete),
            scope: Scope::All,
        };
        core.groups.add_rule(database, rule).await.unwrap();
        let policy = Policy {
            level: PolicyLevel::Group(things.group),
            setting: PolicySetting::MaxSessions,
            value: 100,
        };
        core.policies.set(database, policy).await.unwrap();
    }

    /// Calls a function about something, and returns whether the caller reached it.
    async fn reaches(
        &self,
        browser: &mut Browser,
        path: &str,
        things: &Things,
    ) -> Result<bool, String> {
        let Some(fields) = fields(path, things, self) else {
            return Err(format!("{path} has no row"));
        };
        let reads = everything()
            .iter()
            .any(|(known, _, method)| *known == path && method == http::Method::GET);
        let answer = if reads {
            let query: Vec<_> = fields
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            browser.read(&format!("{path}?{}", query.join("&"))).await
        } else {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            browser.post(path, &fields).await
        };
        outcome(&answer)
            .map(|done| done && word(path, things).is_none_or(|word| answer.body.contains(&word)))
    }
}

/// Whether a call was done; an error if it was neither done nor refused.
fn outcome(answer: &Answer) -> Result<bool, String> {
    let refusals = [
        "\"LoggedOut\"",
        "\"NoAccess\"",
        "\"NotFound\"",
        "{\"Company\":\"NotAllowed\"}",
    ];
    match answer.status {
        StatusCode::OK => Ok(true),
        _ if refusals.contains(&answer.body.as_str()) => Ok(false),
        status => Err(format!("{status} {}", answer.body)),
    }
}

type Fields = Vec<(&'static str, String)>;

/// The word by which the thing is known in a list; `None` if the function is no list.
fn word(path: &str, things: &Things) -> Option<String> {
    Some(match path {
        "/api/list_users" => things.user.id.to_string(),
        "/api/list_companies" => things.company.to_string(),
        "/api/list_groups" | "/api/list_policies" => things.group.to_string(),
        "/api/list_rules" => things.company_name.clone(),
        "/api/list_audit" => things.group_name.clone(),
        _ => return None,
    })
}

/// The fields of a call about something; `None` if the function has no row.
fn fields(path: &str, things: &Things, world: &World) -> Option<Fields> {
    let text = str::to_owned;
    let id = |id: &dyn ToString| vec![("id", id.to_string())];
    let also = |mut fields: Fields, more: Fields| {
        fields.extend(more);
        fields
    };
    let (user, company, group) = (&things.user, &things.company, &things.group);
    let session = || {
        things
            .session
            .as_ref()
            .map_or_else(Vec::new, |session| id(session))
    };
    let new = format!("new{}", world.number);
    Some(match path {
        "/api/list_users" => vec![("search", user.login.clone())],
        "/api/list_companies"
        | "/api/list_groups"
        | "/api/list_rules"
        | "/api/list_policies"
        | "/api/list_audit" => Vec::new(),
        "/api/show_user" => id(&user.id),
        "/api/act_on_user" => also(id(&user.id), vec![("act", text("disable"))]),
        "/api/add_user" => vec![("login", new), ("name", text("New"))],
        "/api/add_company" => vec![("name", new)],
        "/api/add_group" => vec![("title", new.clone()), ("name", new), ("about", text(""))],
        "/api/set_user_groups" => also(
            id(&user.id),
            vec![
                ("shown[]", group.to_string()),
                ("groups[]", group.to_string()),
            ],
        ),
        "/api/set_user_companies" => also(
            id(&user.id),
            vec![
                ("shown[]", world.north.to_string()),
                ("companies[]", world.north.to_string()),
            ],
        ),
        "/api/rename_user" => also(id(&user.id), vec![("name", text("Other")), ("login", new)]),
        "/api/delete_user" => also(id(&user.id), vec![("login", user.login.clone())]),
        "/api/set_company_profile" => also(id(company), vec![("language", text("de"))]),
        "/api/rename_company" => also(id(company), vec![("name", new)]),
        "/api/show_company" | "/api/archive_company" | "/api/restore_company" => id(company),
        "/api/set_group_rights" => also(
            id(group),
            vec![
                ("shown[]", text("users:read")),
                ("rights[]", text("users:read")),
            ],
        ),
        "/api/show_group" | "/api/set_implied_groups" => id(group),
        "/api/describe_group" => also(id(group), vec![("title", new), ("about", text("x"))]),
        "/api/delete_group" => also(id(group), vec![("name", things.group_name.clone())]),
        "/api/add_rule" => vec![
            ("name", new),
            ("resource", text("companies")),
            ("group", group.to_string()),
            ("verbs[]", text("delete")),
            ("scope", text("all")),
        ],
        "/api/delete_rule" => vec![("name", things.company_name.clone())],
        "/api/set_policy" => vec![
            ("setting", text("max_sessions")),
            ("whom", format!("group:{group}")),
            ("number", text("90")),
            ("unit", text("devices")),
        ],
        "/api/clear_policy" => vec![
            ("setting", text("max_sessions")),
            ("whom", format!("group:{group}")),
            ("value", text("100")),
        ],
        "/api/set_debug_mode" => vec![("mode", text("0"))],
        "/api/choose_companies" => vec![("only", company.to_string())],
        "/api/revoke_device" | "/api/acknowledge_device" => session(),
        "/api/name_device" => also(session(), vec![("device_name", text("x"))]),
        _ => return None,
    })
}

/// A role, and the browser of a user who has it; a stranger has no user.
struct Caller {
    name: &'static str,
    user: Option<User>,
    browser: Browser,
}

async fn callers(world: &World) -> Vec<Caller> {
    let bed = &world.server.bed;
    let (core, database) = (&bed.core, &bed.database);
    let (name, title) = ("desk".parse().unwrap(), "Desk".parse().unwrap());
    let about = GroupAbout::default();
    let desk = core.groups.create(database, &name, &title, &about);
    let desk = desk.await.unwrap();
    let rights = [Resource::USERS, Resource::COMPANIES]
        .map(|resource| (resource, Verb::ALL.iter().copied().collect()));
    let set = core.groups.set_rights(database, desk, &rights);
    set.await.unwrap();
    for resource in [Resource::USERS, Resource::COMPANIES] {
        let rule = NewRule {
            name: resource.as_str().parse().unwrap(),
            resource,
            group: Some(desk),
            verbs: Verb::ALL.iter().copied().collect(),
            scope: Scope::AllowedCompanies,
        };
        core.groups.add_rule(database, rule).await.unwrap();
    }
    let known = core.groups.list(database).await.unwrap();
    let mut callers = Vec::new();
    for name in ["stranger", PORTAL, USER, "desk", ADMINISTRATOR] {
        let mut browser = world.server.browser();
        let mut user = None;
        if let Some(group) = known.iter().find(|group| group.name == name) {
            let new = testing::new_user(name, name, Role::Person);
            let created = core.users.create(database, new).await.unwrap();
            let groups = [group.id];
            let set = core.groups.set_of_user(database, &created, &groups);
            set.await.unwrap();
            let companies = [world.north];
            let set = core.companies.set_of_user(database, &created, &companies);
            set.await.unwrap();
            let own = database.name().to_string();
            let fields = [
                ("database", own.as_str()),
                ("login", name),
                ("password", PASSWORD),
            ];
            let logged_in = browser.post("/api/log_in", &fields).await;
            assert_eq!(logged_in.status, StatusCode::OK, "{name}");
            user = Some(created);
        }
        callers.push(Caller {
            name,
            user,
            browser,
        });
    }
    callers
}

#[sqlx::test(migrations = false)]
async fn each_role_reaches_what_the_table_says(_: PgPoolOptions, options: PgConnectOptions) {
    let mut world = World::new(options).await;
    let mut callers = callers(&world).await;
    let functions = everything().into_iter().filter(|(path, audience, _)| {
        let is_open = matches!(
            audience,
            Audience::Anyone | Audience::Bearer | Audience::Step(_)
        );
        path.starts_with("/api/") && !is_open && !OWN.contains(path)
    });
    let functions: BTreeSet<_> = functions.map(|(path, ..)| path).collect();
    let known: Vec<_> = everything().into_iter().map(|(path, ..)| path).collect();
    for path in OWN {
        assert!(known.contains(&path), "{path}");
    }
    let mut strange = Vec::new();
    let mut rows: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for path in functions {
        for caller in &mut callers {
            let mut reached = Vec::new();
            let places: &[_] = if NEW.contains(&path) {
                &[(Place::Own, "yes")]
            } else {
                &PLACES
            };
            for &(place, word) in places {
                let things = world.things(place, caller.user.as_ref(), path).await;
                if path.contains("rule") || path.contains("polic") {
                    world.add_rule_and_policy(&things, place).await;
                }
                if path == "/api/restore_company" {
                    let core = &world.server.bed.core;
                    let archived = core
                        .companies
                        .archive(world.database_of(place), things.company);
                    archived.await.unwrap();
                }
                match world.reaches(&mut caller.browser, path, &things).await {
                    Ok(true) => reached.push(word),
                    Ok(false) => {}
                    Err(error) => strange.push(format!("{path} {} {word}: {error}", caller.name)),
                }
            }
            rows.entry(path).or_default().push(reached.join(", "));
        }
    }
    assert!(strange.is_empty(), "{strange:#?}");
    let mut table = String::new();
    for (path, cells) in &rows {
        let cells = cells
            .iter()
            .map(|cell| if cell.is_empty() { "–" } else { cell });
        let name = path.trim_start_matches("/api/");
        writeln!(
            table,
            "| {name} | {} |",
            cells.collect::<Vec<_>>().join(" | ")
        )
        .unwrap();
    }
    let names: Vec<_> = callers.iter().map(|caller| caller.name).collect();
    let head = format!("| function | {} |\n", names.join(" | "));
    assert!(TABLE.contains(&head), "{head}");
    assert!(TABLE.ends_with(&table), "{table}");
}
