//! Companies: who may work for which, and for which a session works.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{sync::Arc, time::Duration};

use latchkey_core::{
    DisplayedName,
    access::{Policy, PolicyLevel, PolicySetting},
    account::{
        ActivityFilter, ArchiveCompanyError, ChangeProfileError, ChooseCompaniesError,
        MOST_COMPANIES_OF_USER, NameCompanyError, NewUser, PAGE, SetCompaniesError,
    },
    activity::ActivityKind,
    client::TimeZoneName,
    company::{CompanyId, CompanyProfile, Logo},
    live::Change,
    log_in::OpenedSession,
    session::{Activity, Caller, Resumed, SessionToken},
    settings::Settings,
    testing::{self, TestBed, TestClock, attempt},
    user::{Preferences, Role, Theme, User},
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

type Pool = PgPoolOptions;
type Options = PgConnectOptions;

fn name(text: &str) -> DisplayedName {
    text.parse().unwrap()
}

/// The company that each database has at first.
async fn first(bed: &TestBed) -> CompanyId {
    let companies = bed.core.companies.list(&bed.database).await.unwrap();
    companies.first().unwrap().company.id
}

async fn create(bed: &TestBed, text: &str) -> CompanyId {
    let companies = &bed.core.companies;
    companies
        .create(&bed.database, &name(text), None)
        .await
        .unwrap()
}

async fn work_for(bed: &TestBed, user: &User, companies: &[CompanyId]) {
    let service = &bed.core.companies;
    service
        .set_of_user(&bed.database, user, companies)
        .await
        .unwrap();
}

async fn choose(bed: &TestBed, caller: &Caller, chosen: &[CompanyId]) {
    bed.core.companies.choose(caller, chosen).await.unwrap();
}

async fn active(bed: &TestBed, opened: &OpenedSession) -> Vec<CompanyId> {
    bed.caller(opened).await.companies.active().to_vec()
}

#[sqlx::test(migrations = false)]
async fn every_user_works_for_the_company_of_the_database_at_first(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let opened = bed.log_in().await;
    let companies = bed.core.companies.list(&bed.database).await.unwrap();
    assert_eq!(companies.len(), 1);
    assert_eq!(companies[0].company.name, bed.database.name().as_str());
    assert_eq!(companies[0].users, 1);
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.companies.active(), [first(&bed).await]);
    assert_eq!(caller.companies.allowed(), [first(&bed).await]);
}

#[sqlx::test(migrations = false)]
async fn a_person_chooses_the_default_company_among_the_own_ones(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let [north, south, west] = [
        create(&bed, "North").await,
        create(&bed, "South").await,
        create(&bed, "West").await,
    ];
    work_for(&bed, &bed.ada, &[north, south]).await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    let users = &bed.core.users;
    let save = async |company| {
        let preferences = Preferences {
            theme: Theme::Dark,
            ..Preferences::default()
        };
        users
            .set_own_preferences(&caller, &caller.preferences, &preferences, Some(company))
            .await
    };
    save(south).await.unwrap();
    assert_eq!(active(&bed, &bed.log_in().await).await, [south]);
    assert_eq!(active(&bed, &opened).await, [north], "the session goes on");

    let refused = save(west).await;
    assert!(matches!(refused, Err(ChangeProfileError::UnknownCompany)));
    // An administrator has taken the company away since the request began.
    work_for(&bed, &bed.ada, &[south]).await;
    let refused = save(north).await;
    assert!(matches!(refused, Err(ChangeProfileError::UnknownCompany)));
    assert_eq!(active(&bed, &bed.log_in().await).await, [south]);

    // The default company stays the default one while it is archived.
    work_for(&bed, &bed.ada, &[north, south]).await;
    let companies = &bed.core.companies;
    companies.archive(&bed.database, north).await.unwrap();
    let refused = save(north).await;
    assert!(matches!(refused, Err(ChangeProfileError::UnknownCompany)));
    save(south).await.unwrap();
    companies.restore(&bed.database, north).await.unwrap();
    assert_eq!(active(&bed, &bed.log_in().await).await, [south]);

    bed.core.sessions.log_out(&caller).await.unwrap();
    let refused = save(north).await;
    assert!(matches!(refused, Err(ChangeProfileError::LoggedOut)));
    assert_eq!(active(&bed, &bed.log_in().await).await, [south]);
}

#[sqlx::test(migrations = false)]
async fn a_choice_holds_for_its_session_from_the_next_request_on(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (north, south) = (create(&bed, "North").await, create(&bed, "South").await);
    work_for(&bed, &bed.ada, &[north, south]).await;
    let (here, elsewhere) = (bed.log_in().await, bed.log_in().await);
    assert_eq!(active(&bed, &here).await, [north]);

    choose(&bed, &bed.caller(&here).await, &[south, north, south]).await;
    assert_eq!(active(&bed, &here).await, [south, north]);
    assert_eq!(active(&bed, &elsewhere).await, [north]);
    // A new log-in starts with the default company.
    assert_eq!(active(&bed, &bed.log_in().await).await, [north]);
}

#[sqlx::test(migrations = false)]
async fn a_foreign_company_is_refused_and_recorded_once_a_minute(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let own = first(&bed).await;
    let foreign = create(&bed, "Foreign").await;
    let unknown = CompanyId::new(uuid::Uuid::from_u128(7));
    let opened = bed.log_in().await;
    for chosen in [vec![foreign], vec![own, foreign], vec![unknown]] {
        let caller = bed.caller(&opened).await;
        let refused = bed.core.companies.choose(&caller, &chosen).await;
        assert!(matches!(refused, Err(ChooseCompaniesError::NotAllowed)));
        assert_eq!(active(&bed, &opened).await, [own]);
    }
    assert_eq!(refusals(&bed, &opened).await, 1);
    bed.clock.advance(Duration::from_secs(61));
    let caller = bed.caller(&opened).await;
    let _ = bed.core.companies.choose(&caller, &[foreign]).await;
    assert_eq!(refusals(&bed, &opened).await, 2);
}

async fn refusals(bed: &TestBed, opened: &OpenedSession) -> usize {
    let caller = bed.caller(opened).await;
    let activity = &bed.core.activity;
    let all = activity.list(&caller, None, PAGE).await.unwrap().entries;
    let refused = all
        .iter()
        .filter(|entry| entry.kind == ActivityKind::CompanyRefused);
    refused.count()
}

#[sqlx::test(migrations = false)]
async fn a_choice_has_a_company_and_a_user_has_a_bounded_number(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let caller = bed.caller(&bed.log_in().await).await;
    let refused = bed.core.companies.choose(&caller, &[]).await;
    assert!(matches!(refused, Err(ChooseCompaniesError::NoCompany)));
    let id = |number: usize| CompanyId::new(uuid::Uuid::from_u128(number as u128));
    let many: Vec<_> = (0..=MOST_COMPANIES_OF_USER).map(id).collect();
    let companies = &bed.core.companies;
    let refused = companies.set_of_user(&bed.database, &bed.ada, &many).await;
    assert!(matches!(refused, Err(SetCompaniesError::TooMany)));
}

#[sqlx::test(migrations = false)]
async fn a_flood_of_refusals_at_once_is_one_event(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let foreign = create(&bed, "Foreign").await;
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    let chosen = [foreign];
    let choices = (0..8).map(|_| bed.core.companies.choose(&caller, &chosen));
    for refused in futures::future::join_all(choices).await {
        assert!(matches!(refused, Err(ChooseCompaniesError::NotAllowed)));
    }
    assert_eq!(refusals(&bed, &opened).await, 1);
}

#[sqlx::test(migrations = false)]
async fn a_session_whose_person_has_chosen_nothing_loses_the_default_company(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let first = first(&bed).await;
    let (north, south) = (create(&bed, "North").await, create(&bed, "South").await);
    work_for(&bed, &bed.ada, &[north, south]).await;
    let opened = bed.log_in().await;
    work_for(&bed, &bed.ada, &[south]).await;
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.companies.active(), [south]);
    assert_eq!(caller.companies.lost(), [north]);

    // Another tab chooses while the page tells the loss.
    work_for(&bed, &bed.ada, &[south, first]).await;
    choose(&bed, &bed.caller(&opened).await, &[first]).await;
    bed.core.companies.forget_lost(&caller).await.unwrap();
    assert_eq!(active(&bed, &opened).await, [first]);
}

#[sqlx::test(migrations = false)]
async fn a_session_loses_a_company_at_its_next_request_on_every_node(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let own = first(&bed).await;
    let north = create(&bed, "North").await;
    work_for(&bed, &bed.ada, &[own, north]).await;
    let opened = bed.log_in().await;
    choose(&bed, &bed.caller(&opened).await, &[north]).await;
    let stale = bed.caller(&opened).await;
    assert_eq!(stale.companies.active(), [north]);

    let clock = Arc::new(TestClock::at(time::macros::datetime!(2026-11-23 12:00 UTC)));
    let other_node = testing::core(options, Settings::default(), Vec::new(), clock);
    let there = other_node
        .databases
        .open_any(bed.database.name())
        .await
        .unwrap();
    other_node
        .companies
        .set_of_user(&there, &bed.ada, &[own])
        .await
        .unwrap();
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.companies.active(), [own]);
    assert_eq!(caller.companies.lost(), [north]);

    // A request that began before cannot bring the company back.
    choose(&bed, &stale, &[north]).await;
    assert_eq!(active(&bed, &opened).await, [own]);

    let caller = bed.caller(&opened).await;
    bed.core.companies.forget_lost(&caller).await.unwrap();
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.companies.lost(), []);
    assert_eq!(caller.companies.active(), [own]);
}

#[sqlx::test(migrations = false)]
async fn every_user_keeps_a_company_in_use(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let companies = &bed.core.companies;
    let own = first(&bed).await;
    let refused = companies.archive(&bed.database, own).await;
    assert!(matches!(refused, Err(ArchiveCompanyError::Last)));

    let north = create(&bed, "North").await;
    let refused = companies.archive(&bed.database, own).await;
    assert!(matches!(
        refused,
        Err(ArchiveCompanyError::OnlyOneOfUsers(1))
    ));
    let refused = companies.set_of_user(&bed.database, &bed.ada, &[]).await;
    assert!(matches!(refused, Err(SetCompaniesError::NoneInUse)));

    work_for(&bed, &bed.ada, &[own, north]).await;
    companies.archive(&bed.database, own).await.unwrap();
    let opened = bed.log_in().await;
    assert_eq!(active(&bed, &opened).await, [north]);
    let refused = companies.set_of_user(&bed.database, &bed.ada, &[own]).await;
    assert!(matches!(refused, Err(SetCompaniesError::NoneInUse)));
    // The database itself refuses, whatever statement takes the last company away.
    let look = testing::look(options).await;
    let taken = sqlx::query("delete from user_companies")
        .execute(&look)
        .await;
    let refused = taken.unwrap_err().into_database_error().unwrap();
    assert_eq!(refused.constraint(), Some("users_work_for_a_company"));

    companies.restore(&bed.database, own).await.unwrap();
    assert_eq!(active(&bed, &opened).await, [north]);
    assert_eq!(active(&bed, &bed.log_in().await).await, [own]);
    // A new user works for the oldest company in use.
    bed.another_user("bob").await;
    let bob = bed.try_log_in("bob", testing::PASSWORD).await.unwrap();
    assert_eq!(active(&bed, &bob).await, [first(&bed).await]);
}

#[sqlx::test(migrations = false)]
async fn archiving_and_taking_companies_away_at_once_leaves_every_user_one(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options).await;
    let (own, north) = (first(&bed).await, create(&bed, "North").await);
    let companies = &bed.core.companies;
    for _ in 0..20 {
        companies.restore(&bed.database, own).await.unwrap();
        work_for(&bed, &bed.ada, &[own, north]).await;
        let only_own = [own];
        let (archived, taken) = tokio::join!(
            companies.archive(&bed.database, own),
            companies.set_of_user(&bed.database, &bed.ada, &only_own),
        );
        assert!(!matches!(archived, Err(ArchiveCompanyError::Store(_))));
        assert!(!matches!(taken, Err(SetCompaniesError::Store(_))));
        let opened = bed.log_in().await;
        assert!(bed.caller(&opened).await.companies.main().is_some());
    }
}

#[sqlx::test(migrations = false)]
async fn what_changes_companies_at_once_neither_fails_nor_leaves_an_old_copy(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options.clone()).await;
    let own = first(&bed).await;
    let (north, south) = (create(&bed, "North").await, create(&bed, "South").await);
    let (companies, users) = (&bed.core.companies, &bed.core.users);
    let bob = bed.another_user("bob").await;
    for round in 0..10 {
        work_for(&bed, &bed.ada, &[own, north, south]).await;
        work_for(&bed, &bob, &[south, north, own]).await;
        let caller = bed.caller(&bed.log_in().await).await;
        let (preferences, of_bob) = (Preferences::default(), [own, north, south]);
        let new = NewUser {
            companies: vec![own, north, south],
            ..testing::new_user(&format!("user{round}"), "New", Role::Person)
        };
        let (archived, again, saved, changed, added) = tokio::join!(
            companies.archive(&bed.database, north),
            companies.archive(&bed.database, south),
            users.set_own_preferences(&caller, &caller.preferences, &preferences, Some(own)),
            companies.set_of_user(&bed.database, &bob, &of_bob),
            users.create(&bed.database, new),
        );
        archived.unwrap();
        again.unwrap();
        saved.unwrap();
        changed.unwrap();
        added.unwrap();
        let (north, south) = tokio::join!(
            companies.restore(&bed.database, north),
            companies.restore(&bed.database, south),
        );
        north.unwrap();
        south.unwrap();
        let old: i64 =
            sqlx::query_scalar("select count(*) from users where company_ids <> companies_of(id)")
                .fetch_one(&testing::look(options.clone()).await)
                .await
                .unwrap();
        assert_eq!(old, 0, "round {round}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_name_belongs_to_one_company_in_every_spelling(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let companies = &bed.core.companies;
    let north = create(&bed, "North Ltd").await;
    for taken in ["North Ltd", "NORTH LTD", "north ltd"] {
        let refused = companies.create(&bed.database, &name(taken), None).await;
        assert!(matches!(refused, Err(NameCompanyError::Taken)), "{taken}");
    }
    let south = create(&bed, "South").await;
    let refused = companies
        .rename(&bed.database, south, &name("nORTH lTD"))
        .await;
    assert!(matches!(refused, Err(NameCompanyError::Taken)));
    companies
        .rename(&bed.database, north, &name("NORTH LTD"))
        .await
        .unwrap();
    let found = companies.find(&bed.database, &name("north ltd")).await;
    assert_eq!(found.unwrap().unwrap().name, "NORTH LTD");
}

#[sqlx::test(migrations = false)]
async fn people_see_their_own_companies_and_change_none(_: Pool, options: Options) {
    let bed = TestBed::new(options.clone()).await;
    let first = first(&bed).await;
    create(&bed, "Foreign").await;
    let bob = bed.another_user("bob").await;
    let caller = bed.caller(&bed.log_in().await).await;
    let own = bed.core.companies.list_own(&caller).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].id, first);
    for statement in [
        "update companies set name = 'Mine'",
        "insert into user_companies select user_id, id from user_companies, companies",
        "delete from user_companies",
        "update users set company_ids = '{}'",
    ] {
        let refused = testing::run_as(&caller, statement).await;
        assert!(refused.is_err(), "{statement}");
    }
    let look = testing::look(options).await;
    for table in ["companies", "user_companies"] {
        assert_eq!(testing::rows_without_caller(&look, table).await, 0);
    }
    let of_bob = bed.core.companies.list_of_user(&bed.database, &bob).await;
    assert_eq!(of_bob.unwrap().len(), 1);
}

#[sqlx::test(migrations = false)]
async fn open_pages_hear_of_other_companies(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let (own, north) = (first(&bed).await, create(&bed, "North").await);
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    let mut watcher = bed.core.live.watch(&caller).unwrap();
    assert_eq!(watcher.next().await, Some(Change::Sessions));
    work_for(&bed, &bed.ada, &[own, north]).await;
    assert_eq!(watcher.next().await, Some(Change::Sessions));
    choose(&bed, &bed.caller(&opened).await, &[north, own]).await;
    assert_eq!(watcher.next().await, Some(Change::Sessions));
}

#[sqlx::test(migrations = false)]
async fn an_ended_session_chooses_nothing(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let own = first(&bed).await;
    let caller = bed.caller(&bed.log_in().await).await;
    bed.core.sessions.log_out(&caller).await.unwrap();
    let refused = bed.core.companies.choose(&caller, &[own]).await;
    assert!(matches!(refused, Err(ChooseCompaniesError::LoggedOut)));
}

#[sqlx::test(migrations = false)]
async fn a_refused_company_stands_among_the_failures(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let foreign = create(&bed, "Foreign").await;
    let caller = bed.caller(&bed.log_in().await).await;
    let _ = bed.core.companies.choose(&caller, &[foreign]).await;
    let failed = bed
        .core
        .activity
        .list_only(&caller, ActivityFilter::Failed, None, PAGE)
        .await;
    let kinds: Vec<_> = failed
        .unwrap()
        .entries
        .iter()
        .map(|entry| entry.kind)
        .collect();
    assert_eq!(kinds, [ActivityKind::CompanyRefused]);
}

async fn set_profile(bed: &TestBed, id: CompanyId, profile: &CompanyProfile) {
    let companies = &bed.core.companies;
    let changed = companies.change_profile(&bed.database, id, |_| profile.clone());
    changed.await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_company_brings_language_zone_and_logo_from_the_next_request_on(
    _: Pool,
    options: Options,
) {
    let bed = TestBed::new(options.clone()).await;
    let clock = Arc::new(TestClock::at(time::macros::datetime!(2026-11-23 12:00 UTC)));
    let node = testing::core(options, Settings::default(), Vec::new(), clock);
    let there = node.databases.open_any(bed.database.name()).await.unwrap();
    let defaults_there = async |token: &SessionToken| {
        let client = attempt("", "").client;
        let resumed = node
            .sessions
            .resume(&there, token, &client, Activity::Person);
        match resumed.await.unwrap() {
            Resumed::Live(caller) => caller.defaults.clone(),
            _ => panic!("the session is live"),
        }
    };
    let (first, second) = (first(&bed).await, create(&bed, "Second").await);
    work_for(&bed, &bed.ada, &[first, second]).await;
    let opened = bed.log_in().await;
    assert_eq!(bed.caller(&opened).await.defaults, None);

    let profile = CompanyProfile {
        colour: Some("#0f766e".parse().unwrap()),
        language: Some("de".parse().unwrap()),
        time_zone: TimeZoneName::from_browser("Europe/Berlin"),
    };
    let companies = &bed.core.companies;
    set_profile(&bed, second, &profile).await;
    let logo = Logo::from_file(testing::PICTURE).unwrap();
    companies
        .set_logo(&bed.database, second, Some(&logo))
        .await
        .unwrap();
    // The session still works for the first company.
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.defaults, None);
    choose(&bed, &caller, &[second]).await;
    let caller = bed.caller(&opened).await;
    let defaults = caller.defaults.clone().unwrap();
    assert_eq!(defaults.language, profile.language);
    assert_eq!(defaults.time_zone, profile.time_zone);
    let (id, picture) = companies.logo(&caller, second).await.unwrap().unwrap();
    assert_eq!((defaults.logo, picture), (Some(id), logo.clone()));
    assert_eq!(defaults_there(&opened.token).await, Some(defaults));
    let listed = companies.list(&bed.database).await.unwrap();
    let listed = listed.iter().find(|record| record.company.id == second);
    assert_eq!(listed.unwrap().company.profile, profile);

    // Another logo has another id, and the first one is gone.
    let before = bed.caller(&opened).await.defaults.clone().unwrap().logo;
    companies
        .set_logo(&bed.database, second, Some(&logo))
        .await
        .unwrap();
    assert_ne!(
        bed.caller(&opened).await.defaults.clone().unwrap().logo,
        before
    );
    companies
        .set_logo(&bed.database, second, None)
        .await
        .unwrap();
    let caller = bed.caller(&opened).await;
    assert_eq!(caller.defaults.clone().unwrap().logo, None);
    assert_eq!(companies.logo(&caller, second).await.unwrap(), None);
    set_profile(&bed, second, &CompanyProfile::default()).await;
    assert_eq!(defaults_there(&opened.token).await, None);
}

#[sqlx::test(migrations = false)]
async fn people_see_the_logos_of_the_companies_that_they_see(_: Pool, options: Options) {
    let bed = TestBed::new(options).await;
    let other = create(&bed, "Other").await;
    let logo = Logo::from_file(testing::PICTURE).unwrap();
    let companies = &bed.core.companies;
    companies
        .set_logo(&bed.database, other, Some(&logo))
        .await
        .unwrap();
    let opened = bed.log_in().await;
    let caller = bed.caller(&opened).await;
    assert_eq!(companies.logo(&caller, other).await.unwrap(), None);
    work_for(&bed, &bed.ada, &[other]).await;
    let caller = bed.caller(&opened).await;
    let seen = companies.logo(&caller, other).await.unwrap();
    assert_eq!(seen.map(|(_, picture)| picture), Some(logo));
}

#[sqlx::test(migrations = false)]
async fn changes_of_profiles_and_policies_at_once_lose_nothing(_: Pool, options: Options) {
    let bed = Arc::new(TestBed::new(options).await);
    let company = first(&bed).await;
    let logo = Arc::new(Logo::from_file(testing::PICTURE).unwrap());
    let tasks = (0..16).map(|number| {
        let (bed, logo) = (Arc::clone(&bed), Arc::clone(&logo));
        tokio::spawn(async move {
            let (companies, database) = (&bed.core.companies, &bed.database);
            match number % 5 {
                0 => companies.set_logo(database, company, Some(&logo)).await,
                1 => {
                    let language = Some("de".parse().unwrap());
                    let change = |profile| CompanyProfile {
                        language,
                        ..profile
                    };
                    companies.change_profile(database, company, change).await
                }
                2 => {
                    let colour = Some("#aa3300".parse().unwrap());
                    let change = |profile| CompanyProfile { colour, ..profile };
                    companies.change_profile(database, company, change).await
                }
                3 => {
                    let policy = Policy {
                        level: PolicyLevel::Company(company),
                        setting: PolicySetting::IdleTimeout,
                        value: 600 + number,
                    };
                    bed.core.policies.set(database, policy).await.unwrap();
                    Ok(())
                }
                _ => {
                    let opened = bed.log_in().await;
                    bed.caller(&opened).await;
                    Ok(())
                }
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let listed = bed.core.companies.list(&bed.database).await.unwrap();
    let profile = &listed.first().unwrap().company.profile;
    assert!(profile.colour.is_some() && profile.language.is_some());
}
