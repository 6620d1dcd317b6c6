//! All sessions of a database end in batches, and modules are told of each end once.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use latchkey_core::{
    Core,
    module::{AnyEvent, HostedModule, ModuleError, Observe, SessionEnded, Told},
    session::{EndCause, SessionId},
    settings::Settings,
    testing::{self, TestBed},
    user::User,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// More than two batches.
const SESSIONS: usize = 2500;

/// A module that remembers the ends of sessions.
#[derive(Default)]
struct Witness(Mutex<Vec<(User, SessionId, EndCause)>>);

#[async_trait]
impl Observe for Witness {
    async fn observe(&self, told: &Told) -> Result<(), ModuleError> {
        if let AnyEvent::SessionEnded(SessionEnded {
            user,
            session,
            cause,
            ..
        }) = &told.event
        {
            self.0
                .lock()
                .unwrap()
                .push((user.clone(), *session, *cause));
        }
        Ok(())
    }
}

/// Opens [`SESSIONS`] sessions of Ada.
async fn log_in_often(bed: &TestBed, options: &PgConnectOptions) {
    let opened = bed.log_in().await;
    let copies = i32::try_from(SESSIONS).unwrap() - 1;
    sqlx::query(
        "insert into sessions (id, user_id, authenticated_by, created_at, last_active_at,
            idle_expires_at, user_agent, confirmed_at)
        select gen_random_uuid(), user_id, authenticated_by, created_at,
            last_active_at, idle_expires_at, user_agent, confirmed_at
        from sessions, generate_series(1, $2) n where sessions.id = $1",
    )
    .bind(opened.id.as_uuid())
    .bind(copies)
    .execute(&testing::look(options.clone()).await)
    .await
    .unwrap();
}

fn node(bed: &TestBed, options: &PgConnectOptions, settings: Settings) -> (Core, Arc<Witness>) {
    let witness = Arc::new(Witness::default());
    let modules = vec![HostedModule::new("witness").observing(Arc::clone(&witness))];
    let core = testing::core(options.clone(), settings, modules, bed.clock.clone());
    (core, witness)
}

/// Checks that modules were told of every session once, with its user and cause.
async fn is_told(bed: &TestBed, nodes: &[(Core, Arc<Witness>)], cause: EndCause) {
    let mut told = HashSet::new();
    let mut count = 0;
    for (core, witness) in nodes {
        core.settle().await;
        for (user, session, told_cause) in witness.0.lock().unwrap().iter() {
            assert_eq!((user, *told_cause), (&bed.ada, cause));
            told.insert(*session);
            count += 1;
        }
    }
    assert_eq!((count, told.len()), (SESSIONS, SESSIONS));
}

#[sqlx::test(migrations = false)]
async fn an_administrators_end_of_everything_is_told(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    log_in_often(&bed, &options).await;
    let (core, witness) = node(&bed, &options, Settings::default());
    let database = core.databases.open_any(bed.database.name()).await.unwrap();
    let ended = core.sessions.end_all(&database).await.unwrap();
    assert_eq!(ended, u64::try_from(SESSIONS).unwrap());
    assert_eq!(core.sessions.end_all(&database).await.unwrap(), 0);
    is_told(&bed, &[(core, witness)], EndCause::Administrator).await;
}

#[sqlx::test(migrations = false)]
async fn the_ends_of_a_restart_are_told(_: PgPoolOptions, options: PgConnectOptions) {
    let bed = TestBed::new(options.clone()).await;
    log_in_often(&bed, &options).await;
    bed.clock.advance(Duration::from_secs(1));
    let mut settings = Settings::default();
    settings.sessions.not_before = Some(bed.core.clock.now());
    let (core, witness) = node(&bed, &options, settings);
    core.databases.open_any(bed.database.name()).await.unwrap();
    is_told(&bed, &[(core, witness)], EndCause::Restart).await;
}

#[sqlx::test(migrations = false)]
async fn nodes_that_open_a_copy_at_once_tell_of_each_end_once_and_end_no_log_in_after_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let bed = TestBed::new(options.clone()).await;
    log_in_often(&bed, &options).await;
    sqlx::query("update identity set database_oid = 1")
        .execute(&testing::look(options.clone()).await)
        .await
        .unwrap();
    let nodes = [(); 3].map(|()| node(&bed, &options, Settings::default()));
    let openings = nodes.clone().map(|(core, _)| {
        let name = bed.database.name().clone();
        tokio::spawn(async move {
            let database = core.databases.open_any(&name).await.unwrap();
            let attempt = testing::attempt("ada@example.com", testing::PASSWORD);
            core.log_in.attempt(&database, attempt).await.unwrap()
        })
    });
    let mut opened = Vec::new();
    for opening in openings {
        opened.push(opening.await.unwrap());
    }
    for opened in opened {
        bed.caller(&opened).await;
    }
    is_told(&bed, &nodes, EndCause::DatabaseCopied).await;
}
